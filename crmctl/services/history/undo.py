"""Taking a change set back, as far as nobody else has built on it since."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain
from uuid import UUID

from sqlalchemy import ColumnElement, tuple_, update
from sqlalchemy import select as columns_of
from sqlmodel import col, select

from crmctl.domain import times
from crmctl.errors import NotFound, Refused, UsageError
from crmctl.models.changes import Change
from crmctl.models.pipelines import Stage
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Company, Franchise, User
from crmctl.services.history import (
    differences,
    undo_conflicts,
    undo_judge,
    undo_merges,
    undo_pipelines,
    undo_positions,
    undo_references,
    undo_returns,
    undo_steps,
)
from crmctl.services.history.row_changes import ChangedRows
from crmctl.services.history.row_effects import RowEffect
from crmctl.services.history.undo_plan import UndoPlan
from crmctl.services.history.undo_steps import UndoProgress
from crmctl.services.records import types
from crmctl.storage.scope import in_company, in_scope
from crmctl.storage.tables import table_of


def find_change(session: CrmSession, text: str, *, lock: bool = False) -> Change:
    """Return the change set whose reference begins with `text`, within the session's franchise.

    Raises NotFound, with the candidates where there are several.
    """
    wanted = text.strip().lower()
    if len(wanted) < 4 or wanted.strip("0123456789abcdef"):
        raise NotFound(f"no change answers to {text!r} ({_of_record(text)})")
    query = (
        select(Change)
        .where(*in_scope(session, Change), col(Change.ref).startswith(wanted))
        .order_by(col(Change.at).desc(), col(Change.id).desc())
        .limit(6)
    )
    found = session.exec(query.with_for_update() if lock else query).all()
    if not found:
        raise NotFound(f"no change{_here(session)} answers to {text!r} ({_ways_on(session)})")
    if len(found) > 1:
        lines = [f"  {one.ref} {one.command}" for one in found[:5]]
        raise NotFound(f"{text!r} could be any of several changes:", *lines)
    return found[0]


def _of_record(text: str) -> str:
    """Return how to find the changes of a record, if `text` is written like the number of one."""
    word = text.strip().upper()
    numbered = any(word[:1] == one.prefix for one in types.NUMBERED) and word[1:].isdecimal()
    return f"crmctl log {word} shows those of it" if numbered else "crmctl log"


def _here(session: CrmSession) -> str:
    """Return in words what a session of a franchise is narrowed to."""
    if session.franchise_id is None:
        return ""
    franchise = session.get_one(Franchise, (session.company_id, session.franchise_id))
    return f" made in franchise {franchise.name}"


def _ways_on(session: CrmSession) -> str:
    return "crmctl log, or --franchise none" if session.franchise_id else "crmctl log"


def last_change(
    session: CrmSession, *, lock: bool = False, before: Change | None = None
) -> Change | None:
    """Return the last change set of this actor that stands and is no undo; None without one.

    With `before`, the last that came before that one.
    """
    me = session.change
    mine = (
        col(Change.actor_id) == me.actor_id
        if me.actor_id
        else (col(Change.actor_id).is_(None)) & (col(Change.actor) == me.actor)
    )
    if before is None:
        return _newest(session, mine, lock=lock)
    moment = tuple_(col(Change.at), col(Change.id))
    return _newest(session, mine, moment < (before.at, before.id), lock=lock)


def _newest(
    session: CrmSession, *conditions: ColumnElement[bool], lock: bool = False
) -> Change | None:
    """Return the newest change set that stands and is no undo, of those that `conditions` choose.

    In a franchise, only what was changed there counts. The creation of the company is not among
    them: there is nothing before it.
    """
    query = (
        select(Change)
        .where(
            *in_scope(session, Change),
            *conditions,
            col(Change.undone_in).is_(None),
            col(Change.undoes).is_(None),
            col(Change.id).not_in(select(Company.created_in)),
        )
        .order_by(col(Change.at).desc(), col(Change.id).desc())
        .limit(1)
    )
    return session.exec(query.with_for_update() if lock else query).first()


def _require_newest(session: CrmSession, found: Change | None) -> None:
    """Raise UsageError unless what nobody who is known changed last is what was changed last.

    Where it is not known who asks, it may be another user who wants to go back.
    """
    newest = _newest(session)
    if newest and newest.id != (found.id if found else None):
        ref = newest.ref[:8]
        raise UsageError(
            f"it is not known who you are (--as USER): the last change is {ref} by {newest.actor}"
            f" ({newest.command}), which crmctl undo {ref} takes back"
        )


def _require_past(session: CrmSession, found: Change, now: datetime) -> None:
    """Raise UsageError if `found` is yet to come: what came last is not known then.

    Clocks go back, and those of two computers differ.
    """
    if found.at > now:
        ref, when = found.ref[:8], times.said(found.at, times.zone(session.timezone))
        raise UsageError(
            f"the clock went back: {ref} ({found.command}) is of {when},"
            f" which may not be the last change (crmctl log; crmctl undo {ref} takes it back)"
        )


def prepare(
    session: CrmSession,
    text: str | None,
    *,
    lock: bool = False,
    progress: UndoProgress | None = None,
    clock: Callable[[], datetime] | None = None,
) -> UndoPlan | str:
    """Return how to take back the change that `text` names, or else the actor's last one.

    Where nothing is to be done, it returns in words why. By the `clock` it is seen whether what
    came last is known; it is asked late, as others may have been waited for.
    """
    found = (
        last_change(session, lock=lock) if text is None else find_change(session, text, lock=lock)
    )
    if text is None and session.change.unnamed:
        _require_newest(session, found)
    if found is None:
        return _none_left(session)
    if text is None and clock:
        _require_past(session, found, clock())
    if text is None and found.irreversible:
        raise Refused(_no_undo(found) + _before(session, found))
    made = plan(session, found, lock=lock, progress=progress)
    return _undone_already(session, found) if made.undone_already else made


def _no_undo(change: Change) -> str:
    return f"{change.ref[:8]} ({change.command}) removed data for good: no undo"


def _before(session: CrmSession, change: Change) -> str:
    """Return how to take back what came before `change`, which would be the last one for ever."""
    earlier = last_change(session, before=change)
    return (
        f"; the one before it: crmctl undo {earlier.ref[:8]} ({earlier.command})" if earlier else ""
    )


def _undone_already(session: CrmSession, change: Change) -> str:
    """Return that `change` was taken back, and how to open it again."""
    undo = session.get_one(Change, (session.company_id, change.undone_in))
    reason = f"{change.ref[:8]} is undone already ({change.command})"
    return f"{reason}; to redo it: crmctl undo {undo.ref[:8]}"


def _none_left(session: CrmSession) -> str:
    """Return why last_change found nothing, and how to go on."""
    me = session.change
    reason = f"{me.actor} has no change{_here(session)} left to undo ({_ways_on(session)})"
    users = select(User).where(in_company(session, User), col(User.active))
    if me.actor_id or not session.exec(users.limit(1)).first():
        return reason
    return f"{reason}; {me.actor} is no user: --as USER or crmctl user use says who you are"


def plan(
    session: CrmSession,
    change: Change,
    *,
    lock: bool = False,
    progress: UndoProgress | None = None,
) -> UndoPlan:
    """Return how to take `change` back; writes nothing. Raises Refused if it can never be.

    With `lock`, to be carried out, what stays of a change that only removed rows is left open: all
    can come back as a rule, and carrying it out tells.
    """
    made = UndoPlan(change=change, by=session.change, rows=ChangedRows(session, change, lock=lock))
    if change.irreversible:
        raise Refused(_no_undo(change))
    if change.undone_in:
        return made
    born = select(Company).where(in_company(session, Company), col(Company.created_in) == change.id)
    if session.exec(born).first():
        raise Refused(f"{change.ref[:8]} ({change.command}) created the company: no undo")
    made.rows.lock_created()
    if not (lock and made.rows.only_went):
        _judge_all(session, made, lock=lock, progress=progress)
    return made


def _judge_all(
    session: CrmSession, made: UndoPlan, *, lock: bool, progress: UndoProgress | None
) -> None:
    """Decide for each row whether it can be taken back."""
    total, done = made.rows.total, 0
    for model in TABLES:
        for effects in chain(made.rows.edited(model), made.rows.recorded(model)):
            _judge(session, made, effects)
            done += len(effects)
            if progress:
                progress(min(done, total), total)
    undo_pipelines.keep_usable(session, made)
    for model in reversed(TABLES):
        undo_references.keep_referred(session, made, model)
        if model is Stage:
            undo_references.keep_pipelines_whole(session, made)
    undo_references.keep_fields_in_use(session, made)
    undo_merges.keep_circles(session, made, lock=lock)
    undo_positions.keep_in_order(made)
    made.judged = True


def _judge(session: CrmSession, made: UndoPlan, effects: Sequence[RowEffect]) -> None:
    """Decide for each of `effects`, rows of one table, whether it can be taken back."""
    effects = [effect for effect in effects if effect.row is not None or effect.verb != "remove"]
    undo_judge.judge(session, made, effects)
    undo_conflicts.keep_without_target(session, made, effects)
    undo_conflicts.keep_where_taken(session, made, effects)
    undo_conflicts.keep_where_called_alike(session, made, effects)
    undo_conflicts.keep_where_address_taken(session, made, effects)
    undo_conflicts.keep_without_field(session, made, effects)
    undo_merges.note_merges(made, effects)
    for effect in effects:
        made.verbs[effect.model].add(effect.verb)
        if made.rows.creates(effect) and effect.before is not None:
            made.replaced.add((effect.model, effect.key))


def carry_out(session: CrmSession, made: UndoPlan, progress: UndoProgress | None = None) -> None:
    """Take a change set back as `made` says, as a change set of its own.

    Where every row is kept nothing is written, so that it can still be taken back another time.
    """
    stood = undo_positions.positions(session, made)
    if made.judged or not undo_returns.bring_back(session, made, progress):
        if not made.judged:
            _judge_all(session, made, lock=True, progress=progress)
        if _all_kept(session, made):
            return
        _take_back(session, made, progress)
    undo_positions.put_in_order(session, made, stood)
    mark_undone(session, made.change)
    _name(session, made)


def _take_back(session: CrmSession, made: UndoPlan, progress: UndoProgress | None) -> None:
    undo_steps.begin(session, made)
    total, done = made.rows.total, 0
    for step in undo_steps.steps(session, made, lock=True):
        if step.verb != "link":
            made.note(step.effects)
        step.write(session)
        done += len(step.effects)
        if progress:
            progress(min(done, total), total)


def rehearse(session: CrmSession, made: UndoPlan) -> None:
    """Find what carry_out would take back, and write nothing."""
    if not _all_kept(session, made):
        for step in undo_steps.steps(session, made, lock=False):
            if step.verb != "link":
                made.note(step.effects)
        _name(session, made)


def _name(session: CrmSession, made: UndoPlan) -> None:
    """Find the names of what the rows refer to that were taken back."""
    both = ((row.model, each) for row in made.taken for each in (row.before, row.after))
    made.names = differences.names_in(session, both)


def _all_kept(session: CrmSession, made: UndoPlan) -> bool:
    """Return whether every row that `made` is about stays, so that there is nothing to write."""
    nothing = made.kept_count > 0 and not any(undo_steps.steps(session, made, lock=False))
    made.all_kept = nothing
    return nothing


def mark_undone(session: CrmSession, change: Change) -> None:
    """Note on `change` that it was taken back, and on those that it took back how they stand."""
    table = table_of(Change)
    done: UUID | None = session.change.id
    link: UUID | None = change.id
    while link:
        mine = in_company(session, table) & (table.c.id == link)
        session.execute(update(table).where(mine).values(undone_in=done))
        # An undo that was taken back leaves what it had undone standing, and so on.
        previous = link
        link = session.execute(columns_of(table.c.undoes).where(mine)).scalar()
        done = None if done else previous
