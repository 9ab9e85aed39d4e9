"""Which line of a file was the first about something, for files of any length."""

import sqlite3
from array import array
from collections.abc import Hashable, Iterable
from itertools import chain

from crmctl.storage.lookups import batches

#: Numbers of records that stand together.
_CHUNK = 256


class RepeatedRows:
    """Lines by what they are about, in a temporary file and not in memory.

    What a batch of rows may ask for has to be loaded first. Kept are the hashes of what lines are
    about: two of a million that agree by chance are met once in ten million files.
    """

    def __init__(self) -> None:
        # A database without a name is a file that SQLite removes in the end.
        self._stored = sqlite3.connect("")
        self._stored.execute("PRAGMA journal_mode = OFF")
        self._stored.execute("CREATE TABLE seen (hash INTEGER PRIMARY KEY, line INTEGER)")
        self._lines: dict[int, int] = {}
        self._new: dict[int, int] = {}

    def load(self, asked: Iterable[Hashable]) -> None:
        """Make the lines about any of `asked` known, and forget those of the batch before."""
        stored = self._stored
        for new in batches(sorted(self._new.items())):
            # Many in one statement, which the driver is faster with.
            rows = ", ".join(["(?, ?)"] * len(new))
            stored.execute(f"INSERT INTO seen VALUES {rows}", [*chain.from_iterable(new)])
        self._new, self._lines = {}, {}
        for batch in batches(sorted({hash(one) for one in asked})):
            marks = ", ".join("?" * len(batch))
            query = f"SELECT hash, line FROM seen WHERE hash IN ({marks})"
            self._lines.update(stored.execute(query, batch).fetchall())

    def line(self, about: Hashable) -> int | None:
        """Return the first line that was about it."""
        return self._lines.get(hash(about))

    def keep(self, about: Hashable, line: int) -> None:
        """Have `line` be about it, unless an earlier one was."""
        key = hash(about)
        if key not in self._lines:
            self._lines[key] = self._new[key] = line


class RepeatedRecords:
    """Lines by the number of the record that they are about: four bytes for each."""

    def __init__(self) -> None:
        self._chunks: dict[int, array[int]] = {}

    def line(self, number: int) -> int | None:
        """Return the first line that was about the record of this `number`."""
        chunk = self._chunks.get(number // _CHUNK)
        return chunk[number % _CHUNK] or None if chunk else None

    def keep(self, number: int, line: int) -> None:
        """Have `line` be about the record of this `number`, unless an earlier one was."""
        place = number // _CHUNK
        if place not in self._chunks:
            self._chunks[place] = array("I", [0]) * _CHUNK
        if not self._chunks[place][number % _CHUNK]:
            self._chunks[place][number % _CHUNK] = line
