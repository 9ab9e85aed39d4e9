"""The rows of a file, a batch at a time, and what they tell of the file on their way."""

from collections.abc import Iterator, Sequence
from itertools import islice

from crmctl.domain.importing.cells.damaged_texts import DamagedTexts
from crmctl.domain.importing.files.footers import LEFT_OUT
from crmctl.domain.importing.files.short_rows import ShortRows
from crmctl.domain.importing.files.tables import TableRow
from crmctl.domain.importing.plan import ImportPlan
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.imports.parsing import RowParser
from crmctl.services.imports.unused_options import UnusedOptions

#: Rows that are planned and written together.
BATCH = 2000
#: What the texts of a batch may take, in bytes about, and what a cell takes besides its letters.
_BATCH_ROOM = 16 << 20
_CELL = 64


def batched(rows: Iterator[TableRow], size: int = BATCH) -> Iterator[tuple[list[TableRow], bool]]:
    """Yield the rows in batches of `size`, each with whether the file is this one batch.

    Batches of long rows are of fewer: two are in memory at a time.
    """
    batch = _batch(rows, size)
    following = _batch(rows, size)
    whole = not following
    while batch:
        yield batch, whole
        batch, following = following, _batch(rows, size)


def _batch(rows: Iterator[TableRow], size: int) -> list[TableRow]:
    batch: list[TableRow] = []
    room = _BATCH_ROOM
    for row in islice(rows, size):
        batch.append(row)
        room -= _CELL * len(row.cells) + len("".join(row.cells))
        if room <= 0:
            break
    return batch


class BatchReader:
    """Parses the batches of a file in order, and watches for what is to be said of all its rows."""

    def __init__(self, plan: ImportPlan, parser: RowParser, unused: UnusedOptions) -> None:
        self._plan = plan
        self._parser = parser
        self._unused = unused
        self._damaged = DamagedTexts()
        self._short = ShortRows()

    def read(self, rows: Sequence[TableRow]) -> list[ParsedRow]:
        """Return `rows`, the next ones of the file, parsed, and count them in the plan."""
        self._plan.rows += len(rows)
        if rows and rows[-1].footer:
            rows = [row for row in rows if not self._ends_report(row)]
        self._damaged.look(rows)
        self._short.look(rows)
        parsed = self._parser.parse_rows(rows)
        self._unused.look(parsed)
        return parsed

    def _ends_report(self, row: TableRow) -> bool:
        """Return whether `row` is of the footer of a report, and count it if it is."""
        if row.footer:
            self._plan.findings.add(LEFT_OUT)
            self._plan.count_skipped()
        return row.footer

    def add_findings(self) -> None:
        """Add to the plan what was found out about the rows, once all are read."""
        for finding in (*self._damaged.findings, *self._short.findings):
            self._plan.findings.add(finding)
