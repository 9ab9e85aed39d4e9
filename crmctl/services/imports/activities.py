"""Importing activities."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crmctl.domain.importing.cells import activity_words
from crmctl.domain.importing.cells.values import When
from crmctl.domain.importing.plan import Update
from crmctl.domain.kinds import ActivityKind, Entity
from crmctl.errors import UsageError
from crmctl.models.activities import Activity
from crmctl.models.base import new_id
from crmctl.services import changes
from crmctl.services.imports.context import (
    ImportContext,
    Numbers,
    RowEdit,
    external_ids_text,
    field_changes,
    plain_values,
    write_customers,
)
from crmctl.services.imports.lookups.records import Candidate, Customers, Deals, choose_candidate
from crmctl.services.imports.matching.matcher import Matcher
from crmctl.services.imports.parsing import ParsedRow

#: The longest subject that is made of a body.
_SUBJECT = 100


class ActivityImport:
    """Plans and writes activities, a batch at a time.

    `kind` is that of new ones where the file has none; `words` are its own words for kinds.
    """

    def __init__(
        self,
        work: ImportContext,
        matcher: Matcher[Activity],
        customers: Customers,
        deals: Deals,
        *,
        kind: ActivityKind | None,
        words: Mapping[str, str],
    ) -> None:
        self._work = work
        self._now = work.session.change.at
        self._matcher = matcher
        self._customers = customers
        self._deals = deals
        self._kind = kind
        self._words = words
        self._numbers = Numbers(work.session, Entity.ACTIVITY, work.whole)
        self._customer_numbers = Numbers(work.session, Entity.CUSTOMER, work.whole)
        self._created: list[dict[str, Any]] = []
        self._edits: list[RowEdit] = []
        self._named: dict[int, tuple[Sequence[Candidate], Sequence[Candidate]]] = {}

    def take(self, items: Sequence[ParsedRow]) -> None:
        """Plan `items`, and write what came of those before.

        What is written goes out while the next rows are read, after what they ask for was read.
        """
        self._customers.load(items)
        self._deals.load(items)
        self._relate(items)
        self._matcher.load(items)
        self.write()
        found = [(item, None if item.problems else self._matcher.match(item)) for item in items]
        rows = [row for _, row in found if row]
        self._deals.name_all(row.deal_id for row in rows)
        self._customers.name_all(row.customer_id for row in rows)
        for item, row in found:
            self._plan(item, row)

    def remember(self, items: Sequence[ParsedRow]) -> None:
        """Take note of `items` that an earlier run has imported."""
        self._customers.load(items)
        self._deals.load(items)
        self._relate(items)
        self._matcher.remember(items)

    def _relate(self, items: Sequence[ParsedRow]) -> None:
        """Have `items` know whom and what they may be about."""
        self._named = {}
        for item in items:
            deals, customers = self._deals.find(item), self._customers.find(item)
            self._named[item.row.line] = (deals, customers)
            for name, parties in (("deal", deals), ("customer", customers)):
                if parties:
                    item.related[name] = frozenset(party.id for party in parties)

    def _plan(self, item: ParsedRow, row: Activity | None) -> None:
        work = self._work
        row_id = row.id if row else item.values.get("crmctl_id") or new_id()
        if work.leaves_out(self._matcher, item, row):
            return
        deal, customer = self._about(item, row)
        owner = work.owner(item, row.owner_id if row else None)
        external = self._matcher.new_keys(item, row.id if row else None)
        values = self._values(item, row)
        for name, party in (("deal_id", deal), ("customer_id", customer), ("owner_id", owner)):
            values |= {name: party.id} if party else {}
        if row is None:
            self._create(item, {"id": row_id, **values})
        elif not item.problems:
            self._update(item, row, values, external)
        if item.problems:
            work.plan.add_reject(item.rejected())
            return
        work.owners.keep(owner)
        self._customers.keep(customer)
        self._matcher.keep(item, row)
        work.new_keys += [(pair, row_id) for pair in external]

    def _about(
        self, item: ParsedRow, row: Activity | None
    ) -> tuple[Candidate | None, Candidate | None]:
        """Return the deal and the customer that `item` names.

        Of several deals of one title, that of the customer is meant; of several customers of one
        name, that of the deal.
        """
        deals, customers = self._named[item.row.line]
        named = {party.id for party in customers}
        theirs = [party for party in deals if self._deals.customers.get(party.id) in named]
        deal = choose_candidate(
            item, self._deals.field(item), theirs or deals, row.deal_id if row else None
        )
        present = row.customer_id if row else None
        if present not in named and deal:
            present = self._deals.customers.get(deal.id)
        return deal, choose_candidate(item, self._customers.field(item), customers, present)

    def _values(self, item: ParsedRow, row: Activity | None) -> dict[str, Any]:
        """Return what the row says of its activity, by column, but for whom it is about."""
        values = plain_values(item, Entity.ACTIVITY)
        values |= {name: item.values[name] for name in ("at", "created_at") if name in item.values}
        if franchise := self._work.franchises.find(item):
            values["franchise_id"] = franchise
        try:
            if text := item.values.get("kind"):
                values["kind"] = activity_words.kind(text, self._words)
        except UsageError as error:
            item.refuse("kind", str(error))
        for name in ("created_at", "done_at"):
            if (when := item.values.get(name)) and when.at > self._now:
                item.refuse(name, "has not come yet")
        return values | self._done(item, row)

    def _done(self, item: ParsedRow, row: Activity | None) -> dict[str, Any]:
        """Return since when the activity is done, if the row says so.

        One that is only said to be done was at its own time, or now if that has not come yet.
        """
        if "done_at" in item.values:
            return {"done_at": item.values["done_at"]}
        if "done" not in item.values:
            return {}
        try:
            done = activity_words.is_done(item.values["done"])
        except UsageError as error:
            item.refuse("done", str(error))
            return {}
        if not done:
            return {"done_at": None}
        if row and row.done_at:
            return {}
        when: When | None = item.values.get("at")
        at = when.at if when else row.at if row else self._now
        return {"done_at": min(at, self._now)}

    def _create(self, item: ParsedRow, values: dict[str, Any]) -> None:
        if self._kind and "kind" not in item.values:
            values["kind"] = self._kind
        if "kind" not in item.values and not self._kind:
            item.refuse("kind", "a new activity needs a kind (--map COLUMN=kind, or --kind KIND)")
        self._name(item, values)
        about = [values.get(name) for name in ("deal_id", "customer_id")]
        if not any(about) and not item.problems:
            item.refuse("deal", "an activity is about a deal or a customer, and this names none")
        if item.problems:
            return
        first = {"created_at": self._now, "at": values.get("created_at", self._now)}
        if "at" not in values:
            of = "their creation" if "created_at" in values else "this import"
            self._work.plan.notes[f"with no date: that of {of} is taken"] += 1
        self._created.append(_exact({**self._home(about), **first, **values}))
        self._work.plan.count_created()

    def _name(self, item: ParsedRow, values: dict[str, Any]) -> None:
        """Call a new activity without a subject by how its body begins, or else by its kind."""
        if "subject" in values or "subject" in item.texts:
            return
        lines = (values.get("body") or "").splitlines()
        first = next((line.strip() for line in lines if line.strip()), "")
        values["subject"] = first[:_SUBJECT] or item.texts.get("kind") or str(self._kind or "")

    def _home(self, about: Sequence[UUID | None]) -> dict[str, Any]:
        """Return the franchise of a new activity: the session's, else that of what it is about."""
        known = {**self._customers.franchises, **self._deals.franchises}
        homes = [self._work.session.franchise_id, *(known.get(each) for each in about if each)]
        return {"franchise_id": next((home for home in homes if home), None)}

    def _update(
        self,
        item: ParsedRow,
        row: Activity,
        values: dict[str, Any],
        external: Sequence[tuple[str, str]],
    ) -> None:
        work = self._work
        new = work.differences(row, values)
        labels = {
            "owner_id": work.owners.labels,
            "franchise_id": work.franchises.labels,
            "deal_id": self._deals.labels,
            "customer_id": self._customers.labels,
        }
        told = field_changes(row, new, labels)
        if external:
            told["external_id"] = (None, external_ids_text(external))
        if not told:
            work.plan.count_unchanged()
            return
        work.plan.add_update(Update(item.row.line, self._matcher.ref(row), told))
        self._edits.append((row, new))

    def write(self) -> None:
        """Write what was planned, unless it is a dry run."""
        work = self._work
        created, self._created = self._created, []
        edits, self._edits = self._edits, []
        work.write_users()
        write_customers(work, self._customers, self._customer_numbers)
        if not work.plan.dry_run:
            places = self._numbers.take(len(created))
            rows = [{**row, "number": n} for row, n in zip(created, places, strict=True)]
            if rows:
                stamped = changes.stamped(work.session, Activity, rows)
                changes.insert_values(work.session, Activity, stamped)
            work.edit(Activity, edits)
        work.write_keys()


def _exact(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` with the times that the file gives as those that are stored."""
    return {n: value.at if isinstance(value, When) else value for n, value in values.items()}
