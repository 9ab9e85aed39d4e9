"""Reading rows by many values: so many at a time as one statement takes, and by their index."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, TypeVar, TypeVarTuple

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Connection,
    Dialect,
    Row,
    Select,
    Text,
    any_,
    bindparam,
    func,
    select,
    true,
    tuple_,
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
    if unique and _dialect(source).name == "postgresql":
        array = bindparam("asked0", type_=ARRAY(column.type))
        return source.execute(_each(query, column, array), {"asked0": list(values)}).all()
    chosen, asked = one_of(source, [column], [(value,) for value in values])
    return source.execute(query.where(chosen), asked).all()


def one_of(
    source: Session | Connection,
    columns: Sequence[ColumnElement[Any]],
    values: Sequence[Sequence[object]],
) -> tuple[ColumnElement[bool], dict[str, object]]:
    """Return the condition that `columns` have one of `values`, asked of `source`, and parameters.

    However many values there are, the condition is the same, and holds none of them.
    """
    dialect = _dialect(source)
    if dialect.name == "postgresql":
        arrays = [bindparam(f"asked{n}", type_=ARRAY(c.type)) for n, c in enumerate(columns)]
        asked: dict[str, object] = {
            f"asked{n}": list(cells) for n, cells in enumerate(zip(*values, strict=True))
        }
        if len(columns) == 1:
            return columns[0] == any_(arrays[0]), asked
        names = [f"value{n}" for n in range(len(columns))]
        each = func.unnest(*arrays).table_valued(*names).render_derived()
        return tuple_(*columns).in_(select(*(each.c[name] for name in names))), asked
    writers = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns]
    written = [
        [*map(write, cells)] if write else [*cells]
        for write, cells in zip(writers, zip(*values, strict=True), strict=True)
    ]
    value = func.json_each(bindparam("asked", type_=Text)).table_valued("value").c.value
    if len(columns) == 1:
        return columns[0].in_(select(value)), {"asked": json.dumps(written[0])}
    parts = (func.json_extract(value, f"$[{n}]") for n in range(len(columns)))
    listed = json.dumps([*zip(*written, strict=True)])
    return tuple_(*columns).in_(select(*parts)), {"asked": listed}


def _dialect(source: Session | Connection) -> Dialect:
    connection = source.connection() if isinstance(source, Session) else source
    return connection.dialect


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
