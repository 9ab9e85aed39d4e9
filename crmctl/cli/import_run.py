"""Carrying out an import: the file, the progress, and the report of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crmctl.cli import files, invocation, output
from crmctl.errors import UsageError

if TYPE_CHECKING:
    from crmctl.domain.importing.plan import ImportPlan
    from crmctl.import_steps import EntryPoint
    from crmctl.models.imports import ImportRun
    from crmctl.services.imports import ImportRequest


def carry_out(
    request: "ImportRequest", resumed: "ImportRun | None" = None, *, rejects_named: bool = False
) -> None:
    """Import the file, from where it was cut off if it is `resumed`, and say what came of it.

    `rejects_named` says that its file of rejects was named for this, and not by the run.
    """
    from crmctl.import_steps import ImportSteps
    from crmctl.render.import_plan import view
    from crmctl.services.imports import Aborted

    request.check()
    # What rules an import passes is a finding of its plan.
    invocation.keep_override(False)
    if resumed and request.file != "-" and not Path(request.file).is_file():
        raise UsageError(f"cannot go on: {request.file} is no file")
    # A person at a terminal sees how the columns are read while it can still be stopped.
    opening = output.has_reader() and not request.history
    steps = ImportSteps(
        workspace=invocation.workspace(),
        request=request,
        entry=_entry_point(request, opening=opening),
        run=resumed,
        rejects_named=rejects_named,
        # One who is overtaken once shall not be again.
        lock=invocation.current().repeated,
    )
    try:
        plan = steps.carry_out()
    except Aborted as aborted:
        plan = aborted.plan
        _write_rejects(request, plan)
    _report(plan, request.rejects)
    output.emit(view(plan, opened=opening))


def _entry_point(request: "ImportRequest", *, opening: bool) -> "EntryPoint":
    """Return what the import asks of this one; with `opening`, its first lines are printed."""
    from crmctl.import_steps import EntryPoint
    from crmctl.render import import_plan as render

    return EntryPoint(
        opened=partial(opened, request.file),
        session=invocation.session,
        progress=partial(output.progress, "importing"),
        begun=lambda plan: output.note(*render.opening(plan)) if opening else None,
        write_rejects=partial(_write_rejects, request),
    )


def _write_rejects(request: "ImportRequest", plan: "ImportPlan") -> None:
    from crmctl.render.import_plan import reject_lines

    if request.rejects:
        files.write_lines(Path(request.rejects), reject_lines(plan))


@contextmanager
def opened(file: str) -> Iterator[BinaryIO]:
    """Yield `file` opened for reading from its start, as often as needed; `-` is stdin."""
    if file == "-":
        with invocation.stdin_file() as stream:
            yield stream
        return
    with files.open_input(file) as stream:
        if stream.seekable():
            yield stream
        else:
            with invocation.stdin_file(stream) as copy:
                yield copy


def _report(plan: "ImportPlan", rejects: str | None) -> None:
    if plan.dry_run:
        output.note("nothing was written (--dry-run)")
    elif plan.aborted:
        doubts = plan.strict and plan.findings.doubts
        output.note(f"nothing was written ({'--strict' if doubts else '--on-error abort'})")
    elif plan.change:
        output.note(f"imported as change {plan.change[:8]}; crmctl undo takes it back")
    elif plan.rejected:
        output.note("nothing was changed")
    else:
        output.note(f"nothing to do: {_idle(plan)}")
    if plan.dry_run and not plan.rows:
        output.note(f"{plan.file} has no rows")
    if plan.aborted:
        invocation.finish_with(1)
    if plan.rejected:
        where = f"see {rejects}" if rejects else "--rejects FILE keeps them"
        rows = f"{plan.rows:,} {'row' if plan.rows == 1 else 'rows'}"
        were = "was" if plan.rejected == 1 else "were"
        output.warn(f"{plan.rejected:,} of {rows} {were} rejected ({where})")
        invocation.finish_with(1)


def _idle(plan: "ImportPlan") -> str:
    """Return why nothing is written of a file that is sound."""
    from crmctl.domain.importing.findings import SKIPPED_KNOWN, SKIPPED_NEW

    if not plan.rows:
        return f"{plan.file} has no rows"
    texts = {SKIPPED_KNOWN.text, SKIPPED_NEW.text}
    skipped = [each.counted for each in plan.findings if each.text in texts]
    if plan.unchanged or not skipped:
        skipped.insert(0, "what the file says is there, and empty cells change nothing")
    return "; ".join(skipped)
