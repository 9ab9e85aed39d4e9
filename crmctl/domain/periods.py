"""Months, quarters, halves and weeks as people write them where a day is asked for."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crmctl.domain import dates
from crmctl.domain.dates import full_year
from crmctl.domain.text import without_accents
from crmctl.errors import UsageError

_NAMES = (
    "january januar janvier enero gennaio janeiro januari",
    "february februar fevrier febrero febbraio fevereiro februari",
    "march marz mrz maerz mars marzo marco maart marts",
    "april avril abril aprile",
    "may mai mayo maggio maio mei maj",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august aout agosto augustus augusti",
    "september septembre septiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember decembre diciembre dicembre dezembro",
)
_QUARTER_WORDS = r"(?:q|qtr|quarter|quartal|trimestre|trim|t|kv)"
_HALF_WORDS = r"(?:h|half|hj|halbjahr|semestre|s)"
_PART = rf"(?:({_QUARTER_WORDS})\.? ?([1-4])|({_HALF_WORDS})\.? ?([12])"
_PART += rf"|([1-4])(?:st|nd|rd|th|\.|er|e|o)? ?({_QUARTER_WORDS})"
_PART += rf"|([12])(?:st|nd|\.|er|e|o)? ?({_HALF_WORDS}))"
_YEAR = r"(fy ?)?'?(\d{4}|\d{2})"
_DIVIDED = r" ?[-/., ]? ?(?:of |de |)"
_PART_FIRST = re.compile(rf"{_PART}{_DIVIDED}{_YEAR}")
_YEAR_FIRST = re.compile(rf"{_YEAR}{_DIVIDED}{_PART}")
_WEEK_FIRST = re.compile(rf"(?:kw|week|w|cw|semaine) ?(\d{{1,2}}){_DIVIDED}(\d{{4}})")
_WEEK_LAST = re.compile(r"(\d{4})[- /]? ?(?:kw|week|w|cw) ?(\d{1,2})")
_MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{4})")
_MONTH_LAST = re.compile(r"(\d{4})[-/.](\d{1,2})")
_NAME_FIRST = re.compile(r"([^\W\d_]{3,11})\.?(?:,? (?:de )?|[-/.])(\d{4})")
_NAME_SHORT = re.compile(r"([^\W\d_]{3,11})\.?(?: ?'|[-/])(\d{2})")
_NAME_LAST = re.compile(r"(\d{4})[-/. ]([^\W\d_]{3,11})\.?")
_END_OF = re.compile(r"(?:end of|end|by end of|eo|ende|fin|fine|final de) ")
_YEAR_ALONE = re.compile(r"(?:(?:cy|year)? ?(?:19|20)\d{2}|fy ?'?(?:\d{4}|\d{2}))")


class DaySpan(NamedTuple):
    """A month, a quarter, a half or a week, by its first and its last day."""

    first: date
    last: date


def read(text: str, fiscal_month: int) -> DaySpan | None:
    """Return the month, quarter, half or week that `text` names; None for any other text.

    A fiscal year begins in `fiscal_month`, and is named for the year in which it ends. Raises
    UsageError for a year alone, and for a quarter that may be one of the calendar or a fiscal one.
    """
    whole = without_accents(text.strip()).lower()
    words = _END_OF.sub("", whole, count=1)
    if _YEAR_ALONE.fullmatch(words):
        raise UsageError(
            f"a year alone says no day: {text!r} (write a day, a month or a quarter:"
            " 2026-12-31, 2026-12 or 2026-Q4)"
        )
    try:
        found = _month(words) or _week(words) or _part(words, text, fiscal_month)
    except ValueError:
        return None
    return DaySpan(found.last, found.last) if found and words != whole else found


def last_day(text: str, fiscal_month: int) -> date | None:
    """Return the last day of the period that `text` names, as `read` does."""
    found = read(text, fiscal_month)
    return found and found.last


def days(text: str, now: datetime, tz: ZoneInfo, fiscal_month: int) -> DaySpan:
    """Return the days of the period, or the one day, that `text` names.

    Raises UsageError where it is neither, and as `read` does.
    """
    try:
        found = dates.day(text, now, tz)
    except UsageError:
        if period := read(text, fiscal_month):
            return period
        raise
    return DaySpan(found, found)


def is_period(text: str) -> bool:
    """Return whether `text` is the name of a month, a quarter, a half or a week."""
    try:
        return last_day(text, 1) is not None
    except UsageError:
        return False


def _month(words: str) -> DaySpan | None:
    if found := _MONTH_FIRST.fullmatch(words):
        return _months_to(int(found[2]), int(found[1]))
    if found := _MONTH_LAST.fullmatch(words):
        return _months_to(int(found[1]), int(found[2]))
    if found := _NAME_FIRST.fullmatch(words) or _NAME_SHORT.fullmatch(words):
        return _named(found[1], found[2])
    if found := _NAME_LAST.fullmatch(words):
        return _named(found[2], found[1])
    return None


def _named(word: str, year: str) -> DaySpan | None:
    month = _months().get(word)
    return _months_to(full_year(year), month) if month else None


def _week(words: str) -> DaySpan | None:
    if found := _WEEK_FIRST.fullmatch(words):
        return _week_of(found[2], found[1])
    if found := _WEEK_LAST.fullmatch(words):
        return _week_of(found[1], found[2])
    return None


def _week_of(year: str, week: str) -> DaySpan:
    first = date.fromisocalendar(int(year), int(week), 1)
    return DaySpan(first, first + timedelta(days=6))


def _part(words: str, text: str, fiscal_month: int) -> DaySpan | None:
    """Return a quarter or a half, of a year or a fiscal year."""
    if found := _PART_FIRST.fullmatch(words):
        *part, fiscal, year = found.groups()
    elif found := _YEAR_FIRST.fullmatch(words):
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
        raise UsageError(
            f"of the calendar or the fiscal year, {text!r}? write {day} or FY{whole}-{name}"
        )
    first = 12 * (whole - 1) + fiscal_month - 1
    years, month = divmod(first + months - 1, 12)
    return _months_to(years, month + 1, length)


def _months_to(year: int, month: int, length: int = 1) -> DaySpan:
    """Return the period of so many months that ends with `month`."""
    if not 1900 <= year <= 2999:
        raise ValueError(year)
    years, first = divmod(12 * year + month - length, 12)
    return DaySpan(date(years, first + 1, 1), date(year, month, monthrange(year, month)[1]))


@cache
def _months() -> Mapping[str, int]:
    """Return the months by their names and by what these begin with, if no other's does."""
    found: dict[str, set[int]] = {}
    for number, names in enumerate(_NAMES, 1):
        for name in names.split():
            for length in range(3, len(name) + 1):
                found.setdefault(name[:length], set()).add(number)
    found["sept"] = {9}
    return {word: min(months) for word, months in found.items() if len(months) == 1}
