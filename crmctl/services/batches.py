"""Reading rows by many values: so many at a time as one statement takes, and by their index."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ARRAY, ColumnElement, Dialect, any_, bindparam, func, select
from sqlmodel import col

Value = TypeVar("Value")

#: Rows or values in one statement; SQLite takes 32,766, PostgreSQL 65,535.
BATCH = 500
#: Values of one parameter, by which rows are looked up.
LOOKED_UP = 5000


def batches(values: Sequence[Value], size: int = BATCH) -> Iterator[Sequence[Value]]:
    """Yield `values` in order, `size` of them at a time."""
    return (values[start : start + size] for start in range(0, len(values), size))


def one_of(dialect: Dialect, column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition that `column` is one of `values`, as a single parameter.

    Of thousands of them, as many parameters would take longer to write than the rows to find.
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
