"""What a command shows, in every form it can be printed in."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmctl.domain.importing.files.escaping import neutralised
from crmctl.domain.text import safe, safe_json
from crmctl.render.tables import Column, FittedTable

if TYPE_CHECKING:
    from rich.console import RenderableType

#: The fields of one thing by name, in their order: what JSON, a line of JSON or a row of CSV holds.
JsonRecord = dict[str, Any]


@dataclass(frozen=True)
class RecordStream:
    """Records that are made as they are read, however often: there may be millions of them."""

    make: Callable[[], Iterator[JsonRecord]]

    def __iter__(self) -> Iterator[JsonRecord]:
        """Yield the records."""
        return self.make()


@dataclass(frozen=True, kw_only=True)
class View:
    """One thing to print: `draw` for people, `document` as JSON, `rows` as JSON lines and CSV.

    A `stream` comes in place of the rows; it may be the last field of the document, too.

    `width` is the one that it was made for, whatever the terminal's; without, a pipe gets all.
    `header` has the names of the fields, for CSV without rows.
    """

    document: Any
    rows: Sequence[JsonRecord] = ()
    draw: Callable[[], "RenderableType"]
    width: int | None = None
    header: Sequence[str] = ()
    stream: RecordStream | None = None

    @property
    def records(self) -> Iterable[JsonRecord]:
        """The rows, or the stream of them."""
        return self.rows if self.stream is None else self.stream


def listing(
    records: Sequence[JsonRecord],
    columns: Sequence[str],
    empty: str = "nothing found",
    shown: Sequence[JsonRecord] | None = None,
    kind: str | None = None,
) -> View:
    """Return the view of a list: a table of `columns` for people, all fields for programs.

    `shown` are the records as people read them, where that differs. Of which `kind` the records
    are says what their fields are where there is none.
    """
    return View(
        document=records,
        rows=records,
        draw=lambda: _table(shown or records, columns, empty),
        header=columns if records or not kind else _fields(kind),
    )


def _fields(kind: str) -> Sequence[str]:
    from crmctl.render import schemas

    return schemas.fields(kind)


def detail(
    record: JsonRecord, hidden: Sequence[str] = ("id",), shown: JsonRecord | None = None
) -> View:
    """Return the view of one record: a line for each field that has a value, but for `hidden`.

    `shown` is the record as people read it, where that differs.
    """
    lines = {
        name: value
        for name, value in (shown or record).items()
        if name not in hidden and value not in (None, "", [], {})
    }
    return View(document=record, rows=[record], draw=lambda: _lines(lines))


def to_json(document: Any) -> str:
    """Return `document` as indented JSON that is safe on a terminal."""
    return "".join(json_pieces(document))


def json_pieces(document: Any) -> Iterator[str]:
    """Yield the pieces of `to_json`; a RecordStream in `document` comes a record at a time."""
    last = next(reversed(document.values()), None) if isinstance(document, dict) else None
    if not isinstance(last, RecordStream):
        yield _indented(document) + "\n"
        return
    *_, name = document
    # Without the brackets that close the list and the object.
    yield _indented({**document, name: []}).removesuffix("]\n}")
    divider = ""
    for record in last:
        yield f"{divider}\n    " + _indented(record).replace("\n", "\n    ")
        divider = ","
    yield "\n  ]\n}\n" if divider else "]\n}\n"


def _indented(document: Any) -> str:
    return safe_json(json.dumps(document, ensure_ascii=False, indent=2, default=list))


def to_json_lines(rows: Iterable[JsonRecord]) -> Iterable[str]:
    """Yield each of `rows` as a line of JSON."""
    for row in rows:
        yield safe_json(json.dumps(row, ensure_ascii=False, default=list)) + "\n"


def to_csv(rows: Iterable[JsonRecord], usual: Sequence[str] = ()) -> Iterable[str]:
    """Yield `rows` as lines of CSV (RFC 4180), the header first: the `usual` one without rows."""
    header: list[str] | None = None
    for row in rows:
        if header is None:
            header = list(row)
            yield csv_line(header)
        yield csv_line(row.values())
    if header is None and usual:
        yield csv_line(usual)


def csv_line(values: Iterable[Any]) -> str:
    """Return `values` as a line of CSV."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([csv_cell(value) for value in values])
    return buffer.getvalue()


def csv_cell(value: Any) -> str:
    """Return `value` as a cell of CSV that no spreadsheet runs as a formula.

    Such a cell gets an apostrophe in front, which `importing` takes off again. Lists are joined
    with a semicolon and a space, or are JSON where that would cut an item; objects are JSON.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(item, dict) for item in value):
        text = _joined(list(map(str, value)))
    elif isinstance(value, (list, dict)):
        text = json.dumps(value, ensure_ascii=False) if value else ""
    else:
        text = str(value)
    return neutralised(text)


def _joined(items: Sequence[str]) -> str:
    if any(item.startswith("[") or not {";", ","}.isdisjoint(item) for item in items):
        return json.dumps(items, ensure_ascii=False)
    return "; ".join(items)


def cell(value: Any) -> str:
    """Return `value` as a person reads it in a table."""
    if value is None or value == "" or value == []:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return safe(", ".join(map(str, value)))
    if isinstance(value, dict):
        return safe(", ".join(f"{k}={cell(v)}" for k, v in value.items()))
    return safe(value)


def _table(records: Sequence[JsonRecord], columns: Sequence[str], empty: str) -> "RenderableType":
    from rich.text import Text

    if not records:
        return Text(empty)
    return FittedTable(
        [
            Column(
                name.replace("_", " "),
                [cell(record.get(name)) for record in records],
                name.endswith(("amount", "probability", "days", "number", "count")),
            )
            for name in columns
        ]
    )


def _lines(record: JsonRecord) -> "RenderableType":
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in record.items():
        grid.add_row(Text(name.replace("_", " "), style="dim"), Text(cell(value)))
    return grid
