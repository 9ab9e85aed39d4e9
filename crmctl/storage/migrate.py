"""The schema of a database: what it is, what it should be, and the way there (Alembic)."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from crmctl.errors import DatabaseError
from crmctl.storage import dialects, waits
from crmctl.storage.db import BUSY_SECONDS, label, saying, sqlite_file, translated

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlmodel import Session

#: Any number will do, as long as it is always the same: the advisory lock of a migration.
_LOCK = 7_226_386_485

#: Tables that say nothing of whose a database is: Alembic's, and that of PostGIS.
_NOBODYS = {"alembic_version", "spatial_ref_sys"}

#: What the schema of a database can be to this program.
CURRENT, OLDER, NEWER, EMPTY = "current", "older", "newer", "empty"


def scripts() -> Path:
    """Return the folder of the migrations: in the package when installed, else in the checkout."""
    package = Path(__file__).parents[1]
    shipped = package / "_migrations"
    # An editable install puts a copy beside the package too; the checkout's own is the fresh one.
    checkout = package.parent / "migrations"
    return checkout if checkout.joinpath("env.py").is_file() else shipped


@cache
def revisions() -> tuple[str, ...]:
    """Return the numbers of the migrations, oldest first, from the names of their files."""
    found = (re.match(r"\d{4}", path.name) for path in scripts().joinpath("versions").glob("*.py"))
    return tuple(sorted(match[0] for match in found if match))


def head() -> str:
    """Return the number of the newest migration."""
    return revisions()[-1]


def current(connection: Connection) -> str | None:
    """Return the number of the migration that the database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def state(found: str | None) -> str:
    """Return what the schema `found` is to this program: CURRENT, OLDER, NEWER or EMPTY."""
    if found is None:
        return EMPTY
    if found == head():
        return CURRENT
    return OLDER if found in revisions() else NEWER


def require_current(session: "Session") -> None:
    """Raise DatabaseError unless the database has this program's schema.

    Alembic is not asked, because importing it costs more than most commands.
    """
    connection = session.connection()
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found != head():
        _require_known(connection, found)
        raise DatabaseError(_refusal(found))


def _require_known(connection: Connection, found: str | None) -> None:
    """Raise DatabaseError for tables of a schema that nothing names: no migration can begin."""
    if found is not None and not re.fullmatch(r"\d{4}", found):
        raise DatabaseError(
            f"the database is another program's: its schema is {found!r}, which crmctl never had"
        )
    if found is None and inspect(connection).has_table("companies"):
        raise DatabaseError(
            "the database has tables, but does not say of which schema "
            "(alembic_version is empty): restore a backup"
        )


def _require_own(connection: Connection) -> None:
    """Raise DatabaseError where an empty schema has tables: they are another program's."""
    others = sorted({*inspect(connection).get_table_names()} - _NOBODYS)
    if others:
        named = ", ".join(others[:3]) + (" and more" if len(others) > 3 else "")
        raise DatabaseError(
            f"the database is another program's: it has the tables {named}; "
            "crmctl needs one of its own"
        )


def _refusal(found: str | None) -> str:
    if state(found) == NEWER:
        return (
            f"the database is at schema {found}, which is newer than this crmctl ({head()}): "
            "upgrade crmctl"
        )
    return (
        f"the database is at schema {found or 'none'}, this crmctl needs {head()}: "
        "run crmctl db migrate"
    )


def upgrade(
    engine: Engine,
    revision: str = "head",
    *,
    new: bool = False,
    say: waits.Say | None = None,
) -> str | None:
    """Bring the database to `revision`, and return where it was. Two at once take turns.

    With `new`, a database that has an older schema is refused, as every command refuses it. `say`
    takes a line about what is waited for, if that takes long.
    """
    from alembic import command

    with _migrating(saying(engine, say)) as (config, found):
        if new and state(found) == OLDER:
            raise DatabaseError(_refusal(found))
        # Alembic would take longer to find out that there is nothing to do.
        if found != head() or revision != "head":
            command.upgrade(config, revision)
    return found


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to `revision`; `base` empties it."""
    from alembic import command

    with _migrating(engine) as (config, _):
        command.downgrade(config, revision)


@contextmanager
def _migrating(engine: Engine) -> Iterator[tuple["Config", str | None]]:
    """Yield an Alembic configuration and where the database is, in one transaction.

    Others wait for it.
    """
    from alembic.config import Config

    _prepare_file(engine)
    with translated(engine.url.render_as_string()), _alone(engine) as connection:
        found = current(connection)
        _require_known(connection, found)
        if state(found) == NEWER:
            raise DatabaseError(_refusal(found))
        if found is None:
            _require_own(connection)
        config = Config()
        config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
        config.attributes["connection"] = connection
        yield config, found


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a transaction that no other migration runs beside."""
    with engine.execution_options(crmctl_write=True).connect() as connection:
        if engine.dialect.name == "sqlite":
            # SQLite alters a table by making another, and with foreign keys on it would take
            # the rows that refer to the old one along.
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            raw.execute("PRAGMA foreign_keys = OFF")
            # What a migration takes out, such as a password, does not stay in free pages.
            raw.execute("PRAGMA secure_delete = ON")
            with connection.begin():
                yield connection
                _check_references(connection)
            return
        with connection.begin():
            dialects.take_turns(connection, _LOCK)
            yield connection


def _check_references(connection: Connection) -> None:
    """Raise if a migration left a row that refers to nothing."""
    if broken := connection.execute(text("PRAGMA foreign_key_check")).first():
        raise DatabaseError(
            f"{label(connection.engine.url.render_as_string())}: a row of {broken[0]} refers to "
            "nothing after the migration; nothing was changed: look for it with crmctl db check "
            "of the crmctl before"
        )


def _prepare_file(engine: Engine) -> None:
    """Make the folder of a SQLite file, and turn on its write-ahead log, which then stays on."""
    path = sqlite_file(engine.url.render_as_string())
    if path is None:
        return
    try:
        # A folder that is made for it is its owner's alone, as what is in it is about people.
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(f"cannot make {path.parent}: {error.strerror}") from error
    with translated(engine.url.render_as_string()):
        _make_private(path)
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
        try:
            # Where another process is just doing the same, its doing is enough.
            with suppress(sqlite3.OperationalError):
                if _may_be_own(connection):
                    connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()


def _make_private(path: Path) -> None:
    """Make the file, which its owner alone may read, as the journals that SQLite puts beside it.

    One that is there stays as it is, and what cannot be made SQLite tells.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _may_be_own(connection: sqlite3.Connection) -> bool:
    """Return whether a file has no tables or crmctl's: nothing is written to that of another."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    tables = {name for (name,) in found}
    return not tables - _NOBODYS or "companies" in tables
