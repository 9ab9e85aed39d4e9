"""Texts that a spreadsheet would run as a formula, and how an export keeps it from that."""

import re

# What a spreadsheet would run as a formula is exported with an apostrophe in front.
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")


def original(text: str) -> str:
    """Return `text` as it was before an export made it safe for spreadsheets."""
    return text[1:] if text[:1] == "'" and _NEUTRALISED.match(text) else text


def protected(text: str) -> str:
    """Return `text` such that `original` gives it back."""
    return f"'{text}" if _NEUTRALISED.match(text) else text
