"""CSV and its relatives: cells divided by a delimiter, quoted where they hold one."""

import csv
import io
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from crmctl.errors import UsageError
from crmctl.importing.tables import Row, Table
from crmctl.importing.values import original

#: Delimiters that are looked for in the header.
DELIMITERS = (",", ";", "\t", "|")
#: Longest cell, in characters: far above any field, and low enough to notice an open quote.
LONGEST_CELL = 1_000_000

_SAMPLE = 65_536


@contextmanager
def read_csv(stream: BinaryIO, name: str, delimiter: str | None = None) -> Iterator[Table]:
    """Yield the table that `stream` holds as CSV in UTF-8; `name` is what messages call it.

    Without a `delimiter`, the one of DELIMITERS that cuts the header into most columns is taken.
    Raises UsageError for what is no table.
    """
    head = stream.read(_SAMPLE)
    stream.seek(0)
    csv.field_size_limit(min(sys.maxsize, LONGEST_CELL))
    cut = delimiter or _delimiter(head)
    if len(cut) != 1 or cut in '\r\n"':
        raise UsageError(f"a delimiter is one character, such as ';' or a tab: {cut!r}")
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    try:
        records = _records(text, name, cut)
        header = next((_trimmed(each.cells) for each in records if not _blank(each.cells)), None)
        if header is None:
            raise UsageError(f"{name} is empty: it has no header")
        yield Table(name, header, _rows(records, len(header)))
    finally:
        # Whoever opened the stream closes it.
        text.detach()


def _blank(cells: Iterable[str]) -> bool:
    return not any(cell.strip() for cell in cells)


def _delimiter(head: bytes) -> str:
    text = head.decode("utf-8-sig", errors="replace").lstrip("\r\n")
    return max(
        DELIMITERS, key=lambda cut: len(next(csv.reader([_first_record(text)], delimiter=cut)))
    )


def _first_record(text: str) -> str:
    """Return the first line of `text`, or more where a quote is open at its end."""
    lines = io.StringIO(text, newline="").readlines()
    record = ""
    for line in lines:
        record += line
        if record.count('"') % 2 == 0:
            break
    return record.rstrip("\r\n").replace("\n", " ").replace("\r", " ")


def _trimmed(header: tuple[str, ...]) -> tuple[str, ...]:
    names = [" ".join(original(cell).split()) for cell in header]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _records(text: TextIO, name: str, delimiter: str) -> Iterator[Row]:
    """Yield the records of the file that are not blank, header included."""
    lines = _Lines(text, name)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UsageError(f"{name} line {line} cannot be read as CSV: {error}") from None
        if cells:
            # A record that ran into the end of the file was still inside quotes.
            trouble = "a quote that is opened here is never closed" if lines.ended else ""
            yield Row(line, tuple(cells), trouble)


class _Lines:
    """The lines of a file as text, their ends kept; `ended` is set once more were asked for."""

    def __init__(self, text: TextIO, name: str) -> None:
        self._text = text
        self._name = name
        self._line = 0
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = self._text.readline()
        except UnicodeDecodeError:
            raise UsageError(
                f"{self._name} is not UTF-8 text (near line {self._line + 1}): save it as UTF-8"
            ) from None
        if not line:
            self.ended = True
            raise StopIteration
        self._line += 1
        if "\0" in line:
            raise UsageError(
                f"{self._name} line {self._line} holds a NUL character: it is not a text file"
            )
        return line


def _rows(records: Iterator[Row], width: int) -> Iterator[Row]:
    """Yield each record as a row of `width` cells; rows of empty cells are left out."""
    for record in records:
        cells = record.cells
        if _blank(cells):
            continue
        trouble = record.trouble
        if not _blank(cells[width:]):
            trouble = trouble or f"it has {len(cells)} cells, and the header {width}"
        else:
            # Spreadsheets leave out empty cells at the end of a row, or add some.
            cells = (*cells[:width], *([""] * (width - len(cells))))
        yield Row(record.line, cells, trouble)
