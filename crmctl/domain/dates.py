"""Days and moments as people write them. The clock is never asked here."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from crmctl.domain import day_words, times
from crmctl.domain.day_words import Toward
from crmctl.domain.kinds import DateOrder
from crmctl.domain.month_names import month_called
from crmctl.errors import UsageError

#: How many of a unit, in digits or, up to a dozen, in words.
_COUNTS = {
    word: count
    for count, words in enumerate(
        [
            "a/an/one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ],
        1,
    )
    for word in words.split("/")
}
_COUNT = rf"(?:([0-9]{{1,5}})\s*|({'|'.join(_COUNTS)})\s+)"
_AHEAD = re.compile(rf"(?:(?:\+ ?|in +){_COUNT}([a-z]+)|{_COUNT}([a-z]+) from (?:now|today))")
_AGO = re.compile(rf"{_COUNT}([a-z]+)(\s+ago)?")
#: The units of spans of time, by what people write for them; `m` alone could be two of them.
_UNITS = {
    word: unit
    for unit, words in {
        "minutes": "min mins minute minutes",
        "hours": "h hr hrs hour hours",
        "days": "d day days",
        "weeks": "w wk wks week weeks",
        "months": "mo mon mos month months",
        "years": "y yr yrs year years",
    }.items()
    for word in words.split()
}
#: The units that are counted by the calendar, in months.
_MONTHS_OF = {"months": 1, "years": 12}
_FIRST = {DateOrder.DMY: "the day", DateOrder.MDY: "the month"}
_WEEKDAY = r"(?:(mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_NAME = r"([^\W\d_]{3,11})\.?"
_NTH = r"(\d{1,2})(?:st|nd|rd|th)?"
# What follows a date is a time.
_REST = r"(?:(?:t|,\s*|\s+)(?:at\s+)?(\d.*))?"


def _pattern(written: str) -> re.Pattern[str]:
    return re.compile(written + _REST, re.IGNORECASE | re.ASCII)


_NUMERIC = _pattern(r"(\d{1,2})([/.-]) ?(\d{1,2})\2 ?(\d{4}|\d{2})")
_YEAR_FIRST = _pattern(r"(\d{4})([-/.]) ?(\d{1,2})\2 ?(\d{1,2})\.?")
# ISO 8601 without dividers. Where such a year comes last, the fifth and sixth digit are no month:
# a date with its day or its month first is never mistaken for it.
_BASIC = re.compile(r"(?:19|20)\d{6}(?:T\d{4}(?:\d{2})?(?:Z|[+-]\d{2}(?:\d{2})?)?)?", re.ASCII)
_DAY_NAME_YEAR = re.compile(
    rf"{_WEEKDAY}{_NTH}(?:\.? |[-/. ]){_NAME}(?:,? |[-/,])(\d{{4}}|\d{{2}}){_REST}", re.IGNORECASE
)
_NAME_DAY_YEAR = re.compile(rf"{_WEEKDAY}{_NAME}[- ]{_NTH}(?:,? |[-,])(\d{{4}}){_REST}", re.I)
_YEAR_NAME_DAY = re.compile(rf"(\d{{4}})[-/ ]{_NAME}[-/ ](\d{{1,2}}){_REST}", re.IGNORECASE)
_CLOCK = re.compile(
    r"(\d{1,2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*([ap]\.?m\.?)?\s*(.*)",
    re.IGNORECASE | re.ASCII,
)
_ZONE = re.compile(
    r"(?:(z|utc|gmt)|(?:utc|gmt)?([+-]\d{2}):?(\d{2})?)?\s*(?:\[([\w/+-]+)\]|\([^)]*\))?",
    re.IGNORECASE | re.ASCII,
)
# `tomorrow 10:00`, `fri at 3pm`.
_DAY_AND_CLOCK = re.compile(r"([a-z .]+?),? (?:at )?(\d{1,2}(?::\d.*| ?[ap]\.?m\.?.*))")
_ZONE_NAME = re.compile(r"[A-Za-z]+/[\w/+-]+", re.ASCII)


class DateHint(StrEnum):
    """What a cell tells of its column: whether the day or the month comes first, or either may.

    Where points divide a date the day is first, unless another of its column shows the month.
    """

    DMY = "dmy"
    MDY = "mdy"
    POINTS = "points"
    EITHER = "either"


def hint(text: str) -> DateHint | None:
    """Return what `text` tells of its column; nothing where it reads the same both ways."""
    # Most dates are ISO 8601.
    if text[4:5] == "-" or not (match := _NUMERIC.fullmatch(text)):
        return None
    first, second = int(match[1]), int(match[3])
    if first > 12 or second > 12:
        if first > 12 and second > 12:
            return None
        return DateHint.DMY if first > 12 else DateHint.MDY
    if first == second:
        return None
    return DateHint.POINTS if match[2] == "." else DateHint.EITHER


def order(counts: Mapping[str, int]) -> DateOrder | None:
    """Return the order in a column by how often each hint was seen in it; None if it is open."""
    day_first, month_first = counts.get(DateHint.DMY, 0), counts.get(DateHint.MDY, 0)
    if day_first == month_first:
        by_points = not day_first and DateHint.POINTS in counts and DateHint.EITHER not in counts
        return DateOrder.DMY if by_points else None
    return DateOrder.DMY if day_first > month_first else DateOrder.MDY


def moment(
    text: str,
    now: datetime,
    tz: ZoneInfo | None = None,
    order: DateOrder | None = None,
    toward: Toward | None = None,
) -> datetime:
    """Return the UTC time that `text` names, in the zone `tz` where it names none.

    A day is its beginning; see `read`.
    """
    found = read(text, order, now, tz, toward)
    return times.in_utc(found, tz) if isinstance(found, datetime) else times.start_of_day(found, tz)


def day(
    text: str, now: datetime | None, tz: ZoneInfo | None = None, order: DateOrder | None = None
) -> date:
    """Return the date that `text` names, alone or with a time, such as one to come; see `read`."""
    # Most are ISO 8601, which is read fast.
    if len(text) == 10 and text[4] == "-" and (written := _iso(text)):
        return written
    words = text.strip()
    found = _read(words, order, now, tz, Toward.AHEAD)
    if found is None or words.lower() == "now":
        raise UsageError(f"not a date: {text!r} (write it like 2026-03-31 or +14d)")
    if isinstance(found, datetime):
        return times.in_utc(found).astimezone(tz or UTC).date() if found.tzinfo else found.date()
    return found


def read(
    text: str,
    order: DateOrder | None = None,
    now: datetime | None = None,
    tz: ZoneInfo | None = None,
    toward: Toward | None = None,
) -> date | datetime:
    """Return the day, or the time with or without a zone, that `text` writes.

    That is ISO 8601 or what people write instead (`31.12.2026`, `Dec 31, 2026 2 pm`), and where
    the time is `now`, `today`, `tomorrow`, `fri`, `+14d`, `+2w`, `+1mo` or `+1y`, which are days in
    `tz`, and `now`, `in 2 hours`, `90min`, `6h`, `3d`, `2w`, `3mo` or `1y`, which are ago. Raises
    UsageError where it is none, where it could be either of two days and neither `order` nor
    `toward` says which, for `3m`, which may be minutes or months, and for `3d` of what is to come.
    """
    if text[4:5] == "-" and (written := _iso(text)):
        return written
    found = _read(text.strip(), order, now, tz, toward)
    if found is None:
        raise UsageError(f"not a time: {text!r} (write it like 2026-03-01, 2026-03-01T14:30 or 3d)")
    return found


def _read(
    text: str,
    order: DateOrder | None,
    now: datetime | None,
    tz: ZoneInfo | None,
    toward: Toward | None = None,
) -> date | datetime | None:
    """Do as `read` does with a text that has no spaces around it; None where it is none."""
    if text[4:5] == "-" and (found := _iso(text)):
        return found
    if now and (found := _relative(text, now, tz, toward)):
        return found
    if _BASIC.fullmatch(text):
        return _basic(text)
    parts = _parts(text, order)
    if parts is None:
        return None
    try:
        written = date(full_year(parts.year), parts.month, int(parts.day))
    except ValueError:
        assumed = f" with {_FIRST[order]} first" if order and _NUMERIC.fullmatch(text) else ""
        raise UsageError(f"no such date: {text!r}{assumed}") from None
    if parts.weekday and not f"{written:%A}".lower().startswith(parts.weekday[:3].lower()):
        raise UsageError(f"no such date: {text!r} ({written} is a {written:%A})")
    return _at(written, parts.clock, text) if parts.clock else written


def _relative(
    text: str, now: datetime, tz: ZoneInfo | None, toward: Toward | None
) -> date | datetime | None:
    """Return what `text` names by how long it is from `now`; None for any other."""
    words = " ".join(text.lower().split())
    today = now.astimezone(tz or UTC).date()
    if words == "now":
        return now
    if found := day_words.read(words, today, toward):
        return found
    if timed := _DAY_AND_CLOCK.fullmatch(words):
        found = day_words.read(timed[1], today, toward)
        return found and _at(found, timed[2], text)
    if ahead := _span(_AHEAD, words):
        if ahead.unit in _MONTHS_OF:
            return _months_later(today, ahead.length * _MONTHS_OF[ahead.unit], text)
        length = timedelta(**{ahead.unit: ahead.length})
        return now + length if ahead.unit in ("minutes", "hours") else today + length
    if ago := _span(_AGO, words):
        if toward == Toward.AHEAD and not words.endswith(" ago"):
            raise UsageError(f"past or to come, {text!r}? write {text} ago or +{text}")
        if ago.unit in _MONTHS_OF:
            local = now.astimezone(tz or UTC)
            return _months_later(local, -ago.length * _MONTHS_OF[ago.unit], text)
        return now - timedelta(**{ago.unit: ago.length})
    return None


class _Span(NamedTuple):
    """So many of a unit of time."""

    length: int
    unit: str


def _span(form: re.Pattern[str], text: str) -> _Span | None:
    """Return the span of time that `text` writes in one of the forms; None for any other text."""
    match = form.fullmatch(text)
    if match is None:
        return None
    count, word, *_ = (group for group in match.groups() if group)
    if word == "m":
        sign = "+" if form is _AHEAD else ""
        raise UsageError(
            f"minutes or months in {text!r}? write {sign}{count}min or {sign}{count}mo"
        )
    return _Span(_COUNTS.get(count) or int(count), _UNITS[word]) if word in _UNITS else None


_Day = TypeVar("_Day", date, datetime)


def _months_later(value: _Day, months: int, text: str) -> _Day:
    """Return `value` so many months later, on the last day of a month that is too short."""
    years, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    if not MINYEAR < years < MAXYEAR:
        raise UsageError(f"a time out of range: {text!r}")
    last = monthrange(years, month + 1)[1]
    return value.replace(year=years, month=month + 1, day=min(value.day, last))


def _iso(text: str) -> date | datetime | None:
    """Return what `text` is in the usual forms of ISO 8601, fast; None for any other."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        return datetime.fromisoformat(text) if len(text) > 15 else None
    except ValueError:
        return None


def _basic(text: str) -> date | datetime:
    """Return what `text` is in the form of ISO 8601 without dividers."""
    try:
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"no such date: {text!r}") from None


class _Parts(NamedTuple):
    """What is written for the parts of a date, and the time of day after it."""

    year: str
    month: int
    day: str
    clock: str | None
    weekday: str | None = None


def _parts(text: str, order: DateOrder | None) -> _Parts | None:
    """Return the parts of the date that `text` writes; None if it is written like none."""
    if match := _YEAR_FIRST.fullmatch(text):
        return _Parts(match[1], int(match[3]), match[4], match[5])
    if match := _NUMERIC.fullmatch(text):
        first, second = match[1], match[3]
        if (order or _own_order(text)) == DateOrder.MDY:
            first, second = second, first
        return _Parts(match[4], int(second), first, match[5])
    if match := _DAY_NAME_YEAR.fullmatch(text):
        return _Parts(match[4], _month(match[3], text), match[2], match[5], match[1])
    if match := _NAME_DAY_YEAR.fullmatch(text):
        return _Parts(match[4], _month(match[2], text), match[3], match[5], match[1])
    if match := _YEAR_NAME_DAY.fullmatch(text):
        return _Parts(match[1], _month(match[2], text), match[3], match[4])
    return None


def _own_order(text: str) -> DateOrder | None:
    """Return the order of a numeric date that stands alone; None if it does not matter."""
    shown = hint(text)
    if shown == DateHint.EITHER:
        both = (_read(text, each, None, None) for each in DateOrder)
        written = " or ".join(each.isoformat()[:10] for each in both if each)
        raise UsageError(f"day or month first in {text!r}? write {written}")
    return None if shown is None else order({shown: 1})


def _month(name: str, text: str) -> int:
    if number := month_called(name):
        return number
    raise UsageError(f"no month is called {name!r}: {text!r} (write it like 2026-03-31)")


def full_year(text: str) -> int:
    """Return a year; of two digits, 69 to 99 are in the last century (POSIX)."""
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year < 69 else 1900)


def _at(day: date, clock: str, text: str) -> datetime:
    match = _CLOCK.fullmatch(clock.strip())
    try:
        if match is None or not (match[2] or match[5]):
            raise ValueError
        hours, minutes, seconds, fraction, half, zone = match.groups()
        value = datetime(
            day.year, day.month, day.day, _hour(int(hours), half), int(minutes or 0),
            int(seconds or 0), int((fraction or "0").ljust(6, "0")[:6]),
        )  # fmt: skip
    except ValueError:
        raise UsageError(f"not a time: {text!r} (write it like 2026-03-31T14:30)") from None
    return _zoned(value, zone, text) if zone else value


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError
    return hour % 12 + (12 if half[0] in "pP" else 0)


def _zoned(value: datetime, zone: str, text: str) -> datetime:
    """Return `value` in the zone that is written after it; an abbreviation says no offset."""
    if _ZONE_NAME.fullmatch(zone):
        return value.replace(tzinfo=times.zone(zone))
    match = _ZONE.fullmatch(zone)
    if match is None or not (match[1] or match[2] or match[4]):
        raise UsageError(f"not a time: {text!r} (write its zone like Z or +02:00)")
    utc, hours, minutes, name = match.groups()
    if not utc and not hours:
        return value.replace(tzinfo=times.zone(name))
    offset = "+00:00" if utc else f"{hours}:{minutes or '00'}"
    try:
        found = datetime.fromisoformat(value.isoformat() + offset)
    except ValueError:
        raise UsageError(f"not a time: {text!r} (write its zone like Z or +02:00)") from None
    if name and not _agree(found, times.zone(name)):
        raise UsageError(f"{name} is not {offset} from UTC at that time: {text!r}")
    return found


def _agree(value: datetime, zone: ZoneInfo) -> bool:
    return value.astimezone(zone).utcoffset() == value.utcoffset()
