"""What imports of all records share: a batch of rows is matched, decided about and written."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Generic
from uuid import UUID

from crmctl.domain.importing.cells.damaged_texts import spoils
from crmctl.domain.importing.findings import SKIPPED_KNOWN, SKIPPED_NEW, Certainty, Finding
from crmctl.domain.importing.plan import Update
from crmctl.models.base import Values
from crmctl.models.session import CrmSession
from crmctl.services.imports.context import ImportContext
from crmctl.services.imports.decisions import Decision, MatchedRow
from crmctl.services.imports.empty_cells import EmptyCells
from crmctl.services.imports.lookups.customers import CustomerLookup
from crmctl.services.imports.matching.matcher import Matcher
from crmctl.services.imports.matching.stored_rows import RecordModel, Row
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.imports.replaced_edits import ReplacedEdits
from crmctl.services.imports.writing import BatchWriter, insert_records

_AGAIN = "skipped for being about a {} that an earlier row is about, by another id"
_MERGED = "skipped for being about a {} that was merged into another"

_SPOILT = Finding(
    certainty=Certainty.UNKNOWN,
    text="would put a damaged text (Ã¼, \ufffd or ? for a letter) over one that is whole",
    count=1,
)


def _row_finding(text: str) -> Finding:
    """Return what was decided about one row by what is in the database."""
    return Finding(certainty=Certainty.DECIDED, text=text, count=1)


class RecordImporter(ABC, Generic[Row]):
    """Imports records of one kind, a batch of rows at a time.

    Each batch goes the same way: `load` what its rows need of the database, `match` them with their
    records, `decide` about each, and `write` what was decided.
    """

    model: ClassVar[RecordModel]

    def __init__(
        self,
        context: ImportContext,
        matcher: Matcher[Row],
        customers: CustomerLookup | None = None,
    ) -> None:
        self._context = context
        self._matcher = matcher
        self._customers = customers
        self._writer = BatchWriter(context, self.model, customers, self.insert)
        self._decided: list[Decision[Row]] = []
        self._edits = ReplacedEdits(context.session, self.model)
        self._empty: EmptyCells | None = None

    def import_batch(self, rows: Sequence[ParsedRow]) -> None:
        """Decide about `rows`, and write what was decided about those before.

        What is written goes out while the next rows are read, after what they ask for was loaded.
        """
        self.load(rows)
        self.write_decided()
        for matched in self.match(rows):
            self._count(self._skip(matched) or self._decide(matched))
            self._foresee(matched)
        self._edits.count(self._decided)

    def _decide(self, matched: MatchedRow[Row]) -> Decision[Row]:
        """Return what is written because of a row, its empty cells included."""
        row, record = matched.row, matched.record
        if record is not None:
            if self._empty is None:
                clear = self._context.clear_empty
                self._empty = EmptyCells(row.columns, self._context.entity, clear=clear)
            self._empty.note(row, record)
        return self.decide(matched)

    def note_imported(self, rows: Sequence[ParsedRow]) -> None:
        """Take note of `rows` that an earlier run has imported, for rows about the same."""
        self.load(rows)
        for row in rows:
            if not row.problems:
                self._matcher.mark_imported(row, self._matcher.match(row))
                self._matcher.notes.count(row)

    def renew(self, written: Sequence[UUID]) -> None:
        """Read anew, after a commit, what others may have changed in the change sets `written`."""
        if self._customers:
            self._customers.renew(written)
        if written:
            self._context.owners.renew()
            self._context.franchises.renew()
            self._matcher.renew(written)

    def write_decided(self) -> None:
        """Write what was decided about the rows so far."""
        decided, self._decided = self._decided, []
        self.write(decided)

    def add_findings(self) -> None:
        """Add to the plan what was found out about rows, once all are decided about."""
        for finding in (*self._edits.findings(), *self._matcher.notes.findings()):
            self._context.plan.findings.add(finding)

    def load(self, rows: Sequence[ParsedRow]) -> None:
        """Load what may be meant by `rows`."""
        self._matcher.load(rows)

    def match(self, rows: Sequence[ParsedRow]) -> Sequence[MatchedRow[Row]]:
        """Return `rows` with the records that they are about."""
        return [
            MatchedRow(row=row, record=self._match(row), known=self._is_known(row)) for row in rows
        ]

    def _match(self, row: ParsedRow) -> Row | None:
        """Return the record that `row` is about, where what is wrong with it leaves that clear."""
        if not row.refused or self._is_known(row):
            return self._matcher.match(row)
        self._matcher.refuse_nameless(row)
        return None

    def _is_known(self, row: ParsedRow) -> bool:
        """Return whether it is clear what `row` is about, or at least that it is something new."""
        return not row.refused or self._matcher.is_clear(row)

    @abstractmethod
    def decide(self, matched: MatchedRow[Row]) -> Decision[Row]:
        """Return what is written because of a row; what keeps it out is added to its problems."""

    def insert(self, session: CrmSession, rows: Sequence[Values]) -> None:
        """Insert new records with the columns of `rows`."""
        insert_records(session, self.model, rows)

    def write(self, batch: Sequence[Decision[Row]]) -> None:
        """Write `batch`, unless the import is a dry run."""
        self._writer.write(batch)

    def _skip(self, matched: MatchedRow[Row]) -> Decision[Row] | None:
        """Return the decision to leave a row out, where the import may not write what it is about.

        A row that an earlier one was about as well is refused.
        """
        row, record = matched.row, matched.record
        if row.problems:
            self._matcher.check_id(row, record)
            return None
        again = self._matcher.check_repeated(row, record)
        if record is not None and not (again or row.problems):
            self._matcher.check_id(row, record)
        merged = self._matcher.is_about_merged(row)
        if row.problems or not (again or merged or self._context.is_out_of_scope(record)):
            return None
        why = _MERGED if merged else _AGAIN if again else None
        scope = SKIPPED_NEW if record is None else SKIPPED_KNOWN
        finding = _row_finding(why.format(self._context.entity)) if why else scope
        return Decision(row=row, record=record, findings=(finding,), skipped=True)

    def _count(self, decision: Decision[Row]) -> None:
        """Count in the plan what becomes of a row, and keep what is to be written."""
        plan, row = self._context.plan, decision.row
        if row.problems:
            plan.add_reject(row.rejected())
            return
        self._matcher.mark_imported(row, decision.record)
        self._note(decision)
        if decision.skipped:
            plan.count_skipped()
            return
        self._matcher.notes.count(row)
        if decision.owner:
            self._context.owners.mark_used(decision.owner)
        if self._customers and decision.customer:
            self._customers.mark_used(decision.customer)
        if decision.record is None:
            plan.count_created()
        elif decision.changes:
            ref = self._matcher.ref(decision.record)
            plan.add_update(Update(row.line, ref, decision.changes))
        else:
            plan.count_unchanged()
            return
        decision.superseded = self._matcher.superseded(row)
        self._decided.append(decision)

    def _foresee(self, matched: MatchedRow[Row]) -> None:
        """Have the plan say what records lack that only what is wrong with their rows keeps out."""
        row, scope = matched.row, self._context.scope
        if not row.problems or "" in row.refused or not (matched.known and scope.create):
            return
        if matched.record is None:
            self._context.plan.findings.expect_created()

    def _note(self, decision: Decision[Row]) -> None:
        """Add to the plan what is to be known about a row that is not refused."""
        plan, owner = self._context.plan, decision.owner
        if decision.row.findings or decision.findings:
            for finding in (*decision.row.findings, *decision.findings):
                plan.findings.add(finding)
        if decision.overridden:
            plan.overridden.update(decision.overridden)
        if decision.skipped:
            return
        if owner and owner.inactive and decision.values.get("owner_id") == owner.id:
            plan.findings.add(_row_finding(f"given to {owner.label}, who is inactive"))
        if decision.record and any(spoils(*change) for change in decision.changes.values()):
            plan.findings.add(_SPOILT)
