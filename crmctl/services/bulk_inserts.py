"""Inserting many rows by the driver: SQLAlchemy prepares every row anew, which takes far longer."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from sqlite3 import SQLITE_LIMIT_VARIABLE_NUMBER
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, Table, event, text
from sqlalchemy.exc import DBAPIError

from crmctl.models.base import to_json

#: From how many rows on PostgreSQL has to know how large a table is.
LARGE = 1000
#: How many inserts may be under way, as their rows are in memory.
_AHEAD = 4


def insert_many(connection: Connection, table: Table, values: Sequence[Mapping[str, Any]]) -> None:
    """Insert a row for each of `values`, which are all columns of `table`.

    They are written while this process goes on; whatever it asks the connection for next waits for
    them, and is told if they failed.
    """
    names = [column.name for column in table.columns]
    cells = (_written(_writer(table, name, connection.dialect), name, values) for name in names)
    _inserts(connection).send(connection, table, list(zip(*cells, strict=True)))


def _into(dialect: Dialect, table: Table) -> str:
    """Return the name of `table` and the names of all its columns, as SQL."""
    quote = dialect.identifier_preparer.quote
    return f"{quote(table.name)} ({', '.join(quote(column.name) for column in table.columns)})"


def _writer(table: Table, name: str, dialect: Dialect) -> Callable[[Any], Any] | None:
    """Return what makes of the values of a column what the driver takes; None if they are that."""
    column = table.columns[name].type.dialect_impl(dialect)
    write = column.bind_processor(dialect)
    # COPY takes texts: psycopg would write each value in Python, also one that is repeated.
    kind = getattr(column, "impl_instance", column).python_type
    text = _TEXTS.get(kind) if dialect.name == "postgresql" else None
    if text is None:
        return write
    if write is None or text is to_json:
        return lambda value: None if value is None else text(value)
    return lambda value: None if value is None else text(write(value))


#: The text that PostgreSQL reads of a value, by its type, where psycopg has no faster way.
_TEXTS: dict[type[Any], Callable[[Any], str]] = {
    UUID: attrgetter("hex"),
    datetime: str,
    date: str,
    Decimal: str,
    dict: to_json,
}


def _written(
    write: Callable[[Any], Any] | None, name: str, values: Sequence[Mapping[str, Any]]
) -> Iterable[Any]:
    """Return the values of a column as the driver takes them, one that is repeated written once."""
    if write is None:
        return [row[name] for row in values]
    return _converted(write, name, values)


def _converted(
    write: Callable[[Any], Any], name: str, values: Sequence[Mapping[str, Any]]
) -> Iterator[Any]:
    last, written = None, write(None)
    for row in values:
        value = row[name]
        if value is not last:
            last, written = value, write(value)
        yield written


class _Inserts:
    """The rows that are on their way to the database, on one connection."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="insert")
        self._under_way: deque[tuple[str, Future[None]]] = deque()
        self._learned: set[str] = set()

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
        inserts = _UNDER_WAY[connection] = _Inserts()
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
