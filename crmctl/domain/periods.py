"""Months, quarters, halves and weeks as people write them where a day is asked for."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crmctl.domain import dates
from crmctl.domain.dates import full_year
from crmctl.domain.month_names import month_called
from crmctl.domain.text import compiled, without_accents
from crmctl.errors import UsageError

_QUARTER_WORDS = r"(?:q|qtr|quarter|quartal|trimestre|trim|t|kv)"
_HALF_WORDS = r"(?:h|half|hj|halbjahr|semestre|s)"
_PART = rf"(?:({_QUARTER_WORDS})\.? ?([1-4])|({_HALF_WORDS})\.? ?([12])"
_PART += rf"|([1-4])(?:st|nd|rd|th|\.|er|e|o)? ?({_QUARTER_WORDS})"
_PART += rf"|([12])(?:st|nd|\.|er|e|o)? ?({_HALF_WORDS}))"
_YEAR = r"(fy ?)?'?(\d{4}|\d{2})"
_DIVIDED = r" ?[-/., ]? ?(?:of |de |)"
_PART_FIRST = rf"{_PART}{_DIVIDED}{_YEAR}"
_YEAR_FIRST = rf"{_YEAR}{_DIVIDED}{_PART}"
_WEEK_FIRST = rf"(?:kw|week|w|cw|semaine) ?(\d{{1,2}}){_DIVIDED}(\d{{4}})"
_WEEK_LAST = r"(\d{4})[- /]? ?(?:kw|week|w|cw) ?(\d{1,2})"
_MONTH_FIRST = r"(\d{1,2})[-/.](\d{4})"
_MONTH_LAST = r"(\d{4})[-/.](\d{1,2})"
_NAME_FIRST = r"([^\W\d_]{3,11})\.?(?:,? (?:de )?|[-/.])(\d{4})"
_NAME_SHORT = r"([^\W\d_]{3,11})\.?(?: ?'|[-/])(\d{2})"
_NAME_LAST = r"(\d{4})[-/. ]([^\W\d_]{3,11})\.?"
_END_OF = r"(?:end of|end|by end of|eo|ende|fin|fine|final de) "
_YEAR_ALONE = r"(?:cy|year)? ?((?:19|20)\d{2})|fy ?'?(\d{4}|\d{2})"


#: What people write for the end of a period, cut short.
_SHORT = {
    "eow": "end of week",
    "eom": "end of month",
    "eoq": "end of quarter",
    "eoy": "end of year",
}
_NEAR = r"(?:(the|this|current|next|last|previous) )?(week|month|quarter|year)"
_SHIFTS = {"next": 1, "last": -1, "previous": -1}
_LENGTHS = {"month": 1, "quarter": 3, "year": 12}
# A day, a month, a quarter or a week that lacks only its year.
_LACKS_YEAR = r"(?=.*[^\W\d_]|\d+[./]\d+).+"


class DaySpan(NamedTuple):
    """A month, a quarter, a half or a week, by its first and its last day."""

    first: date
    last: date


def read(text: str, fiscal_month: int, today: date | None = None) -> DaySpan | None:
    """Return the month, quarter, half or week that `text` names; None for any other text.

    A fiscal year begins in `fiscal_month`, and is named for the year in which it ends. Where the
    day is known, `eom` and `next quarter` are read as well. Raises UsageError for a year alone,
    and for a quarter that may be one of the calendar or a fiscal one.
    """
    whole = without_accents(text.strip()).lower()
    whole = _SHORT.get(whole, whole)
    words = compiled(_END_OF).sub("", whole, count=1)
    ends = words != whole
    if year := compiled(_YEAR_ALONE).fullmatch(words):
        if not ends:
            raise _year_alone(text)
        last = _end_of_year(full_year(year[1] or year[2]), bool(year[2]), text, fiscal_month)
        return DaySpan(last, last)
    try:
        found = today and _near(words, text, fiscal_month, today, ends=ends)
        found = found or _month(words) or _week(words) or _part(words, text, fiscal_month)
    except ValueError:
        return None
    return DaySpan(found.last, found.last) if found and ends else found


def _year_alone(text: str) -> UsageError:
    return UsageError(
        f"a year alone says no day: {text!r} (write a day, a month or a quarter:"
        " 2026-12-31, 2026-12 or 2026-Q4)"
    )


def _end_of_year(year: int, fiscal: bool, text: str, fiscal_month: int) -> date:
    """Return the last day of a year, or of the fiscal one that ends in it."""
    calendar = date(year, 12, 31)
    month = (fiscal_month - 2) % 12 + 1
    other = date(year, month, monthrange(year, month)[1])
    if not fiscal and other != calendar:
        raise UsageError(_of_which_year(text, calendar, f"{other}"))
    return other


def _of_which_year(text: str, calendar: date, fiscal: str) -> str:
    return f"of the calendar or the fiscal year, {text!r}? write {calendar} or {fiscal}"


def _near(words: str, text: str, fiscal_month: int, today: date, *, ends: bool) -> DaySpan | None:
    """Return the period that is called by how far it is from `today`: `next month`.

    One without such a word is one only where its end is meant, as in `end of month`.
    """
    found = compiled(_NEAR).fullmatch(words)
    if not found or (found[1] in (None, "the") and not ends):
        return None
    shift, unit = _SHIFTS.get(found[1], 0), found[2]
    if unit == "week":
        first = today + timedelta(weeks=shift, days=-today.weekday())
        if ends:
            friday, sunday = (first + timedelta(days=days) for days in (4, 6))
            raise UsageError(f"to the Friday or the Sunday, {text!r}? write {friday} or {sunday}")
        return DaySpan(first, first + timedelta(days=6))
    if unit == "year" and not ends:
        raise _year_alone(text)
    calendar, fiscal = (
        _months_around(today, _LENGTHS[unit], first, shift) for first in (1, fiscal_month)
    )
    if calendar != fiscal:
        raise UsageError(_of_which_year(text, calendar.last, f"{fiscal.last}"))
    return calendar


def _months_around(today: date, length: int, first_month: int, shift: int) -> DaySpan:
    """Return the period of so many months with `today` in it, or one that is `shift` further.

    Of the periods of a year, the first one begins in `first_month`.
    """
    months = 12 * today.year + today.month - 1
    begin = months - (months - first_month + 1) % length + shift * length
    year, month = divmod(begin + length - 1, 12)
    return _months_to(year, month + 1, length)


def last_day(text: str, fiscal_month: int, today: date | None = None) -> date | None:
    """Return the last day of the period that `text` names, as `read` does."""
    found = read(text, fiscal_month, today)
    return found and found.last


def days(text: str, now: datetime, tz: ZoneInfo, fiscal_month: int) -> DaySpan:
    """Return the days of the period, or the one day, that `text` names.

    Raises UsageError where it is neither, and as `read` does, and where only the year is missing.
    """
    today = now.astimezone(tz).date()
    try:
        found = dates.day(text, now, tz)
    except UsageError:
        if period := read(text, fiscal_month, today):
            return period
        _refuse_without_year(text, today, fiscal_month)
        raise
    return DaySpan(found, found)


def _refuse_without_year(text: str, today: date, fiscal_month: int) -> None:
    """Raise UsageError for a day or a period that lacks its year, with it and the next."""
    bare = text.strip().rstrip(".")
    if not compiled(_LACKS_YEAR).fullmatch(bare):
        return
    for divider in (" ", ".", "/", ", "):
        ends = [
            _day_or_none(f"{bare}{divider}{year}", fiscal_month)
            for year in (today.year, today.year + 1)
        ]
        if all(ends):
            raise UsageError(f"which year in {text!r}? write {ends[0]} or {ends[1]}")


def _day_or_none(text: str, fiscal_month: int) -> date | None:
    try:
        return dates.day(text, None)
    except UsageError:
        pass
    try:
        return last_day(text, fiscal_month)
    except UsageError:
        return None


def is_period(text: str) -> bool:
    """Return whether `text` is the name of a month, a quarter, a half or a week."""
    if text.isascii() and not any(map(str.isdigit, text)):
        # No header is one, and most files are asked of nothing else.
        return False
    try:
        return last_day(text, 1) is not None
    except UsageError:
        return False


def _month(words: str) -> DaySpan | None:
    if found := compiled(_MONTH_FIRST).fullmatch(words):
        return _months_to(int(found[2]), int(found[1]))
    if found := compiled(_MONTH_LAST).fullmatch(words):
        return _months_to(int(found[1]), int(found[2]))
    if found := compiled(_NAME_FIRST).fullmatch(words) or compiled(_NAME_SHORT).fullmatch(words):
        return _named(found[1], found[2])
    if found := compiled(_NAME_LAST).fullmatch(words):
        return _named(found[2], found[1])
    return None


def _named(word: str, year: str) -> DaySpan | None:
    month = month_called(word)
    return _months_to(full_year(year), month) if month else None


def _week(words: str) -> DaySpan | None:
    if found := compiled(_WEEK_FIRST).fullmatch(words):
        return _week_of(found[2], found[1])
    if found := compiled(_WEEK_LAST).fullmatch(words):
        return _week_of(found[1], found[2])
    return None


def _week_of(year: str, week: str) -> DaySpan:
    first = date.fromisocalendar(int(year), int(week), 1)
    return DaySpan(first, first + timedelta(days=6))


def _part(words: str, text: str, fiscal_month: int) -> DaySpan | None:
    """Return a quarter or a half, of a year or a fiscal year."""
    if found := compiled(_PART_FIRST).fullmatch(words):
        *part, fiscal, year = found.groups()
    elif found := compiled(_YEAR_FIRST).fullmatch(words):
        fiscal, year, *part = found.groups()
    else:
        return None
    whole = full_year(year)
    quarter, half = part[1] or part[4], part[3] or part[6]
    length = 3 if quarter else 6
    months = length * int(quarter or half)
    if fiscal_month == 1:
        return _months_to(whole, months, length)
    name = f"Q{quarter}" if quarter else f"H{half}"
    if not fiscal:
        day = _months_to(whole, months).last
        raise UsageError(_of_which_year(text, day, f"FY{whole}-{name}"))
    first = 12 * (whole - 1) + fiscal_month - 1
    years, month = divmod(first + months - 1, 12)
    return _months_to(years, month + 1, length)


def _months_to(year: int, month: int, length: int = 1) -> DaySpan:
    """Return the period of so many months that ends with `month`."""
    if not 1900 <= year <= 2999:
        raise ValueError(year)
    years, first = divmod(12 * year + month - length, 12)
    return DaySpan(date(years, first + 1, 1), date(year, month, monthrange(year, month)[1]))
