"""Tables that fit a terminal: long text is cut, and a column without room is left out and named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType

#: Up to so many cells are words, which are not cut; text may be, down to so many.
_WORDS = 16
_LEAST = 10
#: Cells between two columns: where there is room, and where there is little.
_WIDE_GAP, _GAP = 3, 2


@dataclass
class Column:
    """A column of a table, and how wide it is: in `full`, `narrow` and at `least`.

    It is narrow with the words of its name one below the other. At least it is as wide, but for
    text, which may be cut. Amounts and numbers, which stand to the `right`, dates and words are
    not: what is left of them would be something else.
    """

    name: str
    cells: Sequence[str]
    right: bool
    full: int = field(init=False)
    narrow: int = field(init=False)
    least: int = field(init=False)

    def __post_init__(self) -> None:
        """Measure it, in the cells of a terminal."""
        from rich.cells import cell_len

        content = max(map(cell_len, self.cells), default=0)
        self.full = max(content, cell_len(self.name))
        self.narrow = max(content, *map(cell_len, self.name.split(" ")))
        text = not self.right and self.narrow > _WORDS and any(map(_has_letters, self.cells))
        self.least = _LEAST if text else self.narrow

    def heading(self, width: int) -> str:
        """Return its name as it stands above cells of that `width`."""
        return self.name if len(self.name) <= width else self.name.replace(" ", "\n")


def _has_letters(cell: str) -> bool:
    return any(map(str.isalpha, cell))


@dataclass(frozen=True)
class FittedTable:
    """A table that is laid out when it is drawn, for the width that there is then."""

    columns: Sequence[Column]

    def __rich_console__(
        self, console: "Console", options: "ConsoleOptions"
    ) -> "Iterator[RenderableType]":
        """Yield the table, and a line about the columns for which there was no room."""
        from rich.text import Text

        room = options.max_width
        if sum(column.full for column in self.columns) + _gaps(self.columns, _WIDE_GAP) <= room:
            yield _drawn(self.columns, [column.full for column in self.columns])
            return
        shown = list(self.columns)
        while len(shown) > 1 and sum(column.least for column in shown) + _gaps(shown, _GAP) > room:
            shown.pop()
        yield _drawn(shown, _widths(shown, room - _gaps(shown, _GAP)), close=True)
        if hidden := [column.name for column in self.columns[len(shown) :]]:
            yield Text(
                f"no room for {', '.join(hidden)}: a wider terminal or --output json shows them"
            )


def _gaps(columns: Sequence[Column], gap: int) -> int:
    return gap * (len(columns) - 1)


def _widths(columns: Sequence[Column], room: int) -> list[int]:
    """Return how wide each column is where all together have `room`: the longest are cut first."""
    for most in range(room, 0, -1):
        widths = [min(column.narrow, max(column.least, most)) for column in columns]
        if sum(widths) <= room:
            return widths
    return [min(column.least, room) for column in columns]


def _drawn(
    columns: Sequence[Column], widths: Sequence[int], *, close: bool = False
) -> "RenderableType":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    padding = (0, 1, 0, 0) if close else (0, 1)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=padding)
    for column, width in zip(columns, widths, strict=True):
        table.add_column(
            Text(column.heading(width)), width=width, no_wrap=True, overflow="ellipsis",
            justify="right" if column.right else "left", vertical="bottom",
        )  # fmt: skip
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*map(Text, row))
    return table
