"""crmctl demo."""

import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmctl.cli import files, invocation, output
from crmctl.domain.kinds import Period
from crmctl.errors import UsageError

if TYPE_CHECKING:
    from crmctl.render.views import View
    from crmctl.services.demo import Played

app = typer.Typer(add_completion=False, rich_markup_mode=None)

#: Deals on the board in each stage, so that board and forecast fit on one screen.
CARDS = 3


@app.command()
def demo(
    deals: Annotated[
        int, typer.Option(min=1, max=2000, metavar="N", help="how many deals to make up")
    ] = 72,
    seed: Annotated[int, typer.Option(metavar="N", help="another number, another company")] = 1,
    keep: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="the database to make; a temporary one if not given"),
    ] = None,
) -> None:
    """Show a made-up company at work, in a database of its own.

    It has months of history to try every command on; your own database is not touched.
    """
    if invocation.has_flag("database_url"):
        raise UsageError("demo makes a database of its own: name its file with --keep FILE")
    for name, option in (("company", "--company"), ("franchise", "--franchise"), ("user", "--as")):
        if invocation.has_flag(name):
            raise UsageError(f"demo makes a company and users of its own: leave {option} out")
    files.require_named(keep, "--keep")
    with _new_file(keep) as path:
        played, shown = _play(path, deals, seed)
    output.note(
        f"Made {played.company}: {played.customers} customers and {played.deals} deals of"
        f" {played.people} people, since {played.since:%Y-%m-%d}"
    )
    output.emit(shown)
    _tell_how_to_go_on(path, played.company)


def _play(path: Path, deals: int, seed: int) -> "tuple[Played, View]":
    """Make the database at `path`; return what is in it, and the view of its board and forecast."""
    from crmctl.render.demo import view
    from crmctl.services import demo as service
    from crmctl.services.forecasting.forecast import forecast
    from crmctl.services.queries.board import board
    from crmctl.services.queries.snapshot import Snapshot

    workspace = invocation.workspace().on(f"sqlite:///{path}")
    workspace.upgrade()
    with workspace.bare_session(write=True) as session:
        played = service.play(session, deals, seed, workspace.now)
        snapshot = Snapshot(session, workspace.now)
        months = forecast(snapshot, Period.MONTH)
        return played, view(board(snapshot, cards=CARDS), months, output.width())


@contextmanager
def _new_file(keep: Path | None) -> Iterator[Path]:
    """Yield the path of a database to make, which goes again if the making fails."""
    path = keep.absolute() if keep else Path(tempfile.mkdtemp(prefix="crmctl-demo-"), "demo.db")
    if path.exists():
        raise UsageError(f"{path} exists already: name a new file")
    try:
        yield path
    except BaseException:
        for end in ("", "-wal", "-shm"):
            Path(f"{path}{end}").unlink(missing_ok=True)
        if not keep:
            path.parent.rmdir()
        raise


def _tell_how_to_go_on(path: Path, company: str) -> None:
    """Say how to work with the demo: for one command, and until the shell ends."""
    file = shlex.quote(str(path))
    # Whoever works for a company of their own by default has to name this one.
    named = f" --company {shlex.quote(company)}" if invocation.settings().company else ""
    output.note("")
    output.note(f"It is in {path}. To go on with it:")
    output.note(f"  crmctl --database {file}{named} board")
    output.note(f"  export CRMCTL_DATABASE_URL={file}")
    output.note("Then try crmctl deal history D1, crmctl log, crmctl board --as-of 4w")
