"""Where in the pipelines the deals of a file stand, and since when."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crmctl.domain.importing.cells.values import When
from crmctl.domain.importing.columns.mapping import normal
from crmctl.domain.kinds import Status
from crmctl.errors import NotFound, Refused, UsageError
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.services.imports.matching.stored_rows import DealRow
from crmctl.services.imports.parsing import ParsedRow
from crmctl.services.pipeline import rules


@dataclass(frozen=True, eq=False)
class StageRef:
    """A stage in its pipeline; there is one of each."""

    process: rules.SalesProcess
    stage: Stage


class Times(NamedTuple):
    """When a deal entered its stage and when it was closed, as far as a file says."""

    entered: When | None = None
    closed: When | None = None


#: What says that something has happened; of a closed deal, the last one as well.
_PAST = ("created_at", "stage_entered_at", "closed_at")
_CLOSED_PAST = (*_PAST, "close_date")


class StageResolver:
    """Finds the stages that a file names, by their key, their label, or what `--stage-map` says.

    `closing` are words of the system that wrote the file for won and lost, where no stage has them.
    """

    def __init__(
        self,
        session: CrmSession,
        pipeline: str | None,
        stages: Sequence[str],
        closing: Mapping[str, str],
    ) -> None:
        self._known = rules.sales_processes(session)
        self._first = rules.choose(self._known, pipeline)
        self._fixed = pipeline is not None
        self._renamed = dict(self._correction(text) for text in stages)
        self._closing = {_word(text): kind for text, kind in closing.items()}
        self._found: dict[tuple[str, str], Stage | str] = {}
        self._places: dict[int, StageRef] = {}

    def _correction(self, text: str) -> tuple[str, str]:
        name, _, stage = (part.strip() for part in text.rpartition("="))
        if not name or not stage:
            raise UsageError(
                '--stage-map takes NAME=STAGE, such as "Closed Won=won", '
                f"not only {name or stage!r}"
            )
        processes = [self._first] if self._fixed else list(self._known.values())
        missing: NotFound | None = None
        for process in processes:
            try:
                process.find(stage)
            except NotFound as error:
                missing = missing or error
            else:
                return _word(name), stage
        raise UsageError(f"--stage-map {text}: {missing}")

    def find(self, item: ParsedRow, deal: DealRow | None) -> StageRef | None:
        """Return where `item` stands: for a new deal, without a word, where its pipeline starts.

        None is a `deal` that stays where it is. A name that is not known refuses the item.
        """
        process = self._process(item, deal)
        if process is None:
            return None
        name, text = "stage", item.values.get("stage")
        outcome = self._outcome(item)
        if outcome in (Status.WON, Status.LOST):
            name, text = "outcome", outcome
        if text is None:
            return self._unnamed(item, process, deal)
        stage = self._stage(process, text)
        if isinstance(stage, str):
            item.refuse(name, stage)
            return None
        if outcome == Status.OPEN and stage.kind != Status.OPEN:
            item.refuse("outcome", f"an open deal in {stage.key}, a stage of {stage.kind} ones")
        return self._place(process, stage)

    def _place(self, process: rules.SalesProcess, stage: Stage) -> StageRef:
        # By the object: asking the ORM for its keys is what each of a million rows would feel.
        if id(stage) not in self._places:
            self._places[id(stage)] = StageRef(process, stage)
        return self._places[id(stage)]

    def _outcome(self, item: ParsedRow) -> str | None:
        """Return whether `item` says that it is open, won or lost, whatever its stage."""
        text = item.values.get("outcome")
        if text is None or _word(text) in tuple(Status):
            return text and _word(text)
        item.refuse("outcome", f"not open, won or lost: {text!r}")
        return None

    def _process(self, item: ParsedRow, deal: DealRow | None) -> rules.SalesProcess | None:
        text = item.values.get("pipeline")
        if self._fixed or (text is None and deal is None):
            return self._first
        if text is None and deal is not None:
            return self._known[deal.pipeline]
        process = self._called(str(text))
        if isinstance(process, rules.SalesProcess):
            return process
        item.refuse("pipeline", process)
        return None

    def _called(self, text: str) -> rules.SalesProcess | str:
        """Return the pipeline that `text` names, or what is wrong with it."""
        for process in self._known.values():
            if text.lower() in (process.pipeline.key.lower(), process.pipeline.label.lower()):
                return process
        return (
            f"no pipeline is called {text!r} (there is {', '.join(self._known)};"
            " --pipeline KEY chooses one for the whole file)"
        )

    def past(self, pipeline: str | None, text: str, home: str) -> Stage | str:
        """Return the stage that `text` names in a row of history, or what is wrong with it.

        Where no `pipeline` is named, it is one of the pipeline `home`, or else of the only other
        one that has it.
        """
        process = self._first if self._fixed else self._known[home]
        if pipeline is not None and not self._fixed:
            named = self._called(pipeline)
            if isinstance(named, str):
                return named
            process = named
        found = self._stage(process, text)
        if isinstance(found, str) and pipeline is None and not self._fixed:
            others = [self._stage(each, text) for each in self._known.values()]
            known = [stage for stage in others if isinstance(stage, Stage)]
            return known[0] if len(known) == 1 else found
        return found

    def _unnamed(
        self, item: ParsedRow, process: rules.SalesProcess, deal: DealRow | None
    ) -> StageRef | None:
        if deal is None:
            try:
                return self._place(process, process.first())
            except Refused as error:
                item.refuse("stage", str(error))
        elif deal.pipeline != process.pipeline.key and "pipeline" in item.values:
            item.refuse("pipeline", "a deal that changes its pipeline needs a stage there")
        return None

    def _stage(self, process: rules.SalesProcess, text: str) -> Stage | str:
        """Return the stage that `text` names, or what is wrong with it."""
        key = (process.key, text)
        if key not in self._found:
            self._found[key] = self._look_up(process, text)
        return self._found[key]

    def _look_up(self, process: rules.SalesProcess, text: str) -> Stage | str:
        if renamed := self._renamed.get(_word(text)):
            try:
                return process.find(renamed)
            except NotFound as error:
                return str(error)
        word = _word(text)
        kind = self._closing.get(word, word)
        readings = (
            [stage for stage in process.stages if stage.key == text.lower()],
            [stage for stage in process.stages if _word(stage.label) == word],
            [stage for stage in process.stages if stage.kind == kind],
        )
        for found in readings:
            if len(found) == 1:
                return found[0]
        keys = ", ".join(stage.key for stage in process.stages)
        return (
            f"{text!r} is no stage of pipeline {process.pipeline.key}, which has {keys}"
            f' (--stage-map "{text}=STAGE")'
        )


def _word(text: str) -> str:
    return normal(text) or re.sub(r"\s+", " ", text.strip().lower())


def times_of(item: ParsedRow, status: Status) -> Times:
    """Return when `item` entered its stage, whose kind is `status`, and when it was closed.

    A closed deal entered its stage when it was closed, or later, never before.
    """
    entered: When | None = item.values.get("stage_entered_at")
    if status == Status.OPEN:
        if "closed_at" in item.values:
            item.refuse("closed_at", "the deal is in an open stage")
        return Times(entered, None)
    closed: When | None = item.values.get("closed_at") or item.values.get("close_date")
    if closed and (entered is None or entered.at < closed.at):
        entered = closed
    return Times(entered, closed)


def refuse_future(item: ParsedRow, now: datetime, status: Status) -> None:
    """Refuse times of `item` that say what has happened and have not come yet."""
    values = item.values
    closed = status != Status.OPEN and "closed_at" not in values
    for name in _CLOSED_PAST if closed else _PAST:
        when = values.get(name)
        if when is not None and when.at > now:
            item.refuse(name, "has not come yet, and says what has happened")


def not_before(when: When, earliest: datetime, zone: ZoneInfo) -> datetime | None:
    """Return `when` as a time from `earliest` on; None where it is before.

    Of a day that is known without a time, `earliest` may be any part.
    """
    if when.at >= earliest:
        return when.at
    return earliest if when.day is not None and when.same(earliest, zone) else None
