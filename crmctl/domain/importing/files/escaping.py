"""Texts that a spreadsheet would run as a formula, and how an export keeps it from that."""

import re

# What Excel, LibreOffice and Google Sheets take for the start of a formula (OWASP, CSV injection):
# full-width and small signs too, which they make plain ones of, and white space in front of it.
_START = "[=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]"
_FORMULA = re.compile(f"'*{_START}")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
# Such a text is exported with an apostrophe in front.
_NEUTRALISED = re.compile(f"'+{_START}")


def neutralised(text: str) -> str:
    """Return `text` such that no spreadsheet runs it as a formula; `original` gives it back."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def original(text: str) -> str:
    """Return `text` as it was before an export made it safe for spreadsheets."""
    return text[1:] if text[:1] == "'" and _NEUTRALISED.match(text) else text


def protected(text: str) -> str:
    """Return `text` such that `original` gives it back."""
    return f"'{text}" if _NEUTRALISED.match(text) else text
