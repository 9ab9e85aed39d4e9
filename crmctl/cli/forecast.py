"""crmctl forecast."""

from typing import Annotated

import typer

from crmctl.cli import invocation, output
from crmctl.cli.options import common
from crmctl.domain.kinds import Period

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def forecast(
    by: Annotated[Period, typer.Option(help="what there is a row for")] = Period.MONTH,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="first day; this month's")
    ] = None,
    last: Annotated[
        str | None,
        typer.Option("--to", metavar="DATE", help="last day; after six months, or four quarters"),
    ] = None,
    pipeline: common.PipelineOption = None,
    as_of: common.AsOf = None,
    as_recorded: common.AsRecorded = False,
) -> None:
    """Show what is won and what is expected to be, by period or by who and what.

    Weighted is the sum of amount x probability of open deals; expected adds what is won.
    """
    from crmctl.render.forecast import view
    from crmctl.services.forecasting.forecast import forecast as made
    from crmctl.services.queries.snapshot import Snapshot

    with invocation.session() as session:
        at = common.as_of(as_of, session, recorded=as_recorded)
        snapshot = Snapshot(session, invocation.now(), at, recorded=as_recorded)
        begin, end = common.days(first, last, session)
        found = made(
            snapshot,
            by,
            first=begin,
            last=end,
            pipeline=pipeline,
        )
    output.emit(view(found, output.width()))
