"""Stages of a pipeline: added, edited, put in another order, removed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, func, select

from crmctl.domain.kinds import Entity, Status
from crmctl.errors import NotFound, Refused, UsageError
from crmctl.models.base import Columns, Values
from crmctl.models.deals import Deal
from crmctl.models.inputs import StageUpdate
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import pipeline_files, rules, stage_exits
from crmctl.services.pipeline.moves import MoveOptions
from crmctl.services.pipeline.rules import CUSTOM, SalesProcess, StageRef
from crmctl.services.pipeline.stage_exits import StageExit
from crmctl.services.records import company_wide, custom_fields, types
from crmctl.services.records.references import NAMED, listed
from crmctl.storage.scope import IS_OPEN, in_company, visible
from crmctl.storage.tables import table_of


@dataclass(frozen=True)
class StageLoad:
    """How many deals a stage holds; `hidden` of them were removed and can be restored."""

    deals: int = 0
    hidden: int = 0

    def __str__(self) -> str:
        """Return the number in words."""
        removed = f" ({self.hidden} of them removed)" if self.hidden else ""
        return f"{deal_count(self.deals)}{removed}"


def moved_note(moved: int, refs: Sequence[str]) -> str:
    """Return what is added to a message where deals move on the way; `refs` are the first."""
    return f", moving {deal_count(moved)}: {listed(refs, moved)}" if moved else ""


def deal_count(deals: int) -> str:
    """Return a number of deals in words."""
    return f"{deals} {'deal' if deals == 1 else 'deals'}"


def clearable() -> dict[str, list[str] | None]:
    """Return the fields that people set and a stage can be without, with what is in them then."""
    columns = table_of(Stage).columns
    settable = {name: f for name, f in StageUpdate.model_fields.items() if name in columns}
    # A list is emptied, a value taken away.
    lists = {name: list[str]() for name, f in settable.items() if f.annotation == list[str] | None}
    return {name: None for name in settable if columns[name].nullable} | lists


def cleared(names: Sequence[str], given: Columns) -> Values:
    """Return what emptying the fields `names` sets; raises UsageError for one that is `given`."""
    known = clearable()
    found: Values = {}
    for name in names:
        field = name.strip().lower().replace("-", "_")
        field = "required_fields" if field == "required" else field
        if field not in known:
            raise UsageError(f"--clear {name}: only {', '.join(known)} can be empty")
        if field in given:
            raise UsageError(f"{name} is both set and cleared")
        found[field] = known[field]
    return found


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
    return [types.DEAL.ref(number) for number in numbers]


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
) -> StageRef:
    """Return the stage that `text` names, with its pipeline: `proposal`, `b2b/proposal`.

    Without a pipeline, the stage must be found in one only.
    """
    if pipeline:
        return StageRef(pipeline, pipeline.find(text))
    key, slash, rest = text.partition("/")
    if slash and key.strip().lower() in known:
        process = known[key.strip().lower()]
        return StageRef(process, process.find(rest))
    found = []
    for process in known.values():
        try:
            found.append(StageRef(process, process.find(text)))
        except NotFound:
            if len(known) == 1:
                raise
    if not found:
        raise NotFound(f"no pipeline has a stage {text!r} (crmctl stage list)")
    if len(found) > 1:
        names = ", ".join(f"{each.process.key}/{each.stage.key}" for each in found)
        raise NotFound(f"{text!r} could be any of {names}")
    return found[0]


def destination(known: Mapping[str, SalesProcess], process: SalesProcess, text: str) -> Stage:
    """Return the stage that deals of `process` go to: one of its own, or `PIPELINE/STAGE`."""
    return locate(known, text, None if "/" in text else process).stage


def check_custom(session: CrmSession, names: Sequence[str]) -> None:
    """Raise NotFound if one of the required `names` is a custom field that is not declared."""
    for name in names:
        if name.startswith(CUSTOM):
            custom_fields.find(session, Entity.DEAL, name.removeprefix(CUSTOM))


def add(session: CrmSession, process: SalesProcess, values: Columns, index: int) -> Stage:
    """Create a stage from all its `values`, with this `index` among those of its pipeline."""
    _require_company(session, process)
    if process.stage(values["key"]):
        raise Refused(f"pipeline {process.pipeline.key} has a stage {values['key']} already")
    pipeline_files.check_label(values, [(one.key, one.label) for one in process.stages])
    check_custom(session, values["required_fields"])
    created = create(session, process.pipeline.key, {index + 1: values})[0]
    arrange(session, [*process.stages[:index], created, *process.stages[index:]])
    return created


def _require_company(session: CrmSession, process: SalesProcess) -> None:
    company_wide.require(session, f"pipeline {process.key}")


def create(session: CrmSession, pipeline: str, stages: Mapping[int, Columns]) -> list[Stage]:
    """Create stages, each from all its values, by position."""
    rows = ({"pipeline": pipeline, "position": n, **values} for n, values in stages.items())
    return changes.create(session, Stage, rows)


def arrange(session: CrmSession, stages: Sequence[Stage]) -> bool:
    """Give the stages of a pipeline the positions that they have in `stages`."""
    numbered = ((stage, {"position": n}) for n, stage in enumerate(stages, 1))
    return bool(changes.edit_each(session, numbered))


def edit(session: CrmSession, process: SalesProcess, stage: Stage, given: Columns) -> bool:
    """Set checked values in `stage`; return whether that changed anything."""
    _require_company(session, process)
    values = dict(given)
    kind = values.get("kind", stage.kind)
    if kind != stage.kind:
        if why := against_kind(stage.key, stage.kind, kind, loads(session, stage.pipeline)):
            raise Refused(why)
        values = {**pipeline_files.usual(kind), **values}
    whole = {**pipeline_files.stage_of(stage), **values}
    pipeline_files.check_stage(whole)
    if "label" in values or kind != stage.kind:
        others = [(one.key, one.label) for one in process.stages if one is not stage]
        pipeline_files.check_label(whole, others)
    pipeline_files.check_stages([(s.key, kind if s is stage else s.kind) for s in process.stages])
    check_custom(session, values.get("required_fields", ()))
    return bool(changes.edit(session, [stage], values))


def against_kind(
    key: str, old: Status, new: Status, loads_by_key: Mapping[str, StageLoad]
) -> str | None:
    """Return why a stage cannot become another kind; None if it can.

    Its deals have that status, with a history and closing dates that say so.
    """
    if old == new or key not in loads_by_key:
        return None
    return (
        f"stage {key} holds {loads_by_key[key]}, which would become {new} by this: "
        "add another stage and move them there"
    )


def move(session: CrmSession, process: SalesProcess, stage: Stage, index: int) -> bool:
    """Put `stage` in front of the one with this `index` among those of its pipeline."""
    _require_company(session, process)
    ahead = [s for s in process.stages[:index] if s is not stage]
    behind = [s for s in process.stages[index:] if s is not stage]
    return arrange(session, [*ahead, stage, *behind])


def index_beside(process: SalesProcess, before: str | None, after: str | None) -> int | None:
    """Return the index of a stage in front of one stage or behind another; None for neither."""
    if before and after:
        raise UsageError("--before or --after, not both")
    if before:
        return process.stages.index(process.find(before))
    if after:
        return process.stages.index(process.find(after)) + 1
    return None


def default_index(process: SalesProcess, kind: Status) -> int:
    """Return the index of a new stage of this `kind`: an open one goes behind the open ones."""
    if kind != Status.OPEN:
        return len(process.stages)
    behind = [n for n, stage in enumerate(process.stages, 1) if stage.kind == Status.OPEN]
    return behind[-1]


def remove(
    session: CrmSession,
    process: SalesProcess,
    stage: Stage,
    to: Stage | None = None,
    options: MoveOptions | None = None,
) -> int:
    """Remove `stage`, its deals going to the stage `to` as `options` say; return how many did.

    Raises Refused, and changes nothing, where the rules keep one of them from entering it.
    """
    _require_company(session, process)
    rest = [s for s in process.stages if s is not stage]
    pipeline_files.check_stages([(s.key, s.kind) for s in rest])
    if to is stage:
        raise UsageError(f"{stage.key} is the stage that goes: --move-to another one")
    load = loads(session, stage.pipeline).get(stage.key)
    if load and to is None:
        raise Refused(f"stage {stage.key} holds {load}: --move-to STAGE says where they go")
    moved = 0
    if load and to:
        known = {**rules.sales_processes(session), process.key: process}
        exits = [StageExit(stage, StageRef(known[to.pipeline], to))]
        options = options or MoveOptions()
        if refused := stage_exits.refusals(session, exits, options, lock=not session.change.dry):
            raise Refused("\n".join(refused))
        stage_exits.explain(session, [stage.key])
        moved = stage_exits.release(session, exits, options)
    changes.remove(session, [stage])
    arrange(session, rest)
    return moved
