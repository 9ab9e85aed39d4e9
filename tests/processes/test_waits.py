"""Locks of others: what is waited for is said, not for ever, and nobody waits for a slow pipe."""

import io
import re
import sqlite3
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, closing

import pytest
from sqlalchemy import Engine, text

from crmctl.cli import main
from crmctl.storage import db, migrate, postgres
from tests.crm import Crm
from tests.processes.programs import Forks, Programs, blocked, ended, until


@pytest.fixture
def acme(crm: Crm) -> Crm:
    """A company with a deal."""
    return crm.begin("init Acme --user Uma", "deal add Weir")


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("lock", "command"), [(blocked, "deal move D1 won"), (migrate._alone, "db migrate")]
)
def test_what_is_waited_for_is_said(
    engine: Engine,
    forks: Forks,
    lock: Callable[[Engine], AbstractContextManager[object]],
    command: str,
) -> None:
    with lock(engine):
        waiting = forks.start(*command.split())
        until(lambda: "waiting for" in waiting.said())
    end = ended(waiting)
    assert end.code == 0, end.stderr
    (line,) = [line for line in end.stderr.splitlines() if "waiting" in line]
    assert line.startswith(f"crmctl: note: waiting for {db.label(str(engine.url))}: ")
    if engine.dialect.name == "sqlite":
        assert line.endswith(": another program writes to it; at most 30 seconds")
    else:
        seconds = postgres.TURN_SECONDS if command == "db migrate" else postgres.LOCK_SECONDS
        assert re.search(r": process \d+ \(crmctl, \w+\) has locked what this is about; ", line)
        assert line.endswith(f"at most {seconds} seconds")


def test_what_works_for_long_is_not_said_to_wait(postgres_url: str) -> None:
    said: list[str] = []
    with db.session(db.engine(postgres_url), say=said.append) as session:
        session.execute(text("SELECT pg_sleep(1.8)"))
    assert said == []


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        (None, ["no answer yet, and no second connection to ask what for"]),
        # A pooler's process is none of the server's, and what works long waits for nobody.
        ([], []),
    ],
)
def test_where_nobody_can_be_asked_only_what_is_certain_is_said(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, asked: list[object] | None, lines: list[str]
) -> None:
    monkeypatch.setattr("crmctl.storage.waits._UNKNOWN_SECONDS", 1.0)
    monkeypatch.setattr("crmctl.storage.waits._Watch._asked", lambda _: asked)
    said: list[str] = []
    with db.session(db.engine(postgres_url), say=said.append) as session:
        session.execute(text("SELECT pg_sleep(1.8)"))
    assert [line.partition(": ")[2] for line in said] == lines


@pytest.mark.usefixtures("acme")
def test_nobody_waits_for_ever(crm: Crm, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "BUSY_SECONDS", 1)
    monkeypatch.setattr(postgres, "LOCK_SECONDS", 1)
    with blocked(engine):
        result = crm("deal move D1 won")
    assert result.exit_code == 4
    assert re.search(r"error: .*(was busy for|had locked what this is about)", result.stderr)
    assert crm("deal show D1 --json").json()["stage"] == "lead"


class _Printed(io.TextIOWrapper):
    """A stream that looks, at each write, whether others can write to the database."""

    def __init__(self, file: str) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)
        self.file = file
        self.texts: list[str] = []
        self.locked: list[str] = []

    def write(self, text: str) -> int:
        """Note the text, and whether the database is locked meanwhile."""
        self.texts.append(text)
        with closing(sqlite3.connect(self.file, timeout=0, isolation_level=None)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
                other.execute("ROLLBACK")
            except sqlite3.OperationalError:
                self.locked.append(text)
        return super().write(text)


@pytest.mark.parametrize(
    "command",
    [
        "deal add Lock --json", "deal move D1 D2 qualified", "deal move D1 won --json",
        "deal edit D1 D2 --amount 5 --json", "customer add Bo --json", "customer merge C1 C2",
        "customer erase C1 --yes", "deal remove D1", "activity add note Hi --deal D1 --json",
        "import deals FILE --json", "import deals FILE --rejects -", "undo", "user add Bea",
        "field add deal budget --type number", "pipeline add two --template saas",
        "stage add legal --label Legal", "db check", "db migrate", "deal edit D1 --amount x",
    ],
)  # fmt: skip
def test_nothing_is_printed_while_others_have_to_wait(
    sqlite_url: str, command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    crm = Crm(sqlite_url)
    crm.begin("init Acme --user Ada", "customer add 'Ann Moe'", "customer add 'Ann Moe Ltd'",
              "deal add Weir --customer C1", "deal add Sluice --customer C2")  # fmt: skip
    file = f"{tmp_path}/deals.csv"
    with open(file, "w", encoding="utf-8") as deals:
        deals.write("id,title,stage,amount\n1,Tarn,lead,5\n2,Beck,nowhere,x\n")
    stream = _Printed(sqlite_url.removeprefix("sqlite:///"))
    monkeypatch.setenv("CRMCTL_DATABASE_URL", sqlite_url)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    main([file if word == "FILE" else word for word in command.split()])
    assert stream.texts
    assert stream.locked == []


@pytest.mark.usefixtures("acme")
def test_a_reader_of_a_pipe_who_is_slow_keeps_no_one_waiting(crm: Crm, programs: Programs) -> None:
    rows = "".join(f"Deal {number},{'x' * 400}\n" for number in range(60))
    assert crm("import deals -", input=f"title,next_step\n{rows}").exit_code == 0
    refs = [f"D{number}" for number in range(2, 62)]
    # More than a pipe holds, and nobody reads it.
    moving = programs.start("deal", "move", *refs, "won", "--json")
    until(lambda: crm("deal show D2 --json").json()["stage"] == "won")
    assert moving.poll() is None
    assert crm("deal move D2 D3 lost --lost-reason timing").exit_code == 0
    assert ended(moving).code == 0
