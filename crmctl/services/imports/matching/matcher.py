"""Which record of the database a row of a file is about, and which rows are about the same."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Generic
from uuid import UUID

from sqlmodel import col, or_, select

from crmctl.domain.kinds import Entity
from crmctl.models.customers import Customer
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.imports.matching.match_keys import Identity, held, identified, missing
from crmctl.services.imports.matching.repeated_rows import RepeatedRecords, RepeatedRows
from crmctl.services.imports.matching.value_index import ValueIndex
from crmctl.services.imports.parsing import ParsedRow
from crmctl.services.records import external_ids
from crmctl.services.records.customers import merge_survivors as kept_of
from crmctl.services.records.references import CANDIDATES, NAME, PREFIX, Numbered, ref
from crmctl.storage import dialects
from crmctl.storage.lookups import by_number, found_by
from crmctl.storage.scope import in_company, in_franchise, is_removed
from crmctl.storage.tables import table_of

#: Keys that an index of the database finds rows by.
_INDEXED = ("crmctl_id", "number", "email", "customer")


@dataclass(slots=True)
class _Names:
    """What a row is known by.

    `asked` are the groups of identities that decide which record it is about, `kept` are all that
    no other row of the file may be known by, the first `decisive` of them those that decide.
    """

    asked: list[list[Identity]]
    kept: list[Identity]
    decisive: int


class Matcher(Generic[Numbered]):
    """Finds the records that rows are about; what a batch needs is loaded in a few queries.

    They are plain rows with the columns of `model` as attributes, and nobody is kept from changing
    them, unless `lock` says so: most records that a file is about are as it says, and are left
    alone. `changes.lock_as_read` makes records of those that are not; customers that others were
    merged into are records, and locked.
    """

    def __init__(
        self,
        session: CrmSession,
        model: type[Numbered],
        entity: Entity,
        chain: tuple[str, ...],
        *,
        typed: bool,
        lock: bool,
    ) -> None:
        self._session = session
        self._dialect = session.get_bind().dialect
        self._model: type[Numbered] = model
        self._entity = entity
        self._chain = chain
        self._keys = [(key, key.split(",")) for key in chain]
        self._typed = typed
        self._lock = lock
        self._found: dict[Identity, list[Numbered]] = {}
        self._seen = RepeatedRows()
        self._seen_records = RepeatedRecords()
        self._external: dict[tuple[str, str], UUID] = {}
        self._merged: dict[UUID, Customer] = {}
        self._known: dict[int, _Names] = {}
        self._directories: dict[str, ValueIndex] = {}

    def tells_by(self, field: str) -> bool:
        """Return whether `field` is of a key by which rows are told apart."""
        return any(field in parts for _, parts in self._keys)

    def load(self, items: Sequence[ParsedRow]) -> None:
        """Load the records that `items` may be about."""
        self._found = {}
        self._known = {item.row.line: self._names(item) for item in items}
        self._load_external(items)
        wanted: dict[str, dict[Any, None]] = {}
        for item in items:
            for group in self._known[item.row.line].asked:
                for key, value in group:
                    wanted.setdefault(key, {})[value] = None
        for key, values in wanted.items():
            for identity, row in self._followed(key, list(self._load(key, list(values)))):
                self._found.setdefault(identity, []).append(row)
        self._seen.load(self._about(items))

    def _followed(
        self, key: str, found: list[tuple[Identity, Numbered]]
    ) -> Iterator[tuple[Identity, Numbered]]:
        """Yield what was found, with the customers that others were merged into in their place.

        One that is there itself comes before one that only was merged into another.
        """
        people: list[Any] = [row for _, row in found] if self._model is Customer else []
        kept = kept_of(self._session, people, lock=not self._session.change.dry)
        if not kept:
            yield from found
            return
        # To undo the merge, which ends all this, may write nothing in those that were kept.
        changes.lock_as_read(self._session, Customer, (row for row in people if row.id in kept))
        self._merged.update(kept)
        there = {identity for identity, row in found if row.id not in kept}
        for identity, row in found:
            if row.id not in kept or key in _SURE:
                yield identity, row
            elif identity not in there:
                instead: Any = kept[row.id]
                yield identity, instead

    def _about(self, items: Sequence[ParsedRow]) -> Iterator[Identity]:
        """Yield all that `items` may be known by."""
        for item in items:
            yield from self._known[item.row.line].kept

    def _names(self, item: ParsedRow) -> _Names:
        identities = identified(item, self._keys, self._model)
        asked = _deciding(identities)
        kept = [_with_customer(item, each) if each[0] == "title" else each for each in identities]
        if "external_id" not in self._chain:
            kept += [("external_id", pair) for pair in item.values.get("external_ids", ())]
        return _Names(asked, kept, len(asked[0]) if asked else 0)

    def _load(self, key: str, values: Sequence[Any]) -> Iterator[tuple[Identity, Numbered]]:
        """Yield the rows that have one of `values`, each with what it is known by."""
        if key == "external_id":
            yield from self._by_external_id(values)
            return
        columns, read = held(key, self._model)
        column, asked = col(self._model.id), values
        if key in _INDEXED:
            column = columns[0]
        else:
            if key not in self._directories:
                self._directories[key] = ValueIndex(self._session, self._model, columns, read)
            asked = self._directories[key].find(values)
        for row in self._select(column, asked, sure=key in _SURE):
            yield (key, read(*(getattr(row, each.key) for each in columns))), row

    def _by_external_id(
        self, pairs: Iterable[tuple[str, str]]
    ) -> Iterator[tuple[Identity, Numbered]]:
        named: dict[UUID, list[tuple[str, str]]] = {}
        for pair in pairs:
            if row_id := self._external.get(pair):
                named.setdefault(row_id, []).append(pair)
        for row in self._select(col(self._model.id), list(named), sure=True):
            for pair in named[row.id]:
                yield ("external_id", pair), row

    def _load_external(self, items: Sequence[ParsedRow]) -> None:
        """Learn whom the external ids of `items` belong to, whatever they are matched by."""
        sources: dict[str, set[str]] = {}
        for item in items:
            for source, external_id in item.values.get("external_ids", []):
                sources.setdefault(source, set()).add(external_id)
        self._external = {
            (source, external_id): row_id
            for source, ids in sources.items()
            for external_id, row_id in self._lookup(source, ids).items()
        }

    def _lookup(self, source: str, ids: Iterable[str]) -> Mapping[str, UUID]:
        # The server is still writing the rows before, which Seen knows: it can be asked meanwhile.
        aside = not self._session.change.dry and dialects.has_concurrent_writers(self._session)
        return external_ids.lookup(self._session, self._entity, source, ids, aside=aside)

    def _select(self, column: Any, values: Sequence[Any], *, sure: bool) -> Iterable[Numbered]:
        """Return the rows with one of `values`, and with `sure` those out of reach as well."""
        model: Any = self._model
        query = select(*table_of(model).columns)
        query = query.where(in_company(self._session, model))
        if not sure:
            query = query.where(_is_within_reach(model), *in_franchise(self._session, model))
        if self._lock:
            query = query.with_for_update()
        # Candidates are told by number; within a statement, all lock rows in the same order, too.
        query = query.order_by(by_number(model))
        found = found_by(self._read, self._dialect, query, column, values)
        names = table_of(model).columns.keys()
        rows: Iterator[Any]
        rows = (SimpleNamespace(**dict(zip(names, row, strict=True))) for row in found)
        return rows

    def _read(self, query: Any, values: Mapping[str, Any]) -> Sequence[Any]:
        # A record of the ORM takes longer to make than to compare, a Row to ask for a column.
        return self._session.connection().execute(query, values).all()

    def match(self, item: ParsedRow) -> Numbered | None:
        """Return the record that `item` is about, None for a new one; a doubt refuses the item."""
        groups = self._known[item.row.line].asked
        if not groups:
            self._refuse_nameless(item)
        for group in groups:
            found = self._row(item, group)
            if found or item.problems:
                return found
        return None

    def _row(self, item: ParsedRow, identities: list[Identity]) -> Numbered | None:
        rows = {row.id: row for each in identities for row in self._found.get(each, [])}
        key, first = identities[0][0], identities[0][0].partition(",")[0]
        if key == "title":
            rows = _of_customer(rows, item.related.get("customer"))
        if len(rows) > 1:
            named = [f"{self.ref(row)} {getattr(row, NAME[self._model])}" for row in rows.values()]
            more = " and more" if len(named) > CANDIDATES else ""
            item.refuse(first, f"could be any of {', '.join(named[:CANDIDATES])}{more}")
            return None
        if not rows:
            if key == "number":
                item.refuse(key, f"there is no {self._entity} {item.texts[key]}")
            return None
        row = next(iter(rows.values()))
        if self._session.franchise_id not in (None, row.franchise_id):
            item.refuse(first, f"belongs to a {self._entity} of another franchise")
            return None
        if kept := self._merged.get(row.id):
            item.refuse(first, f"{self.ref(row)} was merged into {ref(kept)} {kept.name}")
            return None
        if row.deleted_at is not None:
            name = self.ref(row)
            item.refuse(first, f"{name} is removed (crmctl {self._entity} restore {name})")
            return None
        return row

    def ref(self, row: Numbered) -> str:
        """Return what people call `row`, which was found, by."""
        return f"{PREFIX[self._model]}{row.number}"

    def _refuse_nameless(self, item: ParsedRow) -> None:
        if item.problems:
            return
        key = self._chain[-1]
        if self._typed:
            field = missing(item, key, self._model)
            shared = field == "domain" and "email" in item.values
            told = "is that of a mail service" if shared else "is empty"
            item.refuse(field, f"{told}, and rows are told apart by it (--key {key})")
        else:
            item.refuse(key, f"nothing tells this {self._entity} from others: it needs a {key}")

    def claim(self, item: ParsedRow, record: Numbered | None) -> bool:
        """Refuse `item` if an earlier row of the file was about `record`, or the same new one.

        Returns whether one was by another external id, which the record has since it was merged.
        """
        names, line, again = self._known[item.row.line], None, None
        for identity in names.kept[: names.decisive]:
            line = line or self._seen.line(identity)
        if line is None and record is not None:
            again = self._seen_records.line(record.number)
        if line is None and again is None:
            return False
        key = names.asked[0][0][0].partition(",")[0]
        if line is None and key == "external_id":
            return True
        item.refuse(key, f"line {line or again} is about the same {self._entity}")
        return False

    def keep(self, item: ParsedRow, record: Numbered | None) -> None:
        """Remember that `item` is imported, so that a later row about the same is refused.

        `record` is what it is about, where that was there before.
        """
        for identity in self._known[item.row.line].kept:
            self._seen.keep(identity, item.row.line)
        if record is not None:
            self._seen_records.keep(record.number, item.row.line)

    def remember(self, items: Sequence[ParsedRow]) -> None:
        """Take note of `items` that an earlier run has imported, for rows about the same."""
        self.load(items)
        for item in items:
            if not item.problems:
                self.keep(item, self.match(item))

    def new_keys(self, item: ParsedRow, row_id: UUID | None) -> list[tuple[str, str]]:
        """Return the external ids of `item` that its record does not carry yet.

        One that belongs to another record refuses the item.
        """
        fresh: list[tuple[str, str]] = []
        if item.problems:
            return fresh
        for pair in item.values.get("external_ids", []):
            owner = self._external.get(pair)
            if line := self._seen.line(("external_id", pair)):
                item.refuse("external_id", f"line {line} has the same external id")
            elif owner is None:
                fresh.append(pair)
            elif owner != row_id:
                item.refuse("external_id", f"{pair[1]} belongs to another {self._entity} already")
        return fresh


#: Keys that name a record for good, even a removed one.
_SURE = ("crmctl_id", "number")
#: The fields in which a deal names its customer.
_CUSTOMERS = (
    "customer_crmctl_id", "customer_external_id", "customer_email", "customer_domain", "customer",
)  # fmt: skip
#: Keys that others may bear as well.
_NAMES = ("name", "title")


def _deciding(identities: Sequence[Identity]) -> list[list[Identity]]:
    """Return the identities that decide what a row is about, those of one key together.

    One key decides. A row of another database, though, is new here, unless it is known by more than
    its name.
    """
    if not identities:
        return []
    surest = identities[0][0]
    if surest != "crmctl_id":
        return [[each for each in identities if each[0] == surest]]
    groups: dict[str, list[Identity]] = {}
    for identity in identities:
        groups.setdefault(identity[0], []).append(identity)
    own = groups.pop("crmctl_id")
    return [own, *(group for key, group in groups.items() if key not in _NAMES)][:2]


def _is_within_reach(model: type[Any]) -> Any:
    """Return the condition that a row is there, or was merged into another."""
    shown = is_removed(model, False)
    return or_(shown, col(Customer.merged_into).is_not(None)) if model is Customer else shown


def _of_customer(
    rows: dict[UUID, Numbered], customers: frozenset[UUID] | None
) -> dict[UUID, Numbered]:
    """Return those of the deals `rows`, all of one title, that `customers` may mean.

    Where no customer is named and several bear the title, those of nobody are meant.
    """
    owners = {row_id: getattr(row, "customer_id", None) for row_id, row in rows.items()}
    if customers is not None:
        return {row_id: row for row_id, row in rows.items() if owners[row_id] in customers}
    unowned = {row_id: row for row_id, row in rows.items() if owners[row_id] is None}
    return unowned if unowned and len(rows) > 1 else rows


def _with_customer(item: ParsedRow, identity: Identity) -> Identity:
    """Return a deal's title together with its customer, since titles repeat among customers."""
    told = (item.texts[name].lower() for name in _CUSTOMERS if name in item.texts)
    return ("title", (identity[1], *told))
