"""Stages of a pipeline: added, edited, put in another order, removed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import col, func, select

from crmctl.domain.kinds import Entity, Status
from crmctl.errors import NotFound, Refused, UsageError
from crmctl.models.deals import Deal
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import moves, pipeline_files, rules
from crmctl.services.pipeline.rules import CUSTOM, SalesProcess
from crmctl.services.records import custom_fields
from crmctl.services.records.references import NAMED, PREFIX, listed, ref
from crmctl.storage.scope import IS_OPEN, in_company, visible

#: Deals moved at once out of a stage that goes; its memory is all that a removal needs.
_BATCH = 2000

#: A stage that goes, the stage that its deals go to, and the pipeline whose rules they enter by.
Way = tuple[Stage, Stage, SalesProcess]


@dataclass(frozen=True)
class StageLoad:
    """How many deals a stage holds; `hidden` of them were removed and can be restored."""

    deals: int = 0
    hidden: int = 0

    def __str__(self) -> str:
        """Return the number in words."""
        removed = f" ({self.hidden} of them removed)" if self.hidden else ""
        return f"{counted(self.deals)}{removed}"


def told(moved: int, refs: Sequence[str]) -> str:
    """Return what is added to a message where deals move on the way; `refs` are the first."""
    return f", moving {counted(moved)}: {listed(refs, moved)}" if moved else ""


def counted(deals: int) -> str:
    """Return a number of deals in words."""
    return f"{deals} {'deal' if deals == 1 else 'deals'}"


def loads(session: CrmSession, pipeline: str) -> dict[str, StageLoad]:
    """Return what each stage of `pipeline` holds, by key, over all franchises."""
    counted = (
        select(Deal.stage, func.count(), func.count(col(Deal.deleted_at)))
        .where(in_company(session, Deal), col(Deal.pipeline) == pipeline)
        .group_by(col(Deal.stage))
    )
    return {stage: StageLoad(deals, hidden) for stage, deals, hidden in session.exec(counted)}


def first_refs(session: CrmSession, pipeline: str, stage: str | None = None) -> list[str]:
    """Return the first deals of a pipeline, or of one of its stages, over all franchises."""
    query = select(Deal.number).where(in_company(session, Deal), col(Deal.pipeline) == pipeline)
    if stage:
        query = query.where(col(Deal.stage) == stage)
    numbers = session.exec(query.order_by(col(Deal.number)).limit(NAMED))
    return [f"{PREFIX[Deal]}{number}" for number in numbers]


def open_deals(session: CrmSession) -> dict[tuple[str, str], int]:
    """Return how many open deals there are to see, by pipeline and stage; closed ones cost nothing.

    Narrowed, like all that is read, to the session's franchise.
    """
    counted = (
        select(Deal.pipeline, Deal.stage, func.count())
        .where(*visible(session, Deal), IS_OPEN)
        .group_by(col(Deal.pipeline), col(Deal.stage))
    )
    return {(pipeline, stage): count for pipeline, stage, count in session.exec(counted)}


def locate(
    known: Mapping[str, SalesProcess], text: str, pipeline: SalesProcess | None = None
) -> tuple[SalesProcess, Stage]:
    """Return the stage that `text` names, with its pipeline: `proposal`, `b2b/proposal`.

    Without a pipeline, the stage must be found in one only.
    """
    if pipeline:
        return pipeline, pipeline.find(text)
    key, slash, rest = text.partition("/")
    if slash and key.strip().lower() in known:
        process = known[key.strip().lower()]
        return process, process.find(rest)
    found = []
    for process in known.values():
        try:
            found.append((process, process.find(text)))
        except NotFound:
            if len(known) == 1:
                raise
    if not found:
        raise NotFound(f"no pipeline has a stage {text!r} (crmctl stage list)")
    if len(found) > 1:
        places = ", ".join(f"{process.pipeline.key}/{stage.key}" for process, stage in found)
        raise NotFound(f"{text!r} could be any of {places}")
    return found[0]


def destination(known: Mapping[str, SalesProcess], process: SalesProcess, text: str) -> Stage:
    """Return the stage that deals of `process` go to: one of its own, or `PIPELINE/STAGE`."""
    return locate(known, text, None if "/" in text else process)[1]


def check_custom(session: CrmSession, names: Sequence[str]) -> None:
    """Raise NotFound if one of the required `names` is a custom field that is not declared."""
    for name in names:
        if name.startswith(CUSTOM):
            custom_fields.find(session, Entity.DEAL, name.removeprefix(CUSTOM))


def add(session: CrmSession, process: SalesProcess, values: Mapping[str, Any], place: int) -> Stage:
    """Create a stage from all its `values`, so that it is number `place`, counted from zero."""
    if process.stage(values["key"]):
        raise Refused(f"pipeline {process.pipeline.key} has a stage {values['key']} already")
    check_custom(session, values["required_fields"])
    created = create(session, process.pipeline.key, {place + 1: values})[0]
    arrange(session, [*process.stages[:place], created, *process.stages[place:]])
    return created


def create(
    session: CrmSession, pipeline: str, stages: Mapping[int, Mapping[str, Any]]
) -> list[Stage]:
    """Create stages, each from all its values, by position."""
    rows = ({"pipeline": pipeline, "position": n, **values} for n, values in stages.items())
    return changes.create(session, Stage, rows)


def arrange(session: CrmSession, order: Sequence[Stage]) -> bool:
    """Give the stages of a pipeline the positions that they have in `order`."""
    numbered = ((stage, {"position": place}) for place, stage in enumerate(order, 1))
    return bool(changes.edit_each(session, numbered))


def edit(
    session: CrmSession, process: SalesProcess, stage: Stage, given: Mapping[str, Any]
) -> bool:
    """Set checked values in `stage`; return whether that changed anything."""
    values = dict(given)
    kind = values.get("kind", stage.kind)
    if kind != stage.kind:
        if why := against_kind(stage.key, stage.kind, kind, loads(session, stage.pipeline)):
            raise Refused(why)
        values = {**pipeline_files.usual(kind), **values}
    pipeline_files.check_stage({**pipeline_files.stage_of(stage), **values})
    pipeline_files.check_stages([(s.key, kind if s is stage else s.kind) for s in process.stages])
    check_custom(session, values.get("required_fields", ()))
    return bool(changes.edit(session, [stage], values))


def against_kind(
    key: str, old: Status, new: Status, holding: Mapping[str, StageLoad]
) -> str | None:
    """Return why a stage cannot become another kind; None if it can.

    Its deals have that status, with a history and closing dates that say so.
    """
    if old == new or key not in holding:
        return None
    return (
        f"stage {key} holds {holding[key]}, which would become {new} by this: "
        "add another stage and move them there"
    )


def move(session: CrmSession, process: SalesProcess, stage: Stage, place: int) -> bool:
    """Put `stage` in front of number `place` of its pipeline, counted from zero."""
    ahead = [s for s in process.stages[:place] if s is not stage]
    behind = [s for s in process.stages[place:] if s is not stage]
    return arrange(session, [*ahead, stage, *behind])


def place_of(process: SalesProcess, before: str | None, after: str | None) -> int | None:
    """Return the place, counted from zero, in front of one stage or behind another."""
    if before and after:
        raise UsageError("--before or --after, not both")
    if before:
        return process.stages.index(process.find(before))
    if after:
        return process.stages.index(process.find(after)) + 1
    return None


def natural_place(process: SalesProcess, kind: Status) -> int:
    """Return where a new stage goes that was given no place: an open one behind the open ones."""
    if kind != Status.OPEN:
        return len(process.stages)
    places = [n for n, stage in enumerate(process.stages, 1) if stage.kind == Status.OPEN]
    return places[-1]


def remove(
    session: CrmSession,
    process: SalesProcess,
    stage: Stage,
    to: Stage | None = None,
    order: moves.MoveOptions | None = None,
) -> int:
    """Remove `stage`, its deals going to the stage `to` as `order` says; return how many did.

    Raises Refused, and changes nothing, where the rules keep one of them from entering it.
    """
    rest = [s for s in process.stages if s is not stage]
    pipeline_files.check_stages([(s.key, s.kind) for s in rest])
    if to is stage:
        raise UsageError(f"{stage.key} is the stage that goes: --move-to another one")
    holding = loads(session, stage.pipeline).get(stage.key)
    if holding and to is None:
        raise Refused(f"stage {stage.key} holds {holding}: --move-to STAGE says where they go")
    moved = 0
    if holding and to:
        ways = [
            (stage, to, {**rules.sales_processes(session), stage.pipeline: process}[to.pipeline])
        ]
        order = order or moves.MoveOptions()
        if refused := judge(session, ways, order, lock=not session.change.dry):
            raise Refused("\n".join(refused))
        explain(session, [stage.key])
        moved = release(session, ways, order)
    changes.remove(session, [stage])
    arrange(session, rest)
    return moved


def judge(
    session: CrmSession, ways: Sequence[Way], order: moves.MoveOptions, *, lock: bool
) -> list[str]:
    """Return what the rules say against the moves of all deals by `ways`, naming the deals.

    Where `order` overrides the rules, that is logged instead. Hidden deals and those of other
    franchises are judged too: they go where the others go.
    """
    if order.lost_reason and ways and all(to.kind != Status.LOST for _, to, _ in ways):
        raise UsageError(f"a lost reason is for deals that are lost, and {ways[0][1].key} is not")
    lines = []
    for stage, to, process in ways:
        said: dict[str, list[str]] = {}
        for batch in _held_by(session, stage, lock=lock):
            for deal, why in moves.judge(session, batch, process, to, order):
                said.setdefault(why, []).append(ref(deal))
        for why, refs in said.items():
            named = listed(refs, len(refs))
            lines.append(f"{named}: {why} (or --override --reason TEXT)")
    return lines


def release(session: CrmSession, ways: Sequence[Way], order: moves.MoveOptions) -> int:
    """Move all deals by `ways`, which were judged, and return how many there were."""
    return sum(_empty(session, stage, to, order) for stage, to, _ in ways)


def explain(session: CrmSession, gone: Iterable[str]) -> None:
    """Note in the change set, before it is written, why deals move, if no reason was given."""
    told = "; ".join(_why(key) for key in gone)
    session.change.reason = session.change.reason or told or None


def _why(key: str) -> str:
    return f"stage {key} was removed"


def _empty(session: CrmSession, stage: Stage, to: Stage, order: moves.MoveOptions) -> int:
    order = replace(order, reason=_why(stage.key), forced=True)
    moved = 0
    for batch in _held_by(session, stage, lock=not session.change.dry):
        moves.move(session, batch, to.key, order, pipeline=to.pipeline)
        moved += len(batch)
    return moved


def _held_by(session: CrmSession, stage: Stage, *, lock: bool) -> Iterator[Sequence[Deal]]:
    """Yield all deals in `stage` in batches; each may be moved before the next is read."""
    query = (
        select(Deal)
        .where(
            in_company(session, Deal),
            col(Deal.pipeline) == stage.pipeline,
            col(Deal.stage) == stage.key,
        )
        .order_by(col(Deal.id))
        .limit(_BATCH)
    )
    if lock:
        query = query.with_for_update()
    found = session.exec(query).all()
    while found:
        yield found
        found = session.exec(query.where(col(Deal.id) > found[-1].id)).all()
