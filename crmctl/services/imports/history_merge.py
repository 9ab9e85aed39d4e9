"""Merging what a file tells of deals into their recorded history, a batch of deals at a time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crmctl.domain.importing.plan import ImportPlan, Update
from crmctl.domain.importing.timeline import FileEntry, Merged, contradiction, merge, path
from crmctl.domain.kinds import Status
from crmctl.models.base import Values
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.records.references import ref


@dataclass(frozen=True)
class RecordedHistory:
    """A deal with the entries of its history, in order, which is recorded `since` then."""

    deal: Deal
    entries: Sequence[StageEntry]
    since: datetime


@dataclass(frozen=True, kw_only=True)
class HistoryDecision:
    """What is written because of what a file says of a deal.

    `merged` are the entries that come before those `recorded`, `first_values` what changes in the
    first of these, and `deal_values` what changes in the deal itself.
    """

    recorded: RecordedHistory
    merged: Merged
    first_values: Values
    deal_values: Values


class HistoryMerge:
    """Decides about the history of deals, and writes it.

    `own` says that the file is an export of crmctl, of which an empty cell is a value, too.
    """

    def __init__(self, session: CrmSession, plan: ImportPlan, zone: ZoneInfo, *, own: bool) -> None:
        self._session = session
        self._plan = plan
        self._zone = zone
        self._own = own
        self._decided: list[HistoryDecision] = []

    def add(
        self, recorded: RecordedHistory, entries: Iterable[FileEntry], lines: Sequence[int]
    ) -> str | None:
        """Merge what a file says of a deal on `lines`; return why it cannot be, or None."""
        stated = path(entries)
        merged = merge(stated, recorded.entries, self._zone) if stated else Merged((), None)
        if merged is None:
            return contradiction(stated, recorded.entries, ref(recorded.deal), self._zone)
        decision = self._decide(recorded, merged)
        self._count(decision, lines)
        self._decided.append(decision)
        return None

    def _decide(self, recorded: RecordedHistory, merged: Merged) -> HistoryDecision:
        first_values = self._first_values(recorded.entries[0], merged.first)
        return HistoryDecision(
            recorded=recorded,
            merged=merged,
            first_values=first_values,
            deal_values=self._deal_values(recorded, merged, first_values),
        )

    def _first_values(self, entry: StageEntry, stated: FileEntry | None) -> Values:
        """Return what changes in the first recorded entry by what the file says of it."""
        if stated is None:
            return {}
        given: Values = {
            "actor_id": stated.actor,
            "reason": stated.reason,
            "amount": stated.amount,
            "currency": stated.currency,
        }
        if stated.currency is None or stated.amount is None:
            given.pop("currency")
        if not self._own:
            given = {name: value for name, value in given.items() if value is not None}
        new = {name: value for name, value in given.items() if value != getattr(entry, name)}
        if not stated.when.same(entry.entered_at, self._zone):
            new["entered_at"] = stated.when.at
        return new

    def _deal_values(
        self, recorded: RecordedHistory, merged: Merged, first_values: Values
    ) -> Values:
        """Return what changes in a deal because of its history."""
        deal, entries = recorded.deal, recorded.entries
        entered = first_values.get("entered_at", entries[0].entered_at)
        start = merged.before[0].when.at if merged.before else entered
        new: Values = {"entries": deal.entries + len(merged.before)}
        if len(entries) == 1:
            new["stage_entered_at"] = entered
        if deal.closed_at is not None and all(each.status == deal.status for each in entries):
            new["closed_at"] = min(deal.closed_at, _closing(deal, merged, entered))
        known = merged.before or "entered_at" in first_values or (not self._own and merged.first)
        if known:
            new["created_at"] = min(deal.created_at, start)
        if known and start < recorded.since:
            new["history_from"] = start
        return {name: value for name, value in new.items() if value != getattr(deal, name)}

    def _count(self, decision: HistoryDecision, lines: Sequence[int]) -> None:
        """Count each line of the file by what becomes of it."""
        merged, first = decision.merged, decision.first_values
        deal, entry = decision.recorded.deal, decision.recorded.entries[0]
        created = {stated.line for stated in merged.before}
        fields = {name.removesuffix("_id"): (getattr(entry, name), first[name]) for name in first}
        if not fields and not created:
            fields = {
                name: (getattr(deal, name), value) for name, value in decision.deal_values.items()
            }
        assert self._plan.deals is not None
        self._plan.deals += 1
        for line in lines:
            if line in created:
                self._plan.count_created()
            elif merged.first and fields and line == merged.first.line:
                self._plan.add_update(Update(line, ref(deal), fields))
            else:
                self._plan.count_unchanged()

    def write(self) -> None:
        """Write what was decided, unless it is a dry run."""
        decided, self._decided = self._decided, []
        if self._plan.dry_run:
            return
        session = self._session
        longer = [each for each in decided if each.merged.before]
        # An entry is known by its position, so that one which moves up goes, and comes back there.
        changes.remove(session, [entry for each in longer for entry in each.recorded.entries])
        if longer:
            changes.restore(session, [entry for each in longer for entry in _moved_up(each)])
            created = [values for each in longer for values in _new_entries(each)]
            stamped = changes.stamped(session, StageEntry, created)
            changes.insert_values(session, StageEntry, stamped)
        corrected = [each for each in decided if not each.merged.before and each.first_values]
        changes.edit_each(
            session, [(each.recorded.entries[0], each.first_values) for each in corrected]
        )
        changes.edit_each(
            session,
            [(each.recorded.deal, each.deal_values) for each in decided if each.deal_values],
        )


def _closing(deal: Deal, merged: Merged, entered: datetime) -> datetime:
    """Return when a deal that is closed since its first recorded entry was closed."""
    closing = entered
    for stated in reversed(merged.before):
        if stated.status != deal.status or stated.status == Status.OPEN:
            break
        closing = stated.when.at
    return closing


def _new_entries(decision: HistoryDecision) -> Iterator[Values]:
    """Yield the entries that come first, before those that are recorded."""
    deal, left = decision.recorded.deal, None
    for position, stated in enumerate(decision.merged.before, 1):
        yield {
            "deal_id": deal.id,
            "position": position,
            "pipeline": stated.pipeline,
            "from_stage": left,
            "stage": stated.stage,
            "status": stated.status,
            "entered_at": stated.when.at,
            "actor_id": stated.actor,
            "reason": stated.reason,
            "amount": stated.amount,
            "currency": stated.currency or deal.currency,
        }
        left = stated.stage


def _moved_up(decision: HistoryDecision) -> Iterator[StageEntry]:
    """Yield the recorded entries as they are after those that come before them."""
    before, entries = decision.merged.before, decision.recorded.entries
    for entry in entries:
        values = {**changes.values_of(entry), "position": entry.position + len(before)}
        if entry is entries[0]:
            values |= {**decision.first_values, "from_stage": before[-1].stage}
        yield StageEntry(**values)
