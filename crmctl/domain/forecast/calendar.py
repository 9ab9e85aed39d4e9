"""The days of a forecast, cut into months or quarters."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from crmctl.domain.kinds import Period
from crmctl.errors import UsageError

#: Months that a forecast covers where nothing says how many.
MONTHS = 6
QUARTERS = 4
#: The longest forecast, in months or quarters.
LONGEST = 120
_DAY = timedelta(days=1)
_YEARS = (1900, 2999)


class NoPeriod(IntEnum):
    """Where an open deal is that is in no period; periods themselves count from 0."""

    OVERDUE = -1
    UNDATED = -2
    BEFORE = -3
    AFTER = -4


@dataclass(frozen=True)
class Span:
    """A period of a forecast, both its days included."""

    label: str
    first: date
    last: date


@dataclass(frozen=True)
class Calendar:
    """The periods of a forecast, in order and without a gap, as seen on the day `today`."""

    spans: tuple[Span, ...]
    today: date

    @property
    def first(self) -> date:
        """The first day of the forecast."""
        return self.spans[0].first

    @property
    def last(self) -> date:
        """The last day of the forecast."""
        return self.spans[-1].last

    def period_of(self, expected: date | None) -> int:
        """Return the number of the period, or the NoPeriod, of an open deal that closes `expected`.

        One that should have closed before today is overdue, whatever period that was in.
        """
        if expected is None:
            return NoPeriod.UNDATED
        if expected < self.today:
            return NoPeriod.OVERDUE
        return self.period_closed(expected)

    def period_closed(self, closed: date) -> int:
        """Return the number of the period, or the NoPeriod, of a deal won on the day `closed`."""
        if closed < self.first:
            return NoPeriod.BEFORE
        if closed > self.last:
            return NoPeriod.AFTER
        return bisect_right([span.first for span in self.spans], closed) - 1


def calendar(
    by: Period,
    today: date,
    *,
    first: date | None = None,
    last: date | None = None,
    fiscal_month: int = 1,
) -> Calendar:
    """Return the calendar of a forecast by `by`, both days included.

    Without days: six months from the first of this one on, or four quarters from the first day
    of this one on. Only months and quarters are periods; for the rest all days are one.
    Raises UsageError for a forecast that ends before it begins, or that is too long.
    """
    start = first or _start(by, today, fiscal_month)
    end = last or _after(by, start, fiscal_month) - _DAY
    if end < start:
        raise UsageError(f"a forecast from {start} to {end} ends before it begins")
    if start.year < _YEARS[0] or end.year > _YEARS[1]:
        raise UsageError(f"a forecast is of the years {_YEARS[0]} to {_YEARS[1]}")
    return Calendar(_spans(by, start, end, fiscal_month), today)


def _start(by: Period, day: date, fiscal_month: int) -> date:
    """Return the first day of the month, or of the quarter, that `day` is in."""
    month = day.replace(day=1)
    if by == Period.QUARTER:
        return _later(month, -((day.month - fiscal_month) % 3))
    return month


def _after(by: Period, start: date, fiscal_month: int) -> date:
    length = 3 * QUARTERS if by == Period.QUARTER else MONTHS
    return _later(_start(by, start, fiscal_month), length)


def _later(first: date, months: int) -> date:
    """Return the first day of the month that is so many `months` after that of `first`."""
    count = first.year * 12 + first.month - 1 + months
    if not 12 <= count < 9999 * 12:
        raise UsageError(f"a forecast is of the years {_YEARS[0]} to {_YEARS[1]}")
    return date(count // 12, count % 12 + 1, 1)


def _spans(by: Period, start: date, end: date, fiscal_month: int) -> tuple[Span, ...]:
    if by not in (Period.MONTH, Period.QUARTER):
        return (Span(f"{start} to {end}", start, end),)
    step = 3 if by == Period.QUARTER else 1
    spans: list[Span] = []
    begin = _start(by, start, fiscal_month)
    while begin <= end:
        if len(spans) == LONGEST:
            raise UsageError(f"a forecast has at most {LONGEST} {by}s: {start} to {end} is longer")
        following = _later(begin, step)
        label = _label(by, begin, fiscal_month)
        spans.append(Span(label, max(begin, start), min(following - _DAY, end)))
        begin = following
    return tuple(spans)


def _label(by: Period, begin: date, fiscal_month: int) -> str:
    """Return `2026-03` or `2026-Q1`; a fiscal year is named for the year in which it ends."""
    if by == Period.MONTH:
        return f"{begin:%Y-%m}"
    since = (begin.month - fiscal_month) % 12
    if fiscal_month == 1:
        return f"{begin.year}-Q{since // 3 + 1}"
    ends = _later(begin, 11 - since).year
    return f"FY{ends}-Q{since // 3 + 1}"
