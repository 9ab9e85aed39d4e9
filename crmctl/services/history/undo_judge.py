"""Whether a row can be taken back by itself: what was written of it since, in which fields."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from crmctl.models.base import Columns, Values
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.customers import Customer
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import undo_successors
from crmctl.services.history.row_changes import choices
from crmctl.services.history.row_effects import RowEffect
from crmctl.services.history.undo_plan import UndoPlan
from crmctl.services.queries.row_past import in_order
from crmctl.services.records import hidden_customers, types
from crmctl.storage.lookups import rows_by
from crmctl.storage.scope import in_company
from crmctl.storage.tables import table_of


@dataclass(frozen=True, slots=True)
class LaterWrite:
    """What a change set wrote of a row since: its fields before and after."""

    change_id: UUID
    before: Columns | None
    after: Columns | None


def judge(session: CrmSession, made: UndoPlan, effects: Sequence[RowEffect]) -> None:
    """Decide for each of `effects`, rows of one table, whether it can be taken back by itself."""
    _find_gone(session, effects)
    for effect in effects:
        set_values(made, effect)
        if effect.verb == "restore" and effect.row is not None:
            made.keep(effect, "another took its place")
            made.keep_whole(effect)
        elif effect.verb == "change" and effect.row is None:
            made.keep(effect, "it was removed since")
    undo_successors.keep_replaced(session, made, effects)
    _keep_erased(session, made, effects)
    edited = [e for e in effects if e.row is not None and not e.is_as_left and not e.kept_because]
    if edited:
        _keep_edited(session, made, edited)


def _find_gone(session: CrmSession, effects: Sequence[RowEffect]) -> None:
    """Find of those of `effects` that were removed since what they were, so that they are named."""
    mine = {e.key: e for e in effects if e.verb == "change" and e.row is None}
    if not mine:
        return
    model = effects[0].model
    query = select(
        *(col(c) for c in (ChangeRow.row_key, ChangeRow.change_id, ChangeRow.before))
    ).where(
        in_company(session, ChangeRow),
        col(ChangeRow.table_name) == model.__tablename__,
        col(ChangeRow.after).is_(None),
    )
    found = rows_by(session, query, table_of(ChangeRow).c.row_key, [*mine])
    for row in sorted(found, key=lambda row: row.change_id):
        mine[row.row_key].gone = changes.decode(model, row.before or {})


def set_values(made: UndoPlan, effect: RowEffect) -> None:
    """Set what taking the row of `effect` back by itself sets."""
    if effect.verb == "restore":
        # Thousands of them: whoever sets another value copies it.
        effect.values = effect.before or {}
    elif effect.verb == "change" and effect.is_as_left:
        effect.values = dict(effect.before or {})
    elif effect.verb == "change" and effect.row is not None:
        effect.values, _ = _back(effect)
        made.stamp(effect)


def _back(effect: RowEffect) -> tuple[Values, list[str]]:
    """Return the values that take an edit back, and the fields that were edited since.

    Fields that were edited since in the same way as before are left alone.
    """
    now, after = effect.row or {}, effect.after or {}
    values: Values = {}
    edited: list[str] = []
    for name, before in (effect.before or {}).items():
        if name in changes.BOOKKEEPING:
            continue
        value, others = _field_back(name, now[name], before, after.get(name))
        edited += others
        if value != now[name]:
            values[name] = value
    return values, edited


def _field_back(name: str, now: object, before: object, after: object) -> tuple[object, list[str]]:
    """Return what a field is after going back to `before`, and what of it was edited since.

    Custom fields are kept in one object, and each of them goes back on its own.
    """
    if now in (before, after):
        return before, []
    if not (isinstance(now, dict) and isinstance(before, dict) and isinstance(after, dict)):
        return now, [name]
    merged, edited = dict(now), []
    for key in {*before, *after}:
        if before.get(key) == after.get(key):
            continue
        value, others = _field_back(f"{name}.{key}", now.get(key), before.get(key), after.get(key))
        edited += others
        merged[key] = value
        if not others and key not in before:
            del merged[key]
        elif others and key not in now:
            merged.pop(key, None)
    return merged, edited


def _keep_erased(session: CrmSession, made: UndoPlan, effects: Sequence[RowEffect]) -> None:
    """Keep as they are the customers that were erased: nothing of them comes back."""
    mine = [e for e in effects if e.model is Customer and e.verb != "restore" and e.row]
    people = [Customer(**(e.row or {})) for e in mine if e.known["name"] == types.ERASED]
    erased = hidden_customers.erased(session, people) if people else set()
    for effect in mine:
        if effect.known["id"] in erased:
            made.keep(effect, "it was erased since", instead=True)


def _keep_edited(session: CrmSession, made: UndoPlan, effects: Sequence[RowEffect]) -> None:
    """Keep what others edited since of rows that were written since: created ones are kept whole.

    A created row that was written since may be as it was: edits that were undone are no edits.
    """
    written = _written_since(session, made.change, effects)
    last = {e.key: {w.change_id for w in written[e.key]} for e in effects}
    authors = _authors(session, effects, written)
    for effect in effects:
        writes = written[effect.key]
        since = _since(made.change, effect, writes)
        by = authors[(effect.row or {}).get("changed_in")]
        if effect.verb == "remove":
            # What nobody has recorded, such as an erasure of long ago, may be anything.
            known = (effect.row or {}).get("changed_in") in last[effect.key]
            if not known or not since or _differs(effect, since):
                made.keep(effect, f"changed since{by}")
        elif effect.verb == "change":
            _, edited = _back(effect)
            writers = {name: write.change_id for write in since for name in _fields(write)}
            why = {name: f" changed since{authors[writers[name]] if name in writers else by}"
                   for name in edited}  # fmt: skip
            made.keep_fields(effect, why | _joined(effect, since, authors))


def _joined(
    effect: RowEffect, since: Sequence[LaterWrite], authors: Mapping[UUID | None, str]
) -> dict[str, str]:
    """Return why fields stay with which others make sense only together that were edited since."""
    found: dict[str, str] = {}
    for group in types.of(effect.model).together:
        mine = {*group}.intersection(effect.before or {})
        first: Values = {}
        for write in reversed(since):
            first |= write.before or {}
        now = effect.row or {}
        edited = {n for n in {*group}.intersection(first) - mine if first[n] != now.get(n)}
        for write in since if mine else ():
            if edited.intersection(_fields(write)):
                found.update(dict.fromkeys(mine, f" changed since{authors[write.change_id]}"))
    return found


def _fields(write: LaterWrite) -> Iterator[str]:
    """Yield the fields that `write` changed, each custom field by itself."""
    before, after = write.before or {}, write.after or {}
    for name, old in before.items():
        new = after.get(name)
        if old == new:
            continue
        yield name
        if isinstance(old, dict) and isinstance(new, dict):
            yield from (f"{name}.{key}" for key in {*old, *new} if old.get(key) != new.get(key))


def _written_since(
    session: CrmSession, change: Change, effects: Sequence[RowEffect]
) -> dict[str, list[LaterWrite]]:
    """Return what other change sets than `change` wrote of the rows of `effects`, by key."""
    model = effects[0].model
    query = select(
        *(col(c) for c in (ChangeRow.row_key, ChangeRow.change_id, ChangeRow.position)),
        *(col(c) for c in (ChangeRow.before, ChangeRow.after)),
    ).where(
        in_company(session, ChangeRow),
        col(ChangeRow.table_name) == model.__tablename__,
        col(ChangeRow.change_id) != change.id,
    )
    found: dict[str, list[LaterWrite]] = {effect.key: [] for effect in effects}
    rows = rows_by(session, query, table_of(ChangeRow).c.row_key, [*found])
    for row in sorted(rows, key=lambda row: (row.change_id, row.position)):
        before = None if row.before is None else changes.decode(model, row.before)
        after = None if row.after is None else changes.decode(model, row.after)
        found[row.row_key].append(LaterWrite(row.change_id, before, after))
    return found


def _since(change: Change, effect: RowEffect, writes: Sequence[LaterWrite]) -> list[LaterWrite]:
    """Return those of `writes` that came after what `change` wrote, in the order of writing.

    Neither the times nor the ids of change sets show this: clocks differ. What each of them
    found the row changed in does. A row that had the same key before is another one. Of a row
    that an undo left as it was long before, those that began later are taken.
    """
    known = {change.id}
    left = (effect.after or {}).get("changed_in", change.id)
    found = []
    for write in in_order(writes):
        in_which = (write.before or {}).get("changed_in")
        if in_which in known or (in_which == left and write.change_id > change.id):
            known.add(write.change_id)
            found.append(write)
    return found


def _differs(effect: RowEffect, since: Sequence[LaterWrite]) -> bool:
    """Return whether the row is not as it was before the writes `since`."""
    first: Values = {}
    for write in reversed(since):
        first |= write.before or {}
    now = effect.row or {}
    return any(
        now.get(name) != value for name, value in first.items() if name not in changes.BOOKKEEPING
    )


def _authors(
    session: CrmSession, effects: Iterable[RowEffect], written: Mapping[str, Sequence[LaterWrite]]
) -> dict[UUID | None, str]:
    """Return who wrote the rows since, in words, by the change set that did."""
    ids = {(e.row or {}).get("changed_in") for e in effects}
    ids |= {write.change_id for writes in written.values() for write in writes}
    found: dict[UUID | None, str] = dict.fromkeys(ids, "")
    columns = table_of(Change).c
    query = select(columns.id, columns.actor, columns.ref).where(in_company(session, Change))
    for chosen in choices([columns.id], [(each,) for each in ids if each]):
        for change_id, actor, ref in session.execute(query.where(chosen)):
            found[change_id] = f" by {actor} in {ref[:8]}"
    return found
