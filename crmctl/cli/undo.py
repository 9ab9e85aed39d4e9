"""crmctl undo."""

from typing import TYPE_CHECKING, Annotated

import typer

from crmctl.cli import invocation, output
from crmctl.cli.completion import complete_undoable
from crmctl.cli.options import common
from crmctl.domain import times

if TYPE_CHECKING:
    from crmctl.models.changes import Change
    from crmctl.services.history.undo_plan import UndoPlan

app = typer.Typer(add_completion=False, rich_markup_mode=None)

#: Rows that are named on stderr.
_NAMED = 20


@app.command()
def undo(
    change: Annotated[
        str | None,
        typer.Argument(
            metavar="[CHANGE]",
            help="a change of crmctl log; else your last one",
            autocompletion=complete_undoable,
        ),
    ] = None,
    reason: common.Reason = None,
    dry_run: common.DryRun = False,
) -> None:
    """Take a change back: what it created goes, what it changed comes back.

    What was edited since stays, and is named. An undo can be undone.
    """
    from crmctl.render.log import undo_view
    from crmctl.services.history import undo as service

    with invocation.session(write=not dry_run, reason=reason) as session:
        with output.progress("looking at it") as show:
            plan = service.prepare(
                session,
                change,
                lock=not dry_run,
                progress=lambda done, all_: show(done, done, all_),
                clock=invocation.workspace().clock,
            )
        if not isinstance(plan, str) and dry_run:
            service.rehearse(session, plan)
        elif not isinstance(plan, str):
            with output.progress("taking back") as show:
                service.carry_out(session, plan, lambda done, all_: show(done, done, all_))
        earlier = None
        if change is None and not isinstance(plan, str) and plan.all_kept:
            earlier = service.last_change(session, before=plan.change)
    if isinstance(plan, str):
        output.note(plan)
        return
    ref = session.change.ref if session.change.written else None
    output.emit(undo_view(plan, ref, times.zone(session.timezone)))
    _tell(plan, ref, earlier)
    _tell_kept(plan)
    output.note_if_dry(dry_run and not plan.all_kept)


def _tell(plan: "UndoPlan", undo: str | None, earlier: "Change | None") -> None:
    """Say what was undone, and how to redo it, to undo the rest, or else the `earlier` change."""
    change = plan.change
    named = f"{change.ref[:8]} by {change.actor}: {change.command}"
    if plan.all_kept:
        output.note(f"Nothing can be taken back of {named}")
        if earlier:
            output.note(
                f"To take the one before it back: crmctl undo {earlier.ref[:8]} ({earlier.command})"
            )
        output.note("To take another change back: crmctl undo CHANGE (crmctl log)")
        return
    output.note(f"{output.did('Undo', dry=undo is None)} {named}")
    if undo:
        output.note(f"To redo it: crmctl undo {undo[:8]}")
    if undo and plan.kept_count:
        output.note(
            f"To undo what is kept, once it can be: redo it, then crmctl undo {change.ref[:8]}"
        )


def _tell_kept(plan: "UndoPlan") -> None:
    """Say which rows stay as they are and why, in the exit code too."""
    for row in plan.kept()[:_NAMED]:
        output.warn(f"kept {row.name}: {row.kept_because}")
    if plan.kept_count > _NAMED:
        output.warn(f"kept {plan.kept_count - _NAMED} more (crmctl undo --json lists up to 1000)")
    if plan.kept_count:
        invocation.finish_with(1)
