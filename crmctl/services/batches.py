"""Many values, so many at a time as one statement takes."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Value = TypeVar("Value")

#: Rows or values in one statement; SQLite takes 32,766, PostgreSQL 65,535.
BATCH = 500


def batches(values: Sequence[Value], size: int = BATCH) -> Iterator[Sequence[Value]]:
    """Yield `values` in order, `size` of them at a time."""
    return (values[start : start + size] for start in range(0, len(values), size))
