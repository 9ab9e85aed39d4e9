"""The stages that the deals of a file are in, by the names that it has for them."""

from collections.abc import Mapping, Sequence

from crmctl.domain.importing.cells import closing_flags, status_words
from crmctl.domain.importing.findings import mapping_option
from crmctl.domain.importing.units import stage_word
from crmctl.domain.importing.unknown_names import NameOf
from crmctl.domain.kinds import Status
from crmctl.domain.text import folded
from crmctl.errors import NotFound, Refused, UsageError
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.services.imports.matching.stored_rows import DealRow
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.pipeline import rules
from crmctl.services.pipeline.rules import StageRef

#: The fields that leave open what stage a deal is in, where a row is refused for one of them.
QUESTIONS = frozenset({"stage", "outcome", "pipeline", *closing_flags.FLAGS})


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
        statuses: Mapping[str, str] | None = None,
        *,
        past: bool = False,
    ) -> None:
        self._past = past
        self._known = rules.sales_processes(session)
        self._first = rules.choose(self._known, pipeline)
        self._fixed = pipeline is not None
        self._renamed = dict(self._correction(text) for text in stages)
        self._statuses = dict(_status(pair) for pair in (statuses or {}).items() if pair[1].strip())
        self._closing = {stage_word(text): kind for text, kind in closing.items()}
        self._found: dict[tuple[str, str], Stage | str] = {}
        self._pipelines: dict[str, rules.SalesProcess | str] = {}
        self._refs: dict[int, StageRef] = {}
        #: What was found for rows that say the same, which most of a file do.
        self._chosen: dict[tuple[str | None, ...], StageRef | None] = {}

    def _correction(self, text: str) -> tuple[str, str]:
        name, _, stage = (part.strip() for part in text.rpartition("="))
        if name and not stage and self._past:
            return stage_word(name), ""
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
                return stage_word(name), stage
        raise UsageError(f"--stage-map {text}: {missing}")

    def find(self, row: ParsedRow, deal: DealRow | None, *, known: bool = True) -> StageRef | None:
        """Return the stage of `row`; of a new deal, where none is named, that where deals start.

        None is a `deal` that stays where it is. A name that is not known refuses the row. Where it
        is not `known` which deal is meant, its stage may be one of any pipeline.
        """
        values = row.values
        if row.refused or not known or not closing_flags.FLAGS.keys().isdisjoint(values):
            return self._find(row, deal, known=known)
        said = (
            values.get("stage"),
            values.get("outcome"),
            values.get("pipeline"),
            deal.pipeline if deal else None,
        )
        if said in self._chosen:
            return self._chosen[said]
        found = self._find(row, deal, known=True)
        if not row.refused:
            self._chosen[said] = found
        return found

    def _find(self, row: ParsedRow, deal: DealRow | None, *, known: bool) -> StageRef | None:
        possible = self._possible(row)
        process = self._process(row, deal)
        if process is None or not QUESTIONS.isdisjoint(row.refused):
            return None
        only = next(iter(possible)) if len(possible) == 1 else None
        text = row.values.get("stage")
        anywhere = not (known or self._fixed or "pipeline" in row.values)
        processes = [process, *(self._known.values() if anywhere else ())]
        if text is not None:
            found = self._among(processes, text)
            if isinstance(found, StageRef) and self._allows(row, text, found, possible):
                return found
            if only in (None, Status.OPEN) or self._is_closed(found):
                self._refuse(row, found, possible)
                return None
        if Status.OPEN in possible:
            return self._unnamed(row, process, deal) if known else None
        return self._closed(row, processes, only)

    def _allows(
        self, row: ParsedRow, text: str, found: StageRef, possible: frozenset[Status]
    ) -> bool:
        """Return whether a deal that is one of `possible` may be in the stage that `text` means.

        Where --stage-map says what it means, a system that does not count its stage among the
        closed ones says nothing against it.
        """
        kind = found.stage.kind
        if kind in possible or stage_word(text) not in self._renamed:
            return kind in possible
        outcome = self._outcome(row)
        return outcome in (None, kind) and kind in closing_flags.possible(row.values, denied=False)

    def _refuse(self, row: ParsedRow, found: StageRef | str, possible: frozenset[Status]) -> None:
        """Refuse a row whose stage is not `found`, or is none in which its deal may be."""
        if isinstance(found, str):
            row.refuse("stage", found, NameOf.STAGE)
            return
        key, kind = found.stage.key, found.stage.kind
        of = f"a stage of {kind} ones" if kind in (Status.WON, Status.LOST) else "an open stage"
        row.refuse(_status_field(row), f"{closing_flags.words(possible)} in {key}, {of}")

    @staticmethod
    def _is_closed(found: StageRef | str) -> bool:
        return isinstance(found, StageRef) and found.stage.kind != Status.OPEN

    def _closed(
        self, row: ParsedRow, processes: Sequence[rules.SalesProcess], kind: Status | None
    ) -> StageRef | None:
        """Return the stage of a deal that is closed, of which nothing but its `kind` is known."""
        found = "closed, and no column says whether won or lost (--map COLUMN=is_won)"
        closed = self._among(processes, kind) if kind else found
        if isinstance(closed, StageRef):
            return closed
        row.refuse(_status_field(row), closed)
        return None

    def _possible(self, row: ParsedRow) -> frozenset[Status]:
        """Return what `row` says that its deal may be, whatever its stage."""
        outcome = self._outcome(row)
        said = closing_flags.ANYTHING if outcome is None else frozenset({Status(outcome)})
        if row.values.keys().isdisjoint(closing_flags.FLAGS):
            return said
        found = said & closing_flags.possible(row.values)
        if not found:
            names = [each for each in ("outcome", *closing_flags.FLAGS) if each in row.values]
            listed = ", ".join(f"{row.columns.of(each)} {row.texts[each]!r}" for each in names)
            row.refuse(names[-1], f"its columns contradict each other: {listed}")
        return found

    def _among(self, processes: Sequence[rules.SalesProcess], text: str) -> StageRef | str:
        """Return the stage of the first of `processes` that has `text`, or what is wrong."""
        wrong = ""
        for process in processes:
            stage = self._stage(process, text)
            if isinstance(stage, Stage):
                return self._ref(process, stage)
            wrong = wrong or stage
        return wrong

    def field_of(self, row: ParsedRow) -> str:
        """Return the field that says what stage the deal of `row` is in."""
        if self._meaning(row.values.get("outcome")) in (Status.WON, Status.LOST):
            return "outcome"
        flagged = any(row.values.get(each) for each in closing_flags.FLAGS)
        return _status_field(row) if flagged and "stage" not in row.values else "stage"

    def _ref(self, process: rules.SalesProcess, stage: Stage) -> StageRef:
        # By the object: asking the ORM for its keys is what each of a million rows would feel.
        if id(stage) not in self._refs:
            self._refs[id(stage)] = StageRef(process, stage)
        return self._refs[id(stage)]

    def _outcome(self, row: ParsedRow) -> str | None:
        """Return whether `row` says that it is open, won or lost, whatever its stage."""
        text = row.values.get("outcome")
        found = self._meaning(text)
        if text is None or found:
            return found
        hint = f"{mapping_option('--status-map', text, 'STATUS')}, STATUS is open, won or lost"
        row.refuse("outcome", f"not open, won or lost: {text!r} ({hint})", NameOf.STATUS)
        return None

    def _meaning(self, text: str | None) -> str | None:
        """Return what a word for a status means; None for one that is not known."""
        if text is None or (found := self._statuses.get(stage_word(text))):
            return text and found
        if (stage := self._renamed.get(stage_word(text))) is not None:
            key = stage_word(stage)
            kinds = {each.kind for each in self._first.stages if stage_word(each.key) == key}
            if len(kinds) == 1:
                return kinds.pop()
        return status_words.meaning(text)

    def _process(self, row: ParsedRow, deal: DealRow | None) -> rules.SalesProcess | None:
        text = row.values.get("pipeline")
        if self._fixed or (text is None and deal is None):
            return self._first
        if text is None and deal is not None:
            return self._known[deal.pipeline]
        process = self._called(str(text))
        if isinstance(process, rules.SalesProcess):
            return process
        row.refuse("pipeline", process, NameOf.PIPELINE)
        return None

    def _called(self, text: str) -> rules.SalesProcess | str:
        """Return the pipeline that `text` names, or what is wrong with it."""
        if text not in self._pipelines:
            self._pipelines[text] = self._look_up_pipeline(text)
        return self._pipelines[text]

    def _look_up_pipeline(self, text: str) -> rules.SalesProcess | str:
        """Return the pipeline that `text` names, with the word pipeline or without it."""
        known = list(self._known.values())
        for process in known:
            if folded(text) in (process.pipeline.key.lower(), folded(process.pipeline.label)):
                return process
        bare = _bare(text)
        alike = [each for each in known if bare == _bare(each.pipeline.label)]
        # What is called by that word alone is the only one that there is.
        alike = alike if bare else known
        if len(alike) == 1:
            return alike[0]
        return (
            f"no pipeline is called {text!r} (there is {', '.join(self._known)};"
            " --pipeline KEY chooses one for the whole file)"
        )

    def knows(self, pipeline: str | None) -> bool:
        """Return whether rows may be in what they call `pipeline`, or name none."""
        return pipeline is None or self._fixed or not isinstance(self._called(pipeline), str)

    def leaves_out(self, text: str) -> bool:
        """Return whether events of the stage called `text` are to be left out of a history."""
        return self._renamed.get(stage_word(text)) == ""

    def there(self, pipeline: str, stage: str) -> StageRef | None:
        """Return the stage with this key; None where it was removed."""
        process = self._known.get(pipeline)
        found = process.stage(stage) if process else None
        return self._ref(process, found) if process and found else None

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
        self, row: ParsedRow, process: rules.SalesProcess, deal: DealRow | None
    ) -> StageRef | None:
        if deal is None:
            try:
                return self._ref(process, process.first())
            except Refused as error:
                row.refuse("stage", str(error))
        elif deal.pipeline != process.pipeline.key and "pipeline" in row.values:
            row.refuse("pipeline", "a deal that changes its pipeline needs a stage there")
        return None

    def _stage(self, process: rules.SalesProcess, text: str) -> Stage | str:
        """Return the stage that `text` names, or what is wrong with it."""
        key = (process.key, text)
        if key not in self._found:
            self._found[key] = self._look_up(process, text)
        return self._found[key]

    def _look_up(self, process: rules.SalesProcess, text: str) -> Stage | str:
        if renamed := self._renamed.get(stage_word(text)):
            try:
                return process.find(renamed)
            except NotFound as error:
                return str(error)
        word = stage_word(text)
        kind = self._closing.get(word) or status_words.closing(text, alone=True) or word
        readings = (
            [stage for stage in process.stages if stage.key == folded(text)],
            [stage for stage in process.stages if stage_word(stage.label) == word],
            [stage for stage in process.stages if stage.kind == kind],
        )
        for found in readings:
            if len(found) == 1:
                return found[0]
        keys = ", ".join(stage.key for stage in process.stages)
        return (
            f"{text!r} is no stage of pipeline {process.pipeline.key}, which has {keys}"
            f" ({mapping_option('--stage-map', text, 'STAGE')})"
        )


def _bare(name: str) -> str:
    """Return the name of a pipeline without that word."""
    return " ".join(word for word in folded(name).split() if word != "pipeline")


def _status_field(row: ParsedRow) -> str:
    """Return the first field of `row` that says whether its deal is open, won or lost."""
    names = ("outcome", *closing_flags.FLAGS)
    given = [each for each in names if row.values.get(each)]
    return next(iter(given or [each for each in names if each in row.values]), "stage")


def _status(pair: tuple[str, str]) -> tuple[str, Status]:
    """Return a word of a file, and what it says of a deal."""
    word, meant = pair
    if meant.strip().lower() not in tuple(Status):
        raise UsageError(f"--status-map {word}={meant}: a deal is one of {', '.join(Status)}")
    return stage_word(word), Status(meant.strip().lower())
