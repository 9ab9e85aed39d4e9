"""Whom and what the rows of a file refer to: owners, franchises, customers and deals."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from sqlmodel import col, select

from crmctl.domain.duplicates.contacts import domain_of, host_of
from crmctl.errors import CrmError
from crmctl.models.base import new_id
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.inputs import CustomerUpdate, UserUpdate, validated
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise, User
from crmctl.services.imports.matching.match_keys import held, plain
from crmctl.services.imports.matching.value_index import ValueIndex
from crmctl.services.imports.parsing import ParsedRow
from crmctl.services.records import external_ids
from crmctl.services.records.customers import merge_survivors as kept_of
from crmctl.services.records.references import (
    CANDIDATES,
    PREFIX,
    entity_of,
    name_of,
    number_of,
    ref,
)
from crmctl.storage.lookups import batches, by_number
from crmctl.storage.scope import in_company

#: How many names are kept in memory before they are looked up anew.
_REMEMBERED = 20_000
#: A text that can be the address of a website as well as a name.
_DOMAIN = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:/\S*)?")


@dataclass
class Candidate:
    """Someone whom rows refer to. `fresh` are the values of one who is not in the database yet.

    `barred` says why no record may newly refer to them.
    """

    id: UUID
    label: str
    email: str | None = None
    barred: str = ""
    fresh: dict[str, Any] | None = None
    external: tuple[str, str] | None = None
    kept: bool = False


@dataclass
class Candidates:
    """Those who are known, by what they are called, and those to be created."""

    create: bool
    known: dict[tuple[str, Any], list[Candidate]] = field(default_factory=dict)
    pending: list[Candidate] = field(default_factory=list)

    def add(self, name: tuple[str, Any], party: Candidate) -> None:
        """Make `party` known as `name`."""
        parties = self.known.setdefault(name, [])
        if all(each.id != party.id for each in parties):
            parties.append(party)

    def first(self, names: Iterable[tuple[str, Any]], email: str | None) -> list[Candidate]:
        """Return those who are known by the first of `names` that anyone is known by.

        One who has another address than `email` is someone else of the same name.
        """
        for name in names:
            found = self.known.get(name, [])
            if email and name[0] in ("name", "former"):
                found = [party for party in found if party.email in (None, email.lower())]
            if found:
                return found
        return []

    def keep(self, party: Candidate | None) -> None:
        """Have `party` created, if it has to be, because a row that refers to it is imported."""
        if party and party.fresh is not None and not party.kept:
            party.kept = True
            self.pending.append(party)

    def taken(self) -> list[Candidate]:
        """Return those who are to be created now."""
        pending, self.pending = self.pending, []
        return pending


def choose_candidate(
    item: ParsedRow, name: str, found: Sequence[Candidate], present: UUID | None
) -> Candidate | None:
    """Return the one of `found` that `item` means in its field `name`.

    Of several, it is the one whom its record refers to at `present`; else the item is refused.
    """
    now = next((party for party in found if party.id == present), None)
    if now or not found:
        return now
    if len(found) > 1:
        labels = ", ".join(party.label for party in found[:CANDIDATES])
        more = " and more" if len(found) > CANDIDATES else ""
        item.refuse(name, f"could be any of {labels}{more}")
    elif found[0].barred:
        item.refuse(name, found[0].barred)
    return found[0]


class Owners(Candidates):
    """The users of the company."""

    def __init__(self, session: CrmSession, *, create: bool) -> None:
        super().__init__(create)
        self.labels: dict[UUID, str] = {}
        self._answers: dict[tuple[str | None, str | None], list[Candidate]] = {}
        query = select(User.id, User.name, User.email, User.active).where(in_company(session, User))
        users = session.exec(query.order_by(col(User.id))).all()
        for user_id, name, email, active in users:
            self.labels[user_id] = name
            party = Candidate(user_id, f"{name} <{email}>" if email else name, email)
            if email:
                self.add(("email", email.lower()), party)
            # Someone who left is meant only where nobody who is there bears the name.
            self.add(("name" if active else "former", name.lower()), party)

    def find(self, item: ParsedRow) -> list[Candidate]:
        """Return those who may own the record that `item` is about; none refuses the item."""
        text, email = item.values.get("owner"), item.values.get("owner_email")
        if not text and not email:
            return []
        found = self._called(text, email)
        if found:
            return found
        field_name = "owner" if text else "owner_email"
        if self.create:
            return self.introduce(item, field_name, text, email)
        item.refuse(
            field_name,
            f"no user answers to {email or text!r} (--create-missing users adds them)",
        )
        return []

    def _called(self, text: str | None, email: str | None) -> list[Candidate]:
        """Return those who answer to `text` and `email`; most rows name few of them."""
        called = self._answers.get((text, email))
        if called is None:
            words = [each.lower() for each in (email, text) if each]
            names = [(kind, word) for word in words for kind in ("email", "name", "former")]
            called = self.first(names, email)
            if called:
                if len(self._answers) >= _REMEMBERED:
                    self._answers.clear()
                self._answers[text, email] = called
        return called

    def introduce(
        self, item: ParsedRow, name: str, text: str | None, email: str | None
    ) -> list[Candidate]:
        """Return a new user of whom `item` says `text` and `email`, in its field `name`."""
        address = email or (text if text and "@" in text else None)
        try:
            values = validated(UserUpdate, {"name": text or email, "email": address})
        except CrmError as error:
            item.refuse(name, str(error))
            return []
        self._answers.clear()
        party = Candidate(new_id(), values["name"], values["email"], fresh=values)
        self.labels[party.id] = party.label
        self.add(("name", values["name"].lower()), party)
        if values["email"]:
            self.add(("email", values["email"]), party)
        return [party]


class Franchises:
    """The franchises of the company."""

    def __init__(self, session: CrmSession) -> None:
        self._own = session.franchise_id
        query = select(Franchise).where(in_company(session, Franchise))
        self._known = {row.name.lower(): row.id for row in session.exec(query)}
        self.labels = {row_id: name for name, row_id in self._known.items()}

    def find(self, item: ParsedRow) -> UUID | None:
        """Return the franchise that `item` names; one that is not there refuses the item."""
        text = item.values.get("franchise")
        if text is None:
            return None
        found = self._known.get(text.lower())
        if found is None:
            item.refuse("franchise", f"no franchise is called {text!r} (crmctl franchise add)")
        elif self._own not in (None, found):
            item.refuse("franchise", "is not the one that this import works for")
        return found


class Records(Candidates):
    """Records that the rows of a file refer to, looked up a batch at a time.

    They are named in the fields `customer`, `customer_crmctl_id` and so on, by their kind.
    """

    model: ClassVar[type[Any]]
    #: The columns that a record can be named by, beside its number and its external ids.
    name: ClassVar[str]
    email: ClassVar[str | None] = None
    #: What an import can do about a record that is not there.
    way: ClassVar[str] = ""

    def __init__(self, session: CrmSession, *, create: bool, source: str | None) -> None:
        super().__init__(create)
        self._session = session
        self._source = source
        self.labels: dict[UUID, str] = {}
        self.franchises: dict[UUID, UUID | None] = {}
        self._directories: dict[str, ValueIndex] = {}
        self._most = _REMEMBERED
        self._noun = str(entity_of(self.model))
        kinds = ("email", "external_id", "domain", "crmctl_id")
        names = (self._noun, *(f"{self._noun}_{kind}" for kind in kinds))
        self._fields = dict.fromkeys(names).keys()

    def load(self, items: Sequence[ParsedRow]) -> None:
        """Look up all that `items` call their records, if it was not before."""
        self._forget()
        wanted: dict[str, dict[Any, str]] = {}
        for item in items:
            for (kind, word), text in self._names(item):
                if (kind, word) not in self.known:
                    self.known[(kind, word)] = []
                    wanted.setdefault(kind, {})[word] = text
        self._load("id", col(self.model.id), list(wanted.get("id", ())))
        self._load("number", col(self.model.number), list(wanted.get("number", ())))
        if self.email:
            self._load("email", getattr(self.model, self.email), list(wanted.get("email", ())))
        for kind in ("name", "domain"):
            if words := wanted.get(kind):
                self._load(kind, col(self.model.id), self._directory(kind).find(words))
        self._load_external(list(wanted.get("external", ())))

    def _forget(self) -> None:
        """Forget those who can be looked up anew: a long file may name more than memory holds."""
        if len(self.known) <= self._most:
            return
        self.known = {
            name: parties
            for name, parties in self.known.items()
            if any(party.fresh is not None for party in parties)
        }
        fresh = {party.id for parties in self.known.values() for party in parties}
        self.labels = {row_id: self.labels[row_id] for row_id in fresh}
        self.franchises.clear()
        self._most = max(_REMEMBERED, 2 * len(self.known))

    def _directory(self, kind: str) -> ValueIndex:
        if kind not in self._directories:
            self._directories[kind] = ValueIndex(self._session, self.model, *self._held(kind))
        return self._directories[kind]

    def _held(self, kind: str) -> tuple[list[Any], Callable[..., Any]]:
        """Return the columns that names of a `kind` stand in, and what makes the name of them."""
        return held(self.name if kind == "name" else kind, self.model)

    def _names(self, item: ParsedRow) -> list[tuple[tuple[str, Any], str]]:
        """Return what `item` calls its record, the surest first, each with the text itself."""
        values, noun = item.values, self._noun
        found: list[tuple[tuple[str, Any], str]] = []
        if self._fields.isdisjoint(values):
            return found
        if row_id := values.get(f"{noun}_crmctl_id"):
            found.append((("id", row_id), str(row_id)))
        if text := values.get(f"{noun}_external_id"):
            found.append((("external", self._key(text)), text))
        if text := values.get(f"{noun}_email"):
            found.append((("email", text.lower()), text))
        if domain := host_of(values.get(f"{noun}_domain") or ""):
            found.append((("domain", domain), domain))
        if text := values.get(noun):
            if number := self._number(text):
                found.append((("number", number), text))
            found.append((("external", self._key(text)), text))
            if "@" in text and self.email:
                found.append((("email", text.lower()), text))
            found.append((("name", plain(text)), text))
            if self.email and _DOMAIN.fullmatch(text):
                found.append((("domain", host_of(text)), text))
        return found

    def _number(self, text: str) -> int | None:
        """Return the number that `text` names a record by, which its letter must precede."""
        lettered = text[:1].upper() == PREFIX[self.model]
        return number_of(self.model, text) if lettered else None

    def _key(self, text: str) -> tuple[str, str]:
        """Return the source and the id that `text` would be as an external id."""
        if self._source is not None:
            return self._source, text
        source, colon, external_id = text.partition(":")
        return (source, external_id) if colon else ("", text)

    def _load(self, kind: str, column: Any, values: Sequence[Any]) -> None:
        for batch in batches(values):
            self._query(kind, column.in_(batch))

    def _query(self, kind: str, condition: Any) -> None:
        model: Any = self.model
        query = (
            select(model)
            .where(in_company(self._session, model), condition)
            .order_by(by_number(model))
        )
        rows = self._session.exec(query).all()
        kept = kept_of(self._session, [row for row in rows if isinstance(row, Customer)])
        columns, read = self._held(kind)
        # One that is there itself comes before one that was merged into another.
        for row in sorted(rows, key=lambda row: row.id in kept):
            name = (kind, read(*(getattr(row, column.key) for column in columns)))
            if row.id not in kept or not self.known.get(name):
                self._meet(name, kept.get(row.id, row))

    def _meet(self, name: tuple[str, Any], row: Any) -> None:
        """Let `name` stand for `row`, if that is within reach."""
        email = getattr(row, "email", None)
        party = Candidate(row.id, f"{ref(row)} {name_of(row)}", email, self._barred(row))
        # An id names one that is out of reach too, and is not free for another.
        if name[0] == "id" or not party.barred:
            self._learn(row)
            self.add(name, party)

    def _learn(self, row: Any) -> None:
        """Remember what else is needed of a record that is known from now on."""
        self.labels[row.id] = name_of(row)
        self.franchises[row.id] = row.franchise_id

    def _barred(self, row: Any) -> str:
        noun = entity_of(self.model)
        if self._session.franchise_id not in (None, row.franchise_id):
            return f"belongs to a {noun} of another franchise"
        if row.deleted_at is not None:
            return f"{ref(row)} is removed (crmctl {noun} restore {ref(row)})"
        return ""

    def _load_external(self, pairs: list[tuple[str, str]]) -> None:
        sources: dict[str, list[str]] = {}
        for source, external_id in pairs:
            sources.setdefault(source, []).append(external_id)
        named: dict[UUID, list[tuple[str, str]]] = {}
        for source, ids in sources.items():
            found = external_ids.lookup(self._session, entity_of(self.model), source, ids)
            for external_id, row_id in found.items():
                named.setdefault(row_id, []).append((source, external_id))
        self._load("id", col(self.model.id), list(named))
        for row_id, its_keys in named.items():
            for pair in its_keys:
                for party in self.known.get(("id", row_id), []):
                    self.add(("external", pair), party)

    def name_all(self, ids: Iterable[UUID | None]) -> None:
        """Learn the names of the records with these `ids`."""
        unknown = sorted({row_id for row_id in ids if row_id} - self.labels.keys())
        self._load("id", col(self.model.id), unknown)

    def find(self, item: ParsedRow) -> list[Candidate]:
        """Return those that `item` may refer to; none refuses the item."""
        names = self._names(item)
        if not names:
            return []
        email = item.values.get(f"{entity_of(self.model)}_email")
        return self.first((name for name, _ in names), email) or self._absent(item)

    def _absent(self, item: ParsedRow) -> list[Candidate]:
        """Refuse `item`, because nobody answers to what it says, or return who is to be created."""
        noun = entity_of(self.model)
        item.refuse(self.field(item), f"no {noun} answers to {self._told(item)!r}{self.way}")
        return []

    def field(self, item: ParsedRow) -> str:
        """Return the field in which `item` names its record."""
        return next((name for name in self._fields if name in item.values), self._noun)

    def _told(self, item: ParsedRow) -> str:
        email = item.texts.get(f"{entity_of(self.model)}_email")
        return email or item.texts[self.field(item)]


class Deals(Records):
    """The deals that the activities of a file are about."""

    model = Deal
    name = "title"

    def __init__(self, session: CrmSession, *, source: str | None) -> None:
        super().__init__(session, create=False, source=source)
        self.customers: dict[UUID, UUID | None] = {}

    def _learn(self, row: Deal) -> None:
        super()._learn(row)
        self.customers[row.id] = row.customer_id


class Customers(Records):
    """The customers whom the rows of a file refer to."""

    model = Customer
    name = "name"
    email = "email"
    way = " (--create-missing customers adds them)"

    def _absent(self, item: ParsedRow) -> list[Candidate]:
        return self._new(item) if self.create else super()._absent(item)

    def _new(self, item: ParsedRow) -> list[Candidate]:
        """Return a customer with all that `item` says about it, known by that from now on."""
        given = item.values
        text, email = given.get("customer"), given.get("customer_email")
        if email is None and text and "@" in text and " " not in text:
            email = text
        domain = host_of(given.get("customer_domain") or "")
        if not (text or email or domain) or self._number(text or ""):
            name = self.field(item)
            item.refuse(name, f"no customer answers to {item.texts[name]!r}")
            return []
        try:
            named = {"name": text or email or domain, "email": email}
            values = validated(CustomerUpdate, named | ({"website": domain} if domain else {}))
        except CrmError as error:
            item.refuse(self.field(item), str(error))
            return []
        external = given.get("customer_external_id")
        row_id = given.get("customer_crmctl_id") or new_id()
        party = Candidate(row_id, values["name"], values["email"], fresh=values)
        party.external = self._key(external) if external else None
        self.labels[party.id] = party.label
        self._introduce(party)
        return [party]

    def written(self, parties: Sequence[Candidate]) -> None:
        """Take note that `parties` are in the database now, which can be asked for them."""
        for kind, directory in self._directories.items():
            columns, read = self._held(kind)
            directory.add(
                (read(*((party.fresh or {}).get(column.key) for column in columns)), party.id)
                for party in parties
            )
        for party in parties:
            party.fresh = None

    def _introduce(self, party: Candidate) -> None:
        values: Mapping[str, Any] = party.fresh or {}
        self.add(("id", party.id), party)
        self.add(("name", values["name"].lower()), party)
        if values.get("email"):
            self.add(("email", values["email"]), party)
        if domain := domain_of(values.get("website"), values.get("email")):
            self.add(("domain", domain), party)
        if party.external:
            self.add(("external", party.external), party)
