"""crmctl undo."""

from typing import TYPE_CHECKING, Annotated

import typer

from crmctl.cli import context, output, params

if TYPE_CHECKING:
    from crmctl.services.effects import Plan

app = typer.Typer(add_completion=False, rich_markup_mode=None)

#: Rows that are named on stderr; --json lists all.
_NAMED = 20


@app.command()
def undo(
    change: Annotated[
        str | None,
        typer.Argument(metavar="[CHANGE]", help="a change of crmctl log; else your last one"),
    ] = None,
    reason: params.Reason = None,
    dry_run: params.DryRun = False,
) -> None:
    """Take a change back: what it created goes, what it changed comes back.

    What was edited since stays, and is named. An undo can be undone.
    """
    from crmctl.render.log import undo_view
    from crmctl.services import undo as service

    with context.session(write=not dry_run, reason=reason) as session:
        found = (
            service.find_change(session, change, lock=not dry_run)
            if change
            else service.last_change(session, lock=not dry_run)
        )
        if found is None:
            output.note(f"{session.change.actor} has no change left to undo (crmctl log)")
            return
        plan = service.plan(session, found, lock=not dry_run)
        if plan.undone_already:
            output.note(f"{found.ref[:8]} is undone already ({found.command})")
            return
        if not dry_run:
            service.carry_out(session, plan)
    output.emit(undo_view(plan, None if dry_run else session.change.ref))
    _tell(plan, "" if dry_run else session.change.ref)


def _tell(plan: "Plan", undo: str) -> None:
    """Say what was undone, how to redo it, and which rows stay as they are and why."""
    from crmctl.services.effects import name_of

    change = plan.change
    done = "Undid" if undo else "Would undo"
    output.note(f"{done} {change.ref[:8]} by {change.actor}: {change.command}")
    if undo:
        output.note(f"To redo it: crmctl undo {undo[:8]}")
    kept = plan.kept()
    for effect in kept[:_NAMED]:
        output.warn(f"kept {name_of(effect.model, effect.known)}: {effect.kept}")
    if len(kept) > _NAMED:
        output.warn(f"kept {len(kept) - _NAMED} more (crmctl undo --json lists all)")
    if kept:
        context.finish_with(1)
