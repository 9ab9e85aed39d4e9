"""What a search for broken invariants finds, and what these searches share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import Column, Row, Select

from crmctl.models.base import Owned
from crmctl.models.session import CrmSession
from crmctl.services.records import types
from crmctl.storage.tables import key_columns, table_of

Types = TypeVarTuple("Types")

#: Findings of one kind that are listed; a broken database may have millions.
MOST = 100


@dataclass(frozen=True)
class Violation:
    """A row that breaks an invariant, and how; a fault of the file is of no company."""

    company_id: UUID | None
    record: str
    detail: str


def rows(session: CrmSession, query: Select[*Types]) -> Iterable[Row[*Types]]:
    """Return the first rows that `query` finds."""
    return session.execute(query.limit(MOST))


def naming(model: type[Owned]) -> list[Column[object]]:
    """Return the columns of `model` that tell what a row is called."""
    columns = table_of(model).c
    people = ("number", "title", "name", "subject")
    parts = ("pipeline", "position", "entity", "source", "external_id")
    wanted = [*people, *parts, *key_columns(model), "company_id", "key"]
    return [columns[name] for name in dict.fromkeys(wanted) if name in columns]


def name_of(model: type[Owned], values: Sequence[object]) -> str:
    """Return what people call the row of `model` that has `values` in its `naming` columns."""
    names = (column.name for column in naming(model))
    return types.of(model).name_of(dict(zip(names, values, strict=True)))
