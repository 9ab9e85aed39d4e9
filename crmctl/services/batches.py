"""Reading rows by many values: so many at a time as one statement takes, and by their index."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlmodel import col

Value = TypeVar("Value")

#: Rows or values in one statement; SQLite takes 32,766, PostgreSQL 65,535.
BATCH = 500


def batches(values: Sequence[Value], size: int = BATCH) -> Iterator[Sequence[Value]]:
    """Yield `values` in order, `size` of them at a time."""
    return (values[start : start + size] for start in range(0, len(values), size))


def by_number(model: type[Any]) -> Any:
    """Return what sorts rows of `model` by their number that are looked up by something else.

    By the column itself, SQLite would read all rows of a company in this order instead.
    """
    return col(model.number) + 0
