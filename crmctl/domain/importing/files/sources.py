"""What kind of file it is, and its table."""

import gzip
import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import BinaryIO, cast

from crmctl.domain.importing.files.csv_files import read_csv
from crmctl.domain.importing.files.encodings import find_encoding
from crmctl.domain.importing.files.json_lines import read_json_lines
from crmctl.domain.importing.files.tables import NO_HEADER, Options, Table, written_by_crmctl
from crmctl.domain.importing.files.unit_lines import with_units
from crmctl.errors import UsageError

# How files begin that are often taken for CSV, and are not.
_MAGIC = {
    b"\xd0\xcf\x11\xe0": "an old Office file (.xls)",
    b"%PDF": "a PDF file",
    b"SQLite format 3": "a SQLite database",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"BZh": "compressed by bzip2",
    b"\xfd7zXZ": "compressed by xz",
    b"(\xb5/\xfd": "compressed by Zstandard",
    b"PAR1": "a Parquet file",
    b"\x7fELF": "a program",
    b"{\\rtf": "a text in RTF",
}
# The second is a zip file without anything in it.
_ZIP, _GZIP = (b"PK\x03\x04", b"PK\x05\x06"), b"\x1f\x8b"
# A column may be called <id>, and is followed by another.
_MARKUP = re.compile(r"\ufeff?\s*<(!doctype|\?xml|!--|[a-z][^<>]*>(?!\s*[,;|\t]))", re.IGNORECASE)
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
_JSON = re.compile(r'\ufeff?\s*(\{\s*["}]|\[\s*[\[{\]])')
_SAMPLE = 4096
_CHUNK = 1 << 20
#: From which size on a packed file may not be much smaller than what is in it, and how much.
_LARGE = 64 << 20
_MOST_RATIO = 100


@contextmanager
def read_table(stream: BinaryIO, name: str, options: Options | None = None) -> Iterator[Table]:
    """Yield the table that `stream` holds: CSV or JSON lines, by gzip or not, or a workbook.

    `name` is what messages call it. Raises UsageError for what is no table.
    """
    options = options or Options()
    head = stream.read(_SAMPLE)
    stream.seek(0)
    with ExitStack() as opened:
        if head.startswith(_GZIP):
            size = stream.seek(0, 2)
            stream.seek(0)
            stream = cast(BinaryIO, opened.enter_context(gzip.GzipFile(fileobj=stream)))
            head = _unpacked(stream, name, size)
        table = opened.enter_context(_opened(stream, name, head, options))
        yield with_units(table.without_marks(but_texts=written_by_crmctl(table.header)))


def checksum(stream: BinaryIO) -> str:
    """Return the SHA-256 of `stream`, and leave it at its start."""
    found = hashlib.sha256()
    while block := stream.read(1 << 20):
        found.update(block)
    stream.seek(0)
    return found.hexdigest()


def _unpacked(stream: BinaryIO, name: str, size: int) -> bytes:
    """Return how the unpacked `stream` begins, after reading all of it: it may be cut off.

    `size` is that of the packed one. Raises UsageError where they are too far apart.
    """
    unpacked = 0
    try:
        head = stream.read(_SAMPLE)
        while chunk := stream.read(_CHUNK):
            unpacked += len(chunk)
            if unpacked > max(_LARGE, _MOST_RATIO * size):
                raise UsageError(
                    f"{name} unpacks to more than {_MOST_RATIO} times its size, as no table does:"
                    " unpack it first"
                )
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{name} cannot be unpacked: {error}") from None
    stream.seek(0)
    return head


@contextmanager
def _opened(stream: BinaryIO, name: str, head: bytes, options: Options) -> Iterator[Table]:
    if head.startswith(_ZIP):
        # Imported here because other files would wait for what reads XML, too.
        from crmctl.domain.importing.files.workbooks import read_workbook

        _demand_workbook(stream, name)
        _refuse_options(options, ("delimiter", "quote", "encoding"), f"{name} is a workbook")
        with read_workbook(stream, name, options) as table:
            yield table
        return
    for start, what in _MAGIC.items():
        if head.startswith(start):
            raise UsageError(f"{name} is {what}, not a table: save it as CSV")
    found = find_encoding(stream, name, options.encoding)
    encoding = found.name
    text = head.decode(encoding, errors="ignore")
    if _MARKUP.match(text):
        raise UsageError(f"{name} is a web page or XML, not CSV")
    if _JSON.match(text):
        _refuse_options(options, ("delimiter", "quote", "header", "sheet"), f"{name} is JSON")
        with read_json_lines(stream, name, encoding) as table:
            yield table.with_findings(found.findings)
        return
    _refuse_options(options, ("sheet",), f"{name} is CSV")
    with read_csv(stream, name, encoding, options) as table:
        yield table.with_findings(found.findings)


def _refuse_options(options: Options, names: Iterable[str], what: str) -> None:
    """Raise UsageError for the first of the options called `names` that was said of the file."""
    given = next((name for name in names if getattr(options, name) is not None), None)
    if given:
        is_none = given == "header" and options.header == NO_HEADER
        option = "--no-header" if is_none else f"--{given}"
        raise UsageError(f"{what}, which has no {given}: leave out {option}")


def _demand_workbook(stream: BinaryIO, name: str) -> None:
    from crmctl.domain.importing.files.workbooks.parts import require_few

    require_few(stream, name)
    try:
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
            kind = b""
            if "mimetype" in names:
                with archive.open("mimetype") as mimetype:
                    kind = mimetype.read(_SAMPLE)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError):
        raise UsageError(f"{name} is a zip file that cannot be read, not a table") from None
    stream.seek(0)
    if kind.startswith(_OPEN_DOCUMENT):
        raise UsageError(f"{name} is an OpenDocument file, not a table: save it as .xlsx or CSV")
    if "xl/workbook.xml" not in names:
        if not names:
            raise UsageError(f"{name} is a zip file with nothing in it")
        inside = f" (it holds {', '.join(names[:3])})"
        raise UsageError(f"{name} is a zip file, not a table{inside}: unpack it first")
