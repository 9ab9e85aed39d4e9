"""Amounts of money and probabilities: exact decimals, read, added and shown."""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from crmctl.errors import UsageError

#: Decimal places kept of an amount; the scale of the amount columns.
PLACES = 4
#: Largest amount that NUMERIC(19,4) and a 64-bit count of ten-thousandths both hold.
LIMIT = Decimal(10) ** 14

#: Decimal places of a currency's smallest unit where that is not two (ISO 4217).
MINOR_UNITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}  # fmt: skip

_AMOUNT = re.compile(r"[+-]?\d+(\.\d+)?")
_MULTIPLES = {"k": Decimal(1_000), "m": Decimal(1_000_000)}


def amount(text: str) -> Decimal:
    """Return the amount that `text` writes: `1200`, `1200.50`, `1,200.50`, `12k`, `1.5m`.

    Raises UsageError where it is no number, has more than four decimals or is over the limit.
    """
    plain = text.strip().replace(" ", "").replace("_", "")
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?[kKmM]?", plain):
        plain = plain.replace(",", "")
    multiple = _MULTIPLES.get(plain[-1:].lower())
    digits = plain[:-1] if multiple else plain
    if not digits.isascii() or not _AMOUNT.fullmatch(digits):
        raise UsageError(f"not an amount: {text!r} (write it like 1200.50)")
    value = Decimal(digits) * (multiple or 1)
    return check_amount(value)


def check_amount(value: Decimal) -> Decimal:
    """Return `value` if the database can hold it exactly, and raise UsageError if not."""
    if not value.is_finite() or abs(value) >= LIMIT:
        raise UsageError(f"an amount must be below {LIMIT:,}: {value}")
    exact = value.quantize(Decimal(1).scaleb(-PLACES))
    if exact != value:
        raise UsageError(f"an amount has at most {PLACES} decimals: {value}")
    return exact


def currency(text: str) -> str:
    """Return the ISO 4217 code that `text` is, in capitals."""
    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise UsageError(f"not a currency code: {text!r} (three letters, such as EUR)")
    return code


def probability(text: str) -> Decimal:
    """Return the fraction from 0 to 1 that `text` writes: `60%`, `60` and `0.6` are the same.

    A bare `1` is 1 %, as `2` is 2 %; a number with a decimal point up to 1.0 is a fraction.
    """
    plain = text.strip()
    percent = plain.endswith("%")
    try:
        value = Decimal(plain.removesuffix("%").strip())
    except InvalidOperation:
        raise UsageError(f"not a probability: {text!r} (write it like 60%)") from None
    if percent or "." not in plain or value > 1:
        value /= 100
    return check_probability(value, text)


def check_probability(value: Decimal, text: str = "") -> Decimal:
    """Return `value` if it is a fraction from 0 to 1 with at most four decimals."""
    if not value.is_finite() or not 0 <= value <= 1:
        raise UsageError(f"a probability is between 0% and 100%: {text or value}")
    exact = value.quantize(Decimal("0.0001"))
    if exact != value:
        raise UsageError(f"a probability has at most two decimals of a percent: {text or value}")
    return exact


def rounded(value: Decimal, code: str) -> Decimal:
    """Return `value` in whole minor units of the currency `code`, halves to even.

    Sums are taken on unrounded values and rounded by this once, when they are shown.
    """
    return value.quantize(Decimal(1).scaleb(-MINOR_UNITS.get(code, 2)), ROUND_HALF_EVEN)


def shown(value: Decimal | None, code: str | None) -> str:
    """Return `value` for a person: `12,500.00 EUR`; without an amount, a dash."""
    if value is None:
        return "-"
    if code is None:
        return f"{value:,f}"
    return f"{rounded(value, code):,f} {code}"


def short(value: Decimal, code: str) -> str:
    """Return `value` for a narrow place, in three digits or so: `12.5k EUR`, `950 EUR`."""
    for step, unit in ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"), (Decimal(10) ** 3, "k")):
        # 999,950 is shown as 1m, not as 1000k: the step is chosen on the rounded value.
        if abs(value) >= step - step / 2000:
            scaled = (value / step).quantize(Decimal("0.1"), ROUND_HALF_EVEN)
            return f"{scaled.normalize():f}{unit} {code}"
    return f"{value.quantize(Decimal(1), ROUND_HALF_EVEN):f} {code}"


def plain(value: Decimal | None) -> str | None:
    """Return `value` as JSON and CSV carry it: digits with two decimals or as many as it has."""
    if value is None:
        return None
    exact = value.normalize()
    exponent = exact.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{value:.{places}f}"


def totals(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Return the sum of `amounts` for each currency: unlike currencies are never added."""
    sums: dict[str, Decimal] = {}
    for code, value in amounts:
        sums[code] = sums.get(code, Decimal(0)) + value
    return dict(sorted(sums.items()))
