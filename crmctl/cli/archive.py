"""Archives: a company written into a folder, whole or not at all, and read from one."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from crmctl.cli import invocation, output
from crmctl.domain.kinds import Origin, OutputFormat
from crmctl.errors import Refused, UsageError

if TYPE_CHECKING:
    from crmctl.domain.importing.files.archive import Manifest, Part
    from crmctl.models.session import CrmSession

#: After how many rows the progress bar moves.
_SHOWN = 1000


def write(folder: Path, form: OutputFormat) -> "Manifest":
    """Write the company into `folder`, which is new, empty or holds its archive; return what."""
    from crmctl.services.tenancy import companies

    with _writing(folder), invocation.session() as session:
        company = companies.find(session, str(session.company_id))
        if session.franchise_id:
            raise Refused(f"an archive is of all of {company.name}: add --franchise none")
        folder.mkdir(parents=True, exist_ok=True)
        earlier = _earlier(folder, str(company.company_id))
        with _drafts(folder) as drafts:
            made = _fill(session, drafts, form, company.name)
            _put(drafts, folder, made, earlier)
    return made


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write {error.filename or folder}: {error.strerror}") from error


def _earlier(folder: Path, company_id: str) -> "Manifest | None":
    """Return the manifest of the archive to replace; raises for anything else in `folder`."""
    from crmctl.domain.importing.files import archive

    there = (folder / archive.MANIFEST).exists()
    earlier = archive.read_manifest(folder) if there else None
    if other := archive.strangers(folder, earlier):
        raise Refused(f"{folder} holds {other[0]}, which is no part of an archive: name another")
    if earlier and earlier.company_id != company_id:
        raise Refused(f"{folder} holds the archive of {earlier.company}: name another folder")
    return earlier


@contextmanager
def _drafts(folder: Path) -> Iterator[Path]:
    from crmctl.domain.importing.files.archive import DRAFT

    with TemporaryDirectory(prefix=DRAFT, dir=folder) as drafts:
        yield Path(drafts)


def _fill(session: "CrmSession", drafts: Path, form: OutputFormat, company: str) -> "Manifest":
    """Write every table, and last the manifest, into the folder `drafts`."""
    from crmctl.domain import times
    from crmctl.domain.importing.files.archive import FORMAT, MANIFEST, Manifest
    from crmctl.services.exports import archive
    from crmctl.storage import migrate

    tally = _Tally()
    with output.progress("exporting", archive.count(session), tally.position) as tally.show:
        parts = tuple(_part(session, drafts, table, form, tally) for table in archive.tables())
    made = Manifest(
        format=FORMAT,
        schema=migrate.head(),
        form=form,
        company_id=str(session.company_id),
        company=company,
        exported_at=times.iso(invocation.now()) or "",
        parts=parts,
    )
    (drafts / MANIFEST).write_text(made.text(), encoding="utf-8")
    return made


class _Tally:
    """How many rows are done, shown on a progress bar."""

    def __init__(self) -> None:
        self.done = 0
        self.show: Callable[[int], None] = lambda rows: None

    def position(self) -> int:
        """Return how many rows are done."""
        return self.done

    def reached(self, rows: int) -> None:
        """Show that so many rows are done by now."""
        self.done = rows
        self.show(rows)

    def over(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Yield `rows` and count them."""
        for row in rows:
            yield row
            self.done += 1
            if self.done % _SHOWN == 0:
                self.show(self.done)


def _part(
    session: "CrmSession", drafts: Path, table: str, form: OutputFormat, tally: _Tally
) -> "Part":
    """Write the file of one table, and return what the manifest says of it."""
    from crmctl.domain.importing.files.archive import Part
    from crmctl.render import archive as render
    from crmctl.services.exports import archive

    model = archive.tables()[table]
    before, digest = tally.done, hashlib.sha256()
    rows = tally.over(archive.rows(session, model))
    with (drafts / f"{table}.{form}").open("wb") as file:
        for line in render.lines(archive.columns(model), rows, form):
            written = line.encode()
            digest.update(written)
            file.write(written)
    return Part(table, tally.done - before, digest.hexdigest())


def _put(drafts: Path, folder: Path, made: "Manifest", earlier: "Manifest | None") -> None:
    """Move the files of `drafts` into `folder`, so that what is cut off is not taken for whole."""
    from crmctl.domain.importing.files.archive import MANIFEST

    files = {made.file(part.table) for part in made.parts}
    for name in files:
        (drafts / name).replace(folder / name)
    for part in earlier.parts if earlier else ():
        if earlier and earlier.file(part.table) not in files:
            (folder / earlier.file(part.table)).unlink(missing_ok=True)
    (drafts / MANIFEST).replace(folder / MANIFEST)


def read(folder: Path, *, dry_run: bool) -> tuple["Manifest", int]:
    """Read the archive in `folder` into the database; return what it has, and how many others are.

    With `dry_run` all is done but the end, and nothing stays.
    """
    from crmctl.domain.importing.files import archive as files
    from crmctl.services.exports import archive
    from crmctl.services.tenancy import companies
    from crmctl.storage import migrate

    manifest = files.read_manifest(folder)
    if manifest.schema != migrate.head():
        raise Refused(
            f"the archive in {folder} is of schema {manifest.schema}, this crmctl has "
            f"{migrate.head()}: import it by the crmctl that wrote it, then run crmctl db migrate"
        )
    files.verify(folder, manifest, list(archive.tables()))
    tally = _Tally()
    with (
        output.progress("importing", manifest.rows, tally.position) as tally.show,
        invocation.unscoped_session(write=True, origin=Origin.IMPORT) as session,
    ):
        archive.require_room(session, manifest)
        archive.restore(session, manifest, folder, tally.reached)
        others = len(companies.list_all(session)) - 1
        if dry_run:
            session.rollback()
    return manifest, others
