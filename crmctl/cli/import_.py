"""crmctl import."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from crmctl.cli import context, files, output, params
from crmctl.errors import UsageError
from crmctl.kinds import DateOrder, Entity, OnError, Origin

if TYPE_CHECKING:
    from crmctl.importing.plan import Plan
    from crmctl.services.imports import Order

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

File = Annotated[
    str, typer.Argument(metavar="FILE", help="CSV or JSON lines in UTF-8, or - for stdin")
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="COLUMN=FIELD",
        help='what a column is, such as "Deal Name=title"; "Notes=" leaves it out (repeatable)',
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        metavar="FIELD",
        help="what tells rows apart: external_id, number, email or a field; by default the first"
        " that there is of external_id, email, name (customers) or external_id, title (deals)",
    ),
]
Source = Annotated[
    str | None, typer.Option(metavar="NAME", help="the system that the external ids are of")
]
Rejects = Annotated[
    Path | None, typer.Option(metavar="FILE", help="write the rejected rows there, with reasons")
]
OnErrorOption = Annotated[
    OnError,
    typer.Option(
        "--on-error", help="reject: import the rest and exit 1; abort: write nothing at all"
    ),
]
CreateMissing = Annotated[
    str | None,
    typer.Option(
        metavar="KINDS", help="add the customers, users (or customers,users) that are not there"
    ),
]
Delimiter = Annotated[
    str | None, typer.Option(metavar="CHARACTER", help="what divides cells; found if not given")
]
Dates = Annotated[DateOrder | None, typer.Option(help="how to read dates like 02/03/24")]
Empty = Annotated[
    list[str] | None,
    typer.Option(metavar="TEXT", help="read this as an empty cell, such as NA (repeatable)"),
]


@app.command()
def customers(
    file: File,
    columns: Map = None,
    key: Key = None,
    source: Source = None,
    create_missing: CreateMissing = None,
    dates: Dates = None,
    empty: Empty = None,
    delimiter: Delimiter = None,
    on_error: OnErrorOption = OnError.REJECT,
    rejects: Rejects = None,
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
        key=key,
        source=source,
        create_missing=_kinds(create_missing),
        dates=dates,
        empty=frozenset(empty or []),
        abort=on_error == OnError.ABORT,
        dry_run=dry_run,
    )
    _import(file, order, delimiter, rejects, reason)


@app.command()
def deals(
    file: File,
    columns: Map = None,
    stages: Annotated[
        list[str] | None,
        typer.Option(
            "--stage-map",
            metavar="NAME=STAGE",
            help='which stage is meant, such as "Closed Won=won" (repeatable)',
        ),
    ] = None,
    pipeline: params.PipelineOption = None,
    key: Key = None,
    source: Source = None,
    create_missing: CreateMissing = None,
    dates: Dates = None,
    empty: Empty = None,
    delimiter: Delimiter = None,
    on_error: OnErrorOption = OnError.REJECT,
    rejects: Rejects = None,
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
        stages=stages or [],
        pipeline=pipeline,
        key=key,
        source=source,
        create_missing=_kinds(create_missing),
        dates=dates,
        empty=frozenset(empty or []),
        abort=on_error == OnError.ABORT,
        lost_reason=lost_reason,
        override=override,
        dry_run=dry_run,
    )
    _import(file, order, delimiter, rejects, reason)


def _kinds(text: str | None) -> frozenset[str]:
    return frozenset(word.strip().lower() for word in (text or "").split(",") if word.strip())


def _import(
    file: str, order: "Order", delimiter: str | None, rejects: Path | None, reason: str | None
) -> None:
    """Carry `order` out on `file`, and tell what became of its rows."""
    from crmctl.importing.sources import read_table
    from crmctl.render import plan as render
    from crmctl.services import imports

    if rejects and file != "-" and rejects.resolve() == Path(file).resolve():
        raise UsageError(f"--rejects {rejects} is the file to import: name another")
    name = "stdin" if file == "-" else file
    with _opened(file) as stream, read_table(stream, name, delimiter) as table:
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
