"""crmctl import."""

from pathlib import Path
from typing import Annotated

import typer

from crmctl.cli import context, output, params
from crmctl.cli import import_options as options
from crmctl.cli.importing import Job, carry_out
from crmctl.domain.kinds import ActivityKind, Entity, OnError, Preset
from crmctl.errors import NotFound

app = typer.Typer(
    no_args_is_help=True, invoke_without_command=True, add_completion=False, rich_markup_mode=None
)


@app.callback()
def resume_or_import(
    ctx: typer.Context,
    resume: Annotated[
        bool, typer.Option("--resume", help="go on with the last import that was cut off")
    ] = False,
) -> None:
    """Import customers, deals, activities or the history of deals."""
    from crmctl.services.imports import runs

    if not resume:
        return
    with context.session() as session:
        found = runs.cut_off(session)
    if found is None:
        raise NotFound("no import was cut off (crmctl import list)")
    context.current().resumed = found
    output.note(f"going on with {found.file} after line {found.done}")
    ctx.find_root().command.main(found.arguments, prog_name="crmctl", standalone_mode=False)


@app.command()
def customers(
    file: options.File,
    columns: options.Map = None,
    preset: options.PresetOption = Preset.AUTO,
    mapping: options.Mapping = None,
    save_mapping: options.SaveMapping = None,
    custom: options.Custom = False,
    key: options.Key = None,
    source: options.Source = None,
    create_missing: options.CreateMissing = None,
    create_only: options.CreateOnly = False,
    update_only: options.UpdateOnly = False,
    fill_empty: options.FillEmpty = False,
    dates: options.Dates = None,
    decimal: options.Decimal = None,
    country: options.Country = None,
    empty: options.Empty = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    header: options.Header = None,
    sheet: options.Sheet = None,
    batch: options.Batch = None,
    on_error: options.OnErrorOption = OnError.REJECT,
    rejects: options.Rejects = None,
    reason: params.Reason = None,
    dry_run: params.DryRun = False,
) -> None:
    """Import customers from FILE: new ones are added, known ones changed where FILE differs.

    An empty cell changes nothing. The whole import is one change, which crmctl undo takes back.
    """
    from crmctl.services.imports import Order

    order = Order(
        Entity.CUSTOMER,
        columns=columns or [],
        preset=preset,
        mapping=mapping,
        save_mapping=save_mapping,
        custom=custom,
        key=key,
        source=source,
        create_missing=_kinds(create_missing),
        scope=options.scope(create=create_only, update=update_only, fill=fill_empty),
        dates=dates,
        decimals=decimal,
        country=country,
        empty=frozenset(empty or []),
        abort=on_error == OnError.ABORT,
        dry_run=dry_run,
    )
    carry_out(Job(file, (encoding, delimiter, header, sheet), order, rejects, reason, batch))


@app.command()
def deals(
    file: options.File,
    columns: options.Map = None,
    preset: options.PresetOption = Preset.AUTO,
    mapping: options.Mapping = None,
    save_mapping: options.SaveMapping = None,
    custom: options.Custom = False,
    stages: options.StageMap = None,
    pipeline: params.PipelineOption = None,
    key: options.Key = None,
    source: options.Source = None,
    create_missing: options.CreateMissing = None,
    create_only: options.CreateOnly = False,
    update_only: options.UpdateOnly = False,
    fill_empty: options.FillEmpty = False,
    dates: options.Dates = None,
    decimal: options.Decimal = None,
    country: options.Country = None,
    empty: options.Empty = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    header: options.Header = None,
    sheet: options.Sheet = None,
    batch: options.Batch = None,
    on_error: options.OnErrorOption = OnError.REJECT,
    rejects: options.Rejects = None,
    lost_reason: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="for lost deals that FILE gives no reason for"),
    ] = None,
    override: params.Override = False,
    reason: params.Reason = None,
    dry_run: params.DryRun = False,
) -> None:
    """Import deals from FILE: new ones are added, known ones changed or moved where FILE differs.

    An empty cell changes nothing. The rules of the pipeline hold. The whole import is one change,
    which crmctl undo takes back.
    """
    from crmctl.services.imports import Order

    order = Order(
        Entity.DEAL,
        columns=columns or [],
        preset=preset,
        mapping=mapping,
        save_mapping=save_mapping,
        custom=custom,
        stages=stages or [],
        pipeline=pipeline,
        key=key,
        source=source,
        create_missing=_kinds(create_missing),
        scope=options.scope(create=create_only, update=update_only, fill=fill_empty),
        dates=dates,
        decimals=decimal,
        country=country,
        empty=frozenset(empty or []),
        abort=on_error == OnError.ABORT,
        lost_reason=lost_reason,
        override=override,
        dry_run=dry_run,
    )
    carry_out(Job(file, (encoding, delimiter, header, sheet), order, rejects, reason, batch))


@app.command()
def activities(
    file: options.File,
    columns: options.Map = None,
    preset: options.PresetOption = Preset.AUTO,
    mapping: options.Mapping = None,
    save_mapping: options.SaveMapping = None,
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
    key: options.Key = None,
    source: options.Source = None,
    create_missing: options.CreateMissing = None,
    create_only: options.CreateOnly = False,
    update_only: options.UpdateOnly = False,
    fill_empty: options.FillEmpty = False,
    dates: options.Dates = None,
    empty: options.Empty = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    header: options.Header = None,
    sheet: options.Sheet = None,
    batch: options.Batch = None,
    on_error: options.OnErrorOption = OnError.REJECT,
    rejects: options.Rejects = None,
    reason: params.Reason = None,
    dry_run: params.DryRun = False,
) -> None:
    """Import activities from FILE: new ones are added, known ones changed where FILE differs.

    Each is about a deal, a customer or both, which must be there. An empty cell changes nothing.
    The whole import is one change, which crmctl undo takes back.
    """
    from crmctl.services.imports import Order

    order = Order(
        Entity.ACTIVITY,
        columns=columns or [],
        preset=preset,
        mapping=mapping,
        save_mapping=save_mapping,
        kind=kind,
        kinds=params.pairs(kinds, "--kind-map"),
        key=key,
        source=source,
        create_missing=_kinds(create_missing),
        scope=options.scope(create=create_only, update=update_only, fill=fill_empty),
        dates=dates,
        empty=frozenset(empty or []),
        abort=on_error == OnError.ABORT,
        dry_run=dry_run,
    )
    carry_out(Job(file, (encoding, delimiter, header, sheet), order, rejects, reason, batch))


@app.command()
def history(
    file: options.File,
    columns: options.Map = None,
    preset: options.PresetOption = Preset.AUTO,
    stages: options.StageMap = None,
    pipeline: params.PipelineOption = None,
    source: options.Source = None,
    create_missing: options.CreateMissing = None,
    dates: options.Dates = None,
    decimal: options.Decimal = None,
    empty: options.Empty = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    header: options.Header = None,
    sheet: options.Sheet = None,
    on_error: options.OnErrorOption = OnError.REJECT,
    rejects: options.Rejects = None,
    reason: params.Reason = None,
    dry_run: params.DryRun = False,
) -> None:
    """Import from FILE when deals that are there entered their stages, before they were imported.

    FILE has a row for each stage (deal, stage, entered at, who), or a row for each deal and columns
    such as 'Date entered "Stage"'. The path must lead to where the deal is recorded first.
    """
    from crmctl.services.imports import Order

    order = Order(
        Entity.DEAL,
        history=True,
        columns=columns or [],
        preset=preset,
        stages=stages or [],
        pipeline=pipeline,
        source=source,
        create_missing=_kinds(create_missing),
        dates=dates,
        decimals=decimal,
        empty=frozenset(empty or []),
        abort=on_error == OnError.ABORT,
        dry_run=dry_run,
    )
    carry_out(Job(file, (encoding, delimiter, header, sheet), order, rejects, reason))


@app.command("all")
def all_(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="the folder that crmctl export all wrote")
    ],
    dry_run: params.DryRun = False,
) -> None:
    """Import a company whole, from what crmctl export all wrote, into a database without it.

    All rows come back as they were, the log included, and crmctl undo goes on working on them. The
    import itself is no change of the company, and there is no undo for it.
    """
    from crmctl.cli import archive
    from crmctl.render.archive import view

    made, others = archive.read(folder, dry_run=dry_run)
    output.emit_records(view(made))
    if dry_run:
        output.note(f"{made.company}, {made.rows:,} rows: all is well; nothing was written")
        return
    output.note(f"Imported company {made.company}, {made.rows:,} rows; every invariant holds")
    if others:
        output.note(f"Work for it with --company, or for good: crmctl company use {made.company!r}")


@app.command()
def mappings() -> None:
    """List the mappings that imports have kept by --save-mapping."""
    from crmctl.render import settings_records
    from crmctl.services.imports.mappings import listed

    with context.session() as session:
        found = listed(session)
    output.emit(settings_records.mappings_view(found))


@app.command("list")
def list_(limit: params.Limit = 50) -> None:
    """List the imports, the newest first: file, who, and what became of its rows."""
    from crmctl.domain import times
    from crmctl.render import import_runs
    from crmctl.services.imports import runs

    with context.session() as session:
        found, more = runs.search(session, limit)
        zone = times.zone(session.timezone)
    output.emit(import_runs.runs_view(found, zone))
    if more:
        output.warn(f"only the newest {limit} are shown (--limit N shows more)")


@app.command()
def show(
    ref: Annotated[str, typer.Argument(metavar="REF", help="an import, or the change that it is")],
) -> None:
    """Show an import: the file and its checksum, who, when, the command, and the counts."""
    from crmctl.domain import times
    from crmctl.render import import_runs
    from crmctl.services.imports import runs

    with context.session() as session:
        found = runs.find(session, ref)
        zone = times.zone(session.timezone)
    output.emit(import_runs.run_view(found, zone))


def _kinds(text: str | None) -> frozenset[str]:
    return frozenset(word.strip().lower() for word in (text or "").split(",") if word.strip())
