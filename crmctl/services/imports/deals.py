"""Importing deals: new ones, changed ones, and those that moved, by the rules of their pipeline."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from crmctl.domain.importing.cells.values import When, on_day
from crmctl.domain.importing.plan import Update
from crmctl.domain.kinds import Entity, Status
from crmctl.models.base import new_ids
from crmctl.models.deals import Deal, StageEntry
from crmctl.services import changes
from crmctl.services.imports.context import (
    ImportContext,
    Numbers,
    RowEdit,
    external_ids_text,
    field_changes,
    plain_values,
    write_customers,
)
from crmctl.services.imports.lookups.records import Candidate, Customers, choose_candidate
from crmctl.services.imports.matching.matcher import Matcher
from crmctl.services.imports.parsing import ParsedRow
from crmctl.services.imports.stages import (
    StageRef,
    StageResolver,
    Times,
    not_before,
    refuse_future,
    times_of,
)
from crmctl.services.pipeline import deals, rules
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company

#: What follows from a move, and is not shown beside it.
_IMPLIED = ("status", "entries", "stage_entered_at")
#: The times of a row that says none.
_UNTOLD = Times()


@dataclass
class PlannedDeal:
    """A row with what it is about: its deal, or None for a new one, and where that stands.

    One that `stays` leaves its deal's stage and times alone. `corrected` are the times that it
    corrects of a deal that does not move, by column.
    """

    item: ParsedRow
    deal: Deal | None
    customers: Sequence[Candidate]
    place: StageRef | None
    times: Times = _UNTOLD
    stays: bool = False
    corrected: Mapping[str, When] = field(default_factory=dict)
    moves: bool = field(init=False)
    status: Status = field(init=False)

    def __post_init__(self) -> None:
        """Find out whether the row has its deal enter another stage, and what it is after that."""
        place, deal = self.place, self.deal
        self.moves = False
        if place is None:
            self.status = deal.status if deal else Status.OPEN
            return
        self.status = place.stage.kind
        if deal and not self.stays:
            self.moves = (deal.stage, deal.pipeline) != (place.stage.key, place.stage.pipeline)


class DealImport:
    """Plans and writes deals, a batch at a time."""

    def __init__(
        self,
        work: ImportContext,
        matcher: Matcher[Deal],
        customers: Customers,
        places: StageResolver,
        *,
        override: bool,
        lost_reason: str | None,
    ) -> None:
        self._work = work
        self._session = work.session
        self._now = work.session.change.at
        self._matcher = matcher
        self._customers = customers
        self._places = places
        self._override = override
        self._lost_reason = lost_reason
        self._numbers = Numbers(work.session, Entity.DEAL, work.whole)
        self._customer_numbers = Numbers(work.session, Entity.CUSTOMER, work.whole)
        self._created: list[dict[str, Any]] = []
        self._edits: list[RowEdit] = []
        self._moves: list[tuple[Deal, str]] = []
        self._corrected: list[tuple[StageEntry, Mapping[str, Any]]] = []
        self._closed_from: dict[UUID, str] = {}
        self._entries: dict[UUID, list[StageEntry]] = {}
        self._blank = cache(lambda place: deals.blank(work.session, place.stage))
        self._ids: Iterator[UUID] = iter(())

    def take(self, items: Sequence[ParsedRow]) -> None:
        """Plan `items`, and write what came of those before.

        What is written goes out while the next rows are read, after what they ask for was read.
        """
        named = self._named(items)
        self._matcher.load(items)
        self.write()
        drafts = [self._draft(item, parties) for item, parties in named]
        self._load(drafts)
        self._ids = new_ids(len(drafts))
        for draft in drafts:
            self._plan(draft)

    def remember(self, items: Sequence[ParsedRow]) -> None:
        """Take note of `items` that an earlier run has imported."""
        self._named(items)
        self._matcher.remember(items)

    def _named(self, items: Sequence[ParsedRow]) -> list[tuple[ParsedRow, Sequence[Candidate]]]:
        """Return `items` with the customers that each may name, which they know from now on."""
        self._customers.load(items)
        named: list[tuple[ParsedRow, Sequence[Candidate]]]
        named = [(item, self._customers.find(item)) for item in items]
        for item, parties in named:
            if parties:
                item.related["customer"] = frozenset(party.id for party in parties)
        return named

    def _draft(self, item: ParsedRow, parties: Sequence[Candidate]) -> PlannedDeal:
        """Return what `item` is about, with its times checked."""
        deal = None if item.problems else self._matcher.match(item)
        if self._work.skips(deal) and not item.problems:
            return PlannedDeal(item, deal, parties, None)
        place = None if item.problems else self._places.find(item, deal)
        stays = self._work.scope.fill and deal is not None
        draft = PlannedDeal(item, deal, parties, place, stays=stays)
        draft.times = times_of(item, draft.status)
        refuse_future(item, self._now, draft.status)
        return draft

    def _load(self, drafts: Sequence[PlannedDeal]) -> None:
        """Load what the past of the drafts' deals says, for those that need it."""
        sound = [draft for draft in drafts if draft.deal and not draft.item.problems]
        for draft in sound:
            if draft.deal and not draft.moves:
                draft.corrected = self._retimed(draft, draft.deal)
        self._lock([draft for draft in sound if draft.moves or draft.corrected])
        moving = [draft.deal for draft in sound if draft.deal and draft.moves]
        self._closed_from = deals.closed_from(self._session, moving)
        self._entries = self._last_entries(
            [draft.deal for draft in sound if draft.deal and draft.corrected]
        )
        self._customers.name_all(draft.deal.customer_id for draft in sound if draft.deal)

    def _lock(self, drafts: Sequence[PlannedDeal]) -> None:
        """Keep others from the deals of `drafts`, as their past must stay what it is read as."""
        pairs = [(draft, draft.deal) for draft in drafts if draft.deal]
        records = changes.lock_as_read(self._session, Deal, (deal for _, deal in pairs))
        for draft, deal in pairs:
            draft.deal = records[deal.id]

    def _last_entries(self, found: Sequence[Deal]) -> dict[UUID, list[StageEntry]]:
        """Return the last two rows of the stage history of each deal, in order."""
        last = {deal.id: deal.entries for deal in found}
        ids = list(last)
        entries: dict[UUID, list[StageEntry]] = {}
        for batch in batches(ids):
            query = (
                select(StageEntry)
                .where(
                    in_company(self._session, StageEntry),
                    col(StageEntry.deal_id).in_(batch),
                )
                .order_by(col(StageEntry.position))
            )
            for entry in self._session.exec(query):
                if entry.position >= last[entry.deal_id] - 1:
                    entries.setdefault(entry.deal_id, []).append(entry)
        return entries

    def _plan(self, draft: PlannedDeal) -> None:
        item, deal, work = draft.item, draft.deal, self._work
        row_id = deal.id if deal else item.values.get("crmctl_id") or next(self._ids)
        if work.leaves_out(self._matcher, item, deal):
            return
        owner = work.owner(item, deal.owner_id if deal else None)
        present = deal.customer_id if deal else None
        customer = None
        if draft.customers:
            customer = choose_candidate(item, self._customers.field(item), draft.customers, present)
        external = self._matcher.new_keys(item, deal.id if deal else None)
        values = self._values(draft, owner, customer)
        if deal is None:
            self._create(draft, row_id, values)
        elif not item.problems:
            self._change(draft, deal, values, external)
        if item.problems:
            work.plan.add_reject(item.rejected())
            return
        work.owners.keep(owner)
        self._customers.keep(customer)
        self._matcher.keep(item, deal)
        work.new_keys += [(pair, row_id) for pair in external]

    def _values(
        self, draft: PlannedDeal, owner: Candidate | None, customer: Candidate | None
    ) -> dict[str, Any]:
        """Return what the row says of its deal, by column, but for its stage and times."""
        item = draft.item
        values = plain_values(item, Entity.DEAL)
        franchise = self._work.franchises.find(item)
        if owner:
            values["owner_id"] = owner.id
        if customer:
            values["customer_id"] = customer.id
        if franchise:
            values["franchise_id"] = franchise
        closing: When | None = item.values.get("close_date")
        if closing and draft.status == Status.OPEN:
            values.setdefault("expected_close", on_day(closing, self._work.zone))
        # Why a deal was lost is nothing that an open or won one has.
        lost = draft.deal.status if draft.deal and draft.stays else draft.status
        if lost == Status.LOST and "lost_reason" in item.values:
            values["lost_reason"] = item.values["lost_reason"]
        if "created_at" in item.values:
            values["created_at"] = item.values["created_at"]
        if "custom" in item.values:
            values["custom"] = self._work.custom(draft.deal, item)
        return values

    def _create(self, draft: PlannedDeal, row_id: UUID, values: dict[str, Any]) -> None:
        item, place = draft.item, draft.place
        if "title" not in values and not item.problems:
            item.refuse("title", "a new deal needs a title (--map COLUMN=title)")
        if item.problems or place is None:
            return
        if draft.status == Status.LOST and self._lost_reason:
            values.setdefault("lost_reason", self._lost_reason)
        deal = {**self._blank(place), **values, **self._first_times(draft), "id": row_id}
        self._judge(item, rules.against_creation(place.process, place.stage, deal))
        if item.problems:
            return
        if draft.status != Status.OPEN and draft.times.closed is None:
            since = "entering their stage" if draft.times.entered else None
            since = since or ("their creation" if "created_at" in item.values else "this import")
            self._work.plan.notes[f"closed with no closing date: that of {since} is taken"] += 1
        self._created.append(deal)
        self._work.plan.count_created()

    def _first_times(self, draft: PlannedDeal) -> dict[str, Any]:
        """Return when a new deal was created, entered its stage and was closed.

        What the file does not say follows from what it does: nothing is in a stage before it is
        created. A deal is closed when it says, else when it entered its stage, else when it was
        created, else now.
        """
        told: When | None = draft.item.values.get("created_at")
        entered = draft.times.entered or told
        at = entered.at if entered else self._now
        found: dict[str, Any] = {"stage_entered_at": at, "created_at": told.at if told else at}
        if draft.status != Status.OPEN:
            closed = draft.times.closed or entered
            found["closed_at"] = closed.at if closed else at
        return found

    def _judge(self, item: ParsedRow, broken: list[str]) -> None:
        """Refuse `item` for the rules that are `broken`, or count them as passed."""
        for rule in broken:
            if self._override:
                self._work.plan.overridden[rule] += 1
            else:
                item.refuse("stage", rule)

    def _change(
        self,
        draft: PlannedDeal,
        deal: Deal,
        values: dict[str, Any],
        external: Sequence[tuple[str, str]],
    ) -> None:
        item = draft.item
        new = self._work.differences(deal, values)
        if draft.moves:
            new |= self._move(draft, deal, new)
        else:
            new |= self._retime(draft, deal)
        if item.problems:
            return
        new = {name: value for name, value in new.items() if value != getattr(deal, name)}
        told = self._told(deal, new, moved=draft.moves) if new else {}
        if external:
            told["external_id"] = (None, external_ids_text(external))
        if not told:
            self._work.plan.count_unchanged()
            return
        self._work.plan.add_update(Update(item.row.line, self._matcher.ref(deal), told))
        self._edits.append((deal, new))
        if draft.moves:
            self._moves.append((deal, deal.stage))

    def _told(
        self, deal: Deal, new: Mapping[str, Any], *, moved: bool
    ) -> dict[str, tuple[object, object]]:
        labels = {
            "owner_id": self._work.owners.labels,
            "customer_id": self._customers.labels,
            "franchise_id": self._work.franchises.labels,
        }
        told = field_changes(deal, new, labels)
        for name in _IMPLIED if moved else ():
            told.pop(name, None)
        return told

    def _move(self, draft: PlannedDeal, deal: Deal, new: Mapping[str, Any]) -> dict[str, Any]:
        """Return what changes in `deal` because it enters another stage; a rule may refuse it."""
        item, place = draft.item, draft.place
        assert place is not None
        status = place.stage.kind
        entered, closed = self._entering(draft, deal)
        given = item.values.get("lost_reason") or deal.lost_reason or self._lost_reason
        lost_reason = given if status == Status.LOST else None
        after = {**changes.loaded_values(deal), **new}
        broken = rules.against_move(
            place.process,
            after,
            place.stage,
            left_from=self._closed_from.get(deal.id, deal.stage),
            lost_reason=lost_reason,
        )
        if not item.problems:
            self._judge(item, broken)
        return {
            "pipeline": place.stage.pipeline,
            "stage": place.stage.key,
            "status": status,
            "stage_entered_at": entered,
            "closed_at": closed,
            "lost_reason": lost_reason,
            "entries": deal.entries + 1,
        }

    def _entering(self, draft: PlannedDeal, deal: Deal) -> tuple[datetime, datetime | None]:
        """Return when `deal` enters its new stage, and when it is closed if that closes it."""
        told, closed = draft.times.entered, draft.times.closed
        at = max(self._now, deal.stage_entered_at)
        if told is not None:
            at = self._from(draft.item, told, deal.stage_entered_at, deal.stage) or at
        if draft.status == Status.OPEN:
            return at, None
        if closed is not None and told is not None and closed.at != told.at:
            return at, closed.at
        # Between two stages that both mean won, say, the deal was won when it first was.
        return at, deal.closed_at if deal.status == draft.status and not closed else at

    def _from(self, item: ParsedRow, when: When, earliest: datetime, stage: str) -> datetime | None:
        """Return `when`, which must not be before the deal entered the `stage` that it left."""
        at = not_before(when, earliest, self._work.zone)
        if at is None:
            names = ("stage_entered_at", "closed_at", "close_date")
            name = next(name for name in names if name in item.values)
            item.refuse(
                name, f"the deal entered {stage} at {earliest:%Y-%m-%d %H:%M} UTC, after that"
            )
        return at

    def _retimed(self, draft: PlannedDeal, deal: Deal) -> dict[str, When]:
        """Return the times of `deal` in the stage where it stays that the row corrects."""
        if draft.stays:
            return {}
        entered, closed = draft.times.entered, draft.times.closed
        zone = self._work.zone
        found: dict[str, When] = {}
        if closed and not closed.same(deal.closed_at, zone):
            found["closed_at"] = closed
        told = "stage_entered_at" in draft.item.values
        together = deal.closed_at == deal.stage_entered_at
        follows = "closed_at" in found and together
        if entered and (told or follows) and not entered.same(deal.stage_entered_at, zone):
            found["stage_entered_at"] = entered
            if together and closed is None:
                found["closed_at"] = entered
        return found

    def _retime(self, draft: PlannedDeal, deal: Deal) -> dict[str, Any]:
        """Return the corrected times of `deal`, and have the last row of its history follow."""
        found = draft.corrected
        new: dict[str, Any] = {name: when.at for name, when in found.items()}
        if entered := found.get("stage_entered_at"):
            *earlier, last = self._entries[deal.id]
            for entry in earlier:
                at = self._from(draft.item, entered, entry.entered_at, entry.stage)
                new["stage_entered_at"] = at or entered.at
            if found.get("closed_at") is entered:
                new["closed_at"] = new["stage_entered_at"]
            if not draft.item.problems:
                self._corrected.append((last, {"entered_at": new["stage_entered_at"]}))
        return new

    def write(self) -> None:
        """Write what was planned, unless it is a dry run."""
        created, self._created = self._created, []
        edits, self._edits = self._edits, []
        moves, self._moves = self._moves, []
        corrected, self._corrected = self._corrected, []
        work, session = self._work, self._session
        work.write_users()
        write_customers(work, self._customers, self._customer_numbers)
        if work.plan.dry_run:
            work.write_keys()
            return
        for deal, number in zip(created, self._numbers.take(len(created)), strict=True):
            deal["number"] = number
        if created:
            deals.insert_new(session, created)
        work.write_keys()
        work.edit(Deal, edits)
        self._write_moves(moves)
        changes.edit_each(session, corrected)

    def _write_moves(self, moves: Sequence[tuple[Deal, str]]) -> None:
        reason = self._session.change.reason
        entries = [
            deals.entry(
                self._session, changes.loaded_values(deal), left, reason or deal.lost_reason
            )
            for deal, left in moves
        ]
        changes.insert_values(self._session, StageEntry, entries)
