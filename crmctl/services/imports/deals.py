"""Importing deals: new ones, changed ones, and those that moved, by the rules of their pipeline."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from uuid import UUID

from crmctl.domain import lost_reasons
from crmctl.domain.importing.cells.values import When, on_day
from crmctl.domain.importing.columns.column_findings import NO_AMOUNT, NO_STAGE, lacks
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.kinds import Entity, Status
from crmctl.models.base import Columns, Values, new_ids
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.imports.context import ImportContext
from crmctl.services.imports.decisions import Decision, MatchedRow, field_changes, plain_values
from crmctl.services.imports.lookups.candidates import Candidate, choose_candidate
from crmctl.services.imports.lookups.customers import CustomerLookup
from crmctl.services.imports.matching.matcher import Matcher
from crmctl.services.imports.matching.stored_rows import DealRow
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.imports.planned_deals import (
    DealDecision,
    PlannedDeal,
    assumes_stage,
    refuse_price,
    takes_lost_reason,
    with_unread,
)
from crmctl.services.imports.record_importer import RecordImporter
from crmctl.services.imports.stage_times import (
    ENTERED,
    closing_findings,
    corrected_times,
    created_time,
    first_times,
    history_stays,
    not_before_history,
    refuse_future,
    refuse_too_early,
    times_of,
    with_times,
)
from crmctl.services.imports.stages import QUESTIONS, StageResolver
from crmctl.services.imports.time_corrections import TimeCorrections
from crmctl.services.pipeline import closing, deals, rules, stage_history, stated_stage, verdicts
from crmctl.services.pipeline.rules import StageRef
from crmctl.services.pipeline.stage_history import OpenStages, StageChange
from crmctl.services.pipeline.verdicts import MoveRequest
from crmctl.storage.tables import table_of

#: What follows from a move, and is not shown beside it.
_IMPLIED = ("status", "entries", "stage_entered_at", "assumed")
_UNSAID_STAGE = Finding(
    certainty=Certainty.ASSUMED,
    text="deals begin in the first stage: their rows name none",
    one="deal begins in the first stage: its row names none",
    count=1,
    option="--map COLUMN=stage",
)
_NO_STAGE = replace(NO_STAGE, count=1)
_NO_AMOUNT = replace(NO_AMOUNT, count=1)
#: The fields of times; where one cannot be read, the others may not be the whole truth.
_TIMES = frozenset({*ENTERED, "created_at"})
#: The days of times, which are shown where the times stay the same.
_DAYS = {"closed_on": "closed_at", "stage_entered_on": "stage_entered_at"}


class DealImporter(RecordImporter[DealRow]):
    """Decides what rows of deals create, change and move."""

    model = Deal

    def __init__(
        self,
        context: ImportContext,
        matcher: Matcher[DealRow],
        customers: CustomerLookup,
        stages: Callable[[], StageResolver],
        *,
        override: bool,
        lost_reason: str | None,
    ) -> None:
        super().__init__(context, matcher, customers)
        self._session = context.session
        self._now = context.now
        self._people = customers
        self._read_stages = stages
        self._stages = stages()
        self._override = override
        self._lost_reason = lost_reason
        self._candidates: dict[int, Sequence[Candidate]] = {}
        self._past: OpenStages = {}
        self._corrections = TimeCorrections(context.session, context.zone)
        self._blank = cache(lambda ref: deals.blank(context.session, ref.stage))
        self._ids: Iterator[UUID] = iter(())
        self._lacking: tuple[bool, bool] | None = None

    def renew(self, written: Sequence[UUID]) -> None:
        """Read the stages and their rules anew as well."""
        super().renew(written)
        if written:
            self._stages = self._read_stages()
            self._blank.cache_clear()

    def load(self, rows: Sequence[ParsedRow]) -> None:
        """Load the customers whom `rows` name, and the deals that may be meant."""
        self._people.load(rows)
        self._candidates = {}
        for row in self._people.naming(rows):
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
        known = not row.refused or self._is_known(row)
        if self._context.is_out_of_scope(deal) and not row.problems:
            return PlannedDeal(row=row, record=deal, customers=customers)
        stage = None if "" in row.refused else self._stages.find(row, deal, known=known)
        # A stage that nobody said is one that is empty.
        said = deal is not None and not closing.stage_is_assumed(deal.assumed)
        stays = (self._context.scope.fill and said) or (deal is not None and assumes_stage(row))
        planned = PlannedDeal(
            row=row, record=deal, customers=customers, known=known, stage=stage, stays=stays
        )
        planned.status_known = bool(stage or known) and QUESTIONS.isdisjoint(row.refused)
        if planned.status_known:
            planned.times = times_of(row, planned.status, self._now, self._context.zone)
        refuse_future(row, self._now)
        return planned

    def _load_past(self, planned: Sequence[PlannedDeal]) -> None:
        """Load what the past of deals says, for those rows that need it."""
        there = [(each, each.record) for each in planned if each.record]
        for each, deal in there:
            if not each.moves and not each.stays and _TIMES.isdisjoint(each.row.refused):
                each.correct(corrected_times(each.row, each.times, deal, self._context.zone))
        self._lock([each for each, _ in there if each.moves or each.corrected])
        moving = (
            (each.record, each.stage.process.key)
            for each, _ in there
            if each.moves and each.stage and isinstance(each.record, Deal)
        )
        self._past = verdicts.past_of(self._session, moving)
        self._corrections.load(
            [deal for each, deal in there if each.corrected or each.needs_history]
        )
        self._people.load_labels(deal.customer_id for _, deal in there)

    def _lock(self, planned: Sequence[PlannedDeal]) -> None:
        """Keep others from the deals of `planned`: their past must stay what it is read as."""
        pairs = [(each, each.record) for each in planned if each.record]
        records = changes.lock_as_read(self._session, Deal, (deal for _, deal in pairs))
        for each, deal in pairs:
            each.record = records[deal.id]

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
        decided = self._decide_sign(row, deal) if row.sign else None
        values = self._values(matched, owner, customer)
        if deal is None and matched.known:
            self._create(matched, decision, values)
        elif deal:
            self._change(matched, decision, deal, values)
        if decided and (deal is None or decision.changes):
            decision.findings = (*decision.findings, decided)
        return decision

    def _decide_sign(self, row: ParsedRow, deal: DealRow | None) -> Finding | None:
        """Take the currency that the sign of a row means; return what decided it, if it is used."""
        kept = deal is not None and ("amount" not in row.values or deal.amount is not None)
        if kept and self._context.scope.fill:
            return None
        return row.decide_sign(deal.currency if deal else None)

    def _values(
        self, planned: PlannedDeal, owner: Candidate | None, customer: Candidate | None
    ) -> Values:
        """Return what the row says of its deal, by column, but for its stage and times."""
        row = planned.row
        values = plain_values(row, Entity.DEAL)
        if planned.status != Status.OPEN and values.get("probability") in (0, 1):
            # Systems write what it came to; nobody judged it so.
            del values["probability"]
        franchise = self._context.franchises.find(row)
        if owner:
            values["owner_id"] = owner.id
        if customer:
            values["customer_id"] = customer.id
        if franchise:
            values["franchise_id"] = franchise
        close: When | None = row.values.get("close_date")
        if close and (planned.status == Status.OPEN or planned.times.ahead):
            values.setdefault("expected_close", on_day(close, self._context.zone))
        # Of one that moves, the lost reason is judged with the move.
        if "lost_reason" in row.values and not planned.moves and takes_lost_reason(planned):
            values["lost_reason"] = row.values["lost_reason"]
        if created := created_time(row, planned.record):
            values["created_at"] = created
        if "custom" in row.values:
            values["custom"] = self._context.merged_custom(row, planned.record)
        return values

    def _create(self, planned: PlannedDeal, decision: DealDecision, values: Values) -> None:
        """Have `decision` create a deal of which the row says `values`; a rule may refuse it."""
        row, ref = planned.row, planned.stage
        if "title" not in values and "title" not in row.refused:
            row.refuse("title", "a new deal needs a title (--map COLUMN=title)")
        if ref is None:
            return
        if lost_reasons.allowed(planned.status) and "lost_reason" not in values:
            values |= self._usual_lost_reason()
        row_id = row.values.get("crmctl_id") or next(self._ids)
        times = first_times(row, planned.times, planned.status, self._now)
        deal = {**self._blank(ref), **values, **times, "id": row_id}
        if planned.status == Status.OPEN and ("stage" not in row.values or assumes_stage(row)):
            deal["assumed"] = closing.with_stage(None)
        refuse_price(row, {"amount": None, "currency": deal["currency"]}, values)
        given = with_unread(row, deal)
        self._enforce(decision, rules.against_creation(ref.process, ref.stage, given))
        if row.problems:
            return
        decision.findings = self._doubts(planned, deal)
        decision.values = deal

    def _doubts(self, planned: PlannedDeal, deal: Columns) -> Sequence[Finding]:
        """Return what is assumed of a new `deal`, and what is not known of it."""
        row = planned.row
        if self._lacking is None:
            self._lacking = lacks(row.columns, "stage"), lacks(row.columns, "amount")
        no_stage, no_amount = self._lacking
        found = closing_findings(row, planned.times, deal, new=True)
        if planned.status == Status.OPEN and "stage" not in row.values:
            found = (*found, _NO_STAGE if no_stage else _UNSAID_STAGE)
        return (*found, _NO_AMOUNT) if no_amount else found

    def _enforce(self, decision: DealDecision, broken: Sequence[str]) -> None:
        """Refuse a row for the rules that are `broken`, or count them as passed."""
        if self._override:
            decision.overridden = broken
            return
        name = self._stages.field_of(decision.row) if broken else ""
        for rule in broken:
            decision.row.refuse(name, rule)

    def _change(
        self, planned: PlannedDeal, decision: DealDecision, deal: DealRow, values: Values
    ) -> None:
        """Have `decision` change `deal`, of which the row says `values`; a rule may refuse it."""
        new = self._context.differences(deal, values)
        refuse_price(planned.row, {"amount": deal.amount, "currency": deal.currency}, new)
        self._corrections.begin()
        if planned.stage and planned.moves:
            if planned.enters_early:
                new |= self._corrections.make_room(planned.row, deal, planned.entered)
            request = self._move_request(planned, planned.stage, deal, new)
            new |= self._judged(decision, request, stated=planned.states_stage)
            if planned.states_stage:
                self._corrections.restate({**request.deal, **new}, request.why)
            else:
                decision.left_stage, decision.move_reason = deal.stage, request.why
            new["assumed"] = with_times(planned.times, request, new)
            if new.get("assumed", deal.assumed) != deal.assumed:
                decision.findings = closing_findings(planned.row, planned.times, new, new=False)
        else:
            new |= self._corrections.values(planned.row, deal, planned.corrected)
            if planned.states_stage:
                new["assumed"] = closing.without_stage(deal.assumed)
            self._keep_required(planned, decision, deal, new)
            if planned.against_history or self._corrections.against_history:
                decision.findings = (history_stays(deal.status),)
        if planned.row.problems:
            return
        self._corrections.keep()
        decision.values = {
            name: value for name, value in new.items() if value != getattr(deal, name)
        }
        decision.changes = self._shown_changes(planned, decision, deal)

    def _keep_required(
        self, planned: PlannedDeal, decision: DealDecision, deal: DealRow, new: Columns
    ) -> None:
        """Refuse a row whose `new` values would empty what the stage of `deal` needs."""
        stage = planned.stage.stage if planned.stage else None
        if stage is None or not stage.required_fields or not new:
            return
        before = {one.key: getattr(deal, one.key) for one in table_of(Deal).columns}
        if broken := rules.against_emptying(stage, before, new):
            self._enforce(decision, broken)

    def _shown_changes(
        self, planned: PlannedDeal, decision: DealDecision, deal: DealRow
    ) -> dict[str, tuple[object, object]]:
        labels = {
            "owner_id": self._context.owners.labels,
            "customer_id": self._people.labels,
            "franchise_id": self._context.franchises.labels,
        }
        found = field_changes(deal, decision.values, labels, decision.external_ids)
        for name in _IMPLIED if planned.moves else ():
            found.pop(name, None)
        for day, time in _DAYS.items():
            if planned.moves or time in found:
                found.pop(day, None)
        return found

    def _move_request(
        self, planned: PlannedDeal, to: StageRef, deal: DealRow, new: Columns
    ) -> MoveRequest:
        """Return what the row says of the move of `deal`, in which it changes `new` as well."""
        assert isinstance(deal, Deal), "a deal that moves is locked"
        before = {**changes.loaded_values(deal), **new}
        entered = not_before_history(planned.entered, before, self._context.zone)
        given = planned.row.values.get("lost_reason")
        if given is None and not deal.lost_reason and lost_reasons.allowed(to.stage.kind):
            given = self._usual_lost_reason().get("lost_reason")
        return MoveRequest(
            deal=with_unread(planned.row, before),
            to=to,
            past=self._past,
            entered=entered.at if entered else None,
            day=entered.day if entered else None,
            lost_reason=given,
            reason=self._session.change.reason,
            assumed=True,
        )

    def _usual_lost_reason(self) -> Values:
        """Return the reason of the command line, for lost deals that nothing gives one for."""
        if not self._lost_reason:
            return {}
        self._context.plan.applied.add("--lost-reason")
        return {"lost_reason": self._lost_reason}

    def _judged(self, decision: DealDecision, request: MoveRequest, *, stated: bool) -> Values:
        """Return what changes in a deal that moves; what is against that refuses its row.

        Of one that is `stated` to be in its stage, nobody knew where it was before.
        """
        if stated:
            verdict = stated_stage.judge(request, now=self._now)
        else:
            verdict = verdicts.judge(request, now=self._now, zone=self._context.zone)
        if verdict.too_early:
            refuse_too_early(decision.row, verdict.too_early)
        elif verdict.reason_conflict:
            decision.row.refuse("lost_reason", verdict.reason_conflict)
        else:
            self._enforce(decision, verdict.broken)
        return verdict.values

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
        entered = [
            StageChange(each.record, each.left_stage, each.move_reason)
            for each in decisions
            if each.left_stage and isinstance(each.record, Deal)
        ]
        stage_history.record(self._session, entered)
        reasons = {
            each.record.id: each.changes["lost_reason"]
            for each in decisions
            if each.record and not each.left_stage and "lost_reason" in each.changes
        }
        stage_history.follow_lost_reasons(self._session, reasons)
        self._corrections.write()
