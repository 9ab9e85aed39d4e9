"""Workbooks of Excel (.xlsx)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from crmctl.domain.importing.files.escaping import protected
from crmctl.domain.importing.files.header import FIRST, find_header, rows_below
from crmctl.domain.importing.files.tables import Form, Table, TableRow, column_names
from crmctl.errors import UsageError


@contextmanager
def read_workbook(
    stream: BinaryIO, name: str, sheet: str | None = None, header: int | None = None
) -> Iterator[Table]:
    """Yield the table on the first sheet of a workbook, or on the one called `sheet`.

    Raises UsageError where the workbook or the sheet cannot be read, and where the extra that
    reads workbooks is not installed.
    """
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise UsageError(
            f"{name} is a workbook, which takes an extra: pip install 'crmctl[xlsx]'"
        ) from None
    try:
        with CalamineWorkbook.from_filelike(stream) as book:
            chosen = _chosen(book.sheet_names, sheet, name)
            values = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise UsageError(f"{name} cannot be read as a workbook: {error}") from None
    cells = [tuple(_text(value) for value in row) for row in values]
    index = header - 1 if header else find_header(cells[:FIRST])
    if index is None or index >= len(cells):
        raise UsageError(f"{name}: sheet {chosen!r} has no header")
    names = column_names(cells[index])

    def rows() -> Iterator[TableRow]:
        records = (TableRow(line, row) for line, row in enumerate(cells[index + 1 :], index + 2))
        return rows_below(records, len(names))

    yield Table(name=name, header=names, rows=rows, form=Form(kind=chosen, header=index + 1))


def _chosen(sheets: list[str], sheet: str | None, name: str) -> str:
    if sheet is None and sheets:
        return sheets[0]
    if sheet not in sheets:
        raise UsageError(f"{name} has no sheet {sheet!r} (there is {', '.join(sheets)})")
    return sheet


def _text(value: Any) -> str:
    """Return a cell as text: numbers as short as they can be, days and times in ISO 8601."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.15g}" if abs(value) < 1e15 else f"{value:.0f}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    # Control characters that no field may hold are told by whoever checks the field.
    return protected(str(value).replace("\0", ""))
