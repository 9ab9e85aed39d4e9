"""From the text of a cell to a value. What cannot be read raises UsageError; nothing is guessed."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crmctl.domain import (
    amounts,
    booleans,
    contacts,
    dates,
    numbers,
    periods,
    probabilities,
    times,
)
from crmctl.domain.amounts import CurrencySign, Number, OpenCurrency
from crmctl.domain.importing.findings import mapping_option
from crmctl.domain.importing.units import NO_UNIT, ColumnUnit
from crmctl.domain.kinds import DateOrder, DecimalMark, ForecastCategory
from crmctl.domain.probabilities import Scale
from crmctl.domain.text import folded
from crmctl.errors import UsageError


class Kind(StrEnum):
    """How the cells of a field are read."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    AMOUNT = "amount"
    CURRENCY = "currency"
    NUMBER = "number"
    PROBABILITY = "probability"
    INTEGER = "integer"
    DAY = "day"
    TIME = "time"
    TRUTH = "truth"
    CATEGORY = "category"
    LIST = "list"
    UUID = "uuid"


@dataclass(frozen=True, kw_only=True)
class CellFormat:
    """How the cells of a column are written.

    `zone` is that of times which name none, and `now` what `today` and `3d` are counted from;
    `empty` are texts that stand for an empty cell; `scale` is what 1 means as a probability;
    `country` is that of phone numbers without one. In an export of crmctl's `own`, numbers are
    plain and texts as they should be. Where cells of the column are `mixed`, which contradict each
    other, what could be read either way is refused. `unit` is that of all amounts;
    `signs` are the codes that signs of several currencies mean, `currencies` those of words;
    `fiscal_month` is the one in which the company's year begins.
    """

    dates: DateOrder | None = None
    zone: ZoneInfo | None = None
    empty: frozenset[str] = frozenset()
    decimals: DecimalMark | None = None
    scale: Scale | None = None
    country: str | None = None
    own: bool = False
    mixed: bool = False
    now: datetime | None = None
    unit: ColumnUnit = NO_UNIT
    signs: Mapping[frozenset[str], str] = field(default_factory=dict)
    currencies: Mapping[str, str] = field(default_factory=dict)
    fiscal_month: int = 1


@dataclass(frozen=True)
class When:
    """A time, or a whole `day` whose beginning is `at`; it is `assumed` where only about known."""

    at: datetime
    day: date | None = None
    assumed: bool = False

    def of_day(self, day: date | None) -> "When":
        """Return this time as one of which the `day` alone is known, if that is given."""
        return When(self.at, day, self.assumed) if day else self

    def same(self, other: datetime | None, zone: ZoneInfo | None, on: date | None = None) -> bool:
        """Return whether `other` is this time, or lies on this day.

        `on` is the day of `other`, where no time of it is known.
        """
        if other is None or self.day is None:
            return other == self.at and on is None
        return times.on_day(other, on, zone) == self.day


_EITHER_NUMBER = frozenset(
    {amounts.AmountHint.POINT_OR_THOUSANDS, amounts.AmountHint.COMMA_OR_THOUSANDS}
)
_EITHER_DATE = frozenset({dates.DateHint.EITHER, dates.DateHint.POINTS})
#: What people and programs write where there is nothing.
NOTHING = frozenset({"na", "n/a", "n.a.", "nan", "null", "nil", "none", "-", "--", "tbd", "?"})
# What divides several addresses or numbers in one cell; none of them stands in one.
_SEVERAL = re.compile(r":::|[;|\n]|,(?=\s)|(?<=\s)/(?=\s)")
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


def is_empty(text: str, cell_format: CellFormat) -> bool:
    """Return whether a cell with this text has no value."""
    return not text or text in cell_format.empty


def read(kind: Kind, text: str, cell_format: CellFormat) -> Any:
    """Return the value that `text`, which is not empty, writes; raises UsageError if it does not.

    Amounts are Number, other numbers Decimal, lists are lists of text, times are When, everything
    else is what its kind says.
    """
    match kind:
        case Kind.AMOUNT:
            return _amount(text, cell_format)
        case Kind.NUMBER:
            return _number(text, cell_format)
        case Kind.INTEGER:
            return _integer(text, cell_format)
        case Kind.PROBABILITY:
            scale = probabilities.Scale.FRACTION if cell_format.own else cell_format.scale
            return probabilities.read(text, scale, mixed=cell_format.mixed)
        case Kind.DAY:
            return day(text, cell_format)
        case Kind.TIME:
            return when(text, cell_format)
        case _:
            return _word(kind, text, cell_format)


def _word(kind: Kind, text: str, cell_format: CellFormat) -> Any:
    """Do as `read` does, for what is no number and no time."""
    match kind:
        case Kind.EMAIL:
            return text if cell_format.own else contacts.email(text)
        case Kind.PHONE:
            return text if cell_format.own else contacts.phone(text, cell_format.country)
        case Kind.CURRENCY:
            return _currency(text, cell_format)
        case Kind.TRUTH:
            return booleans.read(text)
        case Kind.CATEGORY:
            return _category(text)
        case Kind.LIST:
            return listed(text)
        case Kind.UUID:
            return _uuid(text)
        case _:
            return text


def _currency(text: str, cell_format: CellFormat) -> str | CurrencySign:
    """Return the code of a currency, or its sign where that may be of several."""
    if found := cell_format.currencies.get(folded(text)):
        return found
    try:
        return amounts.currency(text)
    except OpenCurrency:
        possible = frozenset((amounts.currencies_in(text) or "").split())
        return cell_format.signs.get(possible) or CurrencySign(text, possible)
    except UsageError as error:
        option = mapping_option("--currency-map", text, "CODE")
        raise UsageError(f"{error} ({option})") from None


def _amount(text: str, cell_format: CellFormat) -> Number:
    if _has_plain_numbers(cell_format):
        return Number(amounts.plain(text))
    _refuse_either_number(text, cell_format)
    found, unit = amounts.read(text, cell_format.decimals), cell_format.unit
    return found if unit is NO_UNIT else _in_unit(text, found, cell_format)


def _in_unit(text: str, found: Number, cell_format: CellFormat) -> Number:
    """Return an amount of a column that says its currency, or that it counts in thousands."""
    unit = cell_format.unit
    currencies = unit.currencies or found.currencies
    if found.currencies:
        currencies &= found.currencies
        if not currencies:
            raise UsageError(f"{text!r} is no amount in {unit.currency or unit.sign}")
    if unit.factor != 1 and not amounts.parse(text, cell_format.decimals, multiples=False):
        raise UsageError(f"{text!r} in a column that counts in {unit.factor:,f}")
    return Number(found.value * unit.factor, currencies)


def _number(text: str, cell_format: CellFormat) -> Decimal:
    if _has_plain_numbers(cell_format):
        return numbers.plain(text)
    _refuse_either_number(text, cell_format)
    return numbers.read(text, cell_format.decimals)


def _integer(text: str, cell_format: CellFormat) -> int:
    _refuse_either_number(text, cell_format)
    if _has_plain_numbers(cell_format):
        amounts.plain(text, "a whole number")
    return numbers.whole(text, cell_format.decimals)


def _has_plain_numbers(cell_format: CellFormat) -> bool:
    return cell_format.own and cell_format.decimals is None


def _refuse_either_number(text: str, cell_format: CellFormat) -> None:
    """Raise UsageError for what may be thousands or decimals in a column that has both."""
    if cell_format.mixed and amounts.hint(text) in _EITHER_NUMBER:
        raise UsageError(f"thousands or decimals in {text!r}? say --decimal . or --decimal ,")


def when(text: str, cell_format: CellFormat) -> When:
    """Return the time or the day that `text` writes: ISO 8601, or in the order of `cell_format`."""
    _refuse_either_date(text, cell_format)
    found = dates.read(text, cell_format.dates, cell_format.now, cell_format.zone)
    if isinstance(found, datetime):
        return When(times.in_utc(found, cell_format.zone))
    return When(times.start_of_day(found, cell_format.zone), found)


def day(text: str, cell_format: CellFormat) -> date:
    """Return the date that `text` writes, alone or with a time."""
    _refuse_either_date(text, cell_format)
    return dates.day(text, cell_format.now, cell_format.zone, cell_format.dates)


def _refuse_either_date(text: str, cell_format: CellFormat) -> None:
    """Raise UsageError for what may be two days in a column that has both orders."""
    if cell_format.mixed and dates.hint(text) in _EITHER_DATE:
        raise UsageError(f"day or month first in {text!r}? say --dates dmy or --dates mdy")


def last_of_period(kind: Kind, text: str, cell_format: CellFormat) -> Any:
    """Return the last day of the period that `text` names, as a value of `kind`.

    None stands for any other text; raises UsageError where the text is nearly one.
    """
    now = cell_format.now
    today = now.astimezone(cell_format.zone).date() if now else None
    last = periods.last_day(text, cell_format.fiscal_month, today)
    if last is None or kind == Kind.DAY:
        return last
    return When(times.start_of_day(last, cell_format.zone), last, assumed=True)


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
    # Google divides by `:::`, and marks its own groups by a star.
    items = items or re.split("[;,]|:::", text.replace("* ", ""))
    return list(dict.fromkeys(item.strip() for item in items if item.strip()))


def first_of(text: str) -> str:
    """Return the first of several values in `text`; empty where there is only one."""
    parts = [part.strip() for part in _SEVERAL.split(text)]
    found = [part for part in parts if part]
    return found[0] if len(found) > 1 else ""


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
