"""Texts that a spreadsheet would run as a formula, and how an export keeps it from that."""

import re

# What Excel, LibreOffice and Google Sheets take for the start of a formula (OWASP, CSV injection).
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
# Such a text is exported with an apostrophe in front.
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")


def neutralised(text: str) -> str:
    """Return `text` such that no spreadsheet runs it as a formula; `original` gives it back."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def original(text: str) -> str:
    """Return `text` as it was before an export made it safe for spreadsheets."""
    return text[1:] if text[:1] == "'" and _NEUTRALISED.match(text) else text


def protected(text: str) -> str:
    """Return `text` such that `original` gives it back."""
    return f"'{text}" if _NEUTRALISED.match(text) else text
