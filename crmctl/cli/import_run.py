"""Carrying out an import: the file, the progress, and the report of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crmctl.cli import files, invocation, output
from crmctl.domain.kinds import Origin
from crmctl.errors import Retry, UsageError
from crmctl.workspace import retrying

if TYPE_CHECKING:
    from crmctl.domain.importing.plan import ImportPlan
    from crmctl.models.imports import ImportRun
    from crmctl.models.session import CrmSession
    from crmctl.services.imports import ImportRequest
    from crmctl.services.imports.recorded import ImportSource


def carry_out(
    request: "ImportRequest", resumed: "ImportRun | None" = None, *, rejects_named: bool = False
) -> None:
    """Import the file, from where it was cut off if it is `resumed`, and say what came of it.

    `rejects_named` says that its file of rejects was named for this, and not by the run.
    """
    from crmctl.render.import_plan import view
    from crmctl.services.imports import Aborted

    request.check()
    if resumed and request.file != "-" and not Path(request.file).is_file():
        raise UsageError(f"cannot go on: {request.file} is no file")
    # A person at a terminal sees how the columns are read while it can still be stopped.
    opening = output.has_reader() and not request.history
    steps = _Steps(request=request, run=resumed, rejects_named=rejects_named, opening=opening)
    try:
        plan = steps.carry_out()
    except Aborted as aborted:
        plan = aborted.plan
        _write_rejects(request, plan)
    _report(plan, request.rejects)
    output.emit(view(plan, opened=opening))


@dataclass(kw_only=True)
class _Steps:
    """An import, gone on with from its last commit where the database wants a step run again.

    What has committed nothing yet is begun again with its whole command. `run` is what is resumed;
    `done` is the line that is committed, and `saved` says that this has committed steps.
    """

    request: "ImportRequest"
    run: "ImportRun | None"
    rejects_named: bool
    opening: bool
    plan: "ImportPlan | None" = None
    done: int = 0
    saved: bool = False

    def carry_out(self) -> "ImportPlan":
        """Import the file; each step is tried again as often as a command is."""
        while True:
            done = self.done
            try:
                return retrying(self._attempt, partial(self._stands_still, done))
            except Retry:
                if not self.saved or self.done == done:
                    raise

    def _stands_still(self, done: int) -> bool:
        return self.saved and self.done == done

    def _attempt(self, _number: int) -> "ImportPlan":
        """Import what is not committed yet."""
        from crmctl.domain.importing.files.sources import checksum, read_table
        from crmctl.services.imports.recorded import ImportSource, up_to

        rejects = None
        if self.saved:
            finished = self._reread()
            assert self.plan
            if finished:
                return self.plan
            rejects = up_to(self.plan.rejects, self.done)
        with opened(self.request.file) as stream:
            digest = checksum(stream)
            with read_table(stream, self.request.file_name, self.request.reading) as table:
                source = ImportSource(
                    table=table, checksum=digest, resumed=self.run,
                    rejects_named=self.rejects_named, rejects=rejects,
                )  # fmt: skip
                return self._import(source, stream)

    def _reread(self) -> bool:
        """Read how far the run got, and return whether it was finished: the answer may be lost."""
        from crmctl.services.imports import runs

        assert self.run
        with invocation.session(write=True) as session:
            found = runs.reread(session, self.run)
        if found:
            self.run, self.done = found, found.done
        return bool(found and found.finished_at)

    def _import(self, source: "ImportSource", stream: BinaryIO) -> "ImportPlan":
        """Import a table in one transaction, or in as many as the request says."""
        from crmctl.services.imports.recorded import ImportCallbacks, import_file

        size = stream.seek(0, 2)
        stream.seek(0)
        request = self.request
        with (
            output.progress("importing") as show,
            invocation.session(
                write=True, dry=request.dry_run, origin=Origin.IMPORT, reason=request.reason
            ) as session,
        ):
            callbacks = ImportCallbacks(
                begun=self._begun,
                reached=lambda rows: show(rows, stream.tell(), size),
                write_rejects=lambda plan: _write_rejects(request, plan),
                commit=lambda run: self._commit(session, run),
            )
            # One who is overtaken once shall not be again.
            lock = invocation.current().repeated
            return import_file(session, source, request, callbacks, lock=lock)

    def _begun(self, plan: "ImportPlan") -> None:
        from crmctl.render import import_plan as render

        if self.opening and not self.saved:
            output.note(*render.opening(plan))
        self.plan = plan

    def _commit(self, session: "CrmSession", run: "ImportRun") -> None:
        self.run = run
        try:
            invocation.workspace().save(session)
        finally:
            self.saved = invocation.workspace().saved
        self.done = run.done


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
