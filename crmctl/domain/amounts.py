"""Amounts as people write them: separators, signs, brackets, thousands and currencies."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from crmctl.domain import money
from crmctl.domain.kinds import DecimalMark
from crmctl.errors import UsageError

# A sign of several currencies does not say which one is meant, only which ones are not.
_SIGNS = {
    "$": "USD CAD AUD NZD HKD SGD TWD MXN ARS CLP COP BBD BMD BND BSD BZD CUP DOP FJD GYD JMD KYD"
    " LRD NAD SBD SRD TTD UYU XCD",
    "us$": "USD", "u$s": "USD", "ca$": "CAD", "c$": "CAD", "a$": "AUD", "au$": "AUD",
    "nz$": "NZD", "hk$": "HKD", "s$": "SGD", "nt$": "TWD", "mx$": "MXN", "r$": "BRL",
    "€": "EUR", "euro": "EUR", "£": "GBP", "¥": "JPY CNY", "円": "JPY", "元": "CNY", "₹": "INR",
    "₽": "RUB", "₺": "TRY", "₴": "UAH", "₩": "KRW KPW", "₪": "ILS", "₫": "VND", "฿": "THB",
    "₦": "NGN", "₱": "PHP", "₡": "CRC", "₲": "PYG", "₵": "GHS", "₸": "KZT", "₾": "GEL",
    "₼": "AZN", "֏": "AMD", "kč": "CZK", "zł": "PLN", "ft": "HUF", "fr": "CHF", "sfr": "CHF",
    "kr": "SEK NOK DKK ISK", "lei": "RON MDL", "лв": "BGN", "руб": "RUB", "грн": "UAH",  # noqa: RUF001
    "rs": "INR PKR LKR NPR MUR SCR", "rp": "IDR", "rm": "MYR", "r": "ZAR",
}  # fmt: skip
_IN_USE = frozenset(money.CODES.split())
_CURRENCIES = {sign: frozenset(codes.split()) for sign, codes in _SIGNS.items()}
_NONE: frozenset[str] = frozenset()

# Spaces of every width, and the minus signs and apostrophes that typesetters use.
_ALIKE = str.maketrans(
    dict.fromkeys("\t\u00a0\u2007\u2008\u2009\u200a\u202f", " ")
    | {"\u2212": "-", "\u2013": "-", "\u2019": "'"}
)
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
# What is before the digits, the digits with what divides them, and what is after. A point after a
# letter belongs to that, as in Rs.500.
_PARTS = re.compile(r"([^0-9]*?)((?:(?<![^\W_])[.,])?[0-9](?:[0-9 .,'_]*[0-9])?)([^0-9]*)")
# As most amounts with decimals are; the mark is the one group.
_CENTS = re.compile(r"-?[0-9]+([.,])[0-9]{1,2}")
_BETWEEN = re.compile(r"[-+() ]+")
# A stroke where cents would be: `12'000.-`, `500,--`.
_NO_CENTS = re.compile(r"(?<=[0-9])([.,]) ?[-\u2014]{1,3}(?![0-9])")
# `12k` and `1.5m`, where no letter follows that would make it the sign of a currency.
_MULTIPLE = re.compile(r" ?([km])(?![^\W_])(.*)", re.IGNORECASE)
_POWERS = {"k": 3, "m": 6}


def _number(thousands: str, decimals: str, *others: str) -> re.Pattern[str]:
    grouped = rf"[1-9][0-9]{{0,2}}([{thousands} '_])[0-9]{{3}}(?:\1[0-9]{{3}})*"
    whole = "|".join([grouped, *others, "[0-9]*"])
    return re.compile(rf"(?:{whole})({decimals}[0-9]+)?")


_NUMBERS = {
    # The second is how India counts: 1,20,000.
    DecimalMark.POINT: _number(",", r"\.", r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"),
    DecimalMark.COMMA: _number(".", ","),
}


class Number(NamedTuple):
    """A number, and the currencies that the sign or the code beside it may stand for."""

    value: Decimal
    currencies: frozenset[str] = _NONE


class OpenCurrency(UsageError):
    """A sign stands for several currencies, and nothing says which one is meant."""


class CurrencySign(NamedTuple):
    """A sign that stands for any of the currencies `possible`, in a `text`, beside a `value`."""

    text: str
    possible: frozenset[str]
    value: Decimal | None = None

    def meant(self, *at_hand: str | None, way_out: str) -> str:
        """Return the one currency of those `at_hand` that it stands for.

        At hand are those that the deal, the company and the file count in. Raises OpenCurrency,
        which says the `way_out`, if it stands for none of them, or for several, with each reading.
        """
        fitting = sorted(self.possible.intersection(code for code in at_hand if code))
        if len(fitting) == 1:
            return fitting[0]
        number = "" if self.value is None else f"{self.value.normalize():f} "
        readings = " or ".join(f"{number}{code}" for code in fitting)
        written = f" write {readings};" if readings else ""
        raise OpenCurrency(f"which currency is {self.text!r}?{written} {way_out}")


class AmountHint(StrEnum):
    """What a cell tells of its column: which mark is for decimals, or that it may be either."""

    POINT = "."
    COMMA = ","
    POINT_OR_THOUSANDS = "1.234"
    COMMA_OR_THOUSANDS = "1,234"


def hint(text: str) -> AmountHint | None:
    """Return what `text` tells of its column; nothing if it divides nothing or is no number."""
    if "." not in text and "," not in text:
        return None
    if cents := _CENTS.fullmatch(text):
        return AmountHint(cents[1])
    parts = _PARTS.fullmatch(_plain_signs(text))
    digits = parts[2] if parts else ""
    if "." not in digits and "," not in digits:
        return None
    fitting = [mark for mark, number in _NUMBERS.items() if number.fullmatch(digits)]
    if len(fitting) == 2:
        return AmountHint.POINT_OR_THOUSANDS if "." in digits else AmountHint.COMMA_OR_THOUSANDS
    return AmountHint(fitting[0]) if fitting else None


def mark(counts: Mapping[str, int]) -> DecimalMark | None:
    """Return which mark is for decimals in a column by how often each hint was seen in it.

    Where a comma is followed by three digits in every cell that has one, it divides thousands.
    None says that it cannot be told.
    """
    point, comma = counts.get(AmountHint.POINT, 0), counts.get(AmountHint.COMMA, 0)
    if point != comma:
        return DecimalMark.POINT if point > comma else DecimalMark.COMMA
    undecided = point or counts.get(AmountHint.POINT_OR_THOUSANDS, 0)
    return None if undecided else DecimalMark.POINT


def _plain_signs(text: str) -> str:
    """Return `text` with signs and spaces as they are typed, and with no cents as zeros."""
    bare = text.translate(_ALIKE).strip()
    return _NO_CENTS.sub(r"\g<1>00", bare) if "-" in bare or "\u2014" in bare else bare


def plain(text: str, noun: str = "an amount") -> Decimal:
    """Return the number that `text` writes as crmctl itself does."""
    if not _PLAIN.fullmatch(text):
        raise UsageError(f"not {noun}: {text!r} (write it like 1200.50)")
    return Decimal(text)


def read(text: str, decimals: DecimalMark | None = None) -> Number:
    """Return the amount that `text` writes, with or without a currency, its limits unchecked.

    Raises UsageError where it is none; see `parse`.
    """
    found = parse(text, decimals, multiples=True)
    if found is None:
        example = "1200,50, as its column is" if decimals == DecimalMark.COMMA else "1200.50"
        raise UsageError(f"not an amount: {text!r} (write it like {example})")
    return found


def read_alone(text: str, code: str) -> Number:
    """Return the amount in `text`, which no column explains, where people count in `code`.

    Raises UsageError with both readings for `1,200`, unless decimals never follow a comma there.
    """
    require_one_reading(text, code)
    return read(text)


def require_one_reading(text: str, code: str) -> None:
    """Raise UsageError for `1,200`, which no column explains, where `code` does not decide it."""
    if hint(text) == AmountHint.COMMA_OR_THOUSANDS and code not in money.AFTER_A_POINT:
        _refuse_if_both(text)


def parse(text: str, decimals: DecimalMark | None, *, multiples: bool) -> Number | None:
    """Return the number that `text` writes; None where it is none.

    Without `decimals`, the text itself has to say which mark is for them; raises UsageError where
    it could be either of two numbers. With `multiples`, `12k` and `1.5m` are numbers.
    """
    # Most numbers are plain, and a point in one is for decimals only where that is known.
    clear = decimals == DecimalMark.POINT or (decimals is None and "." not in text)
    if clear and _PLAIN.fullmatch(text):
        return Number(Decimal(text))
    bare = _plain_signs(text)
    return _number_of(bare, decimals or _own_mark(bare), multiples=multiples)


def _own_mark(text: str) -> DecimalMark:
    """Return which mark is for decimals in a text that stands alone."""
    found = mark({hint(text) or "": 1})
    if found is None:
        _refuse_if_both(text)
    return found or DecimalMark.POINT


def _refuse_if_both(text: str) -> None:
    """Raise UsageError where `text` is a number with either mark, and say both."""
    bare = _plain_signs(text)
    read_by = [_number_of(bare, each, multiples=True) for each in DecimalMark]
    values = [found.value for found in read_by if found]
    if len(values) == 2:
        written = " or ".join(_unmistakable(value) for value in sorted(values, key=abs)[::-1])
        raise UsageError(f"thousands or decimals in {text!r}? write {written}")


def _unmistakable(value: Decimal) -> str:
    """Return a way to write `value` in which no mark could be for thousands."""
    digits = f"{value.normalize():f}"
    return f"{digits}0" if len(digits.partition(".")[2]) == 3 else digits


def _number_of(text: str, decimals: DecimalMark, *, multiples: bool) -> Number | None:
    parts = _PARTS.fullmatch(text)
    found = parts and _NUMBERS[decimals].fullmatch(parts[2])
    if not parts or not found:
        return None
    before, digits, after = parts.groups()
    power = 0
    if multiples and (multiple := _MULTIPLE.fullmatch(after)):
        power, after = _POWERS[multiple[1].lower()], multiple[2]
    sign, currencies = _sign(before, after), _currencies(before, after)
    if sign is None or currencies is None:
        return None
    # Of the digits, the last ones are the fraction.
    places = len(found[2]) - 1 if found[2] else 0
    exact = Decimal(f"{sign}{re.sub('[^0-9]', '', digits)}E{power - places}")
    return Number(exact, currencies)


def _sign(before: str, after: str) -> str | None:
    """Return the sign of a number between `before` and `after`; brackets are a minus."""
    around = before + after
    opened, closed = before.count("("), after.count(")")
    minus, plus = around.count("-"), around.count("+")
    if around.count("(") + around.count(")") != opened + closed or opened != closed:
        return None
    if minus + plus + opened > 1:
        return None
    return "-" if minus or opened else ""


def _currencies(before: str, after: str) -> frozenset[str] | None:
    """Return the currencies that the words around a number have in common; None for other words."""
    words = [word for part in (before, after) for word in _BETWEEN.split(part) if word]
    if not words:
        return _NONE
    found = [_named(word) for word in words]
    common = found[0].intersection(*found[1:])
    return common if len(words) <= 2 and common else None


def _named(word: str) -> frozenset[str]:
    name = word.rstrip(".").lower()
    if name in _CURRENCIES:
        return _CURRENCIES[name]
    code = name.upper()
    return frozenset({code}) if code in _IN_USE else _NONE


def currencies_in(text: str) -> str | None:
    """Return the currencies that a cell may name, alone or with an amount, divided by spaces."""
    if text[-1:].isdigit() and text[:1] in "0123456789-.":
        return None
    parts = _PARTS.fullmatch(_plain_signs(text))
    if parts is None:
        found: frozenset[str] | None = _named(text)
    else:
        multiple = _MULTIPLE.fullmatch(parts[3])
        found = _currencies(parts[1], multiple[2] if multiple else parts[3])
    return " ".join(sorted(found)) if found else None


def currency(text: str) -> str:
    """Return the code of the currency that `text` names by its code or its sign."""
    found = _CURRENCIES.get(text.rstrip(".").lower(), _NONE)
    if len(found) > 1:
        raise OpenCurrency(f"{text!r} stands for more than one currency (write a code such as USD)")
    return next(iter(found)) if found else money.currency(text)


def sign_in(text: str) -> str:
    """Return what stands beside the digits of an amount; all of what is none."""
    parts = _PARTS.fullmatch(_plain_signs(text))
    if parts is None:
        return text.strip()
    multiple = _MULTIPLE.fullmatch(parts[3])
    return f"{parts[1]} {multiple[2] if multiple else parts[3]}".strip(" -+()")


def is_sign(text: str) -> bool:
    """Return whether `text` is a sign of currencies, of one or of several."""
    return text.rstrip(".").lower() in _CURRENCIES


def currency_beside(text: str, found: Number, named: str | None) -> str | CurrencySign | None:
    """Return the currency of the amount that `text` writes, which was `found` in it.

    That is the one `named` elsewhere, or the one that the text names, or None where neither names
    one. A sign of several is returned as it is: what it means is for the deal to say as well.
    Raises UsageError where the text names another than `named`.
    """
    possible = found.currencies
    if not possible:
        return named
    if named is not None:
        if named not in possible:
            raise UsageError(f"{text!r} is no amount in {named}")
        return named
    if len(possible) == 1:
        return next(iter(possible))
    return CurrencySign(text, possible, found.value)
