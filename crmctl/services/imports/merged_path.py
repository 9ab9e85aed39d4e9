"""The stages that a deal entered, by its record and a file together, and what it is at the end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from crmctl.domain.importing.timeline import FileEntry, Merged
from crmctl.domain.kinds import Status
from crmctl.models.base import Columns, Values
from crmctl.models.deals import Deal, StageEntry
from crmctl.services import changes
from crmctl.services.pipeline import closing, rules, stage_history, verdicts
from crmctl.services.pipeline.rules import StageRef
from crmctl.services.pipeline.verdicts import MoveRequest


@dataclass(frozen=True, kw_only=True)
class PathEntry:
    """An entry of a deal's history: one that is `recorded`, or one that a file has `stated`.

    `values` are what changes in a recorded one, and `left` is the stage before it.
    """

    position: int
    left: str | None
    recorded: StageEntry | None = None
    stated: FileEntry | None = None
    values: Columns = field(default_factory=dict)

    @property
    def _of(self) -> StageEntry | FileEntry:
        found = self.recorded or self.stated
        assert found is not None
        return found

    @property
    def pipeline(self) -> str:
        """The key of the pipeline."""
        return self._of.pipeline

    @property
    def stage(self) -> str:
        """The key of the stage."""
        return self._of.stage

    @property
    def status(self) -> Status:
        """What the stage means."""
        return self._of.status

    @property
    def reason(self) -> str | None:
        """Why the deal entered it."""
        return self._of.reason

    @property
    def at(self) -> datetime:
        """When the deal entered it."""
        if self.stated:
            return self.stated.when.at
        assert self.recorded is not None
        found: datetime = self.values.get("entered_at", self.recorded.entered_at)
        return found

    @property
    def on(self) -> date | None:
        """The day on which it did, where no time of it is known."""
        if self.stated:
            return self.stated.when.day
        assert self.recorded is not None
        found: date | None = self.values.get("entered_on", self.recorded.entered_on)
        return found

    @property
    def stays(self) -> bool:
        """Whether a recorded entry stays where it is among the others."""
        return self.recorded is not None and self.recorded.position == self.position

    def moved(self) -> StageEntry:
        """Return a recorded entry as it is at its position."""
        assert self.recorded is not None
        place = {"position": self.position, "from_stage": self.left}
        return StageEntry(**{**changes.values_of(self.recorded), **self.values, **place})

    def new(self, deal: Deal) -> Values:
        """Return an entry that the file has stated of `deal`, by column."""
        stated = self.stated
        assert stated is not None
        return {
            "deal_id": deal.id,
            "position": self.position,
            "pipeline": stated.pipeline,
            "from_stage": self.left,
            "stage": stated.stage,
            "status": stated.status,
            "entered_at": stated.when.at,
            "entered_on": stated.when.day,
            "actor_id": stated.actor,
            "reason": stated.reason,
            "amount": stated.amount,
            "currency": stated.currency or deal.currency,
        }


def joined(
    recorded: Sequence[StageEntry], merged: Merged, first_values: Columns, zone: ZoneInfo
) -> list[PathEntry]:
    """Return the entries that a deal has after what the file says is `merged` into the record."""
    found: list[PathEntry] = []
    for entry in _parts(recorded, merged):
        left = found[-1].stage if found else None
        new = replace(entry, position=len(found) + 1, left=left)
        if entry.recorded is recorded[0]:
            new = replace(new, values=first_values)
        found.append(new)
    if merged.keeps_last and len(found) > 1:
        found[-1] = _after(found[-2], found[-1], zone)
    return found


def _after(before: PathEntry, last: PathEntry, zone: ZoneInfo) -> PathEntry:
    """Return the `last` entry with a time that is not before that of the one `before` it."""
    at = stage_history.not_before(last.at, last.on, before.at, zone)
    if at == last.at:
        return last
    moved = {"entered_at": at} if at else {"entered_at": before.at, "entered_on": before.on}
    return replace(last, values={**last.values, **moved})


def _parts(recorded: Sequence[StageEntry], merged: Merged) -> Iterator[PathEntry]:
    for stated in merged.before:
        yield PathEntry(position=0, left=None, stated=stated)
    for entry in recorded[: len(recorded) - merged.replaced]:
        yield PathEntry(position=0, left=None, recorded=entry)
    for stated in merged.after:
        yield PathEntry(position=0, left=None, stated=stated)
    # Of one whose stage nobody said, all is replaced, and that is not where it is in the end.
    if merged.keeps_last and merged.replaced:
        yield PathEntry(position=0, left=None, recorded=recorded[-1])
    elif 0 < merged.replaced < len(recorded):
        last, end = recorded[-1], merged.after[-1]
        other = (last.pipeline, last.stage) != (end.pipeline, end.stage)
        if other and last.entered_at >= end.when.at:
            yield PathEntry(position=0, left=None, recorded=last)


def closing_entry(entries: Sequence[PathEntry]) -> PathEntry | None:
    """Return the entry that closed a deal; None for an open one."""
    if entries[-1].status == Status.OPEN:
        return None
    return entries[closing.closing_index([each.status for each in entries])]


def against_end(
    deal: Columns, path: Sequence[PathEntry], to: StageRef, *, now: datetime, zone: ZoneInfo
) -> Sequence[str]:
    """Return what the rules say against `deal` in the stage `to`, which ends its `path`."""
    *past, last = path
    if not past:
        return rules.against_creation(to.process, to.stage, deal)
    before = past[-1]
    here = {"pipeline": before.pipeline, "stage": before.stage, "status": before.status}
    opened = (each for each in past if each.status == Status.OPEN)
    request = MoveRequest(
        deal={**deal, **here, "stage_entered_at": before.at},
        to=to,
        past={(deal["id"], each.pipeline): each.stage for each in opened},
        entered=last.at,
        day=last.on,
    )
    return verdicts.judge(request, now=now, zone=zone).broken


def path_values(deal: Deal, entries: Sequence[PathEntry], *, stated: bool) -> Values:
    """Return what `deal` is at the end of its `entries`, by column.

    `stated` says that the file has when it was closed; else that stays as sure as it was, unless it
    was before another stage, and is assumed to have been after that.
    """
    last, closed = entries[-1], closing_entry(entries)
    sure = closing.without_stage(deal.assumed)
    known = closing.without_date(sure)
    if closed and not _same_closing(deal, closed):
        sure = closing.with_date(sure)
    return {
        "pipeline": last.pipeline,
        "stage": last.stage,
        "status": last.status,
        "stage_entered_at": last.at,
        "stage_entered_on": last.on,
        "closed_at": closed.at if closed else None,
        "closed_on": closed.on if closed else None,
        "assumed": sure if closed and not stated else known,
        "entries": len(entries),
        **_lost_reason(deal, last),
    }


def _same_closing(deal: Deal, closed: PathEntry) -> bool:
    """Return whether `deal` was closed by its entry `closed`: of a day, at any time of it."""
    return closed.on == deal.closed_on and (bool(closed.on) or closed.at == deal.closed_at)


def _lost_reason(deal: Deal, last: PathEntry) -> Values:
    """Return why `deal` was lost, where that changes with the stage that it is in at the `last`."""
    if (deal.pipeline, deal.stage) == (last.pipeline, last.stage):
        return {}
    lost = last.status == Status.LOST
    return {"lost_reason": (deal.lost_reason or last.reason) if lost else None}
