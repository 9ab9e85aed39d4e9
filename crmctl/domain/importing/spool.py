"""Rows that are more than memory should hold: all but the last stand in a temporary file."""

import marshal
import tempfile
import weakref
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

#: A row of texts and numbers, and of tuples of these.
SpooledRow = tuple[Any, ...]

#: How many rows are written at a time, and how many letters they have at most.
_ROWS = 1000
_LETTERS = 1 << 20
_SIZE = 4


class Spool:
    """Rows in the order in which they came, to be read as often as needed.

    Nobody else can open the file that holds them: it has no name.
    """

    def __init__(self) -> None:
        self._last: list[SpooledRow] = []
        self._letters = 0
        self._count = 0
        self._file: BinaryIO | None = None

    def __len__(self) -> int:
        """Return how many rows there are."""
        return self._count

    def append(self, row: SpooledRow, letters: int = 0) -> None:
        """Add a row that has about so many `letters`."""
        self._last.append(row)
        self._count += 1
        self._letters += letters
        if len(self._last) == _ROWS or self._letters > _LETTERS:
            self._write()

    def _write(self) -> None:
        if self._file is None:
            self._file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115
            weakref.finalize(self, self._file.close)
        block = marshal.dumps(self._last)
        self._file.seek(0, 2)
        self._file.write(len(block).to_bytes(_SIZE, "little") + block)
        self._last, self._letters = [], 0

    def __iter__(self) -> Iterator[SpooledRow]:
        """Yield the rows that there are by now."""
        position, last = 0, self._last
        while self._file is not None:
            self._file.seek(position)
            size = int.from_bytes(self._file.read(_SIZE), "little")
            if not size:
                break
            yield from marshal.loads(self._file.read(size))
            position += _SIZE + size
        yield from last
