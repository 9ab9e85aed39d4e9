"""Lists of records: in an order, a page at a time, with the names of what they refer to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, UnaryExpression, and_, false, func, literal, or_
from sqlalchemy import select as rows_of
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlmodel import col, select

from crmctl.errors import NotFound, UsageError
from crmctl.models.activities import Activity
from crmctl.models.base import Owned
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise, User
from crmctl.services.records import references, types
from crmctl.services.records.references import Record
from crmctl.storage.dialects import in_order
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company, in_scope, joined

Item = TypeVar("Item")
Referred = TypeVar("Referred", Customer, Deal, Activity, User, Franchise)
#: A column, or what is made of some.
Expression = SQLCoreOperations[object]
#: The columns that a list is ordered by.
SortKeys = Sequence[ColumnElement[object]]
#: A row of a query whose columns a Source says.
SourceRow = Row[*tuple[Any, ...]]

#: Stands for rows without an owner.
NOBODY = "none"
#: Rows that are counted at most: nobody reads a list by pages of more.
COUNTED = 10_000


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some of the rows that were found, and how many there are in all.

    More than COUNTED are not counted: there are `total` or more then.
    """

    rows: list[Item]
    total: int
    more: bool

    @property
    def count(self) -> str:
        """How many there are, in words."""
        capped = self.more and self.total > COUNTED
        return f"more than {COUNTED:,}" if capped else str(self.total)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A table to search: the names that its rows refer to, the joins to them, the sort keys.

    A row has the record first, then `columns`. `number` comes last in every order, so that no two
    rows are equal in it.
    """

    model: type[Record]
    number: Expression
    columns: Sequence[Expression]
    joins: Sequence[tuple[type[Owned], ColumnElement[bool]]]
    sorts: Mapping[str, Sequence[Expression]]

    def query(
        self,
        session: CrmSession,
        columns: Sequence[type[Owned] | Expression],
        conditions: Sequence[ColumnElement[bool]],
    ) -> Select[*tuple[Any, ...]]:
        """Return the query for `columns` of the rows that fit and are within reach."""
        query = rows_of(*columns).select_from(self.model)
        for target, condition in self.joins:
            query = query.outerjoin(target, condition)
        return query.where(*in_scope(session, self.model), *conditions)


def related(
    model: type[Owned], table: type[Owned], column: Expression
) -> tuple[type[Owned], ColumnElement[bool]]:
    """Return the join of `model` to the row of `table` whose id `column` holds."""
    return table, joined(model, column, table)


def page(
    session: CrmSession,
    source: Listing,
    conditions: Sequence[ColumnElement[bool]],
    sort: str,
    limit: int | None,
    after: str | None,
) -> Page[SourceRow]:
    """Return a page of what `source` has.

    At most `limit` rows in the order of `sort` (`-amount` is descending), from behind the one that
    `after` names. Rows without a value come last, and those with equal values by number.
    """
    order, descending = _order(session, source, sort)
    query = source.query(session, (source.model, *source.columns), conditions)
    if after:
        query = query.where(_behind(session, source, order, descending, after))
    query = query.order_by(*_ordering(order, descending), source.number)
    found = list(session.execute(query.limit(limit + 1) if limit else query).all())
    more = limit is not None and len(found) > limit
    if not more and not after:
        return Page(found, len(found), more=False)
    counted = source.query(session, [literal(1)], conditions).limit(COUNTED + 1).subquery()
    total = session.execute(rows_of(func.count()).select_from(counted)).scalar_one()
    return Page(found[:limit], total, more)


def _order(session: CrmSession, source: Listing, sort: str) -> tuple[SortKeys, bool]:
    """Return the columns of the sort key `sort`, and whether they descend; number is implied."""
    name, descending = sort.removeprefix("-").replace("_", "-").lower(), sort.startswith("-")
    if name not in source.sorts:
        raise UsageError(f"cannot sort by {name!r} (there is {', '.join(source.sorts)})")
    # An attribute of a model is a column in all but its static type.
    columns = cast("list[ColumnElement[object]]", list(source.sorts[name]) or [source.number])
    return [key for column in columns for key in in_order(session, column)], descending


def _ordering(order: SortKeys, descending: bool) -> list[UnaryExpression[object]]:
    return [(key.desc() if descending else key.asc()).nulls_last() for key in order]


def _behind(
    session: CrmSession,
    source: Listing,
    order: SortKeys,
    descending: bool,
    after: str,
) -> ColumnElement[bool]:
    """Return the condition that a row comes behind the one that `after` names."""
    number, known = references.number_of(source.model, after), col(source.model.number)
    labelled = [key.label(f"key_{index}") for index, key in enumerate(order)]
    chosen = [known == number] if number else [false()]
    row = session.execute(source.query(session, labelled, chosen)).first()
    if row is None:
        raise NotFound(f"--after names a row by its number, such as 42: {after!r} is none")
    behind: ColumnElement[bool] = known > number
    for key, value in reversed(list(zip(order, row, strict=True))):
        if value is None:
            behind = and_(key.is_(None), behind)
        else:
            further = key < value if descending else key > value
            behind = or_(further, key.is_(None), and_(key == value, behind))
    return behind


def owned(session: CrmSession, model: type[Record], text: str) -> ColumnElement[bool]:
    """Return the condition that the user whom `text` names owns a row; NOBODY names nobody."""
    if text.strip().lower() == NOBODY:
        return col(model.owner_id).is_(None)
    return col(model.owner_id) == references.find_named(session, User, text).id


def by_id(
    session: CrmSession, model: type[Referred], ids: set[UUID | None]
) -> dict[UUID | None, Referred]:
    """Return the rows of `model` that have one of `ids`, by it."""
    found: dict[UUID | None, Referred] = {}
    for batch in batches(sorted(row_id for row_id in ids if row_id)):
        query = select(model).where(in_company(session, model), col(model.id).in_(batch))
        found.update({row.id: row for row in session.exec(query)})
    return found


def name_of(row: Record | User | Franchise | None) -> str | None:
    """Return what `row` is called; None where there is none."""
    if row is None:
        return None
    name: str = getattr(row, types.of(type(row)).name_column)
    return name


def number_of(row: Record | None) -> int | None:
    """Return the number of `row`; None where there is none."""
    return None if row is None else row.number
