"""Texts that a spreadsheet would run as a formula, and how an export keeps it from that."""

import re

# What Excel, LibreOffice and Google Sheets take for the start of a formula (OWASP, CSV injection):
# full-width and small signs too, which they make plain ones of, and white space in front of it.
_START = "[=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]"
_FORMULA = re.compile(f"'*{_START}")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
# Such a text is exported with an apostrophe in front.
_NEUTRALISED = re.compile(f"'+{_START}")


# Where a semicolon or a tab divides cells, as in much of Europe, a formula may begin behind it.
_DIVIDED = re.compile(f"([;\t][ \u00a0]*)('*{_START})")
_DIVIDED_SAFELY = re.compile(f"([;\t][ \u00a0]*)'('*{_START})")


def neutralised(text: str) -> str:
    """Return `text` such that no spreadsheet runs it as a formula; `original` gives it back.

    Such a text has an apostrophe in front, and one before each formula behind a separator.
    """
    starts = _FORMULA.match(text) and not _NUMBER.fullmatch(text)
    return _escaped(text) if starts or (_may_divide(text) and _DIVIDED.search(text)) else text


def original(text: str) -> str:
    """Return `text` as it was before an export made it safe for spreadsheets."""
    return _DIVIDED_SAFELY.sub(r"\1\2", text[1:]) if _is_escaped(text) else text


def protected(text: str) -> str:
    """Return `text` such that `original` gives it back."""
    return _escaped(text) if _is_escaped(text) else text


def _escaped(text: str) -> str:
    return "'" + _DIVIDED.sub(r"\1'\2", text)


def _is_escaped(text: str) -> bool:
    if text[:1] != "'":
        return False
    divided = _may_divide(text) and _DIVIDED_SAFELY.search(text)
    return bool(divided or _NEUTRALISED.match(text))


def _may_divide(text: str) -> bool:
    return ";" in text or "\t" in text
