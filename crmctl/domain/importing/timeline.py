"""The path of a deal through the stages: as a file has it, and what that adds to the record."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from crmctl.domain import times
from crmctl.domain.importing.cells.values import When
from crmctl.domain.kinds import Status

_LABEL = re.compile(r"date entered [\"“”']?(?P<stage>.+?)[\"“”']?", re.IGNORECASE)
_ENTERED = re.compile(r"date entered |hs_(?:v2_)?date_entered_", re.IGNORECASE)
_LEFT = re.compile(r"(?:date exited |hs_(?:v2_)?date_exited_)(?P<stage>.+)", re.IGNORECASE)
_NAME = re.compile(r"hs_(?:v2_)?date_entered_(?P<stage>.+)")
#: What ends such a name and is no stage.
_NO_STAGE = frozenset({"current_stage", "current stage"})
_OF_PIPELINE = re.compile(r"(?P<stage>.+?)\s*\((?P<pipeline>[^()]+)\)")


@dataclass(frozen=True, kw_only=True)
class StageColumn:
    """A column that has the time at which a deal entered one stage.

    Where a pipeline is named beside the stage, in brackets, `inner` is the stage alone. `left` is
    the column that has when it left the stage, if there is one.
    """

    position: int
    name: str
    stage: str
    inner: str | None = None
    pipeline: str | None = None
    left: int | None = None


def stage_columns(header: Iterable[str]) -> list[StageColumn]:
    """Return the columns of `header` that are times of entering a stage, as HubSpot calls them.

    They are `Date entered "Stage (Pipeline)"`, or `hs_date_entered_stage` in its API.
    """
    found = []
    names = list(header)
    exits = {
        match["stage"]: at for at, each in enumerate(names) if (match := _LEFT.fullmatch(each))
    }
    for position, name in enumerate(names):
        matched = _LABEL.fullmatch(name) or _NAME.fullmatch(name)
        if matched and matched["stage"].lower() not in _NO_STAGE:
            parts = _OF_PIPELINE.fullmatch(matched["stage"])
            found.append(
                StageColumn(
                    position=position,
                    name=name,
                    stage=matched["stage"],
                    inner=parts and parts["stage"],
                    pipeline=parts and parts["pipeline"],
                    left=exits.get(_ENTERED.sub("", name)),
                )
            )
    return found


class StageKey(Protocol):
    """A stage of a pipeline."""

    @property
    def pipeline(self) -> str:
        """The key of the pipeline."""

    @property
    def stage(self) -> str:
        """The key of the stage."""


class RecordedEntry(StageKey, Protocol):
    """A stage that a deal entered, as it is recorded."""

    @property
    def status(self) -> Status:
        """What the stage means."""

    @property
    def entered_at(self) -> datetime:
        """When it did."""

    @property
    def entered_on(self) -> date | None:
        """The day on which it did, where no time of it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """A stage that a deal entered, as a line of a file says; None is what it does not say.

    Where it `names_nobody` who is a user, it says who moved the deal all the same. `left` is when
    the deal left the stage, if that is said beside it.
    """

    line: int
    when: When
    pipeline: str
    stage: str
    status: Status
    actor: UUID | None = None
    names_nobody: bool = False
    amount: Decimal | None = None
    currency: str | None = None
    reason: str | None = None
    left: When | None = None


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What a file adds: entries `before` the recorded ones, and what it says of the `first` one.

    With those `after` them the deal goes on. The `replaced` last ones of the recorded give way to
    these; what the deal is in stays the end of all where the file does not lead there, always with
    `keeps_last`.
    """

    before: Sequence[FileEntry]
    first: FileEntry | None
    after: Sequence[FileEntry] = ()
    replaced: int = 0
    keeps_last: bool = False


def path(entries: Iterable[FileEntry]) -> list[FileEntry]:
    """Return `entries` by time, those of one time as they were given, without repeated stages.

    A deal that is said to be in the stage that it is in already enters nothing.
    """
    found: list[FileEntry] = []
    for each in sorted(entries, key=lambda entry: entry.when.at):
        if not found or not _same_stage(found[-1], each):
            found.append(each)
    return found


def merge(
    stated: Sequence[FileEntry],
    recorded: Sequence[RecordedEntry],
    zone: ZoneInfo | None,
    *,
    timed: int | None = None,
) -> Merged | None:
    """Return what the path `stated` adds to the history that is `recorded`, which is not empty.

    The file has what came before the first recorded entry, and may know better when that was; of
    all later ones it must say the same, and it may go on behind the last. Only of the first `timed`
    ones, None being all, did anybody say when: the others give way to what the file says. None is a
    path that contradicts them.
    """
    count = len(recorded) if timed is None else timed
    found = _merge(stated, recorded, zone, timed=count > 0)
    sure = max(count, 1)
    if found is not None or sure == len(recorded):
        return found
    found = _merge(stated, recorded[:sure], zone, timed=count > 0)
    if found is None or not found.after:
        return found
    return replace(found, replaced=len(recorded) - sure)


def with_replaced(
    stated: Sequence[FileEntry], recorded: Sequence[RecordedEntry], zone: ZoneInfo | None
) -> Sequence[FileEntry] | None:
    """Return the path `stated` with the `recorded` entries that a later one of it has replaced.

    A file with a column for each stage has the last time alone at which a deal entered that. It did
    so again if that is after all that is recorded, or recorded as well; None is a path without
    such. Between two entries of one stage, the file must leave room for another stage.
    """
    news = [
        each
        for each in stated
        if _comes_after(each, recorded[-1], zone) or any(_same(each, one, zone) for one in recorded)
    ]
    gone = [
        replace(again, when=When(entry.entered_at, entry.entered_on), left=None)
        for entry in recorded
        if not any(_same(each, entry, zone) for each in stated)
        for again in [next((each for each in news if _enters_again(each, entry)), None)]
        if again
    ]
    found = path([*gone, *stated])
    return found if gone and found[-1] is stated[-1] else None


def _enters_again(stated: FileEntry, recorded: RecordedEntry) -> bool:
    """Return whether `stated` has a deal enter the stage that is `recorded`, after that."""
    return _same_stage(stated, recorded) and stated.when.at > recorded.entered_at


def is_way_to(stated: Sequence[FileEntry], end: StageKey) -> bool:
    """Return whether `stated`, which is not empty, leads to the stage `end`, without saying so."""
    return stated[-1].status == Status.OPEN and not any(_same_stage(each, end) for each in stated)


def merge_way(
    stated: Sequence[FileEntry],
    recorded: Sequence[RecordedEntry],
    zone: ZoneInfo | None,
    *,
    timed: int,
) -> Merged | None:
    """Do as `merge` does with the way to the last `recorded` entry, of which nobody knows the time.

    It stays the last, whenever that is.
    """
    earlier = recorded[:-1]
    if not earlier:
        return Merged(before=stated, first=None, keeps_last=True)
    found = merge(stated, earlier, zone, timed=min(timed, len(earlier)))
    return found and replace(found, replaced=found.replaced + bool(found.after), keeps_last=True)


def differ_in_end(
    stated: Sequence[FileEntry], recorded: Sequence[RecordedEntry], zone: ZoneInfo | None
) -> bool:
    """Return whether `stated` is all that is `recorded`, but for the time of the last stage."""
    *before, last = stated
    return (
        len(stated) == len(recorded)
        and _begin(recorded[:-1], before, zone)
        and _same_stage(last, recorded[-1])
    )


def _merge(
    stated: Sequence[FileEntry],
    recorded: Sequence[RecordedEntry],
    zone: ZoneInfo | None,
    *,
    timed: bool,
) -> Merged | None:
    """Do as `merge` does, where the time of the first recorded entry is `timed` by somebody."""
    if _agree(stated, recorded, zone):
        known = (each for each in stated if _same(each, recorded[0], zone))
        return Merged(before=(), first=next(known, None))
    first, later = recorded[0], recorded[1:]
    fitting = [
        position
        for position, each in enumerate(stated)
        if _same_stage(each, first)
        and (not later or each.when.at <= later[0].entered_at)
        and _begin(later, stated[position + 1 :], zone)
        and (not (later or timed) or _goes_on(recorded, stated[position + 1 :], zone))
    ]
    if not fitting:
        return _continued(stated, recorded, zone) or _before_closed(stated, recorded[0])
    exact = [position for position in fitting if _same(stated[position], first, zone)]
    position = (exact or fitting)[-1]
    end = position + 1 + len(later)
    return Merged(before=stated[:position], first=stated[position], after=stated[end:])


def _continued(
    stated: Sequence[FileEntry], recorded: Sequence[RecordedEntry], zone: ZoneInfo | None
) -> Merged | None:
    """Return what `stated` adds where it begins in the middle of what is `recorded`, or behind."""
    for known in range(len(recorded) - 1, -1, -1):
        common, after = stated[:known], stated[known:]
        end = recorded[len(recorded) - known :]
        if not after or not all(
            _same(each, entry, zone) for each, entry in zip(common, end, strict=False)
        ):
            continue
        # A stage that is recorded with another time would be corrected by it, not entered again.
        again = known == 0 and any(_same_stage(after[0], each) for each in recorded)
        if _comes_after(after[0], recorded[-1], zone) and len(common) == known and not again:
            return Merged(before=(), first=None, after=after)
    return None


def _before_closed(stated: Sequence[FileEntry], first: RecordedEntry) -> Merged | None:
    """Return what `stated` adds where it is the way to a stage that closed a deal, without that.

    A file with a column for each stage may have none, or nothing in it, for the last of them.
    """
    open_before = all(
        each.status == Status.OPEN and each.when.at <= first.entered_at for each in stated
    )
    if first.status == Status.OPEN or not open_before:
        return None
    return Merged(before=stated, first=None)


def _comes_after(stated: FileEntry, recorded: RecordedEntry, zone: ZoneInfo | None) -> bool:
    if stated.when.at >= recorded.entered_at:
        return True
    return stated.when.day == times.on_day(recorded.entered_at, recorded.entered_on, zone)


def _goes_on(
    recorded: Sequence[RecordedEntry], stated: Sequence[FileEntry], zone: ZoneInfo | None
) -> bool:
    """Return whether what is `stated` beyond the later `recorded` ones comes after the last."""
    beyond = stated[len(recorded) - 1 :]
    return not beyond or _comes_after(beyond[0], recorded[-1], zone)


def contradiction(
    stated: Sequence[FileEntry],
    recorded: Sequence[RecordedEntry],
    ref: str,
    zone: ZoneInfo,
    changes: tuple[str | None, str | None],
) -> str:
    """Return in words why `merge` found that `stated` contradicts what is `recorded` of `ref`.

    `changes` are the change sets that recorded the first and the last entry, None being those that
    recorded more than that.
    """
    undo = [
        f"crmctl undo {change} takes back what recorded it"
        if change
        else f"crmctl deal history {ref} shows what recorded it"
        for change in changes
    ]
    first, last = recorded[0], stated[-1]
    if len(recorded) == 1 and any(_same_stage(each, first) for each in stated):
        return (
            f"the file has {ref} end in {last.stage} at {times.said(last.when.at, zone)}, and it is"
            f" in {first.stage} since {times.said(first.entered_at, zone)}, which is later (say"
            f" since when by crmctl deal move {ref} {first.stage} --at TIME)"
        )
    if not any(_same_stage(each, first) for each in stated):
        way = undo[0]
        if len(recorded) == 1:
            way = f"say so by crmctl deal move {ref} {first.stage} --at TIME"
        return (
            f"the file has {ref} end in {last.stage} and never in {first.stage}, where its recorded"
            f" history begins (add when it entered {first.stage}, or {way})"
        )
    later = ", ".join(f"{each.stage} at {times.said(each.entered_at, zone)}" for each in recorded)
    return f"the file says otherwise than what is recorded of {ref}: {later} ({undo[1]})"


def _agree(
    stated: Sequence[FileEntry], recorded: Sequence[RecordedEntry], zone: ZoneInfo | None
) -> bool:
    """Return whether all of `stated` is recorded, in the same order."""
    rest = iter(recorded)
    return all(any(_same(each, entry, zone) for entry in rest) for each in stated)


def _begin(
    recorded: Sequence[RecordedEntry], stated: Sequence[FileEntry], zone: ZoneInfo | None
) -> bool:
    """Return whether of `recorded` and `stated` the one begins with all of the other."""
    pairs = zip(stated, recorded, strict=False)
    return all(_same(each, entry, zone) for each, entry in pairs)


def _same(stated: FileEntry, recorded: RecordedEntry, zone: ZoneInfo | None) -> bool:
    return _same_stage(stated, recorded) and stated.when.same(
        recorded.entered_at, zone, recorded.entered_on
    )


def _same_stage(one: StageKey, other: StageKey) -> bool:
    return (one.pipeline, one.stage) == (other.pipeline, other.stage)
