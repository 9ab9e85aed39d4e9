"""The rules of a pipeline: one engine for every way in, be it a command, an import or the board."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlmodel import select

from crmctl.domain import times
from crmctl.domain.kinds import Status
from crmctl.domain.text import folded
from crmctl.errors import NotFound, Refused, UsageError
from crmctl.models.base import Columns
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.session import CrmSession
from crmctl.storage.scope import in_company


@dataclass(frozen=True)
class SalesProcess:
    """A pipeline with its stages in order."""

    pipeline: Pipeline
    stages: tuple[Stage, ...]

    @cached_property
    def key(self) -> str:
        """The key of the pipeline."""
        return self.pipeline.key

    def stage(self, key: str) -> Stage | None:
        """Return the stage with this key, or None."""
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> dict[str, Stage]:
        return {stage.key: stage for stage in self.stages}

    def index(self, key: str) -> int:
        """Return the index of the stage with this key among the stages."""
        return self._indexes[key]

    @cached_property
    def unconditional(self) -> frozenset[str]:
        """The keys of the stages where any deal may be created: an empty one breaks no rule."""
        empty: Columns = {**dict.fromkeys(REQUIRABLE.values()), "custom": {}}
        return frozenset(
            stage.key for stage in self.stages if not _against_creation(self, stage, empty)
        )

    @cached_property
    def _indexes(self) -> dict[str, int]:
        return {stage.key: index for index, stage in enumerate(self.stages)}

    def find(self, text: str) -> Stage:
        """Return the stage whose key or label is `text`, or of whose label it is a unique part.

        `won` and `lost` also name the only stage of that kind.
        """
        words = folded(text)
        readings = (
            [stage for stage in self.stages if stage.key == words],
            [stage for stage in self.stages if folded(stage.label) == words],
            [stage for stage in self.stages if stage.kind == words],
            [stage for stage in self.stages if words and words in folded(stage.label)],
        )
        for found in readings:
            if len(found) == 1:
                return found[0]
        keys = ", ".join(stage.key for stage in self.stages)
        trouble = "could be several stages" if any(readings) else "is no stage"
        raise NotFound(f"{text!r} {trouble} of pipeline {self.pipeline.key} (it has {keys})")

    def of_kind(self, kind: Status) -> Stage:
        """Return the first stage of this kind; raises Refused where there is none."""
        for stage in self.stages:
            if stage.kind == kind:
                return stage
        raise Refused(f"pipeline {self.pipeline.key} has no stage of kind {kind}")

    def first(self) -> Stage:
        """Return the stage in which a deal starts: the first open one that allows it."""
        for stage in self.stages:
            if stage.kind == Status.OPEN and stage.can_create:
                return stage
        raise Refused(f"no stage of pipeline {self.pipeline.key} takes new deals")


@dataclass(frozen=True, eq=False)
class StageRef:
    """A stage in its pipeline."""

    process: SalesProcess
    stage: Stage

    # Kept: to ask the ORM for them is what each of a million rows would feel.
    @cached_property
    def key(self) -> str:
        """The key of the stage."""
        return self.stage.key

    @cached_property
    def kind(self) -> Status:
        """Whether deals in the stage are open, won or lost."""
        return self.stage.kind


def sales_processes(session: CrmSession, *, lock: bool = False) -> dict[str, SalesProcess]:
    """Return every pipeline of the company with its stages, by key, in their order.

    With `lock`, nobody else changes them, nor moves a deal into a stage, until the session ends.
    """
    heads = select(Pipeline).where(in_company(session, Pipeline))
    steps = select(Stage).where(in_company(session, Stage))
    if lock:
        heads = heads.with_for_update().execution_options(populate_existing=True)
        steps = steps.with_for_update().execution_options(populate_existing=True)
    return arranged(session.exec(heads).all(), session.exec(steps).all())


def arranged(pipelines: Sequence[Pipeline], stages: Sequence[Stage]) -> dict[str, SalesProcess]:
    """Return `pipelines` with their stages, by key, in their order."""
    return {
        pipeline.key: SalesProcess(
            pipeline,
            tuple(
                sorted(
                    (stage for stage in stages if stage.pipeline == pipeline.key),
                    key=lambda stage: (stage.position, stage.key),
                )
            ),
        )
        for pipeline in sorted(pipelines, key=lambda pipeline: (pipeline.position, pipeline.key))
    }


def labels(known: dict[str, SalesProcess]) -> dict[tuple[str, str], str]:
    """Return what the stages of all pipelines are called, by the keys of pipeline and stage."""
    return {
        (key, stage.key): stage.label for key, process in known.items() for stage in process.stages
    }


def chances(known: dict[str, SalesProcess]) -> dict[tuple[str, str], Decimal | None]:
    """Return the probabilities of the stages of all pipelines, by the keys of both."""
    return {
        (key, stage.key): stage.probability
        for key, process in known.items()
        for stage in process.stages
    }


def choose(known: dict[str, SalesProcess], text: str | None) -> SalesProcess:
    """Return the pipeline whose key, or else whose label, is `text`; the first one for None."""
    if not known:
        raise NotFound("there is no pipeline yet: run crmctl pipeline add")
    if text is None:
        return next(iter(known.values()))
    words = folded(text)
    if words in known:
        return known[words]
    for process in known.values():
        if words == folded(process.pipeline.label):
            return process
    raise NotFound(f"no pipeline is called {text!r} (there is {', '.join(known)})")


def against_creation(process: SalesProcess, stage: Stage, deal: Columns) -> list[str]:
    """Return what the rules say against creating `deal` in `stage`; nothing if they allow it."""
    # An import asks for each of its rows.
    return [] if stage.key in process.unconditional else _against_creation(process, stage, deal)


def _against_creation(process: SalesProcess, stage: Stage, deal: Columns) -> list[str]:
    return _entry(stage) + _requirements(process, stage, deal, deal["lost_reason"])


def against_move(
    process: SalesProcess,
    deal: Columns,
    to: Stage,
    *,
    left_from: str | None,
    lost_reason: str | None,
    was_in: str | None = None,
) -> list[str]:
    """Return what the rules say against moving `deal` to `to`; nothing if they allow it.

    `left_from` is the open stage that the deal is in, or was in before it was closed; None where
    it was in none. A deal that comes from outside enters a pipeline where one may be created, and
    goes on from the open stage of this pipeline that it `was_in` last, or else from the start.
    """
    comes = deal["pipeline"] != to.pipeline
    here = process.stage((was_in if comes else left_from) or "")
    begun = here is not None and here.kind == Status.OPEN
    broken = _entry(to) if comes else []
    if begun or comes:
        broken += _order(process, here if begun else None, to)
    return broken + _requirements(process, to, deal, lost_reason)


def _entry(stage: Stage) -> list[str]:
    return [] if stage.can_create else [f"no deal starts in {stage.key}"]


def _order(process: SalesProcess, here: Stage | None, to: Stage) -> list[str]:
    """Return what the order of the stages says against a move; losing is always in order.

    Without a stage that the deal is in, it comes to the one where deals start first.
    """
    pipeline, goal = process.pipeline, process.index(to.key)
    if to.kind == Status.LOST:
        return []
    back = here is not None and goal < process.index(here.key)
    if here and back and to.kind == Status.OPEN and not pipeline.allow_back:
        return [f"pipeline {pipeline.key} allows no way back from {here.key} to {to.key}"]
    if pipeline.allow_skip:
        return []
    ahead = process.index(here.key) + 1 if here else _start(process)
    between = [stage.key for stage in process.stages[ahead:goal] if stage.kind == Status.OPEN]
    if between:
        return [f"pipeline {pipeline.key} allows no skipping of {', '.join(between)}"]
    return []


def _start(process: SalesProcess) -> int:
    """Return the index of the stage where deals start; where none does, that behind the last."""
    starts = (
        index
        for index, stage in enumerate(process.stages)
        if stage.kind == Status.OPEN and stage.can_create
    )
    return next(starts, len(process.stages))


def _requirements(
    process: SalesProcess, stage: Stage, deal: Columns, lost_reason: str | None
) -> list[str]:
    broken = []
    lost = stage.kind == Status.LOST
    if lost and process.pipeline.lost_reason_required and not lost_reason:
        broken.append("a lost deal needs a reason (--lost-reason TEXT)")
    missing = [name for name in stage.required_fields if not _has(deal, name)]
    if lost and lost_reason and "lost_reason" in missing:
        missing.remove("lost_reason")
    return broken + ([f"{stage.key} needs {_words(missing)}"] if missing else [])


def against_emptying(stage: Stage, deal: Columns, new: Columns) -> list[str]:
    """Return what the rules say against `new` values in `deal`, which is in `stage`.

    What the stage needs and the deal lacks already, it may lack.
    """
    if not stage.required_fields:
        return []
    after = {**deal, **new}
    emptied = [n for n in stage.required_fields if _has(deal, n) and not _has(after, n)]
    return [f"{stage.key} needs {_words(emptied)}"] if emptied else []


def _has(deal: Columns, name: str) -> bool:
    if name.startswith(CUSTOM):
        value = deal["custom"].get(name.removeprefix(CUSTOM))
    else:
        value = deal[REQUIRABLE[name]]
    return value not in (None, "", [])


def entry_time(session: CrmSession, at: datetime | None) -> datetime:
    """Return when a stage is entered: at the time `at`, or now; raises UsageError ahead of now."""
    zone = times.zone(session.timezone)
    if at and (ahead := entered_ahead(at, session.change.at, zone)):
        raise UsageError(ahead)
    return at or session.change.at


def entered_ahead(at: datetime, now: datetime, zone: ZoneInfo) -> str | None:
    """Return why no stage can be entered `at` a time that is ahead of `now`; None if it is not."""
    ahead = times.not_yet(at, now)
    return ahead and f"{times.said(at, zone)} {ahead}: a stage is entered now or before"


def enforce(session: CrmSession, name: str, said: str, *, override: bool) -> None:
    """Raise Refused for what the rules `said`, or, to override, log that it was passed."""
    if said and not override:
        raise Refused(f"{name}: {said} (or --override --reason TEXT)")
    if said:
        log_override(session, name, said)


def log_override(session: CrmSession, name: str, said: str) -> None:
    """Note in the change set, before it is written, which rules were passed."""
    if not session.change.reason:
        raise UsageError("--override needs --reason TEXT")
    passed = session.change.overrides
    session.change.overrides = f"{passed}\n{name}: {said}" if passed else f"{name}: {said}"


#: What a stage can require of a deal, as people call it, and the column that holds it.
REQUIRABLE = {
    **{
        name: name
        for name in (
            "title", "amount", "probability", "forecast_category", "expected_close", "next_step",
            "source", "lost_reason", "tags",
        )
    },
    "customer": "customer_id",
    "owner": "owner_id",
}  # fmt: skip
#: How the name of a custom field begins where others could be meant.
CUSTOM = "custom."


def _words(names: Sequence[str]) -> str:
    return ", ".join(names).replace("_", " ")
