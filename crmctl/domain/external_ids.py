"""Ids of other systems: which system and kind of record they are of.

A source names a system, and the kind of record where it is known, because a system may give one id
to records of several kinds: `hubspot/contact`. Without a system, it is the kind alone.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache

from crmctl.domain.kinds import Entity

#: The words by which the name of a column tells of which kind of record its ids are.
_WORDS = {
    Entity.CUSTOMER: {
        "company": "company companies account accounts organization organizations organisation"
        " organisations",
        "contact": "contact contacts person persons people",
        "lead": "lead leads",
    },
    Entity.ACTIVITY: {
        "call": "call calls",
        "meeting": "meeting meetings event events",
        "note": "note notes",
        "task": "task tasks",
    },
}
_KIND_OF_WORD = {
    entity: {word: kind for kind, words in kinds.items() for word in words.split()}
    for entity, kinds in _WORDS.items()
}
_KINDS = frozenset(kind for kinds in _WORDS.values() for kind in kinds)
_PARTS = r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+"
_ID = "ids?$"


def kinds_of(entity: Entity) -> tuple[str, ...]:
    """Return the kinds of record of other systems that records of `entity` are."""
    return tuple(_WORDS.get(entity, ()))


@lru_cache
def kind_of_column(name: str, entity: Entity) -> str:
    """Return the kind of record that a column of ids is about by its `name`, empty if none is told.

    It is told by `Account ID`, `Associated Company IDs (Primary)` and `personid`.
    """
    known = _KIND_OF_WORD.get(entity, {})
    words = (part.lower() for part in re.findall(_PARTS, name))
    found = {known.get(word) or known.get(re.sub(_ID, "", word), "") for word in words} - {""}
    return found.pop() if len(found) == 1 else ""


def source_of(system: str, kind: str) -> str:
    """Return the source of the ids that records of a `kind` have in `system`; either may be empty.

    A system that is written with a kind already stays as it is.
    """
    if not kind or split_source(system)[1]:
        return system
    return f"{system}/{kind}" if system else kind


def split_source(source: str) -> tuple[str, str]:
    """Return the system and the kind of record that `source` names, each empty if it does not."""
    system, _, kind = source.rpartition("/")
    return (system, kind) if kind in _KINDS else (source, "")


def related_sources(source: str, entity: Entity) -> list[str]:
    """Return the other sources under which a record that `source` has an id of may be known.

    Of an id whose kind is told that is the system alone; of another, the system with each kind.
    """
    system, kind = split_source(source)
    return [system] if kind else [source_of(system, each) for each in kinds_of(entity)]


def canonical(source: str, external_id: str) -> str:
    """Return `external_id` in the one form that it has in the system of `source`.

    Salesforce writes an id with 15 characters, or with three more that tell their case; Zoho with
    `zcrm_` or without; and whatever goes through a table of numbers may come back as `151.0`.
    """
    form = _form_of(source)
    return form(external_id) if form else external_id


@lru_cache(maxsize=256)
def _form_of(source: str) -> Callable[[str], str] | None:
    """Return what makes the one form of ids of `source`, which those of a whole column have."""
    return _FORMS.get(split_source(source)[0].lower())


def _salesforce(text: str) -> str:
    """Return an id with 18 characters, its case as the last three of them tell it."""
    if not _compiled(_SALESFORCE).fullmatch(text):
        return text
    bare = text[:15]
    if len(text) == 15:
        return bare + _case_of(bare)
    if text[15:].upper() == _case_of(bare):
        return bare + text[15:].upper()
    # A program that takes no heed of case made all letters small, or all of them capitals.
    told = _recased(bare, text[15:].upper()) if bare in (bare.lower(), bare.upper()) else bare
    return told + text[15:].upper() if _case_of(told) == text[15:].upper() else text


def _case_of(bare: str) -> str:
    """Return the three characters that tell which of these 15 are capitals, five each."""
    bits = [sum(c.isupper() << at for at, c in enumerate(bare[i : i + 5])) for i in (0, 5, 10)]
    return "".join(_CASES[each] for each in bits)


def _recased(bare: str, ending: str) -> str:
    bits = [_CASES.index(each) >> at & 1 for each in ending if each in _CASES for at in range(5)]
    return "".join(c.upper() if up else c.lower() for c, up in zip(bare, bits, strict=False))


def _zoho(text: str) -> str:
    return _whole(text.removeprefix("zcrm_"))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _whole(text: str) -> str:
    return _compiled(_DECIMAL).sub(r"\1", text)


_SALESFORCE = r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?"
_CASES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DECIMAL = r"\A([0-9]+)\.0+\Z"
#: How ids of systems come to one form; those of others are what they are.
_FORMS = {"salesforce": _salesforce, "zoho": _zoho, "hubspot": _whole, "pipedrive": _whole}
#: The systems whose ids have one form.
SYSTEMS_WITH_FORMS = tuple(_FORMS)
