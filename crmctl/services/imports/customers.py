"""Importing customers."""

from collections.abc import Sequence
from typing import Any

from crmctl.domain.duplicates.contacts import host_of
from crmctl.domain.importing.plan import Update
from crmctl.domain.kinds import Entity
from crmctl.models.base import new_id
from crmctl.models.customers import Customer
from crmctl.services import changes
from crmctl.services.imports.context import (
    ImportContext,
    Numbers,
    RowEdit,
    external_ids_text,
    field_changes,
    plain_values,
)
from crmctl.services.imports.matching.matcher import Matcher
from crmctl.services.imports.parsing import ParsedRow


class CustomerImport:
    """Plans and writes customers, a batch at a time."""

    def __init__(self, work: ImportContext, matcher: Matcher[Customer]) -> None:
        self._work = work
        self._matcher = matcher
        self._numbers = Numbers(work.session, Entity.CUSTOMER, work.whole)
        self._created: list[dict[str, Any]] = []
        self._edits: list[RowEdit] = []

    def take(self, items: Sequence[ParsedRow]) -> None:
        """Plan `items`, and write what came of those before.

        What is written goes out while the next rows are read, after what they ask for was read.
        """
        self._matcher.load(items)
        self.write()
        for item in items:
            self._plan(item)

    def remember(self, items: Sequence[ParsedRow]) -> None:
        """Take note of `items` that an earlier run has imported."""
        self._matcher.remember(items)

    def _plan(self, item: ParsedRow) -> None:
        work = self._work
        found = None if item.problems else self._matcher.match(item)
        if work.leaves_out(self._matcher, item, found):
            return
        owner = work.owner(item, found.owner_id if found else None)
        franchise = work.franchises.find(item)
        external = self._matcher.new_keys(item, found.id if found else None)
        values = plain_values(item, Entity.CUSTOMER)
        values |= {"owner_id": owner.id} if owner else {}
        values |= {"franchise_id": franchise} if franchise else {}
        if found is None and "name" not in values:
            self._name(item, values)
        self._refuse_future(item)
        if item.problems:
            work.plan.add_reject(item.rejected())
            return
        work.owners.keep(owner)
        row_id = found.id if found else item.values.get("crmctl_id") or new_id()
        self._matcher.keep(item, found)
        work.new_keys += [(pair, row_id) for pair in external]
        if found is None:
            self._create(item, {"id": row_id, **values})
        else:
            self._update(item, found, values, external)

    def _name(self, item: ParsedRow, values: dict[str, Any]) -> None:
        """Call a new customer without a name by its address, or else by its organisation."""
        name = values.get("email") or values.get("organisation")
        if name:
            values["name"] = name[:200]
        elif not item.problems:
            item.refuse("name", "a customer needs a name or an e-mail address")

    def _refuse_future(self, item: ParsedRow) -> None:
        created = item.values.get("created_at")
        if created and created.at > self._work.session.change.at:
            item.refuse("created_at", "has not come yet")

    def _create(self, item: ParsedRow, values: dict[str, Any]) -> None:
        at = self._work.session.change.at
        created = item.values.get("created_at")
        stamp = {"created_at": created.at if created else at}
        home = {"franchise_id": self._work.session.franchise_id}
        if "custom" in item.values:
            values["custom"] = self._work.custom(None, item)
        self._created.append({**stamp, **home, **values})
        self._work.plan.count_created()

    def _update(
        self,
        item: ParsedRow,
        row: Customer,
        values: dict[str, Any],
        external: Sequence[tuple[str, str]],
    ) -> None:
        work = self._work
        if "custom" in item.values:
            values["custom"] = work.custom(row, item)
        if "created_at" in item.values:
            values["created_at"] = item.values["created_at"]
        if self._matcher.tells_by("domain") and _is_domain_of(values.get("website"), row.website):
            # The row was found by it, and says no more of the website than that.
            del values["website"]
        new = work.differences(row, values)
        labels = {"owner_id": work.owners.labels, "franchise_id": work.franchises.labels}
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
        if not work.plan.dry_run:
            places = self._numbers.take(len(created))
            rows = [{**row, "number": n} for row, n in zip(created, places, strict=True)]
            if rows:
                stamped = changes.stamped(work.session, Customer, rows)
                changes.insert_values(work.session, Customer, stamped)
            work.edit(Customer, edits)
        work.write_keys()


def _is_domain_of(text: str | None, website: str | None) -> bool:
    """Return whether `text` is the domain of `website`, and nothing else."""
    if not text or not website:
        return False
    domain = text.casefold().removeprefix("www.").rstrip("/.")
    return domain == host_of(text) == host_of(website)
