"""When the deals of a file entered their stage and were closed: read, checked, and corrected."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from crmctl.domain.importing.cells.values import When
from crmctl.domain.kinds import Status
from crmctl.domain.times import not_yet
from crmctl.models.base import Columns, Values
from crmctl.models.deals import StageEntry
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.imports.matching.stored_rows import DealRow
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.pipeline import stage_history
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company

#: What says that something has happened; of a closed deal, the last one as well.
_PAST = ("created_at", "stage_entered_at", "closed_at")
_CLOSED_PAST = (*_PAST, "close_date")
#: The fields that say when a stage was entered, the first of a row that has one.
_ENTERED = ("stage_entered_at", "closed_at", "close_date")


class StageTimes(NamedTuple):
    """When a deal entered its stage and when it was closed, as far as a file says."""

    entered: When | None = None
    closed: When | None = None


def times_of(row: ParsedRow, status: Status) -> StageTimes:
    """Return when `row` entered its stage, whose kind is `status`, and when it was closed.

    A closed deal entered its stage when it was closed, or later, never before.
    """
    entered: When | None = row.values.get("stage_entered_at")
    if status == Status.OPEN:
        if "closed_at" in row.values:
            row.refuse("closed_at", "the deal is in an open stage")
        return StageTimes(entered, None)
    closed: When | None = row.values.get("closed_at") or row.values.get("close_date")
    if closed and (entered is None or entered.at < closed.at):
        entered = closed
    return StageTimes(entered, closed)


def refuse_future(row: ParsedRow, now: datetime, status: Status) -> None:
    """Refuse times of `row` that say what has happened and have not come yet."""
    values = row.values
    closed = status != Status.OPEN and "closed_at" not in values
    for name in _CLOSED_PAST if closed else _PAST:
        when = values.get(name)
        if when is not None and (ahead := not_yet(when.at, now)):
            row.refuse(name, f"{ahead}, and says what has happened")


def refuse_too_early(row: ParsedRow, why: str) -> None:
    """Refuse `row` for when it says its deal entered a stage; see stage_history.too_early."""
    row.refuse(next(name for name in _ENTERED if name in row.values), f"the deal {why}")


def first_times(row: ParsedRow, times: StageTimes, status: Status, now: datetime) -> Values:
    """Return when a new deal was created, entered its stage and was closed, by column.

    What the file does not say follows from what it does: nothing is in a stage before it is
    created. A deal is closed when it says, else when it entered its stage, else when it was
    created, else now.
    """
    created: When | None = row.values.get("created_at")
    entered = times.entered or created
    at = entered.at if entered else now
    found: Values = {"stage_entered_at": at, "created_at": created.at if created else at}
    if status != Status.OPEN:
        closed = times.closed or entered
        found["closed_at"] = closed.at if closed else at
    return found


def corrected_times(
    row: ParsedRow, times: StageTimes, deal: DealRow, zone: ZoneInfo
) -> dict[str, When]:
    """Return the times of `deal`, in the stage where it stays, that `row` corrects, by column."""
    entered, closed = times
    found: dict[str, When] = {}
    if closed and not closed.same(deal.closed_at, zone):
        found["closed_at"] = closed
    named = "stage_entered_at" in row.values
    together = deal.closed_at == deal.stage_entered_at
    follows = "closed_at" in found and together
    if entered and (named or follows) and not entered.same(deal.stage_entered_at, zone):
        found["stage_entered_at"] = entered
        if together and closed is None:
            found["closed_at"] = entered
    return found


class TimeCorrections:
    """Corrects times of deals that stay in their stage, and the last row of their history."""

    def __init__(self, session: CrmSession, zone: ZoneInfo) -> None:
        self._session = session
        self._zone = zone
        self._entries: dict[UUID, list[StageEntry]] = {}
        self._corrected: list[tuple[StageEntry, Columns]] = []

    def load(self, deals: Sequence[DealRow]) -> None:
        """Load the last two rows of the stage history of each of `deals`."""
        last = {deal.id: deal.entries for deal in deals}
        self._entries = {}
        for batch in batches(list(last)):
            query = (
                select(StageEntry)
                .where(in_company(self._session, StageEntry), col(StageEntry.deal_id).in_(batch))
                .order_by(col(StageEntry.position))
            )
            for entry in self._session.exec(query):
                if entry.position >= last[entry.deal_id] - 1:
                    self._entries.setdefault(entry.deal_id, []).append(entry)

    def values(self, row: ParsedRow, deal: DealRow, corrected: Mapping[str, When]) -> Values:
        """Return the `corrected` times of `deal`, which was loaded, and have its history follow.

        A time before it entered the stage before refuses `row`.
        """
        new: Values = {name: when.at for name, when in corrected.items()}
        if entered := corrected.get("stage_entered_at"):
            *earlier, last = self._entries[deal.id]
            for entry in earlier:
                at = stage_history.not_before(entered.at, entered.day, entry.entered_at, self._zone)
                new["stage_entered_at"] = at or entered.at
                if at is None:
                    why = stage_history.too_early(entry.stage, entry.entered_at, self._zone)
                    refuse_too_early(row, why)
            if corrected.get("closed_at") is entered:
                new["closed_at"] = new["stage_entered_at"]
            if not row.problems:
                self._corrected.append((last, {"entered_at": new["stage_entered_at"]}))
        return new

    def write(self) -> None:
        """Write what became of the rows of history."""
        corrected, self._corrected = self._corrected, []
        changes.edit_each(self._session, corrected)
