"""Inserting many rows by the driver: SQLAlchemy prepares every row anew, which takes far longer."""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from itertools import chain, repeat
from operator import attrgetter, is_, itemgetter
from sqlite3 import SQLITE_LIMIT_VARIABLE_NUMBER
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import JSON, Connection, Date, DateTime, Dialect, Enum, Table, Uuid, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator, TypeEngine

from crmctl.models.base import Columns, to_json

#: From how many rows on PostgreSQL has to know how large a table is.
LARGE = 1000
#: How many inserts may be under way, as their rows are in memory.
_AHEAD = 4
#: Seconds after which a thread of this process lets another one go on. The one that inserts mostly
#: waits for the database; with the usual 5 ms the database would wait as long for it, several times
#: an insert.
_SWITCH_INTERVAL = 0.0005
#: How many written values of each kind are kept: more than a batch of an import has.
_KEPT = 10_000

Write = Callable[[Any], Any]


def insert_many(connection: Connection, table: Table, values: Sequence[Columns]) -> None:
    """Insert a row for each of `values`, which are all columns of `table`.

    They are written while this process goes on; whatever it asks the connection for next waits for
    them, and fails if they did.
    """
    inserts = _inserts(connection)
    cells = [
        _written(inserts.writer(column.type), [*map(itemgetter(column.name), values)])
        for column in table.columns
    ]
    inserts.send(connection, table, list(zip(*cells, strict=True)))


def _into(dialect: Dialect, table: Table) -> str:
    """Return the name of `table` and the names of all its columns, as SQL."""
    quote = dialect.identifier_preparer.quote
    return f"{quote(table.name)} ({', '.join(quote(column.name) for column in table.columns)})"


def _writer(kind: TypeEngine[Any], dialect: Dialect) -> Write | None:
    """Return the writer of the values of a column for the driver; None if it takes them so."""
    column = kind.dialect_impl(dialect)
    stored = getattr(column, "impl_instance", column)
    write: Write | None = column.bind_processor(dialect)
    if dialect.name == "postgresql":
        # COPY takes texts: psycopg would write each value in Python, also one that is repeated.
        if isinstance(stored, JSON):
            return _unless_none(to_json)
        if text := _TEXTS.get(stored.python_type):
            write = _unless_none(text if write is None else _in_turn(write, text))
    elif isinstance(stored, Uuid):
        return _write_id
    elif write and isinstance(column, TypeDecorator) and not stored.bind_processor(dialect):
        # As SQLAlchemy does it, without a function between.
        return partial(column.process_bind_param, dialect=dialect)
    # To look up an id or an amount would take as long as to write it.
    return lru_cache(_KEPT)(write) if write and isinstance(stored, _REPEATED) else write


#: The text that PostgreSQL reads of a value, by its type, where psycopg has no faster way.
_TEXTS: dict[type[Any], Write] = {
    UUID: attrgetter("hex"),
    datetime: datetime.isoformat,
    date: date.isoformat,
    Decimal: str,
}
#: What many rows have in common, and takes long to write.
_REPEATED = (DateTime, Date, Enum)


def _unless_none(write: Write) -> Write:
    return lambda value: None if value is None else write(value)


#: An id as SQLite keeps it.
_write_id = _unless_none(attrgetter("hex"))


def _in_turn(first: Write, second: Write) -> Write:
    return lambda value: second(first(value))


def _written(write: Write | None, cells: Sequence[Any]) -> Iterable[Any]:
    """Return the values of a column as the driver takes them."""
    if write is None:
        return cells
    # What all rows share, such as their change set, is one object.
    if all(map(is_, cells, repeat(cells[0]))):
        return repeat(write(cells[0]), len(cells))
    if write is _write_id and all(cells):
        # The same as their hex, without a call of Python for each.
        return map("%032x".__mod__, map(attrgetter("int"), cells))
    return map(write, cells)


class _Inserts:
    """The rows that are on their way to the database, on one connection."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._writers: dict[str, Write | None] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="insert")
        sys.setswitchinterval(_SWITCH_INTERVAL)
        self._under_way: deque[tuple[str, Future[None]]] = deque()
        self._learned: set[str] = set()

    def writer(self, kind: TypeEngine[Any]) -> Write | None:
        """Return the writer of values of `kind` for the driver; None if it takes them so.

        All columns of a kind share it: a deal's time of creation is one of its history, too.
        """
        name = repr(kind)
        if name not in self._writers:
            self._writers[name] = _writer(kind, self._dialect)
        return self._writers[name]

    def send(self, connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        """Have `rows` inserted after those that are under way."""
        while len(self._under_way) >= _AHEAD:
            self._end_first(connection)
        driven = connection.connection.dbapi_connection
        into, postgres = _into(connection.dialect, table), connection.dialect.name == "postgresql"
        statement = f"COPY {into} FROM STDIN" if postgres else f"INSERT INTO {into} VALUES "
        write = _copy if postgres else _insert
        self._under_way.append((statement, self._thread.submit(write, driven, statement, rows)))
        if postgres and len(rows) >= LARGE and table.name not in self._learned:
            self._learned.add(table.name)
            _learn_size(connection, table)

    def end(self, connection: Connection, *_: Any) -> None:
        """Wait for all that is under way; raises what one of them failed by."""
        while self._under_way:
            self._end_first(connection)

    def give_up(self, *_: Any) -> None:
        """Wait for all that is under way, whatever becomes of it."""
        while self._under_way:
            self._under_way.popleft()[1].exception()

    def _end_first(self, connection: Connection) -> None:
        statement, inserted = self._under_way.popleft()
        dialect = connection.dialect
        try:
            inserted.result()
        except dialect.loaded_dbapi.Error as error:
            self.give_up()
            driven: Any = connection.connection.dbapi_connection
            lost = dialect.is_disconnect(error, driven, None)
            if lost:
                connection.invalidate(error)
            raise DBAPIError.instance(
                statement, None, error, dialect.loaded_dbapi.Error, hide_parameters=True,
                connection_invalidated=lost, dialect=dialect,
            ) from error  # fmt: skip


def _copy(driven: Any, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    with driven.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _insert(driven: Any, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    # The driver lets go of the interpreter within a statement alone, and then waits for it: with
    # few statements of many rows, the rest of the process is hardly in its way.
    width = len(rows[0])
    together = driven.getlimit(SQLITE_LIMIT_VARIABLE_NUMBER) // width
    marks = f"({', '.join('?' * width)})"
    for start in range(0, len(rows), together):
        some = rows[start : start + together]
        driven.execute(statement + ", ".join([marks] * len(some)), [*chain.from_iterable(some)])


def _inserts(connection: Connection) -> _Inserts:
    """Return what is under way on `connection`, which waits for it from now on."""
    if connection not in _UNDER_WAY:
        inserts = _UNDER_WAY[connection] = _Inserts(connection.dialect)
        event.listen(connection, "before_cursor_execute", inserts.end)
        event.listen(connection, "commit", inserts.end)
        event.listen(connection, "rollback", inserts.give_up)
    return _UNDER_WAY[connection]


_UNDER_WAY: WeakKeyDictionary[Connection, _Inserts] = WeakKeyDictionary()


def _learn_size(connection: Connection, table: Table) -> None:
    """Have PostgreSQL take note that `table` is large now, if it thinks that it is not.

    It checks foreign keys by plans that it made when the table was small, with an index on the
    company alone, and would read all of the company's rows for each new one.
    """
    query = text("SELECT reltuples FROM pg_class WHERE oid = to_regclass(:name)")
    known = connection.scalar(query, {"name": table.name})
    if known is not None and known < LARGE:
        connection.exec_driver_sql(f"ANALYZE {table.name}")


def finish(connection: Connection) -> None:
    """Wait for all that is under way on `connection`; raises what one of them failed by."""
    if under_way := _UNDER_WAY.get(connection):
        under_way.end(connection)
