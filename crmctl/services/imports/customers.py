"""Importing customers."""

from collections.abc import Mapping, Sequence

from crmctl.domain.contacts import host_of
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.kinds import Entity
from crmctl.models.base import Values, new_id
from crmctl.models.customers import Customer
from crmctl.services.imports.context import ImportContext
from crmctl.services.imports.decisions import Decision, MatchedRow, field_changes, plain_values
from crmctl.services.imports.matching.matcher import Matcher
from crmctl.services.imports.matching.stored_rows import CustomerRow
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.imports.record_importer import RecordImporter
from crmctl.services.records.external_ids import ExternalIdPair

#: What a customer may be called by.
_NAMES = frozenset({"name", "first_name", "last_name", "email", "organisation"})
#: What is said of people alone.
_OF_PEOPLE = frozenset({"first_name", "last_name"})
_BY_EMAIL = Finding(
    certainty=Certainty.ASSUMED,
    text="new customers are called by their e-mail addresses: their rows have no name",
    one="new customer is called by its e-mail address: its row has no name",
    count=1,
    option="--map COLUMN=name",
)
_BY_ORGANISATION = Finding(
    certainty=Certainty.DECIDED,
    text="new customers are called like their organisations: their rows have no name",
    one="new customer is called like its organisation: its row has no name",
    count=1,
)


class CustomerImporter(RecordImporter[CustomerRow]):
    """Decides what rows of customers create and change."""

    model = Customer

    def __init__(
        self,
        context: ImportContext,
        matcher: Matcher[CustomerRow],
        people: Mapping[int, Finding],
    ) -> None:
        super().__init__(context, matcher)
        self._people = people

    def decide(self, matched: MatchedRow[CustomerRow]) -> Decision[CustomerRow]:
        """Return what is written because of a row; what keeps it out is added to its problems."""
        row, record, context = matched.row, matched.record, self._context
        owner = context.choose_owner(row, record.owner_id if record else None)
        franchise = context.franchises.find(row)
        external_ids = self._matcher.new_external_ids(row, record)
        values = plain_values(row, Entity.CUSTOMER)
        values |= {"owner_id": owner.id} if owner else {}
        values |= {"franchise_id": franchise} if franchise else {}
        decision = Decision(row=row, record=record, external_ids=external_ids, owner=owner)
        if record is None and "name" not in values and matched.known:
            decision.findings = _name(row, values)
        cells = row.file_row.cells
        for position, left_out in self._people.items():
            if cells[position].strip():
                decision.findings = (*decision.findings, left_out)
        self._refuse_future(row)
        if not row.problems:
            if "custom" in row.values:
                values["custom"] = context.merged_custom(row, record)
            if record is None:
                decision.values = self._new_values(row, values)
            else:
                self._change(decision, record, values, external_ids)
        return decision

    def _refuse_future(self, row: ParsedRow) -> None:
        created = row.values.get("created_at")
        if created and created.at > self._context.now:
            row.refuse("created_at", "has not come yet")

    def _new_values(self, row: ParsedRow, values: Values) -> Values:
        """Return the columns of a new customer of whom the row says `values`."""
        created = row.values.get("created_at")
        return {
            "id": row.values.get("crmctl_id") or new_id(),
            "created_at": created.at if created else self._context.now,
            "franchise_id": self._context.session.franchise_id,
            **values,
        }

    def _change(
        self,
        decision: Decision[CustomerRow],
        record: CustomerRow,
        values: Values,
        external_ids: Sequence[ExternalIdPair],
    ) -> None:
        """Have `decision` change `record`, of which the row says `values`."""
        context, row = self._context, decision.row
        if "created_at" in row.values:
            values["created_at"] = row.values["created_at"]
        if self._matcher.is_key("domain") and _is_domain_of(values.get("website"), record.website):
            # The row was found by it, and says no more of the website than that.
            del values["website"]
        labels = {"owner_id": context.owners.labels, "franchise_id": context.franchises.labels}
        decision.values = context.differences(record, values)
        decision.changes = field_changes(record, decision.values, labels, external_ids)


def _name(row: ParsedRow, values: Values) -> Sequence[Finding]:
    """Call a new customer without a name by its organisation or its address; return what it is.

    Of a list of people, one who has an address is not called like where they work.
    """
    email, organisation = values.get("email"), values.get("organisation")
    by_email = email and (not organisation or row.columns.fields & _OF_PEOPLE)
    if name := email if by_email else organisation:
        values["name"] = name[:200]
        return (_BY_EMAIL if by_email else _BY_ORGANISATION,)
    if _NAMES.isdisjoint(row.refused):
        row.refuse("name", "a customer needs a name or an e-mail address")
    return ()


def _is_domain_of(text: str | None, website: str | None) -> bool:
    """Return whether `text` is the domain of `website`, and nothing else."""
    if not text or not website:
        return False
    domain = text.casefold().removeprefix("www.").rstrip("/.")
    return domain == host_of(text) == host_of(website)
