"""Amounts of money and probabilities: exact decimals, checked, rounded and shown."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache

from crmctl.errors import UsageError

#: Decimal places kept of an amount; the scale of the amount columns.
PLACES = 4
#: Largest amount that NUMERIC(19,4) and a 64-bit count of ten-thousandths both hold.
LIMIT = Decimal(10) ** 14

#: Decimal places of a currency's smallest unit where that is not two (ISO 4217).
MINOR_UNITS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "CLF": 4, "UYW": 4,
}  # fmt: skip

#: The currencies and units of account of ISO 4217: the commonest first, then the others in use,
#: then those that were given up since 2015, because old deals are in them.
CODES = (
    "USD EUR GBP JPY CNY CHF CAD AUD INR BRL MXN SEK NOK DKK PLN NZD SGD HKD KRW ZAR"
    " AED AFN ALL AMD AOA ARS AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BSD BTN BWP BYN BZD"
    " CDF CHE CHW CLF CLP COP COU CRC CUP CVE CZK DJF DOP DZD EGP ERN ETB FJD FKP GEL GHS GIP"
    " GMD GNF GTQ GYD HNL HTG HUF IDR ILS IQD IRR ISK JMD JOD KES KGS KHR KMF KPW KWD KYD KZT"
    " LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXV MYR MZN NAD NGN"
    " NIO NPR OMR PAB PEN PGK PHP PKR PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SHP SLE SOS SRD"
    " SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USN UYI UYU UYW UZS VED"
    " VES VND VUV WST XAF XCD XCG XDR XOF XPF YER ZMW ZWG"
    " ANG BGN BYR CUC HRK LTL MRO SLL STD VEF ZWL"
)

_POINT = (
    "USD GBP JPY CNY AUD NZD HKD SGD TWD KRW INR PKR LKR BDT NPR MYR THB PHP MXN ILS NGN KES GHS"
    " UGX TZS JMD TTD BBD BSD BZD BMD KYD GIP FKP SHP XCD MVR BTN MMK"
)
#: The currencies of countries in which decimals follow a point, and never a comma.
AFTER_A_POINT = frozenset(_POINT.split())


# Made once: an import asks for each of its rows.
_UNITS = [Decimal(1).scaleb(-places) for places in range(PLACES + 1)]
_STORED_UNIT = _UNITS[PLACES]
_WIDE = Context(prec=60)


def check_amount(value: Decimal) -> Decimal:
    """Return `value` if the database can hold it exactly, and raise UsageError if not."""
    if not value.is_finite() or not -LIMIT < value < LIMIT:
        raise UsageError(f"an amount must be below {LIMIT:,}: {value}")
    exact = value.quantize(_STORED_UNIT)
    if exact != value:
        raise UsageError(f"an amount has at most {PLACES} decimals: {value}")
    return exact if exact else abs(exact)


def too_fine(value: Decimal, code: str) -> str | None:
    """Return why there is no amount of `value` in the currency `code`; None if there is one.

    What is finer than the smallest unit would be shown rounded, and not add up.
    """
    places = MINOR_UNITS.get(code, 2)
    if rounded(value, code) == value:
        return None
    unit = f"has {places} decimals" if places else "has no decimals"
    return f"{code} {unit}: {plain(value)}"


def currency(text: str) -> str:
    """Return the ISO 4217 code that `text` is, in capitals."""
    code = text.strip().upper()
    if text.isascii() and code in _codes():
        return code
    close = _closest(code)
    hint = f"did you mean {close}?" if close else "one of ISO 4217, such as EUR"
    raise UsageError(f"not a currency code: {text!r} ({hint})")


@cache
def _codes() -> frozenset[str]:
    return frozenset(CODES.split())


def _closest(code: str) -> str | None:
    """Return the code that has the letters of `code` in another order, or two of them in place."""
    codes = CODES.split()
    swapped = (known for known in codes if sorted(known) == sorted(code))
    slipped = (
        known for known in codes if len(code) == 3 and sum(map(str.__eq__, known, code)) == 2
    )
    return next(swapped, None) or next(slipped, None)


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
    return _rounded(value, _UNITS[MINOR_UNITS.get(code, 2)])


def _rounded(value: Decimal, unit: Decimal) -> Decimal:
    """Return `value` in whole `unit`s. A sum may have more digits than the usual 28."""
    exact = value.quantize(unit, ROUND_HALF_EVEN, _WIDE)
    return exact if exact else abs(exact)


def shown(value: Decimal | None, code: str | None) -> str:
    """Return `value` for a person: `12,500.00 EUR`; without an amount, a dash."""
    if value is None:
        return "-"
    if code is None:
        return f"{value:,f}"
    return f"{rounded(value, code):,f} {code}"


#: Units of a short amount, with half a digit of the unit below: 999,950 is 1m, and not 1000k.
_STEPS = (
    (Decimal(10) ** 9, "bn", Decimal(50_000)),
    (Decimal(10) ** 6, "m", Decimal(50)),
    (Decimal(10) ** 3, "k", Decimal("0.5")),
)


def short(value: Decimal, code: str) -> str:
    """Return `value` for a narrow place, in three digits or so: `12.5k EUR`, `950 EUR`."""
    for step, unit, below in _STEPS:
        if abs(value) >= step - below:
            scaled = _rounded(value / step, Decimal("0.1"))
            return f"{scaled.normalize():f}{unit} {code}"
    return f"{_rounded(value, Decimal(1)):f} {code}"


def plain(value: Decimal | None) -> str | None:
    """Return `value` as JSON and CSV carry it: digits with two decimals or as many as it has."""
    if value is None:
        return None
    exact = value.normalize()
    exponent = exact.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{value:.{places}f}"
