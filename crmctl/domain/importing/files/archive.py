"""An archive in a folder: its manifest, whether it is whole, and how its files hold rows."""

import csv
import hashlib
import io
import json
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from crmctl.domain.importing.files.escaping import neutralised, original
from crmctl.domain.kinds import OutputFormat
from crmctl.domain.text import safe_json
from crmctl.errors import Refused, UsageError

#: The file that says what the others are. It is written last.
MANIFEST = "manifest.json"
#: How the names of what is being written begin; whoever reads an archive passes over it.
DRAFT = ".crmctl-"
#: What the manifest must say for this program to read the archive.
FORMAT = "crmctl archive 1"
#: The forms that an archive can have.
FORMS = (OutputFormat.CSV, OutputFormat.JSONL)
#: The csv module keeps a limit in 32 bits on some systems.
_LONGEST_CELL = 2**31 - 1

#: How texts begin that may need an apostrophe in front; the first is that of an empty one.
_MARKED = frozenset(["", "'", "=", "+", "-", "@", "\t", "\r"])

ArchivedRow = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """The file of one table: how many rows it has, and its SHA-256."""

    table: str
    rows: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Whose archive it is, of what schema, when it was made, and its files."""

    format: str
    schema: str
    form: OutputFormat
    company_id: str
    company: str
    exported_at: str
    parts: tuple[Part, ...]

    @property
    def rows(self) -> int:
        """How many rows all files have."""
        return sum(part.rows for part in self.parts)

    def file(self, table: str) -> str:
        """Return the name of the file of `table`, a table of crmctl: no name from a manifest."""
        return f"{table}.{self.form}"

    def text(self) -> str:
        """Return what the file of the manifest holds."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of the archive in `folder`; raises UsageError where there is none.

    The names in it are whatever its writer liked: none may become a path.
    """
    path = folder / MANIFEST
    try:
        if not is_plain(path):
            raise UsageError(f"{path} is no regular file")
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"there is no archive in {folder}: it has no {MANIFEST}") from None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError):
        raise UsageError(f"{path} is not the manifest of an archive") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise UsageError(f"{path} is not the manifest of an archive that this crmctl reads")
    try:
        return _manifest(found)
    except (KeyError, TypeError, ValueError):
        raise UsageError(f"{path} is not the manifest of an archive") from None


def is_plain(path: Path) -> bool:
    """Return whether `path` is a regular file, and no link to one; raises OSError without it."""
    return stat.S_ISREG(path.lstat().st_mode)


def _manifest(found: dict[str, Any]) -> Manifest:
    """Return the manifest that `found` is; raises KeyError, TypeError or ValueError."""
    parts = tuple(Part(**part) for part in found.pop("parts"))
    manifest = Manifest(**{**found, "form": OutputFormat(found["form"]), "parts": parts})
    UUID(str(manifest.company_id))
    texts = [manifest.company_id, manifest.schema, manifest.company, manifest.exported_at]
    texts += [text for part in parts for text in (part.table, part.sha256)]
    if manifest.form not in FORMS or not all(isinstance(text, str) for text in texts):
        raise ValueError
    if any(type(part.rows) is not int or part.rows < 0 for part in parts):
        raise ValueError
    return manifest


def strangers(folder: Path, manifest: Manifest | None, tables: Sequence[str]) -> list[str]:
    """Return the names of what is in `folder` and belongs to no archive, drafts left out.

    To an archive belong a manifest and a file for each of `tables`.
    """
    known = {MANIFEST, *map(manifest.file, tables)} if manifest else ()
    names = sorted(path.name for path in folder.iterdir())
    return [name for name in names if name not in known and not name.startswith(DRAFT)]


def verify(folder: Path, manifest: Manifest, tables: Sequence[str]) -> None:
    """Raise Refused unless `folder` has a file for each of `tables`, as written, and no other."""
    if [part.table for part in manifest.parts] != list(tables):
        raise Refused(f"{folder / MANIFEST} does not name the tables of schema {manifest.schema}")
    if other := strangers(folder, manifest, tables):
        raise Refused(f"{folder / other[0]} is no part of the archive: move it away")
    for table, part in zip(tables, manifest.parts, strict=True):
        path = folder / manifest.file(table)
        try:
            if not is_plain(path):
                raise Refused(f"{path} is no regular file")
            found = _checksum(path)
        except FileNotFoundError:
            raise Refused(f"the archive is not whole: {path} is missing") from None
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror}") from error
        if found != part.sha256:
            raise Refused(f"{path} was changed since it was exported (its checksum differs)")


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def lines(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], form: OutputFormat
) -> Iterator[str]:
    """Yield `rows` as lines of CSV under a header, or as lines of JSON, such that nothing is lost.

    Values are as JSON can hold them.
    """
    if form == OutputFormat.JSONL:
        for row in rows:
            yield safe_json(json.dumps(row, ensure_ascii=False)) + "\n"
        return
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    yield buffer.getvalue()
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(map(_cell, row.values()))
        yield buffer.getvalue()


def _cell(value: Any) -> str:
    """Return `value` as a cell that no other value is written as, nor run by a spreadsheet.

    An empty cell is no value, so an empty text is an apostrophe, and apostrophes get one more.
    """
    if isinstance(value, str):
        # Most texts are as plain as that, and millions of cells feel it.
        if value[:1] not in _MARKED:
            return value
        return neutralised(value) if value.strip("'") else f"'{value}"
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


class ArchiveReader:
    """Reads the file of one table: `columns`, of which those in `structured` are JSON in CSV."""

    def __init__(self, path: Path, columns: Sequence[str], structured: frozenset[str]) -> None:
        self.path = path
        self._columns = list(columns)
        self._structured = structured

    def rows(self) -> Iterator[ArchivedRow]:
        """Yield the rows; raises Refused at one that cannot be read."""
        csv.field_size_limit(_LONGEST_CELL)
        done = 0
        with self.path.open(encoding="utf-8", newline="") as file:
            read = self._csv if self.path.suffix == ".csv" else self._json
            try:
                for row in read(file):
                    yield row
                    done += 1
            except (ValueError, RecursionError, csv.Error):
                raise self.unreadable(done + 1) from None

    def unreadable(self, number: int) -> Refused:
        """Return the failure that row `number` cannot be read."""
        return Refused(f"{self.path}: row {number} cannot be read")

    def _csv(self, lines: Iterable[str]) -> Iterator[ArchivedRow]:
        records = csv.reader(lines, strict=True)
        if next(records, None) != self._columns:
            raise Refused(f"{self.path} does not have the columns of its table")
        parsers = [json.loads if name in self._structured else _text for name in self._columns]
        for cells in records:
            pairs = zip(self._columns, parsers, cells, strict=True)
            yield {name: parse(cell) if cell else None for name, parse, cell in pairs}

    def _json(self, lines: Iterable[str]) -> Iterator[ArchivedRow]:
        for line in lines:
            row = json.loads(line)
            if not isinstance(row, dict) or list(row) != self._columns:
                raise ValueError
            yield row


def _text(cell: str) -> str:
    """Return the text that a cell stands for; `'` is the empty one, and an empty cell is none."""
    if not cell.startswith("'"):
        return cell
    return original(cell) if cell.strip("'") else cell[1:]
