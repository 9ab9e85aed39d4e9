"""crmctl import."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from crmctl.cli import invocation, output
from crmctl.cli.import_run import carry_out
from crmctl.cli.options import common, imports
from crmctl.domain.kinds import ActivityKind, Entity, OnError, Origin, Preset
from crmctl.errors import UsageError

app = typer.Typer(
    no_args_is_help=True, invoke_without_command=True, add_completion=False, rich_markup_mode=None
)


@app.callback()
def resume_or_import(
    ctx: typer.Context,
    resume: Annotated[
        bool, typer.Option("--resume", help="go on with the last import that was cut off")
    ] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="with --resume: write the rejected rows there"),
    ] = None,
) -> None:
    """Import customers, deals, activities or the history of deals."""
    if not resume:
        if rejects:
            raise UsageError("--rejects goes behind what to import, or beside --resume")
        return
    if ctx.invoked_subcommand:
        raise UsageError("--resume goes on with what was cut off: name no other import beside it")
    from crmctl.services.imports import runs

    named = rejects and imports.rejects_file(rejects)
    with invocation.session() as session:
        run, request = runs.find_cut_off(session)
    request = replace(request, rejects=named or request.rejects)
    output.note(f"going on with {request.file_name} after line {run.done}")
    if request.rejects:
        output.note(f"rejected rows go to {request.rejects}")
    carry_out(request, run, rejects_named=bool(named))


@app.command()
def customers(
    file: imports.File,
    columns: imports.Map = None,
    preset: imports.PresetOption = Preset.AUTO,
    mapping: imports.Mapping = None,
    save_mapping: imports.SaveMapping = None,
    custom: imports.Custom = False,
    key: imports.Key = None,
    source: imports.Source = None,
    create_missing: imports.CreateMissing = None,
    create_only: imports.CreateOnly = False,
    update_only: imports.UpdateOnly = False,
    fill_empty: imports.FillEmpty = False,
    dates: imports.Dates = None,
    decimals: imports.Decimal = None,
    country: imports.Country = None,
    empty: imports.Empty = None,
    clear: imports.ClearWith = None,
    encoding: imports.Encoding = None,
    delimiter: imports.Delimiter = None,
    quote: imports.Quote = None,
    header: imports.Header = None,
    no_header: imports.NoHeader = False,
    sheet: imports.Sheet = None,
    batch: imports.Batch = None,
    on_error: imports.OnErrorOption = OnError.REJECT,
    strict: imports.Strict = False,
    rejects: imports.Rejects = None,
    force: imports.Force = False,
    reason: common.Reason = None,
    dry_run: common.DryRun = False,
) -> None:
    """Import customers from FILE: new ones are added, known ones changed where FILE differs.

    An empty cell changes nothing. The whole import is one change, which crmctl undo takes back.
    """
    carry_out(imports.request(Entity.CUSTOMER, locals()))


@app.command()
def deals(
    file: imports.File,
    columns: imports.Map = None,
    preset: imports.PresetOption = Preset.AUTO,
    mapping: imports.Mapping = None,
    save_mapping: imports.SaveMapping = None,
    custom: imports.Custom = False,
    stages: imports.StageMap = None,
    statuses: imports.StatusMap = None,
    currencies: imports.CurrencyMap = None,
    pipeline: common.PipelineOption = None,
    key: imports.Key = None,
    source: imports.Source = None,
    create_missing: imports.CreateMissing = None,
    create_only: imports.CreateOnly = False,
    update_only: imports.UpdateOnly = False,
    fill_empty: imports.FillEmpty = False,
    dates: imports.Dates = None,
    decimals: imports.Decimal = None,
    country: imports.Country = None,
    empty: imports.Empty = None,
    clear: imports.ClearWith = None,
    encoding: imports.Encoding = None,
    delimiter: imports.Delimiter = None,
    quote: imports.Quote = None,
    header: imports.Header = None,
    no_header: imports.NoHeader = False,
    sheet: imports.Sheet = None,
    batch: imports.Batch = None,
    on_error: imports.OnErrorOption = OnError.REJECT,
    strict: imports.Strict = False,
    rejects: imports.Rejects = None,
    force: imports.Force = False,
    lost_reason: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="for lost deals that FILE gives no reason for"),
    ] = None,
    override: common.Override = False,
    reason: common.Reason = None,
    dry_run: common.DryRun = False,
) -> None:
    """Import deals from FILE: new ones are added, known ones changed or moved where FILE differs.

    An empty cell changes nothing. The rules of the pipeline hold. The whole import is one change,
    which crmctl undo takes back.
    """
    carry_out(imports.request(Entity.DEAL, locals()))


@app.command()
def activities(
    file: imports.File,
    columns: imports.Map = None,
    preset: imports.PresetOption = Preset.AUTO,
    mapping: imports.Mapping = None,
    save_mapping: imports.SaveMapping = None,
    kind: Annotated[
        ActivityKind | None, typer.Option(help="that of rows for which FILE names none")
    ] = None,
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--kind-map",
            metavar="NAME=KIND",
            help='which kind is meant, such as "Site visit=meeting" (repeatable)',
        ),
    ] = None,
    key: imports.Key = None,
    source: imports.Source = None,
    create_missing: imports.CreateMissing = None,
    create_only: imports.CreateOnly = False,
    update_only: imports.UpdateOnly = False,
    fill_empty: imports.FillEmpty = False,
    dates: imports.Dates = None,
    empty: imports.Empty = None,
    clear: imports.ClearWith = None,
    encoding: imports.Encoding = None,
    delimiter: imports.Delimiter = None,
    quote: imports.Quote = None,
    header: imports.Header = None,
    no_header: imports.NoHeader = False,
    sheet: imports.Sheet = None,
    batch: imports.Batch = None,
    on_error: imports.OnErrorOption = OnError.REJECT,
    strict: imports.Strict = False,
    rejects: imports.Rejects = None,
    force: imports.Force = False,
    reason: common.Reason = None,
    dry_run: common.DryRun = False,
) -> None:
    """Import activities from FILE: new ones are added, known ones changed where FILE differs.

    Each is about a deal, a customer or both, which must be there. An empty cell changes nothing.
    The whole import is one change, which crmctl undo takes back.
    """
    carry_out(imports.request(Entity.ACTIVITY, locals()))


@app.command()
def history(
    file: imports.File,
    columns: imports.Map = None,
    preset: imports.PresetOption = Preset.AUTO,
    stages: imports.StageMap = None,
    pipeline: common.PipelineOption = None,
    source: imports.Source = None,
    create_missing: imports.CreateMissing = None,
    dates: imports.Dates = None,
    decimals: imports.Decimal = None,
    empty: imports.Empty = None,
    encoding: imports.Encoding = None,
    delimiter: imports.Delimiter = None,
    quote: imports.Quote = None,
    header: imports.Header = None,
    no_header: imports.NoHeader = False,
    sheet: imports.Sheet = None,
    on_error: imports.OnErrorOption = OnError.REJECT,
    strict: imports.Strict = False,
    rejects: imports.Rejects = None,
    force: imports.Force = False,
    reason: common.Reason = None,
    dry_run: common.DryRun = False,
) -> None:
    """Import from FILE when deals that are there entered their stages, before they were imported.

    FILE has a row for each stage (deal, stage, entered at, who), or a row for each deal and columns
    such as 'Date entered "Stage"'. The path must lead to where the deal is recorded first.
    """
    carry_out(imports.request(Entity.DEAL, locals(), history=True))


@app.command("all")
def all_(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="the folder that crmctl export all wrote")
    ],
    dry_run: common.DryRun = False,
) -> None:
    """Import a company whole, from what crmctl export all wrote, into a database without it.

    All rows come back as they were, the log included, and crmctl undo goes on working on them. The
    import itself is no change of the company, and there is no undo for it.
    """
    from crmctl.render.archive import view
    from crmctl.services.imports import archive

    request = archive.ArchiveImport(folder, invocation.workspace().schema)
    with (
        output.progress("importing") as show,
        invocation.unscoped_session(write=True, rehearse=dry_run, origin=Origin.IMPORT) as session,
    ):
        restored = archive.restore(session, request, lambda done, total: show(done, done, total))
    made = restored.manifest
    output.emit_records(view(made))
    if dry_run:
        output.note(f"{made.company}, {made.rows:,} rows: all is well; nothing was written")
        return
    output.note(f"Imported company {made.company}, {made.rows:,} rows; every invariant holds")
    if restored.other_companies:
        output.note(f"Work for it with --company, or for good: crmctl company use {made.company!r}")


@app.command()
def mappings() -> None:
    """List the mappings that imports have kept by --save-mapping."""
    from crmctl.render.import_mappings import list_view
    from crmctl.services.imports.mappings import listed

    with invocation.session() as session:
        found = listed(session)
    output.emit(list_view(found))


@app.command("list")
def list_(limit: common.Limit = 50) -> None:
    """List the imports, the newest first: file, who, and what became of its rows."""
    from crmctl.domain import times
    from crmctl.render import import_runs
    from crmctl.services.imports import runs

    with invocation.session() as session:
        found, more = runs.search(session, limit)
        zone = times.zone(session.timezone)
    output.emit(import_runs.list_view(found, zone))
    if more:
        output.warn(f"only the newest {limit} are shown (--limit N shows more)")


@app.command()
def show(
    ref: Annotated[str, typer.Argument(metavar="REF", help="an import, or the change that it is")],
) -> None:
    """Show an import: the file and its checksum, its options, who, when, and the counts."""
    from crmctl.domain import times
    from crmctl.render import import_runs
    from crmctl.services.imports import runs

    with invocation.session() as session:
        found = runs.find(session, ref)
        zone = times.zone(session.timezone)
    output.emit(import_runs.view(found, zone))
