"""Importing stage history: where deals were before they were recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from crmctl.domain import lost_reasons, times
from crmctl.domain.importing.cells.values import CellFormat
from crmctl.domain.importing.columns.presets import SYSTEMS, load
from crmctl.domain.importing.files.tables import Table
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.importing.plan import ImportPlan
from crmctl.domain.importing.rejected import Problem, Reject
from crmctl.domain.importing.timeline import FileEntry
from crmctl.domain.importing.unknown_names import NameOf
from crmctl.domain.kinds import ImportKind, Status
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.services.changes import loaded_values
from crmctl.services.imports.history_layout import (
    HistoryLayout,
    history_plan,
    read_history_layout,
)
from crmctl.services.imports.history_merge import HistoryMerge
from crmctl.services.imports.history_rows import HistoryLine, HistoryRowReader
from crmctl.services.imports.lookups.candidates import choose_candidate
from crmctl.services.imports.lookups.deals import DealLookup
from crmctl.services.imports.lookups.owners import OwnerLookup
from crmctl.services.imports.merged_path import PathEntry, against_end
from crmctl.services.imports.options import ImportOptions
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.imports.parsing import RowParser
from crmctl.services.imports.recorded_history import RecordedHistory, recorded_histories
from crmctl.services.imports.row_batches import BatchReader, batched
from crmctl.services.imports.run import add_unused, cell_format_of, check, finish, take_turns
from crmctl.services.imports.stages import StageResolver
from crmctl.services.imports.unused_options import UnusedOptions
from crmctl.services.imports.writing import create_users
from crmctl.storage.lookups import batches


@dataclass
class DealHistory:
    """All that a file says of one deal; a `broken` line of it keeps the others out as well."""

    lines: list[HistoryLine] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    broken: int | None = None


@dataclass(frozen=True)
class _EnteredStage:
    """A stage of a pipeline as history keeps it, which may have been removed since."""

    pipeline: str
    stage: str
    status: Status


_LEFT_OUT = Finding(
    certainty=Certainty.DECIDED,
    text="entries are left out, as --stage-map says",
    one="entry is left out, as --stage-map says",
    count=1,
)


def run(session: CrmSession, table: Table, options: ImportOptions) -> ImportPlan:
    """Import the stage history in `table`, or plan it alone, and return what became of its rows.

    What it says of a deal is taken as a whole, or not at all. Raises Aborted as imports do.
    """
    check(session, options)
    take_turns(session, options)
    layout = read_history_layout(table, options)
    cell_format = cell_format_of(session, table, options)
    plan = history_plan(table, options, layout)
    parser = _row_parser(session, layout, options, cell_format)
    table = parser.as_written(table)
    parser.choose_formats(table)
    for finding in parser.findings:
        plan.findings.add(finding)
    users = OwnerLookup(session, create="users" in options.create_missing)
    history_rows = HistoryRowReader(layout.wide, plan, users, session.change.at)
    history_rows.choose_formats(table, cell_format)
    importer = HistoryImporter(session, plan, layout, options, reader=history_rows, users=users)
    named = (name for each in layout.wide for name in (each.stage, each.inner or ""))
    unused = UnusedOptions(options, layout.columns, parser.kind, named)
    reader = BatchReader(plan, parser, unused)
    for rows, _ in batched(table.rows()):
        importer.gather(reader.read(rows))
    reader.add_findings()
    importer.merge_all()
    importer.add_rejects(table)
    add_unused(plan, options, unused)
    return finish(session, plan, options)


def _row_parser(
    session: CrmSession, layout: HistoryLayout, options: ImportOptions, cell_format: CellFormat
) -> RowParser:
    return RowParser(
        columns=layout.columns,
        entity=ImportKind.HISTORY,
        custom={},
        cell_format=cell_format,
        source=options.source or layout.source,
        currency=session.currency,
    )


class HistoryImporter:
    """Gathers what the rows of a file say of each deal, and then merges and writes it."""

    def __init__(
        self,
        session: CrmSession,
        plan: ImportPlan,
        layout: HistoryLayout,
        options: ImportOptions,
        *,
        reader: HistoryRowReader,
        users: OwnerLookup,
    ) -> None:
        self._session = session
        self._plan = plan
        self._layout = layout
        self._lock = not options.dry_run
        self._reader = reader
        self._users = users
        source = options.source or layout.source
        self._deals = DealLookup(session, findings=plan.findings, source=source)
        # Words for closed stages mean the same in every system.
        closing = {word: kind for each in SYSTEMS for word, kind in load(each).stages.items()}
        self._stages = StageResolver(session, options.pipeline, options.stages, closing, past=True)
        self._zone = times.zone(session.timezone)
        self._merge = HistoryMerge(
            session,
            plan,
            self._zone,
            own=layout.own,
            wide=bool(layout.wide),
            judge=self._judge,
            rank=self._rank,
        )
        self._override = options.override
        self._lost_reason = options.lost_reason
        self._histories: dict[UUID, DealHistory] = {}
        self._problems: dict[int, tuple[Problem, ...]] = {}

    def gather(self, rows: Sequence[ParsedRow]) -> None:
        """Gather what `rows` say of each deal."""
        self._deals.load(rows)
        for row in rows:
            lines = self._reader.read(row)
            if lines is None:
                continue
            if (deal_id := self._find_deal(row)) is not None:
                history = self._histories.setdefault(deal_id, DealHistory())
                history.numbers.append(row.line)
                history.lines += lines
                if row.problems and history.broken is None:
                    history.broken = row.line
            if row.problems:
                self._problems[row.line] = tuple(row.problems)

    def _find_deal(self, row: ParsedRow) -> UUID | None:
        """Return the deal that `row` is about; one that is not clear refuses it."""
        found = self._deals.find(row)
        choose_candidate(row, self._deals.field(row), found, None)
        if not found and not row.problems:
            row.refuse(self._layout.deal_fields[0], "is empty: which deal is meant?")
        return found[0].id if len(found) == 1 and not found[0].barred_because else None

    def merge_all(self) -> None:
        """Merge what was gathered into the history of its deals, and unless dry, write it."""
        for ids in batches(list(self._histories)):
            for recorded in recorded_histories(self._session, ids, lock=self._lock):
                history = self._histories[recorded.deal.id]
                for number, problems in self._add(history, recorded).items():
                    self._problems.setdefault(number, problems)
            create_users(self._session, self._plan, self._users)
            self._merge.write()

    def _rank(self, pipeline: str, stage: str) -> int | None:
        """Return the position of a stage in its pipeline; None where it was removed."""
        found = self._stages.there(pipeline, stage)
        return found.stage.position if found else None

    def _judge(self, deal: Deal, path: Sequence[PathEntry]) -> str | None:
        """Return why `deal` may not be where its `path` leads, or None; what is passed counts."""
        last = path[-1]
        to = self._stages.there(last.pipeline, last.stage)
        if to is None:
            return f"the file has it end in {last.stage}, a stage that was removed"
        lost_reason = None
        if lost_reasons.allowed(last.status):
            lost_reason = deal.lost_reason or last.reason or self._lost_reason
        columns = {**loaded_values(deal), "lost_reason": lost_reason}
        broken = against_end(columns, path, to, now=self._session.change.at, zone=self._zone)
        if broken and not self._override:
            return f"{'; '.join(broken)} (or --override --reason TEXT)"
        self._plan.overridden.update(broken)
        return None

    def _add(
        self, history: DealHistory, recorded: RecordedHistory
    ) -> Mapping[int, tuple[Problem, ...]]:
        """Add what `history` says of a deal; return why it is kept out, if it is, by line."""
        kept = [line for line in history.lines if not self._stages.leaves_out(line.stage)]
        for _ in range(len(history.lines) - len(kept)):
            self._plan.findings.add(_LEFT_OUT)
        entries = []
        wrong: dict[int, tuple[Problem, ...]] = {}
        for line in kept:
            found = self._uncertain(line, recorded.deal) or self._entry(line, recorded.entries)
            if isinstance(found, str):
                found = self._unknown(line, found)
            if isinstance(found, Problem):
                wrong[line.number] = (*wrong.get(line.number, ()), found)
            else:
                entries.append(found)
        if history.broken is not None or wrong:
            broken = min(wrong) if history.broken is None else history.broken
            other = Problem("", "", f"line {broken}, about the same deal, is rejected")
            return {number: wrong.get(number, (other,)) for number in history.numbers}
        reason = self._merge.add(recorded, entries, history.numbers)
        if reason is not None:
            return dict.fromkeys(history.numbers, (Problem("", "", reason),))
        for line in history.lines:
            self._users.mark_used(line.actor)
            if line.decided:
                self._plan.findings.add(line.decided)
        return {}

    def _uncertain(self, line: HistoryLine, deal: Deal) -> Problem | None:
        """Return what is wrong with the sign of a currency in `line`, if `deal` leaves it open."""
        why = line.decide_sign(deal.currency)
        if why is None or line.sign is None:
            return None
        return Problem(self._layout.columns.of(line.sign.field), line.sign.sign.text, why)

    def _unknown(self, line: HistoryLine, why: str) -> Problem:
        """Return what is wrong with a `line` of which a name is not there."""
        columns = self._layout.columns
        if line.pipeline and not self._stages.knows(line.pipeline):
            return Problem(columns.of("pipeline"), line.pipeline, why, unknown=NameOf.PIPELINE)
        column = line.column.name if line.column else columns.of("stage")
        return Problem(column, line.stage, why, unknown=NameOf.PAST_STAGE)

    def _entry(self, line: HistoryLine, recorded: Sequence[StageEntry]) -> FileEntry | str:
        """Return `line` with its stage found in a pipeline, or what is wrong with that."""
        home = recorded[0].pipeline
        found = self._stages.past(line.pipeline, line.stage, home)
        if isinstance(found, str) and line.column and line.column.inner:
            found = self._stages.past(line.column.pipeline, line.column.inner, home)
        if isinstance(found, Stage):
            entered = _EnteredStage(found.pipeline, found.key, found.kind)
        elif (removed := self._removed_stage(line, recorded)) is not None:
            entered = removed
        else:
            return found
        return FileEntry(
            line=line.number,
            when=line.when,
            pipeline=entered.pipeline,
            stage=entered.stage,
            status=entered.status,
            actor=line.actor.id if line.actor else None,
            names_nobody=line.names_nobody,
            amount=line.amount,
            currency=line.currency,
            reason=line.reason,
            left=line.left,
        )

    def _removed_stage(
        self, line: HistoryLine, recorded: Sequence[StageEntry]
    ) -> _EnteredStage | None:
        """Return the stage of `line` where it is one that was removed, as history keeps it."""
        for entry in recorded:
            if entry.stage == line.stage and line.pipeline in (None, entry.pipeline):
                return _EnteredStage(entry.pipeline, entry.stage, entry.status)
        if self._layout.own and line.pipeline and line.status in tuple(Status):
            return _EnteredStage(line.pipeline, line.stage, Status(line.status))
        return None

    def add_rejects(self, table: Table) -> None:
        """Add the refused rows to the plan, with their cells, which were not kept until now."""
        for row in table.rows() if self._problems else ():
            if problems := self._problems.get(row.line):
                self._plan.add_reject(Reject(line=row.line, cells=row.cells, problems=problems))
