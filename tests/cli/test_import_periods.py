"""crmctl import: closing dates that are months, quarters or years."""

import pytest

from tests.cli.imported import deals, findings, reasons, take
from tests.crm import Crm


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company on a fixed day."""
    crm.now = "2026-08-10T12:00:00Z"
    return crm.begin("init Acme --user Ann")


def told(column: str, example: str) -> str:
    """Return what is said of a column of periods."""
    return f"{column}: a period is taken for its last day ({example})"


@pytest.mark.parametrize("column", ["Expected Close", "Close Date", "Abschluss", "Target date"])
def test_a_period_is_its_last_day_and_that_is_said(crm: Crm, column: str) -> None:
    content = (
        f"Deal Name,{column}\nDock gate,Dec 2026\nCrane,Q3 2026\nFerry,2026-11\nBuoy,2026-10-05\n"
    )
    result = take(crm, "deals", content)
    assert (result.exit_code, reasons(result)) == (0, [])
    assert findings(result, "assumed")[told(column, "Dec 2026: 2026-12-31")] == 3
    assert {each["title"]: each["expected_close"] for each in deals(crm)} == {
        "Dock gate": "2026-12-31",
        "Crane": "2026-09-30",
        "Ferry": "2026-11-30",
        "Buoy": "2026-10-05",
    }
    assert take(crm, "deals", content, "--strict").exit_code == 1


@pytest.mark.parametrize("column", ["expected close", "closed at"])
def test_weeks_and_halves_are_told_as_they_are_read(crm: Crm, column: str) -> None:
    content = (
        f"title,stage,created at,{column}\nA,won,2026-01-01,W26 2026\nB,won,2026-01-01,H1/26\n"
    )
    result = take(crm, "deals", content)
    assert findings(result, "assumed")[told(column, "W26 2026: 2026-06-28")] == 2


def test_a_year_is_refused_with_the_way_out(crm: Crm) -> None:
    result = take(crm, "deals", "title,expected close\nA,2027\nB,FY2027\nC,Q9 2027\n")
    assert reasons(result) == [
        "2 expected close: a year alone says no day: '2027' (write a day, a month or a quarter:"
        " 2026-12-31, 2026-12 or 2026-Q4)",
        "3 expected close: a year alone says no day: 'FY2027' (write a day, a month or a quarter:"
        " 2026-12-31, 2026-12 or 2026-Q4)",
        "4 expected close: not a date: 'Q9 2027' (write it like 2026-03-31 or +14d)",
    ]


def test_a_closing_of_which_the_month_is_known_is_assumed_and_gives_way(crm: Crm) -> None:
    rows = "id,title,stage,closed at,created at\n1,A,won,{},2026-01-01\n2,B,lost,{},2026-01-01\n"
    result = take(crm, "deals", rows.format("Mai 2026", "Q2 2026"))
    assert findings(result, "assumed") == {
        told("closed at", "Mai 2026: 2026-05-31"): 2,
        **findings(result, "assumed"),
    }
    assert [(each["closed_on"], each["assumed"]) for each in deals(crm)] == [
        ("2026-05-31", ["closed_at"]),
        ("2026-06-30", ["closed_at"]),
    ]
    take(crm, "deals", rows.format("2026-05-07", "Jun 2026"))
    assert [(each["closed_on"], each["assumed"]) for each in deals(crm)] == [
        ("2026-05-07", []),
        ("2026-06-30", ["closed_at"]),
    ]


def test_a_deal_that_is_closed_by_a_later_file_in_some_month(crm: Crm) -> None:
    take(crm, "deals", "id,title,stage,created at\n1,A,lead,2026-01-01\n")
    take(crm, "deals", "id,title,stage,close date\n1,A,won,Q3 2026\n")
    assert [(each["closed_on"], each["assumed"]) for each in deals(crm)] == [(None, ["closed_at"])]
    assert crm("db check").exit_code == 0


def test_quarters_of_a_fiscal_year(crm: Crm) -> None:
    assert crm("company edit --fiscal-month 4").exit_code == 0
    result = take(crm, "deals", "title,expected close\nA,FY2027-Q3\nB,Q3 2026\n")
    assert reasons(result) == [
        "3 expected close: of the calendar or the fiscal year, 'Q3 2026'?"
        " write 2026-09-30 or FY2026-Q3"
    ]
    assert [each["expected_close"] for each in deals(crm)] == ["2026-12-31"]
