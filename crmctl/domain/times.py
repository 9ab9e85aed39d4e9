"""Time zones, times and the days they are on, and how they are shown."""

from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crmctl.errors import UsageError


def zone(name: str) -> ZoneInfo:
    """Return the IANA time zone called `name`; raises UsageError where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"no time zone is called {name!r} (try Europe/Berlin or UTC)") from None


def in_utc(value: datetime, tz: ZoneInfo | None = None) -> datetime:
    """Return `value` in UTC; one without a zone is taken to be in `tz`, or in UTC.

    Raises UsageError for a time that clocks leave out there, or show twice.
    """
    zoned = value if value.tzinfo else value.replace(tzinfo=tz or UTC)
    # Clocks that are always as far from UTC are never put forward or back.
    if type(zoned.tzinfo) is not timezone:
        _require_once(zoned)
    return _in_utc(zoned)


def _require_once(value: datetime) -> None:
    """Raise UsageError where clocks are put forward over `value`, or back so that it is twice."""
    earlier, later = value.replace(fold=0), value.replace(fold=1)
    if earlier.utcoffset() == later.utcoffset():
        return
    said = f"{value:%Y-%m-%d %H:%M} in {value.tzinfo}"
    first, second = (each.isoformat() for each in (earlier, later))
    if _in_utc(earlier) < _in_utc(later):
        raise UsageError(f"clocks are put back and show {said} twice: write {first} or {second}")
    there = (_in_utc(each).astimezone(value.tzinfo) for each in (later, earlier))
    written = " or ".join(each.replace(tzinfo=None).isoformat() for each in there)
    raise UsageError(f"clocks are put forward and never show {said}: write {written}")


def _in_utc(value: datetime) -> datetime:
    try:
        moved = value if value.tzinfo is UTC else value.astimezone(UTC)
    except OverflowError:
        raise UsageError(f"a time out of range: {value}") from None
    # At the very ends of time, another zone would be past them when it is shown.
    if not MINYEAR < moved.year < MAXYEAR:
        raise UsageError(f"a time out of range: {value}")
    return moved


def start_of_day(value: date, tz: ZoneInfo | None = None) -> datetime:
    """Return the UTC time at which the day `value` begins in `tz`."""
    # The first of it, where that is twice, and the first that there is, where it is left out.
    return _in_utc(datetime.combine(value, time(), tz or UTC))


def end_of_day(value: date, tz: ZoneInfo | None = None) -> datetime:
    """Return the UTC time at which the day after `value` begins in `tz`."""
    if value == date.max:
        raise UsageError(f"a day out of range: {value}")
    return start_of_day(value + timedelta(days=1), tz)


def last_of(value: date, now: datetime, tz: ZoneInfo) -> datetime:
    """Return the last moment of the day `value` in `tz` that is not ahead of `now`.

    Of a day that has not come, that is its beginning.
    """
    first = start_of_day(value, tz)
    return first if first > now else min(now, end_of_day(value, tz) - timedelta.resolution)


def on_day(at: datetime, on: date | None, tz: ZoneInfo | None = None) -> date:
    """Return the day of the time `at` in `tz`: `on`, if that is all that is known of it."""
    return on or at.astimezone(tz or UTC).date()


def not_yet(at: datetime, now: datetime) -> str | None:
    """Return why nothing can have happened `at` a time that is ahead of `now`; None if it is not.

    The thing, or its time, goes in front.
    """
    return "has not come yet" if at > now else None


def span(value: timedelta) -> str:
    """Return a duration in its largest whole unit: `12d`, `5h`, `3min`, `0min`."""
    minutes = max(0, int(value.total_seconds() // 60))
    if minutes >= 24 * 60:
        return f"{minutes // (24 * 60)}d"
    if minutes >= 60:
        return f"{minutes // 60}h"
    return f"{minutes}min"


def local_or_day(value: datetime | None, on: date | None, tz: ZoneInfo | None = None) -> str:
    """Return `value` as `local` does, or the day `on`, if that is all that is known of it."""
    return on.isoformat() if on else local(value, tz)


def iso(value: datetime | None) -> str | None:
    """Return `value` as JSON and CSV carry it: ISO 8601 in UTC, ending in Z."""
    if value is None:
        return None
    timespec = "microseconds" if value.microsecond else "seconds"
    return value.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def said(value: datetime, tz: ZoneInfo | None = None) -> str:
    """Return `value` as messages say it: to the minute, in `tz`, which is named."""
    return f"{local(value, tz)} {tz or 'UTC'}"


def local(value: datetime | None, tz: ZoneInfo | None = None) -> str:
    """Return `value` for a person, to the minute, in `tz`."""
    return "-" if value is None else f"{value.astimezone(tz or UTC):%Y-%m-%d %H:%M}"
