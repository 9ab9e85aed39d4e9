"""Merging what a file tells of deals into their recorded history, a batch of deals at a time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from crmctl.domain.importing.plan import ImportPlan, Update
from crmctl.domain.importing.timeline import FileEntry, Merged, contradiction, merge, path
from crmctl.domain.kinds import Status
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.records.references import ref

#: What a file can say of an entry that is recorded already.
_SAID = ("actor_id", "reason", "amount", "currency")


class HistoryMerge:
    """Plans and writes the history of deals."""

    def __init__(self, session: CrmSession, plan: ImportPlan, zone: ZoneInfo, *, own: bool) -> None:
        self._session = session
        self._plan = plan
        self._zone = zone
        self._own = own
        self._shifted: list[StageEntry] = []
        self._restored: list[StageEntry] = []
        self._created: list[dict[str, Any]] = []
        self._corrected: list[tuple[StageEntry, Mapping[str, Any]]] = []
        self._edits: list[tuple[Deal, Mapping[str, Any]]] = []

    def add(
        self,
        deal: Deal,
        recorded: Sequence[StageEntry],
        told: Iterable[FileEntry],
        numbers: Sequence[int],
        since: datetime,
    ) -> str | None:
        """Plan what a file tells of `deal`, which is recorded `since` then, on lines `numbers`.

        Returns why it cannot be, or None.
        """
        way = path(told)
        merged = merge(way, recorded, self._zone) if way else Merged((), None)
        if merged is None:
            return contradiction(way, recorded, ref(deal))
        first = self._first(recorded[0], merged.first)
        changed = bool(merged.before or first)
        values = self._deal(deal, recorded, merged, first, since)
        self._count(deal, recorded[0], merged, first, values, numbers)
        if merged.before:
            self._insert(deal, recorded, merged.before, first)
        elif changed:
            self._corrected.append((recorded[0], first))
        if values:
            self._edits.append((deal, values))
        return None

    def _first(self, entry: StageEntry, told: FileEntry | None) -> dict[str, Any]:
        """Return what changes in the first recorded entry by what the file says of it."""
        if told is None:
            return {}
        given = (told.actor, told.reason, told.amount, told.currency)
        said: dict[str, Any] = dict(zip(_SAID, given, strict=True))
        if told.currency is None or told.amount is None:
            said.pop("currency")
        if not self._own:
            said = {name: value for name, value in said.items() if value is not None}
        new = {name: value for name, value in said.items() if value != getattr(entry, name)}
        if not told.when.same(entry.entered_at, self._zone):
            new["entered_at"] = told.when.at
        return new

    def _deal(
        self,
        deal: Deal,
        recorded: Sequence[StageEntry],
        merged: Merged,
        first: Mapping[str, Any],
        since: datetime,
    ) -> dict[str, Any]:
        """Return what changes in `deal` because of its history."""
        entered = first.get("entered_at", recorded[0].entered_at)
        start = merged.before[0].when.at if merged.before else entered
        new: dict[str, Any] = {"entries": deal.entries + len(merged.before)}
        if len(recorded) == 1:
            new["stage_entered_at"] = entered
        if deal.closed_at is not None and all(each.status == deal.status for each in recorded):
            new["closed_at"] = min(deal.closed_at, _closing(deal, merged, entered))
        told = merged.before or "entered_at" in first or (not self._own and merged.first)
        if told:
            new["created_at"] = min(deal.created_at, start)
        if told and start < since:
            new["history_from"] = start
        return {name: value for name, value in new.items() if value != getattr(deal, name)}

    def _count(
        self,
        deal: Deal,
        entry: StageEntry,
        merged: Merged,
        first: Mapping[str, Any],
        values: Mapping[str, Any],
        numbers: Sequence[int],
    ) -> None:
        """Count each line of the file by what becomes of it."""
        created = {told.line for told in merged.before}
        fields = {name.removesuffix("_id"): (getattr(entry, name), first[name]) for name in first}
        if not fields and not created and values:
            fields = {name: (getattr(deal, name), value) for name, value in values.items()}
        assert self._plan.deals is not None
        self._plan.deals += 1
        for number in numbers:
            if number in created:
                self._plan.count_created()
            elif merged.first and fields and number == merged.first.line:
                self._plan.add_update(Update(number, ref(deal), fields))
            else:
                self._plan.count_unchanged()

    def _insert(
        self,
        deal: Deal,
        recorded: Sequence[StageEntry],
        before: Sequence[FileEntry],
        first: Mapping[str, Any],
    ) -> None:
        """Have the entries `before` come first, and the recorded ones after them."""
        left: str | None = None
        for position, told in enumerate(before, 1):
            self._created.append(_entry(deal, told, position, left))
            left = told.stage
        for entry in recorded:
            held = {**changes.values_of(entry), "position": entry.position + len(before)}
            if entry is recorded[0]:
                held |= {**first, "from_stage": left}
            self._shifted.append(entry)
            self._restored.append(StageEntry(**held))

    def write(self) -> None:
        """Write what was planned, unless it is a dry run."""
        shifted, self._shifted = self._shifted, []
        restored, self._restored = self._restored, []
        created, self._created = self._created, []
        corrected, self._corrected = self._corrected, []
        edits, self._edits = self._edits, []
        if self._plan.dry_run:
            return
        session = self._session
        # An entry is known by its position, so that one which moves up goes, and comes back there.
        changes.remove(session, shifted)
        if restored:
            changes.restore(session, restored)
        if created:
            stamped = changes.stamped(session, StageEntry, created)
            changes.insert_values(session, StageEntry, stamped)
        changes.edit_each(session, corrected)
        changes.edit_each(session, edits)


def _closing(deal: Deal, merged: Merged, entered: datetime) -> datetime:
    """Return when a deal that is closed since its first recorded entry was closed."""
    closing = entered
    for told in reversed(merged.before):
        if told.status != deal.status or told.status == Status.OPEN:
            break
        closing = told.when.at
    return closing


def _entry(deal: Deal, told: FileEntry, position: int, left: str | None) -> dict[str, Any]:
    return {
        "deal_id": deal.id,
        "position": position,
        "pipeline": told.pipeline,
        "from_stage": left,
        "stage": told.stage,
        "status": told.status,
        "entered_at": told.when.at,
        "actor_id": told.actor,
        "reason": told.reason,
        "amount": told.amount,
        "currency": told.currency or deal.currency,
    }
