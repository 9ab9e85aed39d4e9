"""crmctl deal."""

from typing import Annotated

import typer

from crmctl.cli import context, output, params

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.command()
def move(
    deals: params.DealRefs,
    stage: params.StageName,
    reason: params.Reason = None,
    lost_reason: params.LostReason = None,
    at: params.At = None,
    if_stage: Annotated[
        str | None, typer.Option(metavar="STAGE", help="only if the deal is still in this stage")
    ] = None,
    pipeline: params.PipelineOption = None,
    override: params.Override = False,
    keep_going: params.KeepGoing = False,
    dry_run: params.DryRun = False,
) -> None:
    """Move deals to STAGE: all of them, or with --keep-going those that may."""
    from crmctl.models.deals import Deal
    from crmctl.services import deals as service
    from crmctl.services.references import find_all

    with context.session(write=not dry_run, reason=reason) as session:
        order = service.Order(
            at=params.moment(at, session.timezone),
            reason=reason,
            lost_reason=lost_reason,
            if_stage=if_stage,
            override=override,
            keep_going=keep_going,
        )
        chosen = find_all(session, Deal, params.references(deals), lock=not dry_run)
        moves = service.move(session, chosen, stage, order, pipeline=pipeline)
    _tell(moves)


def _tell(moves):  # type: ignore
    from crmctl.services.references import ref

    for m in moves.moved:
        output.note(f"{ref(m.deal)} {m.left} -> {moves.to}")
