"""Probabilities as people write them: percents, or fractions of one."""

import re
from collections.abc import Mapping
from decimal import Context, Decimal, InvalidOperation
from enum import StrEnum

from crmctl.domain import money
from crmctl.errors import UsageError

_WRITTEN = re.compile(r"([0-9]{1,3}|[0-9]{0,3}\.[0-9]+) ?(%?)")


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


def read(text: str, scale: Scale | None = None, *, mixed: bool = False) -> Decimal:
    """Return the fraction from 0 to 1 that `text` writes: `60%`, `60`, `0.6` and `0,6`.

    Without the `scale` of a column, a number with a decimal point below 1 is a fraction. Then,
    and where scales are `mixed`, a bare 1 or 1.0 is refused: a spreadsheet writes 100 % and 1 %
    alike. So is a number of the other scale, and a fraction where they are `mixed` and none is
    said.
    """
    number = text.strip().replace(",", ".")
    match = _WRITTEN.fullmatch(number)
    if not match:
        raise UsageError(f"not a probability: {text!r} (write it like 60%)")
    value = Decimal(match[1])
    if match[2] or _scale(text, value, scale, mixed=mixed) == Scale.PERCENT:
        value = Context(prec=len(text) + 8).scaleb(value, -2)
    return money.check_probability(value, text)


def _scale(text: str, value: Decimal, scale: Scale | None, *, mixed: bool) -> Scale:
    """Return the scale of a number without a percent sign."""
    shown = hint(text)
    whole = "." not in text and "," not in text
    if value == 1 and (mixed or scale is None):
        raise UsageError("1% or 100%? write it like 1% or 100%")
    if scale is None:
        if mixed and shown == Scale.FRACTION:
            raise UsageError(f"is {text} below 1% or not? write it with a percent sign")
        return Scale.PERCENT if whole or value > 1 else Scale.FRACTION
    if shown not in (None, scale):
        raise UsageError(f"{text} among {scale}s: write it with a percent sign")
    return scale


def percent(fraction: Decimal) -> str:
    """Return a fraction as people write it: `60%`, `12.5%`."""
    return f"{(fraction * 100).normalize():f}%"
