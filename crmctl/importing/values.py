"""From the text of a cell to a value. What cannot be read raises UsageError; nothing is guessed."""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crmctl import money, times
from crmctl.errors import UsageError
from crmctl.kinds import DateOrder, ForecastCategory


class Kind(StrEnum):
    """How the cells of a field are read."""

    TEXT = "text"
    AMOUNT = "amount"
    PROBABILITY = "probability"
    INTEGER = "integer"
    DAY = "day"
    TIME = "time"
    CATEGORY = "category"
    LIST = "list"
    UUID = "uuid"


@dataclass(frozen=True)
class Style:
    """How the cells of a file are written.

    `zone` is that of times which name none; `empty` are texts that stand for an empty cell.
    """

    dates: DateOrder | None = None
    zone: ZoneInfo | None = None
    empty: frozenset[str] = frozenset()


@dataclass(frozen=True)
class When:
    """A time, or a whole `day` whose beginning is `at`."""

    at: datetime
    day: date | None = None

    def same(self, other: datetime | None, zone: ZoneInfo | None) -> bool:
        """Return whether `other` is this time, or lies on this day."""
        if other is None or self.day is None:
            return other == self.at
        return other.astimezone(zone).date() == self.day if zone else other.date() == self.day


# What a spreadsheet would run as a formula is exported with an apostrophe in front.
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")
_YEAR_FIRST = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+(.+))?")
_YEAR_LAST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?:[T ,]+(.+))?")
_CLOCK = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|[+-]\d{2}:?\d{2})?",
)
_CATEGORIES = {
    "pipeline": ForecastCategory.PIPELINE,
    "bestcase": ForecastCategory.BEST_CASE,
    "commit": ForecastCategory.COMMIT,
    "omitted": ForecastCategory.OMITTED,
    "notforecasted": ForecastCategory.OMITTED,
    # A closed deal is counted as won or lost, whatever its category.
    "closed": None,
    "closedwon": None,
}


def original(text: str) -> str:
    """Return `text` as it was before an export made it safe for spreadsheets."""
    return text[1:] if _NEUTRALISED.match(text) else text


def protected(text: str) -> str:
    """Return `text` such that `original` gives it back."""
    return f"'{text}" if _NEUTRALISED.match(text) else text


def is_empty(text: str, style: Style) -> bool:
    """Return whether a cell with this text has no value."""
    return not text or text in style.empty


def read(kind: Kind, text: str, style: Style) -> Any:
    """Return the value that `text`, which is not empty, writes; raises UsageError if it does not.

    Lists are lists of text, times are When, everything else is what its kind says.
    """
    match kind:
        case Kind.AMOUNT:
            return money.amount(text)
        case Kind.PROBABILITY:
            return _probability(text)
        case Kind.INTEGER:
            return _integer(text)
        case Kind.DAY:
            return day(text, style)
        case Kind.TIME:
            return when(text, style)
        case Kind.CATEGORY:
            return _category(text)
        case Kind.LIST:
            return listed(text)
        case Kind.UUID:
            return _uuid(text)
        case _:
            return text


def _probability(text: str) -> Decimal:
    """Return a fraction; a bare 1 is refused, as a spreadsheet writes 1.0 and 1 % alike."""
    if text == "1":
        raise UsageError("1% or 100%? write it like 1% or 100%")
    return money.probability(text)


def when(text: str, style: Style) -> When:
    """Return the time or the day that `text` writes: ISO 8601, or in the order of `style`."""
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day_of_month, clock = match.groups()
    elif match := _YEAR_LAST.fullmatch(text):
        if style.dates is None:
            raise UsageError(f"day or month first in {text!r}? say --dates dmy or --dates mdy")
        first, second, year, clock = match.groups()
        pair = (first, second) if style.dates == DateOrder.DMY else (second, first)
        day_of_month, month = pair
    else:
        raise UsageError(f"not a date: {text!r} (write it like 2026-03-31 or 2026-03-31T14:30)")
    try:
        found = date(_year(year), int(month), int(day_of_month))
    except ValueError:
        order = f" with --dates {style.dates}" if style.dates and len(year) < 4 else ""
        raise UsageError(f"no such date: {text!r}{order}") from None
    if clock is None:
        return When(times.start_of_day(found, style.zone), found)
    return When(_at(found, clock, text, style.zone))


def _year(text: str) -> int:
    """Return a year; of two digits, 69 to 99 are in the last century (POSIX)."""
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year < 69 else 1900)


def _at(found: date, clock: str, text: str, zone: ZoneInfo | None) -> datetime:
    match = _CLOCK.fullmatch(clock.strip())
    try:
        if match is None:
            raise ValueError
        hours, minutes, seconds, fraction, half, offset = match.groups()
        value = datetime(
            found.year, found.month, found.day, _hour(int(hours), half), int(minutes),
            int(seconds or 0), int((fraction or "0").ljust(6, "0")[:6]),
        )  # fmt: skip
        if offset:
            value = datetime.fromisoformat(value.isoformat() + offset)
    except ValueError:
        raise UsageError(f"not a time: {text!r} (write it like 2026-03-31T14:30)") from None
    return times.in_utc(value, zone)


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError
    return hour % 12 + (12 if half[0] in "pP" else 0)


def day(text: str, style: Style) -> date:
    """Return the date that `text` writes, alone or with a time."""
    return on_day(when(text, style), style.zone)


def on_day(when: When, zone: ZoneInfo | None) -> date:
    """Return the day of `when`, in `zone` if it is a time."""
    return when.day or (when.at.astimezone(zone) if zone else when.at).date()


def listed(text: str) -> list[str]:
    """Return the items of `text`, divided by semicolons or commas, or written as a JSON list."""
    items: list[str] = []
    if text.startswith("["):
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if isinstance(found, list) and all(isinstance(item, str) for item in found):
            items = found
    items = items or re.split("[;,]", text)
    return list(dict.fromkeys(item.strip() for item in items if item.strip()))


def _integer(text: str) -> int:
    plain = re.fullmatch(r"([+-]?[0-9]{1,15})(\.0+)?", text.replace(",", ""))
    if plain is None:
        raise UsageError(f"not a whole number: {text!r}")
    return int(plain[1])


def _category(text: str) -> ForecastCategory | None:
    word = re.sub(r"[\W_]+", "", text.lower())
    if word not in _CATEGORIES:
        raise UsageError(
            f"not a forecast category: {text!r} (one of {', '.join(ForecastCategory)})"
        )
    return _CATEGORIES[word]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UsageError(f"not an id of crmctl: {text!r}") from None
