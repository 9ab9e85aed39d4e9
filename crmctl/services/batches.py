"""Reading rows by many values: so many at a time as one statement takes, and by their index."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ARRAY, ColumnElement, Dialect, any_, bindparam, func, select
from sqlmodel import col

Value = TypeVar("Value")

#: Rows or values in one statement; SQLite takes 32,766, PostgreSQL 65,535.
BATCH = 500


def batches(values: Sequence[Value], size: int = BATCH) -> Iterator[Sequence[Value]]:
    """Yield `values` in order, `size` of them at a time."""
    return (values[start : start + size] for start in range(0, len(values), size))


def one_of(dialect: Dialect, column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition that `column` is one of `values`, as a single parameter.

    With one for each of them, SQLAlchemy takes longer to write the statement than the rows to find.
    """
    if dialect.name == "postgresql":
        array = bindparam(None, list(values), type_=ARRAY(column.type), unique=True)
        found: ColumnElement[bool] = column == any_(array)
        return found
    write = column.type.dialect_impl(dialect).bind_processor(dialect)
    listed = json.dumps([*map(write, values)] if write else values)
    return col(column).in_(select(func.json_each(listed).table_valued("value").c.value))


def by_number(model: type[Any]) -> Any:
    """Return what sorts rows of `model` by their number that are looked up by something else.

    By the column itself, SQLite would read all rows of a company in this order instead.
    """
    return col(model.number) + 0
