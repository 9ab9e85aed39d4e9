"""Stages that go: where their deals go, whether the rules let them, and how they do."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlmodel import col, select

from crmctl.domain import lost_reasons
from crmctl.models.deals import Deal
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.services.pipeline import moves
from crmctl.services.pipeline.moves import MoveOptions
from crmctl.services.pipeline.rules import StageRef
from crmctl.services.records.references import listed, ref
from crmctl.storage.scope import in_company

#: Deals moved at once out of a stage that goes; its memory is all that a removal needs.
BATCH = 2000


@dataclass(frozen=True)
class StageExit:
    """A stage that goes, and the one that its deals go to, by the rules of the pipeline there."""

    stage: Stage
    to: StageRef


def refusals(
    session: CrmSession, exits: Sequence[StageExit], options: MoveOptions, *, lock: bool
) -> list[str]:
    """Return what is against the moves of all deals by `exits`, naming the deals.

    Where `options` override the rules, that is logged instead. Hidden deals and those of other
    franchises are judged too: they go where the others go.
    """
    conflicts = [_reason_conflict(one, options) for one in exits]
    if conflicts and all(conflicts):
        return [str(conflicts[0])]
    lines = []
    for one in exits:
        refs: dict[str, list[str]] = {}
        for batch in _deals_in(session, one.stage, lock=lock):
            for deal, why in moves.against_all(session, batch, one.to, _options(one, options)):
                refs.setdefault(why, []).append(ref(deal))
        for why, named in refs.items():
            lines.append(f"{listed(named, len(named))}: {why} (or --override --reason TEXT)")
    return lines


def _reason_conflict(one: StageExit, options: MoveOptions) -> str | None:
    return lost_reasons.conflict(options.lost_reason, one.to.stage.key, one.to.stage.kind)


def _options(one: StageExit, options: MoveOptions) -> MoveOptions:
    """Return `options` for the deals of one stage: a lost reason is for those that get lost."""
    return replace(options, lost_reason=None) if _reason_conflict(one, options) else options


def explain(session: CrmSession, gone: Iterable[str]) -> None:
    """Note in the change set, before it is written, why deals move, if no reason was given."""
    reasons = "; ".join(_why(key) for key in gone)
    session.change.reason = session.change.reason or reasons or None


def _why(key: str) -> str:
    return f"stage {key} was removed"


def release(session: CrmSession, exits: Sequence[StageExit], options: MoveOptions) -> int:
    """Move all deals by `exits`, which were not refused, and return how many there were."""
    moved = 0
    for one in exits:
        chosen = replace(_options(one, options), reason=_why(one.stage.key))
        for batch in _deals_in(session, one.stage, lock=not session.change.dry):
            moves.carry_out(session, batch, one.to, chosen)
            moved += len(batch)
    return moved


def _deals_in(session: CrmSession, stage: Stage, *, lock: bool) -> Iterator[Sequence[Deal]]:
    """Yield all deals in `stage` in batches; each may be moved before the next is read."""
    query = (
        select(Deal)
        .where(
            in_company(session, Deal),
            col(Deal.pipeline) == stage.pipeline,
            col(Deal.stage) == stage.key,
        )
        .order_by(col(Deal.id))
        .limit(BATCH)
    )
    if lock:
        query = query.with_for_update()
    found = session.exec(query).all()
    while found:
        yield found
        found = session.exec(query.where(col(Deal.id) > found[-1].id)).all()
