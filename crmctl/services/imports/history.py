"""Importing stage history: where deals were before they were recorded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from crmctl.domain import times
from crmctl.domain.importing.cells import values
from crmctl.domain.importing.cells.column_formats import find_formats
from crmctl.domain.importing.cells.values import CellFormat, Kind, When
from crmctl.domain.importing.columns.fields import OWN_HISTORY
from crmctl.domain.importing.columns.mapping import (
    ColumnMapping,
    MappedColumn,
    map_columns,
    normal,
)
from crmctl.domain.importing.columns.presets import SYSTEMS, Recognised, load, recognise
from crmctl.domain.importing.files.escaping import original
from crmctl.domain.importing.files.tables import Table
from crmctl.domain.importing.plan import ImportPlan, Problem, Reject
from crmctl.domain.importing.timeline import FileEntry, StageColumn, stage_columns
from crmctl.domain.kinds import ImportKind, Preset, Status
from crmctl.errors import CrmError, UsageError
from crmctl.models.changes import Change
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.services.imports.history_merge import HistoryMerge
from crmctl.services.imports.lookups.candidates import Candidate, choose_candidate
from crmctl.services.imports.lookups.owners import OwnerLookup
from crmctl.services.imports.lookups.records import DealLookup
from crmctl.services.imports.options import ImportOptions
from crmctl.services.imports.parsing import ParsedRow, RowParser
from crmctl.services.imports.run import batched, check, finish, style_of, take_turns
from crmctl.services.imports.stages import StageResolver
from crmctl.services.imports.writing import create_users
from crmctl.storage.lookups import batches, by_number
from crmctl.storage.scope import in_company

#: The columns of our own export, and the fields that they are.
_OWN = {
    "deal_id": "deal_crmctl_id",
    **{name: name for name in ("pipeline", "stage", "status", "entered_at", "actor", "reason")},
    **{name: name for name in ("amount", "currency")},
}
#: What tells which deal a row is about.
_WHICH = ("deal", "deal_crmctl_id", "deal_external_id")
#: What a log of changed fields calls the stage.
_STAGE_FIELDS = frozenset({"stage", "stageid", "stagename", "dealstage", "hsdealstage"})
_OTHER_FIELDS = "rows tell of other fields than the stage, and are passed over"
_UNKNOWN_ACTOR = "rows name nobody who is a user: who moved the deal is left open"


@dataclass(frozen=True)
class HistoryLayout:
    """How a file tells of history: `wide` columns, one a stage, or else a row for each stage.

    `own` is the export of crmctl, of which an empty cell is a value, too.
    """

    columns: ColumnMapping
    wide: Sequence[StageColumn]
    own: bool
    system: Recognised | None

    @property
    def source(self) -> str | None:
        """The name of the system that ids are of, where it is known."""
        return self.system.system.source if self.system else None


@dataclass(slots=True)
class HistoryLine:
    """A stage that a row says was entered, as it is written."""

    number: int
    when: When
    stage: str
    pipeline: str | None = None
    column: StageColumn | None = None
    actor: Candidate | None = None
    amount: Decimal | None = None
    currency: str | None = None
    reason: str | None = None
    status: str | None = None


@dataclass
class DealHistory:
    """All that a file says of one deal; a `broken` line of it keeps the others out as well."""

    lines: list[HistoryLine] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    broken: int | None = None


def run(session: CrmSession, table: Table, order: ImportOptions) -> ImportPlan:
    """Import the stage history in `table`, or plan it alone, and return what became of its rows.

    What it says of a deal is taken as a whole, or not at all. Raises Aborted as imports do.
    """
    check(session, order)
    take_turns(session, order)
    shape = _shape(table, order)
    style = style_of(session, table, order)
    source = order.source or shape.source
    plan = _plan(table, order, shape)
    reader = RowParser(shape.columns, ImportKind.HISTORY, {}, style, source, session.currency)
    reader.survey(table)
    work = HistoryImport(session, plan, shape, order, source)
    work.survey(table, style)
    for rows, _ in batched(table.rows()):
        plan.rows += len(rows)
        work.take(reader.items(rows))
    work.settle()
    work.reject(table)
    return finish(session, plan, order)


def _shape(table: Table, order: ImportOptions) -> HistoryLayout:
    """Return how `table` is read; raises UsageError where it tells of no stages or no deals."""
    wide = stage_columns(table.header)
    # Nobody else calls columns so.
    preset = Preset.HUBSPOT if wide and order.preset == Preset.AUTO else order.preset
    system = recognise(table.header, ImportKind.HISTORY, preset)
    own = set(table.header) >= OWN_HISTORY
    if own and not order.columns:
        named = (
            MappedColumn(position=table.header.index(name), name=name, field=_OWN[name])
            for name in table.header
            if name in _OWN
        )
        return HistoryLayout(
            ColumnMapping(mapped=tuple(named), unmapped=()), (), own=True, system=None
        )
    layout = system.layout if system else None
    columns = map_columns(table.header, ImportKind.HISTORY, order.columns, layout=layout)
    if wide:
        about = tuple(column for column in columns.mapped if column.field in _WHICH)
        columns = ColumnMapping(mapped=about, unmapped=(), left_out=columns.left_out)
    needed = () if wide else ("stage", "entered_at")
    for name in needed:
        if name not in columns.fields:
            raise UsageError(
                f"no column of {table.name} is called {name}: it has"
                f" {', '.join(table.header[:20])} (--map COLUMN={name})"
            )
    if not columns.fields.intersection(_WHICH):
        raise UsageError(f"no column of {table.name} says which deal is meant (--map COLUMN=deal)")
    return HistoryLayout(columns, wide, own=False, system=system)


def _plan(table: Table, order: ImportOptions, shape: HistoryLayout) -> ImportPlan:
    entered = (
        MappedColumn(position=each.position, name=each.name, field="entered_at")
        for each in shape.wide
    )
    return ImportPlan(
        entity=order.entity,
        file=table.name,
        form=table.form,
        key=", ".join(name for name in _WHICH if name in shape.columns.fields),
        header=table.header,
        columns=tuple(sorted([*shape.columns.mapped, *entered], key=lambda each: each.position)),
        unmapped=shape.columns.unmapped,
        preset=shape.system.system.preset if shape.system else None,
        dry_run=order.dry_run,
        deals=0,
    )


class HistoryImport:
    """Gathers what the rows of a file say of each deal, and then plans and writes it."""

    def __init__(
        self,
        session: CrmSession,
        plan: ImportPlan,
        shape: HistoryLayout,
        order: ImportOptions,
        source: str | None,
    ) -> None:
        self._session = session
        self._plan = plan
        self._shape = shape
        self._lock = not order.dry_run
        self._zone = times.zone(session.timezone)
        self._deals = DealLookup(session, source=source)
        self._owners = OwnerLookup(session, create="users" in order.create_missing)
        # Words for closed stages mean the same in every system.
        closing = {word: kind for each in SYSTEMS for word, kind in load(each).stages.items()}
        self._places = StageResolver(session, order.pipeline, order.stages, closing)
        self._timelines = HistoryMerge(session, plan, self._zone, own=shape.own)
        self._accounts: dict[UUID, DealHistory] = {}
        self._refused: dict[int, tuple[Problem, ...]] = {}
        self._silent: list[int] = []
        self._styles: Mapping[int, CellFormat] = {}
        self._style = CellFormat()

    def survey(self, table: Table, style: CellFormat) -> None:
        """Decide by all cells of `table` how each column of times is written."""
        self._style = style
        kinds = {column.position: Kind.TIME for column in self._shape.wide}
        self._styles = find_formats(table.rows(), kinds, table.header, style).styles

    def take(self, items: Sequence[ParsedRow]) -> None:
        """Gather what `items` say."""
        self._deals.load(items)
        for item in items:
            lines = self._lines(item)
            if lines is None:
                continue
            if (row_id := self._deal(item)) is not None:
                account = self._accounts.setdefault(row_id, DealHistory())
                account.numbers.append(item.row.line)
                account.lines += lines
                if item.problems and account.broken is None:
                    account.broken = item.row.line
            if item.problems:
                self._refused[item.row.line] = tuple(item.problems)

    def _deal(self, item: ParsedRow) -> UUID | None:
        """Return the deal that `item` is about; one that is not clear refuses it."""
        found = self._deals.find(item)
        choose_candidate(item, self._deals.field(item), found, None)
        if not found and not item.problems:
            item.refuse(self._plan.key.partition(",")[0], "is empty: which deal is meant?")
        return found[0].id if len(found) == 1 and not found[0].barred_because else None

    def _lines(self, item: ParsedRow) -> list[HistoryLine] | None:
        """Return the entries that `item` tells of; None where it is about something else."""
        if self._shape.wide:
            return list(self._cells(item))
        changed = item.values.get("changed_field")
        if changed is not None and normal(changed) not in _STAGE_FIELDS:
            self._plan.notes[_OTHER_FIELDS] += 1
            self._plan.count_unchanged()
            return None
        given = item.values
        for name in ("stage", "entered_at"):
            if name not in item.texts and not item.row.trouble:
                item.refuse(name, "is empty")
        if item.problems:
            return []
        line = HistoryLine(
            item.row.line, given["entered_at"], given["stage"], given.get("pipeline")
        )
        line.actor = self._actor(item)
        line.amount, line.currency = given.get("amount"), given.get("currency")
        line.reason, line.status = given.get("reason"), given.get("status")
        self._refuse_future(item, "entered_at", line.when)
        return [line]

    def _cells(self, item: ParsedRow) -> Iterator[HistoryLine]:
        """Yield an entry for each cell of a wide row that has a time."""
        for column in self._shape.wide if not item.row.trouble else ():
            text = original(item.row.cells[column.position]).strip()
            style = self._styles[column.position]
            if values.is_empty(text, style):
                continue
            item.texts[column.name] = text
            try:
                when = values.when(text, style)
            except CrmError as error:
                item.refuse(column.name, str(error))
                continue
            self._refuse_future(item, column.name, when)
            yield HistoryLine(item.row.line, when, column.stage, column=column)

    def _refuse_future(self, item: ParsedRow, name: str, when: When) -> None:
        if when.at > self._session.change.at:
            item.refuse(name, "has not come yet, and says what has happened")

    def _actor(self, item: ParsedRow) -> Candidate | None:
        """Return the user whom `item` names; one who is not known is left open, and noted."""
        text = item.values.get("actor")
        if text is None:
            return None
        names = [(kind, text.lower()) for kind in ("email", "name", "former")]
        found = self._owners.first_known(names, None)
        if not found and self._owners.create:
            found = self._owners.add_new(item, "actor", text, None)
        if len(found) == 1:
            return found[0]
        self._plan.notes[_UNKNOWN_ACTOR] += 1
        return None

    def settle(self) -> None:
        """Plan what was gathered, and unless it is a dry run, write it."""
        for ids in batches(list(self._accounts)):
            deals = self._load(ids)
            recorded = self._recorded(ids)
            since = self._since(deals.values())
            for row_id in ids:
                account = self._accounts[row_id]
                deal = deals[row_id]
                if reason := self._judge(account, deal, recorded[row_id], since[deal.created_in]):
                    self._keep_out(account, reason)
            create_users(self._session, self._plan, self._owners)
            self._timelines.write()

    def _load(self, ids: Sequence[UUID]) -> dict[UUID, Deal]:
        query = select(Deal).where(in_company(self._session, Deal), col(Deal.id).in_(ids))
        query = query.order_by(by_number(Deal))
        found = self._session.exec(query.with_for_update() if self._lock else query).all()
        return {deal.id: deal for deal in found}

    def _recorded(self, ids: Sequence[UUID]) -> dict[UUID, list[StageEntry]]:
        """Return the history that is recorded of each deal, in order."""
        found: dict[UUID, list[StageEntry]] = {row_id: [] for row_id in ids}
        query = select(StageEntry).where(
            in_company(self._session, StageEntry),
            col(StageEntry.deal_id).in_(ids),
        )
        for entry in self._session.exec(query.order_by(col(StageEntry.position))):
            found[entry.deal_id].append(entry)
        return found

    def _since(self, deals: Any) -> dict[UUID, datetime]:
        """Return when each of the change sets that created `deals` was written."""
        query = select(Change.id, Change.at).where(
            in_company(self._session, Change),
            col(Change.id).in_({deal.created_in for deal in deals}),
        )
        return dict(self._session.exec(query).all())

    def _judge(
        self, account: DealHistory, deal: Deal, recorded: Sequence[StageEntry], since: datetime
    ) -> Problem | None:
        """Plan what `account` says of `deal`; return why it is kept out, if it is."""
        if account.broken is not None:
            told = f"line {account.broken}, about the same deal, is rejected"
            return Problem("", "", told)
        told_of = []
        for line in account.lines:
            found = self._place(line, recorded)
            if isinstance(found, str):
                column = line.column.name if line.column else self._shape.columns.of("stage")
                return Problem(column, line.stage, found)
            told_of.append(found)
        reason = self._timelines.add(deal, recorded, told_of, account.numbers, since)
        if reason is not None:
            return Problem("", "", reason)
        for line in account.lines:
            self._owners.mark_used(line.actor)
        return None

    def _place(self, line: HistoryLine, recorded: Sequence[StageEntry]) -> FileEntry | str:
        """Return `line` with its stage found in a pipeline, or what is wrong with that."""
        home = recorded[0].pipeline
        found = self._places.past(line.pipeline, line.stage, home)
        if isinstance(found, str) and line.column and line.column.inner:
            found = self._places.past(line.column.pipeline, line.column.inner, home)
        if isinstance(found, Stage):
            place = (found.pipeline, found.key, found.kind)
        elif (gone := self._gone(line, recorded)) is not None:
            place = gone
        else:
            return found
        actor = line.actor.id if line.actor else None
        pipeline, stage, status = place
        return FileEntry(
            line=line.number,
            when=line.when,
            pipeline=pipeline,
            stage=stage,
            status=status,
            actor=actor,
            amount=line.amount,
            currency=line.currency,
            reason=line.reason,
        )

    def _gone(
        self, line: HistoryLine, recorded: Sequence[StageEntry]
    ) -> tuple[str, str, Status] | None:
        """Return the stage of `line` where it is one that was removed, as history keeps it."""
        for entry in recorded:
            if entry.stage == line.stage and line.pipeline in (None, entry.pipeline):
                return entry.pipeline, entry.stage, entry.status
        if self._shape.own and line.pipeline and line.status in tuple(Status):
            return line.pipeline, line.stage, Status(line.status)
        return None

    def _keep_out(self, account: DealHistory, problem: Problem) -> None:
        for number in account.numbers:
            self._refused.setdefault(number, (problem,))

    def reject(self, table: Table) -> None:
        """Put the refused rows into the plan, with their cells, which were not kept until now."""
        for row in table.rows() if self._refused else ():
            if problems := self._refused.get(row.line):
                self._plan.add_reject(Reject(line=row.line, cells=row.cells, problems=problems))
