"""The rows of an archive as lines of CSV or JSON, such that nothing is lost."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from crmctl.domain.kinds import OutputFormat
from crmctl.render.views import Record, View, csv_cell, csv_line, listing, to_json_lines

if TYPE_CHECKING:
    from crmctl.domain.importing.files.archive import Manifest

#: How texts begin that may need an apostrophe in front; the first is that of an empty one.
_MARKED = frozenset(["", "'", "=", "+", "-", "@", "\t", "\r"])


def lines(columns: Sequence[str], rows: Iterable[Record], form: OutputFormat) -> Iterator[str]:
    """Yield `rows` as lines of CSV under a header, or as lines of JSON."""
    if form == OutputFormat.JSONL:
        yield from to_json_lines(rows)
        return
    yield csv_line(columns)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in rows:
        writer.writerow(map(_cell, row.values()))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _cell(value: Any) -> Any:
    """Return `value` as a cell that no other value is written as, nor run by a spreadsheet.

    An empty cell is no value, so an empty text is an apostrophe, and apostrophes get one more.
    """
    if isinstance(value, str):
        # Most texts are as plain as that, and millions of cells feel it.
        if value[:1] not in _MARKED:
            return value
        return csv_cell(value) if value.strip("'") else f"'{value}"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return csv_cell(value)


def view(manifest: "Manifest") -> View:
    """Return the view of an archive: its tables, and how many rows each has."""
    records = [{"table": part.table, "rows": part.rows} for part in manifest.parts]
    return listing(records, ["table", "rows"])
