"""Reading rows by many values: so many at a time as one statement takes, and by their index."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ARRAY, Dialect, Text, any_, bindparam, func, select
from sqlmodel import col

Value = TypeVar("Value")
Found = TypeVar("Found")

#: Rows or values in one statement; SQLite takes 32,766, PostgreSQL 65,535.
BATCH = 500


def batches(values: Sequence[Value], size: int = BATCH) -> Iterator[Sequence[Value]]:
    """Yield `values` in order, `size` of them at a time."""
    return (values[start : start + size] for start in range(0, len(values), size))


def found_by(
    execute: Callable[[Any, Mapping[str, Any]], Iterable[Found]],
    dialect: Dialect,
    query: Any,
    column: Any,
    values: Sequence[Any],
) -> Iterable[Found]:
    """Return what `query`, run by `execute`, finds where `column` is one of `values`.

    The values are a single parameter, however many they are: with one for each of them, SQLAlchemy
    takes longer to write the statement than the database to find the rows. They are no part of the
    statement, which lasts until garbage is looked for, and they with it.
    """
    if not values:
        return ()
    if dialect.name == "postgresql":
        array = bindparam("asked", type_=ARRAY(column.type))
        return execute(query.where(column == any_(array)), {"asked": list(values)})
    write = column.type.dialect_impl(dialect).bind_processor(dialect)
    asked = func.json_each(bindparam("asked", type_=Text)).table_valued("value").c.value
    listed = json.dumps([*map(write, values)] if write else values)
    return execute(query.where(col(column).in_(select(asked))), {"asked": listed})


def by_number(model: type[Any]) -> Any:
    """Return what sorts rows of `model` by their number that are looked up by something else.

    By the column itself, SQLite would read all rows of a company in this order instead.
    """
    return col(model.number) + 0
