"""What kind of file it is, and its table."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from crmctl.errors import UsageError
from crmctl.importing.delimited import read_csv
from crmctl.importing.json_lines import read_json_lines
from crmctl.importing.tables import Table

# How files begin that are often taken for CSV, and are not.
_MAGIC = {
    b"PK\x03\x04": "a zip file or a spreadsheet (.xlsx)",
    b"\xd0\xcf\x11\xe0": "an old Office file (.xls)",
    b"\x1f\x8b": "compressed by gzip",
    b"%PDF": "a PDF file",
    b"SQLite format 3": "a SQLite database",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}
_MARKUP = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|\?xml)", re.IGNORECASE)
_JSON = re.compile(rb'(\xef\xbb\xbf)?\s*(\{\s*["}]|\[\s*[\[{\]])')
_SAMPLE = 65_536


@contextmanager
def read_table(stream: BinaryIO, name: str, delimiter: str | None = None) -> Iterator[Table]:
    """Yield the table that `stream` holds, as CSV or JSON lines in UTF-8.

    `name` is what messages call it; `delimiter` that of CSV. Raises UsageError for what is no
    table.
    """
    head = stream.read(_SAMPLE)
    stream.seek(0)
    _refuse_other_kinds(head, name)
    if _JSON.match(head):
        with read_json_lines(stream, name) as table:
            yield table
    else:
        with read_csv(stream, name, delimiter) as table:
            yield table


def _refuse_other_kinds(head: bytes, name: str) -> None:
    for start, what in _MAGIC.items():
        if head.startswith(start):
            raise UsageError(f"{name} is {what}, not CSV: save it as CSV in UTF-8")
    if _MARKUP.match(head):
        raise UsageError(f"{name} is a web page or XML, not CSV")
