"""The stages that a deal entered: written, and read back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from crmctl.domain import times
from crmctl.domain.kinds import Status
from crmctl.models.base import Columns, Values
from crmctl.models.changes import Change
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.session import CrmSession
from crmctl.models.tenants import User
from crmctl.services import changes
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company, same_company

#: The last open stage that a deal was in, by the deal and the pipeline.
OpenStages = Mapping[tuple[UUID, str], str]


@dataclass(frozen=True, slots=True)
class StageChange:
    """A deal that enters a stage: the key of the one that it left, and why."""

    deal: Deal
    left: str
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class StageStay:
    """A stage that a deal entered, by whom and in which change set, and when it left it.

    `actor` is None where an import did not say who it was. `left_on` is the day, where no time of
    it is known.
    `stayed` ends now where the deal is still in it; None where it is closed, and ages no more.
    """

    entry: StageEntry
    left_at: datetime | None
    left_on: date | None
    stayed: timedelta | None
    actor: str | None
    change: str


def record(session: CrmSession, entered: Sequence[StageChange]) -> None:
    """Write a row of stage history for each of `entered`, whose deal is as it is after that."""
    rows = [
        entry(session, changes.loaded_values(each.deal), each.left, each.reason) for each in entered
    ]
    changes.insert_values(session, StageEntry, rows)


def entry(session: CrmSession, deal: Columns, left: str | None, reason: str | None) -> Values:
    """Return the row of stage history that says that `deal` entered the stage it is in.

    It `left` none where this is its first.
    """
    return {
        "company_id": deal["company_id"],
        "deal_id": deal["id"],
        "position": deal["entries"],
        "pipeline": deal["pipeline"],
        "from_stage": left,
        "stage": deal["stage"],
        "status": deal["status"],
        "entered_at": deal["stage_entered_at"],
        "entered_on": deal["stage_entered_on"],
        "actor_id": session.change.actor_id,
        "reason": reason,
        "amount": deal["amount"],
        "currency": deal["currency"],
        "created_in": session.change.id,
    }


def last_open_stages(session: CrmSession, ids: Sequence[UUID]) -> OpenStages:
    """Return the last open stage that each of the deals `ids` was in, in each of its pipelines."""
    found: dict[tuple[UUID, str], str] = {}
    for batch in batches(ids):
        query = (
            select(StageEntry.deal_id, StageEntry.pipeline, StageEntry.stage)
            .where(
                in_company(session, StageEntry),
                col(StageEntry.deal_id).in_(batch),
                col(StageEntry.status) == Status.OPEN,
            )
            .order_by(col(StageEntry.position))
        )
        found.update({(deal, pipeline): stage for deal, pipeline, stage in session.exec(query)})
    return found


def follow_lost_reasons(session: CrmSession, reasons: Mapping[UUID, tuple[object, object]]) -> None:
    """Have the history of lost deals, which are locked, say why they were lost as they do now.

    `reasons` are those before and now, by deal. What else the history says of the loss is kept.
    """
    lost: dict[UUID, StageEntry] = {}
    for batch in batches(list(reasons)):
        query = select(StageEntry).where(
            in_company(session, StageEntry),
            col(StageEntry.deal_id).in_(batch),
            col(StageEntry.status) == Status.LOST,
        )
        for row in session.exec(query.order_by(col(StageEntry.position))):
            lost[row.deal_id] = row
    followed = (
        (row, {"reason": reasons[deal][1]})
        for deal, row in lost.items()
        if row.reason in (None, reasons[deal][0])
    )
    changes.edit_each(session, followed)


def entries(session: CrmSession, deal: Deal) -> list[StageEntry]:
    """Return every stage that `deal` entered, the first one first."""
    query = select(StageEntry).where(
        in_company(session, StageEntry), col(StageEntry.deal_id) == deal.id
    )
    return list(session.exec(query.order_by(col(StageEntry.position))).all())


def stays(session: CrmSession, deal: Deal, *, now: datetime) -> list[StageStay]:
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
    nexts: list[StageEntry | None] = [entry for entry, _, _ in found[1:]]
    return [
        StageStay(
            entry=entry,
            left_at=left.entered_at if left else None,
            left_on=left.entered_on if left else None,
            stayed=_stayed(entry, left.entered_at if left else None, now),
            actor=_actor(entry, change, name),
            change=change.ref,
        )
        for (entry, change, name), left in zip(found, [*nexts, None], strict=True)
    ]


def not_before(
    at: datetime, day: date | None, earliest: datetime, zone: ZoneInfo
) -> datetime | None:
    """Return the time `at`, or None if it is before `earliest`.

    Of a whole `day`, `earliest` may be any part.
    """
    if at >= earliest:
        return at
    return earliest if day is not None and earliest.astimezone(zone).date() == day else None


def too_early(stage: str, entered: datetime, zone: ZoneInfo) -> str:
    """Return why a deal cannot leave `stage` before it `entered` it; the deal goes in front."""
    return f"entered {stage} at {times.said(entered, zone)}: it cannot leave it before that"


def _actor(entry: StageEntry, change: Change, name: str | None) -> str | None:
    """Return who had the deal enter: of imported history that is whom the file names, if anyone."""
    return change.actor if entry.actor_id == change.actor_id else name


def _stayed(entry: StageEntry, left: datetime | None, now: datetime) -> timedelta | None:
    if left is None and entry.status != Status.OPEN:
        return None
    return max((left or now) - entry.entered_at, timedelta(0))
