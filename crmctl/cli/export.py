"""crmctl export."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from crmctl.cli import files, invocation, output
from crmctl.cli.options import common
from crmctl.domain.kinds import Entity, OutputFormat
from crmctl.errors import UsageError

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

File = Annotated[
    str, typer.Argument(metavar="FILE", help="where to write; - or nothing is standard output")
]
Form = Annotated[
    OutputFormat | None,
    typer.Option(
        "--format",
        metavar="csv|jsonl",
        help="CSV or JSON lines; if not given, by the end of FILE's name, or CSV",
    ),
]

Bom = Annotated[
    bool,
    typer.Option(
        "--bom", help="begin with a byte order mark, by which spreadsheets know CSV in UTF-8"
    ),
]


@app.command()
def customers(
    file: File = "-", form: Form = None, bom: Bom = False, force: common.Force = False
) -> None:
    """Export every customer, so that crmctl import customers reads it back."""
    from crmctl.render import exports as render
    from crmctl.services.exports import records

    to = _destination(file, form, bom=bom, force=force)
    with invocation.session() as session:
        custom = records.custom_keys(session, Entity.CUSTOMER)
        header = render.header(render.CUSTOMER_COLUMNS, custom, ["id"])
        rows = (render.customer(each, custom) for each in records.customers(session))
        _write(to, render.lines(header, rows, to.form))


@app.command()
def deals(
    file: File = "-", form: Form = None, bom: Bom = False, force: common.Force = False
) -> None:
    """Export every deal, so that crmctl import deals reads it back."""
    from crmctl.render import exports as render
    from crmctl.services.exports import records

    to = _destination(file, form, bom=bom, force=force)
    with invocation.session() as session:
        custom = records.custom_keys(session, Entity.DEAL)
        header = render.header(render.DEAL_COLUMNS, custom, ["customer_id", "id"])
        rows = (render.deal(each, custom) for each in records.deals(session))
        _write(to, render.lines(header, rows, to.form))


@app.command()
def activities(
    file: File = "-", form: Form = None, bom: Bom = False, force: common.Force = False
) -> None:
    """Export every activity, so that crmctl import activities reads it back."""
    from crmctl.render import exports as render
    from crmctl.services.exports import records

    to = _destination(file, form, bom=bom, force=force)
    with invocation.session() as session:
        header = render.header(render.ACTIVITY_COLUMNS, [], ["deal_id", "customer_id", "id"])
        rows = (render.activity(each) for each in records.activities(session))
        _write(to, render.lines(header, rows, to.form))


@app.command()
def history(
    file: File = "-", form: Form = None, bom: Bom = False, force: common.Force = False
) -> None:
    """Export every stage that every deal has entered."""
    from crmctl.render import exports as render
    from crmctl.services.exports import records

    to = _destination(file, form, bom=bom, force=force)
    with invocation.session() as session:
        rows = (render.entry(each) for each in records.history(session))
        _write(to, render.lines(render.HISTORY_COLUMNS, rows, to.form))


@app.command("all")
def all_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="a new or empty folder")],
    form: Annotated[
        OutputFormat | None, typer.Option("--format", metavar="csv|jsonl", help="CSV by default")
    ] = None,
) -> None:
    """Export the company, its history and its log, so that crmctl import all restores it.

    DIR gets a file for each table and a manifest. An earlier archive of the company is replaced.
    """
    from crmctl.services.exports import archive

    if folder == files.STDOUT:
        raise UsageError("an archive is a folder of files: name one")
    request = archive.ArchiveRequest(folder, _form("", form), invocation.workspace().schema)
    files.sweep(folder)
    with invocation.session() as session, output.progress("exporting") as show:
        made = archive.write(session, request, lambda done, total: show(done, done, total))
    output.note(f"written to {folder}: {made.company}, {made.rows:,} rows")


def _form(file: str, form: OutputFormat | None) -> OutputFormat:
    """Return how to write: as asked for by --format or --output, else as the file is called."""
    form = form or invocation.current().output
    if form is None:
        ends = (".jsonl", ".ndjson")
        return OutputFormat.JSONL if file.lower().endswith(ends) else OutputFormat.CSV
    if form not in (OutputFormat.CSV, OutputFormat.JSONL):
        raise UsageError(f"an export is csv or jsonl, not {form}")
    return form


@dataclass(frozen=True)
class _Destination:
    """Where an export goes, in what form, and whether with a byte order mark."""

    path: Path
    form: OutputFormat
    bom: bool


def _destination(file: str, form: OutputFormat | None, *, bom: bool, force: bool) -> _Destination:
    path, chosen = Path(file), _form(file, form)
    if bom and chosen != OutputFormat.CSV:
        raise UsageError("--bom is for CSV: no other form has a byte order mark")
    if force and path == files.STDOUT:
        raise UsageError("--force replaces a file: name one, or leave it out")
    files.require_free(path, force=force)
    return _Destination(path, chosen, bom)


def _write(to: _Destination, lines: Iterable[str]) -> None:
    files.write_lines(to.path, chain(["\ufeff"] if to.bom else [], lines))
    if to.path != files.STDOUT:
        output.note(f"written to {to.path}")
