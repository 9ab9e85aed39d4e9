"""CSV and its relatives: cells divided by a delimiter, quoted where they hold one."""

import codecs
import csv
import io
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import dropwhile, islice
from typing import BinaryIO, TextIO

from crmctl.domain.importing.files.dialects import Dialect, find_dialect
from crmctl.domain.importing.files.escaping import original
from crmctl.domain.importing.files.header import (
    FIRST,
    blank,
    choose_header,
    no_header,
    rows_below,
    width_of,
)
from crmctl.domain.importing.files.misquoted import MisquotedRecord
from crmctl.domain.importing.files.tables import (
    MOST_COLUMNS,
    NO_HEADER,
    Form,
    Options,
    Table,
    TableRow,
    column_names,
)
from crmctl.errors import UsageError

#: Longest cell, in characters: far above any field, and low enough to notice an open quote.
LONGEST_CELL = 1_000_000
#: Longest record, in characters: what is longer is read over, however long it is.
LONGEST_RECORD = 4_000_000
_SAMPLE = 65_536
_TOLD = 1_000
# What DOS ends a text with.
_END = "\x1a"
# The mark of byte order, which also stands where files were joined.
_MARK = "\ufeff"
_OPEN = "a quote that is opened here is never closed"


@contextmanager
def read_csv(stream: BinaryIO, name: str, encoding: str, options: Options) -> Iterator[Table]:
    """Yield the table that `stream` holds as text in `encoding`; `name` is what messages call it.

    What `options` do not say is found. Raises UsageError for what is no table.
    """
    csv.field_size_limit(min(sys.maxsize, LONGEST_CELL))
    beginning = _beginning(stream, name, encoding)
    dialect = find_dialect(beginning, options.delimiter, options.quote)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        found = _header(_records(_Lines(text, name), dialect), name, options.header)
        wide = _filled(text, name, dialect, found)
        names = column_names([original(cell) for cell in found.cells], wide)
        form = Form(
            kind="csv",
            encoding=encoding,
            delimiter=dialect.delimiter,
            header=found.line,
            findings=dialect.findings,
        )

        def rows() -> Iterator[TableRow]:
            text.seek(0)
            records = _records(_Lines(text, name), dialect, len(found.cells))
            below = dropwhile(lambda each: each.line <= found.line, records)
            return rows_below(below, found.cells, len(names))

        yield Table(name=name, header=names, rows=rows, form=form)
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


class _TooLong(csv.Error):
    """More was asked for than a record may hold; what was read is held."""


class _Lines:
    """The lines of a file as text, their ends kept.

    `number` is that of the last one, `held` are those since the last `mark`, and `ended` says that
    one more was asked for than there is. Raises _TooLong where they would be a record too long.
    """

    def __init__(self, text: TextIO, name: str) -> None:
        self._text = text
        self._name = name
        self._again: deque[str] = deque()
        self.number = 0
        self.held: list[str] = []
        self.ended = False
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        # A generator: the csv module asks it for a line in half the time of a method.
        read, again, hold = self._text.readline, self._again, self.held.append
        while True:
            try:
                line = again.popleft() if again else read(LONGEST_RECORD)
            except UnicodeDecodeError:
                raise _undecodable(self._name, self._text.encoding, self.number + 1) from None
            if not line:
                self.ended = True
                return
            self.number += 1
            if _END in line and line.strip() == _END:
                line = "\n"
            if line[0] == _MARK:
                # In front of a quote, it would be no quote.
                line = line.removeprefix(_MARK) or "\n"
            hold(line)
            self._size += len(line)
            if self._size >= LONGEST_RECORD:
                self._pass_over(line)
                raise _TooLong
            yield line

    def _pass_over(self, beginning: str) -> None:
        """Read up to the end of a line of which only the beginning was read."""
        piece = beginning
        while len(piece) == LONGEST_RECORD and not piece.endswith(("\n", "\r")):
            piece = self._text.readline(LONGEST_RECORD)

    def mark(self) -> int:
        """Begin a record, and return the line on which it does."""
        self.held.clear()
        self._size = 0
        return self.number + 1

    def put_back(self, lines: Sequence[str]) -> None:
        """Let the last `lines` be read again."""
        self._again.extendleft(reversed(lines))
        self.number -= len(lines)
        self.ended = False


def _records(lines: _Lines, dialect: Dialect, width: int = 0) -> Iterator[TableRow]:
    """Yield the records of a file, header included; one that is broken is the text of its lines.

    Where a quote is never closed, what follows is read again, if it is records of `width` cells.
    """
    for _ in islice(lines, dialect.skip):
        pass
    reader = dialect.reader(lines, strict=dialect.has_plain_quotes)
    while True:
        line = lines.mark()
        trouble = ""
        try:
            try:
                cells = next(reader)
            except csv.Error as error:
                cells = _as_written(error, lines, dialect)
        except StopIteration:
            return
        except _TooLong:
            trouble = f"it is longer than {LONGEST_RECORD:,} characters"
        except csv.Error:
            trouble = f"a cell is longer than {LONGEST_CELL:,} characters"
        # A record that ran into the end of the file was still inside quotes.
        if lines.ended:
            trouble = _OPEN
        if not trouble:
            yield TableRow(line, tuple(cells)) if len(cells) <= MOST_COLUMNS else _wide(line, cells)
            continue
        beginning = lines.held[: _anew(lines.held, dialect, width)]
        if len(beginning) < len(lines.held):
            trouble = _OPEN
            lines.put_back(lines.held[len(beginning) :])
        elif not lines.ended:
            _pass_over(lines, dialect)
        yield TableRow(line, ("".join(beginning).rstrip("\r\n"),), trouble)
        reader = dialect.reader(lines, strict=dialect.has_plain_quotes)


def _as_written(error: csv.Error, lines: _Lines, dialect: Dialect) -> list[str]:
    """Return a record whose quotes are out of place, each such cell as it is written.

    Raises `error` if it is another.
    """
    if lines.ended or "expected after" not in str(error):
        raise error
    misquoted = MisquotedRecord(lines.held, iter(lines), dialect.delimiter, dialect.quote)
    return misquoted.cells(LONGEST_CELL, spaced=dialect.spaced)


def _wide(line: int, cells: Sequence[str]) -> TableRow:
    """Return a record of more cells than a table has columns: no header, and no row below one."""
    trouble = f"it has {len(cells):,} cells: a table has at most {MOST_COLUMNS:,} columns"
    return TableRow(line, tuple(cells[: MOST_COLUMNS + 1]), trouble)


def _anew(lines: Sequence[str], dialect: Dialect, width: int) -> int:
    """Return with which of `lines`, of one record so far, records of `width` cells begin again.

    They do where most lines below the first are such records: the text of a long cell is not. The
    first thousand tell it.
    """
    first = lines[:_TOLD]
    below = [line for line in first[1:] if line.strip()]
    whole = [_is_record(line, dialect, width) for line in first]
    if width < 2 or 2 * sum(whole[1:]) <= len(below):
        return len(lines)
    return whole.index(True, 1)


def _is_record(line: str, dialect: Dialect, width: int) -> bool:
    try:
        return len(next(dialect.reader([line], strict=True))) == width
    except csv.Error:
        return False


def _pass_over(lines: _Lines, dialect: Dialect) -> None:
    """Read up to the end of a record of which a cell was too long to keep."""
    is_open = _leaves_open("".join(lines.held), dialect)
    while is_open and (line := _next(lines)):
        lines.mark()
        is_open ^= _leaves_open(line, dialect)


def _next(lines: _Lines) -> str:
    try:
        return next(iter(lines), "")
    except _TooLong:
        return lines.held[-1]


def _leaves_open(text: str, dialect: Dialect) -> bool:
    escaped = text.count(f"{dialect.escape}{dialect.quote}") if dialect.escape else 0
    return bool(dialect.quote) and (text.count(dialect.quote) - escaped) % 2 == 1


def _filled(text: TextIO, name: str, dialect: Dialect, header: TableRow) -> int:
    """Return how many columns of `header` have something below it; 0 unless each row has it.

    Only those behind the last name count: they are columns without a name, or none at all.
    """
    if header.line == NO_HEADER:
        return len(header.cells)
    named = width_of(header.cells)
    if named == len(header.cells):
        return 0
    text.seek(0)
    first = islice(_records(_Lines(text, name), dialect, len(header.cells)), FIRST)
    rows = [each.cells for each in first if each.line > header.line and not each.trouble]
    widths = [width for cells in rows if (width := width_of(cells))]
    return min(len(header.cells), max(widths)) if widths and min(widths) > named else 0


def _header(records: Iterator[TableRow], name: str, line: int | None) -> TableRow:
    """Return the record that is the header: the one that begins on `line`, if that was told."""
    if line:
        found = next((each for each in records if each.line >= line), None)
        if found is None or found.line != line or blank(found.cells):
            raise UsageError(f"{name} has no record that begins on line {line}")
    else:
        first = list(islice(records, FIRST))
        found = choose_header(first, name) if line is None else no_header(first)
        if found is None:
            raise UsageError(f"{name} is empty: it has no {'header' if line is None else 'rows'}")
    if found.trouble:
        raise UsageError(f"{name} line {found.line}: {found.trouble}")
    return found
