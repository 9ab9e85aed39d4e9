"""A file as a table: a header, and rows of text with the lines that they stand on."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """The cells of one row, as many as the header has, and the line on which it begins.

    `trouble` says what is wrong with the row as a whole, and is empty for a sound one.
    """

    line: int
    cells: tuple[str, ...]
    trouble: str = ""


@dataclass(frozen=True)
class Table:
    """A file that was opened: its header, and its rows, which are read once and as needed."""

    name: str
    header: tuple[str, ...]
    rows: Iterator[Row]
