"""Reading an archive: a company comes back as it was, the log included."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import islice
from pathlib import Path
from uuid import UUID

from sqlalchemy import Boolean
from sqlalchemy.exc import DataError, IntegrityError

from crmctl.domain.importing.files import archive as files
from crmctl.domain.importing.files.archive import ArchiveReader, Manifest
from crmctl.domain.money import PLACES
from crmctl.domain.text import folded
from crmctl.errors import Refused
from crmctl.models.base import Json, Owned, Values
from crmctl.models.imports import ImportRun
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Company
from crmctl.services import changes
from crmctl.services.exports.archive import PAGE, ArchiveProgress, columns, tables
from crmctl.services.integrity import check
from crmctl.services.tenancy import companies
from crmctl.storage.tables import column_types, key_columns, table_of

_CHECKED = (str, int, Decimal, bool, object)
#: What no number in a table comes to: money has 15 digits before the point.
_TOO_LARGE = 10**15


@dataclass(frozen=True)
class ArchiveImport:
    """An archive to read from `folder` into a database of this `schema`."""

    folder: Path
    schema: str


@dataclass(frozen=True)
class RestoredArchive:
    """What was restored, and how many other companies the database has."""

    manifest: Manifest
    other_companies: int


def restore(
    session: CrmSession, request: ArchiveImport, progress: ArchiveProgress
) -> RestoredArchive:
    """Insert the rows of an archive as they are. Nothing records this.

    Raises Refused for an archive that is not whole, cannot be read, breaks what must always hold
    or has no room beside the companies that are there.
    """
    folder = request.folder
    manifest = files.read_manifest(folder)
    if manifest.schema != request.schema:
        raise Refused(
            f"the archive in {folder} is of schema {manifest.schema}, this crmctl has "
            f"{request.schema}: import it by the crmctl that wrote it, then run crmctl db migrate"
        )
    files.verify(folder, manifest, list(tables()))
    _require_room(session, manifest)
    _insert(session, manifest, folder, progress)
    return RestoredArchive(manifest, len(companies.list_all(session)) - 1)


def _require_room(session: CrmSession, manifest: Manifest) -> None:
    """Raise Refused if the database has the company of an archive, or another of its name."""
    companies.take_turns(session)
    if there := session.get(Company, UUID(manifest.company_id)):
        raise Refused(f"company {there.name} is in this database already")
    names = {folded(company.name) for company in companies.list_all(session)}
    if folded(manifest.company) in names:
        raise Refused(
            f"another company is called {manifest.company!r} in this database: import into an "
            "empty one (crmctl db init), or rename it (crmctl company edit --name)"
        )


def _insert(
    session: CrmSession, manifest: Manifest, folder: Path, progress: ArchiveProgress
) -> None:
    """Insert the rows of the archive in `folder`, and look whether they are sound."""
    company = UUID(manifest.company_id)
    done = 0
    for table, model in tables().items():
        reader = ArchiveReader(folder / manifest.file(table), columns(model), _structured(model))
        try:
            for written in _restored(session, model, company, reader):
                done += written
                progress(done, manifest.rows)
        except (IntegrityError, DataError) as error:
            reason = str(error.orig).splitlines()[0]
            raise Refused(f"{reader.path}: a row does not fit the others: {reason}") from error
    if done != manifest.rows:
        raise Refused(f"{folder} has {done:,} rows, and its manifest says {manifest.rows:,}")
    _require_sound(session, company)


def _structured(model: type[Owned]) -> frozenset[str]:
    """Return the columns of `model` whose values are lists, objects or truths, and never texts."""
    found = table_of(model).columns
    return frozenset(column.name for column in found if isinstance(column.type, (Json, Boolean)))


def _restored(
    session: CrmSession, model: type[Owned], company: UUID, reader: ArchiveReader
) -> Iterator[int]:
    """Insert the rows of a table, and yield of each page how many it has."""
    links = _links_within(model)
    linked = False
    for page in _pages(_decoded(model, company, reader)):
        linked = linked or any(row[name] is not None for row in page for name in links)
        loose = [row | dict.fromkeys(links) for row in page] if links else page
        changes.insert_values(session, model, loose)
        yield len(page)
    if linked:
        # They may refer to any row of their table, so all have to be there.
        wanted = ("company_id", *key_columns(model), *links)
        for page in _pages(_decoded(model, company, reader)):
            known = [row for row in page if any(row[name] is not None for name in links)]
            changes.link(session, model, [{name: row[name] for name in wanted} for row in known])


@cache
def _links_within(model: type[Owned]) -> tuple[str, ...]:
    """Return the columns by which rows of `model` refer to rows of the same table."""
    table = table_of(model)
    links = [link for link in table.foreign_key_constraints if link.referred_table is table]
    return tuple(name for link in links for name in link.column_keys if name != "company_id")


def _decoded(model: type[Owned], company: UUID, reader: ArchiveReader) -> Iterator[Values]:
    # Decoding itself makes ids, times and words of what is none of them fail.
    checked = {name: kind for name, kind in column_types(model).items() if kind in _CHECKED}
    for number, row in enumerate(reader.rows(), 1):
        try:
            values = changes.decode(model, row)
            for name, kind in checked.items():
                if (value := values[name]) is not None:
                    _require_storable(value, row[name], kind)
        except (ValueError, TypeError, ArithmeticError, RecursionError):
            raise reader.unreadable(number) from None
        if values["company_id"] != company:
            raise Refused(f"{reader.path}: row {number} is of another company")
        if model is ImportRun and values["finished_at"] is None:
            # It cannot go on here: the files that its options name are another computer's.
            values["options"] = {}
        yield values


def _require_storable(value: object, written: object, kind: type) -> None:
    """Raise ValueError for a `value` that no column of `kind` has, or that was not `written` so."""
    if kind is object:
        if not isinstance(value, (dict, list)):
            raise ValueError
        if value:
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    elif type(value) is not kind or type(written) not in (str, kind):
        raise ValueError
    elif isinstance(value, str):
        if not value.isascii():
            value.encode()
        if "\0" in value:
            raise ValueError
    elif isinstance(value, (int, Decimal)) and not (
        -_TOO_LARGE < value < _TOO_LARGE and value == round(value, PLACES)
    ):
        raise ValueError


def _pages(found: Iterator[Values]) -> Iterator[list[Values]]:
    while page := list(islice(found, PAGE)):
        yield page


def _require_sound(session: CrmSession, company: UUID) -> None:
    """Raise Refused if what was restored breaks an invariant; other companies are not judged."""
    found = [one for one in check.run(session) if one.company_id in (None, company)]
    if found:
        lines = [f"  {one.record}: {one.detail}" for one in found[:5]]
        count = "1 row" if len(found) == 1 else f"{len(found)} rows"
        breaks = "breaks" if len(found) == 1 else "break"
        head = f"{count} of the archive {breaks} what must always hold"
        raise Refused(head, *lines)
