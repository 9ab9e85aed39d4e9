"""The path of a deal through the stages: as a file has it, and what that adds to the record."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from crmctl.domain import times
from crmctl.domain.importing.cells.values import When
from crmctl.domain.kinds import Status

_LABEL = re.compile(r"date entered [\"“”']?(?P<stage>.+?)[\"“”']?", re.IGNORECASE)
_NAME = re.compile(r"hs_(?:v2_)?date_entered_(?P<stage>.+)")
#: What ends such a name and is no stage.
_NO_STAGE = frozenset({"current_stage", "current stage"})
_OF_PIPELINE = re.compile(r"(?P<stage>.+?)\s*\((?P<pipeline>[^()]+)\)")


@dataclass(frozen=True, kw_only=True)
class StageColumn:
    """A column that has the time at which a deal entered one stage.

    Where a pipeline is named beside the stage, in brackets, `inner` is the stage alone.
    """

    position: int
    name: str
    stage: str
    inner: str | None = None
    pipeline: str | None = None


def stage_columns(header: Iterable[str]) -> list[StageColumn]:
    """Return the columns of `header` that are times of entering a stage, as HubSpot calls them.

    They are `Date entered "Stage (Pipeline)"`, or `hs_date_entered_stage` in its API.
    """
    found = []
    for position, name in enumerate(header):
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
    def entered_at(self) -> datetime:
        """When it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """A stage that a deal entered, as a line of a file says; None is what it does not say."""

    line: int
    when: When
    pipeline: str
    stage: str
    status: Status
    actor: UUID | None = None
    amount: Decimal | None = None
    currency: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Merged:
    """What a file adds: entries `before` the recorded ones, and what it says of the `first` one."""

    before: Sequence[FileEntry]
    first: FileEntry | None


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
    stated: Sequence[FileEntry], recorded: Sequence[RecordedEntry], zone: ZoneInfo | None
) -> Merged | None:
    """Return what the path `stated` adds to the history that is `recorded`, which is not empty.

    The file has what came before the first recorded entry, and may know better when that was; of
    all later ones it must say the same. None is a path that contradicts them.
    """
    if _agree(stated, recorded, zone):
        known = (each for each in stated if _same(each, recorded[0], zone))
        return Merged((), next(known, None))
    first, later = recorded[0], recorded[1:]
    fitting = [
        position
        for position, each in enumerate(stated)
        if _same_stage(each, first)
        and (not later or each.when.at <= later[0].entered_at)
        and _begin(later, stated[position + 1 :], zone)
    ]
    if not fitting:
        return None
    exact = [position for position in fitting if _same(stated[position], first, zone)]
    position = (exact or fitting)[-1]
    return Merged(stated[:position], stated[position])


def contradiction(
    stated: Sequence[FileEntry], recorded: Sequence[RecordedEntry], ref: str, zone: ZoneInfo
) -> str:
    """Return in words why `merge` found that `stated` contradicts what is `recorded` of `ref`."""
    first, last = recorded[0], stated[-1]
    if len(recorded) == 1:
        return (
            f"the file has {ref} end in {last.stage}, and it is in {first.stage}"
            " (import its stage first)"
        )
    if not any(_same_stage(each, first) for each in stated):
        return f"the file never has {ref} in {first.stage}, where its recorded history begins"
    later = ", ".join(f"{each.stage} at {times.said(each.entered_at, zone)}" for each in recorded)
    return f"the file says otherwise than what is recorded of {ref}: {later}"


def _agree(
    stated: Sequence[FileEntry], recorded: Sequence[RecordedEntry], zone: ZoneInfo | None
) -> bool:
    """Return whether all of `stated` is recorded, in the same order."""
    rest = iter(recorded)
    return all(any(_same(each, entry, zone) for entry in rest) for each in stated)


def _begin(
    recorded: Sequence[RecordedEntry], stated: Sequence[FileEntry], zone: ZoneInfo | None
) -> bool:
    """Return whether `recorded` begins with all of `stated`."""
    pairs = zip(stated, recorded, strict=False)
    return len(stated) <= len(recorded) and all(_same(each, entry, zone) for each, entry in pairs)


def _same(stated: FileEntry, recorded: RecordedEntry, zone: ZoneInfo | None) -> bool:
    return _same_stage(stated, recorded) and stated.when.same(recorded.entered_at, zone)


def _same_stage(one: StageKey, other: StageKey) -> bool:
    return (one.pipeline, one.stage) == (other.pipeline, other.stage)
