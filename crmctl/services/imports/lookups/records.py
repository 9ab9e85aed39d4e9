"""The customers and deals that the rows of a file refer to, looked up a batch at a time."""

import re
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from itertools import chain
from typing import ClassVar, Generic
from uuid import UUID

from sqlalchemy import Column, ColumnElement
from sqlmodel import select

from crmctl.domain.contacts import host_of
from crmctl.domain.external_ids import canonical, kind_of_column, source_of
from crmctl.domain.importing.findings import Certainty, Finding, Findings
from crmctl.domain.importing.unknown_names import NameOf
from crmctl.models.customers import Customer
from crmctl.models.session import CrmSession
from crmctl.services.imports.lookups.candidates import Candidate, CandidateName, Candidates
from crmctl.services.imports.lookups.choosing import named_together, of_domain
from crmctl.services.imports.matching.match_keys import StoredKey, comparable, stored_key
from crmctl.services.imports.matching.value_index import ValueIndex
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.records import external_ids, types
from crmctl.services.records.external_ids import ExternalIdPair
from crmctl.services.records.hidden_customers import merge_survivors, merged_among
from crmctl.services.records.references import (
    Numbered,
    name_of,
    number_of,
    ref,
)
from crmctl.storage.lookups import batches, by_number
from crmctl.storage.scope import in_company, sees
from crmctl.storage.tables import table_of

#: What a record is named by in fields of their own, such as `customer_email`.
_NAMED_BY = ("email", "external_id", "domain", "crmctl_id")
#: What names a record even where no column of names does.
_OTHERWISE = ("external_id", "domain", "crmctl_id")
_BY_WEBSITE = Finding(
    certainty=Certainty.DECIDED,
    text="rows name a domain that several have: the customer is the one whose website it is",
    one="row names a domain that several have: the customer is the one whose website it is",
    count=1,
)
#: How many names are kept in memory before they are looked up anew.
_REMEMBERED = 20_000
#: A text that can be the address of a website as well as a name.
_DOMAIN = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:/\S*)?")


class RecordLookup(Candidates, Generic[Numbered]):
    """Records that the rows of a file refer to, looked up a batch at a time.

    They are named in the fields `customer`, `customer_crmctl_id` and so on, by their kind. With
    `lock`, nobody merges those that were found before the transaction ends.
    """

    #: The model of the records.
    model: type[Numbered]
    #: The columns that a record can be named by, beside its number and its external ids.
    name: ClassVar[str]
    email: ClassVar[str | None] = None
    #: The fields that name a record where no other does.
    instead: ClassVar[tuple[str, ...]] = ()
    #: How to have an import create a record that is not there.
    creation_hint: ClassVar[str] = ""

    def __init__(
        self,
        session: CrmSession,
        *,
        findings: Findings,
        create: bool,
        source: str | None,
        lock: bool = False,
    ) -> None:
        super().__init__(create)
        self._findings = findings
        self._session = session
        self._lock = lock
        self._unlocked = False
        self._source = source
        self.labels: dict[UUID, str] = {}
        self.franchises: dict[UUID, UUID | None] = {}
        self._columns = table_of(self.model).c
        self._indexes: dict[str, ValueIndex] = {}
        self._most = _REMEMBERED
        self._noun = types.of(self.model).noun
        self._entity = types.entity_of(self.model)
        self._known_sources: dict[str, list[str]] = {}
        self._named: dict[int, dict[str, list[tuple[CandidateName, str]]]] = {}
        names = (self._noun, *(f"{self._noun}_{kind}" for kind in _NAMED_BY), *self.instead)
        self._fields = dict.fromkeys(names).keys()

    def load(self, rows: Sequence[ParsedRow]) -> None:
        """Look up all that `rows` call their records, if it was not before."""
        self._forget()
        naming = (row for row in rows if not self._fields.isdisjoint(row.values))
        self._named = {row.line: self._names(row) for row in naming}
        named = [list(chain.from_iterable(said.values())) for said in self._named.values()]
        if self._unlocked and self._lock:
            self._lock_known(named)
        wanted: dict[str, dict[Hashable, str]] = {}
        for names in named:
            for (kind, word), text in names:
                if (kind, word) not in self.known:
                    self.known[(kind, word)] = []
                    wanted.setdefault(kind, {})[word] = text
        self._load("id", self._columns.id, list(wanted.get("id", ())))
        self._load("number", self._columns.number, list(wanted.get("number", ())))
        if self.email:
            self._load("email", self._columns[self.email], list(wanted.get("email", ())))
        for kind in ("name", "domain"):
            if words := wanted.get(kind):
                self._load(kind, self._columns.id, self._index(kind).find(words))
        self._load_by_external_id(wanted.get("external", ()))

    def _lock_known(self, named: Iterable[Iterable[tuple[CandidateName, str]]]) -> None:
        """Lock those who are known from before a commit; if one was merged since, forget all."""
        ids = {each.id for names in named for name, _ in names for each in self.known.get(name, ())}
        if merged_among(self._session, sorted(ids), lock=True):
            self._forget_all()

    def _forget(self) -> None:
        """Forget those who can be looked up anew: a long file may name more than memory holds."""
        if len(self.known) <= self._most:
            return
        self.known = {
            name: candidates
            for name, candidates in self.known.items()
            if any(each.new_values is not None for each in candidates)
        }
        new = {each.id for candidates in self.known.values() for each in candidates}
        self.labels = {row_id: self.labels[row_id] for row_id in new}
        self.franchises.clear()
        self._most = max(_REMEMBERED, 2 * len(self.known))

    def renew(self, written: Sequence[UUID]) -> None:
        """Forget, after a commit, what others may have changed in the change sets `written`."""
        self._unlocked = True
        if written:
            self._forget_all()
        for index in self._indexes.values():
            index.renew(written)

    def _forget_all(self) -> None:
        self.known, self.labels, self.franchises = {}, {}, {}
        self._known_sources = {}
        self._unlocked = False

    def _index(self, kind: str) -> ValueIndex:
        if kind not in self._indexes:
            self._indexes[kind] = ValueIndex(self._session, self.model, self._stored_key(kind))
        return self._indexes[kind]

    def _stored_key(self, kind: str) -> StoredKey:
        """Return where records hold names of a `kind`."""
        return stored_key(self.name if kind == "name" else kind, self.model)

    def _names(self, row: ParsedRow) -> dict[str, list[tuple[CandidateName, str]]]:
        """Return what `row` calls its record, by what its columns say, each with the text itself.

        What only its own column says is under an empty name, the surest reading first.
        """
        values, noun = row.values, self._noun
        found: dict[str, list[tuple[CandidateName, str]]] = {}
        if row_id := values.get(f"{noun}_crmctl_id"):
            found["crmctl_id"] = [(("id", row_id), str(row_id))]
        if text := values.get(f"{noun}_external_id"):
            found["external_id"] = [(("external", self._own_external_id(row, text)), text)]
        if text := values.get(f"{noun}_email"):
            found["email"] = [(("email", text.lower()), text)]
        if (text := values.get(f"{noun}_domain")) and (domain := host_of(text)):
            found["domain"] = [(("domain", domain), domain)]
        if text := self._text(row):
            found[""] = self._readings(text)
        return found

    def _text(self, row: ParsedRow) -> str | None:
        """Return what `row` calls its record in a column of names."""
        values, noun = row.values, self._noun
        text: str | None = values.get(noun)
        if text is None and not any(f"{noun}_{kind}" in values for kind in _OTHERWISE):
            text = next((values[name] for name in self.instead if name in values), None)
        return text

    def _readings(self, text: str) -> list[tuple[CandidateName, str]]:
        """Return what `text`, which may name a record in any way, can be read as."""
        found: list[tuple[CandidateName, str]] = []
        if number := self._number(text):
            found.append((("number", number), text))
        found.append((("external", self._external_id(text)), text))
        if "@" in text and self.email:
            found.append((("email", text.lower()), text))
        found.append((("name", comparable(text)), text))
        if self.email and _DOMAIN.fullmatch(text):
            found.append((("domain", host_of(text)), text))
        return found

    def _number(self, text: str) -> int | None:
        """Return the number that `text` names a record by, which its letter must precede."""
        lettered = text[:1].upper() == types.of(self.model).prefix
        return number_of(self.model, text) if lettered else None

    def _own_external_id(self, row: ParsedRow, text: str) -> ExternalIdPair:
        """Return the external id that `text` is in the column of `row` for those of its record."""
        kind = row.values.get(f"{self._noun}_id_kind")
        if kind is None:
            kind = kind_of_column(row.columns.of(f"{self._noun}_external_id"), self._entity)
        return self._external_id(text, kind)

    def _external_id(self, text: str, kind: str = "") -> ExternalIdPair:
        """Return the source and the id that `text` would be as an external id, one of a `kind`."""
        source, colon, external_id = text.partition(":")
        if self._source is None and colon:
            return source, canonical(source, external_id)
        source = source_of(self._source or "", kind)
        return source, canonical(source, text)

    def _load(self, kind: str, column: Column[object], values: Sequence[Hashable]) -> None:
        for batch in batches(values):
            self._load_where(kind, column.in_(batch))

    def _load_where(self, kind: str, condition: ColumnElement[bool]) -> None:
        query = select(self.model).where(in_company(self._session, self.model), condition)
        query = query.order_by(by_number(self.model))
        if self._lock:
            query = query.with_for_update(read=True, key_share=True)
            query = query.execution_options(populate_existing=True)
        rows = self._session.exec(query).all()
        customers = [row for row in rows if isinstance(row, Customer)]
        survivors = merge_survivors(self._session, customers, lock=self._lock)
        key = self._stored_key(kind)
        # One that is there itself comes before one that was merged into another, or is removed.
        for row in sorted(rows, key=lambda row: (row.deleted_at is not None, row.id in survivors)):
            name = (kind, key.value_of(row))
            if row.deleted_at is None or not self.known.get(name):
                self._add_record(name, survivors.get(row.id, row))

    def _add_record(self, name: CandidateName, record: Customer | Numbered) -> None:
        """Let `name` stand for `record`, if that is within reach."""
        barred_because = self._why_barred(record)
        candidate = Candidate(
            id=record.id,
            label=f"{ref(record)} {name_of(record)}",
            name=name_of(record),
            email=record.email if isinstance(record, Customer) else None,
            organisation=record.organisation if isinstance(record, Customer) else None,
            website=record.website if isinstance(record, Customer) else None,
            barred_because=barred_because,
        )
        # An id names one that is out of reach too, and is not free for another; an address one
        # that is removed. Names are borne by others as well.
        named = name[0] != "name" and sees(self._session, record.franchise_id)
        if name[0] == "id" or named or not barred_because:
            self._note(record)
            self.add(name, candidate)

    def _note(self, record: Customer | Numbered) -> None:
        """Note what else is needed of a record that is known from now on."""
        self.labels[record.id] = name_of(record)
        self.franchises[record.id] = record.franchise_id

    def _why_barred(self, record: Customer | Numbered) -> str:
        if not sees(self._session, record.franchise_id):
            return f"belongs to a {self._noun} of another franchise"
        if record.deleted_at is not None:
            return f"{ref(record)} is removed (crmctl {self._noun} restore {ref(record)})"
        return ""

    def _load_by_external_id(self, pairs: Iterable[Hashable]) -> None:
        sources: dict[str, list[str]] = {}
        for pair in pairs:
            assert isinstance(pair, tuple)
            source, external_id = pair
            sources.setdefault(source, []).append(external_id)
        named: dict[UUID, list[ExternalIdPair]] = {}
        for source, ids in sources.items():
            found = external_ids.lookup(self._session, self._entity, source, ids)
            for external_id, row_id in found.items():
                named.setdefault(row_id, []).append((source, external_id))
            for external_id, row_id in self._likely_owners(source, set(ids).difference(found)):
                named.setdefault(row_id, []).append((source, external_id))
        self._load("id", self._columns.id, list(named))
        for row_id, its_ids in named.items():
            for external in its_ids:
                for candidate in self.known.get(("id", row_id), []):
                    self.add(("external", external), candidate)

    def _likely_owners(self, source: str, ids: Collection[str]) -> Iterator[tuple[str, UUID]]:
        """Yield whose ids of the same system those of `ids` may be that nobody has of `source`."""
        if source not in self._known_sources:
            known = external_ids.known_sources(self._session, self._entity, source)
            self._known_sources[source] = known
        for other in self._known_sources[source] if ids else ():
            yield from external_ids.lookup(self._session, self._entity, other, ids).items()

    def load_labels(self, ids: Iterable[UUID | None]) -> None:
        """Load the names of the records with these `ids`."""
        unknown = sorted({row_id for row_id in ids if row_id} - self.labels.keys())
        self._load("id", self._columns.id, unknown)

    def naming(self, rows: Sequence[ParsedRow]) -> Sequence[ParsedRow]:
        """Return those of `rows`, which were loaded, that refer to any: in many files none does."""
        return [row for row in rows if row.line in self._named] if self._named else ()

    def find(self, row: ParsedRow) -> Sequence[Candidate]:
        """Return those that `row` may refer to; none, and columns that name two, refuse it."""
        names = self._named.get(row.line)
        if not names:
            return []
        email = row.values.get(f"{self._noun}_email")
        named = {kind: self._known_as(each, email) for kind, each in names.items()}
        if not any(named.values()):
            return self._missing(row)
        if len(named) > 1 and not named.get("", True):
            # Who has another address bears the name all the same.
            named[""] = self._known_as(names[""], None)
        return named_together(row, named, lambda kind: self._field_of(row, kind))

    def _known_as(
        self, names: Iterable[tuple[CandidateName, str]], email: str | None
    ) -> Sequence[Candidate]:
        for name, _ in names:
            if found := self.first_known([name], email):
                return self._of_domain(found, name[1]) if name[0] == "domain" else found
        return []

    def _of_domain(self, found: Sequence[Candidate], domain: Hashable) -> Sequence[Candidate]:
        """Return those of `found` whose website is at `domain`, or all of them."""
        chosen = of_domain(found, domain)
        if len(chosen) == 1 < len(found):
            self._findings.add(_BY_WEBSITE)
        return chosen

    def _field_of(self, row: ParsedRow, kind: str) -> str:
        """Return the field of `row` that says what `kind` stands for."""
        if kind:
            return f"{self._noun}_{kind}"
        return next((name for name in (self._noun, *self.instead) if name in row.values), kind)

    def _missing(self, row: ParsedRow) -> Sequence[Candidate]:
        """Refuse `row`, because nobody answers to what it says, or return who is to be created."""
        text = row.texts.get(f"{self._noun}_email") or row.texts[self.field(row)]
        why = f"no {self._noun} answers to {text!r}{self._hint(text)}"
        row.refuse(self.field(row), why, NameOf(self._noun))
        return []

    def _hint(self, _text: str) -> str:
        """Return what can be done about a text to which nobody answers."""
        return self.creation_hint

    def field(self, row: ParsedRow) -> str:
        """Return the field in which `row` names its record."""
        return next((name for name in self._fields if name in row.values), self._noun)
