"""Moves: whether a deal may enter another stage, and what it is afterwards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crmctl.domain.kinds import Status
from crmctl.errors import Conflict, CrmError, NotFound, Refused, UsageError
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import rules, stage_history
from crmctl.services.records.references import ref


@dataclass
class Move:
    """A deal that entered a stage, with the key of the one it left, and what both are called."""

    deal: Deal
    left: str
    path: str = ""


@dataclass
class Moves:
    """What a move of many deals came to: moved, there already, and refused with the reason."""

    moved: list[Move] = field(default_factory=list)
    unchanged: list[Deal] = field(default_factory=list)
    refused: list[tuple[Deal, CrmError]] = field(default_factory=list)


@dataclass(frozen=True)
class MoveOptions:
    """How to move: when (None is now), why, and which checks to make or to pass.

    `if_stage` refuses deals that are not in that stage any more; `override` passes the rules.
    `forced` asks no rule: the stage is being removed, and `judge` has asked them all.
    """

    at: datetime | None = None
    reason: str | None = None
    lost_reason: str | None = None
    if_stage: str | None = None
    override: bool = False
    forced: bool = False
    keep_going: bool = False


#: Tells where a deal goes, from the deal and the open stage that it was closed from, if it was.
Target = Callable[[Deal, str | None], Stage]


def move(
    session: CrmSession,
    deals: Sequence[Deal],
    to: str,
    order: MoveOptions | None = None,
    *,
    pipeline: str | None = None,
) -> Moves:
    """Move `deals`, which are locked, to the stage called `to` of their pipeline or of `pipeline`.

    All move or none does, unless `order` says to keep going. Raises Refused for a rule, Conflict
    for a deal that left `if_stage` meanwhile.
    """
    known = rules.sales_processes(session)
    into = rules.choose(known, pipeline) if pipeline else None

    def target(deal: Deal, _: str | None) -> Stage:
        return (into or known[deal.pipeline]).find(to)

    past = stage_history.past(session, deals, into)
    return _move(session, deals, known, target, order or MoveOptions(), past)


def close(session: CrmSession, deals: Sequence[Deal], kind: Status, order: MoveOptions) -> Moves:
    """Move `deals`, which are locked, to the stage of their pipeline that is of `kind`."""
    known = rules.sales_processes(session)

    def target(deal: Deal, _: str | None) -> Stage:
        process = known[deal.pipeline]
        # One that is closed in this way already stays in the stage that says so.
        return process.find(deal.stage) if deal.status == kind else process.of_kind(kind)

    return _move(session, deals, known, target, order, stage_history.past(session, deals))


def reopen(
    session: CrmSession, deals: Sequence[Deal], order: MoveOptions, *, to: str | None = None
) -> Moves:
    """Move `deals`, which are locked, to the stage that each was closed from, or to an open `to`.

    Where it is gone, the deal goes where its pipeline starts. Those that are open stay.
    """
    known = rules.sales_processes(session)

    def target(deal: Deal, closed_from: str | None) -> Stage:
        process = known[deal.pipeline]
        if deal.status == Status.OPEN:
            return process.find(deal.stage)
        stage = process.find(to) if to else process.stage(closed_from or "")
        if to and stage and stage.kind != Status.OPEN:
            raise UsageError(f"{stage.key} is no open stage")
        return stage if stage and stage.kind == Status.OPEN else process.first()

    return _move(session, deals, known, target, order, stage_history.past(session, deals))


def judge(
    session: CrmSession,
    deals: Sequence[Deal],
    process: rules.SalesProcess,
    to: Stage,
    order: MoveOptions,
) -> list[tuple[Deal, str]]:
    """Return those of `deals` that may not go to the stage `to` of `process`, and why.

    Where `order` overrides the rules, they are logged as passed, and nothing is returned.
    """
    past = stage_history.past(session, deals, process)
    refused = []
    for deal in deals:
        said = _against(process, deal, to, order, past)
        if said and order.override:
            rules.log_override(session, ref(deal), said)
        elif said:
            refused.append((deal, said))
    return refused


def _move(
    session: CrmSession,
    deals: Sequence[Deal],
    known: Mapping[str, rules.SalesProcess],
    target: Target,
    order: MoveOptions,
    past: stage_history.Past,
) -> Moves:
    """Move each of `deals` to its target; whatever is refused or overridden precedes all writes."""
    result = Moves()
    edits = []
    for deal in deals:
        try:
            stage = target(deal, past.get((deal.id, deal.pipeline)))
            _still_in(known[deal.pipeline], deal, order.if_stage)
            if (deal.pipeline, deal.stage) == (stage.pipeline, stage.key):
                result.unchanged.append(deal)
                continue
            _check(session, known[stage.pipeline], deal, stage, order, past)
        except (Refused, Conflict, NotFound) as error:
            if not order.keep_going:
                raise
            result.refused.append((deal, error))
            continue
        result.moved.append(Move(deal, deal.stage, _path(known, deal, stage)))
        edits.append((deal, _values(session, deal, stage, order)))
    _write(session, result.moved, edits, order)
    return result


def _still_in(process: rules.SalesProcess, deal: Deal, stage: str | None) -> None:
    if stage and deal.stage != process.find(stage).key:
        raise Conflict(f"{ref(deal)} is in {deal.stage} by now, not in {stage}")


def _path(known: Mapping[str, rules.SalesProcess], deal: Deal, to: Stage) -> str:
    here = known[deal.pipeline].stage(deal.stage)
    left = here.label if here else deal.stage
    if deal.pipeline == to.pipeline:
        return f"{left} -> {to.label}"
    return f"{deal.pipeline}/{left} -> {to.pipeline}/{to.label}"


def _check(
    session: CrmSession,
    process: rules.SalesProcess,
    deal: Deal,
    stage: Stage,
    order: MoveOptions,
    past: stage_history.Past,
) -> None:
    """Raise unless `deal` may enter `stage` in this way."""
    if order.at and order.at < deal.stage_entered_at:
        raise Refused(
            f"{ref(deal)} entered {deal.stage} at {deal.stage_entered_at:%Y-%m-%d %H:%M} UTC: "
            "it cannot leave it before that"
        )
    rules.entry_time(session, order.at)
    if not order.forced:
        said = _against(process, deal, stage, order, past)
        rules.enforce(session, ref(deal), said, override=order.override)


def _against(
    process: rules.SalesProcess, deal: Deal, to: Stage, order: MoveOptions, past: stage_history.Past
) -> str:
    """Return what the rules say against moving `deal` to `to`; nothing if they allow it."""
    left_from = past.get((deal.id, deal.pipeline))
    broken = rules.against_move(
        process,
        changes.loaded_values(deal),
        to,
        left_from=deal.stage if deal.status == Status.OPEN else left_from,
        lost_reason=order.lost_reason or deal.lost_reason,
        was_in=past.get((deal.id, to.pipeline)),
    )
    return "; ".join(broken)


def _values(session: CrmSession, deal: Deal, stage: Stage, order: MoveOptions) -> dict[str, Any]:
    # Two people may move a deal at once. The second waits for the first, so its clock may be
    # a little behind the first one's entry, which history must not be.
    entered = order.at or max(session.change.at, deal.stage_entered_at)
    lost = stage.kind == Status.LOST
    # Between two stages that both mean won, say, the deal was won when it first was.
    closed = deal.closed_at if deal.status == stage.kind and not order.at else entered
    return {
        "pipeline": stage.pipeline,
        "stage": stage.key,
        "status": stage.kind,
        "stage_entered_at": entered,
        "closed_at": None if stage.kind == Status.OPEN else closed,
        "lost_reason": (order.lost_reason or deal.lost_reason) if lost else None,
        "entries": deal.entries + 1,
    }


def _write(
    session: CrmSession,
    moved: Sequence[Move],
    edits: Sequence[tuple[Deal, Mapping[str, Any]]],
    order: MoveOptions,
) -> None:
    if not moved:
        return
    changes.edit_each(session, edits)
    reason = order.reason or order.lost_reason
    entries = [
        stage_history.entry(session, changes.loaded_values(move.deal), move.left, reason)
        for move in moved
    ]
    changes.insert_values(session, StageEntry, entries)
