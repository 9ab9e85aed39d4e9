"""crmctl log."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmctl.cli import invocation, output
from crmctl.cli.completion import complete_logged, complete_user
from crmctl.cli.options import common
from crmctl.errors import UsageError

if TYPE_CHECKING:
    from crmctl.models.base import Owned
    from crmctl.models.session import CrmSession
    from crmctl.render.views import View
    from crmctl.services.queries.paging import Page

app = typer.Typer(add_completion=False, rich_markup_mode=None)

#: Changes that are listed, if nothing else is said.
_ROWS = 50


@app.command()
def log(
    ref: Annotated[
        str | None,
        typer.Argument(
            metavar="[REF]",
            help="a record, such as D42 or C17, or a change",
            autocompletion=complete_logged,
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="such as 2026-03-01, 3d or 2w")
    ] = None,
    actor: Annotated[
        str | None,
        typer.Option(
            metavar="USER", help="only what this user changed", autocompletion=complete_user
        ),
    ] = None,
    limit: common.Rows = _ROWS,
    after: common.After = None,
) -> None:
    """Show what was changed, by whom and how, the newest first.

    With a record: every change of it, field by field. With a change: everything in it.
    """
    from crmctl.services.history import log as service

    with invocation.session() as session:
        found = service.find(session, ref) if ref is not None else None
        begin = common.moment(since, session.timezone)
        view, page = _view(session, found, limit or None, begin, actor, after)
    output.emit(view)
    if page:
        output.tell_rest(page.more, view.rows, page.count, "changes")


def _view(
    session: "CrmSession",
    found: "Owned | None",
    limit: int | None,
    since: datetime | None,
    actor: str | None,
    after: str | None,
) -> "tuple[View, Page[Any] | None]":
    """Return the view of a change, of a record or of all changes, with the page of a list."""
    from crmctl.domain import times
    from crmctl.models.changes import Change
    from crmctl.render import log as render
    from crmctl.services.history import log as service

    zone = times.zone(session.timezone)
    given = {"--after": after, "--since": since, "--actor": actor, "--limit": limit != _ROWS}
    if isinstance(found, Change):
        if named := [option for option, value in given.items() if value]:
            verb = "goes on in" if after else "is for"
            raise UsageError(f"{named[0]} {verb} a list of changes, and this is one change")
        rows = service.of_change(session, found)
        return render.change_view(service.counted(session, [found])[0], rows, zone), None
    if found:
        lines = service.of_record(session, found, limit, since, actor, after)
        return render.record_view(lines.rows, zone), lines
    entries = service.search(session, limit, since, actor, after)
    return render.changes_view(entries.rows, zone), entries
