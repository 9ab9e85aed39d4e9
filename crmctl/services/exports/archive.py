"""A company as it is, every row of every table with its history: read out, and put back."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, func, select
from sqlalchemy.exc import DataError, IntegrityError

from crmctl.domain.importing.files.archive import ArchiveReader, Manifest
from crmctl.errors import Refused
from crmctl.models.base import Json, Owned
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Company
from crmctl.services import changes
from crmctl.services.integrity import check
from crmctl.services.tenancy import companies
from crmctl.storage.scope import in_company
from crmctl.storage.tables import key_columns, table_of

#: Rows that are in memory at once.
PAGE = 1000


def tables() -> dict[str, type[Owned]]:
    """Return all tables by name, in the order in which their rows can be inserted."""
    return {str(model.__tablename__): model for model in TABLES}


def columns(model: type[Owned]) -> list[str]:
    """Return the names of the columns of `model`."""
    return [column.name for column in table_of(model).columns]


def structured(model: type[Owned]) -> frozenset[str]:
    """Return the columns of `model` whose values are lists, objects or truths, and never texts."""
    found = table_of(model).columns
    return frozenset(column.name for column in found if isinstance(column.type, (Json, Boolean)))


def count(session: CrmSession) -> int:
    """Return how many rows the company has in all tables."""
    found = 0
    for table in map(table_of, TABLES):
        mine = in_company(session, table)
        query = select(func.count()).select_from(table).where(mine)
        found += session.execute(query).scalar_one()
    return found


def rows(session: CrmSession, model: type[Owned]) -> Iterator[dict[str, Any]]:
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


def require_room(session: CrmSession, manifest: Manifest) -> None:
    """Raise Refused if the database has the company of an archive, or another of its name."""
    companies.take_turns(session)
    if there := session.get(Company, UUID(manifest.company_id)):
        raise Refused(f"company {there.name} is in this database already")
    names = {company.name.lower() for company in companies.list_all(session)}
    if manifest.company.lower() in names:
        raise Refused(
            f"another company is called {manifest.company!r} in this database: import into an "
            "empty one (crmctl db init), or rename it (crmctl company edit --name)"
        )


def restore(
    session: CrmSession, manifest: Manifest, folder: Path, taken: Callable[[int], None]
) -> None:
    """Insert the rows of the archive in `folder` as they are. Nothing records this.

    `taken` is told how many rows there are by now. Raises Refused for what cannot be read, or
    breaks what must always hold.
    """
    company = UUID(manifest.company_id)
    models, done = tables(), 0
    for part in manifest.parts:
        model = models[part.table]
        reader = ArchiveReader(
            folder / manifest.file(part.table), columns(model), structured(model)
        )
        try:
            for written in _restored(session, model, company, reader):
                done += written
                taken(done)
        except (IntegrityError, DataError) as error:
            told = str(error.orig).splitlines()[0]
            raise Refused(f"{reader.path}: a row does not fit the others: {told}") from error
    if done != manifest.rows:
        raise Refused(f"{folder} has {done:,} rows, and its manifest says {manifest.rows:,}")
    _require_sound(session, company)


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


def _decoded(model: type[Owned], company: UUID, reader: ArchiveReader) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(reader.rows(), 1):
        try:
            values = changes.decode(model, row)
        except (ValueError, TypeError, ArithmeticError):
            raise reader.unreadable(number) from None
        if values["company_id"] != company:
            raise Refused(f"{reader.path}: row {number} is of another company")
        yield values


def _pages(found: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while page := list(islice(found, PAGE)):
        yield page


def _require_sound(session: CrmSession, company: UUID) -> None:
    """Raise Refused if what was restored breaks an invariant; other companies are not judged."""
    found = [one for one in check.run(session) if one.company_id in (None, company)]
    if found:
        lines = [f"  {one.record}: {one.detail}" for one in found[:5]]
        head = f"{len(found)} rows of the archive break what must always hold"
        raise Refused(head, *lines)
