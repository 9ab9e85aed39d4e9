"""What an erasure leaves in a SQLite file: the pages as they were before, until they are swept."""

import sqlite3
from contextlib import closing

from sqlalchemy import Engine

from crmctl.models.session import CrmSession

#: How long whoever reads the file is waited for by those who ask whether all is swept.
PATIENCE_MS = 1000

# What is left to do, kept in the file itself as its user version, which nothing else uses: nothing;
# a checkpoint, for the pages were written anew and readers still need those from before; a vacuum.
_NOTHING, _CHECKPOINT, _VACUUM = range(3)


def mark(session: CrmSession) -> None:
    """Have the file swept after the commit of this transaction: it leaves traces in it."""
    session.connection().exec_driver_sql(f"PRAGMA user_version = {_VACUUM}")


def is_marked(session: CrmSession) -> bool:
    """Return whether the file of a session that is about to commit has something to sweep."""
    if session.get_bind().dialect.name != "sqlite" or not session.in_transaction():
        return False
    return bool(session.connection().exec_driver_sql("PRAGMA user_version").scalar())


def sweep(bind: Engine, patience_ms: int = PATIENCE_MS) -> bool:
    """Overwrite what erasures left in the file; return whether nothing is left.

    Nothing of it can go while another process reads what was there before. PostgreSQL does this by
    itself.
    """
    if bind.dialect.name != "sqlite":
        return True
    with closing(bind.raw_connection()) as connection:
        driver = connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        try:
            driver.execute(f"PRAGMA busy_timeout = {patience_ms}")
            return _swept(driver)
        except sqlite3.Error:
            return False


def _swept(driver: sqlite3.Connection) -> bool:
    (left,) = driver.execute("PRAGMA user_version").fetchone()
    if left == _NOTHING:
        return True
    if left == _VACUUM:
        driver.execute("VACUUM")
        driver.execute(f"PRAGMA user_version = {_CHECKPOINT}")
    busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if not busy:
        driver.execute(f"PRAGMA user_version = {_NOTHING}")
    return not busy
