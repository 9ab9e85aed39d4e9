"""crmctl log."""

from typing import Annotated

import typer

from crmctl.cli import context, output, params

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
    from crmctl import times
    from crmctl.models.changes import Change
    from crmctl.render import log as render
    from crmctl.services import log as service

    more = False
    with context.session() as session:
        zone, after = times.zone(session.timezone), params.moment(since, session.timezone)
        found = service.find(session, ref) if ref else None
        if isinstance(found, Change):
            lines = service.of_change(session, found)
            view = render.change_view(service.counted(session, [found])[0], lines, zone)
        elif found:
            lines, more = service.of_record(session, found, limit, after, actor)
            view = render.record_view(lines, zone)
        else:
            entries, more = service.search(session, limit, after, actor)
            view = render.changes_view(entries, zone)
    output.emit(view)
    if more:
        output.warn(f"only the newest {limit} are shown (--limit N shows more)")
