"""A file as a table: a header, and rows of text with the lines that they stand on."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from crmctl.domain.importing.findings import Finding
from crmctl.errors import UsageError


class TableRow(NamedTuple):
    """The cells of one row, as many as the header has, and the line on which it begins.

    `trouble` says what is wrong with the row as a whole, and is empty for a sound one; `faults`
    why cells cannot be read, by position. A row that ended early had only its first `short` cells,
    and has empty ones after them. `written` are the texts of cells, by position, that show more
    than the value that is kept of them, such as a currency. One of the `footer` is one of those
    in trouble that are known to end a report.
    """

    line: int
    cells: tuple[str, ...]
    trouble: str = ""
    faults: Mapping[int, str] | None = None
    short: int = 0
    written: Mapping[int, str] | None = None
    footer: bool = False


#: How many columns a table may have: as many as a sheet of a spreadsheet.
MOST_COLUMNS = 16_384
#: How much of the text of a broken row is kept, in characters: more than anyone would read.
KEPT_TEXT = 10_000


#: Characters that are not seen and mean nothing within a text: a byte order mark, which is inside a
#: file that was joined from others, a space of no width, and what joins words.
MARKS = "\ufeff\u200b\u2060"
_WITHOUT_MARKS = str.maketrans("", "", MARKS)
#: What is said of characters that are not seen.
LEFT_OUT = "characters that are not seen, such as byte order marks, were left out of texts"
#: What the files that crmctl writes have columns for, whatever else: exports, and stage history.
OWN_COLUMNS = frozenset({"ref", "external_ids", "id"})
OWN_HISTORY = frozenset({"deal", "deal_id", "position", "left_at"})


def without_marks(text: str) -> str:
    """Return `text` without the characters that are not seen."""
    return text if text.isascii() else text.translate(_WITHOUT_MARKS)


def written_by_crmctl(header: Sequence[str]) -> bool:
    """Return whether `header` is that of a file that crmctl wrote: an export, stage history too."""
    return any(own <= set(header) for own in (OWN_COLUMNS, OWN_HISTORY))


def broken(line: int, text: str, width: int, trouble: str) -> TableRow:
    """Return a row of which nothing but the `text` is known, below a header of `width` cells.

    The text stands beyond the header: as a cell too many, it is refused wherever it comes again.
    """
    return TableRow(line, (*[""] * width, text[:KEPT_TEXT]), trouble)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a file is to be read, as far as that was said; the rest is found.

    `header` is the line of the header, or NO_HEADER.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    header: int | None = None
    sheet: str | None = None


#: The line of the header where there is none: columns are told by number.
NO_HEADER = 0


@dataclass(frozen=True, kw_only=True)
class Form:
    """How a file was read: `kind` is csv, jsonl or the name of a sheet; `header` is its line.

    That is NO_HEADER where the file has none.

    `findings` are what was found out about the file while its beginning was read.
    """

    kind: str
    encoding: str = "utf-8"
    delimiter: str = ""
    header: int = 1
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file that was opened: its header, and its rows, which are read as needed.

    `rows` begins at the first one whenever it is called, and ends what was begun before. Only with
    `has_written` do some of their cells show more than the value that is kept of them.
    """

    name: str
    header: tuple[str, ...]
    rows: Callable[[], Iterator[TableRow]]
    form: Form
    has_written: bool = False

    def as_written(self, columns: Collection[int]) -> "Table":
        """Return the table with what cells of `columns` show in place of the value that is kept."""
        if not self.has_written or not columns:
            return self
        return replace(self, rows=lambda: (_as_written(row, columns) for row in self.rows()))

    def with_findings(self, findings: Sequence[Finding]) -> "Table":
        """Return the table with what was found out about its file before it was read."""
        form = replace(self.form, findings=(*findings, *self.form.findings))
        return replace(self, form=form)

    def without_marks(self, *, but_texts: bool) -> "Table":
        """Return the table without the characters of its cells that are not seen.

        In a file that crmctl wrote, texts are as they should be, and mean what they mean there.
        """
        if not but_texts:
            return replace(self, rows=lambda: map(_unmarked, self.rows()))
        kept = tuple(found for found in self.form.findings if found.text != LEFT_OUT)
        return replace(self, form=replace(self.form, findings=kept))


def _as_written(row: TableRow, columns: Collection[int]) -> TableRow:
    if row.trouble or not row.written:
        return row
    cells = list(row.cells)
    for position, text in row.written.items():
        if position in columns:
            cells[position] = text
    return row._replace(cells=tuple(cells))


def _unmarked(row: TableRow) -> TableRow:
    if "".join(row.cells).isascii():
        return row
    return row._replace(cells=tuple(map(without_marks, row.cells)))


def column_names(cells: Sequence[str], wide: int = 0) -> tuple[str, ...]:
    """Return the names of columns: one for each that has none, and a number after a repeated one.

    Columns without a name at the end are none, but for the first `wide` ones, which hold something.
    """
    cleaned = [" ".join(without_marks(cell).split()) for cell in cells]
    while len(cleaned) > wide and not cleaned[-1]:
        cleaned.pop()
    names: list[str] = []
    taken: set[str] = set()
    numbers: defaultdict[str, int] = defaultdict(lambda: 2)
    for position, cell in enumerate(cleaned):
        word = cell or numbered(position)
        name = word
        while name in taken:
            name = f"{word} ({numbers[word]})"
            numbers[word] += 1
        taken.add(name)
        names.append(name)
    return tuple(names)


def numbered(position: int) -> str:
    """Return what a column without a name is called."""
    return f"column {position + 1}"


def require_columns(count: int, where: str) -> None:
    """Raise UsageError for more columns than a table may have; `where` is the file and the line."""
    if count > MOST_COLUMNS:
        raise UsageError(f"{where} has {count:,} columns: a table has at most {MOST_COLUMNS:,}")
