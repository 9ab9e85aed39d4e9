"""What imports of all kinds share: the plan, numbers, keys, and comparing rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crmctl.domain.importing.cells.values import When
from crmctl.domain.importing.plan import ImportPlan
from crmctl.domain.kinds import Entity
from crmctl.models.activities import Activity
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.models.tenants import User
from crmctl.services import changes
from crmctl.services.imports.lookups.records import (
    Candidate,
    Customers,
    Franchises,
    Owners,
    choose_candidate,
)
from crmctl.services.imports.matching.matcher import Matcher
from crmctl.services.imports.options import WriteScope
from crmctl.services.imports.parsing import ParsedRow
from crmctl.services.records import custom_fields, external_ids, numbers

#: Fields that a file gives as they are stored.
PLAIN: dict[Entity, tuple[str, ...]] = {
    Entity.CUSTOMER: (
        "name", "organisation", "email", "phone", "website", "country", "segment", "lead_score",
        "source", "lifecycle", "tags",
    ),
    Entity.DEAL: (
        "title", "amount", "currency", "probability", "forecast_category", "expected_close",
        "next_step", "source", "tags",
    ),
    Entity.ACTIVITY: ("subject", "body", "minutes"),
}  # fmt: skip

Record = Customer | Deal | Activity
#: A row that was read, which may be a plain one (see Matcher), and what changes in it.
RowEdit = tuple[Record, Mapping[str, Any]]

_AGAIN = "skipped for being about a {} that an earlier row is about, by another id"


@dataclass
class Numbers:
    """Takes numbers for new rows, as many as needed where the file is `whole` in one batch."""

    session: CrmSession
    entity: Entity
    whole: bool
    _next: int = 0
    _end: int = 0

    def take(self, count: int) -> list[int]:
        """Return `count` numbers that nobody else gets."""
        if not count:
            return []
        if self.whole:
            first = numbers.take(self.session, self.entity, count)
            return list(range(first, first + count))
        held = range(self._next, min(self._end, self._next + count))
        self._next += len(held)
        if len(held) == count:
            return list(held)
        # A large block is taken apart from this transaction. A small one would hold the counter
        # until its end, and the next block would wait for that.
        wanted = count - len(held)
        block = max(wanted, numbers.SMALL + 1)
        first = numbers.take(self.session, self.entity, block)
        self._next, self._end = first + wanted, first + block
        return [*held, *range(first, first + wanted)]


@dataclass
class ImportContext:
    """An import on its way: where it writes, for whom, and what has come of it so far."""

    session: CrmSession
    plan: ImportPlan
    owners: Owners
    franchises: Franchises
    whole: bool
    zone: ZoneInfo
    scope: WriteScope
    new_keys: list[tuple[tuple[str, str], UUID]] = field(default_factory=list)

    @property
    def entity(self) -> Entity:
        """What the file is a list of."""
        return self.plan.entity

    def skips(self, row: Record | None) -> bool:
        """Return whether a row about `row`, None for a new record, is left out."""
        return not (self.scope.create if row is None else self.scope.update)

    def leaves_out(self, matcher: Matcher[Any], item: ParsedRow, row: Record | None) -> bool:
        """Return whether `item`, which is about `row`, is left out, and count it if it is.

        An item that an earlier one was about as well is refused.
        """
        if item.problems:
            return False
        again = matcher.claim(item, row)
        if item.problems or not (again or self.skips(row)):
            return False
        if again:
            self.plan.notes[_AGAIN.format(self.entity)] += 1
        matcher.keep(item, row)
        self.plan.count_skipped()
        return True

    def custom(self, row: Record | None, item: ParsedRow) -> dict[str, Any]:
        """Return the custom values of `row`, None for a new record, after those of `item`."""
        held, given = getattr(row, "custom", {}), item.values["custom"]
        return (
            custom_fields.merged(given, held)
            if self.scope.fill
            else custom_fields.merged(held, given)
        )

    def differences(self, row: Record, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of `wanted` that `row` does not say already and that may be written."""
        found = differences(row, wanted, self.zone)
        return _filling(row, found) if self.scope.fill else found

    def owner(self, item: ParsedRow, present: UUID | None) -> Candidate | None:
        """Return whom `item` names as the owner."""
        name = "owner" if "owner" in item.values else "owner_email"
        return choose_candidate(item, name, self.owners.find(item), present)

    def edit(self, model: type[Record], edits: Sequence[RowEdit]) -> None:
        """Carry out `edits`, all of `model`; raises Overtaken where a row was changed since."""
        # Records that rows were followed or made to by now are locked.
        read = [row for row, _ in edits if not isinstance(row, model)]
        records = changes.lock_as_read(self.session, model, read)
        changes.edit_each(self.session, [(records.get(row.id, row), new) for row, new in edits])

    def write_users(self) -> None:
        """Create the users that rows of this batch refer to."""
        people = [{"id": each.id, **(each.fresh or {})} for each in self.owners.taken()]
        self.plan.missing["users"] += len(people)
        if people and not self.plan.dry_run:
            changes.create(self.session, User, people)

    def write_keys(self) -> None:
        """Tie the external ids of this batch to their rows."""
        pairs, self.new_keys = self.new_keys, []
        if not self.plan.dry_run:
            external_ids.add(self.session, self.entity, pairs)


def write_customers(work: ImportContext, customers: Customers, places: Numbers) -> None:
    """Create the customers that rows of this batch refer to."""
    session, parties = work.session, customers.taken()
    work.plan.missing["customers"] += len(parties)
    if not parties or work.plan.dry_run:
        return
    home = session.franchise_id
    rows = [
        {"id": party.id, "number": number, "franchise_id": home, **(party.fresh or {})}
        for party, number in zip(parties, places.take(len(parties)), strict=True)
    ]
    changes.insert_values(session, Customer, changes.stamped(session, Customer, rows))
    external = ((party.external, party.id) for party in parties if party.external)
    external_ids.add(session, Entity.CUSTOMER, external)
    customers.written(parties)


def _filling(row: Record, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of `wanted` that are empty in `row`."""
    found = {
        name: value
        for name, value in wanted.items()
        if name == "custom" or getattr(row, name) in (None, "", [])
    }
    # Without its currency, an amount would be another one.
    if "amount" in found and "currency" in wanted:
        found["currency"] = wanted["currency"]
    return found


def differences(row: Record, wanted: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Return those of `wanted` that `row` does not say already; a day holds any time on it."""
    found = {}
    for name, value in wanted.items():
        present = getattr(row, name)
        if isinstance(value, When):
            if not value.same(present, zone):
                found[name] = value.at
        elif value != present:
            found[name] = value
    return found


def plain_values(item: ParsedRow, entity: Entity) -> dict[str, Any]:
    """Return the values of `item` that are stored as they are, by column."""
    return {name: item.values[name] for name in PLAIN[entity] if name in item.values}


def field_changes(
    row: Record, new: Mapping[str, Any], labels: Mapping[str, Mapping[UUID, str]]
) -> dict[str, tuple[object, object]]:
    """Return the fields of `new` as people call them, each with its value in `row` and in `new`.

    `labels` are the names of those whom the columns that hold a relation refer to.
    """
    found: dict[str, tuple[object, object]] = {}
    for name, value in new.items():
        present = getattr(row, name)
        if name in labels:
            names = labels[name]
            found[name.removesuffix("_id")] = (names.get(present), names.get(value))
        elif name == "custom":
            for key in value:
                if value[key] != present.get(key):
                    found[f"custom.{key}"] = (present.get(key), value[key])
        else:
            found[name] = (present, value)
    return found


def external_ids_text(pairs: Sequence[tuple[str, str]]) -> str:
    """Return external ids as people write them."""
    return ", ".join(f"{source}:{key}" if source else key for source, key in pairs)
