"""An import as an entry point carries it out: in steps, each of which may have to be run again."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from crmctl.domain.importing.files.sources import checksum, read_table
from crmctl.domain.importing.plan import ImportPlan
from crmctl.domain.kinds import Origin
from crmctl.errors import Retry
from crmctl.models.imports import ImportRun
from crmctl.models.session import CrmSession
from crmctl.services.imports import ImportRequest, runs
from crmctl.services.imports.recorded import ImportCallbacks, ImportSource, import_file, up_to
from crmctl.workspace import Workspace, retrying


@dataclass(frozen=True, kw_only=True)
class EntryPoint:
    """What an import asks of where it was called from.

    `opened` yields the file from its start, and `session` a session of the workspace. `progress`
    yields what is told the rows that are done, and how much of the file, of how much. `begun` is
    told the plan before any row of it, and `write_rejects` replaces the file of rejected rows.
    """

    opened: Callable[[], AbstractContextManager[BinaryIO]]
    session: Callable[..., AbstractContextManager[CrmSession]]
    progress: Callable[[], AbstractContextManager[Callable[[int, int, int], None]]]
    begun: Callable[[ImportPlan], None]
    write_rejects: Callable[[ImportPlan], None]


@dataclass(kw_only=True)
class ImportSteps:
    """An import, gone on with from its last commit where the database wants a step run again.

    What has committed nothing yet is begun again with its whole command. `run` is what is resumed;
    `done` is the line that is committed, and `saved` says that this has committed steps. With
    `lock`, others wait who would change a record that a row is about.
    """

    workspace: Workspace
    request: ImportRequest
    entry: EntryPoint
    run: ImportRun | None
    rejects_named: bool
    lock: bool
    plan: ImportPlan | None = None
    done: int = 0
    saved: bool = False

    def carry_out(self) -> ImportPlan:
        """Import the file, and return what became of its rows.

        Each step is tried again as often as a command is.
        """
        while True:
            done = self.done
            try:
                return retrying(self._attempt, partial(self._stands_still, done))
            except Retry:
                if not self.saved or self.done == done:
                    raise

    def _stands_still(self, done: int) -> bool:
        return self.saved and self.done == done

    def _attempt(self, _number: int) -> ImportPlan:
        """Import what is not committed yet."""
        rejects = None
        if self.saved:
            finished = self._reread()
            assert self.plan
            if finished:
                return self.plan
            rejects = up_to(self.plan.rejects, self.done)
        with self.entry.opened() as stream:
            digest = checksum(stream)
            with read_table(stream, self.request.file_name, self.request.reading) as table:
                source = ImportSource(
                    table=table, checksum=digest, resumed=self.run,
                    rejects_named=self.rejects_named, rejects=rejects,
                )  # fmt: skip
                return self._import(source, stream)

    def _reread(self) -> bool:
        """Read how far the run got, and return whether it was finished: the answer may be lost."""
        assert self.run
        with self.entry.session(write=True) as session:
            found = runs.reread(session, self.run)
        if found:
            self.run, self.done = found, found.done
        return bool(found and found.finished_at)

    def _import(self, source: ImportSource, stream: BinaryIO) -> ImportPlan:
        """Import a table in one transaction, or in as many as the request says."""
        size = stream.seek(0, 2)
        stream.seek(0)
        request = self.request
        with (
            self.entry.progress() as show,
            self.entry.session(
                write=True, dry=request.dry_run, origin=Origin.IMPORT, reason=request.reason
            ) as session,
        ):
            callbacks = ImportCallbacks(
                begun=self._begun,
                reached=lambda rows: show(rows, stream.tell(), size),
                write_rejects=self.entry.write_rejects,
                commit=lambda run: self._commit(session, run),
            )
            return import_file(session, source, request, callbacks, lock=self.lock)

    def _begun(self, plan: ImportPlan) -> None:
        if not self.saved:
            self.entry.begun(plan)
        self.plan = plan

    def _commit(self, session: CrmSession, run: ImportRun) -> None:
        self.run = run
        try:
            self.workspace.save(session)
        finally:
            self.saved = self.workspace.saved
        self.done = run.done
