"""Locks beside a SQLite file that last over its transactions, and end with their process."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path


@contextmanager
def alone(database: Path, kind: str, name: str) -> Iterator[bool]:
    """Yield whether no other process does this by `database`, and keep others from it meanwhile.

    Files that killed ones of this `kind` have left are removed.
    """
    for left in database.parent.glob(f"{database.name}-{kind}-*"):
        with _locked(left):
            pass
    with _locked(database.with_name(f"{database.name}-{kind}-{name}")) as mine:
        yield mine


@contextmanager
def _locked(file: Path) -> Iterator[bool]:
    """Yield whether `file` could be locked; if so, it is gone in the end."""
    with ExitStack() as opened:
        # SQLite's own lock of an empty file, because it is there on every system.
        while True:
            lock = opened.enter_context(closing(sqlite3.connect(file, timeout=0)))
            try:
                # Nothing is written to it, and no journal shall be made beside it.
                lock.execute("PRAGMA journal_mode = OFF")
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise
                yield False
                return
            # It may have been removed between being opened and being locked.
            if file.exists():
                break
        try:
            yield True
        finally:
            with suppress(OSError):
                file.unlink()
