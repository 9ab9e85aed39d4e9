"""The one write path: every write goes through here and is recorded in the session's change set."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    and_,
    between,
    bindparam,
    delete,
    func,
    insert,
    literal,
    null,
    select,
    tuple_,
    update,
)

from crmctl.domain.secrets import without_secrets
from crmctl.errors import Conflict
from crmctl.models.base import Columns, Owned, Values
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.session import ChangeSet, CrmSession
from crmctl.services.changes.encoding import encode_all, joined_key, loaded_values, values_of
from crmctl.services.changes.locks import keep_customers
from crmctl.storage.bulk_inserts import insert_many
from crmctl.storage.lookups import batches, one_of
from crmctl.storage.scope import in_company
from crmctl.storage.tables import column_types, defaults, key_columns, table_of

OwnedRow = TypeVar("OwnedRow", bound=Owned)

#: Fields that follow from a change and are not what anyone changed.
BOOKKEEPING = frozenset({"changed_in", "updated_at"})
#: Entries of a change set that are copied at once.
_COPIED = 10_000
#: From so many rows on, they are inserted by the driver.
MANY = 50


def begin(session: CrmSession) -> UUID:
    """Return the id of the session's change set, writing its row if this is its first write."""
    change = session.change
    if not change.written and not change.dry:
        session.execute(
            insert(table_of(Change)),
            {
                "company_id": session.company_id,
                "id": change.id,
                "ref": change.ref,
                "at": change.at,
                "franchise_id": session.franchise_id,
                "actor_id": change.actor_id,
                "actor": change.actor,
                "origin": change.origin,
                "command": without_secrets(change.command),
                "reason": change.reason and without_secrets(change.reason),
                "overrides": change.overrides,
                "undoes": change.undoes,
                "irreversible": change.irreversible,
            },
        )
        change.written = True
    return change.id


def amend(session: CrmSession) -> None:
    """Write the overrides of the session's change set again, which became known after its rows."""
    table, change = table_of(Change), session.change
    mine = in_company(session, table) & (table.c.id == change.id)
    session.execute(update(table).where(mine).values(overrides=change.overrides))


def stamp_commit_time(session: CrmSession, change: ChangeSet, at: datetime) -> None:
    """Date `change`, where it was written, at the time `at` of its commit: then others see it."""
    if change.written:
        table = table_of(Change)
        mine = in_company(session, table) & (table.c.id == change.id)
        session.execute(update(table).where(mine).values(at=at))


def create(session: CrmSession, model: type[OwnedRow], values: Iterable[Columns]) -> list[OwnedRow]:
    """Insert a row of `model` for each of `values`, and return the rows.

    company_id, the change set and the times of creation are filled in.
    """
    stamp = _stamp(session, model, new=True)
    rows = [model(**{**stamp, **fields}) for fields in values]
    keep_customers(session, model, map(loaded_values, rows))
    insert_rows(session, rows)
    return rows


def insert_rows(session: CrmSession, rows: Sequence[Owned]) -> None:
    """Insert `rows`, all of one table, as they are."""
    if rows:
        insert_values(session, type(rows[0]), [values_of(row) for row in rows])


def stamped(session: CrmSession, model: type[Owned], values: Sequence[Columns]) -> list[Values]:
    """Return rows of `model` as their columns and values, for insert_values.

    What `values` leave out is as the model has it; the stamps of the change set are filled in.
    """
    keep_customers(session, model, values)
    base = {**defaults(model), **_stamp(session, model, new=True)}
    return [{**base, **fields} for fields in values]


def insert_values(session: CrmSession, model: type[Owned], values: Sequence[Columns]) -> None:
    """Insert a row of `model` for each of `values`, which are all of its columns."""
    if len(values) >= MANY and not session.change.dry:
        insert_many(session.connection(), table_of(model), values)
    elif values and not session.change.dry:
        session.connection().execute(insert(table_of(model)), values)


def _stamp(session: CrmSession, model: type[Owned], *, new: bool) -> Values:
    """Return the bookkeeping of a row that this change set writes."""
    change = begin(session)
    names = column_types(model)
    at = session.change.at
    stamp = {"changed_in": change, "updated_at": at}
    if new:
        stamp |= {"company_id": session.company_id, "created_in": change, "created_at": at}
    return {name: value for name, value in stamp.items() if name in names}


def edit(session: CrmSession, rows: Iterable[OwnedRow], values: Columns) -> list[OwnedRow]:
    """Set the same `values` in `rows`; return those that this changed."""
    return edit_each(session, ((row, values) for row in rows))


def edit_each(session: CrmSession, edits: Iterable[tuple[OwnedRow, Columns]]) -> list[OwnedRow]:
    """Set values in each row of `edits`, all of one table; return the rows that this changed.

    What is equal already is left alone, and a row without a change is not written.
    """
    pairs = []
    for row, values in edits:
        old = loaded_values(row)
        new = {name: value for name, value in values.items() if old[name] != value}
        if new:
            pairs.append((row, new))
    if pairs:
        stamp = _stamp(session, type(pairs[0][0]), new=False)
        write_each(session, [(row, {**new, **stamp}) for row, new in pairs])
    return [row for row, _ in pairs]


def write_each(session: CrmSession, edits: Sequence[tuple[OwnedRow, Columns]]) -> None:
    """Record and write each of `edits` as it is, bookkeeping included."""
    if edits:
        model = type(edits[0][0])
        write_values(session, model, [(loaded_values(row), new) for row, new in edits])
    for row, new in edits:
        for name, value in new.items():
            # Not an ORM change: the row in the database is what it says already.
            loaded_values(row)[name] = value


def write_values(
    session: CrmSession, model: type[Owned], edits: Sequence[tuple[Columns, Columns]]
) -> None:
    """Record and write each of `edits`, a row of `model` as it is and the values it gets."""
    if not edits or session.change.dry:
        return
    keep_customers(session, model, (new for _, new in edits), (row for row, _ in edits))
    groups: dict[str, tuple[Columns, list[Columns]]] = {}
    lines = []
    for row, new in edits:
        same, rows = groups.setdefault(repr(new), (new, []))
        rows.append(row)
        lines.append((row, {name: row[name] for name in new}, same))
    record(session, model, lines)
    if len(groups) * 4 < len(edits) or len(groups) == 1:
        for new, rows in groups.values():
            _update_alike(session, model, rows, new)
    else:
        _update_one_by_one(session, model, edits)


def _update_alike(
    session: CrmSession, model: type[Owned], rows: Sequence[Columns], new: Columns
) -> None:
    for batch in batches(rows):
        statement = update(table_of(model)).where(_having_keys(session, model, batch)).values(**new)
        _demand(session.connection().execute(statement).rowcount, len(batch))


def _demand(written: int, wanted: int) -> None:
    if written != wanted:
        raise Conflict("someone else removed it meanwhile; nothing was changed")


def _update_one_by_one(
    session: CrmSession, model: type[Owned], edits: Sequence[tuple[Columns, Columns]]
) -> None:
    keys = ("company_id", *key_columns(model))
    batches: dict[tuple[str, ...], list[Values]] = {}
    for row, new in edits:
        key = {f"key_{name}": row[name] for name in keys}
        batches.setdefault(tuple(sorted(new)), []).append({**new, **key})
    table = table_of(model)
    chosen = and_(*(table.c[name] == bindparam(f"key_{name}") for name in keys))
    for names, batch in batches.items():
        statement = update(table).where(chosen).values({n: bindparam(n) for n in names})
        _demand(session.connection().execute(statement, batch).rowcount, len(batch))


def link(session: CrmSession, model: type[Owned], values: Sequence[Columns]) -> None:
    """Set columns of rows of `model`, which `values` name by their keys; this is not recorded.

    It is for rows that insert_values inserted as they were before what they refer to.
    """
    keys = ("company_id", *key_columns(model))
    edits = [(row, {name: row[name] for name in row if name not in keys}) for row in values]
    if edits and not session.change.dry:
        _update_one_by_one(session, model, edits)


def remove(session: CrmSession, rows: Sequence[OwnedRow]) -> None:
    """Delete `rows`, all of one table, for good; the change set keeps them whole."""
    if rows:
        remove_values(session, type(rows[0]), [values_of(row) for row in rows])


def remove_values(session: CrmSession, model: type[Owned], rows: Sequence[Columns]) -> None:
    """Delete rows of `model` for good, given whole, as the change set keeps them."""
    if not rows or session.change.dry:
        return
    record(session, model, ((row, row, None) for row in rows))
    table, keys = table_of(model), key_columns(model)
    values = [[row[key] for key in keys] for row in rows]
    chosen, asked = one_of(session, [table.c[key] for key in keys], values)
    session.connection().execute(delete(table).where(in_company(session, table), chosen), asked)


def restore(session: CrmSession, rows: Sequence[OwnedRow]) -> None:
    """Insert `rows`, all of one table, that were there before; recorded, unlike a creation."""
    if rows:
        restore_values(session, type(rows[0]), [(values_of(row), None) for row in rows])


def restore_values(
    session: CrmSession,
    model: type[Owned],
    rows: Sequence[tuple[Columns, Columns | None]],
    unlinked: Sequence[str] = (),
) -> None:
    """Insert rows of `model`, given whole, that were there before; this is recorded.

    With each comes how a change set holds it, where that is known. Their columns `unlinked` stay
    empty until `link` sets them.
    """
    if not rows or session.change.dry:
        return
    begin(session)
    empty = dict.fromkeys(unlinked)
    insert_values(session, model, [{**row, **empty} if empty else row for row, _ in rows])
    entries = ((row, None, stored or encode_all(row)) for row, stored in rows)
    record(session, model, entries, encoded=True)


def restore_recorded(session: CrmSession, model: type[Owned], rows: Sequence[Columns]) -> None:
    """Insert rows of `model`, given whole, that were there before; `record_restored` records it."""
    if not session.change.dry:
        begin(session)
        insert_values(session, model, rows)


def record_restored(session: CrmSession, model: type[Owned], gone_in: UUID) -> None:
    """Record that the rows of `model` are there again that the change set `gone_in` removed.

    It did nothing else to them. The database copies how it holds them, so many at a time.
    """
    table, change = table_of(ChangeRow), begin(session)
    at, names = table.c.position, [column.name for column in table.columns]
    mine = [in_company(session, ChangeRow), table.c.change_id == gone_in]
    mine.append(table.c.table_name == model.__tablename__)
    first, last = session.execute(select(func.min(at), func.max(at)).where(*mine)).one()
    if first is None or session.change.dry:
        return
    new = {
        "change_id": literal(change, table.c.change_id.type),
        "position": at + (session.change.rows + 1 - first),
        "before": null(),
        "after": table.c.before,
    }
    for start in range(first, last + 1, _COPIED):
        some = between(at, start, start + _COPIED - 1)
        copied = select(*(new.get(name, table.c[name]) for name in names)).where(*mine, some)
        session.execute(insert(table).from_select(names, copied))
    session.change.rows += last + 1 - first


def matching(session: CrmSession, model: type[Owned], rows: Sequence[Owned]) -> ColumnElement[bool]:
    """Return the condition that chooses `rows` of `model`, and no other."""
    return _having_keys(session, model, [loaded_values(row) for row in rows])


def _having_keys(
    session: CrmSession, model: type[Owned], rows: Sequence[Columns]
) -> ColumnElement[bool]:
    keys = key_columns(model)
    columns = [table_of(model).c[name] for name in keys]
    if not keys:
        return in_company(session, table_of(model))
    if len(keys) == 1:
        chosen = columns[0].in_([row[keys[0]] for row in rows])
    else:
        chosen = tuple_(*columns).in_([tuple(row[key] for key in keys) for row in rows])
    return and_(in_company(session, table_of(model)), chosen)


def record(
    session: CrmSession,
    model: type[Owned],
    entries: Iterable[tuple[Columns, Columns | None, Columns | None]],
    *,
    encoded: bool = False,
) -> None:
    """Write a change row for each row of `model`, its fields before and its fields after.

    With `encoded`, the fields after are as a change set keeps them.
    """
    keys = key_columns(model)
    change = begin(session)
    lines = []
    last: Columns | None = None
    new: Columns | None = None
    for row, before, after in entries:
        session.change.rows += 1
        if after is not last:
            last, new = after, after if after is None or encoded else encode_all(after)
        lines.append(
            {
                "company_id": session.company_id,
                "change_id": change,
                "position": session.change.rows,
                "table_name": model.__tablename__,
                "row_key": joined_key(row[key] for key in keys),
                "before": None if before is None else encode_all(before),
                "after": new,
            }
        )
    insert_values(session, ChangeRow, lines)
