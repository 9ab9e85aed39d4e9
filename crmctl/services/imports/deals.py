"""Importing deals: new ones, changed ones, and those that moved, by the rules of their pipeline."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from crmctl.domain import lost_reasons
from crmctl.domain.importing.cells.values import When, on_day
from crmctl.domain.importing.plan import Update
from crmctl.domain.kinds import Entity, Status
from crmctl.models.base import Columns, Values, new_ids
from crmctl.models.deals import Deal
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
from crmctl.services.imports.lookups import Candidate, Customers, choose_candidate
from crmctl.services.imports.matching import Matcher
from crmctl.services.imports.parsing import ParsedRow
from crmctl.services.imports.stage_times import (
    StageTimes,
    TimeCorrections,
    corrected_times,
    first_times,
    refuse_future,
    refuse_too_early,
    times_of,
)
from crmctl.services.imports.stages import StageResolver
from crmctl.services.pipeline import deals, moves, rules, stage_history
from crmctl.services.pipeline.moves import MoveRequest
from crmctl.services.pipeline.rules import StageRef
from crmctl.services.pipeline.stage_history import OpenStages, StageChange

#: What follows from a move, and is not shown beside it.
_IMPLIED = ("status", "entries", "stage_entered_at")
#: The times of a row that says none.
_NO_TIMES = StageTimes()


@dataclass(kw_only=True)
class PlannedDeal:
    """A row with what it is about: its deal, or None for a new one, and the stage of that.

    One that `stays` leaves its deal's stage and times alone. `corrected` are the times that it
    corrects of a deal that does not move, by column.
    """

    item: ParsedRow
    deal: Deal | None
    customers: Sequence[Candidate]
    stage: StageRef | None = None
    times: StageTimes = _NO_TIMES
    stays: bool = False
    corrected: Mapping[str, When] = field(default_factory=dict)
    moves: bool = field(init=False)
    status: Status = field(init=False)

    def __post_init__(self) -> None:
        """Find out whether the row has its deal enter another stage, and what it is after that."""
        deal = self.deal
        self.moves = False
        if self.stage is None:
            self.status = deal.status if deal else Status.OPEN
            return
        stage = self.stage.stage
        self.status = stage.kind
        if deal and not self.stays:
            self.moves = (deal.stage, deal.pipeline) != (stage.key, stage.pipeline)


class DealImport:
    """Plans and writes deals, a batch at a time."""

    def __init__(
        self,
        work: ImportContext,
        matcher: Matcher[Deal],
        customers: Customers,
        stages: StageResolver,
        *,
        override: bool,
        lost_reason: str | None,
    ) -> None:
        self._work = work
        self._session = work.session
        self._now = work.session.change.at
        self._matcher = matcher
        self._customers = customers
        self._stages = stages
        self._override = override
        self._lost_reason = lost_reason
        self._numbers = Numbers(work.session, Entity.DEAL, work.whole)
        self._customer_numbers = Numbers(work.session, Entity.CUSTOMER, work.whole)
        self._created: list[Values] = []
        self._edits: list[RowEdit] = []
        self._entered: list[StageChange] = []
        self._past: OpenStages = {}
        self._corrections = TimeCorrections(work.session, work.zone)
        self._blank = cache(lambda ref: deals.blank(work.session, ref.stage))
        self._ids: Iterator[UUID] = iter(())

    def take(self, items: Sequence[ParsedRow]) -> None:
        """Plan `items`, and write what came of those before.

        What is written goes out while the next rows are read, after what they ask for was read.
        """
        named = self._named(items)
        self._matcher.load(items)
        self.write()
        drafts = [self._draft(item, parties) for item, parties in named]
        self._load(drafts)
        self._ids = new_ids(len(drafts))
        for draft in drafts:
            self._plan(draft)

    def remember(self, items: Sequence[ParsedRow]) -> None:
        """Take note of `items` that an earlier run has imported."""
        self._named(items)
        self._matcher.remember(items)

    def _named(self, items: Sequence[ParsedRow]) -> list[tuple[ParsedRow, Sequence[Candidate]]]:
        """Return `items` with the customers that each may name, which they know from now on."""
        self._customers.load(items)
        named: list[tuple[ParsedRow, Sequence[Candidate]]]
        named = [(item, self._customers.find(item)) for item in items]
        for item, parties in named:
            if parties:
                item.related["customer"] = frozenset(party.id for party in parties)
        return named

    def _draft(self, item: ParsedRow, parties: Sequence[Candidate]) -> PlannedDeal:
        """Return what `item` is about, with its times checked."""
        deal = None if item.problems else self._matcher.match(item)
        if self._work.skips(deal) and not item.problems:
            return PlannedDeal(item=item, deal=deal, customers=parties)
        stage = None if item.problems else self._stages.find(item, deal)
        stays = self._work.scope.fill and deal is not None
        draft = PlannedDeal(item=item, deal=deal, customers=parties, stage=stage, stays=stays)
        draft.times = times_of(item, draft.status)
        refuse_future(item, self._now, draft.status)
        return draft

    def _load(self, drafts: Sequence[PlannedDeal]) -> None:
        """Load what the past of the drafts' deals says, for those that need it."""
        sound = [draft for draft in drafts if draft.deal and not draft.item.problems]
        for draft in sound:
            if draft.deal and not draft.moves and not draft.stays:
                draft.corrected = corrected_times(
                    draft.item, draft.times, draft.deal, self._work.zone
                )
        self._lock([draft for draft in sound if draft.moves or draft.corrected])
        moving = ((d.deal, d.stage.process.key) for d in sound if d.deal and d.stage and d.moves)
        self._past = moves.past_of(self._session, moving)
        self._corrections.load([d.deal for d in sound if d.deal and d.corrected])
        self._customers.name_all(draft.deal.customer_id for draft in sound if draft.deal)

    def _lock(self, drafts: Sequence[PlannedDeal]) -> None:
        """Keep others from the deals of `drafts`, as their past must stay what it is read as."""
        pairs = [(draft, draft.deal) for draft in drafts if draft.deal]
        records = changes.lock_as_read(self._session, Deal, (deal for _, deal in pairs))
        for draft, deal in pairs:
            draft.deal = records[deal.id]

    def _plan(self, draft: PlannedDeal) -> None:
        item, deal, work = draft.item, draft.deal, self._work
        row_id = deal.id if deal else item.values.get("crmctl_id") or next(self._ids)
        if work.leaves_out(self._matcher, item, deal):
            return
        owner = work.owner(item, deal.owner_id if deal else None)
        present = deal.customer_id if deal else None
        customer = None
        if draft.customers:
            customer = choose_candidate(item, self._customers.field(item), draft.customers, present)
        external = self._matcher.new_keys(item, deal.id if deal else None)
        values = self._values(draft, owner, customer)
        if deal is None:
            self._create(draft, row_id, values)
        elif not item.problems:
            self._change(draft, deal, values, external)
        if item.problems:
            work.plan.reject(item.rejected())
            return
        work.owners.keep(owner)
        self._customers.keep(customer)
        self._matcher.keep(item, deal)
        work.new_keys += [(pair, row_id) for pair in external]

    def _values(
        self, draft: PlannedDeal, owner: Candidate | None, customer: Candidate | None
    ) -> Values:
        """Return what the row says of its deal, by column, but for its stage and times."""
        item = draft.item
        values = plain_values(item, Entity.DEAL)
        franchise = self._work.franchises.find(item)
        if owner:
            values["owner_id"] = owner.id
        if customer:
            values["customer_id"] = customer.id
        if franchise:
            values["franchise_id"] = franchise
        closing: When | None = item.values.get("close_date")
        if closing and draft.status == Status.OPEN:
            values.setdefault("expected_close", on_day(closing, self._work.zone))
        # Why a deal was lost is nothing that an open or won one has.
        lost = draft.deal.status if draft.deal and draft.stays else draft.status
        if lost_reasons.allowed(lost) and "lost_reason" in item.values:
            values["lost_reason"] = item.values["lost_reason"]
        if "created_at" in item.values:
            values["created_at"] = item.values["created_at"]
        if "custom" in item.values:
            values["custom"] = self._work.custom(draft.deal, item)
        return values

    def _create(self, draft: PlannedDeal, row_id: UUID, values: Values) -> None:
        item, ref = draft.item, draft.stage
        if "title" not in values and not item.problems:
            item.refuse("title", "a new deal needs a title (--map COLUMN=title)")
        if item.problems or ref is None:
            return
        if lost_reasons.allowed(draft.status) and self._lost_reason:
            values.setdefault("lost_reason", self._lost_reason)
        times = first_times(item, draft.times, draft.status, self._now)
        deal = {**self._blank(ref), **values, **times, "id": row_id}
        self._enforce(item, rules.against_creation(ref.process, ref.stage, deal))
        if item.problems:
            return
        if draft.status != Status.OPEN and draft.times.closed is None:
            since = "entering their stage" if draft.times.entered else None
            since = since or ("their creation" if "created_at" in item.values else "this import")
            self._work.plan.notes[f"closed with no closing date: that of {since} is taken"] += 1
        self._created.append(deal)
        self._work.plan.create()

    def _enforce(self, item: ParsedRow, broken: Sequence[str]) -> None:
        """Refuse `item` for the rules that are `broken`, or count them as passed."""
        for rule in broken:
            if self._override:
                self._work.plan.overridden[rule] += 1
            else:
                item.refuse("stage", rule)

    def _change(
        self,
        draft: PlannedDeal,
        deal: Deal,
        values: Values,
        external: Sequence[tuple[str, str]],
    ) -> None:
        item = draft.item
        new = self._work.differences(deal, values)
        request = None
        if draft.stage and draft.moves:
            request = self._move_request(draft, draft.stage, deal, new)
            new |= self._judged(item, request)
        else:
            new |= self._corrections.values(item, deal, draft.corrected)
        if item.problems:
            return
        new = {name: value for name, value in new.items() if value != getattr(deal, name)}
        shown = self._shown(deal, new, moved=draft.moves) if new else {}
        if external:
            shown["external_id"] = (None, external_ids_text(external))
        if not shown:
            self._work.plan.keep()
            return
        self._work.plan.update(Update(item.row.line, self._matcher.ref(deal), shown))
        self._edits.append((deal, new))
        if request:
            self._entered.append(StageChange(deal, deal.stage, request.why))

    def _shown(self, deal: Deal, new: Columns, *, moved: bool) -> dict[str, tuple[object, object]]:
        """Return what the plan shows of the changes `new` in `deal`."""
        labels = {
            "owner_id": self._work.owners.labels,
            "customer_id": self._customers.labels,
            "franchise_id": self._work.franchises.labels,
        }
        shown = field_changes(deal, new, labels)
        for name in _IMPLIED if moved else ():
            shown.pop(name, None)
        return shown

    def _move_request(
        self, draft: PlannedDeal, to: StageRef, deal: Deal, new: Columns
    ) -> MoveRequest:
        """Return what the row says of the move of `deal`, in which it changes `new` as well."""
        entered, closed = draft.times
        # That of the command line is for deals that nothing gives a reason for.
        usual = None if deal.lost_reason else self._lost_reason
        given = draft.item.values.get("lost_reason") or usual
        return MoveRequest(
            deal={**changes.loaded_values(deal), **new},
            to=to,
            past=self._past,
            entered=entered.at if entered else None,
            day=entered.day if entered else None,
            closed=closed.at if closed else None,
            lost_reason=given if lost_reasons.allowed(to.stage.kind) else None,
            reason=self._session.change.reason,
        )

    def _judged(self, item: ParsedRow, request: MoveRequest) -> Values:
        """Return what changes in a deal that moves; what is against that refuses `item`."""
        verdict = moves.judge(request, now=self._now, zone=self._work.zone)
        if verdict.too_early:
            refuse_too_early(item, verdict.too_early)
        elif not item.problems:
            self._enforce(item, verdict.broken)
        return verdict.values

    def write(self) -> None:
        """Write what was planned, unless it is a dry run."""
        created, self._created = self._created, []
        edits, self._edits = self._edits, []
        entered, self._entered = self._entered, []
        work, session = self._work, self._session
        work.write_users()
        write_customers(work, self._customers, self._customer_numbers)
        if work.plan.dry_run:
            work.write_keys()
            return
        for deal, number in zip(created, self._numbers.take(len(created)), strict=True):
            deal["number"] = number
        if created:
            deals.insert_new(session, created)
        work.write_keys()
        work.edit(Deal, edits)
        stage_history.record(session, entered)
        self._corrections.write()
