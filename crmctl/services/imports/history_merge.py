"""Merging what a file tells of deals into their recorded history, a batch of deals at a time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.importing.plan import ImportPlan, Update
from crmctl.domain.importing.timeline import (
    FileEntry,
    Merged,
    contradiction,
    differ_in_end,
    is_way_to,
    merge,
    merge_way,
    path,
    with_replaced,
)
from crmctl.domain.kinds import Origin, Status
from crmctl.models.base import Columns, Values
from crmctl.models.changes import Change
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.imports.merged_path import (
    PathEntry,
    closing_entry,
    joined,
    path_values,
)
from crmctl.services.imports.recorded_history import RecordedHistory, was_corrected
from crmctl.services.imports.stage_times import CLOSED_EARLY
from crmctl.services.pipeline import closing
from crmctl.services.records.references import ref

_GOES_ON = Finding(
    certainty=Certainty.DECIDED,
    text="deals move on to the stage in which their history ends",
    one="deal moves on to the stage in which its history ends",
    count=1,
)
_STATED = Finding(
    certainty=Certainty.DECIDED,
    text="deals whose stage was assumed are in the one in which their history ends",
    one="deal whose stage was assumed is in the one in which its history ends",
    count=1,
)
_THERE_SINCE = Finding(
    certainty=Certainty.DECIDED,
    text="deals are in their stages since they were imported: their history ends before that",
    one="deal is in its stage since it was imported: its history ends before that",
    count=1,
)
_CORRECTED = Finding(
    certainty=Certainty.DECIDED,
    text="deals are in their stages since another time, as a command has said since",
    one="deal is in its stage since another time, as a command has said since",
    count=1,
)
_CLOSED_THEN = Finding(
    certainty=Certainty.DECIDED,
    text="deals were closed when they left the stage before that",
    one="deal was closed when it left the stage before that",
    count=1,
)
_AGAIN = Finding(
    certainty=Certainty.DECIDED,
    text="deals entered stages again of which the file has the last time: earlier ones stay",
    one="deal entered a stage again of which the file has the last time: the earlier one stays",
    count=1,
)
#: Returns why a deal may not be where its path leads, or None.
Judge = Callable[[Deal, Sequence[PathEntry]], str | None]
#: Returns the position of a stage in its pipeline, by the keys of both; None where it was removed.
Rank = Callable[[str, str], int | None]


@dataclass(frozen=True, kw_only=True)
class HistoryDecision:
    """What is written because of what a file says of a deal.

    `path` has all entries that the deal has afterwards, `first_values` what changes in the first of
    the `recorded` ones, and `deal_values` what changes in the deal itself.
    """

    recorded: RecordedHistory
    merged: Merged
    path: Sequence[PathEntry]
    first_values: Values
    deal_values: Values


class HistoryMerge:
    """Decides about the history of deals, and writes it.

    `own` says that the file is an export of crmctl, of which an empty cell is a value, too, and
    `wide` that it has a column for each stage. `judge` decides about deals that move on, and `rank`
    tells which of two stages comes first.
    """

    def __init__(
        self,
        session: CrmSession,
        plan: ImportPlan,
        zone: ZoneInfo,
        *,
        own: bool,
        wide: bool,
        judge: Judge,
        rank: Rank,
    ) -> None:
        self._session = session
        self._plan = plan
        self._zone = zone
        self._own = own
        self._wide = wide
        self._judge = judge
        self._rank = rank
        self._decided: list[HistoryDecision] = []

    def add(
        self, recorded: RecordedHistory, entries: Iterable[FileEntry], lines: Sequence[int]
    ) -> str | None:
        """Merge what a file says of a deal on `lines`; return why it cannot be, or None."""
        stated: Sequence[FileEntry] = path(entries)
        if closed := _closed_on_leaving(stated, recorded):
            stated = [*stated, closed]
        merged = Merged(before=(), first=None)
        if stated:
            found = self._merged(stated, recorded)
            if found is None and self._wide:
                stated, found = self._merged_again(stated, recorded)
            if found is None and not self._end_was_corrected(stated, recorded):
                return self._contradiction(stated, recorded)
            merged = found or merged
        decision = self._decide(recorded, merged, stated)
        if _moves(decision):
            if against := self._judge(recorded.deal, decision.path):
                return against
            assumed = closing.stage_is_assumed(recorded.deal.assumed)
            self._plan.findings.add(_STATED if assumed else _GOES_ON)
        if closed:
            self._plan.findings.add(_CLOSED_THEN)
        elif "closed_at" in decision.deal_values and closing.is_assumed(
            decision.deal_values.get("assumed")
        ):
            self._plan.findings.add(CLOSED_EARLY)
        self._count(decision, lines)
        self._decided.append(decision)
        return None

    def _merged(self, stated: Sequence[FileEntry], recorded: RecordedHistory) -> Merged | None:
        """Return what the path `stated` adds to what is recorded; None if it contradicts that.

        A stage that nobody said is none in which the deal was, unless the file says so.
        """
        if recorded.closed_unsure and is_way_to(stated, recorded.entries[-1]):
            return merge_way(stated, recorded.entries, self._zone, timed=recorded.timed)
        found = merge(stated, recorded.entries, self._zone, timed=recorded.timed)
        if (found is None or found.first is None) and self._precedes(stated, recorded):
            return Merged(before=stated, first=None)
        assumed = closing.stage_is_assumed(recorded.deal.assumed)
        if assumed and (found is None or found.first is None):
            return Merged(before=(), first=None, after=stated, replaced=len(recorded.entries))
        return found

    def _merged_again(
        self, stated: Sequence[FileEntry], recorded: RecordedHistory
    ) -> tuple[Sequence[FileEntry], Merged | None]:
        """Do as `_merged` does with what is recorded of stages that a deal entered again.

        The path with that is returned as well.
        """
        sure = recorded.entries[: max(recorded.timed, 1)]
        filled = with_replaced(stated, sure, self._zone)
        found = self._merged(filled, recorded) if filled else None
        if filled is None or found is None:
            return stated, None
        self._plan.findings.add(_AGAIN)
        return filled, found

    def _end_was_corrected(self, stated: Sequence[FileEntry], recorded: RecordedHistory) -> bool:
        """Return whether `stated` differs in nothing but what a command has corrected.

        That is asked of each deal, but only of one that would be kept out otherwise.
        """
        entries = recorded.entries
        found = differ_in_end(stated, entries, self._zone)
        if not found or not was_corrected(self._session, entries[-1]):
            return False
        self._plan.findings.add(_CORRECTED)
        return True

    def _precedes(self, stated: Sequence[FileEntry], recorded: RecordedHistory) -> bool:
        """Return whether `stated` is the way to the stage of which nobody said when it was entered.

        It ends in one before that, while the deal was not yet recorded where it is.
        """
        deal, last = recorded.deal, stated[-1]
        if not recorded.undated or closing.stage_is_assumed(deal.assumed):
            return False
        here, there = (self._rank(last.pipeline, each) for each in (last.stage, deal.stage))
        if here is None or there is None or last.pipeline != deal.pipeline:
            return False
        return here < there and last.status == Status.OPEN and last.when.at <= recorded.since

    def _contradiction(self, stated: Sequence[FileEntry], recorded: RecordedHistory) -> str:
        first, last = recorded.entries[0], recorded.entries[-1]
        changed = (self._undoable(first), self._undoable(last))
        return contradiction(stated, recorded.entries, ref(recorded.deal), self._zone, changed)

    def _undoable(self, entry: StageEntry) -> str | None:
        """Return the change that recorded `entry`, unless it is an import: that has all others."""
        change = self._session.get_one(Change, (self._session.company_id, entry.created_in))
        return None if change.origin == Origin.IMPORT else change.ref[:8]

    def _decide(
        self, recorded: RecordedHistory, merged: Merged, stated: Sequence[FileEntry]
    ) -> HistoryDecision:
        first_values = self._first_values(recorded, merged.first)
        entry, last = recorded.entries[0], merged.before[-1] if merged.before else None
        stays = merged.first is not None or merged.keeps_last
        if last and not stays and entry.entered_at < last.when.at:
            # It was there when it was recorded, and not when it was created.
            first_values = {"entered_at": recorded.since, "entered_on": None}
            self._plan.findings.add(_THERE_SINCE)
        entries = joined(recorded.entries, merged, first_values, self._zone)
        return HistoryDecision(
            recorded=recorded,
            merged=merged,
            path=entries,
            first_values=first_values,
            deal_values=self._deal_values(recorded, merged, entries, stated),
        )

    def _first_values(self, recorded: RecordedHistory, stated: FileEntry | None) -> Values:
        """Return what changes in the first recorded entry by what the file says of it."""
        if stated is None:
            return {}
        entry = recorded.entries[0]
        given: Values = {
            "actor_id": stated.actor,
            "reason": stated.reason,
            "amount": stated.amount,
            "currency": stated.currency,
        }
        if stated.currency is None or stated.amount is None:
            given.pop("currency")
        if not self._own:
            nobody = stated.names_nobody and recorded.unsaid_actor
            given = {
                name: value
                for name, value in given.items()
                if value is not None or (name == "actor_id" and nobody)
            }
        new = {name: value for name, value in given.items() if value != getattr(entry, name)}
        if not stated.when.same(entry.entered_at, self._zone, entry.entered_on):
            new |= {"entered_at": stated.when.at, "entered_on": stated.when.day}
        return new

    def _deal_values(
        self,
        recorded: RecordedHistory,
        merged: Merged,
        entries: Sequence[PathEntry],
        stated: Sequence[FileEntry],
    ) -> Values:
        """Return what changes in a deal because of its history."""
        deal = recorded.deal
        new = path_values(deal, entries, stated=self._states_closing(deal, entries, stated))
        # What crmctl wrote is where it took the deal to be, too.
        same = not stated or (self._own and new["stage"] == deal.stage)
        if same and closing.stage_is_assumed(deal.assumed):
            new["assumed"] = deal.assumed
        start = entries[0].at
        changed = start != recorded.entries[0].entered_at
        known = merged.before or changed or (not self._own and merged.first)
        if known:
            new["created_at"] = min(deal.created_at, start)
        if known and start < recorded.since:
            new["history_from"] = start
        return {name: value for name, value in new.items() if value != getattr(deal, name)}

    def _states_closing(
        self, deal: Deal, entries: Sequence[PathEntry], stated: Sequence[FileEntry]
    ) -> bool:
        """Return whether the file says when `deal`, with these `entries`, was closed.

        What crmctl itself wrote says again what it assumed, or what it has.
        """
        closed = closing_entry(entries)
        again = self._own and closed and closed.recorded and "entered_at" not in closed.values
        new = any(each.stated for each in entries) and not closing.is_assumed(deal.assumed)
        if closed is None or (again and not new):
            return False
        return any(
            (each.pipeline, each.stage) == (closed.pipeline, closed.stage)
            and each.when.same(closed.at, self._zone, closed.on)
            for each in stated
        )

    def _count(self, decision: HistoryDecision, lines: Sequence[int]) -> None:
        """Count each line of the file by what becomes of it."""
        merged, first = decision.merged, decision.first_values
        deal, entry = decision.recorded.deal, decision.recorded.entries[0]
        created = {stated.line for stated in (*merged.before, *merged.after)}
        fields = {name.removesuffix("_id"): (getattr(entry, name), first[name]) for name in first}
        if "entered_at" in fields:
            fields.pop("entered_on", None)
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
        # An entry is known by its position, so that one which moves goes, and comes back there.
        gone: list[StageEntry] = []
        back: list[StageEntry] = []
        edited: list[tuple[StageEntry, Columns]] = []
        created: list[Values] = []
        for decision in decided:
            there = [(each.recorded, each) for each in decision.path if each.recorded]
            stay = {entry.position for entry, each in there if each.stays}
            gone += [each for each in decision.recorded.entries if each.position not in stay]
            back += [each.moved() for _, each in there if not each.stays]
            edited += [(entry, each.values) for entry, each in there if each.stays and each.values]
            created += [each.new(decision.recorded.deal) for each in decision.path if each.stated]
        changes.remove(session, gone)
        if back:
            changes.restore(session, back)
        if created:
            stamped = changes.stamped(session, StageEntry, created)
            changes.insert_values(session, StageEntry, stamped)
        changes.edit_each(session, edited)
        changes.edit_each(
            session,
            [(each.recorded.deal, each.deal_values) for each in decided if each.deal_values],
        )


def _closed_on_leaving(stated: Sequence[FileEntry], recorded: RecordedHistory) -> FileEntry | None:
    """Return when a deal was closed of which nobody said that, if `stated` has its way there.

    It entered the stage in which it was closed when it left the last one before that.
    """
    first = recorded.entries[0]
    said = recorded.timed or closing.by_file(recorded.deal.assumed)
    known = said or len(recorded.entries) > 1 or first.status == Status.OPEN
    last = stated[-1] if stated and not known else None
    if last is None or last.left is None or last.status != Status.OPEN:
        return None
    return FileEntry(
        line=last.line,
        when=last.left,
        pipeline=first.pipeline,
        stage=first.stage,
        status=first.status,
    )


def _moves(decision: HistoryDecision) -> bool:
    """Return whether a deal enters another stage by what is written of its history."""
    values = decision.deal_values
    return "stage" in values or "pipeline" in values
