"""The records of a company by what no index of the database finds them by."""

import sqlite3
from collections.abc import Hashable, Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select

from crmctl.models.base import Owned
from crmctl.models.session import CrmSession
from crmctl.services.imports.matching.match_keys import StoredKey
from crmctl.services.imports.matching.others_changes import written_in
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company
from crmctl.storage.tables import table_of

#: Rows that are read at once.
_PAGE = 5000


class ValueIndex:
    """Ids of rows of `model` by the value of a `key` that they hold.

    The table is read once, when first asked, and what was read is kept in a temporary file: to ask
    the database for every batch of a long file would read all of its rows for each. Kept are the
    hashes of values, so that whoever asks has to look at the rows themselves as well. They are
    those of the rows for which the conditions `among` hold.
    """

    def __init__(
        self,
        session: CrmSession,
        model: type[Owned],
        key: StoredKey,
        among: Sequence[ColumnElement[bool]] = (),
    ) -> None:
        self._session = session
        self._model = model
        self._table = table_of(model)
        self._key = key
        self._among = among
        self._stored: sqlite3.Connection | None = None

    def find(self, values: Iterable[Hashable]) -> list[UUID]:
        """Return the ids of all rows that may hold one of `values`, in no order."""
        stored = self._filled()
        found: dict[bytes, None] = {}
        for batch in batches(sorted({hash(value) for value in values})):
            marks = ", ".join("?" * len(batch))
            query = f"SELECT id FROM ids WHERE hash IN ({marks})"
            found.update((row[0], None) for row in stored.execute(query, batch))
        return [UUID(bytes=row_id) for row_id in found]

    @property
    def is_empty(self) -> bool:
        """Whether there is no row with any value."""
        return self._filled().execute("SELECT 1 FROM ids LIMIT 1").fetchone() is None

    def add(self, rows: Iterable[tuple[Hashable | None, UUID]]) -> None:
        """Take note of rows that were inserted since, by their values."""
        self._filled().executemany("INSERT INTO ids VALUES (?, ?)", _hashed(rows))

    def renew(self, written: Sequence[UUID]) -> None:
        """Take note of the rows that others wrote in the change sets `written`."""
        for chosen in written_in(self._session, self._model, written) if self._stored else ():
            self.add(self._rows(chosen))

    def _filled(self) -> sqlite3.Connection:
        if self._stored is None:
            # A database without a name is a file that SQLite removes in the end.
            self._stored = sqlite3.connect("")
            self._stored.execute("PRAGMA journal_mode = OFF")
            self._stored.execute("CREATE TABLE ids (hash INTEGER, id BLOB)")
            self._stored.executemany("INSERT INTO ids VALUES (?, ?)", _hashed(self._rows()))
            self._stored.execute("CREATE INDEX ids_hash ON ids (hash)")
        return self._stored

    def _rows(self, *chosen: ColumnElement[bool]) -> Iterable[tuple[Hashable | None, UUID]]:
        query = select(self._table.c.id, *self._key.columns)
        query = query.where(in_company(self._session, self._table), *self._among, *chosen)
        for row_id, *cells in self._session.execute(query.execution_options(yield_per=_PAGE)):
            yield self._key.read(*cells), row_id


def _hashed(rows: Iterable[tuple[Hashable | None, UUID]]) -> Iterable[tuple[int, bytes]]:
    return ((hash(value), row_id.bytes) for value, row_id in rows if value is not None)
