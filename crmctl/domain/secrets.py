"""Passwords in what was typed: masked wherever that is recorded or said."""

import re
from functools import cache

#: What stands in the place of a password.
MASK = "***"
# Databases take passwords with any character in them; in other URLs a path may hold an @.
_CREDENTIALS = (
    r"(\b(?:postgres|postgresql|mysql|mariadb|mssql|oracle|mongodb)(?:\+\w+)?://[^\s:@/]*:)\S+(?=@)",
    r"(\b[a-z][a-z0-9+.-]*://[^\s/?#:@]*:)[^\s/?#]+(?=@)",
)
_NAMES = r"(?:ssl)?pass(?:word|wd)?|pwd|secret|client_secret|(?:access_|auth_)?token|api_?key"
_PARAMETER = rf"([?&](?:{_NAMES})=)[^\s&#'\"]+"
# A connection as libpq writes it: host=db user=ann password='it is'. Quotes may be quoted again by
# a shell, so what is between them goes with all that follows.
_CONNECTION = r"\b(?:host|hostaddr|dbname|user)\s*="
_WORD = r"(\b(?:ssl)?password\s*=\s*)(?:'.*|[^\s'\"]+)"


def without_secrets(text: str) -> str:
    """Return `text` with the passwords in its URLs and connections masked."""
    if "://" in text:
        for pattern in (*_CREDENTIALS, _PARAMETER):
            text = _pattern(pattern).sub(rf"\1{MASK}", text)
    if "password" in text.lower() and _pattern(_CONNECTION).search(text):
        text = _pattern(_WORD).sub(rf"\1{MASK}", text)
    return text


def without_secrets_in(value: object) -> object:
    """Return a value that JSON can hold with the passwords in all its texts masked."""
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, list):
        return [without_secrets_in(item) for item in value]
    if isinstance(value, dict):
        return {without_secrets(name): without_secrets_in(item) for name, item in value.items()}
    return value


def has_mask(value: object) -> bool:
    """Return whether a password was masked in one of the texts of `value`."""
    if isinstance(value, str):
        return any(mark in value for mark in (f":{MASK}@", f"={MASK}", f"= {MASK}"))
    if isinstance(value, dict):
        return any(map(has_mask, [*value, *value.values()]))
    return isinstance(value, list) and any(map(has_mask, value))


@cache
def _pattern(text: str) -> "re.Pattern[str]":
    # Most commands need none, and pay for none.
    return re.compile(text, re.IGNORECASE | re.DOTALL)
