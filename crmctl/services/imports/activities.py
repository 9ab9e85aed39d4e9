"""Importing activities."""

from collections.abc import Mapping, Sequence
from functools import cache
from uuid import UUID

from crmctl.domain.importing.cells import activity_words
from crmctl.domain.importing.cells.values import When
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.importing.unknown_names import NameOf
from crmctl.domain.kinds import ActivityKind, Entity
from crmctl.errors import UsageError
from crmctl.models.activities import Activity
from crmctl.models.base import Columns, Values, new_id
from crmctl.services.imports.context import ImportContext
from crmctl.services.imports.decisions import Decision, MatchedRow, field_changes, plain_values
from crmctl.services.imports.lookups.candidates import Candidate, choose_candidate
from crmctl.services.imports.lookups.customers import CustomerLookup
from crmctl.services.imports.lookups.deals import DealLookup
from crmctl.services.imports.matching.matcher import Matcher
from crmctl.services.imports.matching.stored_rows import ActivityRow
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.imports.record_importer import RecordImporter

#: The longest subject that is made of a body.
_SUBJECT = 100


class ActivityImporter(RecordImporter[ActivityRow]):
    """Decides what rows of activities create and change.

    `kind` is that of new ones where the file has none; `words` are its own words for kinds.
    """

    model = Activity

    def __init__(
        self,
        context: ImportContext,
        matcher: Matcher[ActivityRow],
        customers: CustomerLookup,
        deals: DealLookup,
        *,
        kind: ActivityKind | None,
        words: Mapping[str, str],
    ) -> None:
        super().__init__(context, matcher, customers)
        self._people = customers
        self._deals = deals
        self._kind = kind
        self._words = words
        self._candidates: dict[int, tuple[Sequence[Candidate], Sequence[Candidate]]] = {}

    def renew(self, written: Sequence[UUID]) -> None:
        """Read the deals anew as well."""
        super().renew(written)
        self._deals.renew(written)

    def load(self, rows: Sequence[ParsedRow]) -> None:
        """Load the deals and customers that `rows` name, and the activities that may be meant."""
        self._people.load(rows)
        self._deals.load(rows)
        self._candidates = {}
        for row in rows:
            deals, customers = self._deals.find(row), self._people.find(row)
            self._candidates[row.line] = (deals, customers)
            for name, candidates in (("deal", deals), ("customer", customers)):
                if candidates:
                    row.related[name] = frozenset(each.id for each in candidates)
        super().load(rows)

    def match(self, rows: Sequence[ParsedRow]) -> Sequence[MatchedRow[ActivityRow]]:
        """Return `rows` with their activities, and the deals and customers that each may mean."""
        matched = []
        for row in rows:
            deals, customers = self._candidates[row.line]
            one = MatchedRow(row=row, record=self._match(row), customers=customers, deals=deals)
            one.known = self._is_known(row)
            matched.append(one)
        records = [each.record for each in matched if each.record]
        self._deals.load_labels(record.deal_id for record in records)
        self._people.load_labels(record.customer_id for record in records)
        return matched

    def decide(self, matched: MatchedRow[ActivityRow]) -> Decision[ActivityRow]:
        """Return what is written because of a row; what keeps it out is added to its problems."""
        row, record, context = matched.row, matched.record, self._context
        deal, customer = self._choose(matched)
        owner = context.choose_owner(row, record.owner_id if record else None)
        decision = Decision(row=row, record=record, owner=owner, customer=customer)
        decision.external_ids = self._matcher.new_external_ids(row, record)
        values = self._values(row, record)
        for name, chosen in (("deal_id", deal), ("customer_id", customer), ("owner_id", owner)):
            values |= {name: chosen.id} if chosen else {}
        if record is None and matched.known:
            self._create(decision, values)
        elif record and not row.problems:
            decision.values = context.differences(record, values)
            decision.changes = field_changes(
                record, decision.values, self._labels(), decision.external_ids
            )
        return decision

    def _labels(self) -> dict[str, Mapping[UUID, str]]:
        return {
            "owner_id": self._context.owners.labels,
            "franchise_id": self._context.franchises.labels,
            "deal_id": self._deals.labels,
            "customer_id": self._people.labels,
        }

    def _choose(
        self, matched: MatchedRow[ActivityRow]
    ) -> tuple[Candidate | None, Candidate | None]:
        """Return the deal and the customer that a row names.

        Of several deals of one title, that of the customer is meant; of several customers of one
        name, that of the deal.
        """
        row, record, customers = matched.row, matched.record, matched.customers
        named = {each.id for each in customers}
        theirs = [each for each in matched.deals if self._deals.customers.get(each.id) in named]
        deal = choose_candidate(
            row, self._deals.field(row), theirs or matched.deals, record.deal_id if record else None
        )
        present = record.customer_id if record else None
        if present not in named and deal:
            present = self._deals.customers.get(deal.id)
        return deal, choose_candidate(row, self._people.field(row), customers, present)

    def _values(self, row: ParsedRow, record: ActivityRow | None) -> Values:
        """Return what the row says of its activity, by column, but for whom it is about."""
        values = plain_values(row, Entity.ACTIVITY)
        values |= {name: row.values[name] for name in ("at", "created_at") if name in row.values}
        if franchise := self._context.franchises.find(row):
            values["franchise_id"] = franchise
        try:
            if text := row.values.get("kind"):
                values["kind"] = activity_words.kind(text, self._words)
        except UsageError as error:
            row.refuse("kind", str(error), NameOf.KIND)
        for name in ("created_at", "done_at"):
            if (when := row.values.get(name)) and when.at > self._context.now:
                row.refuse(name, "has not come yet")
        return values | self._done(row, record)

    def _done(self, row: ParsedRow, record: ActivityRow | None) -> Values:
        """Return since when the activity is done, if the row says so.

        One that is only said to be done was at its own time, or now if that has not come yet.
        """
        if "done_at" in row.values:
            return {"done_at": row.values["done_at"]}
        if "done" not in row.values:
            return {}
        try:
            done = activity_words.is_done(row.values["done"])
        except UsageError as error:
            row.refuse("done", str(error))
            return {}
        if not done:
            return {"done_at": None}
        if record and record.done_at:
            return {}
        now = self._context.now
        when: When | None = row.values.get("at")
        at = when.at if when else record.at if record else now
        return {"done_at": min(at, now)}

    def _create(self, decision: Decision[ActivityRow], values: Values) -> None:
        """Have `decision` create an activity of which the row says `values`."""
        row, now = decision.row, self._context.now
        if self._kind and "kind" not in row.values:
            values["kind"] = self._kind
            self._context.plan.applied.add("--kind")
        if "kind" not in row.values and not self._kind and "kind" not in row.refused:
            row.refuse("kind", "a new activity needs a kind (--map COLUMN=kind, or --kind KIND)")
        self._name(row, values)
        related = [values.get(name) for name in ("deal_id", "customer_id")]
        asked = any(name.startswith(("deal", "customer")) for name in row.refused)
        if not any(related) and not asked:
            row.refuse("deal", "an activity is about a deal or a customer, and this names none")
        if row.problems:
            return
        if "at" not in values:
            of = "their creation" if "created_at" in values else "this import"
            decision.findings = (_assumed_time(of),)
        base = {
            "id": row.values.get("crmctl_id") or new_id(),
            "franchise_id": self._home(related),
            "created_at": now,
            "at": values.get("created_at", now),
        }
        decision.values = _stored({**base, **values})

    def _name(self, row: ParsedRow, values: Values) -> None:
        """Call a new activity without a subject by how its body begins, or else by its kind."""
        if "subject" in values or "subject" in row.texts:
            return
        lines = (values.get("body") or "").splitlines()
        first = next((line.strip() for line in lines if line.strip()), "")
        values["subject"] = first[:_SUBJECT] or row.texts.get("kind") or str(self._kind or "")

    def _home(self, related: Sequence[UUID | None]) -> UUID | None:
        """Return the franchise of a new activity: the session's, else that of what it is about."""
        known = {**self._people.franchises, **self._deals.franchises}
        homes = [self._context.session.franchise_id]
        homes += [known.get(each) for each in related if each]
        return next((home for home in homes if home), None)


@cache
def _assumed_time(of: str) -> Finding:
    return Finding(
        certainty=Certainty.ASSUMED,
        text=f"with no date: that of {of} is taken",
        count=1,
        option="--map COLUMN=at",
    )


def _stored(values: Columns) -> Values:
    """Return `values` with the times that the file gives as those that are stored."""
    return {n: value.at if isinstance(value, When) else value for n, value in values.items()}
