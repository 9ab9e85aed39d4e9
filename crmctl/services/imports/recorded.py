"""Importing a file on record: its run, its rejects, and a commit after every so many rows."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from crmctl.domain.importing.files.escaping import original
from crmctl.domain.importing.files.rejects import of_rejects, original_cells, original_header
from crmctl.domain.importing.files.sources import read_table
from crmctl.domain.importing.files.tables import Table
from crmctl.domain.importing.plan import EarlierRun, ImportPlan
from crmctl.domain.importing.rejected import Problem, Reject, Rejects
from crmctl.errors import Refused
from crmctl.models.imports import ImportRun
from crmctl.models.session import CrmSession
from crmctl.services import imports
from crmctl.services.imports import runs
from crmctl.services.imports.options import ImportRequest


@dataclass(frozen=True, kw_only=True)
class ImportCallbacks:
    """What an entry point does while an import goes on.

    `begun` is told the plan before any row of it, and `reached` after each batch how many rows
    were read. `write_rejects` replaces the file of rejected rows; `commit` commits the session
    with what the run is by then.
    """

    begun: Callable[[ImportPlan], None]
    reached: Callable[[int], None]
    write_rejects: Callable[[ImportPlan], None]
    commit: Callable[[ImportRun], None]


@dataclass(frozen=True, kw_only=True)
class ImportSource:
    """The table of a file to import, the SHA-256 of the file, and the run to go on with.

    `rejects_named` says that a person named the file of rejects for this, and not the run that was
    cut off: anyone who writes to the database can change what a run says. `rejects` are those up
    to there, where they are known without any file.
    """

    table: Table
    checksum: str
    resumed: ImportRun | None = None
    rejects_named: bool = False
    rejects: Rejects | None = None


def import_file(
    session: CrmSession,
    source: ImportSource,
    request: ImportRequest,
    callbacks: ImportCallbacks,
    *,
    lock: bool = False,
) -> ImportPlan:
    """Import a table and record the run; return what became of its rows.

    With `lock`, others wait who would change a record that a row is about. Raises Aborted, with
    the plan, where a row is rejected and `request` says to abort, and Refused where the file is
    not the one whose import is to go on.
    """
    request.check()
    run = source.resumed or runs.new(session, request, source.checksum)
    # What is not committed in steps is nothing that others could go on with.
    in_steps = (request.batch or source.resumed) and not request.dry_run
    with runs.at_work(session, run) if in_steps else nullcontext():
        return _carry_out(_Recorder(session, source, request, callbacks, run), lock=lock)


def _carry_out(recorder: "_Recorder", *, lock: bool) -> ImportPlan:
    request = recorder.request
    progress = imports.ImportProgress(
        reached=recorder.reached,
        renewed=recorder.renewed,
        size=request.batch,
        after=recorder.run.done,
        earlier=_earlier(recorder.source, request),
        begun=recorder.callbacks.begun,
        # What is committed in steps cannot be begun again.
        lock=lock or request.batch is not None,
    )
    plan = imports.run(recorder.session, recorder.source.table, request, progress)
    # Before the import is committed, so that a full disk leaves all as it was.
    recorder.callbacks.write_rejects(plan)
    if not request.dry_run:
        recorder.save(plan, finished=True)
    return plan


class _Recorder:
    """The record of an import while it goes on."""

    def __init__(
        self,
        session: CrmSession,
        source: ImportSource,
        request: ImportRequest,
        callbacks: ImportCallbacks,
        run: ImportRun,
    ) -> None:
        self.session = session
        self.source = source
        self.request = request
        self.callbacks = callbacks
        self.run = run
        self._saved = 0
        self._line = 0
        if source.resumed:
            if source.resumed.checksum != source.checksum:
                raise Refused(f"{request.file_name} has changed since its import was cut off")
            runs.go_on(session, run)
        elif request.batch:
            runs.begin(session, run)

    def reached(self, plan: ImportPlan, line: int) -> bool:
        """Commit what was done up to `line`, if enough rows came since; return whether it did."""
        self.callbacks.reached(plan.rows)
        self._line = line
        batch = self.request.batch
        if not batch or plan.dry_run or plan.rows - self._saved < batch:
            return False
        self.callbacks.write_rejects(plan)
        self.save(plan, finished=False)
        self.callbacks.commit(self.run)
        self._saved = plan.rows
        return True

    def renewed(self) -> None:
        """Begin the next transaction; raises Conflict where the run does not stand any more."""
        runs.begin(self.session, self.run)
        runs.require_standing(self.session, self.run)

    def save(self, plan: ImportPlan, *, finished: bool) -> None:
        """Record how far the import got."""
        runs.save(self.session, self.run, plan, self._line, finished=finished)


def _earlier(source: ImportSource, request: ImportRequest) -> EarlierRun | None:
    """Return what an import had come to when it was cut off; None if it begins now."""
    run = source.resumed
    if run is None:
        return None
    rejects = source.rejects
    if rejects is None and request.rejects:
        rejects = _read_rejects(source, run, Path(request.rejects))
    return EarlierRun(
        created=run.created,
        updated=run.updated,
        unchanged=run.unchanged,
        skipped=run.skipped,
        rejected=run.rejected,
        rejects=rejects,
    )


def _read_rejects(source: ImportSource, run: ImportRun, file: Path) -> Rejects | None:
    """Return the rejects that `run` wrote to `file` up to where it was cut off.

    Return None for a file that a person named and that is not there yet. Raises Refused for any
    other that is not this run's, which would be made or replaced.
    """
    if source.rejects_named and not file.exists():
        return None
    if not file.is_file() or (file.is_symlink() and not source.rejects_named):
        raise _not_its_rejects(file, run)
    with file.open("rb") as stream, read_table(stream, str(file)) as table:
        if not of_rejects(table.header) or _names(table) != _names(source.table):
            raise _not_its_rejects(file, run)
        try:
            found = up_to(_rejects(table), run.done)
        except ValueError:
            raise _not_its_rejects(file, run) from None
    if len(found) < run.rejected:
        raise _not_its_rejects(file, run)
    return found


def up_to(rejects: Iterable[Reject], line: int) -> Rejects:
    """Return the rejected rows up to `line` of the file."""
    found = Rejects()
    for each in rejects:
        if each.line <= line:
            found.append(each)
    return found


def _names(table: Table) -> tuple[str, ...]:
    """Return the columns of a table, or of the one whose rejects it holds."""
    return tuple(map(original, original_header(table.header)))


def _rejects(table: Table) -> Iterator[Reject]:
    """Yield the rejects in a file of them; raises ValueError for what is none."""
    for row in table.rows():
        line, column, reason = map(original, row.cells[-3:])
        cells = original_cells(row.cells, table.header)
        problem = Problem(column, "", reason)
        yield Reject(line=int(line), cells=cells, problems=(problem,), earlier_message=reason)


def _not_its_rejects(file: Path, run: ImportRun) -> Refused:
    return Refused(
        f"{file} is no file of rejected rows of import {run.ref[:8]}: say where they go"
        " (crmctl import --resume --rejects FILE)"
    )
