"""The record of imports: what was imported by whom, and how far one that was cut off got."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from crmctl.domain.importing.plan import ImportPlan
from crmctl.domain.secrets import without_secrets
from crmctl.errors import Conflict, NotFound, Refused
from crmctl.models.base import new_id
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.imports import ImportRun
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.imports.options import ImportRequest, decode_request
from crmctl.storage import dialects
from crmctl.storage.scope import in_company, in_scope, joined
from crmctl.storage.tables import table_of

#: What of a run changes as it goes on.
_PROGRESS = ("finished_at", "done", "created", "updated", "unchanged", "skipped",
             "rejected", "change_id")  # fmt: skip


@dataclass(frozen=True)
class RecordedRun:
    """A run, with its change set where it changed anything."""

    run: ImportRun
    change: Change | None

    @property
    def state(self) -> str:
        """Whether the run is `done`, was `cut off`, or is `undone`."""
        if self.change and self.change.undone_in:
            return "undone"
        return "done" if self.run.finished_at else "cut off"


def new(session: CrmSession, request: ImportRequest, checksum: str) -> ImportRun:
    """Return a run that begins now, and is not recorded yet."""
    made = new_id()
    return ImportRun(
        company_id=session.company_id,
        id=made,
        ref=made.hex[-12:],
        at=session.change.at,
        franchise_id=session.franchise_id,
        actor_id=session.change.actor_id,
        actor=session.change.actor,
        kind=request.import_kind,
        file=without_secrets(request.file_name),
        checksum=checksum,
        options=request.encode(),
    )


def save(
    session: CrmSession, run: ImportRun, plan: ImportPlan, line: int, *, finished: bool
) -> None:
    """Record that `run` got to `line` of its file with what `plan` counts, in this transaction."""
    known = run.done > 0
    run.done = line
    run.created, run.updated = plan.created, plan.updated
    run.unchanged, run.skipped, run.rejected = plan.unchanged, plan.skipped, plan.rejected
    run.finished_at = session.change.at if finished else None
    run.change_id = session.change.id if session.change.written else None
    if not known:
        changes.insert_rows(session, [run])
        return
    table = table_of(ImportRun)
    mine = in_company(session, table) & (table.c.id == run.id)
    values = {name: getattr(run, name) for name in _PROGRESS}
    session.execute(update(table).where(mine).values(values))


@contextmanager
def at_work(session: CrmSession, run: ImportRun) -> Iterator[None]:
    """Keep others from going on with `run`; raises Conflict where one does."""
    with dialects.alone_on_file(session, "import", run.ref) as alone:
        if not alone:
            raise _going_on(run)
        yield


def begin(session: CrmSession, run: ImportRun) -> None:
    """Keep others from going on with `run` before the next commit, where transactions can."""
    if not session.change.dry:
        dialects.take_turns(session, _turn(run))


def _going_on(run: ImportRun) -> Conflict:
    return Conflict(f"import {run.ref[:8]} of {run.file} is going on: it was not cut off")


def _turn(run: ImportRun) -> str:
    return f"import run {run.id}"


def require_standing(session: CrmSession, run: ImportRun) -> None:
    """Keep `run` from being undone before the next commit.

    Raises Conflict where it was undone since it was read, or someone else went on with it.
    """
    name = f"import {run.ref[:8]} of {run.file}"
    if run.change_id:
        mine = (in_company(session, Change), col(Change.id) == run.change_id)
        undone = session.exec(select(Change.undone_in).where(*mine).with_for_update()).one()
        if undone:
            by = session.get_one(Change, (session.company_id, undone))
            raise Conflict(
                f"{name} was undone meanwhile by {by.actor} in {by.ref[:8]}: "
                f"it stopped after line {run.done}"
            )
    here = (in_company(session, ImportRun), col(ImportRun.id) == run.id)
    query = select(ImportRun.done, ImportRun.finished_at).where(*here).with_for_update()
    if session.exec(query).one() != (run.done, run.finished_at):
        raise Conflict(
            f"{name} was resumed by someone else, who goes on with it: "
            f"this one stopped after line {run.done}"
        )


def reread(session: CrmSession, run: ImportRun) -> ImportRun | None:
    """Return `run` as it was committed last, once no commit of it is under way any more.

    None if nothing of it was committed.
    """
    begin(session, run)
    return session.get(ImportRun, (session.company_id, run.id))


def go_on(session: CrmSession, run: ImportRun) -> None:
    """Have what `session` writes belong to the change set of `run`, in its franchise.

    Raises Conflict where the run goes on, or does not stand any more.
    """
    if not dialects.try_turn(session, _turn(run)):
        raise _going_on(run)
    require_standing(session, run)
    session.franchise_id = run.franchise_id
    change = session.get(Change, (session.company_id, run.change_id)) if run.change_id else None
    if change is None:
        return
    last = select(func.max(ChangeRow.position)).where(
        in_company(session, ChangeRow), col(ChangeRow.change_id) == change.id
    )
    kept = session.change
    kept.id, kept.actor_id, kept.actor = change.id, change.actor_id, change.actor
    kept.written = kept.committed = True
    kept.rows = session.exec(last).one() or 0


def search(session: CrmSession, limit: int) -> tuple[list[RecordedRun], bool]:
    """Return the newest runs, and whether there are more of them than `limit`."""
    newest_first = (col(ImportRun.at).desc(), col(ImportRun.id).desc())
    found = session.exec(_query(session).order_by(*newest_first).limit(limit + 1)).all()
    return [RecordedRun(run, change) for run, change in found[:limit]], len(found) > limit


def find(session: CrmSession, text: str) -> RecordedRun:
    """Return the run whose reference, or that of its change set, begins with `text`."""
    word = text.strip().lower()
    found: Sequence[tuple[ImportRun, Change | None]] = []
    if len(word) >= 4 and not word.strip("0123456789abcdef"):
        for ref in (col(ImportRun.ref), col(Change.ref)):
            query = _query(session).where(ref.startswith(word)).order_by(col(ImportRun.at).desc())
            found = found or session.exec(query.limit(5)).all()
    if len(found) == 1:
        return RecordedRun(*found[0])
    if found:
        lines = [f"  {run.ref} {run.file}" for run, _ in found]
        raise NotFound(f"{text!r} could be any of several imports:", *lines)
    raise NotFound(f"no import answers to {text!r} (crmctl import list)")


def find_cut_off(session: CrmSession) -> tuple[ImportRun, ImportRequest]:
    """Return the newest run that did not get to its end and still stands, and what it is of.

    Raises NotFound without one, and Refused where it cannot go on.
    """
    query = _query(session).where(
        col(ImportRun.finished_at).is_(None), col(Change.undone_in).is_(None)
    )
    found = session.exec(query.order_by(col(ImportRun.at).desc()).limit(1)).first()
    if not found:
        raise NotFound("no import was cut off (crmctl import list)")
    run = found[0]
    if not run.options:
        raise Refused(
            f"import {run.ref[:8]} of {run.file} was begun by an earlier crmctl or in another "
            "database, and cannot go on: import the file again"
        )
    request = decode_request(run.options)
    if run.done < 1:
        raise Refused(f"import {run.ref[:8]} is damaged: no row of it is done: begin it again")
    if request.import_kind != run.kind or request.dry_run:
        raise Refused(f"import {run.ref[:8]} is of {run.kind}, and its options are of another")
    return run, request


def _query(session: CrmSession) -> "Select[ImportRun, Change]":
    made = joined(ImportRun, ImportRun.change_id, Change)
    return select(ImportRun, Change).outerjoin(Change, made).where(*in_scope(session, ImportRun))
