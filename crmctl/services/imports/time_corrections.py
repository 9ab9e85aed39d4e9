"""Correcting when deals entered their stages, by what a file of deals says of them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from crmctl.domain.importing.cells.values import When
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.kinds import Status
from crmctl.errors import Refused
from crmctl.models.base import Columns, Values
from crmctl.models.deals import StageEntry
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.imports.matching.stored_rows import DealRow
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.imports.recorded_history import made_up_times
from crmctl.services.imports.stage_times import refuse_too_early
from crmctl.services.pipeline import closing, corrections, stage_history
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company

#: What the first entry of a deal says as the deal does.
_STATED = ("pipeline", "stage", "status", "amount", "currency")
_GAVE_WAY = Finding(
    certainty=Certainty.DECIDED,
    text="deals left a stage before an import gave it a time: they entered it no later than that",
    one="deal left a stage before an import gave it a time: it entered that no later than then",
    count=1,
)


class TimeCorrections:
    """Corrects times of deals and the rows of their history.

    One that an import made up gives way to what is said of a later entry.
    """

    def __init__(self, session: CrmSession, zone: ZoneInfo) -> None:
        self._session = session
        self._zone = zone
        self._entries: dict[UUID, list[StageEntry]] = {}
        self._made_up: dict[UUID, list[bool]] = {}
        self._corrected: list[tuple[StageEntry, Columns]] = []
        self._pending: list[tuple[StageEntry, Columns]] = []
        #: Whether the history that was imported of the deal has no room for the times of its row.
        self.against_history = False

    def begin(self) -> None:
        """Forget what was to become of the history of a deal whose row was refused."""
        self._pending = []
        self.against_history = False

    def load(self, deals: Sequence[DealRow]) -> None:
        """Load the stage history of each of `deals`."""
        self._entries = {}
        for batch in batches([deal.id for deal in deals]):
            query = (
                select(StageEntry)
                .where(in_company(self._session, StageEntry), col(StageEntry.deal_id).in_(batch))
                .order_by(col(StageEntry.position))
            )
            for entry in self._session.exec(query):
                self._entries.setdefault(entry.deal_id, []).append(entry)
        self._made_up = made_up_times(self._session, deals, self._entries)

    def make_room(self, row: ParsedRow, deal: DealRow, entered: When | None) -> Values:
        """Return what changes in `deal` before it moves, of which `row` says when it `entered`.

        Its last entries whose times are made up, and later than that, are of then, too: after what
        somebody said of the entry before them, or a history that was imported.
        """
        entries = self._entries.get(deal.id)
        if entries is None or entered is None:
            return {}
        first = self._room(deal, len(entries), entered)
        if first == len(entries):
            return {}
        at, day = entered.at, entered.day
        if first:
            before = entries[first - 1]
            found = stage_history.not_before(at, day, before.entered_at, self._zone)
            if found is None and deal.history_from is None:
                return {}
            at, day = (found, day) if found else (before.entered_at, before.entered_on)
        moved = {"stage_entered_at": at, "stage_entered_on": day}
        return moved | self._given_way(row, deal, range(first, len(entries)), at, day)

    def _room(self, deal: DealRow, index: int, when: When) -> int:
        """Return which is the first entry of `deal` up to that with this `index` to give way.

        One that gave way before has the time of the next, and goes with it.
        """
        entries, made_up = self._entries[deal.id], self._made_up[deal.id]
        first = index
        while first and made_up[first - 1]:
            before, after = entries[first - 1], entries[first : first + 1]
            late = stage_history.not_before(when.at, when.day, before.entered_at, self._zone)
            together = after and after[0].entered_at == before.entered_at
            if late is not None and not together:
                break
            first -= 1
        return first

    def _given_way(
        self, row: ParsedRow, deal: DealRow, indexes: range, at: datetime, day: date | None
    ) -> Values:
        """Have the entries of `deal` with these `indexes` be of the time `at`, or of a `day`.

        Returns what changes in the deal because of that.
        """
        if not indexes:
            return {}
        row.findings = (*row.findings, _GAVE_WAY)
        entries = self._entries[deal.id]
        entered: Values = {"entered_at": at, "entered_on": day}
        self._pending += [(entries[index], entered) for index in indexes]
        values: Values = {}
        if 0 in indexes and "created_at" not in row.values:
            values["created_at"] = min(deal.created_at, at)
        closed = deal.status != Status.OPEN
        if closed and closing.closing_index([each.status for each in entries]) in indexes:
            values |= {"closed_at": at, "closed_on": day}
        return values

    def values(self, row: ParsedRow, deal: DealRow, corrected: Mapping[str, When]) -> Values:
        """Return the `corrected` times of `deal`, which was loaded.

        Its history follows once they are kept. A time that is out of its order refuses `row`,
        unless that history was imported, which goes before what a file of deals says.
        """
        new: Values = {}
        if not corrected:
            return new
        entries = self._entries[deal.id]
        last = len(entries) - 1
        statuses = [each.status for each in entries]
        closed_by = last if deal.status == Status.OPEN else closing.closing_index(statuses)
        for name, when in corrected.items():
            index = closed_by if name == "closed_at" else last
            first = self._room(deal, index, when)
            kept = [*entries[:first], *entries[index:]]
            try:
                at = corrections.fitting(kept, first, when.at, when.day, self._zone)
            except Refused as error:
                if deal.history_from is None:
                    refuse_too_early(row, str(error))
                self.against_history = deal.history_from is not None
                continue
            new |= self._given_way(row, deal, range(first, index), at, when.day)
            if index == last:
                new |= {"stage_entered_at": at, "stage_entered_on": when.day}
            if index == closed_by and deal.status != Status.OPEN:
                new |= {"closed_at": at, "closed_on": when.day}
                new["assumed"] = closing.with_file(deal.assumed)
            self._pending.append((entries[index], {"entered_at": at, "entered_on": when.day}))
        return new

    def restate(self, deal: Columns, reason: str | None) -> None:
        """Have the history of `deal`, which was loaded, begin with the stage that it is in.

        Nobody had said the one with which it began; it follows as the times do.
        """
        entered = {"entered_at": deal["stage_entered_at"], "entered_on": deal["stage_entered_on"]}
        same = {name: deal[name] for name in _STATED}
        entry = self._entries[deal["id"]][0]
        self._pending = [(entry, {**same, **entered, "reason": reason})]

    def keep(self) -> None:
        """Have the history of a deal follow the times that were corrected last."""
        self._corrected += self._pending
        self._pending = []

    def write(self) -> None:
        """Write what became of the rows of history."""
        corrected, self._corrected = self._corrected, []
        changes.edit_each(self._session, corrected)
