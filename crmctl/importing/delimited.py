"""CSV and its relatives: cells divided by a delimiter, quoted where they hold one."""

import codecs
import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import dropwhile, islice
from typing import BinaryIO, TextIO

from crmctl.errors import UsageError
from crmctl.importing.dialects import Dialect, find_dialect
from crmctl.importing.tables import Form, Row, Table, column_names
from crmctl.importing.values import original

#: Longest cell, in characters: far above any field, and low enough to notice an open quote.
LONGEST_CELL = 1_000_000
#: Among how many records the header is looked for.
_FIRST = 50
_SAMPLE = 65_536
# What is a value rather than the name of a column.
_VALUE = re.compile(r"[\W\d]*|.*@.*\..*")


@contextmanager
def read_csv(
    stream: BinaryIO,
    name: str,
    encoding: str,
    delimiter: str | None = None,
    header: int | None = None,
) -> Iterator[Table]:
    """Yield the table that `stream` holds as text in `encoding`; `name` is what messages call it.

    Without a `delimiter`, and the line of the `header`, they are found. Raises UsageError for what
    is no table.
    """
    csv.field_size_limit(min(sys.maxsize, LONGEST_CELL))
    dialect = find_dialect(_beginning(stream, name, encoding), delimiter)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        found = _header(_records(text, name, encoding, dialect), name, header)
        names = column_names([original(cell) for cell in found.cells])
        form = Form("csv", encoding, dialect.delimiter, found.line)

        def rows() -> Iterator[Row]:
            text.seek(0)
            records = _records(text, name, encoding, dialect)
            below = dropwhile(lambda each: each.line <= found.line, records)
            return rows_below(below, len(names))

        yield Table(name, names, rows, form)
    finally:
        # Whoever opened the stream closes it.
        text.detach()


def _beginning(stream: BinaryIO, name: str, encoding: str) -> str:
    head = stream.read(_SAMPLE)
    stream.seek(0)
    try:
        return codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError as error:
        raise _undecodable(name, encoding, head.count(b"\n", 0, error.start) + 1) from None


def _undecodable(name: str, encoding: str, line: int) -> UsageError:
    shown = encoding.removesuffix("-sig")
    return UsageError(f"{name} is not {shown} text (near line {line}; --encoding says another)")


def _blank(cells: Iterable[str]) -> bool:
    return not any(cell.strip() for cell in cells)


def _records(text: TextIO, name: str, encoding: str, dialect: Dialect) -> Iterator[Row]:
    """Yield the records of the file, header included."""
    lines = _Lines(text, name, encoding)
    for _ in range(dialect.skip):
        next(lines)
    reader = dialect.reader(lines)
    while True:
        line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UsageError(f"{name} line {line} cannot be read as CSV: {error}") from None
        # A record that ran into the end of the file was still inside quotes.
        trouble = "a quote that is opened here is never closed" if lines.ended and cells else ""
        yield Row(line, tuple(cells), trouble)


class _Lines:
    """The lines of a file as text, their ends kept; `ended` is set once more were asked for."""

    def __init__(self, text: TextIO, name: str, encoding: str) -> None:
        self._text = text
        self._name = name
        self._encoding = encoding
        self.number = 0
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = self._text.readline()
        except UnicodeDecodeError:
            raise _undecodable(self._name, self._encoding, self.number + 1) from None
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        return line


def _header(records: Iterator[Row], name: str, line: int | None) -> Row:
    """Return the record that is the header: the one that begins on `line`, if that was told."""
    if line is not None:
        found = next((each for each in records if each.line >= line), None)
        if found is None or found.line != line or _blank(found.cells):
            raise UsageError(f"{name} has no record that begins on line {line}")
        return found
    first = list(islice(records, _FIRST))
    place = find_header([each.cells for each in first])
    if place is None:
        raise UsageError(f"{name} is empty: it has no header")
    return first[place]


def find_header(records: Sequence[Sequence[str]]) -> int | None:
    """Return which of the first `records` of a table is its header; None if all are blank.

    Reports begin with a title or some facts about themselves: records that are much narrower than
    most, or that a blank line divides from the table.
    """
    widths = [_width(cells) for cells in records]
    first = next((place for place, width in enumerate(widths) if width), None)
    if first is None:
        return None
    counts = Counter(width for width in widths if width)
    usual = max(counts, key=lambda width: (counts[width], width))
    for place in range(first, len(records)):
        divided = 0 in widths[first:place]
        above = max((width for width in widths[first:place]), default=0)
        apart = place == first or 2 * above <= usual or (divided and above < usual)
        if widths[place] >= usual and apart and (place == first or _names(records[place])):
            return place
    return first


def _width(cells: Sequence[str]) -> int:
    return max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=0)


def _names(cells: Sequence[str]) -> bool:
    """Return whether `cells` can be the names of columns: all different, and none a value."""
    named = [cell.strip() for cell in cells[: _width(cells)]]
    values = any(_VALUE.fullmatch(cell) for cell in named if cell)
    return not values and len(set(named)) == len(named)


def rows_below(records: Iterable[Row], width: int) -> Iterator[Row]:
    """Yield each record as a row of `width` cells; rows of empty cells are left out."""
    for record in records:
        cells = record.cells
        if len(cells) == width:
            if not _blank(cells):
                yield record
            continue
        if _blank(cells):
            continue
        trouble = record.trouble
        if not _blank(cells[width:]):
            trouble = trouble or f"it has {len(cells)} cells, and the header {width}"
        else:
            # Spreadsheets leave out empty cells at the end of a row, or add some.
            cells = (*cells[:width], *([""] * (width - len(cells))))
        yield Row(record.line, cells, trouble)
