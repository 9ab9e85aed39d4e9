"""Which record of the database a row of a file is about, and which rows are about the same."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Generic, cast
from uuid import UUID

from crmctl.domain.external_ids import split_source
from crmctl.models.customers import Customer
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.imports.matching.addresses import KnownAddresses, address_keys
from crmctl.services.imports.matching.agreement import agrees
from crmctl.services.imports.matching.contradictions import IdCheck
from crmctl.services.imports.matching.customers_of_deals import of_customers, with_customer
from crmctl.services.imports.matching.known_names import KnownNames
from crmctl.services.imports.matching.match_keys import MatchKey, match_keys_of, missing_field
from crmctl.services.imports.matching.merged_customers import MergedCustomers
from crmctl.services.imports.matching.record_loader import RecordLoader
from crmctl.services.imports.matching.repeated_rows import RepeatedRecords, RepeatedRows
from crmctl.services.imports.matching.row_keys import NAMES, RowKeys, deciding_keys
from crmctl.services.imports.matching.row_notes import RowNotes
from crmctl.services.imports.matching.stored_rows import RecordModel, RecordRow, Row
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.records import types
from crmctl.services.records.external_ids import ExternalIdPair
from crmctl.services.records.hidden_customers import merge_survivors
from crmctl.services.records.references import CANDIDATES
from crmctl.storage.scope import sees

#: The last keys of rows whose record may be one that only bears their name.
_BY_ID = ("external_id",)
_FALLING_BACK = (*_BY_ID, "email", "name")
#: The fields besides those of its keys that say what a row is about.
_IDENTITY = frozenset(
    {"", "crmctl_id", "external_id", "external_ids", "number", "name", "first_name", "last_name",
     "email", "website"}
)  # fmt: skip


class Matcher(Generic[Row]):
    """Finds the records that rows are about; what a batch needs is loaded in a few queries.

    They are stored rows of `model`, which nobody is kept from changing unless `lock` says so (see
    RecordLoader); customers that others were merged into are records, and locked. `chain` are the
    keys that rows are known by, the surest first, and `typed` says that a person chose them.
    `notes` are what is said of rows for what they are about.
    """

    def __init__(
        self,
        session: CrmSession,
        model: RecordModel,
        chain: tuple[str, ...],
        *,
        typed: bool,
        lock: bool,
    ) -> None:
        self._session = session
        self._model = model
        self._entity = types.entity_of(model)
        self._prefix = types.of(model).prefix
        self._name_column = types.of(model).name_column
        self._chain = chain
        self._keys = [(key, key.split(",")) for key in chain]
        self._typed = typed
        self._loader: RecordLoader[Row] = RecordLoader(session, model, lock=lock)
        self._found: dict[MatchKey, list[Row]] = {}
        self._row_keys: dict[int, RowKeys] = {}
        self._repeated_rows = RepeatedRows()
        self._repeated_records = RepeatedRecords()
        self._merged = MergedCustomers(session)
        self._about_merged: set[int] = set()
        self._superseded: dict[int, list[ExternalIdPair]] = {}
        self.notes = RowNotes()
        self._addresses: KnownAddresses[Row] = KnownAddresses(session, self.notes)
        self._ids = IdCheck(
            entity=self._entity, name=self._name_column, typed=typed, notes=self.notes
        )
        self._names: KnownNames[Row] = KnownNames(session, self._entity, self._loader, self.notes)
        self._falls_back = model is Customer and not typed

    def is_key(self, field: str) -> bool:
        """Return whether `field` is of a key by which rows are told apart."""
        return any(field in parts for _, parts in self._keys)

    def load(self, rows: Sequence[ParsedRow]) -> None:
        """Load the records that `rows` may be about."""
        self._found, self._about_merged, self._superseded = {}, set(), {}
        self.notes.begin()
        self._loader.load_external_ids(rows)
        self._row_keys = {row.line: self._keys_of(row) for row in rows}
        self._merged.load(self._loader.named_by if self._model is Customer else {})
        wanted: dict[str, dict[Hashable, None]] = {}
        for row_keys in self._row_keys.values():
            for group in (*row_keys.deciding, row_keys.addresses):
                for key, value in group:
                    wanted.setdefault(key, {})[value] = None
        for key, values in wanted.items():
            for match_key, record in self._with_survivors(self._loader.load(key, [*values])):
                self._found.setdefault(match_key, []).append(record)
        addresses = (key for each in self._row_keys.values() for key in each.addresses)
        self._addresses.load(
            record for match_key in addresses for record in self._found.get(match_key, ())
        )
        self._repeated_rows.load(
            match_key for row_keys in self._row_keys.values() for match_key in row_keys.every
        )
        if not self._typed:
            going = [row for row in rows if self._may_go_by_name(row)]
            self._names.load({row.line: self._row_keys[row.line].last_key for row in going}, going)

    def _may_go_by_name(self, row: ParsedRow) -> bool:
        """Return whether nothing surer than a name leads from `row` to a record."""
        row_keys = self._row_keys[row.line]
        if row_keys.last_key not in (_FALLING_BACK if self._falls_back else _BY_ID):
            return False
        return all(map(self._found.keys().isdisjoint, (*row_keys.deciding, row_keys.addresses)))

    def renew(self, written: Sequence[UUID]) -> None:
        """Forget what was read before a commit; others wrote in the change sets `written`."""
        self._loader.renew(written)

    def _keys_of(self, row: ParsedRow) -> RowKeys:
        match_keys = match_keys_of(row, self._keys, self._model)
        deciding = deciding_keys(match_keys)
        every = [with_customer(row, each) if each[0] == "title" else each for each in match_keys]
        if "external_id" not in self._chain:
            every += [("external_id", pair) for pair in row.values.get("external_ids", ())]
        addresses = address_keys(row) if self._has_new_ids_alone(row, deciding) else []
        if addresses:
            every += [each for each in addresses if each not in every]
        decisive = len(deciding[0]) if deciding else 0
        found = RowKeys(deciding=deciding, all=every, decisive=decisive, addresses=addresses)
        if not self._typed and len(self._chain) > 1:
            found.name = next((each for each in every if each[0] in NAMES), None)
        return found

    def _has_new_ids_alone(self, row: ParsedRow, deciding: Sequence[Sequence[MatchKey]]) -> bool:
        """Return whether external ids decide what `row` is about, and nobody has them yet."""
        if not self._falls_back or not deciding or deciding[-1][0][0] != "external_id":
            return False
        return not any(self._loader.owner_of(pair) for pair in row.values["external_ids"])

    def _with_survivors(
        self, loaded: Iterable[tuple[MatchKey, Row]]
    ) -> Iterator[tuple[MatchKey, Row]]:
        """Yield what was loaded, with the customers that others were merged into in their place.

        One that is there itself comes before one that only was merged into another.
        """
        found = list(loaded)
        survivors = self._load_survivors([record for _, record in found])
        if not survivors:
            yield from found
            return
        there = {match_key for match_key, record in found if record.deleted_at is None}
        for match_key, record in found:
            if record.id not in survivors:
                yield match_key, record
            elif match_key not in there:
                self._merged.add(match_key)
                # Only customers are merged, so that a row of theirs is what is looked for.
                yield match_key, cast("Row", survivors[record.id])

    def _load_survivors(self, found: Sequence[Row]) -> dict[UUID, Customer]:
        """Return the customers that those of `found` were merged into, by the ids of these."""
        if self._model is not Customer:
            return {}
        customers = cast("Sequence[Customer]", found)
        survivors = merge_survivors(self._session, customers, lock=not self._session.change.dry)
        if survivors:
            # To undo the merge, which ends all this, may write nothing in those that were kept.
            merged = (record for record in customers if record.id in survivors)
            changes.lock_as_read(self._session, Customer, merged)
        return survivors

    def is_clear(self, row: ParsedRow) -> bool:
        """Return whether what `row` is refused for does not touch what it is known by."""
        refused = row.refused
        identified = self._row_keys[row.line].deciding and _IDENTITY.isdisjoint(refused)
        return bool(identified) and not any(map(self.is_key, refused))

    def match(self, row: ParsedRow) -> Row | None:
        """Return the record that `row` is about, None for a new one; a doubt refuses the row."""
        groups, refused = self._row_keys[row.line].deciding, len(row.refused)
        if not groups:
            self.refuse_nameless(row)
        for group in groups:
            found = self._choose(row, group)
            if found or len(row.refused) > refused:
                return found
        addresses = self._row_keys[row.line].addresses
        found = self._choose_by_address(row, addresses) if addresses else None
        return found or self._names.choose(row)

    def _choose_by_address(self, row: ParsedRow, match_keys: list[MatchKey]) -> Row | None:
        """Return the one record that has the address of `row`, whose external ids are new."""
        hits = [match_key for match_key in match_keys if self._found.get(match_key)]
        found = [record for match_key in hits for record in self._found[match_key]]
        records = _preferably_there(found)
        if not records:
            return None
        if len(records) == 1 and self._merged.has(row, hits, records[0]):
            self._about_merged.add(row.line)
            return records[0]
        key = match_keys[0][0]
        chosen = self._addresses.choose(row, key, records)
        if chosen and chosen.deleted_at is not None:
            row.refuse("website" if key == "domain" else key, self._removed(chosen))
        return chosen

    def _choose(self, row: ParsedRow, match_keys: list[MatchKey]) -> Row | None:
        """Return the one record that has `match_keys`, all of one key."""
        key, known = match_keys[0][0], self._found
        found = {each.id: each for one in match_keys if one in known for each in known[one]}
        records = list(found.values())
        if not records and key != "number":
            return None
        if key == "title":
            records = of_customers(records, row)
        if key == "external_id":
            records = [each for each in records if self._may_be(row, match_keys, each)]
        records = _preferably_there(records)
        if not records and key == "number":
            row.refuse(key, f"there is no {self._entity} {row.texts[key]}")
        if not records:
            return None
        if reason := self._why_unfit(records):
            row.refuse(key.partition(",")[0], reason)
            return None
        hits = [each for each in match_keys if each in known]
        if self._is_merged(row, hits, records[0]):
            self._about_merged.add(row.line)
        return records[0]

    def _may_be(self, row: ParsedRow, match_keys: list[MatchKey], record: Row) -> bool:
        """Return whether `row` is about `record`, which has one of its ids, or may have.

        One that is not known to be of the same kind of record has to say the same otherwise.
        """
        pairs = [cast("ExternalIdPair", pair) for _, pair in match_keys]
        if any(self._loader.owner_of(pair) == record.id for pair in pairs):
            return True
        known = (self._loader.likely_owners(pair).get(record.id) for pair in pairs)
        return agrees(row, record, self._name_column) or any(
            self._merged.names(row, pair) for pair in known if pair
        )

    def _is_merged(self, row: ParsedRow, hits: Sequence[MatchKey], record: Row) -> bool:
        """Return whether `row` means one that was merged into `record`, as customers are."""
        if self._model is not Customer:
            return False
        return self._merged.has(row, [self._known_as(each, record) for each in hits], record)

    def _known_as(self, match_key: MatchKey, record: Row) -> MatchKey:
        """Return `match_key` of a row as `record` has it, whose external ids may tell no kind."""
        key, value = match_key
        known = self._loader.likely_owners(value).get(record.id) if key == "external_id" else None
        return (key, known) if known else match_key

    def is_about_merged(self, row: ParsedRow) -> bool:
        """Return whether `row` is about a customer that was merged into the one that was found.

        It says nothing of that one, and may stand in the file beside a row that does.
        """
        return row.line in self._about_merged

    def _why_unfit(self, records: Sequence[Row]) -> str | None:
        """Return why a row cannot be about one of `records`; None where it can be."""
        record = records[0]
        if len(records) > 1 and record.deleted_at is None:
            named = [f"{self.ref(each)} {getattr(each, self._name_column)}" for each in records]
            more = " and more" if len(named) > CANDIDATES else ""
            return f"could be any of {', '.join(named[:CANDIDATES])}{more}"
        if not sees(self._session, record.franchise_id):
            return f"belongs to a {self._entity} of another franchise"
        if record.deleted_at is not None:
            return self._removed(record)
        return None

    def _removed(self, record: RecordRow) -> str:
        name = self.ref(record)
        return f"{name} is removed (crmctl {self._entity} restore {name})"

    def ref(self, record: RecordRow) -> str:
        """Return what people call `record` by."""
        return f"{self._prefix}{record.number}"

    def refuse_nameless(self, row: ParsedRow) -> None:
        """Refuse `row` if nothing tells what it is about, unless that follows from another."""
        key = self._chain[-1]
        asked = row.refused and (self._typed or not _IDENTITY.isdisjoint(row.refused))
        if asked or key in row.refused or self._row_keys[row.line].deciding:
            return
        if self._typed:
            field = missing_field(row, key, self._model)
            shared = field == "domain" and "email" in row.values
            reason = "is that of a mail service" if shared else "is empty"
            row.refuse(field, f"{reason}, and rows are told apart by it (--key {key})")
        else:
            row.refuse(key, f"nothing tells this {self._entity} from others: it needs a {key}")

    def check_repeated(self, row: ParsedRow, record: RecordRow | None) -> bool:
        """Refuse `row` if an earlier row of the file was about `record`, or the same new one.

        Returns whether one was by another external id, which the record has since it was merged.
        """
        row_keys = self._row_keys[row.line]
        line, again = None, None
        for match_key in row_keys.all[: row_keys.decisive]:
            line = line or self._repeated_rows.first_line(match_key)
        if line is None and record is not None and not self.is_about_merged(row):
            again = self._repeated_records.first_line(record.number)
        if line is None and again is None:
            if record is None and (row_keys.addresses or row_keys.name):
                self._look_at_earlier(row, row_keys)
            return False
        key = row_keys.deciding[0][0][0].partition(",")[0]
        if line is None and key == "external_id":
            return True
        self.notes.refuse_repeated(row, self._entity, key, line or again)
        return False

    def check_id(self, row: ParsedRow, record: RecordRow | None) -> None:
        """Refuse `row`, which its ids led to `record`, if these may be ids of something else.

        Of one that an earlier row was about, that is said instead.
        """
        by_ids = self._row_keys[row.line].last_key == "external_id"
        if record is None or not by_ids or self.is_about_merged(row):
            return
        pairs = row.values["external_ids"]
        ids = sum(self._loader.owner_of(pair) == record.id for pair in pairs)
        if ids and not self._repeated_records.first_line(record.number):
            self._ids.check(row, record, same_ids=ids)

    def _look_at_earlier(self, row: ParsedRow, row_keys: RowKeys) -> None:
        """Note that `row`, about a new record, has the address of an earlier row.

        One that has the name of a row which says nothing surer is refused, as is that one after it.
        """
        for match_key in row_keys.addresses:
            if (line := self._repeated_rows.first_line(match_key)) and match_key[0] == "email":
                self._addresses.note_shared(row, line)
        alone = row_keys.name_alone
        if alone and not row_keys.goes_by_name and (line := self._repeated_rows.first_line(alone)):
            self.notes.refuse_repeated(row, self._entity, self._name_column, line)

    def mark_imported(self, row: ParsedRow, record: RecordRow | None) -> None:
        """Note that `row` is imported, so that a later row about the same is refused.

        `record` is what it is about, where that was there before.
        """
        row_keys = self._row_keys[row.line]
        for match_key in row_keys.every if row_keys.goes_by_name else row_keys.all:
            self._repeated_rows.add(match_key, row.line)
        if record is not None and not self.is_about_merged(row):
            self._repeated_records.add(record.number, row.line)

    def new_external_ids(self, row: ParsedRow, record: RecordRow | None) -> list[ExternalIdPair]:
        """Return the external ids of `row` that `record`, None for a new one, does not carry yet.

        One that belongs to another record refuses the row.
        """
        new: list[ExternalIdPair] = []
        for pair in () if row.problems else row.values.get("external_ids", ()):
            owner = self._loader.owner_of(pair)
            if line := self._repeated_rows.first_line(("external_id", pair)):
                row.refuse("external_id", f"line {line} has the same external id")
            elif owner is None and record:
                self._add_new(row, pair, record, new)
            elif owner is None:
                new.append(pair)
            elif record is None or owner != record.id:
                row.refuse("external_id", f"{pair[1]} belongs to another {self._entity} already")
        return new

    def _add_new(
        self,
        row: ParsedRow,
        pair: ExternalIdPair,
        record: RecordRow,
        new: list[ExternalIdPair],
    ) -> None:
        """Add to `new` an id of `row` that nobody has, unless its record has it with its kind."""
        known = self._loader.likely_owners(pair).get(record.id)
        if known and split_source(known[0])[1]:
            return
        new.append(pair)
        if known:
            self._superseded.setdefault(row.line, []).append(known)

    def superseded(self, row: ParsedRow) -> Sequence[ExternalIdPair]:
        """Return the external ids that new ones of `row` replace, as these say what they are of."""
        return self._superseded.get(row.line, ())


def _preferably_there(records: list[Row]) -> list[Row]:
    """Return those of `records` that are not removed, or all where each is."""
    return [record for record in records if record.deleted_at is None] or records
