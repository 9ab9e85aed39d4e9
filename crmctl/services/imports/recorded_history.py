"""The history that is recorded of deals, and what of it nobody said: what an import made up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_
from sqlmodel import col, select

from crmctl.domain.kinds import ImportKind, Origin, Status
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.imports import ImportRun
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.imports.matching.stored_rows import DealRow
from crmctl.services.pipeline import closing
from crmctl.storage.lookups import batches, by_number
from crmctl.storage.scope import in_company, same_company
from crmctl.storage.tables import table_of


@dataclass(frozen=True, kw_only=True)
class RecordedHistory:
    """A deal with the entries of its history, in order, which is recorded `since` then.

    Of the first `timed` entries somebody said when they were, but for the last one where a file of
    deals alone did. With `unsaid_actor`, nobody said who moved the deal first, and who imported it
    stands there. One that is `undated` was not moved since an import, of which the file did not say
    when it entered its stage.
    """

    deal: Deal
    entries: Sequence[StageEntry]
    since: datetime
    timed: int
    unsaid_actor: bool
    undated: bool

    @property
    def closed_unsure(self) -> bool:
        """Whether the deal is closed, and no history says when."""
        return self.deal.status != Status.OPEN and closing.is_unsure(self.deal.assumed)


class _Writing(NamedTuple):
    """When a change set was written, which way, by whom, and when an import of deals did so."""

    at: datetime
    origin: str
    began_at: datetime | None
    actor_id: UUID | None

    def wrote_own_time(self, at: datetime) -> bool:
        """Return whether an import of deals took `at`, a time within its run, as its own."""
        began = self.began_at
        # A change set is dated when it is committed, and what an import writes when it begins.
        return self.origin == Origin.IMPORT and began is not None and began <= at <= self.at


def recorded_histories(
    session: CrmSession, ids: Sequence[UUID], *, lock: bool
) -> list[RecordedHistory]:
    """Return what is recorded of the deals with these `ids`, in their order.

    With `lock`, others wait who would change one of the deals.
    """
    query = select(Deal).where(in_company(session, Deal), col(Deal.id).in_(ids))
    query = query.order_by(by_number(Deal))
    found = session.exec(query.with_for_update() if lock else query).all()
    deals = {deal.id: deal for deal in found}
    entries = _entries(session, ids)
    writers = {deal.created_in for deal in found}
    writers |= {entry.created_in for each in entries.values() for entry in each}
    written = _writings(session, writers)
    return [
        RecordedHistory(
            deal=deals[deal_id],
            entries=entries[deal_id],
            since=written[deals[deal_id].created_in].at,
            timed=_timed(deals[deal_id], entries[deal_id], written),
            unsaid_actor=_unsaid_actor(deals[deal_id], entries[deal_id][0], written),
            undated=_undated(deals[deal_id], entries[deal_id], written),
        )
        for deal_id in ids
    ]


def was_corrected(session: CrmSession, entry: StageEntry) -> bool:
    """Return whether a command has corrected when a deal entered the stage of `entry`."""
    query = (
        select(ChangeRow.after)
        .join(Change, same_company(Change, ChangeRow) & (col(ChangeRow.change_id) == Change.id))
        .where(
            in_company(session, ChangeRow),
            ChangeRow.table_name == table_of(StageEntry).name,
            ChangeRow.row_key == changes.row_key(entry),
            col(Change.origin) == Origin.CLI,
            col(Change.undone_in).is_(None),
        )
    )
    return any("entered_at" in (after or {}) for after in session.exec(query))


def _entries(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, list[StageEntry]]:
    """Return the history that is recorded of each deal, in order."""
    found: dict[UUID, list[StageEntry]] = {deal_id: [] for deal_id in ids}
    query = select(StageEntry).where(
        in_company(session, StageEntry), col(StageEntry.deal_id).in_(ids)
    )
    for entry in session.exec(query.order_by(col(StageEntry.position))):
        found[entry.deal_id].append(entry)
    return found


def _writings(session: CrmSession, ids: Iterable[UUID]) -> dict[UUID, _Writing]:
    """Return when, which way and by whom the change sets with these `ids` were written."""
    found: dict[UUID, _Writing] = {}
    for batch in batches(sorted(ids)):
        query = (
            select(Change, ImportRun.at)
            .outerjoin(
                ImportRun,
                and_(
                    same_company(Change, ImportRun),
                    col(ImportRun.change_id) == Change.id,
                    col(ImportRun.kind) == ImportKind.DEALS,
                ),
            )
            .where(in_company(session, Change), col(Change.id).in_(batch))
        )
        for change, began_at in session.exec(query):
            found[change.id] = _Writing(change.at, change.origin, began_at, change.actor_id)
    return found


def made_up_times(
    session: CrmSession, deals: Sequence[DealRow], histories: Mapping[UUID, Sequence[StageEntry]]
) -> dict[UUID, list[bool]]:
    """Return of all entries of each of `deals` whether their times are what an import made up."""
    writers = {entry.created_in for each in histories.values() for entry in each}
    written = _writings(session, writers)
    return {each.id: _made_up(each, histories[each.id], written) for each in deals}


def _made_up(
    deal: DealRow, entries: Sequence[StageEntry], written: Mapping[UUID, _Writing]
) -> list[bool]:
    """Return of each of `entries` whether its time is what an import made up.

    That is its own, or that of the next entry, to which it gave way: another import wrote that. A
    closing that is assumed has taken the time of the entry before it, instead.
    """
    found = []
    for index, entry in enumerate(entries):
        writing, later = written[entry.created_in], entries[index + 1 : index + 2]
        own = writing.wrote_own_time(entry.entered_at) and not entry.entered_on
        taken = index + 2 == len(entries) and closing.is_assumed(deal.assumed)
        gave_way = writing.began_at is not None and not taken
        found.append(own or (gave_way and any(_gave_way(entry, after) for after in later)))
    return found


def _gave_way(entry: StageEntry, after: StageEntry) -> bool:
    """Return whether `entry` has the time of the one `after` it, which another change wrote."""
    same = (entry.entered_at, entry.entered_on) == (after.entered_at, after.entered_on)
    return same and entry.created_in != after.created_in


def _timed(deal: Deal, entries: Sequence[StageEntry], written: Mapping[UUID, _Writing]) -> int:
    """Return how many of the first `entries` somebody gave a time: an import takes its own else."""
    made_up = _made_up(deal, entries, written)
    count = len(entries) - closing.is_unsure(deal.assumed)
    while count and made_up[count - 1]:
        count -= 1
    return count


def _undated(deal: Deal, entries: Sequence[StageEntry], written: Mapping[UUID, _Writing]) -> bool:
    """Return whether an import took the time of the only entry to be that of the creation."""
    first = entries[0]
    imported = written[first.created_in].origin == Origin.IMPORT
    return len(entries) == 1 and imported and first.entered_at == deal.created_at


def _unsaid_actor(deal: Deal, first: StageEntry, written: Mapping[UUID, _Writing]) -> bool:
    """Return whether nobody said who moved `deal` first, and who imported it stands there."""
    writing = written[first.created_in]
    imported = writing.origin == Origin.IMPORT and first.created_in == deal.created_in
    return imported and first.actor_id == writing.actor_id
