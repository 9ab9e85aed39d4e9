"""crmctl board."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmctl.cli import invocation, output
from crmctl.cli.completion import complete_user
from crmctl.cli.options import common
from crmctl.errors import UsageError

if TYPE_CHECKING:
    from crmctl.render.views import View

app = typer.Typer(add_completion=False, rich_markup_mode=None)

#: Cards in a column for people, where nothing says how many.
CARDS = 10


@app.command()
def board(
    pipeline: common.PipelineOption = None,
    owner: Annotated[
        str | None,
        typer.Option(
            metavar="USER",
            help="deals of this user; none: of nobody",
            autocompletion=complete_user,
        ),
    ] = None,
    segment: Annotated[
        str | None, typer.Option(metavar="SEGMENT", help="deals with customers of this segment")
    ] = None,
    as_of: common.AsOf = None,
    as_recorded: common.AsRecorded = False,
    cards: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="N",
            help="cards in a column; 0 for all, as on a pipe; else 10",
            show_default=False,
        ),
    ] = None,
    width: Annotated[
        int | None,
        typer.Option(min=24, max=1000, metavar="N", help="cells to draw in; the terminal's"),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write a page of HTML instead; - is stdout")
    ] = None,
    svg: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write an SVG picture instead; - is stdout")
    ] = None,
    force: common.Force = False,
) -> None:
    """Show the deals of a pipeline as a Kanban board: its open stages, and the last 30 days'
    won and lost deals."""
    from crmctl.render.board import view as drawn
    from crmctl.services.queries.board import board as made
    from crmctl.services.queries.snapshot import Snapshot

    _require_use(width, html, svg, force=force)
    if html or svg:
        from crmctl.cli import files

        for file in (html, svg):
            files.require_free(file, force=force)
    if cards is None:
        cards = CARDS if html or svg or output.has_terminal() else 0
    with invocation.session() as session:
        at = common.as_of(as_of, session, recorded=as_recorded)
        snapshot = Snapshot(session, invocation.now(), at, recorded=as_recorded)
        found = made(snapshot, pipeline, owner=owner, segment=segment, cards=cards)
    wide = width or output.width()
    shown = drawn(found, wide)
    if html or svg:
        _save(shown, found.pipeline.label, wide, html, svg)
        return
    output.emit(shown)
    hidden = sum(column.more for column in found.columns)
    if hidden and output.wants_records():
        output.warn(f"{hidden} deals are not in the output (--cards 0 prints all)")


def _require_use(width: int | None, html: Path | None, svg: Path | None, *, force: bool) -> None:
    """Raise UsageError for an option that nothing that is written has a use for."""
    if force and not (html or svg):
        raise UsageError("--force replaces a file: say --html FILE or --svg FILE, or leave it out")
    if (html or svg) and invocation.current().output:
        raise UsageError("--html and --svg are written instead of --output: leave one out")
    if width and not svg and (html or output.wants_records()):
        raise UsageError("--width is for a drawing: a page and records have none")


def _save(view: "View", title: str, width: int, html: Path | None, svg: Path | None) -> None:
    from crmctl.cli import files
    from crmctl.render.board_files import to_html, to_svg

    if html == svg:
        raise UsageError(f"--html and --svg cannot both be written to {html}: name two files")
    drawings = [(html, to_html(view, title))] if html else []
    drawings += [(svg, to_svg(view, title, width))] if svg else []
    for path, text in drawings:
        files.write(path, text)
        if path != files.STDOUT:
            output.note(f"Wrote {path}")
