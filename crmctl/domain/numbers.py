"""Numbers that are no money, and durations, as people write them."""

import re
from decimal import Decimal

from crmctl.domain import amounts
from crmctl.domain.kinds import DecimalMark
from crmctl.errors import UsageError

_EXPONENT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+", re.ASCII)
_CLOCK = re.compile(r"([0-9]{1,4}):([0-5][0-9])(:[0-5][0-9])?")
_MINUTES = re.compile(r"[0-9]{1,6}")


def read(text: str, decimals: DecimalMark | None = None) -> Decimal:
    """Return the number that `text` writes; raises UsageError where it is none or could be two."""
    # One with an exponent is no matter of separators.
    if _EXPONENT.fullmatch(text):
        return Decimal(text)
    found = amounts.parse(text, decimals, multiples=False)
    if found is None:
        example = "1200,50, as its column is" if decimals == DecimalMark.COMMA else "1200.50"
        raise UsageError(f"not a number: {text!r} (write it like {example})")
    if found.currencies:
        raise UsageError(f"a number has no currency: {text!r}")
    return found.value


def read_alone(text: str, code: str) -> Decimal:
    """Return the number in `text`, which no column explains, where people count in `code`.

    Raises UsageError with both readings for `1,200`, unless decimals never follow a comma there.
    """
    amounts.require_one_reading(text, code)
    return read(text)


def plain(text: str) -> Decimal:
    """Return the number that `text` writes as crmctl itself does."""
    return Decimal(text) if _EXPONENT.fullmatch(text) else amounts.plain(text, "a number")


def whole(text: str, decimals: DecimalMark | None = None) -> int:
    """Return the whole number that `text` writes; decimals of it must be zeros."""
    found = amounts.parse(text, decimals, multiples=False)
    if found is None or found.currencies or found.value != found.value.to_integral_value():
        raise UsageError(f"not a whole number: {text!r}")
    return int(found.value)


def minutes(text: str) -> int:
    """Return a duration, `90` or `1:30` or `01:30:00`, in minutes; seconds are dropped."""
    bare = text.strip()
    if clock := _CLOCK.fullmatch(bare):
        return int(clock[1]) * 60 + int(clock[2])
    if not _MINUTES.fullmatch(bare):
        raise UsageError(f"not a duration: {text} (90 or 1:30)")
    return int(bare)
