"""Reading rows by many values: so many at a time as one statement takes, and by their index."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, TypeVar, TypeVarTuple

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    any_,
    bindparam,
    func,
    select,
    true,
)
from sqlalchemy.orm import Session
from sqlmodel import col

Value = TypeVar("Value")
ColumnTypes = TypeVarTuple("ColumnTypes")

#: Rows or values in one statement; SQLite takes 32,766, PostgreSQL 65,535.
BATCH = 500


class _Numbered(Protocol):
    """A row that people know by its number."""

    number: int


def batches(values: Sequence[Value], size: int = BATCH) -> Iterator[Sequence[Value]]:
    """Yield `values` in order, `size` of them at a time."""
    return (values[start : start + size] for start in range(0, len(values), size))


def rows_by(
    source: Session | Connection,
    query: Select[*ColumnTypes],
    column: ColumnElement[Any],
    values: Sequence[object],
    *,
    unique: bool = False,
) -> Sequence[Row[*ColumnTypes]]:
    """Return the rows that `query` finds, asked of `source`, where `column` is one of `values`.

    The values are a single parameter, however many they are: with one for each of them, SQLAlchemy
    takes longer to write the statement than the database to find the rows. They are no part of the
    statement, which lasts until garbage is looked for, and they with it.

    `unique` says that `query` is on columns and finds one row for a value, by an index.
    """
    if not values:
        return ()
    connection = source.connection() if isinstance(source, Session) else source
    dialect = connection.dialect
    if dialect.name == "postgresql":
        array = bindparam("asked", type_=ARRAY(column.type))
        chosen = _each(query, column, array) if unique else query.where(column == any_(array))
        return source.execute(chosen, {"asked": list(values)}).all()
    write = column.type.dialect_impl(dialect).bind_processor(dialect)
    asked = func.json_each(bindparam("asked", type_=Text)).table_valued("value").c.value
    listed = json.dumps([*map(write, values)] if write else values)
    return source.execute(query.where(column.in_(select(asked))), {"asked": listed}).all()


def _each(
    query: Select[*ColumnTypes], column: ColumnElement[Any], array: BindParameter[Sequence[Any]]
) -> Select[*ColumnTypes]:
    """Return `query` for each value of `array`, which PostgreSQL then looks up by their index.

    Of a table without statistics, as are those of rows that are not committed, it takes a company
    to have few rows, and would rather read them all. Without the LIMIT, which takes nothing away
    where one row is all there is, it would make a join of this, and do that.
    """
    asked = func.unnest(array).table_valued("value").render_derived()
    one = query.where(column == asked.c.value).limit(1).lateral()
    return select(one).select_from(asked.join(one, true()))


def by_number(model: type[_Numbered]) -> ColumnElement[int]:
    """Return what sorts rows of `model` by their number that are looked up by something else.

    By the column itself, SQLite would read all rows of a company in this order instead.
    """
    return col(model.number) + 0
