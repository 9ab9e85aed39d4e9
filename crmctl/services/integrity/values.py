"""Whether each value in the database can be read as what its column holds."""

from collections.abc import Iterator
from typing import Any, get_origin
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Select, case, literal, or_, select

from crmctl.domain import money
from crmctl.models.base import Owned
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.services.integrity.violations import Violation, name_of, naming, rows
from crmctl.storage import dialects
from crmctl.storage.tables import table_of

_CODES = tuple(money.CODES.split())
_SHAPES: dict[object, str] = {list: "array", dict: "object"}


def unreadable(session: CrmSession) -> Iterator[Violation]:
    """Yield the rows with a value that is none of its column, and its first such value."""
    for model in TABLES:
        yield from _in_table(session, model)


def first_unreadable(session: CrmSession) -> Violation | None:
    """Return the first row that cannot be read; None if there is none."""
    return next(unreadable(session), None)


def _in_table(session: CrmSession, model: type[Owned]) -> Iterator[Violation]:
    query = _query(session, model)
    for company, column, stored, *names in rows(session, query) if query is not None else ():
        yield Violation(_id(company), name_of(model, names), f"{column} cannot be read: {stored}")


@dialects.once_per_engine
def _query(session: CrmSession, model: type[Owned]) -> Select[*tuple[Any, ...]] | None:
    """Return the query for the rows of `model` with a value that is none of its column.

    It gives their company, the column, the value and what names them; None where all can be read.
    """
    table = table_of(model)
    faults = {column: _fault(session, model, column) for column in table.columns}
    found = [(column, fault) for column, fault in faults.items() if fault is not None]
    if not found:
        return None
    name = case(*((fault, literal(column.name)) for column, fault in found))
    value = case(*((fault, dialects.as_stored(session, column)) for column, fault in found))
    called = [_shown(session, column) for column in naming(model)]
    return select(_shown(session, table.c.company_id), name, value, *called).where(
        or_(*(fault for _, fault in found))
    )


def _fault(
    session: CrmSession, model: type[Owned], column: Column[object]
) -> ColumnElement[bool] | None:
    """Return the condition that `column` holds what no crmctl wrote there."""
    kinds = [dialects.misstored(session, column)]
    if column.name == "currency":
        kinds.append(column.not_in(_CODES))
    shape = _SHAPES.get(get_origin(model.model_fields[column.name].annotation))
    if shape:
        kinds.append(dialects.json_is_no(session, column, shape))
    known = [kind for kind in kinds if kind is not None]
    return column.is_not(None) & or_(*known) if known else None


def _shown(session: CrmSession, column: Column[object]) -> ColumnElement[str]:
    """Return `column` as text, also where it is none."""
    text = dialects.as_text(session, column)
    strange = dialects.unreadable_text(session, column)
    return text if strange is None else case((strange, literal("?")), else_=text)


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text)
    except (TypeError, ValueError):
        return None
