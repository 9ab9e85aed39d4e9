"""crmctl pipeline."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmctl.cli import files, invocation, output
from crmctl.cli.completion import complete_pipeline, complete_template
from crmctl.cli.options import common
from crmctl.domain.kinds import OutputFormat
from crmctl.errors import Refused, UsageError

if TYPE_CHECKING:
    from crmctl.services.pipeline.pipeline_files import Definition
    from crmctl.services.pipeline.pipelines import PipelinePlan

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

PipelineKey = Annotated[
    str | None,
    typer.Argument(
        metavar="PIPELINE",
        help="key or label; the first pipeline if not given",
        autocompletion=complete_pipeline,
    ),
]
PipelineName = Annotated[
    str,
    typer.Argument(metavar="PIPELINE", help="key or label", autocompletion=complete_pipeline),
]
AllowSkip = Annotated[
    bool | None, typer.Option("--allow-skip/--no-skip", help="may deals skip stages forward?")
]
AllowBack = Annotated[
    bool | None, typer.Option("--allow-back/--no-back", help="may deals go back?")
]
LostReasonRule = Annotated[
    bool | None,
    typer.Option("--lost-reason/--no-lost-reason", help="does losing a deal need a reason?"),
]
LabelOption = Annotated[
    str | None, typer.Option("--label", metavar="TEXT", help="what it is called")
]


@app.command("list")
def list_() -> None:
    """List the pipelines of the company."""
    from crmctl.render import pipelines as render
    from crmctl.services.pipeline import rules, stages

    with invocation.session() as session:
        known = rules.sales_processes(session)
        counts = stages.open_deals(session)
    output.emit(render.list_view(list(known.values()), counts))


@app.command()
def show(pipeline: PipelineKey = None) -> None:
    """Show a pipeline: its rules and its stages."""
    from crmctl.render import pipelines as render
    from crmctl.services.pipeline import rules, stages

    with invocation.session() as session:
        process = rules.choose(rules.sales_processes(session), pipeline)
        counts = stages.open_deals(session)
    output.emit(render.view(process, counts))


@app.command()
def templates() -> None:
    """List the templates that a pipeline can be made from."""
    from crmctl.render import pipelines as render
    from crmctl.services.pipeline import pipeline_files

    output.emit(render.templates_view(pipeline_files.templates()))


@app.command()
def add(
    key: Annotated[str, typer.Argument(metavar="KEY", help="short and fixed, such as renewals")],
    template: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="see crmctl pipeline templates",
            autocompletion=complete_template,
        ),
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", metavar="FILE", help="a TOML file; - for stdin")
    ] = None,
    label: LabelOption = None,
) -> None:
    """Add a pipeline, made from a template or from a file."""
    from dataclasses import replace

    from crmctl.models.inputs import PipelineUpdate, validated
    from crmctl.services.pipeline import pipeline_files, pipelines

    if (template is None) == (file is None):
        raise UsageError("--template NAME or --file FILE, one of the two")
    found = pipeline_files.template(template) if template else _read(str(file))
    own = validated(PipelineUpdate, {"key": key} | ({"label": label} if label is not None else {}))
    # Two pipelines from one template are told apart by their labels, as by their keys.
    made_up = {"label": pipeline_files.readable(key)} if template and key != found.key else {}
    definition = replace(found, head={**found.head, **made_up, **own})
    with invocation.session(write=True) as session:
        process = pipelines.add(session, definition)
    keys = ", ".join(stage.key for stage in process.stages)
    output.note(f"Added pipeline {process.pipeline.key}: {keys}")


@app.command()
def edit(
    pipeline: PipelineName,
    label: LabelOption = None,
    allow_skip: AllowSkip = None,
    allow_back: AllowBack = None,
    lost_reason: LostReasonRule = None,
    first: Annotated[
        bool, typer.Option("--first", help="make it the one that is meant where none is named")
    ] = False,
    reason: common.Reason = None,
) -> None:
    """Change the label or the rules of a pipeline; its key stays."""
    from crmctl.services.pipeline import pipelines

    values = common.given(
        label=label, allow_skip=allow_skip, allow_back=allow_back, lost_reason_required=lost_reason
    )
    if not values and not first:
        raise UsageError("nothing to change was given (see crmctl pipeline edit --help)")
    with invocation.session(write=True, reason=reason) as session:
        found, changed = pipelines.edit(session, pipeline, values)
        changed |= first and pipelines.put_first(session, found)
    output.note(f"{'Changed' if changed else 'Nothing to change in'} pipeline {found.key}")


@app.command()
def remove(
    pipeline: PipelineName,
    move_to: Annotated[
        str | None,
        typer.Option(metavar="PIPELINE/STAGE", help="stage of another pipeline for its deals"),
    ] = None,
    lost_reason: common.LostReason = None,
    override: common.Override = False,
    reason: common.Reason = None,
    yes: common.Yes = False,
    dry_run: common.DryRun = False,
) -> None:
    """Remove a pipeline, its deals going to a stage of another as the rules allow."""
    from crmctl.cli import bulk
    from crmctl.render import pipelines as render
    from crmctl.services.pipeline import moves, pipelines, rules, stages

    with invocation.session() as session:
        key = rules.choose(rules.sales_processes(session), pipeline).pipeline.key
    invocation.confirm(f"Remove pipeline {key}", yes=yes or dry_run)
    with invocation.session(write=True, dry=dry_run, reason=reason) as session:
        options = moves.MoveOptions(lost_reason=lost_reason, override=override)
        refs = stages.first_refs(session, key)
        found, moved = pipelines.remove(session, key, move_to, options)
    removed = output.did("Remove", dry=dry_run)
    bulk.Outcome(
        dry=dry_run,
        done=[f"{removed} pipeline {key}{stages.moved_note(moved, refs)}"],
        counts={output.did("remove", dry=dry_run): 1},
        records=[{**render.record(found, {}), "deals_moved": moved}],
    ).tell()


@app.command()
def export(
    pipeline: PipelineKey = None,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="where to write it; - for stdout")
    ] = "-",
    force: common.Force = False,
) -> None:
    """Write a pipeline as TOML, which apply and add --file read; --json writes JSON instead."""
    from crmctl.services.pipeline import pipeline_files, rules

    form = invocation.current().output
    if form not in (None, OutputFormat.TABLE, OutputFormat.JSON):
        raise UsageError(f"a pipeline is exported as TOML or json, not {form}")
    files.require_free(Path(file), force=force)
    with invocation.session() as session:
        process = rules.choose(rules.sales_processes(session), pipeline)
    path = Path(file)
    files.write(path, _written(pipeline_files.of(process), form))
    if path != files.STDOUT:
        output.note(f"Wrote pipeline {process.pipeline.key} to {file}")


def _written(definition: "Definition", form: OutputFormat | None) -> str:
    from crmctl.render import pipelines as render
    from crmctl.render import views
    from crmctl.services.pipeline import pipeline_files

    if form == OutputFormat.JSON:
        return views.to_json(render.definition(definition))
    return pipeline_files.write(definition)


@app.command()
def apply(
    file: Annotated[str, typer.Argument(metavar="FILE", help="a TOML file; - for stdin")],
    move_to: Annotated[
        str | None,
        typer.Option(metavar="STAGE", help="stage for the deals of stages that go"),
    ] = None,
    lost_reason: common.LostReason = None,
    override: common.Override = False,
    reason: common.Reason = None,
    dry_run: common.DryRun = False,
) -> None:
    """Make a pipeline what FILE says; one that is not there yet is added."""
    from crmctl.render import pipelines as render
    from crmctl.services.pipeline import moves, pipelines
    from crmctl.services.records import references

    definition = _read(file)
    with invocation.session(write=not dry_run, reason=reason) as session:
        carry_out = pipelines.plan if dry_run else pipelines.apply
        options = moves.MoveOptions(lost_reason=lost_reason, override=override)
        plan = carry_out(session, definition, move_to, options)
    output.emit(render.plan_view(plan))
    for stage, refs in plan.refs.items():
        goal = f", which go to {plan.destinations[stage]}" if stage in plan.destinations else ""
        output.note(f"deals in {stage}: {references.listed(refs, plan.loads[stage].deals)}{goal}")
    if plan.refused:
        raise Refused(*plan.refused)
    output.note(_summary(plan, dry_run))
    output.note_if_dry(dry_run)


def _summary(plan: "PipelinePlan", dry_run: bool) -> str:
    from crmctl.services.pipeline import stages

    key = plan.definition.key
    if not plan.differences:
        return f"Pipeline {key} is like that already"
    count = len(plan.differences)
    moved = f", moving {stages.deal_count(plan.deals)}" if plan.deals else ""
    applied = output.did("Apply", dry=dry_run)
    return f"{applied} to pipeline {key}: {count} difference{'s' if count > 1 else ''}{moved}"


def _read(file: str) -> "Definition":
    """Return the definition in a TOML file, or on stdin for `-`."""
    from crmctl.services.pipeline import pipeline_files

    return pipeline_files.read(*files.read(file))
