"""Taking a change set back, as far as nobody else has built on it since."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select as columns_of
from sqlalchemy import update
from sqlmodel import col, select

from crmctl.domain.kinds import Origin
from crmctl.errors import NotFound, Refused
from crmctl.models.base import Columns, Owned, Values
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.customers import Customer
from crmctl.models.pipelines import Stage
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Company, Franchise, User
from crmctl.services import changes
from crmctl.services.history import row_changes, undo_conflicts, undo_merges, undo_positions
from crmctl.services.history.row_changes import PARTS, RowEffect, UndoPlan, choices
from crmctl.services.queries.row_past import in_order
from crmctl.services.records import hidden_customers
from crmctl.storage.scope import in_company, in_scope
from crmctl.storage.tables import table_of

#: Where a row stands in its list: not worth keeping a whole row for.
_SOFT = frozenset({"position"})


def find_change(session: CrmSession, text: str, *, lock: bool = False) -> Change:
    """Return the change set whose reference begins with `text`, within the session's franchise.

    Raises NotFound, with the candidates where there are several.
    """
    wanted = text.strip().lower()
    if len(wanted) < 4 or wanted.strip("0123456789abcdef"):
        raise NotFound(f"no change answers to {text!r} (crmctl log)")
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


def _here(session: CrmSession) -> str:
    """Return in words what a session of a franchise is narrowed to."""
    if session.franchise_id is None:
        return ""
    franchise = session.get_one(Franchise, (session.company_id, session.franchise_id))
    return f" made in franchise {franchise.name}"


def _ways_on(session: CrmSession) -> str:
    return "crmctl log, or --franchise none" if session.franchise_id else "crmctl log"


def last_change(session: CrmSession, *, lock: bool = False) -> Change | None:
    """Return the last change set of this actor that stands and is no undo; None without one.

    In a franchise, only what was changed there counts. The creation of the company is not among
    them: there is nothing before it.
    """
    me = session.change
    mine = (
        col(Change.actor_id) == me.actor_id
        if me.actor_id
        else (col(Change.actor_id).is_(None)) & (col(Change.actor) == me.actor)
    )
    query = (
        select(Change)
        .where(
            *in_scope(session, Change),
            mine,
            col(Change.undone_in).is_(None),
            col(Change.undoes).is_(None),
            col(Change.id).not_in(select(Company.created_in)),
        )
        .order_by(col(Change.at).desc(), col(Change.id).desc())
        .limit(1)
    )
    return session.exec(query.with_for_update() if lock else query).first()


def prepare(session: CrmSession, text: str | None, *, lock: bool = False) -> UndoPlan | str:
    """Return how to take back the change that `text` names, or else the actor's last one.

    Where nothing is to be done, it returns in words why.
    """
    found = (
        last_change(session, lock=lock) if text is None else find_change(session, text, lock=lock)
    )
    if found is None:
        return _none_left(session)
    made = plan(session, found, lock=lock)
    return _undone_already(session, found) if made.undone_already else made


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


def plan(session: CrmSession, change: Change, *, lock: bool = False) -> UndoPlan:
    """Return how to take `change` back; writes nothing. Raises Refused if it can never be."""
    if change.irreversible:
        raise Refused(f"{change.ref[:8]} ({change.command}) removed data for good: no undo")
    if change.undone_in:
        return UndoPlan(change)
    born = select(Company).where(in_company(session, Company), col(Company.created_in) == change.id)
    if session.exec(born).first():
        raise Refused(f"{change.ref[:8]} ({change.command}) created the company: no undo")
    written = row_changes.read(session, change, lock=lock)
    made = UndoPlan(change, [e for e in written if e.row is not None or e.verb != "remove"])
    _judge(session, made)
    undo_merges.follow(session, made, lock=lock)
    made.effects = [e for e in made.effects if e.kept_because or e.verb != "change" or e.values]
    return made


def _judge(session: CrmSession, made: UndoPlan) -> None:
    """Decide for each row whether it can be taken back, and what that sets."""
    edited = _edited(session, made)
    for effect in made.effects:
        if effect.verb == "restore":
            effect.values = dict(effect.before or {})
            if effect.row is not None:
                effect.kept_because = "another took its place"
        elif effect.verb == "remove":
            if (effect.model, effect.key) in edited:
                effect.kept_because = "edited"
        elif effect.row is None:
            effect.kept_because = "it was removed since"
        else:
            effect.kept_because = _taken_back(effect, session)
    _keep_erased(session, made)
    _blame(session, made)
    for model in TABLES:
        undo_conflicts.keep_without_target(session, made, model)
        undo_conflicts.keep_where_taken(session, made, model)
    undo_conflicts.keep_without_field(session, made)
    for model in reversed(TABLES):
        if model not in PARTS:
            undo_conflicts.keep_referred(session, made, model)
        if model is Stage:
            undo_conflicts.keep_pipelines_whole(made)
    undo_conflicts.keep_fields_in_use(session, made)


def _keep_erased(session: CrmSession, made: UndoPlan) -> None:
    """Keep as they are the customers that were erased: nothing of them comes back."""
    changed = [effect for effect in made.effects if effect.verb == "change"]
    people = [effect.row for effect in changed if isinstance(effect.row, Customer)]
    erased = hidden_customers.erased(session, people)
    for effect in changed:
        if isinstance(effect.row, Customer) and effect.row.id in erased:
            effect.kept_because = "it was erased since"


def _is_as_left(effect: RowEffect) -> bool:
    """Return whether nothing has written the row since."""
    left = (effect.after or {}).get("changed_in")
    return left is None or getattr(effect.row, "changed_in", left) == left


def _taken_back(effect: RowEffect, session: CrmSession) -> str | None:
    """Set the values that take an edit back; return why it stays, if it does.

    Fields that were edited since in the same way as before are left alone.
    """
    assert effect.before is not None
    assert effect.after is not None
    if _is_as_left(effect):
        effect.values = dict(effect.before)
        return None
    now = changes.values_of(effect.row) if effect.row else {}
    values: Values = {}
    for name, before in effect.before.items():
        if name in changes.BOOKKEEPING:
            continue
        done, value = _field_back(now[name], before, effect.after.get(name))
        if not done and name not in _SOFT:
            return "edited"
        if done and value != now[name]:
            values[name] = value
    if values:
        stamp = {"changed_in": session.change.id, "updated_at": session.change.at}
        effect.values = {**values, **stamp}
    return None


def _field_back(now: object, before: object, after: object) -> tuple[bool, object]:
    """Return whether a field can go back from `after` to `before`, and what it is then.

    Custom fields are kept in one object, and each of them goes back on its own.
    """
    if now in (before, after):
        return True, before
    if not (isinstance(now, dict) and isinstance(before, dict) and isinstance(after, dict)):
        return False, now
    merged = dict(now)
    for name in {*before, *after}:
        if before.get(name) == after.get(name):
            continue
        done, value = _field_back(now.get(name), before.get(name), after.get(name))
        if not done:
            return False, now
        merged[name] = value
        if name not in before:
            del merged[name]
    return True, merged


def _edited(session: CrmSession, made: UndoPlan) -> set[tuple[type[Owned], str]]:
    """Return the created rows in which something is not as it was created.

    A row that was written since may still be: edits of it that were undone are no edits.
    """
    suspects = {
        (str(e.model.__tablename__), e.key): e
        for e in made.effects
        if e.verb == "remove" and not _is_as_left(e)
    }
    first: dict[tuple[str, str], Values] = {}
    writers: set[tuple[tuple[str, str], UUID]] = set()
    for chosen in choices([table_of(ChangeRow).c.row_key], [(key,) for _, key in suspects]):
        others = col(ChangeRow.change_id) != made.change.id
        written: dict[tuple[str, str], list[ChangeRow]] = {}
        for entry in row_changes.entries(session, chosen, others):
            row_key = entry.table_name, entry.row_key
            if row_key in suspects:
                written.setdefault(row_key, []).append(entry)
                writers.add((row_key, entry.change_id))
        for row_key, found in written.items():
            for entry in _since(made.change, found):
                before = changes.decode(suspects[row_key].model, entry.before or {})
                first[row_key] = {**before, **first.get(row_key, {})}
    return {
        (effect.model, effect.key)
        for row_key, effect in suspects.items()
        # An erasure does not say what it changed.
        if (row_key, getattr(effect.row, "changed_in", None)) not in writers
        or _differs(effect, first[row_key])
    }


def _since(change: Change, entries: Sequence[ChangeRow]) -> Iterator[ChangeRow]:
    """Yield what was written of a row since `change` created it, in the order of writing.

    Neither the times nor the ids of change sets show this: clocks differ. What each of them
    found the row changed in does. A row that had the same key before is another one.
    """
    known = {str(change.id)}
    for entry in in_order(entries):
        if str((entry.before or {}).get("changed_in")) in known:
            known.add(str(entry.change_id))
            yield entry


def _differs(effect: RowEffect, values: Columns) -> bool:
    return any(
        getattr(effect.row, name) != value
        for name, value in values.items()
        if name not in changes.BOOKKEEPING
    )


def _blame(session: CrmSession, made: UndoPlan) -> None:
    """Say of the rows that were edited since by whom, and in which change set."""
    mine = [effect for effect in made.effects if effect.kept_because == "edited"]
    found: dict[UUID, Change] = {}
    ids = {(getattr(effect.row, "changed_in", None),) for effect in mine}
    for chosen in choices([table_of(Change).c.id], ids):
        query = select(Change).where(in_company(session, Change), chosen)
        found.update({change.id: change for change in session.exec(query)})
    for effect in mine:
        by = found.get(getattr(effect.row, "changed_in", made.change.id))
        effect.kept_because = (
            f"changed since by {by.actor} in {by.ref[:8]}" if by else "changed since"
        )


def carry_out(session: CrmSession, made: UndoPlan) -> None:
    """Take a change set back as `made` says, as a change set of its own.

    Where every row is kept nothing is written, so that it can still be taken back another time.
    """
    if made.all_kept:
        return
    change = made.change
    session.change.undoes = change.id
    session.change.origin = Origin.UNDO
    changes.begin(session)
    stood = undo_positions.positions(session, made)
    for model in TABLES:
        rows = [model(**e.values) for e in made.of(model) if e.verb == "restore"]
        changes.restore(session, rows)
    for late in (False, True):
        for model in TABLES:
            changes.write_each(
                session,
                [
                    (effect.row, effect.values)
                    for effect in made.of(model)
                    if effect.verb == "change" and effect.late is late and effect.row
                ],
            )
    for model in reversed(TABLES):
        gone = [e.row for e in made.of(model) if e.verb == "remove" and e.row]
        changes.remove(session, gone)
    undo_positions.put_in_order(session, stood)
    mark_undone(session, change)


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
