"""What a format of cells shows besides digits: a currency, a percent sign, a month without days."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial

from crmctl.domain import amounts

#: From a cell's value to its text with what its format adds, as a person would write it; empty
#: where that is the value itself.
Written = Callable[[str], str]

#: Formats in the currency of whoever looks at the workbook, whatever it was made in.
_OF_READER = {*range(5, 9), *range(37, 45)}
#: A month by the name that every spreadsheet knows it by.
MONTH = 17
# A text in quotes, a character, a width or a filling, a sign with its place, another bracket.
_PIECE = re.compile(
    r'"([^"]*)"|\\(.)|[_*].|\[\$([^\]-]*)-?([^\]]*)\]|\[[^\]]*\]|general|(.)', re.I | re.DOTALL
)
_DIVIDING = re.compile(r"[-+()\s]+")
_SCALED = re.compile(r"[0#?],+(?![0#?,])")
_MULTIPLES = "kKmM"
#: Places by what Windows calls their languages by, and their currencies.
_PLACES = {
    0x404: "TW", 0x406: "DK", 0x409: "US", 0x40F: "IS", 0x411: "JP", 0x412: "KR", 0x414: "NO",
    0x418: "RO", 0x41D: "SE", 0x420: "PK", 0x438: "DK", 0x439: "IN", 0x43B: "NO", 0x45B: "LK",
    0x461: "NP", 0x804: "CN", 0x80A: "MX", 0x814: "NO", 0x818: "MD", 0xC04: "HK", 0xC09: "AU",
    0xC0C: "CA", 0x1004: "SG", 0x1009: "CA", 0x1409: "NZ", 0x2009: "JM", 0x240A: "CO",
    0x2C09: "TT", 0x2C0A: "AR", 0x340A: "CL", 0x3C09: "HK", 0x4009: "IN", 0x4809: "SG",
    0x540A: "US",
}  # fmt: skip
_CURRENCIES = {
    "TW": "TWD", "DK": "DKK", "US": "USD", "IS": "ISK", "JP": "JPY", "KR": "KRW", "NO": "NOK",
    "RO": "RON", "SE": "SEK", "PK": "PKR", "IN": "INR", "LK": "LKR", "NP": "NPR", "CN": "CNY",
    "MX": "MXN", "MD": "MDL", "HK": "HKD", "AU": "AUD", "CA": "CAD", "SG": "SGD", "NZ": "NZD",
    "JM": "JMD", "CO": "COP", "TT": "TTD", "AR": "ARS", "CL": "CLP",
}  # fmt: skip


def of_number(number: int, code: str) -> Written | None:
    """Return how a number of a format is written; None where that adds nothing to it."""
    words, place, plain = "", "", ""
    for text, symbol_of, character in _pieces(code):
        words += text or (" " if character in "0#?.,@" else character)
        place, plain = symbol_of or place, plain + character
    if "%" in plain:
        return _percent
    if "%" in words:
        return "{}%".format
    named = "" if number in _OF_READER else _currency(words, place, bool(_SCALED.search(plain)))
    return f"{{}} {named}".format if named else None


def of_day(plain: str) -> Written | None:
    """Return how a day is written that a format of letters shows in part; None for all of it."""
    if re.search(r"[dhs]", plain):
        return None
    return partial(_beginning, 7, "-01") if "m" in plain else partial(_beginning, 4, "-01-01")


def _beginning(length: int, first: str, day: str) -> str:
    """Return so much of a day, if that is the `first` one: another was set on purpose."""
    return day[:length] if len(day) == length + len(first) and day.endswith(first) else ""


def _percent(value: str) -> str:
    return f"{Decimal(value).scaleb(2):f}%"


def _pieces(code: str) -> Iterator[tuple[str, str, str]]:
    """Yield each text of a format's first part with its place, or a character that is a rule."""
    for piece in _PIECE.finditer(code):
        quoted, escaped, symbol, place, plain = piece.groups()
        if plain == ";":
            return
        yield quoted or escaped or symbol or "", place if symbol else "", plain or ""


def _currency(text: str, place: str, scaled: bool) -> str:
    """Return the code or the sign of a currency among the words of a format."""
    words = [word for word in _DIVIDING.split(text) if word]
    if len(words) > 1 and (whole := _named("".join(words), scaled=scaled)):
        return whole
    found = " ".join(filter(None, (_named(word, scaled=scaled) for word in words)))
    codes = (amounts.currencies_in(f"1 {found}") or "").split() if found else []
    if len(codes) > 1 and (local := _CURRENCIES.get(_region(place))) in codes:
        return local or ""
    return found if codes else ""


def _named(word: str, *, scaled: bool) -> str:
    """Return the currency that `word` is, with what multiplies it unless cells are `scaled` so."""
    if amounts.currencies_in(word):
        return word
    if word[:1] in _MULTIPLES and amounts.currencies_in(word[1:]):
        return word[1:] if scaled else word
    return ""


def _region(place: str) -> str:
    """Return the country of a place such as 41D or sv-SE."""
    try:
        return _PLACES.get(int(place, 16) & 0xFFFF, "")
    except ValueError:
        return place.rpartition("-")[2].upper()
