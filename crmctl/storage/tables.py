"""The tables behind the models: their columns, keys and defaults."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Table
from sqlalchemy.inspection import inspect
from sqlalchemy.orm import Mapped
from sqlalchemy.types import TypeDecorator, TypeEngine

from crmctl.models.base import Owned

#: A column of a query: of a model, of a table, or an expression.
QueryColumn = Mapped[Any] | ColumnElement[Any]
#: A query for columns that are chosen when it is built.
Query = Select[*tuple[Any, ...]]


def table_of(model: type[Owned]) -> Table:
    """Return the table of `model`."""
    table = inspect(model).local_table
    assert isinstance(table, Table)
    return table


@cache
def key_columns(model: type[Owned]) -> tuple[str, ...]:
    """Return the primary key of `model` without company_id."""
    return tuple(c.name for c in table_of(model).primary_key if c.name != "company_id")


@cache
def column_types(model: type[Owned]) -> dict[str, type]:
    """Return the type in Python of what each column of `model` holds."""
    return {c.name: _python_type(c.type) for c in table_of(model).columns}


def _python_type(kind: TypeEngine[Any]) -> type:
    # A type that wraps another one does not tell what that one holds.
    if isinstance(kind, TypeDecorator) and kind.python_type is object:
        kind = kind.impl_instance
    return kind.python_type


@cache
def defaults(model: type[Owned]) -> Mapping[str, Any]:
    """Return the columns of `model` that have a default, and the defaults, not to be changed."""
    fields = model.model_fields
    return {
        name: fields[name].get_default(call_default_factory=True)
        for name in column_types(model)
        if not fields[name].is_required()
    }
