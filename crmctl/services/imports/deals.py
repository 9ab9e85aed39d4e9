"""Importing deals: new ones, changed ones, and those that moved, by the rules of their pipeline."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlmodel import col, select

from crmctl.domain.importing.cells.values import When, on_day
from crmctl.domain.kinds import Entity, Status
from crmctl.models.base import Values, new_ids
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.imports.context import ImportContext
from crmctl.services.imports.decisions import Decision, MatchedRow, field_changes, plain_values
from crmctl.services.imports.lookups.candidates import Candidate, choose_candidate
from crmctl.services.imports.lookups.records import CustomerLookup
from crmctl.services.imports.matching.matcher import Matcher
from crmctl.services.imports.matching.stored_rows import DealRow
from crmctl.services.imports.parsing import ParsedRow
from crmctl.services.imports.record_importer import RecordImporter
from crmctl.services.imports.stages import (
    StageRef,
    StageResolver,
    Times,
    not_before,
    refuse_future,
    times_of,
)
from crmctl.services.pipeline import deals, rules
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company

#: What follows from a move, and is not shown beside it.
_IMPLIED = ("status", "entries", "stage_entered_at")
#: The times of a row that says none.
_NO_TIMES = Times()


@dataclass(slots=True, kw_only=True)
class PlannedDeal(MatchedRow[DealRow]):
    """A row with the stage of its deal, None where that is left as it is.

    One that `stays` leaves its deal's stage and times alone. `corrected` are the times that it
    corrects of a deal that does not move, by column.
    """

    place: StageRef | None
    times: Times = _NO_TIMES
    stays: bool = False
    corrected: dict[str, When] = field(default_factory=dict)
    moves: bool = field(init=False)
    status: Status = field(init=False)

    def __post_init__(self) -> None:
        """Find out whether the row has its deal enter another stage, and what it is after that."""
        place, deal = self.place, self.record
        self.moves = False
        if place is None:
            self.status = deal.status if deal else Status.OPEN
            return
        self.status = place.stage.kind
        if deal and not self.stays:
            self.moves = (deal.stage, deal.pipeline) != (place.stage.key, place.stage.pipeline)


@dataclass(slots=True, kw_only=True)
class DealDecision(Decision[DealRow]):
    """What is written because of a row of deals.

    `left_stage` is the stage that a deal which moves was in, `corrected_entry` the row of its
    history that is set to `corrected_values`.
    """

    left_stage: str | None = None
    corrected_entry: StageEntry | None = None
    corrected_values: Values = field(default_factory=dict)


class DealImporter(RecordImporter[DealRow]):
    """Decides what rows of deals create, change and move."""

    model = Deal

    def __init__(
        self,
        context: ImportContext,
        matcher: Matcher[DealRow],
        customers: CustomerLookup,
        stages: StageResolver,
        *,
        override: bool,
        lost_reason: str | None,
    ) -> None:
        super().__init__(context, matcher, customers)
        self._session = context.session
        self._now = context.now
        self._people = customers
        self._stages = stages
        self._override = override
        self._lost_reason = lost_reason
        self._candidates: dict[int, Sequence[Candidate]] = {}
        self._closed_from: dict[UUID, str] = {}
        self._entries: dict[UUID, list[StageEntry]] = {}
        self._blank = cache(lambda place: deals.blank(context.session, place.stage))
        self._ids: Iterator[UUID] = iter(())

    def load(self, rows: Sequence[ParsedRow]) -> None:
        """Load the customers whom `rows` name, and the deals that may be meant."""
        self._people.load(rows)
        self._candidates = {}
        for row in rows:
            if customers := self._people.find(row):
                self._candidates[row.line] = customers
                row.related["customer"] = frozenset(each.id for each in customers)
        super().load(rows)

    def match(self, rows: Sequence[ParsedRow]) -> Sequence[PlannedDeal]:
        """Return `rows` with their deals, the stages of these, and what the past of them says."""
        planned = [self._match_stage(row) for row in rows]
        self._load_past(planned)
        self._ids = new_ids(len(planned))
        return planned

    def _match_stage(self, row: ParsedRow) -> PlannedDeal:
        """Return a row with its deal and its stage, and with its times checked."""
        deal = self._match(row)
        customers = self._candidates.get(row.line, ())
        if self._context.is_out_of_scope(deal) and not row.problems:
            return PlannedDeal(row=row, record=deal, customers=customers, place=None)
        place = None if row.problems else self._stages.find(row, deal)
        stays = self._context.scope.fill and deal is not None
        draft = PlannedDeal(row=row, record=deal, customers=customers, place=place, stays=stays)
        draft.times = times_of(row, draft.status)
        refuse_future(row, self._now, draft.status)
        return draft

    def _load_past(self, planned: Sequence[PlannedDeal]) -> None:
        """Load what the past of deals says, for those rows that need it."""
        sound = [draft for draft in planned if draft.record and not draft.row.problems]
        for draft in sound:
            if draft.record and not draft.moves:
                draft.corrected = self._retimed(draft, draft.record)
        self._lock([draft for draft in sound if draft.moves or draft.corrected])
        moving = [draft.record for draft in sound if draft.moves]
        self._closed_from = deals.closed_from(
            self._session, [deal for deal in moving if isinstance(deal, Deal)]
        )
        self._entries = self._last_entries(
            [draft.record for draft in sound if draft.record and draft.corrected]
        )
        self._people.load_labels(draft.record.customer_id for draft in sound if draft.record)

    def _lock(self, planned: Sequence[PlannedDeal]) -> None:
        """Keep others from the deals of `planned`: their past must stay what it is read as."""
        pairs = [(draft, draft.record) for draft in planned if draft.record]
        records = changes.lock_as_read(self._session, Deal, (deal for _, deal in pairs))
        for draft, deal in pairs:
            draft.record = records[deal.id]

    def _last_entries(self, found: Sequence[DealRow]) -> dict[UUID, list[StageEntry]]:
        """Return the last two rows of the stage history of each deal, in order."""
        last = {deal.id: deal.entries for deal in found}
        ids = list(last)
        entries: dict[UUID, list[StageEntry]] = {}
        for batch in batches(ids):
            query = (
                select(StageEntry)
                .where(
                    in_company(self._session, StageEntry),
                    col(StageEntry.deal_id).in_(batch),
                )
                .order_by(col(StageEntry.position))
            )
            for entry in self._session.exec(query):
                if entry.position >= last[entry.deal_id] - 1:
                    entries.setdefault(entry.deal_id, []).append(entry)
        return entries

    def decide(self, matched: MatchedRow[DealRow]) -> DealDecision:
        """Return what is written because of a row; what keeps it out is added to its problems."""
        assert isinstance(matched, PlannedDeal)
        row, deal, context = matched.row, matched.record, self._context
        owner = context.choose_owner(row, deal.owner_id if deal else None)
        present = deal.customer_id if deal else None
        customer = None
        if matched.customers:
            customer = choose_candidate(row, self._people.field(row), matched.customers, present)
        decision = DealDecision(row=row, record=deal, owner=owner, customer=customer)
        decision.external_ids = self._matcher.new_external_ids(row, deal)
        values = self._values(matched, owner, customer)
        if deal is None:
            self._create(matched, decision, values)
        elif not row.problems:
            self._change(matched, decision, deal, values)
        return decision

    def _values(
        self, draft: PlannedDeal, owner: Candidate | None, customer: Candidate | None
    ) -> Values:
        """Return what the row says of its deal, by column, but for its stage and times."""
        row = draft.row
        values = plain_values(row, Entity.DEAL)
        franchise = self._context.franchises.find(row)
        if owner:
            values["owner_id"] = owner.id
        if customer:
            values["customer_id"] = customer.id
        if franchise:
            values["franchise_id"] = franchise
        closing: When | None = row.values.get("close_date")
        if closing and draft.status == Status.OPEN:
            values.setdefault("expected_close", on_day(closing, self._context.zone))
        # Why a deal was lost is nothing that an open or won one has.
        lost = draft.record.status if draft.record and draft.stays else draft.status
        if lost == Status.LOST and "lost_reason" in row.values:
            values["lost_reason"] = row.values["lost_reason"]
        if "created_at" in row.values:
            values["created_at"] = row.values["created_at"]
        if "custom" in row.values:
            values["custom"] = self._context.merged_custom(row, draft.record)
        return values

    def _create(self, draft: PlannedDeal, decision: DealDecision, values: Values) -> None:
        """Have `decision` create a deal of which the row says `values`; a rule may refuse it."""
        row, place = draft.row, draft.place
        if "title" not in values and not row.problems:
            row.refuse("title", "a new deal needs a title (--map COLUMN=title)")
        if row.problems or place is None:
            return
        if draft.status == Status.LOST and self._lost_reason:
            values.setdefault("lost_reason", self._lost_reason)
        row_id = row.values.get("crmctl_id") or next(self._ids)
        deal = {**self._blank(place), **values, **self._first_times(draft), "id": row_id}
        self._judge(decision, rules.against_creation(place.process, place.stage, deal))
        if row.problems:
            return
        if draft.status != Status.OPEN and draft.times.closed is None:
            since = "entering their stage" if draft.times.entered else None
            since = since or ("their creation" if "created_at" in row.values else "this import")
            decision.notes = (f"closed with no closing date: that of {since} is taken",)
        decision.values = deal

    def _first_times(self, draft: PlannedDeal) -> Values:
        """Return when a new deal was created, entered its stage and was closed.

        What the file does not say follows from what it does: nothing is in a stage before it is
        created. A deal is closed when it says, else when it entered its stage, else when it was
        created, else now.
        """
        told: When | None = draft.row.values.get("created_at")
        entered = draft.times.entered or told
        at = entered.at if entered else self._now
        found: Values = {"stage_entered_at": at, "created_at": told.at if told else at}
        if draft.status != Status.OPEN:
            closed = draft.times.closed or entered
            found["closed_at"] = closed.at if closed else at
        return found

    def _judge(self, decision: DealDecision, broken: list[str]) -> None:
        """Refuse a row for the rules that are `broken`, or count them as passed."""
        if self._override:
            decision.overridden = broken
            return
        for rule in broken:
            decision.row.refuse("stage", rule)

    def _change(
        self, draft: PlannedDeal, decision: DealDecision, deal: DealRow, values: Values
    ) -> None:
        """Have `decision` change `deal`, of which the row says `values`."""
        new = self._context.differences(deal, values)
        if draft.moves:
            decision.left_stage = deal.stage
            new |= self._move(draft, decision, deal, new)
        else:
            new |= self._retime(draft, decision, deal)
        if draft.row.problems:
            return
        decision.values = {
            name: value for name, value in new.items() if value != getattr(deal, name)
        }
        decision.changes = self._shown_changes(draft, decision, deal)

    def _shown_changes(
        self, draft: PlannedDeal, decision: DealDecision, deal: DealRow
    ) -> dict[str, tuple[object, object]]:
        labels = {
            "owner_id": self._context.owners.labels,
            "customer_id": self._people.labels,
            "franchise_id": self._context.franchises.labels,
        }
        found = field_changes(deal, decision.values, labels, decision.external_ids)
        for name in _IMPLIED if draft.moves else ():
            found.pop(name, None)
        return found

    def _move(
        self, draft: PlannedDeal, decision: DealDecision, deal: DealRow, new: Values
    ) -> Values:
        """Return what changes in `deal` because it enters another stage; a rule may refuse it."""
        item, place = draft.row, draft.place
        assert place is not None
        assert isinstance(deal, Deal), "a deal that moves is locked"
        status = place.stage.kind
        entered, closed = self._entering(draft, deal)
        given = item.values.get("lost_reason") or deal.lost_reason or self._lost_reason
        lost_reason = given if status == Status.LOST else None
        after = {**changes.loaded_values(deal), **new}
        broken = rules.against_move(
            place.process,
            after,
            place.stage,
            left_from=self._closed_from.get(deal.id, deal.stage),
            lost_reason=lost_reason,
        )
        if not item.problems:
            self._judge(decision, broken)
        return {
            "pipeline": place.stage.pipeline,
            "stage": place.stage.key,
            "status": status,
            "stage_entered_at": entered,
            "closed_at": closed,
            "lost_reason": lost_reason,
            "entries": deal.entries + 1,
        }

    def _entering(self, draft: PlannedDeal, deal: DealRow) -> tuple[datetime, datetime | None]:
        """Return when `deal` enters its new stage, and when it is closed if that closes it."""
        told, closed = draft.times.entered, draft.times.closed
        at = max(self._now, deal.stage_entered_at)
        if told is not None:
            at = self._from(draft.row, told, deal.stage_entered_at, deal.stage) or at
        if draft.status == Status.OPEN:
            return at, None
        if closed is not None and told is not None and closed.at != told.at:
            return at, closed.at
        # Between two stages that both mean won, say, the deal was won when it first was.
        return at, deal.closed_at if deal.status == draft.status and not closed else at

    def _from(self, item: ParsedRow, when: When, earliest: datetime, stage: str) -> datetime | None:
        """Return `when`, which must not be before the deal entered the `stage` that it left."""
        at = not_before(when, earliest, self._context.zone)
        if at is None:
            names = ("stage_entered_at", "closed_at", "close_date")
            name = next(name for name in names if name in item.values)
            item.refuse(
                name, f"the deal entered {stage} at {earliest:%Y-%m-%d %H:%M} UTC, after that"
            )
        return at

    def _retimed(self, draft: PlannedDeal, deal: DealRow) -> dict[str, When]:
        """Return the times of `deal` in the stage where it stays that the row corrects."""
        if draft.stays:
            return {}
        entered, closed = draft.times.entered, draft.times.closed
        zone = self._context.zone
        found: dict[str, When] = {}
        if closed and not closed.same(deal.closed_at, zone):
            found["closed_at"] = closed
        told = "stage_entered_at" in draft.row.values
        together = deal.closed_at == deal.stage_entered_at
        follows = "closed_at" in found and together
        if entered and (told or follows) and not entered.same(deal.stage_entered_at, zone):
            found["stage_entered_at"] = entered
            if together and closed is None:
                found["closed_at"] = entered
        return found

    def _retime(self, draft: PlannedDeal, decision: DealDecision, deal: DealRow) -> Values:
        """Return the corrected times of `deal`, and have the last row of its history follow."""
        found = draft.corrected
        new: Values = {name: when.at for name, when in found.items()}
        if entered := found.get("stage_entered_at"):
            *earlier, last = self._entries[deal.id]
            for entry in earlier:
                at = self._from(draft.row, entered, entry.entered_at, entry.stage)
                new["stage_entered_at"] = at or entered.at
            if found.get("closed_at") is entered:
                new["closed_at"] = new["stage_entered_at"]
            decision.corrected_entry = last
            decision.corrected_values = {"entered_at": new["stage_entered_at"]}
        return new

    def insert(self, session: CrmSession, rows: Sequence[Values]) -> None:
        """Insert new deals, each with its first row of history."""
        if rows:
            deals.insert_new(session, rows)

    def write(self, batch: Sequence[Decision[DealRow]]) -> None:
        """Write `batch`, with the history of the deals that move."""
        super().write(batch)
        if self._context.plan.dry_run:
            return
        decisions = [each for each in batch if isinstance(each, DealDecision)]
        self._write_moves(decisions)
        changes.edit_each(
            self._session,
            [
                (each.corrected_entry, each.corrected_values)
                for each in decisions
                if each.corrected_entry
            ],
        )

    def _write_moves(self, decisions: Sequence[DealDecision]) -> None:
        reason = self._session.change.reason
        entries = [
            deals.entry(
                self._session,
                changes.loaded_values(each.record),
                each.left_stage,
                reason or each.record.lost_reason,
            )
            for each in decisions
            if each.left_stage and isinstance(each.record, Deal)
        ]
        changes.insert_values(self._session, StageEntry, entries)
