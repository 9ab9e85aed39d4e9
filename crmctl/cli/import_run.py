"""Carrying out an import: the file, the progress, and the report of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crmctl.cli import files, invocation, output
from crmctl.domain.kinds import Origin
from crmctl.errors import UsageError

if TYPE_CHECKING:
    from crmctl.domain.importing.plan import ImportPlan
    from crmctl.models.imports import ImportRun
    from crmctl.services.imports import ImportRequest
    from crmctl.services.imports.recorded import ImportSource


def carry_out(
    request: "ImportRequest", resumed: "ImportRun | None" = None, *, rejects_named: bool = False
) -> None:
    """Import the file, from where it was cut off if it is `resumed`, and say what came of it.

    `rejects_named` says that its file of rejects was named for this, and not by the run.
    """
    from crmctl.domain.importing.files.sources import checksum, read_table
    from crmctl.render.import_plan import view
    from crmctl.services.imports import Aborted
    from crmctl.services.imports.recorded import ImportSource

    request.check()
    if resumed and request.file != "-" and not Path(request.file).is_file():
        raise UsageError(f"cannot go on: {request.file} is no file")
    # A person at a terminal sees how the columns are read while it can still be stopped.
    opening = output.has_reader() and not request.history
    with opened(request.file) as stream:
        digest = checksum(stream)
        with read_table(stream, request.file_name, request.reading) as table:
            source = ImportSource(
                table=table, checksum=digest, resumed=resumed, rejects_named=rejects_named
            )
            try:
                plan = _import(request, source, stream, opening=opening)
            except Aborted as aborted:
                plan = aborted.plan
                _write_rejects(request, plan)
    _report(plan, request.rejects)
    output.emit(view(plan, opened=opening))


def _import(
    request: "ImportRequest", source: "ImportSource", stream: BinaryIO, *, opening: bool
) -> "ImportPlan":
    """Import a table in one transaction, or in as many as the request says."""
    from crmctl.render import import_plan as render
    from crmctl.services.imports.recorded import ImportCallbacks, import_file

    size = stream.seek(0, 2)
    stream.seek(0)
    with (
        output.progress("importing") as show,
        invocation.session(
            write=True, dry=request.dry_run, origin=Origin.IMPORT, reason=request.reason
        ) as session,
    ):
        callbacks = ImportCallbacks(
            begun=lambda plan: output.note(*render.opening(plan)) if opening else None,
            reached=lambda rows: show(rows, stream.tell(), size),
            write_rejects=lambda plan: _write_rejects(request, plan),
            commit=lambda: invocation.workspace().save(session),
        )
        # One who is overtaken once shall not be again.
        lock = invocation.current().repeated
        return import_file(session, source, request, callbacks, lock=lock)


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
        output.note("nothing to do: what the file says is there, and empty cells change nothing")
    if plan.aborted:
        invocation.finish_with(1)
    if plan.rejected:
        where = f"see {rejects}" if rejects else "--rejects FILE keeps them"
        output.warn(f"{plan.rejected:,} of {plan.rows:,} rows were rejected ({where})")
        invocation.finish_with(1)
