"""Probabilities as people write them: percents, or fractions of one."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from crmctl.domain import money
from crmctl.errors import UsageError


class Scale(StrEnum):
    """What 1 means in a column of numbers without a percent sign."""

    PERCENT = "percent"
    FRACTION = "fraction"


def hint(text: str) -> Scale | None:
    """Return the scale that `text` shows; nothing for 0, 1 and what has a percent sign."""
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    if not value.is_finite() or value in (0, 1):
        return None
    return Scale.PERCENT if value > 1 else Scale.FRACTION


def scale(counts: Mapping[str, int]) -> Scale | None:
    """Return the scale of a column by how often each was seen in it."""
    percents, fractions = counts.get(Scale.PERCENT, 0), counts.get(Scale.FRACTION, 0)
    if not percents and not fractions:
        return None
    return Scale.PERCENT if percents >= fractions else Scale.FRACTION


def read(text: str, scale: Scale | None, *, mixed: bool = False) -> Decimal:
    """Return the fraction that `text` writes in a column of `scale`.

    Without a scale, and where scales are `mixed`, a bare 1 is refused: a spreadsheet writes 100 %
    and 1 % alike. So is a number of the other scale, and a fraction where they are `mixed` and none
    is said.
    """
    number = text.replace(",", ".")
    if "%" in number:
        return money.probability(number)
    if number == "1" and (mixed or scale is None):
        raise UsageError("1% or 100%? write it like 1% or 100%")
    if mixed and scale is None and hint(text) == Scale.FRACTION:
        raise UsageError(f"is {text} below 1% or not? write it with a percent sign")
    if scale is None:
        return money.probability(number)
    if hint(text) not in (None, scale):
        raise UsageError(f"{text} among {scale}s: write it with a percent sign")
    return money.probability(f"{number}%") if scale == Scale.PERCENT else _fraction(number)


def _fraction(text: str) -> Decimal:
    # A bare 1 would be 1 %.
    return money.probability(text if "." in text else f"{text}.0")
