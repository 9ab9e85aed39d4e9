"""The database: the only place where a session is made, committed, rolled back or translated."""

import errno
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from crmctl.domain.collation import collation_key
from crmctl.domain.text import folded
from crmctl.errors import Conflict, CrmError, DatabaseError, Retry, UsageError
from crmctl.models.base import from_json, to_json
from crmctl.models.changes import Change
from crmctl.models.session import CrmSession
from crmctl.storage import postgres, sqlite_types, sweeping, waits

#: How long a writer on SQLite waits for the others, in seconds.
BUSY_SECONDS = 30
#: How long it waits in one go, in milliseconds.
_PATIENCE_MS = 200
# How long nothing is asked of a server that went while it was asked, in seconds.
_PAUSE_SECONDS = 0.2

# SQLSTATE codes after which the same transaction may succeed: serialization failure, deadlock,
# and connections that the server or the network ended.
_RETRY_STATES = {"40001", "40P01", "57P01", "57P02", "57P03", "08000", "08003", "08006"}
# Those after which a transaction was certainly not committed.
_UNDONE = {"40001", "40P01"}
# The SQLSTATE code of a row that refers to one that is not there.
_FOREIGN_KEY = "23503"

#: A value as SQLite knows it.
Stored = str | bytes | int | float | None

# What SQLite says where it has no room for the files beside the database, even to read.
_WITHOUT_ROOM = ("disk I/O error", "unable to open database file")
#: What a connection knows of the file that it has opened.
_PLACE = "crmctl_place"
# How many bytes it needs for them at least.
_ROOM = 32_768


def engine(url: str) -> Engine:
    """Return an engine for `url`, in SQLAlchemy's form. It connects when first used."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UsageError(
            "the database URL cannot be read (sqlite:///FILE or postgresql://…)"
        ) from None
    except ValueError:
        # What is not a number may be the end of a password.
        raise UsageError("the database URL cannot be read: its port is not a number") from None
    if "@" in f"{parsed.host}{parsed.database if parsed.get_backend_name() != 'sqlite' else ''}":
        # What stands before the last @ is the end of the password: it must not be shown.
        raise UsageError("the database URL cannot be read: write @ in a password as %40")
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    with translated(url):
        return postgres.engine(parsed)


def _sqlite(url: URL) -> Engine:
    made = create_engine(
        url,
        poolclass=NullPool,
        json_serializer=to_json,
        json_deserializer=from_json,
        # Many rows are inserted by a thread of their own, while no other uses the connection.
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )
    made.dialect.colspecs = {**made.dialect.colspecs, **sqlite_types.STORED}
    event.listen(made, "connect", _prepare_sqlite)
    event.listen(made, "begin", _begin_sqlite)
    event.listen(made, "commit", _require_place)
    return made


@contextmanager
def session(
    bind: Engine, *, write: bool = False, say: waits.Say | None = None
) -> Iterator[CrmSession]:
    """Yield a session that commits on a clean exit and rolls back on any exception.

    `say` takes a line about what is waited for, if that takes long.

    With `write`, SQLite takes its lock at the start, so that writers wait in line and none fails
    half-way. Without, PostgreSQL gives one snapshot to all that is read, and refuses writes.
    """
    if bind.dialect.name == "sqlite":
        bind = bind.execution_options(crmctl_write=write)
    elif write:
        # Whatever the server's default: what was locked has to be seen as it is then.
        bind = bind.execution_options(isolation_level="READ COMMITTED")
    else:
        bind = bind.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    url = bind.url.render_as_string()
    bind = saying(bind, say)
    with translated(url), CrmSession(bind) as opened:
        yield opened
        marked = write and sweeping.is_marked(opened)
        commit(opened)
    if marked:
        sweeping.sweep(bind, patience_ms=0)


def saying(bind: Engine, say: waits.Say | None) -> Engine:
    """Return `bind` so that its connections tell `say` what they wait for."""
    if say is None:
        return bind
    where, tell = label(bind.url.render_as_string()), say
    return bind.execution_options(
        **{waits.OPTION: lambda line: tell(f"waiting for {where}: {line}")}
    )


def commit(session: CrmSession) -> bool:
    """Commit. Where the answer is lost, find out whether it was done: it is not done twice.

    Return whether `session` can go on: one that lost its connection cannot.
    """
    bind = session.get_bind().engine
    url = bind.url.render_as_string()
    try:
        session.commit()
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if not error.connection_invalidated or state in _UNDONE:
            raise
        session.rollback()
        if _has_committed(session):
            # Its change set is there either way: who commits in steps knows how far it got.
            raise Retry(f"{label(url)}: {_first_line(error.orig)}") from error
        done = _is_committed(bind, session)
        if done is None:
            raise DatabaseError(
                f"{label(url)}: the connection was lost while the change was saved: "
                "crmctl log shows whether it was"
            ) from error
        if not done:
            raise Retry(f"{label(url)}: {_first_line(error.orig)}") from error
        return False
    change = getattr(session, "change", None)
    if change is not None:
        change.committed = change.written
    return True


def _has_committed(session: CrmSession) -> bool:
    """Return whether an earlier transaction has written the change set of `session`."""
    change = getattr(session, "change", None)
    return change is not None and change.committed


def _is_committed(bind: Engine, session: CrmSession) -> bool | None:
    """Return whether the change set of `session` is in the database; None if nobody knows.

    It is asked by adding the change set once more, which waits for the transaction that may still
    be under way, and is rolled back. A server that is not there, or goes again, is waited for.
    """
    change = getattr(session, "change", None)
    if change is None or not change.written or change.dry:
        return None
    values = {name: getattr(change, name) for name in ("id", "ref", "at", "actor", "origin")}
    again = {**values, "company_id": session.company_id, "command": "", "irreversible": True}
    deadline = time.monotonic() + postgres.connect_seconds(bind.url.query)
    done = None
    with suppress(DatabaseError):
        while True:
            with suppress(DBAPIError), bind.connect() as connection:
                # To roll back may fail, too, when it is known.
                done = _is_refused(connection, again)
            if done is not None or time.monotonic() > deadline:
                return done
            time.sleep(_PAUSE_SECONDS)
    return None


def _is_refused(connection: Connection, change: dict[str, Any]) -> bool:
    """Return whether a row of `changes` cannot be added, as it is there."""
    try:
        connection.execute(insert(Change).values(change))
    except IntegrityError:
        return True
    return False


@contextmanager
def translated(url: str = "") -> Iterator[None]:
    """Turn what a driver raises into a CrmError that says in one line what is wrong."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(_conflict(error)) from error
    except DBAPIError as error:
        raise _translate(error, url) from error
    except sqlite3.Error as error:
        raise DatabaseError(_message(_first_line(error), url)) from error


def _conflict(error: IntegrityError) -> str:
    text = _first_line(error.orig)
    # What a command refers to was found before, and what it removes was not in use.
    if getattr(error.orig, "sqlstate", None) == _FOREIGN_KEY or "FOREIGN KEY" in text:
        return "someone else removed, or began to use, what this is about; nothing was changed"
    return f"the database refused the change: {text}"


def _translate(error: DBAPIError, url: str) -> CrmError:
    state = getattr(error.orig, "sqlstate", None)
    text = _first_line(error.orig)
    dropped = error.connection_invalidated and isinstance(error, OperationalError)
    if state in _RETRY_STATES or dropped:
        return Retry(f"{label(url)}: {text}")
    if state == "42P01":
        return DatabaseError(_message("no such table", url))
    if state == "55P03":
        return DatabaseError(
            f"{label(url)}: others had locked what this is about for {postgres.LOCK_SECONDS} "
            "seconds; it was not done, try again"
        )
    if state == "53100":
        return DatabaseError(_message("disk is full", url))
    return DatabaseError(_message(text, url))


def _message(text: str, url: str) -> str:
    """Return the line for what an engine said: the database, what is wrong, and the way out."""
    where = label(url)
    if "no such table" in text:
        return f"{where} has no crmctl tables: run crmctl init"
    if "disk is full" in text or (text in _WITHOUT_ROOM and _is_full(url)):
        return f"{where}: the disk is full; nothing was changed"
    if "locked" in text:
        return f"{where} was busy for {BUSY_SECONDS} seconds; nothing was changed, try again"
    if "unable to open database file" in text:
        return _cannot_open(url)
    if "readonly database" in text:
        return f"cannot write to {where}: the file, its folder or its disk is read-only"
    if "not a database" in text:
        return f"{where} is not a crmctl database"
    return f"{where}: {text}"


def _is_full(url: str) -> bool:
    """Return whether the disk of a SQLite file has no room for what SQLite keeps beside it."""
    path = sqlite_file(url)
    try:
        return path is not None and shutil.disk_usage(path.parent).free < _ROOM
    except OSError:
        return False


def _cannot_open(url: str) -> str:
    path = sqlite_file(url)
    if path is None:
        return f"cannot open {label(url)}"
    if path.is_dir():
        return f"cannot open {path}: it is a folder, not a file"
    if not path.parent.is_dir():
        return f"cannot open {path}: there is no folder {path.parent}"
    return f"cannot open {path}: {os.strerror(errno.EACCES).lower()}"


def sqlite_file(url: str) -> Path | None:
    """Return the file that a SQLite `url` names; None for another engine, or one in memory."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def label(url: str) -> str:
    """Return what messages call the database: its file, or its host and name, never a password."""
    if not url:
        return "the database"
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return str(parsed.database or "the database")
    return f"PostgreSQL {parsed.host or 'localhost'}/{parsed.database or ''}"


def _first_line(error: BaseException | None) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _prepare_sqlite(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    # The name of the file stands in the third column.
    record.info[_PLACE] = _place(connection.execute("PRAGMA database_list").fetchone()[2])
    # Transactions are begun by _begin_sqlite, not by the driver, which would begin them late.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # Kibibytes: of its 2 MiB, the indexes of large tables are read over and over in an import.
    connection.execute("PRAGMA cache_size = -24000")
    # SQLite's own knows only ASCII; on PostgreSQL a search for "müller" finds "MÜLLER".
    connection.create_function("lower", 1, _lower, deterministic=True)
    connection.create_function("collation_key", 1, _collation_key, deterministic=True)
    connection.create_function("folded", 1, _folded, deterministic=True)
    connection.create_function("is_utf8", 1, _is_utf8, deterministic=True)


def _require_place(connection: Connection) -> None:
    """Raise DatabaseError where the file was moved or replaced: nobody would find what is written.

    SQLite itself goes on in the file that it has opened.
    """
    if not connection.get_execution_options().get("crmctl_write"):
        return
    path = str(connection.engine.url.database)
    if connection.info[_PLACE] != _place(path):
        raise DatabaseError(
            f"{path} was removed, moved or replaced meanwhile; nothing was changed, try again"
        )


def _place(path: str) -> tuple[int, int] | None:
    """Return which file is at `path` by now."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_utf8(value: Stored) -> bool:
    try:
        str(value, "utf-8") if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        return False
    return True


def _collation_key(value: Stored) -> Stored:
    return collation_key(value) if isinstance(value, str) else value


def _lower(value: Stored) -> Stored:
    return value.lower() if isinstance(value, str) else value


def _folded(value: Stored) -> Stored:
    return folded(value) if isinstance(value, str) else value


def _begin_sqlite(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    if not connection.get_execution_options().get("crmctl_write"):
        driver.execute("BEGIN")
        return
    # While SQLite itself waits, nothing can interrupt it, not even Ctrl-C.
    driver.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
    began = time.monotonic()
    say = connection.get_execution_options().get(waits.OPTION)
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
            break
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - began
            if "locked" not in str(error) or waited > BUSY_SECONDS:
                raise
        if say and waited > waits.SILENT_SECONDS:
            say(f"another program writes to it; at most {BUSY_SECONDS} seconds")
            say = None
    driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")


def require_file(bind: Engine) -> None:
    """Raise DatabaseError if `bind` is a SQLite file that is not there: opening would make it."""
    path = sqlite_file(bind.url.render_as_string())
    if path is not None and not path.exists():
        raise DatabaseError(f"no database at {path}: run crmctl init")
