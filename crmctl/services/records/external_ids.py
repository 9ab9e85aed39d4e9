"""External ids: what other systems call our records."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select
from sqlalchemy import select as columns_of
from sqlmodel import col, select

from crmctl.domain.external_ids import canonical, related_sources, split_source
from crmctl.domain.kinds import Entity
from crmctl.errors import Refused, UsageError
from crmctl.models.external_ids import ExternalId
from crmctl.models.inputs import ExternalKeyInput, validated
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.records import types
from crmctl.storage.lookups import batches, rows_by
from crmctl.storage.scope import in_company
from crmctl.storage.tables import table_of

#: A source (see domain/external_ids), which may be empty, and what it calls a record.
ExternalIdPair = tuple[str, str]


def parse(text: str) -> tuple[str, str]:
    """Return the source and the external id that `text` writes: `hubspot:123`, or `123` alone.

    The source ends at the first colon; without one it is empty.
    """
    source, colon, external_id = text.strip().partition(":")
    return _checked(source, external_id) if colon else _checked("", source)


def _checked(source: str, external_id: str) -> tuple[str, str]:
    if ":" in source:
        raise UsageError(f"a source of external ids holds no colon: {source!r}")
    given = {"source": source or None, "external_id": external_id}
    checked = validated(ExternalKeyInput, given)
    known = checked["source"] or ""
    return known, canonical(known, checked["external_id"])


def lookup(session: CrmSession, entity: Entity, source: str, ids: Iterable[str]) -> dict[str, UUID]:
    """Return the row that each of `ids` names in `source`, by external id; hidden rows too."""
    column, wanted = table_of(ExternalId).c.external_id, sorted(set(ids))
    query = select(col(ExternalId.external_id), _row_column(entity)).where(
        *_mine(session, entity), col(ExternalId.source) == source
    )
    found = rows_by(session, query, column, wanted, unique=True)
    return {external_id: row_id for external_id, row_id in found}


def owners(session: CrmSession, entity: Entity, sources: Iterable[str]) -> Select[UUID]:
    """Return the query for the ids of the rows that any of `sources` has an id for."""
    chosen = col(ExternalId.source).in_(sorted(sources))
    return columns_of(_row_column(entity)).where(*_mine(session, entity), chosen)


def sources(session: CrmSession, entity: Entity) -> list[str]:
    """Return all sources of which records of a kind have ids, but for the one without a name."""
    query = select(col(ExternalId.source)).where(*_mine(session, entity)).distinct()
    return sorted(each for each in session.exec(query) if each)


def known_sources(session: CrmSession, entity: Entity, source: str) -> list[str]:
    """Return the sources, with ids in them, whose ids may name what those of `source` do.

    They are of the same system, and only one of both says of which kind of record its ids are.
    """
    found = []
    for each in related_sources(source, entity):
        query = select(col(ExternalId.source)).where(
            *_mine(session, entity), col(ExternalId.source) == each
        )
        if session.exec(query.limit(1)).first() is not None:
            found.append(each)
    return found


def attach(
    session: CrmSession, entity: Entity, source: str, pairs: Sequence[tuple[str, UUID]]
) -> list[str]:
    """Give each (external id, row id) of `pairs` the key; return the ids that are new.

    Raises Refused where a key names another row already.
    """
    keys = [(*_checked(source, written), row_id) for written, row_id in pairs]
    taken = lookup(session, entity, source, [external_id for _, external_id, _ in keys])
    new: dict[str, UUID] = {}
    for checked, external_id, row_id in keys:
        owner = taken.get(external_id) or new.get(external_id)
        if owner not in (None, row_id):
            name = f"{checked}:{external_id}" if checked else external_id
            raise Refused(f"external id {name} belongs to another {entity} already")
        if owner is None:
            new[external_id] = row_id
    add(session, entity, [((source, external_id), row_id) for external_id, row_id in new.items()])
    return list(new)


def add(session: CrmSession, entity: Entity, pairs: Iterable[tuple[tuple[str, str], UUID]]) -> None:
    """Tie keys, as source and external id, that name nothing yet to the rows with these ids."""
    column = types.of_entity(entity).key_column
    rows = [
        {"entity": entity, "source": source, "external_id": external_id, column: row_id}
        for (source, external_id), row_id in pairs
    ]
    if rows:
        changes.insert_values(session, ExternalId, changes.stamped(session, ExternalId, rows))


def detach(session: CrmSession, entity: Entity, row_ids: Sequence[UUID]) -> list[ExternalId]:
    """Take all external keys from these rows; return the keys that were taken."""
    found = _rows(session, entity, row_ids)
    changes.remove(session, found)
    return found


def supersede(session: CrmSession, entity: Entity, pairs: Iterable[ExternalIdPair]) -> None:
    """Take away the keys `pairs`, whose records get one each that says of which kind it is."""
    sources: dict[str, list[str]] = {}
    for source, external_id in pairs:
        sources.setdefault(source, []).append(external_id)
    for source, ids in sources.items():
        for batch in batches(ids):
            chosen = (col(ExternalId.source) == source, col(ExternalId.external_id).in_(batch))
            query = select(ExternalId).where(*_mine(session, entity), *chosen)
            changes.remove(session, list(session.exec(query).all()))


def move(session: CrmSession, entity: Entity, into: Mapping[UUID, UUID]) -> list[UUID]:
    """Give the keys of the rows `into` names to others; return whose each of them was.

    A key that moves is a new one, so that undoing whatever made the old one leaves it alone.
    """
    found = detach(session, entity, list(into))
    owners = [owner_of(key) for key in found]
    pairs = zip(found, owners, strict=True)
    add(session, entity, [((key.source, key.external_id), into[row_id]) for key, row_id in pairs])
    return owners


def of(session: CrmSession, entity: Entity, row_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Return the external keys of each of these rows, as `source:id`, in order."""
    keys: dict[UUID, list[str]] = {}
    for key in _rows(session, entity, row_ids):
        keys.setdefault(owner_of(key), []).append(written(key))
    return {row_id: sorted(names) for row_id, names in keys.items()}


def systems(
    session: CrmSession, entity: Entity, row_ids: Sequence[UUID]
) -> dict[UUID, frozenset[str]]:
    """Return the systems that have an id for each of these rows, if any has."""
    found: dict[UUID, frozenset[str]] = {}
    for key in _rows(session, entity, row_ids):
        row_id = owner_of(key)
        found[row_id] = found.get(row_id, frozenset()) | {split_source(key.source)[0]}
    return found


def written(key: ExternalId) -> str:
    """Return `key` as people write it: `hubspot:123`, or `123` without a source."""
    return f"{key.source}:{key.external_id}" if key.source else key.external_id


def _rows(session: CrmSession, entity: Entity, row_ids: Sequence[UUID]) -> list[ExternalId]:
    found: list[ExternalId] = []
    for batch in batches(row_ids):
        chosen = _row_column(entity).in_(batch)
        found += session.exec(select(ExternalId).where(*_mine(session, entity), chosen)).all()
    return found


def _mine(session: CrmSession, entity: Entity) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (in_company(session, ExternalId), col(ExternalId.entity) == entity)


def owner_of(key: ExternalId) -> UUID:
    """Return the id of the record that `key` names."""
    owner: UUID = getattr(key, types.of_entity(key.entity).key_column)
    return owner


def _row_column(entity: Entity) -> ColumnElement[UUID]:
    column: ColumnElement[UUID] = table_of(ExternalId).c[types.of_entity(entity).key_column]
    return column
