"""Which rows a session may see: those of its company, of its franchise, and not removed ones."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, and_, literal_column
from sqlmodel import col

from crmctl.models.base import Owned
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession

# Written out, because a parameter would keep SQLite from using the partial indexes on deals.
IS_OPEN = col(Deal.status) == literal_column("'open'")
IS_CLOSED = col(Deal.status) != literal_column("'open'")


#: Where rows come from: a model, an alias of one, a table or a query.
RowSource = type[Owned] | FromClause


def _column(source: RowSource, name: str) -> ColumnElement[Any]:
    """Return the column `name` of `source`."""
    columns = getattr(source, "c", None)
    column: ColumnElement[Any] = getattr(source, name) if columns is None else columns[name]
    return column


def in_company(session: CrmSession, source: RowSource) -> ColumnElement[bool]:
    """Return the condition that a row of `source`, a model or a table, is of the company."""
    return _column(source, "company_id") == session.company_id


def in_franchise(session: CrmSession, source: RowSource) -> list[ColumnElement[bool]]:
    """Return the condition for the session's franchise; none where it has all of the company."""
    if session.franchise_id is None:
        return []
    return [_column(source, "franchise_id") == session.franchise_id]


def sees(session: CrmSession, franchise_id: UUID | None) -> bool:
    """Return whether rows of this franchise, None being the company's own, meet in_franchise."""
    return session.franchise_id in (None, franchise_id)


def in_scope(session: CrmSession, source: RowSource) -> list[ColumnElement[bool]]:
    """Return the conditions for the rows of the session's company, and of its franchise."""
    return [in_company(session, source), *in_franchise(session, source)]


def is_removed(source: RowSource, removed: bool = True) -> ColumnElement[bool]:
    """Return the condition that a row was removed, or with `removed` False that it is there."""
    since = _column(source, "deleted_at")
    return since.is_not(None) if removed else since.is_(None)


def visible(session: CrmSession, source: RowSource) -> list[ColumnElement[bool]]:
    """Return the conditions for the rows in scope that are not removed."""
    return [*in_scope(session, source), is_removed(source, False)]


def same_company(one: RowSource, other: RowSource) -> ColumnElement[bool]:
    """Return the condition that rows of two sources are of one company, as in every join."""
    return _column(one, "company_id") == _column(other, "company_id")


def joined(one: RowSource, column: object, other: RowSource) -> ColumnElement[bool]:
    """Return the condition that `column` of `one` is the id of a row of `other`, of its company."""
    return and_(same_company(other, one), _column(other, "id") == column)
