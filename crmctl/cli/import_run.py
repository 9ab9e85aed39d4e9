"""Carrying out an import: the file, the transactions, the progress, and what is told in the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from crmctl.cli import files, invocation, output
from crmctl.domain.kinds import Entity, ImportKind, Origin
from crmctl.errors import Refused, UsageError

if TYPE_CHECKING:
    from crmctl.domain.importing.files.tables import Table
    from crmctl.domain.importing.plan import EarlierRun, ImportPlan, Reject
    from crmctl.models.imports import ImportRun
    from crmctl.models.session import CrmSession
    from crmctl.services.imports import ImportOptions

_KINDS = {
    Entity.CUSTOMER: ImportKind.CUSTOMERS,
    Entity.DEAL: ImportKind.DEALS,
    Entity.ACTIVITY: ImportKind.ACTIVITIES,
}


@dataclass
class Job:
    """An import of `file`: how it is read, where rejects go, and after how many rows to commit.

    `reading` is the encoding, delimiter, line of the header and sheet, as far as they were said.
    It is `opened` once a person has been shown what the columns are.
    """

    file: str
    reading: tuple[str | None, str | None, int | None, str | None]
    order: "ImportOptions"
    rejects: Path | None = None
    reason: str | None = None
    batch: int | None = None
    opened: bool = False

    @property
    def name(self) -> str:
        """What messages call the file."""
        return "stdin" if self.file == "-" else self.file

    @property
    def kind(self) -> ImportKind:
        """What the rows of the file are."""
        return ImportKind.HISTORY if self.order.history else _KINDS[self.order.entity]


def carry_out(job: Job) -> None:
    """Import the file, and tell what became of its rows."""
    from crmctl.domain.importing.files.sources import Options, checksum, read_table
    from crmctl.render import plan as render
    from crmctl.services import imports

    _check(job)
    with opened(job.file) as stream:
        sum_of_all = checksum(stream)
        with read_table(stream, job.name, Options(*job.reading)) as table:
            try:
                plan = _import(job, table, sum_of_all, _bar(stream))
            except imports.Aborted as aborted:
                plan = aborted.plan
                _write_rejects(job, plan)
    _tell(plan, job.rejects)
    output.emit(render.view(plan, opened=job.opened))


def _check(job: Job) -> None:
    files.require_named(job.rejects, "--rejects")
    if job.rejects and job.file != "-" and job.rejects.resolve() == Path(job.file).resolve():
        raise UsageError(f"--rejects {job.rejects} is the file to import: name another")
    if job.batch and job.order.abort:
        raise UsageError("--batch commits as it goes, and --on-error abort would take that back")


def _import(job: Job, table: "Table", checksum: str, bar: Any) -> "ImportPlan":
    """Import `table` in one transaction, or in as many as the job says, and record the run."""
    from crmctl.services import imports

    dry = job.order.dry_run
    with (
        bar as show,
        invocation.session(write=True, dry=dry, origin=Origin.IMPORT, reason=job.reason) as session,
    ):
        steps = Steps(job, session, checksum)

        def reached(plan: "ImportPlan", line: int) -> None:
            show(plan.rows)
            steps.reached(plan, line)

        course = imports.ImportProgress(
            reached,
            job.batch,
            steps.run.done,
            steps.earlier(),
            lambda plan: _show(job, plan),
            # What is committed in steps cannot be begun again, and one who is overtaken once
            # shall not be again.
            lock=job.batch is not None or invocation.current().repeated,
        )
        plan = imports.run(session, table, job.order, course)
        # Before the import is committed, so that a full disk leaves all as it was.
        _write_rejects(job, plan)
        if not dry:
            steps.save(plan, finished=True)
        return plan


def _show(job: Job, plan: "ImportPlan") -> None:
    """Show a person at a terminal what the columns are, while it can still be stopped."""
    from crmctl.render.plan import opening

    if output.has_reader():
        output.note(*opening(plan))
        job.opened = True


def _repeatable(job: Job) -> list[str]:
    """Return what was typed so that it names the same files in whatever folder it is repeated."""
    typed = invocation.current().arguments
    files = {job.rejects, Path(job.file)} - {Path("-")}

    def anchored(word: str) -> str:
        name = word.removeprefix("--rejects=")
        return f"{word.removesuffix(name)}{Path(name).absolute()}" if Path(name) in files else word

    begin = typed.index(job.kind) + 1
    return [*typed[:begin], *map(anchored, typed[begin:])]


class Steps:
    """The way of one import: its record, and a commit after every so many rows."""

    def __init__(self, job: Job, session: "CrmSession", checksum: str) -> None:
        from crmctl.services.imports import runs

        self._job = job
        self._session = session
        self._saved = 0
        self._line = 0
        resumed = invocation.current().resumed
        if resumed:
            self._require_same(resumed, checksum)
            runs.go_on(session, resumed)
        self.run = resumed or runs.new(session, job.kind, job.name, checksum, _repeatable(job))

    def _require_same(self, run: "ImportRun", checksum: str) -> None:
        if run.checksum != checksum:
            raise Refused(f"{self._job.name} has changed since its import was cut off")

    def earlier(self) -> "EarlierRun | None":
        """Return what this import had come to when it was cut off; None if it begins now."""
        from crmctl.domain.importing.plan import EarlierRun

        run = self.run
        if not run.done:
            return None
        rejects = _read_rejects(self._job.rejects, run.done)
        return EarlierRun(
            created=run.created,
            updated=run.updated,
            unchanged=run.unchanged,
            skipped=run.skipped,
            rejected=run.rejected,
            rejects=rejects,
        )

    def reached(self, plan: "ImportPlan", line: int) -> None:
        """Commit what was done up to `line`, if enough rows came since the last time."""
        self._line = line
        if self._job.batch and not plan.dry_run and plan.rows - self._saved >= self._job.batch:
            _write_rejects(self._job, plan)
            self.save(plan, finished=False)
            invocation.save(self._session)
            self._saved = plan.rows

    def save(self, plan: "ImportPlan", *, finished: bool) -> None:
        """Record how far the import got."""
        from crmctl.services.imports import runs

        runs.save(self._session, self.run, plan, self._line, finished=finished)


def _write_rejects(job: Job, plan: "ImportPlan") -> None:
    from crmctl.render import plan as render

    if job.rejects:
        files.write_lines(job.rejects, render.reject_lines(plan))


def _read_rejects(file: Path | None, line: int) -> "tuple[Reject, ...] | None":
    """Return the rejects up to `line` that an earlier run wrote to `file`; None if it is gone."""
    from crmctl.domain.importing.files.escaping import original
    from crmctl.domain.importing.files.rejects import original_cells
    from crmctl.domain.importing.files.sources import read_table
    from crmctl.domain.importing.plan import Problem, Reject

    if file is None or not file.is_file():
        return None
    with file.open("rb") as stream, read_table(stream, str(file)) as table:
        found = []
        for row in table.rows():
            at, column, reason = map(original, row.cells[-3:])
            if int(at) <= line:
                problem = Problem(column, "", reason)
                cells = original_cells(row.cells, table.header)
                found.append(
                    Reject(line=int(at), cells=cells, problems=(problem,), earlier_message=reason)
                )
    return tuple(found)


@contextmanager
def opened(file: str) -> Iterator[BinaryIO]:
    """Yield `file` opened for reading from its start, as often as needed; `-` is stdin."""
    if file == "-":
        with invocation.stdin_file() as stream:
            yield stream
        return
    with _open(file) as stream:
        if stream.seekable():
            yield stream
        else:
            with invocation.stdin_file(stream) as copy:
                yield copy


def _open(file: str) -> BinaryIO:
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from None


def _bar(stream: BinaryIO) -> Any:
    """Return a progress bar of how much of `stream` was read, told in rows."""
    size = stream.seek(0, 2)
    stream.seek(0)
    return output.progress("importing", size, stream.tell)


def _tell(plan: "ImportPlan", rejects: Path | None) -> None:
    if plan.dry_run:
        output.note("nothing was written (--dry-run)")
    elif plan.aborted:
        output.note("nothing was written (--on-error abort)")
    elif plan.change:
        output.note(f"imported as change {plan.change[:8]}; crmctl undo takes it back")
    elif plan.rejected:
        output.note("nothing was changed")
    else:
        output.note("nothing to do: the database says what the file says")
    if plan.rejected:
        where = f"see {rejects}" if rejects else "--rejects FILE keeps them"
        output.warn(f"{plan.rejected:,} of {plan.rows:,} rows were rejected ({where})")
        invocation.finish_with(1)
