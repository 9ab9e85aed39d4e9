"""Pipelines: added, edited, removed, and made to be what a definition says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import partial

from crmctl.errors import Refused, UsageError
from crmctl.models.base import Columns
from crmctl.models.inputs import PipelineUpdate, validated
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import pipeline_files, rules, stage_exits, stages
from crmctl.services.pipeline.moves import MoveOptions
from crmctl.services.pipeline.pipeline_files import FIELDS, RULES, Definition
from crmctl.services.pipeline.stage_exits import StageExit
from crmctl.services.pipeline.stages import StageLoad
from crmctl.services.records import company_wide, namesakes


def add(session: CrmSession, definition: Definition) -> rules.SalesProcess:
    """Create a pipeline and its stages as `definition` says."""
    company_wide.require(session, "a pipeline")
    known = rules.sales_processes(session, lock=True)
    if definition.key in known:
        raise Refused(f"there is a pipeline {definition.key} already (crmctl pipeline apply)")
    _free_names(known, definition.key, definition.head)
    for stage in definition.stages:
        stages.check_custom(session, stage["required_fields"])
    position = max((process.pipeline.position for process in known.values()), default=0) + 1
    pipeline = changes.create(session, Pipeline, [{"position": position, **definition.head}])[0]
    created = stages.create(session, pipeline.key, dict(enumerate(definition.stages, 1)))
    return rules.SalesProcess(pipeline, tuple(created))


def _free_names(known: Mapping[str, rules.SalesProcess], key: str, names: Columns) -> None:
    """Raise Refused if one of the `names` of pipeline `key`, its label or key, means another."""
    rule = namesakes.RULES[Pipeline]
    for column in (each for each in reversed(rule.called) if each in names):
        mine = rule.names({column: names[column]}.get, (column,))
        for other in (process.pipeline for process in known.values()):
            if other.key != key and mine & rule.names(partial(getattr, other)):
                raise Refused(f"pipeline {other.key} is called {names[column]!r} already")


def edit(session: CrmSession, pipeline: str | None, given: Columns) -> tuple[Pipeline, bool]:
    """Set the label and the rules of a pipeline; return it, and whether that changed anything."""
    known = rules.sales_processes(session, lock=True)
    found = rules.choose(known, pipeline).pipeline
    company_wide.require(session, f"pipeline {found.key}")
    values = validated(PipelineUpdate, dict(given))
    if label := values.get("label"):
        _free_names(known, found.key, {"label": label})
    return found, bool(changes.edit(session, [found], values))


def put_first(session: CrmSession, pipeline: Pipeline) -> bool:
    """Make `pipeline` the one that is meant where none is named."""
    company_wide.require(session, f"pipeline {pipeline.key}")
    others = [process.pipeline for process in rules.sales_processes(session).values()]
    rows = [pipeline, *(other for other in others if other.key != pipeline.key)]
    numbered = ((row, {"position": n}) for n, row in enumerate(rows, 1))
    return bool(changes.edit_each(session, numbered))


def remove(
    session: CrmSession, pipeline: str, to: str | None = None, options: MoveOptions | None = None
) -> tuple[rules.SalesProcess, int]:
    """Remove a pipeline, its deals going to the stage `to` of another; return it and their number.

    Raises Refused for the last pipeline, for one that holds deals if no stage is named, and where
    the rules keep one of the deals from entering that stage, unless `options` override them.
    """
    known = rules.sales_processes(session, lock=not session.change.dry)
    process = rules.choose(known, pipeline)
    others = {key: other for key, other in known.items() if other is not process}
    key = process.pipeline.key
    company_wide.require(session, f"pipeline {key}")
    if not others:
        raise Refused(f"{key} is the only pipeline, and one is needed")
    target = stages.locate(others, to) if to else None
    moved = _empty(session, process, target, options or MoveOptions())
    changes.remove(session, process.stages)
    changes.remove(session, [process.pipeline])
    return process, moved


def _empty(
    session: CrmSession,
    process: rules.SalesProcess,
    target: rules.StageRef | None,
    options: MoveOptions,
) -> int:
    """Move all deals of a pipeline that goes to the stage `target`; return how many moved."""
    loads = stages.loads(session, process.key)
    if loads and target is None:
        total = StageLoad(
            sum(load.deals for load in loads.values()), sum(load.hidden for load in loads.values())
        )
        raise Refused(
            f"pipeline {process.key} holds {total}: --move-to PIPELINE/STAGE says where they go"
        )
    if not loads or target is None:
        return 0
    exits = [StageExit(old, target) for old in process.stages if old.key in loads]
    if refused := stage_exits.refusals(session, exits, options, lock=not session.change.dry):
        raise Refused("\n".join(refused))
    stage_exits.explain(session, [f"{process.key}/{one.stage.key}" for one in exits])
    return stage_exits.release(session, exits, options)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that applying a definition changes, in the stage `stage` or in the pipeline itself.

    `what` is added, changed, moved (to another position) or removed. `deals` are in that stage.
    """

    what: str
    stage: str | None = None
    field: str | None = None
    before: object = None
    after: object = None
    deals: int = 0


@dataclass(frozen=True, kw_only=True)
class PipelinePlan:
    """What applying a definition would do; `refused` says why it cannot be done.

    `loads` is what its stages hold, and `refs` are the first deals in each stage that differs.
    `destinations` are the stages that deals go to, by the stages that go.
    """

    definition: Definition
    process: rules.SalesProcess | None
    loads: Mapping[str, StageLoad]
    differences: list[Difference] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    destinations: dict[str, str] = field(default_factory=dict)
    refs: dict[str, list[str]] = field(default_factory=dict)

    @property
    def deals(self) -> int:
        """How many deals change their stage."""
        return sum(self.loads[old].deals for old in self.destinations)


def plan(
    session: CrmSession,
    definition: Definition,
    move_to: str | None = None,
    options: MoveOptions | None = None,
    *,
    lock: bool = False,
) -> PipelinePlan:
    """Return how the pipeline in the database differs from `definition`; nothing is written.

    Deals of a stage that goes move as the definition says, else to the stage `move_to`, if the
    rules of the new pipeline let them or `options` override these.
    """
    company_wide.require(session, f"pipeline {definition.key}")
    known = rules.sales_processes(session, lock=lock)
    process = known.get(definition.key)
    # A key that is there stays: whoever has two that are called alike chooses another label.
    new = ("label",) if process else ("key", "label")
    _free_names(known, definition.key, {name: definition.head[name] for name in new})
    for values in definition.stages:
        stages.check_custom(session, values["required_fields"])
    loads = stages.loads(session, definition.key) if process else {}
    made = PipelinePlan(definition=definition, process=process, loads=loads)
    if process is None:
        made.differences.append(Difference(what="added", after=definition.head["label"]))
        made.differences.extend(_added(values) for values in definition.stages)
        return made
    here = pipeline_files.of(process)
    made.differences.extend(_head_differences(here, definition))
    for values in definition.stages:
        made.differences.extend(_stage_differences(made, values))
    made.differences.extend(_moved(made))
    _removals(made, move_to)
    touched = (one.stage for one in made.differences if one.stage and one.deals)
    made.refs.update({key: stages.first_refs(session, definition.key, key) for key in touched})
    refused = stage_exits.refusals(session, _exits(made), options or MoveOptions(), lock=lock)
    made.refused.extend(refused)
    return made


def _exits(made: PipelinePlan) -> list[StageExit]:
    """Return where deals go by the plan, each by the rules of the new pipeline."""
    exits = []
    for key, to in made.destinations.items():
        assert made.process
        stage = made.process.find(key)
        process = _with(made.definition, made.process, stage)
        exits.append(StageExit(stage, rules.StageRef(process, process.find(to))))
    return exits


def _with(definition: Definition, old: rules.SalesProcess, stage: Stage) -> rules.SalesProcess:
    """Return the pipeline that `definition` makes with the old `stage` still where it was.

    That is behind the nearest stage in front of it that remains.
    """
    company = old.pipeline.company_id
    head = Pipeline(company_id=company, position=old.pipeline.position, **definition.head)
    steps = [
        Stage(company_id=company, pipeline=definition.key, position=n, **values)
        for n, values in enumerate(definition.stages, 1)
    ]
    keys = [step.key for step in steps]
    ahead = [one.key for one in old.stages[: old.index(stage.key)] if one.key in keys]
    index = keys.index(ahead[-1]) + 1 if ahead else 0
    return rules.SalesProcess(head, (*steps[:index], stage, *steps[index:]))


def _added(values: Columns) -> Difference:
    return Difference(what="added", stage=values["key"], after=values["label"])


def _head_differences(here: Definition, there: Definition) -> list[Difference]:
    return [
        Difference(what="changed", field=name, before=here.head[name], after=there.head[name])
        for name in ("label", *RULES)
        if here.head[name] != there.head[name]
    ]


def _stage_differences(made: PipelinePlan, values: Columns) -> list[Difference]:
    """Return how one stage differs, noting in the plan what forbids it."""
    key = values["key"]
    stage = made.process.stage(key) if made.process else None
    if stage is None:
        return [_added(values)]
    if why := stages.against_kind(key, stage.kind, values["kind"], made.loads):
        made.refused.append(why)
    count = made.loads.get(key, StageLoad()).deals
    return [
        Difference(
            what="changed",
            stage=key,
            field=name,
            before=getattr(stage, name),
            after=values[name],
            deals=count,
        )
        for name in FIELDS
        if getattr(stage, name) != values[name]
    ]


def _moved(made: PipelinePlan) -> list[Difference]:
    """Return the stages that take another position among those that stay: as few as possible."""
    assert made.process
    wanted = [values["key"] for values in made.definition.stages]
    present = [stage.key for stage in made.process.stages]
    old = [key for key in present if key in wanted]
    new = [key for key in wanted if key in present]
    matches = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    in_order = {key for block in matches for key in old[block.a : block.a + block.size]}
    return [
        Difference(
            what="moved", stage=key, field="position", before=present.index(key) + 1,
            after=wanted.index(key) + 1, deals=made.loads.get(key, StageLoad()).deals,
        )
        for key in new if key not in in_order
    ]  # fmt: skip


def _removals(made: PipelinePlan, move_to: str | None) -> None:
    """Add to the plan the stages that go, where their deals go, and what forbids it."""
    assert made.process
    wanted = {values["key"]: values for values in made.definition.stages}
    fallback = _destination(made.definition, move_to) if move_to else None
    for stage in made.process.stages:
        if stage.key in wanted:
            continue
        load = made.loads.get(stage.key, StageLoad())
        to = made.definition.moves.get(stage.key, fallback)
        if load.deals and to:
            made.destinations[stage.key] = to
        elif load.deals:
            made.refused.append(
                f"stage {stage.key} holds {load}: say where they go with --move-to STAGE, "
                f'or with {stage.key} = "STAGE" under [moves]'
            )
        goal = f"deals to {to}" if load.deals and to else None
        made.differences.append(
            Difference(
                what="removed", stage=stage.key, before=stage.label, after=goal, deals=load.deals
            )
        )


def _destination(definition: Definition, text: str) -> str:
    """Return the key of the stage of `definition` that is called `text`."""
    words = text.strip().lower()
    for name in ("key", "label"):
        for values in definition.stages:
            if values[name].lower() == words:
                return str(values["key"])
    keys = ", ".join(values["key"] for values in definition.stages)
    raise UsageError(f"--move-to: {text!r} is no stage of the new {definition.key} (it has {keys})")


def apply(
    session: CrmSession,
    definition: Definition,
    move_to: str | None = None,
    options: MoveOptions | None = None,
) -> PipelinePlan:
    """Make the pipeline what `definition` says, and return what that changed.

    Raises Refused, and changes nothing, where deals are in the way.
    """
    made = plan(session, definition, move_to, options, lock=True)
    if made.refused:
        raise Refused(*made.refused)
    if made.process is None:
        add(session, definition)
    elif made.differences:
        _carry_out(session, made, made.process, options or MoveOptions())
    return made


def _carry_out(
    session: CrmSession, made: PipelinePlan, process: rules.SalesProcess, options: MoveOptions
) -> None:
    stage_exits.explain(session, made.destinations)
    changes.edit(session, [process.pipeline], made.definition.head)
    _write(session, process, made.definition)
    stage_exits.release(session, _exits(made), options)
    wanted = {values["key"] for values in made.definition.stages}
    changes.remove(session, [stage for stage in process.stages if stage.key not in wanted])


def _write(session: CrmSession, process: rules.SalesProcess, definition: Definition) -> None:
    """Create the new stages of the definition, and edit the others."""
    numbered = dict(enumerate(definition.stages, 1))
    new = {n: values for n, values in numbered.items() if not process.stage(values["key"])}
    created = stages.create(session, process.pipeline.key, new) if new else []
    known = {stage.key: stage for stage in (*process.stages, *created)}
    edits = ((known[v["key"]], {**v, "position": n}) for n, v in numbered.items())
    changes.edit_each(session, edits)
