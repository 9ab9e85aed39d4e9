"""Times and dates: read as people type them, and shown. The clock is never asked here."""

import re
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crmctl.errors import UsageError

_AGO = re.compile(r"(\d{1,5})\s*(m|min|h|d|w)(?:\s+ago)?")
_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_WORDS = {"today": 0, "yesterday": -1, "tomorrow": 1}


def zone(name: str) -> ZoneInfo:
    """Return the IANA time zone called `name`; raises UsageError where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"no time zone is called {name!r} (try Europe/Berlin or UTC)") from None


def moment(text: str, now: datetime, tz: ZoneInfo | None = None) -> datetime:
    """Return the UTC time that `text` names, in the zone `tz` where it names none.

    Accepts ISO 8601 (`2026-03-01`, `2026-03-01T14:30`, `2026-03-01 14:30+02:00`), `now`,
    `today`, `yesterday` and `90min`, `6h`, `3d`, `2w` (with or without `ago`).
    A date alone is the start of that day.
    """
    words = text.strip().lower()
    if words == "now":
        return now
    if words in _WORDS:
        return start_of_day(day(words, now, tz), tz)
    if ago := _AGO.fullmatch(words):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"not a time: {text!r} (write it like 2026-03-01, 2026-03-01T14:30 or 3d)"
        ) from None
    return in_utc(value, tz)


def in_utc(value: datetime, tz: ZoneInfo | None = None) -> datetime:
    """Return `value` in UTC; one without a zone is taken to be in `tz`, or in UTC."""
    try:
        moved = (value if value.tzinfo else value.replace(tzinfo=tz or UTC)).astimezone(UTC)
    except OverflowError:
        raise UsageError(f"a time out of range: {value}") from None
    # At the very ends of time, another zone would be past them when it is shown.
    if not MINYEAR < moved.year < MAXYEAR:
        raise UsageError(f"a time out of range: {value}")
    return moved


def day(text: str, now: datetime, tz: ZoneInfo | None = None) -> date:
    """Return the date that `text` names: ISO, `today`, `yesterday`, `tomorrow`, `+14d` or `+2w`."""
    words = text.strip().lower()
    today = now.astimezone(tz or UTC).date()
    if words in _WORDS:
        return today + timedelta(days=_WORDS[words])
    if ahead := re.fullmatch(r"\+(\d{1,4})([dw])", words):
        return today + timedelta(days=int(ahead[1]) * (7 if ahead[2] == "w" else 1))
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"not a date: {text!r} (write it like 2026-03-31 or +14d)") from None


def start_of_day(value: date, tz: ZoneInfo | None = None) -> datetime:
    """Return the UTC time at which the day `value` begins in `tz`."""
    return in_utc(datetime.combine(value, time()), tz)


def end_of_day(value: date, tz: ZoneInfo | None = None) -> datetime:
    """Return the UTC time at which the day after `value` begins in `tz`."""
    if value == date.max:
        raise UsageError(f"a day out of range: {value}")
    return start_of_day(value + timedelta(days=1), tz)


def span(value: timedelta) -> str:
    """Return a duration in its largest whole unit: `12d`, `5h`, `3min`, `0min`."""
    minutes = max(0, int(value.total_seconds() // 60))
    if minutes >= 24 * 60:
        return f"{minutes // (24 * 60)}d"
    if minutes >= 60:
        return f"{minutes // 60}h"
    return f"{minutes}min"


def iso(value: datetime | None) -> str | None:
    """Return `value` as JSON and CSV carry it: ISO 8601 in UTC, ending in Z."""
    if value is None:
        return None
    timespec = "microseconds" if value.microsecond else "seconds"
    return value.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def local(value: datetime | None, tz: ZoneInfo | None = None) -> str:
    """Return `value` for a person, to the minute, in `tz`."""
    return "-" if value is None else f"{value.astimezone(tz or UTC):%Y-%m-%d %H:%M}"
