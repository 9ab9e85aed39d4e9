"""Ids of other systems: which system and kind of record they are of.

A source names a system, and the kind of record where it is known, because a system may give one id
to records of several kinds: `hubspot/contact`. Without a system, it is the kind alone.
"""

import re
from functools import lru_cache

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
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+")
_ID = re.compile("ids?$")


def kinds_of(entity: Entity) -> tuple[str, ...]:
    """Return the kinds of record of other systems that records of `entity` are."""
    return tuple(_WORDS.get(entity, ()))


@lru_cache
def kind_of_column(name: str, entity: Entity) -> str:
    """Return the kind of record that a column of ids is about by its `name`, empty if none is told.

    It is told by `Account ID`, `Associated Company IDs (Primary)` and `personid`.
    """
    known = _KIND_OF_WORD.get(entity, {})
    words = (part.lower() for part in _PARTS.findall(name))
    found = {known.get(word) or known.get(_ID.sub("", word), "") for word in words} - {""}
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
