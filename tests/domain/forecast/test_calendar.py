"""The days of a forecast."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmctl.domain.forecast.calendar import NoPeriod, calendar
from crmctl.domain.kinds import Period
from crmctl.errors import UsageError

TODAY = date(2026, 3, 14)
_DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


def _spans(by: Period, **options: object) -> list[tuple[str, str, str]]:
    made = calendar(by, TODAY, **options)  # type: ignore[arg-type]
    return [(span.label, str(span.first), str(span.last)) for span in made.spans]


def test_six_months_begin_with_this_one() -> None:
    found = _spans(Period.MONTH)
    assert found[0] == ("2026-03", "2026-03-01", "2026-03-31")
    assert found[-1] == ("2026-08", "2026-08-01", "2026-08-31")
    assert len(found) == 6


def test_four_quarters_begin_with_this_one() -> None:
    assert _spans(Period.QUARTER) == [
        ("2026-Q1", "2026-01-01", "2026-03-31"),
        ("2026-Q2", "2026-04-01", "2026-06-30"),
        ("2026-Q3", "2026-07-01", "2026-09-30"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
    ]


def test_a_fiscal_year_is_named_for_the_year_in_which_it_ends() -> None:
    assert _spans(Period.QUARTER, fiscal_month=2) == [
        ("FY2027-Q1", "2026-02-01", "2026-04-30"),
        ("FY2027-Q2", "2026-05-01", "2026-07-31"),
        ("FY2027-Q3", "2026-08-01", "2026-10-31"),
        ("FY2027-Q4", "2026-11-01", "2027-01-31"),
    ]


def test_owners_have_the_same_days_as_months_and_no_periods() -> None:
    assert _spans(Period.OWNER) == [("2026-03-01 to 2026-08-31", "2026-03-01", "2026-08-31")]


def test_days_cut_the_first_and_the_last_period_short() -> None:
    assert _spans(Period.MONTH, first=date(2026, 3, 10), last=date(2026, 4, 20)) == [
        ("2026-03", "2026-03-10", "2026-03-31"),
        ("2026-04", "2026-04-01", "2026-04-20"),
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"last": date(2026, 2, 1)}, "ends before it begins"),
        ({"first": date(2000, 1, 1), "last": date(2030, 1, 1)}, "at most 120 months"),
        ({"first": date(1, 1, 1)}, "the years 1900 to 2999"),
        ({"last": date(9999, 12, 31)}, "the years 1900 to 2999"),
        ({"first": date(9999, 12, 31)}, "the years 1900 to 2999"),
    ],
)
def test_days_that_make_no_forecast_are_refused(options: dict[str, date], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        calendar(Period.MONTH, TODAY, **options)  # type: ignore[arg-type]


def test_what_should_have_closed_is_overdue_whatever_its_period() -> None:
    made = calendar(Period.MONTH, TODAY)
    assert made.period_of(date(2026, 3, 13)) == NoPeriod.OVERDUE
    assert made.period_of(date(2025, 1, 1)) == NoPeriod.OVERDUE
    assert made.period_of(TODAY) == 0
    assert made.period_of(None) == NoPeriod.UNDATED
    assert made.period_of(date(2026, 9, 1)) == NoPeriod.AFTER
    assert made.period_closed(date(2026, 3, 1)) == 0


def test_what_is_due_before_a_later_window_is_before_it() -> None:
    made = calendar(Period.MONTH, TODAY, first=date(2026, 5, 1))
    assert made.period_of(date(2026, 4, 30)) == NoPeriod.BEFORE
    assert made.period_of(date(2026, 5, 1)) == 0


@given(
    by=st.sampled_from(Period),
    first=_DAYS,
    length=st.integers(0, 3000),
    month=st.integers(1, 12),
    day=_DAYS,
)
def test_periods_follow_one_another_and_hold_every_day_once(
    by: Period, first: date, length: int, month: int, day: date
) -> None:
    last = first + timedelta(days=length)
    made = calendar(by, TODAY, first=first, last=last, fiscal_month=month)
    assert (made.first, made.last) == (first, last)
    for one, other in zip(made.spans, made.spans[1:], strict=False):
        assert other.first - one.last == timedelta(days=1)
    place = made.period_closed(day)
    holding = [n for n, span in enumerate(made.spans) if span.first <= day <= span.last]
    assert holding == ([place] if place >= 0 else [])
    assert (place == NoPeriod.BEFORE) == (day < first)
    assert (place == NoPeriod.AFTER) == (day > last)
