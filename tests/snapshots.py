"""What was made in a new database, to be put into other new ones without making it again."""

import sqlite3
from collections.abc import Callable, Hashable
from contextlib import closing
from pathlib import Path

from psycopg import sql

from crmctl.models.schema import metadata
from crmctl.storage.db import sqlite_file
from tests import engines

#: The content of a SQLite file, or of the tables of a PostgreSQL database.
Snapshot = bytes | dict[str, bytes]

_taken: dict[Hashable, Snapshot] = {}


def once(url: str, what: Hashable, make: Callable[[], object]) -> None:
    """Have the new database at `url` hold what `make` makes there, which `what` tells from others.

    It is made once for each engine in a process, so it must depend on nothing but `what`.
    """
    path = sqlite_file(url)
    key = (path is None, what)
    if key not in _taken:
        make()
        _taken[key] = _take(url) if path is None else _take_file(path)
        return
    taken = _taken[key]
    if isinstance(taken, bytes):
        assert path
        path.write_bytes(taken)
    else:
        _put(url, taken)


def _take_file(path: Path) -> bytes:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


def _take(url: str) -> dict[str, bytes]:
    taken = {}
    with engines.connection(engines.shared(url)) as connection, connection.cursor() as cursor:
        for table in metadata.sorted_tables:
            with cursor.copy(_copy(table.name, "TO STDOUT")) as copy:
                taken[table.name] = b"".join(copy)
    return {name: rows for name, rows in taken.items() if rows}


def _put(url: str, taken: dict[str, bytes]) -> None:
    with engines.connection(engines.shared(url)) as connection, connection.cursor() as cursor:
        for name, rows in taken.items():
            with cursor.copy(_copy(name, "FROM STDIN")) as copy:
                copy.write(rows)


def _copy(table: str, direction: str) -> sql.Composed:
    return sql.SQL("COPY {} ").format(sql.Identifier(table)) + sql.SQL(direction)
