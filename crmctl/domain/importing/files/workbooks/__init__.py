"""Workbooks of Excel (.xlsx): a sheet as a table, read as a stream."""

import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO

from crmctl.domain.importing.files.header import FIRST, choose_header, no_header, rows_below
from crmctl.domain.importing.files.tables import (
    NO_HEADER,
    Form,
    Options,
    Table,
    TableRow,
    column_names,
)
from crmctl.domain.importing.files.workbooks.book import Book, Sheet, read_book
from crmctl.domain.importing.files.workbooks.cells import (
    Area,
    SheetNotes,
    SheetReader,
    SheetRow,
)
from crmctl.domain.importing.files.workbooks.merged import MergedAreas
from crmctl.domain.importing.files.workbooks.parts import Parts, opened
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.importing.spool import Spool
from crmctl.errors import UsageError

#: How many letters the cells of a sheet may have for each byte of its file, and in any case.
_MOST_RATIO = 100
_LETTERS = 256 << 20
_TEXT = 64
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@contextmanager
def read_workbook(stream: BinaryIO, name: str, options: Options) -> Iterator[Table]:
    """Yield the table on the first sheet of a workbook that people see, or on the one of `options`.

    Its cells are read once, and kept in a temporary file. Raises UsageError where the workbook or
    the sheet cannot be read.
    """
    size = stream.seek(0, 2)
    stream.seek(0)
    with opened(stream, name) as parts:
        try:
            book = read_book(parts)
            chosen = _chosen(book.sheets, options.sheet, name)
            rows = _Rows(name, chosen.name)
            notes = rows.read(parts, book, chosen.path, max(_LETTERS, _MOST_RATIO * size))
        except (ValueError, IndexError, OverflowError) as error:
            raise UsageError(f"{name} cannot be read as a workbook: {error}") from None
    others = [each for each in book.sheets if each is not chosen]
    findings = [
        *_of_sheets(chosen, others if options.sheet is None else []),
        *_of_notes(notes),
        *_of_shared_numbers(list(rows.shared_numbers())),
    ]
    line, cells = _header(rows, name, options.header)
    names = column_names(cells, len(cells) if line == NO_HEADER else 0)
    if not names:
        more = "".join(f"; {finding}" for finding in findings)
        raise UsageError(f"{name}: sheet {chosen.name!r} has no header{more}")
    form = Form(kind=chosen.name, header=line, findings=tuple(findings))

    def below() -> Iterator[TableRow]:
        return rows_below(rows.below(line, len(names)), cells, len(names))

    yield Table(name=name, header=names, rows=below, form=form, has_written=notes.written)


def _chosen(sheets: Sequence[Sheet], sheet: str | None, name: str) -> Sheet:
    if sheet is None and sheets:
        return next((each for each in sheets if not each.hidden), sheets[0])
    found = next((each for each in sheets if each.name == sheet), None)
    if found is None:
        there = ", ".join(each.name for each in sheets) or "none"
        raise UsageError(f"{name} has no sheet {sheet!r} (there is {there})")
    return found


def _of_sheets(chosen: Sheet, others: Sequence[Sheet]) -> Iterator[Finding]:
    """Yield which other sheets there are, where nobody said which one is meant."""
    if others:
        named = ", ".join(f"{each.name}{' (hidden)' if each.hidden else ''}" for each in others)
        option = next((each for each in others if not each.hidden), others[0]).name
        quoted = option if option.isalnum() else shlex.quote(option)
        yield Finding(
            certainty=Certainty.ASSUMED,
            text=f"read sheet {chosen.name}; there is also {named}",
            option=f"--sheet {quoted}",
        )


def _of_notes(notes: SheetNotes) -> Iterator[Finding]:
    if notes.merged:
        yield _decided(
            "merged areas have their value in all of their cells",
            "merged area has its value in all of its cells",
            len(notes.merged),
        )
    if notes.hidden:
        yield _decided(
            "rows that are hidden in the sheet are read like the others",
            "row that is hidden in the sheet is read like the others",
            notes.hidden,
        )
    if notes.shown:
        yield _decided(
            f"numbers are read with the decimals that their cells show: {notes.example}",
            f"number is read with the decimals that its cell shows: {notes.example}",
            notes.shown,
        )


def _of_shared_numbers(shared: Sequence[tuple[int, str]]) -> Iterator[Finding]:
    if shared:
        rows, number = max(shared)
        yield Finding(
            certainty=Certainty.DECIDED,
            text=f"each of {rows} rows has the number {number} of a merged cell:"
            " unmerge it if it is a sum for all of them",
            count=sum(rows for rows, _ in shared),
            urgent=True,
        )


def _decided(text: str, one: str, count: int) -> Finding:
    return Finding(certainty=Certainty.DECIDED, text=text, one=one, count=count)


def _header(rows: "_Rows", name: str, line: int | None) -> tuple[int, tuple[str, ...]]:
    """Return the line and the cells of the header: those of `line`, if that was told."""
    if line:
        found = next((row for row in rows.all() if row.line >= line), None)
        is_there = found is not None and found.line == line
        return line, found.cells if found and is_there else ()
    first = list(islice(rows.all(), FIRST))
    header = choose_header(first, name) if line is None else no_header(first)
    return (header.line, header.cells) if header else (1, ())


class _Rows:
    """The rows of a sheet, kept outside of memory, with the areas that are merged."""

    def __init__(self, file: str, sheet: str) -> None:
        self._where = f"{file}: sheet {sheet!r}"
        self._kept = Spool()
        self._merged: list[Area] = []

    def read(self, parts: Parts, book: Book, path: str, room: int) -> SheetNotes:
        """Read the sheet at `path`, whose cells have not more letters than there is `room` for."""
        reader = SheetReader(parts, book, path)
        for row in reader.rows():
            cells = row[1]
            letters = sum(map(len, cells.values()))
            room -= letters
            if room < 0:
                raise UsageError(
                    f"{self._where} holds more than {_MOST_RATIO} times the size of the file:"
                    " save it as CSV"
                )
            self._kept.append(row, letters + _TEXT * len(cells))
        self._merged = reader.notes.merged
        return reader.notes

    def shared_numbers(self) -> Iterator[tuple[int, str]]:
        """Yield how many rows share each number that is merged downwards, and the number."""
        areas = {(top, left): bottom + 1 - top for top, bottom, left, _ in self._merged}
        if any(rows > 1 for rows in areas.values()):
            for line, cells, _, _ in self._kept:
                for column, text in cells.items():
                    rows = areas.get((line, column), 1)
                    if rows > 1 and _NUMBER.fullmatch(text):
                        yield rows, text

    def all(self) -> Iterator[TableRow]:
        """Yield all rows, each as wide as it is; a blank one for those that are left out."""
        for line, cells, _, _ in self._filled(header=None):
            wide = max(cells, default=-1) + 1
            yield TableRow(line, tuple(cells.get(column, "") for column in range(wide)))

    def below(self, header: int, width: int) -> Iterator[TableRow]:
        """Yield the rows below the `header`, each with `width` cells."""
        columns = range(width)
        for line, cells, faults, written in self._filled(header=header):
            if line > header:
                row = TableRow(line, tuple([cells.get(column, "") for column in columns]))
                beyond = [column for column in cells if column >= width]
                if beyond:
                    row = row._replace(
                        cells=(*row.cells, *(cells[column] for column in sorted(beyond))),
                        trouble=f"it has {max(beyond) + 1:,} cells, and the header {width:,}",
                    )
                if faults or written:
                    row = row._replace(faults=faults or None, written=written or None)
                yield row

    def _filled(self, *, header: int | None) -> Iterator[SheetRow]:
        """Yield the rows with the values of merged cells in all of those, but to the side only
        below the `header`.
        """
        merged = MergedAreas(self._merged)
        last = 0
        for line, *held in self._kept:
            if line > last + 1 and last:
                yield line - 1, {}, {}, {}
            last = line
            try:
                merged.fill(line, held, sideways=header is not None and line > header)
            except ValueError as error:
                raise UsageError(f"{self._where} {error}") from None
            cells, faults, written = held
            yield line, cells, faults, written
