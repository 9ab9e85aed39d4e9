"""What a change set did, row by row, and what the rows are now: the ground for taking it back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import true, tuple_
from sqlmodel import col, select

from crmctl.models.activities import Activity
from crmctl.models.base import Columns, Owned
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.custom_fields import CustomField
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.external_ids import ExternalId
from crmctl.models.imports import SavedMapping
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Company, Franchise, User
from crmctl.services import changes
from crmctl.services.records.references import PREFIX
from crmctl.storage.scope import in_company
from crmctl.storage.tables import key_columns

BY_NAME: dict[str, type[Owned]] = {str(model.__tablename__): model for model in TABLES}
#: The tables whose rows change sets create.
CREATED: tuple[type[Owned], ...] = tuple(model for model in TABLES if hasattr(model, "created_in"))
#: Rows that are part of another row, and the columns that name it.
PARTS: dict[type[Owned], dict[str, type[Owned]]] = {
    StageEntry: {"deal_id": Deal},
    ExternalId: {
        "deal_id": Deal,
        "customer_id": Customer,
        "user_id": User,
        "activity_id": Activity,
    },
}
#: What a numbered row is called by.
_CALLED = ("title", "name", "subject")
#: Keys in one query; SQLite takes 32,766 values, PostgreSQL 65,535.
_KEYS = 5000


@dataclass
class Effect:
    """What a change set did to one row, all its writes taken together.

    `before` is None where the row was not there, `after` where it was gone; they hold the whole
    row if it came or went, else the fields that changed. A created row's `after` only says which
    change set it carried. `row` is what is there now. `values` are what taking it back sets, and
    `kept` says why it is not taken back.
    """

    model: type[Owned]
    key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    row: Owned | None = None
    values: dict[str, Any] = field(default_factory=dict)
    kept_because: str | None = None
    late: bool = False

    @property
    def verb(self) -> str:
        """What taking it back does: `remove`, `restore` or `change` the row."""
        if self.before is None:
            return "remove"
        return "restore" if self.after is None else "change"

    def get(self, name: str) -> Any:
        """Return what is known of one column, as it is or was."""
        if self.row is not None:
            return getattr(self.row, name, None)
        return (self.before or {}).get(name, (self.after or {}).get(name))

    @property
    def known(self) -> dict[str, Any]:
        """All that is known of the row, as it is or was."""
        now = changes.values_of(self.row) if self.row else {}
        return {**(self.after or {}), **(self.before or {}), **now}


@dataclass
class UndoPlan:
    """How to take `change` back: every row that it wrote, and what becomes of it."""

    change: Change
    effects: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._index = {(effect.model, effect.key): effect for effect in self.effects}

    @property
    def undone_already(self) -> bool:
        """Whether there is nothing to do, because the change set was taken back before."""
        return self.change.undone_in is not None

    @property
    def all_kept(self) -> bool:
        """Whether every row that it is about stays as it is, so that there is nothing to write."""
        return bool(self.effects) and all(self.stays(effect) for effect in self.effects)

    def of(self, model: type[Owned]) -> list[Effect]:
        """Return what is to be done with rows of `model`: those that do not stay."""
        return [e for e in self.effects if e.model is model and not self.stays(e)]

    def shown(self) -> list[Effect]:
        """Return the rows that people know, and parts that stay; what is kept comes last."""
        rows = [e for e in self.effects if e.kept_because or not self._whole(e)]
        return sorted(rows, key=lambda effect: effect.kept_because is not None)

    def kept(self) -> list[Effect]:
        """Return the rows that are not taken back, each with the reason."""
        return [effect for effect in self.effects if effect.kept_because]

    def stays(self, effect: Effect) -> bool:
        """Return whether `effect` stands: it is kept, or the row that it is a part of is."""
        whole = self._whole(effect)
        return effect.kept_because is not None or (
            whole is not None and whole.kept_because is not None
        )

    def _whole(self, effect: Effect) -> Effect | None:
        for name, model in PARTS.get(effect.model, {}).items():
            # One that moved is a part of the row that it goes back to.
            whole = self.find(model, str(effect.values.get(name) or effect.get(name)))
            if whole:
                return whole
        return None

    def keep_whole(self, effect: Effect) -> None:
        """Keep the row of which `effect`, which is kept, is a part that it cannot be without."""
        if (whole := self._whole(effect)) and effect.model is StageEntry:
            whole.kept_because = whole.kept_because or effect.kept_because

    def find(self, model: type[Owned], key: str) -> Effect | None:
        """Return what the change set did to the row of `model` that has `key`."""
        return self._index.get((model, key))


def read(session: CrmSession, change: Change, *, lock: bool = False) -> list[Effect]:
    """Return what `change` did to every row that it wrote; with `lock`, PostgreSQL keeps them."""
    found: dict[tuple[type[Owned], str], Effect] = {}
    for model in CREATED:
        for row in _created(session, model, change.id, lock=lock):
            after = {"changed_in": change.id} if hasattr(model, "changed_in") else {}
            effect = Effect(model, changes.row_key(row), None, after, row)
            found[model, effect.key] = effect
    for entry in entries(session, col(ChangeRow.change_id) == change.id):
        model = BY_NAME[entry.table_name]
        _add(found, change.id, model, entry)
    _load(session, [effect for effect in found.values() if effect.row is None], lock=lock)
    return [e for e in found.values() if e.before is not None or e.after is not None]


def _created(session: CrmSession, model: type[Any], change: UUID, *, lock: bool) -> Sequence[Owned]:
    query = select(model).where(in_company(session, model), model.created_in == change)
    if "number" in model.model_fields:
        query = query.order_by(model.number)
    return session.exec(query.with_for_update() if lock else query).all()


def entries(session: CrmSession, *conditions: Any) -> Iterator[ChangeRow]:
    """Yield the rows of change sets that `conditions` choose, in the order of writing."""
    query = select(ChangeRow).where(in_company(session, ChangeRow), *conditions)
    order = (col(ChangeRow.change_id), col(ChangeRow.position))
    yield from session.exec(query.order_by(*order).execution_options(yield_per=_KEYS))


def _add(
    found: dict[tuple[type[Owned], str], Effect],
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
        found[model, entry.row_key] = Effect(model, entry.row_key, before, None)
        return
    if effect is None:
        found[model, entry.row_key] = Effect(model, entry.row_key, before, after)
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


def _load(session: CrmSession, effects: Sequence[Effect], *, lock: bool) -> None:
    """Read the rows of `effects` as they are now."""
    by_model: dict[type[Owned], list[Effect]] = {}
    for effect in effects:
        by_model.setdefault(effect.model, []).append(effect)
    for model, mine in by_model.items():
        columns = [getattr(model, name) for name in key_columns(model)]
        keys = [tuple(changes.parse_key(model, e.key).values()) for e in mine]
        rows = {
            changes.row_key(row): row
            for chosen in choices(columns, keys)
            for row in _rows(session, model, chosen, lock=lock)
        }
        for effect in mine:
            effect.row = rows.get(effect.key)


def _rows(session: CrmSession, model: type[Any], chosen: Any, *, lock: bool) -> Sequence[Owned]:
    query = select(model).where(in_company(session, model), chosen)
    return session.exec(query.with_for_update() if lock else query).all()


def choices(columns: Sequence[Any], keys: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
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


def name_of(model: type[Owned], values: Columns) -> str:
    """Return what people call the row of `model` that has `values`: `D42 Title`, `user Ann`."""
    if model in PREFIX:
        called = next((values[name] for name in _CALLED if values.get(name)), None)
        return f"{PREFIX[model]}{values.get('number', '?')} {called or ''}".strip()
    if model is Stage:
        return f"stage {values.get('pipeline')}/{values.get('key')}"
    if model is Pipeline:
        return f"pipeline {values.get('key')}"
    if model is CustomField:
        return f"{values.get('entity')} field {values.get('key')}"
    if model is SavedMapping:
        return f"mapping {values.get('name')}"
    if model is ExternalId:
        return f"external id {values.get('source')}:{values.get('external_id')}"
    if model in (Company, Franchise, User):
        return f"{model.__name__.lower()} {values.get('name', '?')}"
    return f"{model.__tablename__} {values.get('position', '')}".strip()
