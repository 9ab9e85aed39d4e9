"""Reading the records that rows of a file may be about, in a few queries for each batch."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, cast
from uuid import UUID

from sqlalchemy import Column, ColumnElement, or_, select, true

from crmctl.models.customers import Customer
from crmctl.models.session import CrmSession
from crmctl.services.imports.matching.match_keys import MatchKey, StoredKey, stored_key
from crmctl.services.imports.matching.stored_rows import RecordModel, Row, row_class
from crmctl.services.imports.matching.value_index import ValueIndex
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.records import external_ids, types
from crmctl.services.records.external_ids import ExternalIdPair
from crmctl.storage.lookups import by_number, rows_by
from crmctl.storage.scope import in_company, in_franchise, is_removed
from crmctl.storage.tables import table_of

#: Keys that name a record for good, even a removed one.
PERMANENT = ("crmctl_id", "number", "external_id")
#: Keys that an index of the database finds rows by.
_INDEXED = ("crmctl_id", "number", "email", "customer")


@dataclass(frozen=True, eq=False)
class Among:
    """Those records for which all `conditions` hold, by a `name` that stands for these."""

    name: Hashable
    conditions: Sequence[ColumnElement[bool]]


class RecordLoader(Generic[Row]):
    """Loads records of `model` as stored rows, by keys that rows of a file have.

    Nobody is kept from changing them, unless `lock` says so: most records that a file is about are
    as it says, and are left alone. `changes.lock_as_read` makes records of those that are not.
    """

    def __init__(self, session: CrmSession, model: RecordModel, *, lock: bool) -> None:
        self._session = session
        self._model = model
        self._table = table_of(model)
        self._entity = types.entity_of(model)
        self._lock = lock
        self._owners: dict[Hashable, UUID] = {}
        self._likely_owners: dict[ExternalIdPair, dict[UUID, ExternalIdPair]] = {}
        self._known_sources: dict[str, list[str]] = {}
        self._indexes: dict[tuple[str, Hashable], ValueIndex] = {}

    def load(self, key: str, values: Sequence[Hashable]) -> Iterator[tuple[MatchKey, Row]]:
        """Yield the records that have one of `values` of `key`, each with that match key."""
        if key == "external_id":
            yield from self._load_by_external_id(values)
            return
        stored = stored_key(key, self._model)
        if key in _INDEXED:
            found = self._select(self._table.c[stored.columns[0].key], values, key)
        else:
            found = self._select_by_index(key, stored, values)
        for record in found:
            yield (key, stored.value_of(record)), record

    def load_among(
        self, key: str, values: Sequence[Hashable], among: Among
    ) -> Iterator[tuple[MatchKey, Row]]:
        """Yield the records of `among` that have one of `values` of `key`, as `load` does."""
        stored = stored_key(key, self._model)
        for record in self._select_by_index(key, stored, values, among):
            yield (key, stored.value_of(record)), record

    def has_none(self, key: str, among: Among) -> bool:
        """Return whether none of `among` has any value of `key`."""
        return self._index(key, among).is_empty

    def _select_by_index(
        self, key: str, stored: StoredKey, values: Sequence[Hashable], among: Among | None = None
    ) -> Iterator[Row]:
        named = among.conditions if among else [self._is_named(key)]
        found = self._index(key, among).find(values)
        return self._select(self._table.c.id, found, key, *named)

    def _index(self, key: str, among: Among | None) -> ValueIndex:
        name = (key, among and among.name)
        if name not in self._indexes:
            conditions = among.conditions if among else ()
            stored = stored_key(key, self._model)
            self._indexes[name] = ValueIndex(self._session, self._model, stored, conditions)
        return self._indexes[name]

    def _load_by_external_id(self, pairs: Iterable[Hashable]) -> Iterator[tuple[MatchKey, Row]]:
        named: dict[UUID, list[Hashable]] = {}
        for pair in pairs:
            owner = self.owner_of(pair)
            for record_id in [owner] if owner else self.likely_owners(pair):
                named.setdefault(record_id, []).append(pair)
        for record in self._select(self._table.c.id, list(named), "external_id"):
            for pair in named[record.id]:
                yield ("external_id", pair), record

    def load_external_ids(self, rows: Sequence[ParsedRow]) -> None:
        """Load whom the external ids of `rows` belong to, whatever they are matched by."""
        sources: dict[str, set[str]] = {}
        for row in rows:
            for source, external_id in row.values.get("external_ids", []):
                sources.setdefault(source, set()).add(external_id)
        self._owners = {
            (source, external_id): record_id
            for source, ids in sources.items()
            for external_id, record_id in self._lookup(source, ids).items()
        }
        self._likely_owners = {}
        for source, ids in sources.items():
            self._load_likely_owners(source, ids)

    def _load_likely_owners(self, source: str, ids: Iterable[str]) -> None:
        """Load whose ids of the same system those of `ids` may be that belong to nobody."""
        if source not in self._known_sources:
            known = external_ids.known_sources(self._session, self._entity, source)
            self._known_sources[source] = known
        unknown = [each for each in ids if (source, each) not in self._owners]
        for other in self._known_sources[source] if unknown else ():
            for external_id, record_id in self._lookup(other, unknown).items():
                named = self._likely_owners.setdefault((source, external_id), {})
                named[record_id] = (other, external_id)

    @property
    def named_by(self) -> Mapping[Hashable, UUID]:
        """The records that the external ids that were loaded belong to, or may belong to."""
        likely: dict[Hashable, UUID] = {
            known: record_id
            for named in self._likely_owners.values()
            for record_id, known in named.items()
        }
        return {**likely, **self._owners}

    def owner_of(self, pair: Hashable) -> UUID | None:
        """Return the record that the external id `pair`, which was loaded, belongs to."""
        return self._owners.get(pair)

    def renew(self, written: Sequence[UUID]) -> None:
        """Take note of what others wrote in the change sets `written`."""
        for index in self._indexes.values():
            index.renew(written)
        self._known_sources.clear()

    def likely_owners(self, pair: Hashable) -> Mapping[UUID, ExternalIdPair]:
        """Return the records that the external id `pair`, which belongs to nobody, may belong to.

        With each is the id that it has, which does not say of which kind of record it is, or is
        the only one of both that does.
        """
        return self._likely_owners.get(cast("ExternalIdPair", pair), {})

    def _lookup(self, source: str, ids: Iterable[str]) -> Mapping[str, UUID]:
        return external_ids.lookup(self._session, self._entity, source, ids)

    def _select(
        self,
        column: Column[object],
        values: Sequence[Hashable],
        key: str,
        *named: ColumnElement[bool],
    ) -> Iterator[Row]:
        """Yield the rows that `key` can mean, of which they have one of `values`.

        They are those that are `named`; a permanent key may mean those of other franchises, too.
        """
        query = select(*self._table.columns).where(in_company(self._session, self._table), *named)
        if key not in PERMANENT:
            query = query.where(*in_franchise(self._session, self._table))
        if self._lock:
            query = query.with_for_update()
        # Candidates are told by number; within a statement, all lock rows in the same order, too.
        query = query.order_by(by_number(self._model))
        make = row_class(self._model)
        # A record of the ORM takes longer to make than to compare, a Row to ask for a column.
        for found in rows_by(self._session.connection(), query, column, values):
            yield make(*found)

    def _is_named(self, key: str) -> ColumnElement[bool]:
        """Return the condition that `key` can mean a record: a name none that is only removed.

        Others may bear it. One that was merged into another is meant by whatever it was known by.
        """
        if self._model is not Customer or key != "name":
            return true()
        return or_(is_removed(self._table, False), self._table.c.merged_into.is_not(None))
