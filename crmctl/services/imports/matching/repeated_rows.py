"""Which line of a file was the first about something, for files of any length."""

import sqlite3
from array import array
from collections.abc import Hashable, Iterable
from itertools import chain

from crmctl.storage.lookups import batches

#: So many lines are kept in memory: few enough to be kept in a few megabytes.
_IN_MEMORY = 50_000
#: Numbers of records that stand together.
_CHUNK = 256


class RepeatedRows:
    """Lines by what they are about: those of a long file in a temporary file and not in memory.

    What a batch of rows may ask for has to be loaded first. Stored are the hashes of what lines are
    about: two of a million that agree by chance are met once in ten million files.
    """

    def __init__(self) -> None:
        self._stored: sqlite3.Connection | None = None
        self._lines: dict[int, int] = {}
        # As long as nothing is stored, all are new.
        self._new = self._lines

    def load(self, subjects: Iterable[Hashable]) -> None:
        """Load the lines about any of `subjects`, and forget those of the batch before."""
        if self._stored is None and len(self._lines) < _IN_MEMORY:
            return
        stored = self._stored = self._stored or _temporary()
        for new in batches(sorted(self._new.items())):
            # Many in one statement, which the driver is faster with.
            rows = ", ".join(["(?, ?)"] * len(new))
            stored.execute(f"INSERT INTO lines VALUES {rows}", [*chain.from_iterable(new)])
        self._new, self._lines = {}, {}
        for batch in batches(sorted({hash(subject) for subject in subjects})):
            marks = ", ".join("?" * len(batch))
            query = f"SELECT hash, line FROM lines WHERE hash IN ({marks})"
            self._lines.update(stored.execute(query, batch).fetchall())

    def first_line(self, subject: Hashable) -> int | None:
        """Return the first line that was about `subject`."""
        return self._lines.get(hash(subject))

    def add(self, subject: Hashable, line: int) -> None:
        """Note that `line` is about `subject`, unless an earlier one was."""
        key = hash(subject)
        if key not in self._lines:
            self._lines[key] = self._new[key] = line


def _temporary() -> sqlite3.Connection:
    # A database without a name is a file that SQLite removes in the end.
    stored = sqlite3.connect("")
    stored.execute("PRAGMA journal_mode = OFF")
    stored.execute("CREATE TABLE lines (hash INTEGER PRIMARY KEY, line INTEGER)")
    return stored


class RepeatedRecords:
    """Lines by the number of the record that they are about: four bytes for each."""

    def __init__(self) -> None:
        self._chunks: dict[int, array[int]] = {}

    def first_line(self, number: int) -> int | None:
        """Return the first line that was about the record of this `number`."""
        chunk = self._chunks.get(number // _CHUNK)
        return chunk[number % _CHUNK] or None if chunk else None

    def add(self, number: int, line: int) -> None:
        """Note that `line` is about the record of this `number`, unless an earlier one was."""
        index = number // _CHUNK
        if index not in self._chunks:
            self._chunks[index] = array("I", [0]) * _CHUNK
        if not self._chunks[index][number % _CHUNK]:
            self._chunks[index][number % _CHUNK] = line
