"""What must never be false of what rows refer to: other rows, and the change sets they carry."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKeyConstraint,
    Select,
    Uuid,
    and_,
    exists,
    literal,
    select,
)

from crmctl.models.base import Owned
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise
from crmctl.services.integrity.violations import Violation, name_of, naming, rows
from crmctl.storage import dialects
from crmctl.storage.scope import same_company
from crmctl.storage.tables import key_columns, table_of

_CHANGES = table_of(Change)
_ROWS = table_of(ChangeRow)
_FRANCHISES = table_of(Franchise)


def references(session: CrmSession) -> Iterator[Violation]:
    """Yield the rows that refer to a row that is not in their company."""
    for model in TABLES:
        for link in table_of(model).foreign_key_constraints:
            if link.referred_table is not _CHANGES and "stage" not in link.column_keys:
                yield from _broken(session, model, link)
    yield from _nowhere(session)


def _nowhere(session: CrmSession) -> Iterator[Violation]:
    """Yield the change sets of a franchise that their company neither has nor had."""
    here, its = _FRANCHISES.c, _CHANGES.c
    there = exists().where(same_company(_FRANCHISES, _CHANGES), here.id == its.franchise_id)
    gone = exists().where(
        same_company(_ROWS, _CHANGES),
        _ROWS.c.table_name == _FRANCHISES.name,
        _ROWS.c.row_key == dialects.as_text(session, its.franchise_id),
        _ROWS.c.after.is_(None),
    )
    query = select(its.company_id, its.ref).where(its.franchise_id.is_not(None), ~there, ~gone)
    for company, ref in rows(session, query):
        detail = "was made in a franchise that its company never had"
        yield Violation(company, f"change {ref}", detail)


def _broken(
    session: CrmSession, model: type[Owned], link: ForeignKeyConstraint
) -> Iterator[Violation]:
    """Yield the rows of `model` that refer by `link` to a row that is not in their company."""
    noun = link.referred_table.name
    by = ", ".join(element.parent.name for element in link.elements[1:]) or "company_id"
    for row in rows(session, _broken_query(model, link)):
        whose = "another company's row of" if row[1] else "a row that is not in"
        yield Violation(row[0], name_of(model, row[2:]), f"refers by {by} to {whose} {noun}")


@cache
def _broken_query(model: type[Owned], link: ForeignKeyConstraint) -> Select[*tuple[Any, ...]]:
    """Return the query for their company, whether another has what they refer to, and names."""
    table, parent = table_of(model), link.referred_table.alias("referred")
    pairs = [(element.parent, parent.c[element.column.name]) for element in link.elements]
    joined = table.outerjoin(parent, and_(*(own == other for own, other in pairs)))
    wanted = [own.is_not(None) for own, _ in pairs]
    return (
        select(table.c.company_id, _elsewhere(link), *naming(model))
        .select_from(joined)
        .where(parent.c.company_id.is_(None), *wanted)
    )


def _elsewhere(link: ForeignKeyConstraint) -> ColumnElement[bool]:
    """Return whether another company has the row that `link` refers to."""
    others = [e for e in link.elements if e.parent.name != "company_id"]
    if len(others) != 1 or not isinstance(others[0].column.type, Uuid):
        return literal(False)
    other = link.referred_table.alias("elsewhere")
    return exists().where(other.c[others[0].column.name] == others[0].parent)


def change_sets(session: CrmSession) -> Iterator[Violation]:
    """Yield the rows whose change set is not there, or does not say what it changed."""
    for model in TABLES:
        table = table_of(model)
        for name in ("created_in", "changed_in", "change_id", "undoes", "undone_in"):
            if name in table.c:
                yield from _without_change(session, model, table.c[name])
        if "changed_in" in table.c:
            yield from _unrecorded(session, model)


def _without_change(
    session: CrmSession, model: type[Owned], column: Column[object]
) -> Iterator[Violation]:
    for row in rows(session, _without_change_query(model, column)):
        detail = f"no change set has the id in {column.name}"
        yield Violation(row[0], name_of(model, row[1:]), detail)


@cache
def _without_change_query(model: type[Owned], column: Column[object]) -> Select[*tuple[Any, ...]]:
    """Return the query for their company and names."""
    table, change = table_of(model), _CHANGES.alias("change")
    same = and_(same_company(change, table), change.c.id == column)
    return (
        select(table.c.company_id, *naming(model))
        .select_from(table.outerjoin(change, same))
        .where(change.c.id.is_(None), column.is_not(None))
    )


def _unrecorded(session: CrmSession, model: type[Owned]) -> Iterator[Violation]:
    """Yield the rows whose last change is not in the change set that they carry."""
    for row in rows(session, _unrecorded_query(session, model)):
        detail = "its last change set does not say what it changed"
        yield Violation(row[0], name_of(model, row[1:]), detail)


@dialects.once_per_engine
def _unrecorded_query(session: CrmSession, model: type[Owned]) -> Select[*tuple[Any, ...]]:
    """Return the query for their company and names."""
    table = table_of(model)
    recorded = exists().where(
        same_company(_ROWS, table),
        _ROWS.c.table_name == table.name,
        _ROWS.c.row_key == _row_key(session, model),
        _ROWS.c.change_id == table.c.changed_in,
    )
    # An erasure does not say what it changed, which would be what it erased.
    erased = exists().where(
        same_company(_CHANGES, table),
        _CHANGES.c.id == table.c.changed_in,
        _CHANGES.c.irreversible,
    )
    return select(table.c.company_id, *naming(model)).where(
        table.c.changed_in != table.c.created_in, ~recorded, ~erased
    )


def _row_key(session: CrmSession, model: type[Owned]) -> ColumnElement[str]:
    """Return the expression of what change_rows calls a row of `model`; see changes.row_key."""
    columns = (table_of(model).c[name] for name in key_columns(model))
    parts = [dialects.as_text(session, column) for column in columns]
    joined: ColumnElement[str] = parts[0] if parts else literal("")
    for part in parts[1:]:
        joined = joined + "/" + part
    return joined
