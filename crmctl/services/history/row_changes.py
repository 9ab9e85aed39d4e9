"""What a change set did, row by row, and what the rows are now: the ground for taking it back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Row,
    case,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlmodel import col
from sqlmodel import select as rows_of

from crmctl.models.base import Columns, Owned, Values
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history.row_effects import RowEffect
from crmctl.services.records import types
from crmctl.storage import bulk_inserts, dialects
from crmctl.storage.lookups import one_of, rows_by
from crmctl.storage.scope import in_company
from crmctl.storage.tables import Query, key_columns, table_of

BY_NAME: dict[str, type[Owned]] = {str(model.__tablename__): model for model in TABLES}
#: The tables whose rows change sets create.
CREATED: tuple[type[Owned], ...] = tuple(model for model in TABLES if hasattr(model, "created_in"))
#: Rows that are part of another row, and the columns that name it.
PARTS: dict[type[Owned], dict[str, type[Owned]]] = {
    part.model: {name: types.of_table(part.relations[name]).model for name in part.part_of}
    for part in types.ALL
    if part.part_of
}
#: Keys in one query; SQLite takes 32,766 values, PostgreSQL 65,535.
_KEYS = 5000
#: Rows of a change set that are in memory at a time.
CHUNK = 2000


class _Entries(NamedTuple):
    """How many entries a change set has of a table, of how many rows, and in how many one went."""

    total: int = 0
    rows: int = 0
    gone: int = 0


class ChangedRows:
    """The rows that `change` wrote, so many at a time as are in memory at once.

    With `lock`, PostgreSQL keeps them as they are for this transaction. Of rows that came, and
    carry their values themselves, only `whole` ones have what was recorded of them.
    """

    def __init__(
        self, session: CrmSession, change: Change, *, lock: bool = False, whole: bool = False
    ) -> None:
        self.change = change
        self._whole = whole
        self._session = session
        self._of_others: dict[type[Owned], bool] = {}
        self._lock = lock and dialects.has_concurrent_writers(session)

    @cached_property
    def _recorded(self) -> Mapping[str, _Entries]:
        """By table, what was recorded."""
        keys = func.count(col(ChangeRow.row_key).distinct())
        went = col(ChangeRow.before).is_not(None) & col(ChangeRow.after).is_(None)
        gone = func.count(case((went, 1)))
        query = select(col(ChangeRow.table_name), func.count(), keys, gone)
        query = query.where(*self._mine()).group_by(col(ChangeRow.table_name))
        return {name: _Entries(*numbers) for name, *numbers in self._session.execute(query)}

    def _mine(self, model: type[Owned] | None = None) -> list[ColumnElement[bool]]:
        mine = [in_company(self._session, ChangeRow), col(ChangeRow.change_id) == self.change.id]
        return [*mine, col(ChangeRow.table_name) == model.__tablename__] if model else mine

    def _created(self, model: type[Owned]) -> list[ColumnElement[bool]]:
        table = table_of(model)
        return [in_company(self._session, table), table.c.created_in == self.change.id]

    @cached_property
    def created_counts(self) -> Mapping[type[Owned], int]:
        """By table, how many rows are there that the change created."""
        counts = [
            select(literal(number), func.count())
            .select_from(table_of(model))
            .where(*self._created(model))
            for number, model in enumerate(CREATED)
        ]
        found = self._session.execute(union_all(*counts))
        return {CREATED[number]: count for number, count in found if count}

    @property
    def total(self) -> int:
        """How many rows this is about."""
        recorded = sum(entries.rows for entries in self._recorded.values())
        return recorded + sum(self.created_counts.values())

    @property
    def only_went(self) -> bool:
        """Whether all that it did is to remove rows, each of them once."""
        once = all(e.total == e.rows == e.gone for e in self._recorded.values())
        return once and bool(self._recorded) and not self.created_counts

    def wrote(self, model: type[Owned]) -> bool:
        """Return whether any row of `model` is among them."""
        return model.__tablename__ in self._recorded or model in self.created_counts

    def lock_created(self) -> None:
        """Have PostgreSQL keep the rows that the change created, without their being read."""
        for model in self.created_counts if self._lock else ():
            columns = table_of(model).c
            query = select(columns.company_id).where(*self._created(model))
            query = query.order_by(columns.number) if "number" in columns else query
            locked = query.with_for_update().subquery()
            self._session.execute(select(func.count()).select_from(locked))

    def created(
        self, model: type[Owned], names: Sequence[str] = (), *, edited: bool = False
    ) -> Iterator[list[Values]]:
        """Yield the rows of `model` that the change created, or those `edited` since by another.

        Of their columns, `names`, or all.
        """
        columns = table_of(model).c
        if model not in self.created_counts or (edited and "changed_in" not in columns):
            return
        query = select(*(columns[name] for name in names or columns.keys()))
        query = query.where(*self._created(model))
        if edited:
            query = query.where(columns.changed_in != self.change.id)
        if "merged_into" in columns:
            # What refers to another row of its table goes before it.
            query = query.order_by(columns.merged_into.is_(None))
        if "number" in columns:
            query = query.order_by(columns.number)
        for rows in in_chunks(self._session, query):
            yield [dict(row._mapping) for row in rows]

    def edited(self, model: type[Owned]) -> Iterator[list[RowEffect]]:
        """Yield what the change did to the rows of `model` that it created, and another edited."""
        for rows in self.created(model, key_columns(model), edited=True):
            yield self.of_keys(model, [changes.joined_key(row.values()) for row in rows])

    def recorded(self, model: type[Owned], verb: str | None = None) -> Iterator[list[RowEffect]]:
        """Yield what the change did to the rows of `model` that it did not just create.

        With `verb`, those to which taking it back does this; what is to be restored is not there.
        """
        for effects in self._recorded_chunks(model, verb):
            mine = [e for e in effects if verb in (None, e.verb)]
            yield [e for e in mine if e.before is not None or not self.creates(e)]

    def creates(self, effect: RowEffect) -> bool:
        """Return whether the row that is there now was created by the change."""
        return effect.row is not None and effect.row.get("created_in") == self.change.id

    def _recorded_chunks(self, model: type[Owned], verb: str | None) -> Iterator[list[RowEffect]]:
        written = self._recorded.get(str(model.__tablename__))
        if not written:
            return
        if written.total == written.rows:
            query = select(*_ENTRY).where(*self._mine(model)).order_by(col(ChangeRow.position))
            if verb:
                query = query.where(col(ChangeRow.before).is_(None) == (verb == "remove"))
                query = query.where(col(ChangeRow.after).is_(None) == (verb == "restore"))
            for found in in_chunks(self._session, query):
                keys = [str(entry.row_key) for entry in found]
                yield self._effects(model, keys, found, gone=verb == "restore")
            return
        first = func.min(col(ChangeRow.position))
        key = col(ChangeRow.row_key)
        each = select(key).where(*self._mine(model)).group_by(key).order_by(first)
        for some in in_chunks(self._session, each):
            yield self.of_keys(model, [str(key) for (key,) in some])

    def of_keys(self, model: type[Owned], keys: Sequence[str]) -> list[RowEffect]:
        """Return what the change did to those of the rows of `model` with these keys."""
        if not keys or not self.wrote(model):
            return []
        entries: Sequence[Row[*tuple[object, ...]]] = ()
        if model.__tablename__ in self._recorded:
            # Sorted here: in this order of its own, SQLite would read all that the change wrote.
            query = select(*_ENTRY, col(ChangeRow.position)).where(*self._mine(model))
            found = rows_by(self._session, query, _KEY, keys)
            entries = sorted(found, key=lambda entry: entry.position)
        return self._effects(model, keys, entries)

    def _effects(
        self,
        model: type[Owned],
        keys: Sequence[str],
        entries: Iterable[Row[*tuple[object, ...]]],
        *,
        gone: bool = False,
    ) -> list[RowEffect]:
        rows = {} if gone else self._rows(model, keys)
        found: dict[str, RowEffect] = {}
        after = {"changed_in": self.change.id} if hasattr(model, "changed_in") else {}
        for key in keys:
            row = rows.get(key)
            if row is not None and row.get("created_in") == self.change.id:
                found[key] = RowEffect(model=model, key=key, before=None, after=after, row=row)
        for entry in entries:
            self._add(found, model, entry)
        for effect in found.values():
            if effect.row is None:
                effect.row = rows.get(effect.key)
        return [e for e in found.values() if e.before is not None or e.after is not None]

    def _add(
        self, found: dict[str, RowEffect], model: type[Owned], entry: Row[*tuple[object, ...]]
    ) -> None:
        """Take a later write of the same change set into account."""
        key: str = entry.row_key
        before = None if entry.before is None else changes.decode(model, entry.before)
        after = None if entry.after is None else self._after(model, entry)
        effect = found.get(key)
        if before and after is None and before.get("created_in") == self.change.id:
            # Where there is a row, it has created another one in place of what it removed.
            if effect is None or effect.row is None:
                found[key] = self._without_own(model, key, effect)
        elif effect is None:
            effect = RowEffect(model=model, key=key, before=before, after=after)
            effect.stored = entry.before if after is None else None
            found[key] = effect
        else:
            effect.go_on(before, after)

    def _without_own(self, model: type[Owned], key: str, effect: RowEffect | None) -> RowEffect:
        """Return the effect of a change set that removed a row which it had created itself.

        Only a row that it replaced by that, as its `effect` so far says, is left to tell of.
        """
        mine = self.change.id
        replaced = effect.before if effect and effect.before else {}
        before = replaced if replaced.get("created_in", mine) != mine else None
        return RowEffect(model=model, key=key, before=before, after=None)

    def _after(self, model: type[Owned], entry: Row[*tuple[object, ...]]) -> Values:
        """Return the fields after a write; of a row that came, which holds them, by whom it was."""
        after: Columns = entry.after
        if entry.before is None and not self._whole:
            after = {"changed_in": after.get("changed_in")}
        return changes.decode(model, after)

    def _rows(self, model: type[Owned], keys: Sequence[str]) -> dict[str, Values]:
        """Return the rows of `model` as they are now, by key."""
        table, names = table_of(model), key_columns(model)
        query = select(table).where(in_company(self._session, table))
        query = query.with_for_update() if self._lock else query
        asked: dict[str, object] = {}
        if names:
            columns = [table.c[name] for name in names]
            chosen, asked = one_of(self._session, columns, changes.parse_keys(model, keys))
            query = query.where(chosen)
        rows = [dict(row._mapping) for row in self._session.execute(query, asked)]
        return {changes.joined_key(row[name] for name in names): row for row in rows}

    def among(self, model: type[Owned], keys: Sequence[str]) -> set[str]:
        """Return those of the `keys` of rows of `model` of which the change wrote the row."""
        found: set[str] = set()
        if model.__tablename__ in self._recorded:
            query = select(_KEY).where(*self._mine(model))
            found.update(each for (each,) in rows_by(self._session, query, _KEY, keys))
        if model in self.created_counts:
            columns = [table_of(model).c[name] for name in key_columns(model)]
            chosen, asked = one_of(self._session, columns, changes.parse_keys(model, keys))
            query = select(*columns).where(*self._created(model), chosen)
            found.update(map(changes.joined_key, self._session.execute(query, asked)))
        return found

    def wrote_once(self, model: type[Owned], keys: Sequence[str], *, came: bool) -> set[str]:
        """Return those of the `keys` of rows of `model` that only came, or only went, in it.

        That is quickly found where it wrote each row of `model` once, and else for none of them.
        """
        written = self._recorded.get(str(model.__tablename__))
        if not written or written.total != written.rows or not keys:
            return set()
        ends = (col(ChangeRow.before).is_(None), col(ChangeRow.after).is_(None))
        query = select(_KEY).where(*self._mine(model), ends[0] if came else ends[1])
        return {key for (key,) in rows_by(self._session, query, _KEY, keys)}

    def parts_of_others(self, model: type[Owned]) -> bool:
        """Return whether it created parts, rows of `model`, of rows that it did not create."""
        if model not in self._of_others:
            part = table_of(model)
            conditions = []
            for name, whole in PARTS[model].items():
                table = table_of(whole)
                created = select(table.c.id).where(*self._created(whole))
                named = part.c[name].is_not(None)
                conditions.append(named & part.c[name].not_in(created))
            query = select(part.c.company_id).where(*self._created(model), or_(*conditions))
            self._of_others[model] = bool(self._session.execute(query.limit(1)).first())
        return self._of_others[model]

    def went_from_others(self, model: type[Owned]) -> bool:
        """Return whether parts, rows of `model`, went of rows that stayed."""
        before, conditions = col(ChangeRow.before), []
        for name, whole in PARTS[model].items():
            of = dialects.text_of_key(self._session, before, name)
            went = select(_KEY).where(*self._mine(whole))
            conditions.append(of.is_not(None) & of.not_in(went))
        query = select(_KEY).where(*self._mine(model), or_(*conditions))
        return bool(self._session.execute(query.limit(1)).first())


_KEY = table_of(ChangeRow).c.row_key
_ENTRY = (col(ChangeRow.row_key), col(ChangeRow.before), col(ChangeRow.after))


def in_chunks(session: CrmSession, query: Query) -> Iterator[Sequence[Row[*tuple[object, ...]]]]:
    """Yield what `query` finds, so many rows at a time as are in memory at once.

    Rows may be written between two chunks.
    """
    found = session.execute(query, execution_options={"yield_per": CHUNK})
    connection = session.connection()
    try:
        while True:
            # They are inserted by a thread of its own, beside which nothing may be fetched.
            bulk_inserts.finish(connection)
            rows = found.fetchmany(CHUNK)
            if not rows:
                return
            yield rows
    finally:
        bulk_inserts.finish(connection)
        found.close()


def read(session: CrmSession, change: Change) -> Iterator[RowEffect]:
    """Yield what `change` did to every row that it wrote."""
    rows = ChangedRows(session, change, whole=True)
    for model in TABLES:
        for created in rows.created(model, key_columns(model)):
            yield from rows.of_keys(model, [changes.joined_key(row.values()) for row in created])
        for effects in rows.recorded(model):
            yield from (effect for effect in effects if not rows.creates(effect))


def entries(session: CrmSession, *conditions: ColumnElement[bool]) -> Iterator[ChangeRow]:
    """Yield the rows of change sets that `conditions` choose, in the order of writing."""
    query = rows_of(ChangeRow).where(in_company(session, ChangeRow), *conditions)
    order = (col(ChangeRow.change_id), col(ChangeRow.position))
    yield from session.exec(query.order_by(*order).execution_options(yield_per=_KEYS))


def choices(
    columns: Sequence[ColumnElement[object]], keys: Iterable[tuple[object, ...]]
) -> Iterator[ColumnElement[bool]]:
    """Yield conditions that choose, in batches, the rows that have one of `keys` in `columns`."""
    wanted = list(dict.fromkeys(keys))
    size = _KEYS // max(1, len(columns))
    for start in range(0, len(wanted), size):
        batch = wanted[start : start + size]
        if not columns:
            yield true()
        elif len(columns) == 1:
            yield columns[0].in_([key[0] for key in batch])
        else:
            yield tuple_(*columns).in_(batch)
