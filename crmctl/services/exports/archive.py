"""Writing an archive: a company as it is, every row of every table with its history."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from sqlalchemy import func, select

from crmctl.domain import times
from crmctl.domain.importing.files import archive as files
from crmctl.domain.importing.files.archive import DRAFT, FORMAT, MANIFEST, Manifest, Part
from crmctl.domain.kinds import OutputFormat
from crmctl.errors import Refused, UsageError
from crmctl.models.base import Owned, Values
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.tenancy import companies
from crmctl.storage.scope import in_company
from crmctl.storage.tables import table_of

#: Rows that are in memory at once, and after which progress is told.
PAGE = 1000
#: Is told how many rows are done, and how many there are.
ArchiveProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class ArchiveRequest:
    """An archive to write: into `folder`, in what form, of a database of this `schema`.

    The folder is new, empty, or holds an earlier archive of the company, which is replaced.
    """

    folder: Path
    form: OutputFormat
    schema: str


def write(session: CrmSession, request: ArchiveRequest, progress: ArchiveProgress) -> Manifest:
    """Write the company into a folder, whole or not at all, and return what the archive holds.

    Its files, and a folder that is made for them, can be read by their owner alone.
    Raises Refused for a franchise alone and for a folder that holds something else, and UsageError
    where it cannot be written.
    """
    company = companies.find(session, str(session.company_id))
    if session.franchise_id:
        raise Refused(f"an archive is of all of {company.name}: add --franchise none")
    folder = request.folder
    with _writing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        earlier = _earlier(folder, str(company.company_id))
        with TemporaryDirectory(prefix=f"{DRAFT}{os.getpid()}-", dir=folder) as drafts:
            manifest = Manifest(
                format=FORMAT,
                schema=request.schema,
                form=request.form,
                company_id=str(session.company_id),
                company=company.name,
                exported_at=times.iso(session.change.at) or "",
                parts=tuple(_parts(session, Path(drafts), request.form, progress)),
            )
            with _private(Path(drafts) / MANIFEST) as file:
                file.write(manifest.text().encode())
            _put(Path(drafts), folder, manifest, earlier)
    return manifest


def _private(path: Path) -> BinaryIO:
    """Open a new file that nobody else can read: an archive has all that a company keeps."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write {error.filename or folder}: {error.strerror}") from error


def _earlier(folder: Path, company_id: str) -> Manifest | None:
    """Return the manifest of the archive to replace; raises for anything else in `folder`."""
    there = os.path.lexists(folder / MANIFEST)
    earlier = files.read_manifest(folder) if there else None
    if other := files.strangers(folder, earlier, list(tables())):
        raise Refused(f"{folder} holds {other[0]}, which is no part of an archive: name another")
    for part in earlier.parts if earlier else ():
        if part.table not in tables():
            raise Refused(
                f"the archive in {folder} has {part.table!r}, which this crmctl does not write"
            )
    for path in folder.iterdir():
        if not path.name.startswith(DRAFT) and not files.is_plain(path):
            raise Refused(f"{path} is no regular file: name another folder")
    if earlier and earlier.company_id != company_id:
        raise Refused(f"{folder} holds the archive of {earlier.company}: name another folder")
    return earlier


def _parts(
    session: CrmSession, drafts: Path, form: OutputFormat, progress: ArchiveProgress
) -> Iterator[Part]:
    """Write the file of each table, and yield what the manifest says of it."""
    counter = _RowCounter(count(session), progress)
    for name, model in tables().items():
        before, digest = counter.done, hashlib.sha256()
        with _private(drafts / f"{name}.{form}") as file:
            for line in files.lines(columns(model), counter.over(rows(session, model)), form):
                written = line.encode()
                digest.update(written)
                file.write(written)
        yield Part(name, counter.done - before, digest.hexdigest())


class _RowCounter:
    """Counts the rows that are written, and tells how many are done."""

    def __init__(self, total: int, progress: ArchiveProgress) -> None:
        self.done = 0
        self._total = total
        self._progress = progress

    def over(self, rows: Iterable[Values]) -> Iterator[Values]:
        """Yield `rows` and count them."""
        for row in rows:
            yield row
            self.done += 1
            if self.done % PAGE == 0:
                self._progress(self.done, self._total)


def _put(drafts: Path, folder: Path, made: Manifest, earlier: Manifest | None) -> None:
    """Move the files of `drafts` into `folder`, so that what is cut off is not taken for whole."""
    names = {made.file(part.table) for part in made.parts}
    for name in names:
        (drafts / name).replace(folder / name)
    for name in map(earlier.file, tables()) if earlier else ():
        if name not in names:
            (folder / name).unlink(missing_ok=True)
    (drafts / MANIFEST).replace(folder / MANIFEST)


def tables() -> dict[str, type[Owned]]:
    """Return all tables by name, in the order in which their rows can be inserted."""
    return {str(model.__tablename__): model for model in TABLES}


def columns(model: type[Owned]) -> list[str]:
    """Return the names of the columns of `model`."""
    return [column.name for column in table_of(model).columns]


def count(session: CrmSession) -> int:
    """Return how many rows the company has in all tables."""
    found = 0
    for table in map(table_of, TABLES):
        mine = in_company(session, table)
        query = select(func.count()).select_from(table).where(mine)
        found += session.execute(query).scalar_one()
    return found


def rows(session: CrmSession, model: type[Owned]) -> Iterator[Values]:
    """Yield every row of the company in `model`, by its key, as JSON can hold it."""
    table, names = table_of(model), columns(model)
    query = select(table).where(in_company(session, table)).order_by(*table.primary_key.columns)
    found = session.execute(query, execution_options={"yield_per": PAGE})
    for page in found.partitions():
        columns_of_page = [_encoded(values) for values in zip(*page, strict=True)]
        for row in zip(*columns_of_page, strict=True):
            yield dict(zip(names, row, strict=True))


def _encoded(values: Sequence[Any]) -> Iterator[Any]:
    """Yield the values of a column encoded, one that is repeated only once."""
    last, written = None, None
    for value in values:
        if value is not last:
            last, written = value, changes.encode(value)
        yield written
