"""Mappings that are kept under a name: what the columns and stages of a kind of file mean."""

from collections.abc import Sequence

from sqlmodel import select

from crmctl.domain.kinds import ImportKind
from crmctl.domain.text import folded
from crmctl.errors import NotFound, UsageError
from crmctl.models.imports import SavedMapping
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.storage.scope import in_company

#: How long the name of a mapping may be.
LONGEST = 50


def listed(session: CrmSession) -> list[SavedMapping]:
    """Return the mappings that are kept, in the order of their names."""
    query = select(SavedMapping).where(in_company(session, SavedMapping))
    return sorted(session.exec(query), key=lambda mapping: mapping.name)


def find(session: CrmSession, name: str, kind: ImportKind) -> SavedMapping:
    """Return the mapping `name`, which must be one for `kind`."""
    known = {folded(mapping.name): mapping for mapping in listed(session)}
    found = known.get(folded(name))
    if found is None:
        names = ", ".join(mapping.name for mapping in known.values())
        there = f"there is {names}" if names else "--save-mapping NAME keeps one"
        raise NotFound(f"no mapping is called {name!r} ({there})")
    if found.kind != kind:
        raise UsageError(f"mapping {found.name} is one for {found.kind}, and this imports {kind}")
    return found


def save(
    session: CrmSession,
    name: str,
    kind: ImportKind,
    columns: Sequence[Sequence[str]],
    stages: Sequence[Sequence[str]],
) -> bool:
    """Keep pairs of column and field, and of word and stage, as `name`, in place of what it was.

    Return whether that changed anything.
    """
    name = name.strip()
    if not name or len(name) > LONGEST or not name.isprintable():
        raise UsageError(f"--save-mapping {name!r}: a name has 1 to {LONGEST} letters")
    values = {
        "kind": kind,
        "columns": [list(pair) for pair in columns],
        "stages": [list(pair) for pair in stages],
    }
    same = [each for each in listed(session) if folded(each.name) == folded(name)]
    if same:
        changes.lock(session, same[0])
        return bool(changes.edit(session, same, values))
    changes.create(session, SavedMapping, [{"name": name, **values}])
    return True
