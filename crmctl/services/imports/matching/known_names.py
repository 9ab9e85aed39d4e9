"""Rows that no id and no address leads to a record: whether one that is there bears their name.

A customer without an e-mail address may be the one whose address a row has, and one without an id
the one that another system has an id for. A name alone brings nobody back who was removed.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Generic
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_

from crmctl.domain.contacts import host_of
from crmctl.domain.external_ids import kinds_of, source_of, split_source
from crmctl.domain.importing.findings import Certainty, Finding, rows_have
from crmctl.domain.kinds import Entity
from crmctl.models.session import CrmSession
from crmctl.services.imports.matching.customers_of_deals import of_customers
from crmctl.services.imports.matching.match_keys import comparable
from crmctl.services.imports.matching.record_loader import Among, RecordLoader
from crmctl.services.imports.matching.repeated_rows import RepeatedRecords
from crmctl.services.imports.matching.row_notes import RowNotes
from crmctl.services.imports.matching.stored_rows import RecordRow, Row
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.records import external_ids, types
from crmctl.storage.scope import is_removed
from crmctl.storage.tables import table_of

#: Fields in which a customer says one thing everywhere.
_SAYING = ("phone", "organisation", "country")
_SOURCE = itemgetter(0)


class KnownNames(Generic[Row]):
    """The records of `entity` that have the names of rows which nothing else leads to a record."""

    def __init__(
        self, session: CrmSession, entity: Entity, loader: RecordLoader[Row], notes: RowNotes
    ) -> None:
        self._session = session
        self._entity = entity
        self._name = types.of_entity(entity).name_column
        self._loader = loader
        self._notes = notes
        self._found: dict[Hashable, list[Row]] = {}
        self._systems: dict[UUID, frozenset[str]] = {}
        self._there: Counter[Hashable] = Counter()
        self._keys: Mapping[int, str] = {}
        self._among: dict[Hashable, Among] = {}
        self._met = RepeatedRecords()

    def load(self, keys: Mapping[int, str], rows: Sequence[ParsedRow]) -> None:
        """Load the records that have the names of `rows`, and lack what these are known by.

        `keys` are the keys that they are known by, by line; nothing else leads them to a record.
        """
        self._found, self._systems, self._there = {}, {}, Counter()
        self._keys = keys
        groups: dict[tuple[str, bool, tuple[str, ...]], list[ParsedRow]] = {}
        for row in rows:
            key = keys[row.line]
            ids = row.values["external_ids"] if key == "external_id" else ()
            group = (key, "email" in row.values, tuple(map(_SOURCE, ids)))
            groups.setdefault(group, []).append(row)
        for group, alike in groups.items():
            among = self._lacking(*group)
            if self._loader.has_none(self._name, among):
                continue
            names = dict.fromkeys(comparable(row.values.get(self._name)) for row in alike)
            names.pop(None, None)
            for (_, name), record in self._loader.load_among(self._name, [*names], among):
                self._found.setdefault(name, []).append(record)
        if self._found:
            self._load_more()

    def _load_more(self) -> None:
        """Load which systems have ids for the records found, and how many have each name."""
        records = {record.id: record for each in self._found.values() for record in each}
        self._systems = external_ids.systems(self._session, self._entity, sorted(records))
        if self._entity == Entity.CUSTOMER:
            self._there = Counter(
                name
                for (_, name), record in self._loader.load(self._name, [*self._found])
                if record.deleted_at is None
            )

    def _lacking(self, key: str, addressed: bool, sources: tuple[str, ...]) -> Among:
        """Return the records without what rows of `key` are known by.

        They may be `addressed` by e-mail as well; their ids are of `sources`.
        """
        name = (key, addressed, sources)
        if found := self._among.get(name):
            return found
        table = table_of(types.of_entity(self._entity).model)
        conditions: list[ColumnElement[bool]] = []
        if key == "external_id":
            kinds = ("", *kinds_of(self._entity))
            systems = {split_source(source)[0] for source in sources}
            owned = {source_of(system, kind) for system in systems for kind in kinds}
            theirs = external_ids.owners(self._session, self._entity, owned)
            conditions.append(table.c.id.not_in(theirs))
        elif key == "name":
            conditions.append(is_removed(table))
        if self._entity == Entity.CUSTOMER:
            conditions.append(table.c.merged_into.is_(None))
            conditions += [table.c.email.is_(None)] * addressed
            if key != "name":
                # A name alone leads to whom they were merged into.
                conditions = [or_(and_(*conditions), table.c.merged_into.is_not(None))]
        return self._among.setdefault(name, Among(name, conditions))

    def choose(self, row: ParsedRow) -> Row | None:
        """Return the one record that `row` is about by its name.

        Where that is not sure, it is said; where that is a customer who is removed, the row is
        refused.
        """
        key = self._keys.get(row.line)
        name = comparable(row.values.get(self._name)) if self._found else None
        if key is None or name not in self._found:
            return None
        named = list({record.id: record for record in self._found[name]}.values())
        if self._entity == Entity.DEAL:
            # One of nobody yet may be of the customer whom the row names.
            named = of_customers(named, row) or [each for each in named if _is_nobodys(each)]
        merged = [record for record in named if getattr(record, "merged_into", None)]
        lacking = [each for each in named if each not in merged and self._lacks(each, row, key)]
        there = [record for record in lacking if record.deleted_at is None]
        if there:
            return self._choose_there(row, key, there)
        if self._entity == Entity.DEAL and lacking:
            self._say_others(row, key, lacking[0], "is removed")
        elif self._entity == Entity.CUSTOMER and not self._there[name]:
            for record in lacking:
                if not _contradicts(row, record):
                    self._refuse_removed(row, key, record)
                    return None
        if merged:
            self._say_others(row, key, merged[0], "was merged into another")
        return None

    def _say_others(self, row: ParsedRow, key: str, record: Row, become: str) -> None:
        """Say that `row` is about another than `record` of its name, and what that has `become`."""
        said = _of_gone(self._entity, self._name, become)
        self._notes.add(row, said, f"line {row.line}, {self._called(record)}")

    def _lacks(self, record: Row, row: ParsedRow, key: str) -> bool:
        """Return whether `record` has nothing of what `row` is known by."""
        if getattr(record, "email", None) and row.values.get("email"):
            return False
        if key != "external_id":
            return True
        return _systems_of(row, key).isdisjoint(self._systems.get(record.id, ()))

    def _choose_there(self, row: ParsedRow, key: str, lacking: Sequence[Row]) -> Row | None:
        """Return the one of `lacking` who is given what the row is known by, or say who is not."""
        record = lacking[0]
        example = f"line {row.line}, {self._called(record)}"
        if self._is_alone(row, record) and not _contradicts(row, record):
            self._met.add(record.number, row.line)
            self._notes.add(row, _given(key), example)
            return record
        named = self._name
        if self._entity == Entity.DEAL and not _is_nobodys(record):
            named = "title and customer"
        self._notes.add(row, _others(self._entity, self._name, named, key), example)
        return None

    def _is_alone(self, row: ParsedRow, record: Row) -> bool:
        """Return whether `record` is the only customer of its name, and no row before met it."""
        if self._entity != Entity.CUSTOMER or self._there[comparable(row.values[self._name])] > 1:
            return False
        return self._met.first_line(record.number) is None

    def _refuse_removed(self, row: ParsedRow, key: str, record: Row) -> None:
        ref = types.of_entity(self._entity).ref(record.number)
        row.refuse(
            self._name,
            f"is that of {self._called(record)}, which is removed"
            f" (crmctl {self._entity} restore {ref}, or --key {key} if this is another)",
        )

    def _called(self, record: Row) -> str:
        ref = types.of_entity(self._entity).ref(record.number)
        return f"{ref} {getattr(record, self._name)}"


def _systems_of(row: ParsedRow, key: str) -> frozenset[str]:
    """Return the systems whose ids `row` is known by."""
    ids = row.values["external_ids"] if key == "external_id" else ()
    return frozenset(split_source(source)[0] for source, _ in ids)


def _is_nobodys(deal: RecordRow) -> bool:
    return getattr(deal, "customer_id", None) is None


@cache
def _given(key: str) -> Finding:
    """Return what is said of rows whose customer is given what they are known by."""
    lacking = "without an e-mail address, who is given it"
    if key == "external_id":
        lacking = "without an id of that system, who is given it"
    said = f"the name of a customer that is there {lacking}"
    return rows_have(said, Certainty.ASSUMED, f"--key {key} if they are others")


@cache
def _others(entity: Entity, name: str, named: str, key: str) -> Finding:
    """Return what is said of rows about others than those who are `named` as they are."""
    lacking = "an id of that system" if key == "external_id" else "an e-mail address"
    said = f"the {named} of a {entity} that is there without {lacking}: they are others"
    return rows_have(said, Certainty.ASSUMED, f"--key {name} if they are not")


@cache
def _of_gone(entity: Entity, name: str, become: str) -> Finding:
    """Return what is said of rows that bear the name of a record and what has `become` of that."""
    named = "title and customer" if entity == Entity.DEAL else name
    said = f"the {named} of a {entity} that {become}: they are others"
    return rows_have(said, Certainty.ASSUMED, f"--key {name} if they are not")


def _contradicts(row: ParsedRow, record: RecordRow) -> bool:
    """Return whether `row` and `record`, of one name, say different things of a customer."""
    for field in _SAYING:
        said, present = row.values.get(field), getattr(record, field)
        if said and present and comparable(said) != comparable(present):
            return True
    hosts = {
        host_of(website)
        for website in (row.values.get("website"), getattr(record, "website", None))
        if website
    }
    return len(hosts) > 1
