"""What happened to a deal: the stages that it entered, and every change of a field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from crmctl.kinds import Status
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise, User
from crmctl.services import changes

#: Fields that follow from others, which history shows.
_DERIVED = changes.BOOKKEEPING | {"entries", "stage_entered_at", "status"}
_RELATIONS: dict[str, Any] = {"customer_id": Customer, "owner_id": User, "franchise_id": Franchise}
_LABELS = {"customer_id": "customer", "owner_id": "owner", "franchise_id": "franchise"} | {
    "deleted_at": "removed_at"
}


@dataclass(frozen=True)
class Entered:
    """A stage that a deal entered, by whom and in which change set, and when it left it.

    `stayed` ends now where the deal is still in it; None where it is closed, and ages no more.
    """

    entry: StageEntry
    left_at: datetime | None
    stayed: timedelta | None
    actor: str
    change: str


@dataclass(frozen=True)
class FieldChange:
    """One field before and after a change set."""

    at: datetime
    actor: str
    field: str
    before: Any
    after: Any
    ref: str
    reason: str | None


def stages(session: CrmSession, deal: Deal, *, now: datetime) -> list[Entered]:
    """Return every stage that `deal` entered, the first one first."""
    query = (
        select(StageEntry, Change.actor, Change.ref)
        .join(
            Change,
            (col(Change.company_id) == col(StageEntry.company_id))
            & (col(Change.id) == col(StageEntry.created_in)),
        )
        .where(col(StageEntry.company_id) == session.company_id, col(StageEntry.deal_id) == deal.id)
        .order_by(col(StageEntry.position))
    )
    found = session.exec(query).all()
    ends: list[datetime | None] = [entry.entered_at for entry, _, _ in found[1:]]
    return [
        Entered(entry, left, _stayed(entry, left, now), actor, change)
        for (entry, actor, change), left in zip(found, [*ends, None], strict=True)
    ]


def _stayed(entry: StageEntry, left: datetime | None, now: datetime) -> timedelta | None:
    if left is None and entry.status != Status.OPEN:
        return None
    return max((left or now) - entry.entered_at, timedelta(0))


def field_changes(session: CrmSession, deal: Deal) -> list[FieldChange]:
    """Return every change of a field of `deal` since it was added, the first one first."""
    query = (
        select(ChangeRow, Change)
        .join(
            Change,
            (col(Change.company_id) == col(ChangeRow.company_id))
            & (col(Change.id) == col(ChangeRow.change_id)),
        )
        .where(
            col(ChangeRow.company_id) == session.company_id,
            col(ChangeRow.table_name) == Deal.__tablename__,
            col(ChangeRow.row_key) == changes.row_key(deal),
        )
        .order_by(col(Change.at), col(Change.id), col(ChangeRow.position))
    )
    found = session.exec(query).all()
    names = _names(session, [row for row, _ in found])
    return [
        FieldChange(change.at, change.actor, field, before, after, change.ref, change.reason)
        for row, change in found
        for field, before, after in _differences(row, names)
    ]


def _differences(row: ChangeRow, names: Mapping[UUID, str]) -> Iterator[tuple[str, Any, Any]]:
    """Yield each field that `row` changed, with its values; a row that came or went is one."""
    if row.before is None or row.after is None:
        yield "deal", row.before and "there", row.after and "there"
        return
    before, after = changes.decode(Deal, row.before), changes.decode(Deal, row.after)
    for name in sorted((before.keys() | after.keys()) - _DERIVED):
        old, new = before.get(name), after.get(name)
        if name == "custom":
            yield from _custom(old or {}, new or {})
        elif old != new:
            yield _LABELS.get(name, name), _named(names, old), _named(names, new)


def _named(names: Mapping[UUID, str], value: Any) -> Any:
    return names.get(value, value) if isinstance(value, UUID) else value


def _custom(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            yield f"custom.{key}", old.get(key), new.get(key)


def _names(session: CrmSession, rows: Sequence[ChangeRow]) -> dict[UUID, str]:
    """Return the names of all customers, users and franchises that `rows` refer to."""
    found: dict[UUID, str] = {}
    for column, model in _RELATIONS.items():
        ids = {
            UUID(held[column])
            for row in rows
            for held in (row.before, row.after)
            if held and held.get(column)
        }
        if ids:
            mine = select(model).where(col(model.company_id) == session.company_id)
            found |= {r.id: r.name for r in session.exec(mine.where(col(model.id).in_(ids)))}
    return found
