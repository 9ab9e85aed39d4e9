"""Cells that name records of another list: with an address or an id in brackets, or several.

HubSpot writes `Max Roe (max@roe.example)`, `Acme Inc (151)` and `Beta LLC;Gamma LLC`.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from crmctl.domain.importing.units import word_set, words_of

#: What a column of such names is called, in one of its words.
_WORDS = word_set("associated association associations linked related")
_ADDRESS = r"[^\s@()<>;]+@[^\s@()<>;]+\.[^\s@()<>;]+"
_WITH_ADDRESS = re.compile(rf"(\S[^;]*?)\s*[(<]({_ADDRESS})[)>]")
_WITH_ID = re.compile(r"(\S[^;]*?)\s*\(([0-9]+)\)", re.ASCII)
_ALONE = re.compile(f"{_ADDRESS}|[0-9]+", re.ASCII)
_SEVERAL = re.compile(r"\s*;\s*")
# A name may have one as well, before a space.
_CLOSE = re.compile(r";(?=\S)")


class Named(NamedTuple):
    """What a cell calls a record: the first one, where it names `several`."""

    name: str
    email: str = ""
    external_id: str = ""
    several: bool = False


def is_association(column: str) -> bool:
    """Return whether a column is called as one that names records of another list."""
    return not _WORDS.isdisjoint(words_of(column))


def are_numbered(texts: Iterable[str]) -> bool:
    """Return whether each of `texts` has the id of whatever it names in brackets.

    One that has none shows that what stands in brackets may be part of a name.
    """
    parts = [part for text in texts for part in _SEVERAL.split(text) if part]
    return bool(parts) and all(map(_WITH_ID.fullmatch, parts))


def read(text: str, *, numbered: bool) -> Named:
    """Return what `text` names, with the ids in brackets that `numbered` cells have.

    What stands between semicolons are names of their own where each has an address or an id, or
    where no space follows, as hardly anyone writes names.
    """
    forms = (_WITH_ADDRESS, _WITH_ID) if numbered else (_WITH_ADDRESS,)
    parts = [part for part in _SEVERAL.split(text) if part]
    if not all(_ALONE.fullmatch(part) or _form_of(part, forms) for part in parts):
        parts = [part.strip() for part in _CLOSE.split(text) if part.strip()]
    if not parts:
        return Named(text)
    first, several = parts[0], len(parts) > 1
    form = _form_of(first, forms)
    if form is None:
        return Named(first, several=several)
    name, inside = form.groups()
    if form.re is _WITH_ID:
        return Named(name, external_id=inside, several=several)
    return Named(name, email=inside, several=several)


def _form_of(text: str, forms: Iterable[re.Pattern[str]]) -> re.Match[str] | None:
    return next((found for form in forms if (found := form.fullmatch(text))), None)
