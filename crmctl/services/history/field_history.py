"""What happened to a deal: the stages that it entered, and every change of a field."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from crmctl.domain.kinds import Status
from crmctl.models.changes import Change
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.session import CrmSession
from crmctl.models.tenants import User
from crmctl.services.history import log
from crmctl.storage.scope import in_company, same_company

_WHOLE: dict[str, dict[str, log.Difference]] = {
    "removed": {"deal": ("there", None)},
    "restored": {"deal": (None, "there")},
}


@dataclass(frozen=True)
class StageStay:
    """A stage that a deal entered, by whom and in which change set, and when it left it.

    `actor` is None where an import did not say who it was.

    `stayed` ends now where the deal is still in it; None where it is closed, and ages no more.
    """

    entry: StageEntry
    left_at: datetime | None
    stayed: timedelta | None
    actor: str | None
    change: str


@dataclass(frozen=True)
class FieldChange:
    """One field before and after a change set."""

    change: Change
    field: str
    before: object
    after: object


def stages(session: CrmSession, deal: Deal, *, now: datetime) -> list[StageStay]:
    """Return every stage that `deal` entered, the first one first."""
    query = (
        select(StageEntry, Change, User.name)
        .join(
            Change,
            (same_company(Change, StageEntry)) & (col(Change.id) == col(StageEntry.created_in)),
        )
        .outerjoin(
            User,
            (same_company(User, StageEntry)) & (col(User.id) == col(StageEntry.actor_id)),
        )
        .where(in_company(session, StageEntry), col(StageEntry.deal_id) == deal.id)
        .order_by(col(StageEntry.position))
    )
    found = session.exec(query).all()
    ends: list[datetime | None] = [entry.entered_at for entry, _, _ in found[1:]]
    return [
        StageStay(entry, left, _stayed(entry, left, now), _actor(entry, change, name), change.ref)
        for (entry, change, name), left in zip(found, [*ends, None], strict=True)
    ]


def _actor(entry: StageEntry, change: Change, name: str | None) -> str | None:
    """Return who had the deal enter: of imported history that is whom the file names, if anyone."""
    return change.actor if entry.actor_id == change.actor_id else name


def _stayed(entry: StageEntry, left: datetime | None, now: datetime) -> timedelta | None:
    if left is None and entry.status != Status.OPEN:
        return None
    return max((left or now) - entry.entered_at, timedelta(0))


def field_changes(session: CrmSession, deal: Deal) -> list[FieldChange]:
    """Return every change of a field of `deal` since it was added, the first one first.

    That it went, or came back, is one, too.
    """
    lines = log.of_record(session, deal).rows
    return [
        FieldChange(line.change, field, before, after)
        for line in reversed(lines)
        for field, (before, after) in (_WHOLE.get(line.action) or line.fields).items()
    ]
