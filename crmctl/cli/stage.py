"""crmctl stage."""

from typing import TYPE_CHECKING, Annotated

import typer

from crmctl.cli import invocation, output
from crmctl.cli.completion import complete_stage
from crmctl.cli.options import common
from crmctl.domain.kinds import ForecastCategory, Status
from crmctl.errors import UsageError

if TYPE_CHECKING:
    from crmctl.models.pipelines import Stage
    from crmctl.models.session import CrmSession
    from crmctl.render.views import JsonRecord
    from crmctl.services.pipeline.rules import SalesProcess, StageRef

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Label = Annotated[str | None, typer.Option(metavar="TEXT", help="what it is called")]
Kind = Annotated[Status | None, typer.Option(help="what it means for a deal to be in it")]
Probability = Annotated[
    str | None, typer.Option(metavar="PERCENT", help="chance to win, such as 60%")
]
Category = Annotated[
    ForecastCategory | None, typer.Option(help="how its deals count in a forecast")
]
RottingDays = Annotated[
    int | None, typer.Option(metavar="DAYS", help="a deal rots after so many days in it")
]
WipLimit = Annotated[
    int | None, typer.Option(metavar="N", help="more deals than this are marked on the board")
]
Required = Annotated[
    list[str] | None,
    typer.Option(
        "--required", metavar="FIELD",
        help="a field that a deal needs to enter it, such as amount or custom.budget; repeat it",
    ),
]  # fmt: skip
Create = Annotated[bool | None, typer.Option("--create/--no-create", help="may deals start in it?")]
Before = Annotated[str | None, typer.Option(metavar="STAGE", help="put it before this stage")]
After = Annotated[str | None, typer.Option(metavar="STAGE", help="put it after this stage")]
StageName = Annotated[
    str,
    typer.Argument(
        metavar="STAGE",
        help="key or label, with its pipeline if need be: b2b/lead",
        autocompletion=complete_stage,
    ),
]


@app.command("list")
def list_(pipeline: common.PipelineOption = None) -> None:
    """List the stages of one pipeline or of all."""
    from crmctl.render import stages as render
    from crmctl.services.pipeline import rules, stages

    with invocation.session() as session:
        known = rules.sales_processes(session)
        chosen = [rules.choose(known, pipeline)] if pipeline else list(known.values())
        counts = stages.open_deals(session)
    found = [record for process in chosen for record in render.records(process, counts)]
    output.emit(render.list_view(found))


@app.command()
def add(
    key: Annotated[str, typer.Argument(metavar="KEY", help="short and fixed, such as legal")],
    label: Label = None,
    kind: Kind = None,
    probability: Probability = None,
    forecast_category: Category = None,
    rotting_days: RottingDays = None,
    wip_limit: WipLimit = None,
    required: Required = None,
    create: Create = None,
    before: Before = None,
    after: After = None,
    pipeline: common.PipelineOption = None,
    reason: common.Reason = None,
) -> None:
    """Add a stage; an open one goes behind the open ones if no place is given."""
    from crmctl.services.pipeline import pipeline_files, stages

    values = pipeline_files.complete(
        common.given(
            key=key, label=label, kind=kind, probability=probability, rotting_days=rotting_days,
            forecast_category=forecast_category, wip_limit=wip_limit, required_fields=required,
            can_create=create,
        )
    )  # fmt: skip
    with invocation.session(write=True, reason=reason) as session:
        process = _pipeline(session, pipeline)
        index = stages.index_beside(process, before, after)
        if index is None:
            index = stages.default_index(process, values["kind"])
        stage = stages.add(session, process, values, index)
        record = _record(session, stage)
    output.note(f"Added stage {_name(stage)} at position {stage.position}")
    _emit(record)


@app.command()
def edit(
    stage: StageName,
    label: Label = None,
    kind: Kind = None,
    probability: Probability = None,
    forecast_category: Category = None,
    rotting_days: RottingDays = None,
    wip_limit: WipLimit = None,
    required: Required = None,
    create: Create = None,
    clear: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD",
            help="empty it: probability, rotting_days, wip_limit or required_fields; repeat it",
        ),
    ] = None,
    pipeline: common.PipelineOption = None,
    reason: common.Reason = None,
) -> None:
    """Change a stage; its key stays."""
    from crmctl.services.pipeline import pipeline_files, stages

    values = pipeline_files.checked(
        common.given(
            label=label, kind=kind, probability=probability, rotting_days=rotting_days,
            forecast_category=forecast_category, wip_limit=wip_limit, required_fields=required,
            can_create=create,
        )
    )  # fmt: skip
    values |= stages.cleared(clear or [], values)
    if not values:
        raise UsageError("nothing to change was given (see crmctl stage edit --help)")
    with invocation.session(write=True, reason=reason) as session:
        located = _locate(session, stage, pipeline)
        found = located.stage
        changed = stages.edit(session, located.process, found, values)
        record = _record(session, found)
    output.note(f"{'Changed' if changed else 'Nothing to change in'} stage {_name(found)}")
    _emit(record)


@app.command()
def move(
    stage: StageName,
    before: Before = None,
    after: After = None,
    pipeline: common.PipelineOption = None,
    reason: common.Reason = None,
) -> None:
    """Put a stage before or after another."""
    from crmctl.services.pipeline import stages

    if before is None and after is None:
        raise UsageError("--before STAGE or --after STAGE says where to")
    with invocation.session(write=True, reason=reason) as session:
        located = _locate(session, stage, pipeline)
        process, found = located.process, located.stage
        index = stages.index_beside(process, before, after)
        assert index is not None
        moved = stages.move(session, process, found, index)
        record = _record(session, found)
    at = f"at position {found.position}{'' if moved else ' already'}"
    output.note(f"Stage {_name(found)} is {at}")
    _emit(record)


@app.command()
def remove(
    stage: StageName,
    move_to: Annotated[
        str | None,
        typer.Option(
            metavar="STAGE",
            help="stage for its deals; b2b/lead for another pipeline's",
            autocompletion=complete_stage,
        ),
    ] = None,
    pipeline: common.PipelineOption = None,
    lost_reason: common.LostReason = None,
    override: common.Override = False,
    reason: common.Reason = None,
    dry_run: common.DryRun = False,
) -> None:
    """Remove a stage, its deals going to another as the rules allow."""
    from crmctl.cli import bulk
    from crmctl.render import stages as render
    from crmctl.services.pipeline import moves, rules, stages

    with invocation.session(write=True, dry=dry_run, reason=reason) as session:
        known = rules.sales_processes(session, lock=not dry_run)
        located = stages.locate(known, stage, _chosen(known, pipeline))
        process, found = located.process, located.stage
        to = stages.destination(known, process, move_to) if move_to else None
        options = moves.MoveOptions(lost_reason=lost_reason, override=override)
        refs = stages.first_refs(session, found.pipeline, found.key)
        moved = stages.remove(session, process, found, to, options)
    removed = output.did("Remove", dry=dry_run)
    bulk.Outcome(
        dry=dry_run,
        done=[f"{removed} stage {_name(found)}{stages.moved_note(moved, refs)}"],
        counts={output.did("remove", dry=dry_run): 1},
        records=[{**render.record(found), "deals_moved": moved}],
    ).tell()


def _pipeline(session: "CrmSession", pipeline: str | None) -> "SalesProcess":
    """Return the pipeline to change: the only one where none is named."""
    from crmctl.services.pipeline import rules

    known = rules.sales_processes(session, lock=True)
    if pipeline is None and len(known) > 1:
        raise UsageError(f"--pipeline says which one (there is {', '.join(known)})")
    return rules.choose(known, pipeline)


def _locate(session: "CrmSession", stage: str, pipeline: str | None) -> "StageRef":
    from crmctl.services.pipeline import rules, stages

    known = rules.sales_processes(session, lock=True)
    return stages.locate(known, stage, _chosen(known, pipeline))


def _chosen(known: "dict[str, SalesProcess]", pipeline: str | None) -> "SalesProcess | None":
    from crmctl.services.pipeline import rules

    return rules.choose(known, pipeline) if pipeline else None


def _name(stage: "Stage") -> str:
    return f"{stage.pipeline}/{stage.key}"


def _record(session: "CrmSession", stage: "Stage") -> "JsonRecord":
    from crmctl.render import stages as render
    from crmctl.services.pipeline import stages

    return render.record(stage, stages.open_deals(session).get((stage.pipeline, stage.key), 0))


def _emit(record: "JsonRecord") -> None:
    from crmctl.render import stages as render

    output.emit_records(render.view(record))
