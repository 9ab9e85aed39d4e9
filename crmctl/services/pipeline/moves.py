"""Moves: deals enter other stages, one or many, as their pipelines allow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from crmctl.domain import times
from crmctl.domain.kinds import Status
from crmctl.errors import Conflict, CrmError, NotFound, Refused, UsageError, raise_all
from crmctl.models.base import Values
from crmctl.models.deals import Deal
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import corrections, rules, stage_history
from crmctl.services.pipeline.corrections import Correction
from crmctl.services.pipeline.rules import SalesProcess, StageRef
from crmctl.services.pipeline.stage_history import OpenStages, StageChange
from crmctl.services.pipeline.verdicts import MoveRequest, judge, past_of, values_after
from crmctl.services.records.references import ref


@dataclass(frozen=True, kw_only=True)
class MoveOptions:
    """How to move: when (None is now), why, and which checks to make or to pass.

    `day` is the whole day that `at` begins, where no time was named. `if_stage` refuses deals that
    are not in that stage any more; `override` passes the rules of the pipeline.
    """

    at: datetime | None = None
    day: date | None = None
    reason: str | None = None
    lost_reason: str | None = None
    if_stage: str | None = None
    override: bool = False
    keep_going: bool = False


@dataclass
class Move:
    """A deal that entered a stage, with the key of the one it left, and what both are called."""

    deal: Deal
    left: str
    path: str = ""


@dataclass(kw_only=True)
class Moves:
    """What a move of many deals came to: moved, there already, and refused with the reason.

    `corrected` were there already, and are there since another time or for another reason now.
    """

    moved: list[Move] = field(default_factory=list)
    corrected: list[Correction] = field(default_factory=list)
    unchanged: list[Deal] = field(default_factory=list)
    refused: list[tuple[Deal, CrmError]] = field(default_factory=list)


#: Tells where a deal goes, from the deal and the open stage that it was closed from, if it was.
Target = Callable[[Deal, str | None], Stage]


def move(
    session: CrmSession,
    deals: Sequence[Deal],
    to: str,
    options: MoveOptions | None = None,
    *,
    pipeline: str | None = None,
) -> Moves:
    """Move `deals`, which are locked, to the stage called `to` of their pipeline or of `pipeline`.

    All move or none does, unless `options` say to keep going. Raises Refused for a rule, Conflict
    for a deal that left `if_stage` meanwhile.
    """
    known = rules.sales_processes(session)
    into = rules.choose(known, pipeline) if pipeline else None

    def target(deal: Deal, _: str | None) -> Stage:
        return (into or known[deal.pipeline]).find(to)

    past = past_of(session, ((deal, into.key if into else deal.pipeline) for deal in deals))
    return _Mover(session, known, options or MoveOptions(), past).move(deals, target)


def close(session: CrmSession, deals: Sequence[Deal], kind: Status, options: MoveOptions) -> Moves:
    """Move `deals`, which are locked, to the stage of their pipeline that is of `kind`."""
    known = rules.sales_processes(session)

    def target(deal: Deal, _: str | None) -> Stage:
        process = known[deal.pipeline]
        # One that is closed in this way already stays in the stage that says so.
        return process.find(deal.stage) if deal.status == kind else process.of_kind(kind)

    return _Mover(session, known, options, _past_at_home(session, deals)).move(deals, target)


def reopen(
    session: CrmSession, deals: Sequence[Deal], options: MoveOptions, *, to: str | None = None
) -> Moves:
    """Move `deals`, which are locked, to the stage that each was closed from, or to an open `to`.

    Where it is gone, the deal goes where its pipeline starts. Those that are open stay.
    """
    known = rules.sales_processes(session)

    def target(deal: Deal, closed_from: str | None) -> Stage:
        process = known[deal.pipeline]
        if deal.status == Status.OPEN:
            _refuse_open(process, deal, options, to)
            return process.find(deal.stage)
        stage = process.find(to) if to else process.stage(closed_from or "")
        if to and stage and stage.kind != Status.OPEN:
            raise UsageError(f"{stage.key} is no open stage")
        return stage if stage and stage.kind == Status.OPEN else process.first()

    return _Mover(session, known, options, _past_at_home(session, deals)).move(deals, target)


def _refuse_open(process: SalesProcess, deal: Deal, options: MoveOptions, to: str | None) -> None:
    """Raise Refused where an open deal is to be reopened at a time, or in another stage."""
    if options.at or (to and process.find(to).key != deal.stage):
        raise Refused(f"{ref(deal)} is open already, in {deal.stage} (crmctl deal move)")


def _past_at_home(session: CrmSession, deals: Sequence[Deal]) -> OpenStages:
    return past_of(session, ((deal, deal.pipeline) for deal in deals))


class _Mover:
    """Moves deals as its options say; whatever is refused or overridden precedes all writes."""

    def __init__(
        self,
        session: CrmSession,
        known: Mapping[str, SalesProcess],
        options: MoveOptions,
        past: OpenStages,
    ) -> None:
        self._session = session
        self._known = known
        self._options = options
        self._past = past
        self._zone = times.zone(session.timezone)

    def move(self, deals: Sequence[Deal], target: Target) -> Moves:
        """Move each of `deals` to its target."""
        result = Moves()
        planned: list[tuple[StageChange, Values]] = []
        for deal in deals:
            try:
                stage = target(deal, self._past.get((deal.id, deal.pipeline)))
                self._check_still_in(deal)
                if (deal.pipeline, deal.stage) == (stage.pipeline, stage.key):
                    self._correct(deal, result)
                    continue
                request = _request(deal, StageRef(self._known[stage.pipeline], stage),
                                   self._options, self._past)  # fmt: skip
                values = self._judged(deal, request)
            except (Refused, Conflict, NotFound) as error:
                result.refused.append((deal, error))
                continue
            result.moved.append(Move(deal, deal.stage, self._path(deal, stage)))
            planned.append((StageChange(deal, deal.stage, request.why), values))
        if not self._options.keep_going:
            why = [error for _, error in result.refused]
            raise_all(why, f"{len(why)} of {len(deals)} deals may not move, so none does")
        _write(self._session, planned)
        corrections.write(self._session, result.corrected)
        return result

    def _correct(self, deal: Deal, result: Moves) -> None:
        """Add what becomes of `deal`, which is where it goes already, to the `result`."""
        how = self._options
        correction = corrections.plan(
            self._session, deal, at=how.at, day=how.day, reason=how.lost_reason
        )
        if correction:
            result.corrected.append(correction)
        else:
            result.unchanged.append(deal)

    def _judged(self, deal: Deal, request: MoveRequest) -> Values:
        """Return what changes in `deal`; raises Refused unless it may move."""
        verdict = judge(request, now=self._session.change.at, zone=self._zone)
        if verdict.not_yet:
            # It was typed, and is ahead for every deal.
            raise UsageError(verdict.not_yet)
        if verdict.too_early:
            way = f"crmctl deal move {ref(deal)} {deal.stage} --at TIME corrects when it did"
            raise Refused(f"{ref(deal)} {verdict.too_early} ({way})")
        if verdict.reason_conflict:
            raise Refused(f"{ref(deal)}: {verdict.reason_conflict}")
        broken = "; ".join(verdict.broken)
        rules.enforce(self._session, ref(deal), broken, override=self._options.override)
        return verdict.values

    def _check_still_in(self, deal: Deal) -> None:
        stage = self._options.if_stage
        if stage and deal.stage != self._known[deal.pipeline].find(stage).key:
            raise Conflict(f"{ref(deal)} is in {deal.stage} by now, not in {stage}")

    def _path(self, deal: Deal, to: Stage) -> str:
        here = self._known[deal.pipeline].stage(deal.stage)
        left = here.label if here else deal.stage
        if deal.pipeline == to.pipeline:
            return f"{left} -> {to.label}"
        return f"{deal.pipeline}/{left} -> {to.pipeline}/{to.label}"


def _request(deal: Deal, to: StageRef, options: MoveOptions, past: OpenStages) -> MoveRequest:
    return MoveRequest(
        deal=changes.loaded_values(deal),
        to=to,
        past=past,
        entered=options.at,
        day=options.day,
        lost_reason=options.lost_reason,
        reason=options.reason,
    )


def _write(session: CrmSession, planned: Sequence[tuple[StageChange, Values]]) -> None:
    changes.edit_each(session, [(change.deal, values) for change, values in planned])
    stage_history.record(session, [change for change, _ in planned])


def against_all(
    session: CrmSession, deals: Sequence[Deal], to: StageRef, options: MoveOptions
) -> list[tuple[Deal, str]]:
    """Return those of `deals` that may not go to the stage `to`, and why; nothing is written.

    Where `options` override the rules, they are logged as passed, and nothing is returned.
    """
    past = past_of(session, ((deal, to.process.key) for deal in deals))
    zone = times.zone(session.timezone)
    refused = []
    for deal in deals:
        verdict = judge(_request(deal, to, options, past), now=session.change.at, zone=zone)
        said = "; ".join(verdict.broken)
        if said and options.override:
            rules.log_override(session, ref(deal), said)
        elif said:
            refused.append((deal, said))
    return refused


def carry_out(
    session: CrmSession, deals: Sequence[Deal], to: StageRef, options: MoveOptions
) -> None:
    """Move `deals`, which `against_all` was asked about, to the stage `to` now."""
    now, planned = session.change.at, []
    for deal in deals:
        request = _request(deal, to, options, {})
        values = values_after(request, max(now, deal.stage_entered_at))
        planned.append((StageChange(deal, deal.stage, request.why), values))
    _write(session, planned)
