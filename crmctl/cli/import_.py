"""crmctl import."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from crmctl.cli import context, files, output, params
from crmctl.cli import import_options as options
from crmctl.errors import UsageError
from crmctl.kinds import Entity, OnError, Origin, Preset

if TYPE_CHECKING:
    from crmctl.importing.plan import Plan
    from crmctl.services.imports import Order

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


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
    dates: options.Dates = None,
    decimal: options.Decimal = None,
    country: options.Country = None,
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
        dates=dates,
        decimals=decimal,
        country=country,
        empty=frozenset(empty or []),
        abort=on_error == OnError.ABORT,
        dry_run=dry_run,
    )
    _import(file, (encoding, delimiter, header, sheet), order, rejects, reason)


@app.command()
def deals(
    file: options.File,
    columns: options.Map = None,
    preset: options.PresetOption = Preset.AUTO,
    mapping: options.Mapping = None,
    save_mapping: options.SaveMapping = None,
    custom: options.Custom = False,
    stages: Annotated[
        list[str] | None,
        typer.Option(
            "--stage-map",
            metavar="NAME=STAGE",
            help='which stage is meant, such as "Closed Won=won" (repeatable)',
        ),
    ] = None,
    pipeline: params.PipelineOption = None,
    key: options.Key = None,
    source: options.Source = None,
    create_missing: options.CreateMissing = None,
    dates: options.Dates = None,
    decimal: options.Decimal = None,
    country: options.Country = None,
    empty: options.Empty = None,
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    header: options.Header = None,
    sheet: options.Sheet = None,
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
        dates=dates,
        decimals=decimal,
        country=country,
        empty=frozenset(empty or []),
        abort=on_error == OnError.ABORT,
        lost_reason=lost_reason,
        override=override,
        dry_run=dry_run,
    )
    _import(file, (encoding, delimiter, header, sheet), order, rejects, reason)


@app.command()
def mappings() -> None:
    """List the mappings that imports have kept by --save-mapping."""
    from crmctl.render import settings_records
    from crmctl.services.mappings import listed

    with context.session() as session:
        found = listed(session)
    output.emit(settings_records.mappings_view(found))


def _kinds(text: str | None) -> frozenset[str]:
    return frozenset(word.strip().lower() for word in (text or "").split(",") if word.strip())


def _import(
    file: str,
    reading: tuple[str | None, str | None, int | None, str | None],
    order: "Order",
    rejects: Path | None,
    reason: str | None,
) -> None:
    """Carry `order` out on `file`, and tell what became of its rows."""
    from crmctl.importing.sources import Options, read_table
    from crmctl.render import plan as render
    from crmctl.services import imports

    if rejects and file != "-" and rejects.resolve() == Path(file).resolve():
        raise UsageError(f"--rejects {rejects} is the file to import: name another")
    name = "stdin" if file == "-" else file
    with _opened(file) as stream, read_table(stream, name, Options(*reading)) as table:
        try:
            with context.session(
                write=True, dry=order.dry_run, origin=Origin.IMPORT, reason=reason
            ) as session:
                plan = imports.run(session, table, order)
                # Before the import is committed, so that a full disk leaves all as it was.
                if rejects:
                    files.write_lines(rejects, render.reject_lines(plan))
        except imports.Aborted as aborted:
            plan = aborted.plan
            if rejects:
                files.write_lines(rejects, render.reject_lines(plan))
    output.emit(render.view(plan))
    _tell(plan, rejects)


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    """Yield `file` opened for reading from its start, as often as needed; `-` is stdin."""
    if file == "-":
        with context.stdin_file() as stream:
            yield stream
        return
    with _open(file) as opened:
        if opened.seekable():
            yield opened
        else:
            with context.stdin_file(opened) as stream:
                yield stream


def _open(file: str) -> BinaryIO:
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from None


def _tell(plan: "Plan", rejects: Path | None) -> None:
    if plan.dry_run:
        output.note("nothing was written (--dry-run)")
    elif plan.aborted:
        output.note("nothing was written (--on-error abort)")
    elif plan.change:
        output.note(f"imported as change {plan.change[:8]}; crmctl undo takes it back")
    elif plan.rejects:
        output.note("nothing was changed")
    else:
        output.note("nothing to do: the database says what the file says")
    if plan.rejects:
        where = f"see {rejects}" if rejects else "--rejects FILE keeps them"
        output.warn(f"{len(plan.rejects):,} of {plan.rows:,} rows were rejected ({where})")
        context.finish_with(1)
