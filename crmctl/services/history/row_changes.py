"""What a change set did, row by row, and what the rows are now: the ground for taking it back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, true, tuple_
from sqlmodel import col, select

from crmctl.models.base import Owned, Values
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.deals import StageEntry
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.records import types
from crmctl.storage.scope import in_company
from crmctl.storage.tables import key_columns, table_of

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


@dataclass(kw_only=True)
class RowEffect:
    """What a change set did to one row, all its writes taken together.

    `before` is None where the row was not there, `after` where it was gone; they hold the whole
    row if it came or went, else the fields that changed. A created row's `after` only says which
    change set it carried. `row` is what is there now. `values` are what taking it back sets, and
    `kept_because` says why it is not taken back.
    """

    model: type[Owned]
    key: str
    before: Values | None
    after: Values | None
    row: Owned | None = None
    values: Values = field(default_factory=dict)
    kept_because: str | None = None
    late: bool = False

    @property
    def place(self) -> tuple[type[Owned], str]:
        """The table and the key of the row."""
        return self.model, self.key

    @property
    def verb(self) -> str:
        """What taking it back does: `remove`, `restore` or `change` the row."""
        if self.before is None:
            return "remove"
        return "restore" if self.after is None else "change"

    def get(self, name: str) -> object:
        """Return what is known of one column, as it is or was."""
        if self.row is not None:
            return getattr(self.row, name, None)
        return (self.before or {}).get(name, (self.after or {}).get(name))

    @property
    def name(self) -> str:
        """What people call the row."""
        return types.of(self.model).name_of(self.known)

    @property
    def known(self) -> Values:
        """All that is known of the row, as it is or was."""
        now = changes.values_of(self.row) if self.row else {}
        return {**(self.after or {}), **(self.before or {}), **now}


@dataclass
class UndoPlan:
    """How to take `change` back: every row that it wrote, and what becomes of it."""

    change: Change
    effects: list[RowEffect] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._index = {effect.place: effect for effect in self.effects}

    def add(self, effect: RowEffect) -> None:
        """Add a row that has to follow, in place of what was planned for it."""
        self.effects = [each for each in self.effects if each is not self.find(*effect.place)]
        self.effects.append(effect)
        self._index[effect.place] = effect

    @property
    def undone_already(self) -> bool:
        """Whether there is nothing to do, because the change set was taken back before."""
        return self.change.undone_in is not None

    @property
    def all_kept(self) -> bool:
        """Whether every row that it is about stays as it is, so that there is nothing to write."""
        return bool(self.effects) and all(self.stays(effect) for effect in self.effects)

    def of(self, model: type[Owned]) -> list[RowEffect]:
        """Return what is to be done with rows of `model`: those that do not stay."""
        return [e for e in self.effects if e.model is model and not self.stays(e)]

    def shown(self) -> list[RowEffect]:
        """Return the rows that people know, and parts that stay; what is kept comes last."""
        rows = [e for e in self.effects if e.kept_because or not self._whole(e)]
        return sorted(rows, key=lambda effect: effect.kept_because is not None)

    def kept(self) -> list[RowEffect]:
        """Return the rows that are not taken back, each with the reason."""
        return [effect for effect in self.effects if effect.kept_because]

    def stays(self, effect: RowEffect) -> bool:
        """Return whether `effect` stands: it is kept, or the row that it is a part of is."""
        whole = self._whole(effect)
        return effect.kept_because is not None or (
            whole is not None and whole.kept_because is not None
        )

    def _whole(self, effect: RowEffect) -> RowEffect | None:
        for name, model in PARTS.get(effect.model, {}).items():
            # One that moved is a part of the row that it goes back to.
            whole = self.find(model, str(effect.values.get(name) or effect.get(name)))
            if whole:
                return whole
        return None

    def keep_whole(self, effect: RowEffect) -> None:
        """Keep the row of which `effect`, which is kept, is a part that it cannot be without."""
        if (whole := self._whole(effect)) and effect.model is StageEntry:
            whole.kept_because = whole.kept_because or effect.kept_because

    def find(self, model: type[Owned], key: str) -> RowEffect | None:
        """Return what the change set did to the row of `model` that has `key`."""
        return self._index.get((model, key))


def read(session: CrmSession, change: Change, *, lock: bool = False) -> list[RowEffect]:
    """Return what `change` did to every row that it wrote; with `lock`, PostgreSQL keeps them."""
    found: dict[tuple[type[Owned], str], RowEffect] = {}
    for model in CREATED:
        for row in _created(session, model, change.id, lock=lock):
            after = {"changed_in": change.id} if hasattr(model, "changed_in") else {}
            key = changes.row_key(row)
            effect = RowEffect(model=model, key=key, before=None, after=after, row=row)
            found[model, effect.key] = effect
    for entry in entries(session, col(ChangeRow.change_id) == change.id):
        model = BY_NAME[entry.table_name]
        _add(found, change.id, model, entry)
    _load(session, [effect for effect in found.values() if effect.row is None], lock=lock)
    return [e for e in found.values() if e.before is not None or e.after is not None]


def _created(
    session: CrmSession, model: type[Owned], change: UUID, *, lock: bool
) -> Sequence[Owned]:
    columns = table_of(model).c
    query = select(model).where(in_company(session, model), columns.created_in == change)
    if "number" in columns:
        query = query.order_by(columns.number)
    return session.exec(query.with_for_update() if lock else query).all()


def entries(session: CrmSession, *conditions: ColumnElement[bool]) -> Iterator[ChangeRow]:
    """Yield the rows of change sets that `conditions` choose, in the order of writing."""
    query = select(ChangeRow).where(in_company(session, ChangeRow), *conditions)
    order = (col(ChangeRow.change_id), col(ChangeRow.position))
    yield from session.exec(query.order_by(*order).execution_options(yield_per=_KEYS))


def _add(
    found: dict[tuple[type[Owned], str], RowEffect],
    change: UUID,
    model: type[Owned],
    entry: ChangeRow,
) -> None:
    """Take a later write of the same change set into account."""
    before = None if entry.before is None else changes.decode(model, entry.before)
    after = None if entry.after is None else changes.decode(model, entry.after)
    effect = found.get((model, entry.row_key))
    if before and after is None and before.get("created_in") == change:
        if effect and effect.row is not None:
            # It has created another one in its place.
            return
        # It removed what it had created itself. Only a row that it replaced is left to tell of.
        replaced = effect.before if effect and effect.before else {}
        before = replaced if replaced.get("created_in", change) != change else None
        found[model, entry.row_key] = RowEffect(
            model=model, key=entry.row_key, before=before, after=None
        )
        return
    if effect is None:
        found[model, entry.row_key] = RowEffect(
            model=model, key=entry.row_key, before=before, after=after
        )
        return
    if effect.row is not None and effect.before is None:
        # The row of today was created by this change set. A row that was there before it and
        # had the same key can only have been removed by it.
        if before is not None and after is None:
            effect.before = before
        return
    if effect.before is not None and effect.after is not None:
        effect.before = {**(before or {}), **effect.before}
    effect.after = None if after is None else {**(effect.after or {}), **after}


def _load(session: CrmSession, effects: Sequence[RowEffect], *, lock: bool) -> None:
    """Read the rows of `effects` as they are now."""
    by_model: dict[type[Owned], list[RowEffect]] = {}
    for effect in effects:
        by_model.setdefault(effect.model, []).append(effect)
    for model, mine in by_model.items():
        columns = [table_of(model).c[name] for name in key_columns(model)]
        keys = [tuple(changes.parse_key(model, e.key).values()) for e in mine]
        rows = {
            changes.row_key(row): row
            for chosen in choices(columns, keys)
            for row in _rows(session, model, chosen, lock=lock)
        }
        for effect in mine:
            effect.row = rows.get(effect.key)


def _rows(
    session: CrmSession, model: type[Owned], chosen: ColumnElement[bool], *, lock: bool
) -> Sequence[Owned]:
    query = select(model).where(in_company(session, model), chosen)
    return session.exec(query.with_for_update() if lock else query).all()


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
