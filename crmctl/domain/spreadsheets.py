"""What a spreadsheet leaves of long numbers: 15 digits, and of those that it shows but a few."""

import re
from collections.abc import Iterable

from crmctl.errors import UsageError

# It writes a sign before the exponent; an id that rightly looks so, such as 219E01, has none. With
# decimals, whatever has an exponent was a number.
_EXPONENT = re.compile(r"[1-9](?:[.,][0-9]+)?[eE]\+[0-9]{2,3}|[1-9][.,][0-9]+[eE][0-9]{2,3}", re.A)
# What a spreadsheet shows where a formula has no result, in the languages of the West.
_ERRORS = frozenset(
    [
        "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!",
        "#GETTING_DATA", "#NV", "#BEZUG!", "#WERT!", "#ZAHL!", "#NOM?", "#VALEUR!", "#NOMBRE?",
        "#NOMBRE!", "#¡NUM!", "#¡REF!", "#¡VALOR!", "#¡DIV/0!", "#¿NOMBRE?", "#NOME?", "#VALORE!",
        "#RIF!", "#VALOR!",
    ]
)  # fmt: skip
#: The digits that a spreadsheet keeps.
_KEPT = 15
_DIGITS = re.compile(r"[0-9]+", re.A)
#: From how many zeros on, where more digits were, that is no chance: one in a thousand.
_ZEROS = 3


def refuse_error(text: str) -> str:
    """Return `text`; raises UsageError where it is what a spreadsheet shows in place of a value."""
    if text[:1] == "#" and text.upper() in _ERRORS:
        raise UsageError(f"{text} is an error of a spreadsheet, not a value")
    return text


def is_rounded(text: str) -> bool:
    """Return whether `text` is a long number as a spreadsheet shows it: `1.23457E+11`."""
    # Nearly no text comes to the expression.
    return ("E" in text or "e" in text) and _EXPONENT.fullmatch(text.strip()) is not None


def refuse_rounded(text: str) -> str:
    """Return `text`, an id or a phone number; raises UsageError for one that is rounded."""
    if is_rounded(text):
        raise UsageError(f"{text} {why_rounded()}")
    return text


def why_rounded() -> str:
    """Return what is said of a number that is rounded, after the number."""
    return "was rounded by a spreadsheet: export it with this column as text"


def cut_numbers(texts: Iterable[str]) -> frozenset[str]:
    """Return those of `texts`, the cells of a column, whose last digits became zeros.

    They did where all digits past the fifteenth are zeros, in all numbers of the column that have
    some: other systems than spreadsheets give such ids, and one of them may end so.
    """
    long = [text for text in texts if len(text) > _KEPT and _DIGITS.fullmatch(text)]
    ends = "".join(text[_KEPT:] for text in long)
    return frozenset(long) if len(ends) >= _ZEROS and not ends.strip("0") else frozenset()
