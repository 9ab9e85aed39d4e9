"""On SQLite, what was erased is not left in free pages of the file either."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.crm import Crm


def test_the_file_holds_nothing_of_the_person(sqlite_url: str) -> None:
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    crm = Crm(sqlite_url, "2026-03-01T09:00:00Z")
    crm("init Acme")
    crm("customer add 'Ann Müller' --email ann@x.example")
    crm("customer edit 1 --email ann@y.example")
    assert _traces(folder)
    assert crm("customer erase 1 --yes").exit_code == 0
    assert _traces(folder) == []


@contextmanager
def _reader(folder: Path) -> Iterator[None]:
    """Another process that reads the database as it is now."""
    with closing(sqlite3.connect(folder / "crm.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM customers").fetchall()
        yield


@pytest.mark.parametrize(
    "command", ["db check", "customer add Bo", "deal add Weir", "user add Bea"]
)
def test_what_a_reader_keeps_is_told_and_swept_later(sqlite_url: str, command: str) -> None:
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    crm = Crm(sqlite_url, "2026-03-01T09:00:00Z")
    crm.begin("init Acme --user Ada", "customer add 'Ann Müller' --email ann@x.example",
              "customer add Other")  # fmt: skip
    # One that stays connected, so that SQLite does not sweep when the last has gone.
    with closing(sqlite3.connect(folder / "crm.db")) as idle:
        idle.execute("SELECT count(*) FROM customers").fetchall()
        with _reader(folder):
            erased = crm("customer erase C1 --yes")
            assert (erased.exit_code, "traces stay in the file until" in erased.stderr) == (0, True)
            assert "crmctl db check, or the next change" in erased.stderr
            assert _traces(folder)
            checked = crm("db check")
            assert (checked.exit_code, "run crmctl db check again" in checked.stderr) == (0, True)
            assert crm("deal add Lock").exit_code == 0
            assert crm("undo").exit_code == 0
        assert crm(command).exit_code == 0
        assert _traces(folder) == []
    assert "traces" not in crm("db check").stderr


def _traces(folder: Path) -> list[str]:
    content = b"".join(file.read_bytes() for file in sorted(folder.glob("crm.db*")))
    return [trace for trace in ("Müller", ".example", "Ann ") if trace.encode() in content]
