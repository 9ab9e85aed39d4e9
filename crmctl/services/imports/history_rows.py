"""From a row of a file to the stages that it says a deal entered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from crmctl.domain.importing.cells import values
from crmctl.domain.importing.cells.column_formats import find_formats
from crmctl.domain.importing.cells.currency_signs import RowSign
from crmctl.domain.importing.cells.values import CellFormat, Kind, When
from crmctl.domain.importing.files.escaping import original
from crmctl.domain.importing.files.tables import Table
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.importing.plan import ImportPlan
from crmctl.domain.importing.timeline import StageColumn
from crmctl.domain.importing.units import normal
from crmctl.domain.text import folded
from crmctl.domain.times import not_yet
from crmctl.errors import CrmError, UsageError
from crmctl.services.imports.lookups.candidates import Candidate
from crmctl.services.imports.lookups.owners import OwnerLookup
from crmctl.services.imports.parsed_row import ParsedRow

#: What a log of changed fields calls the stage.
_STAGE_FIELDS = frozenset({"stage", "stageid", "stagename", "dealstage", "hsdealstage"})
_OTHER_FIELDS = Finding(
    certainty=Certainty.DECIDED,
    text="rows tell of other fields than the stage, and are passed over",
    one="row tells of another field than the stage, and is passed over",
    count=1,
)
_UNKNOWN_ACTOR = Finding(
    certainty=Certainty.UNKNOWN,
    text="rows name nobody who is a user: who moved the deal is left open",
    one="row names nobody who is a user: who moved the deal is left open",
    count=1,
    option="--create-missing users",
)


@dataclass(slots=True, kw_only=True)
class HistoryLine:
    """A stage that a row says was entered, as it is written.

    A `sign` says the currency together with the deal; `decided` is what it came to. `left` is when
    the stage was left, where a column of its own says that.
    """

    number: int
    when: When
    stage: str
    pipeline: str | None = None
    column: StageColumn | None = None
    actor: Candidate | None = None
    names_nobody: bool = False
    amount: Decimal | None = None
    currency: str | None = None
    reason: str | None = None
    status: str | None = None
    sign: RowSign | None = None
    decided: Finding | None = None
    left: When | None = None

    def decide_sign(self, present: str) -> str | None:
        """Take the currency that the sign means for a deal that counts in `present`.

        Returns why it is not certain, if it is not.
        """
        if self.sign is None:
            return None
        try:
            self.currency = self.sign.meant(present)
        except UsageError as error:
            return str(error)
        self.decided = self.sign.finding(self.currency)
        return None


class HistoryRowReader:
    """Reads what rows tell of history: a stage each, or one in each of the `wide` columns."""

    def __init__(
        self, wide: Sequence[StageColumn], plan: ImportPlan, users: OwnerLookup, now: datetime
    ) -> None:
        self._wide = wide
        self._plan = plan
        self._users = users
        self._now = now
        self._formats: Mapping[int, CellFormat] = {}

    def choose_formats(self, table: Table, cell_format: CellFormat) -> None:
        """Decide by all cells of `table` how each column of times is written."""
        kinds = {column.position: Kind.TIME for column in self._wide}
        kinds |= {each.left: Kind.TIME for each in self._wide if each.left is not None}
        found = find_formats(table.rows(), kinds, table.header, cell_format)
        self._formats = found.formats
        for finding in found.findings:
            self._plan.findings.add(finding)

    def read(self, row: ParsedRow) -> list[HistoryLine] | None:
        """Return the entries that `row` tells of; None where it is about something else."""
        if self._wide:
            return list(self._read_cells(row))
        changed = row.values.get("changed_field")
        if changed is not None and normal(changed) not in _STAGE_FIELDS:
            self._plan.findings.add(_OTHER_FIELDS)
            self._plan.count_unchanged()
            return None
        for name in ("stage", "entered_at"):
            if name not in row.texts and not row.file_row.trouble:
                row.refuse(name, "is empty")
        return [] if row.problems else [self._read_line(row)]

    def _read_line(self, row: ParsedRow) -> HistoryLine:
        given, actor = row.values, self._find_actor(row)
        line = HistoryLine(
            number=row.line,
            when=given["entered_at"].of_day(given.get("entered_day")),
            stage=given["stage"],
            pipeline=given.get("pipeline"),
            actor=actor,
            names_nobody=actor is None and "actor" in given,
            amount=given.get("amount"),
            currency=given.get("currency"),
            reason=given.get("reason"),
            status=given.get("status"),
            sign=row.sign,
        )
        self._refuse_future(row, "entered_at", line.when)
        return line

    def _read_cells(self, row: ParsedRow) -> Iterator[HistoryLine]:
        """Yield an entry for each cell of a wide row that has a time."""
        for column in self._wide if not row.file_row.trouble else ():
            if when := self._read_time(row, column.position, column.name):
                left = None
                if column.left is not None:
                    left = self._read_time(row, column.left, column.name)
                yield HistoryLine(
                    number=row.line, when=when, stage=column.stage, column=column, left=left
                )

    def _read_time(self, row: ParsedRow, position: int, name: str) -> When | None:
        """Return the time in a cell; one that cannot be, or has not come yet, refuses the row."""
        text = original(row.file_row.cells[position]).strip()
        cell_format = self._formats[position]
        if values.is_empty(text, cell_format):
            return None
        row.texts[name] = text
        try:
            when = values.when(text, cell_format)
        except CrmError as error:
            row.refuse(name, str(error))
            return None
        self._refuse_future(row, name, when)
        return when

    def _refuse_future(self, row: ParsedRow, name: str, when: When) -> None:
        if ahead := not_yet(when.at, self._now):
            row.refuse(name, f"{ahead}, and says what has happened")

    def _find_actor(self, row: ParsedRow) -> Candidate | None:
        """Return the user whom `row` names; one who is not known is left open, and noted."""
        text = row.values.get("actor")
        if text is None:
            return None
        names = [(kind, folded(text)) for kind in ("email", "name", "former")]
        found = self._users.first_known(names, None)
        if not found and self._users.create:
            found = self._users.add_new(row, "actor", text, None)
        if len(found) == 1:
            return found[0]
        self._plan.findings.add(_UNKNOWN_ACTOR)
        return None
