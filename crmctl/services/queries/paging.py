"""Lists of records: in an order, a page at a time, with the names of what they refer to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import and_, false, func, or_
from sqlalchemy import select as rows_of
from sqlmodel import col, select

from crmctl.errors import NotFound, UsageError
from crmctl.models.session import CrmSession
from crmctl.models.tenants import User
from crmctl.services.records import references
from crmctl.storage.dialects import by_code_point
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company, in_scope, joined

Found = TypeVar("Found")

#: Stands for rows without an owner.
NOBODY = "none"


@dataclass(frozen=True)
class Page(Generic[Found]):
    """Some of the rows that were found, and how many there are in all."""

    rows: list[Found]
    total: int
    more: bool


@dataclass(frozen=True)
class Source:
    """A table to search: its columns with the names it refers to, the joins, the sort keys.

    `number` comes last in every order, so that no two rows are equal in it.
    """

    model: Any
    number: Any
    columns: Sequence[Any]
    joins: Sequence[tuple[Any, Any]]
    sorts: Mapping[str, Sequence[Any]]

    def query(self, session: CrmSession, columns: Sequence[Any], conditions: Sequence[Any]) -> Any:
        """Return the query for `columns` of the rows that fit and are within reach."""
        query = rows_of(*columns).select_from(self.model)
        for target, condition in self.joins:
            query = query.outerjoin(target, condition)
        return query.where(*in_scope(session, self.model), *conditions)


def related(model: Any, table: Any, column: Any) -> tuple[Any, Any]:
    """Return the join of `model` to the row of `table` whose id `column` holds."""
    return table, joined(model, column, table)


def page(
    session: CrmSession,
    source: Source,
    conditions: Sequence[Any],
    sort: str,
    limit: int | None,
    after: str | None,
) -> tuple[list[Any], int, bool]:
    """Return a page of what `source` has, how much there is in all, and whether more follows.

    At most `limit` rows in the order of `sort` (`-amount` is descending), from behind the one that
    `after` names. Rows without a value come last, and those with equal values by number.
    """
    order, descending = _order(session, source, sort)
    query = source.query(session, source.columns, conditions)
    if after:
        query = query.where(_behind(session, source, order, descending, after))
    query = query.order_by(*_ordering(order, descending), source.number)
    found = list(session.execute(query.limit(limit + 1) if limit else query).all())
    more = limit is not None and len(found) > limit
    if not more and not after:
        return found, len(found), False
    counted = source.query(session, [func.count()], conditions)
    return found[:limit], session.execute(counted).scalar_one(), more


def _order(session: CrmSession, source: Source, sort: str) -> tuple[list[Any], bool]:
    """Return the columns of the sort key `sort`, and whether they descend; number is implied."""
    name, descending = sort.removeprefix("-").replace("_", "-").lower(), sort.startswith("-")
    if name not in source.sorts:
        raise UsageError(f"cannot sort by {name!r} (there is {', '.join(source.sorts)})")
    columns = list(source.sorts[name]) or [source.number]
    return [by_code_point(session, column) for column in columns], descending


def _ordering(order: Sequence[Any], descending: bool) -> list[Any]:
    return [(key.desc() if descending else key.asc()).nulls_last() for key in order]


def _behind(
    session: CrmSession, source: Source, order: Sequence[Any], descending: bool, after: str
) -> Any:
    """Return the condition that a row comes behind the one that `after` names."""
    number = references.number_of(source.model, after)
    labelled = [key.label(f"key_{place}") for place, key in enumerate(order)]
    chosen = [col(source.model.number) == number] if number else [false()]
    row = session.execute(source.query(session, labelled, chosen)).first()
    if row is None:
        raise NotFound(f"--after names a row by its number, such as 42: {after!r} is none")
    behind: Any = col(source.model.number) > number
    for key, value in reversed(list(zip(order, row, strict=True))):
        if value is None:
            behind = and_(key.is_(None), behind)
        else:
            further = key < value if descending else key > value
            behind = or_(further, key.is_(None), and_(key == value, behind))
    return behind


def owned(session: CrmSession, model: Any, text: str) -> Any:
    """Return the condition that the user whom `text` names owns a row; NOBODY names nobody."""
    if text.strip().lower() == NOBODY:
        return col(model.owner_id).is_(None)
    return col(model.owner_id) == references.find_named(session, User, text).id


def by_id(session: CrmSession, model: type[Any], ids: set[UUID | None]) -> dict[UUID, Any]:
    """Return the rows of `model` that have one of `ids`, by it."""
    found: dict[UUID, Any] = {}
    for batch in batches(sorted(row_id for row_id in ids if row_id)):
        chosen = col(model.id).in_(batch)
        query = select(model).where(in_company(session, model), chosen)
        found.update({row.id: row for row in session.exec(query)})
    return found


def get(rows: Mapping[UUID, Any], row_id: UUID | None, name: str) -> Any:
    """Return the field `name` of the row with this id; None where there is none."""
    return getattr(rows[row_id], name) if row_id and row_id in rows else None
