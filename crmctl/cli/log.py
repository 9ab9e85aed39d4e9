"""crmctl log."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from crmctl.cli import context, output, params

if TYPE_CHECKING:
    from crmctl.models.base import Owned
    from crmctl.models.session import CrmSession
    from crmctl.render.views import View

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def log(
    ref: Annotated[
        str | None,
        typer.Argument(metavar="[REF]", help="a record, such as D42 or C17, or a change"),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="such as 2026-03-01, 3d or 2w")
    ] = None,
    actor: Annotated[
        str | None, typer.Option(metavar="USER", help="only what this user changed")
    ] = None,
    limit: params.Limit = 50,
) -> None:
    """Show what was changed, by whom and how, the newest first.

    With a record: every change of it, field by field. With a change: everything in it.
    """
    from crmctl.services import log as service

    with context.session() as session:
        found = service.find(session, ref) if ref else None
        after = params.moment(since, session.timezone)
        view, more = _view(session, found, limit, after, actor)
    output.emit(view)
    if more:
        output.warn(f"only the newest {limit} are shown (--limit N shows more)")


def _view(
    session: "CrmSession",
    found: "Owned | None",
    limit: int,
    since: datetime | None,
    actor: str | None,
) -> "tuple[View, bool]":
    """Return the view of a change, of a record or of all changes, and whether there is more."""
    from crmctl import times
    from crmctl.models.changes import Change
    from crmctl.render import log as render
    from crmctl.services import log as service

    zone = times.zone(session.timezone)
    if isinstance(found, Change):
        rows = service.of_change(session, found)
        return render.change_view(service.counted(session, [found])[0], rows, zone), False
    if found:
        lines, more = service.of_record(session, found, limit, since, actor)
        return render.record_view(lines, zone), more
    entries, more = service.search(session, limit, since, actor)
    return render.changes_view(entries, zone), more
