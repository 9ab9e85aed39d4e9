"""The days on which deals were closed or moved: the one way in which all that goes by them reads
them.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col

from crmctl.domain import times
from crmctl.models.base import Columns
from crmctl.models.deals import Deal, StageEntry

#: How far apart a day can begin in two time zones: what is kept of a day alone is its beginning in
#: the zone of then.
_APART = timedelta(hours=26)


def entered_by(at: datetime, zone: ZoneInfo) -> ColumnElement[bool]:
    """Return the condition that a stage was entered by the time `at`, or on its day in `zone`."""
    entered, on = col(StageEntry.entered_at), col(StageEntry.entered_on)
    by_day = or_(on <= at.astimezone(zone).date(), and_(on.is_(None), entered <= at))
    return and_(entered <= at + _APART, by_day)


def closing_day(deal: Columns, zone: ZoneInfo) -> date:
    """Return the day on which `deal`, a closed one, was closed: in `zone`, if a time is known."""
    return times.on_day(deal["closed_at"], deal["closed_on"], zone)


def closed_before(day: date, zone: ZoneInfo) -> ColumnElement[bool]:
    """Return the condition that a closed deal was closed before `day`."""
    at, on = col(Deal.closed_at), col(Deal.closed_on)
    return or_(on < day, and_(on.is_(None), at < times.start_of_day(day, zone)))


@dataclass(frozen=True)
class ClosingDays:
    """The days `first` to `last` in `zone`; without one of them there is no bound."""

    first: date | None
    last: date | None
    zone: ZoneInfo

    def include(self, deal: Columns) -> bool:
        """Return whether `deal` was closed on one of these days: what `conditions` say."""
        if deal["closed_at"] is None:
            return False
        day = closing_day(deal, self.zone)
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions for closed deals; bounds of the time lead by the index."""
        at, on = col(Deal.closed_at), col(Deal.closed_on)
        found: list[ColumnElement[bool]] = []
        if self.first is not None:
            start = times.start_of_day(self.first, self.zone)
            day = or_(on >= self.first, and_(on.is_(None), at >= start))
            found += [at >= start - _APART, day]
        if self.last is not None:
            end = times.end_of_day(self.last, self.zone)
            day = or_(on <= self.last, and_(on.is_(None), at < end))
            found += [at < end + _APART, day]
        return found
