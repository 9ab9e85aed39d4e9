"""Months, quarters, halves and weeks as people write them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from crmctl.domain import periods
from crmctl.errors import UsageError

SATURDAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("last", "texts"),
    [
        ("2026-07-31", "2026-07|07/2026|7.2026|2026/07|Jul 2026|July 2026|JULI 2026|juillet 2026"),
        ("2026-07-31", "Jul-26|Jul '26|Jul/26|julio de 2026"),
        ("2026-07-31", "2026 Jul|July, 2026|juil. 2026|end of July 2026"),
        ("2026-02-28", "Feb 2026|Februar 2026|fév. 2026|2026-02"),
        ("2028-02-29", "Feb 2028|2028-02"),
        ("2026-03-31", "März 2026|mars 2026|Marzo 2026|Maart 2026|Mrz 2026"),
        ("2026-12-31", "Dec 2026|Dez 2026|dic 2026|déc. 2026"),
        ("2026-09-30", "Q3 2026|2026-Q3|Q3/26|2026 Q3|Q3-2026|3Q26"),
        ("2026-09-30", "Q3 '26|2026Q3|T3 2026|3. Quartal 2026|q3.2026"),
        ("2026-09-30", "Quarter 3 2026|3rd quarter of 2026|FY2026-Q3|Q3 FY26|Sept 2026|Sep-2026"),
        ("2026-12-31", "H2 2026|2026-H2|2. Halbjahr 2026|end of Q4 2026"),
        ("2026-06-30", "H1 2026|H1/26|Juni 2026"),
        ("1999-03-31", "Mar-99|Mar '99|Q1/99|1Q99|Mar/99"),
        ("1969-12-31", "Dec-69|Q4 69"),
        ("2068-12-31", "Dec-68|H2/68"),
        ("2026-08-09", "KW 32 2026|W32 2026|2026-W32|KW32/2026"),
    ],
)  # fmt: skip
def test_the_last_day_of_a_period(last: str, texts: str) -> None:
    for text in texts.split("|"):
        assert (text, periods.last_day(text, 1)) == (text, date.fromisoformat(last))
        assert periods.is_period(text)


@pytest.mark.parametrize(
    "text",
    ["soon", "Q5 2026", "13/2026", "2026-13", "Jul 26", "Jui 2026", "Q3", "July", "2026-07-01",
     "W60 2026", "12", "Q3 1026", "mid July 2026"]
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    assert periods.last_day(text, 1) is None
    assert not periods.is_period(text)


@pytest.mark.parametrize("text", ["2026", "FY2026", "FY26", "fy 26", "CY2026"])
def test_a_year_alone_is_no_period(text: str) -> None:
    with pytest.raises(UsageError, match="a year alone says no day"):
        periods.last_day(text, 1)
    assert not periods.is_period(text)


@pytest.mark.parametrize(
    ("month", "texts"),
    [
        (1, "eom 2026-11-30|end of next month 2026-12-31|last month 2026-10-31|eoq 2026-12-31"),
        (1, "next quarter 2027-03-31|EOY 2026-12-31|end of 2027 2027-12-31|next week 2026-12-06"),
        (4, "eoq 2026-12-31|end of FY27 2027-03-31|end of the month 2026-11-30"),
        (2, "FY2027-Q1 2026-04-30|previous month 2026-10-31"),
    ],
)
def test_a_period_by_how_far_it_is(month: int, texts: str) -> None:
    for case in texts.split("|"):
        text, _, last = case.rpartition(" ")
        assert (text, periods.last_day(text, month, SATURDAY)) == (text, date.fromisoformat(last))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("eoq", "of the calendar or the fiscal year, 'eoq'? write 2026-12-31 or 2027-01-31"),
        ("eoy", "of the calendar or the fiscal year, 'eoy'? write 2026-12-31 or 2027-01-31"),
        ("end of 2027", "of the calendar or the fiscal year, 'end of 2027'?"),
        ("eow", "to the Friday or the Sunday, 'eow'? write 2026-11-27 or 2026-11-29"),
        ("next year", "a year alone says no day: 'next year'"),
        ("31 Dec", "which year in '31 Dec'? write 2026-12-31 or 2027-12-31"),
        ("31.12.", "which year in '31.12.'? write 2026-12-31 or 2027-12-31"),
        ("July", "which year in 'July'? write 2026-07-31 or 2027-07-31"),
        ("12", "not a date: '12'"),
    ],
)
def test_what_may_be_two_days_is_refused_with_both(text: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        periods.days(text, datetime(2026, 11, 28, 12, tzinfo=UTC), ZoneInfo("UTC"), 2)
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("text", "last"),
    [("FY2026-Q1", "2025-06-30"), ("Q4 FY26", "2026-03-31"), ("FY2027-H1", "2026-09-30")],
)
def test_a_fiscal_year_is_named_for_the_year_in_which_it_ends(text: str, last: str) -> None:
    assert periods.last_day(text, 4) == date.fromisoformat(last)


def test_a_quarter_may_be_of_the_calendar_or_of_the_fiscal_year() -> None:
    with pytest.raises(UsageError, match=r"write 2026-09-30 or FY2026-Q3$"):
        periods.last_day("Q3 2026", 4)
    assert periods.last_day("Jul 2026", 4) == date(2026, 7, 31)
