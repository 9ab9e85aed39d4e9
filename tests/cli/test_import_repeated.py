"""A step of `import --batch` that the database wants run again goes on from the last commit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine

from crmctl.config import normal_url
from crmctl.errors import Retry
from crmctl.services.imports import runs
from tests import engines
from tests.cli.imported import deals
from tests.crm import Crm, Result

ROWS = "id,title,amount,customer\n1,A,1,Fell\n2,B,2,Moor\n3,C,much,Fell\n4,D,4,Moor\n5,E,5,Fell\n"


class Dropped(psycopg.OperationalError):
    """What psycopg raises when a connection is gone."""


@pytest.fixture
def acme(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> Crm:
    """A company, in which nobody waits before trying again."""
    monkeypatch.setattr("crmctl.workspace.time.sleep", lambda _: None)
    return crm.begin("init Acme --user Uma")


def take(acme: Crm, tmp_path: Path, typed: bool = True) -> Result:
    """Import the rows one a step."""
    rejects = tmp_path / "rejects.csv"
    file = tmp_path / "deals.csv"
    file.write_text(ROWS)
    options = ["--batch", "1", "--map", "id=external_id", "--create-missing", "customers"]
    command = ["import", "deals", "-" if typed else str(file), *options, "--rejects", str(rejects)]
    return acme(command, input=ROWS if typed else "")


def assert_whole(acme: Crm, tmp_path: Path, done: Result) -> None:
    """Look for each row once, in one change of one run, that one undo takes back."""
    assert done.exit_code == 1, done
    assert "error" not in done.stderr
    assert sorted(each["title"] for each in deals(acme)) == ["A", "B", "D", "E"]
    assert sorted(row["name"] for row in acme("customer list --json").json()) == ["Fell", "Moor"]
    (run,) = acme("import list --json").json()
    counts = [run[name] for name in ("state", "created", "unchanged", "updated", "rejected")]
    assert counts == ["done", 4, 0, 0, 1]
    assert [line[:1] for line in (tmp_path / "rejects.csv").read_text().splitlines()][1:] == ["3"]
    assert "1 of 5 rows was rejected" in done.stderr
    assert acme("db check --json").json() == []
    assert acme("undo").exit_code == 0
    assert deals(acme) == acme("customer list --json").json() == []


@pytest.mark.parametrize("typed", [True, False], ids=["stdin", "a file"])
@pytest.mark.usefixtures("on_each_engine")
def test_every_step_is_run_again(
    acme: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: bool
) -> None:
    stand = runs.require_standing
    failures = iter([True, False, True, True] * 50)

    def fail(*arguments: Any) -> None:
        stand(*arguments)
        if next(failures):
            raise Retry("deadlock detected")

    monkeypatch.setattr(runs, "require_standing", fail)
    done = take(acme, tmp_path, typed)
    monkeypatch.setattr(runs, "require_standing", stand)
    assert_whole(acme, tmp_path, done)


@pytest.mark.usefixtures("on_each_engine")
def test_a_step_that_never_succeeds_ends_the_import(
    acme: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Retry("deadlock detected")

    with monkeypatch.context() as patch:
        patch.setattr(runs, "require_standing", fail)
        done = take(acme, tmp_path)
    assert done.exit_code == 4
    assert "deadlock detected" in done.stderr
    assert "crmctl import --resume goes on with the rest" in done.stderr
    assert [each["title"] for each in deals(acme)] == ["A"]


def losing(
    commit: Callable[[Any], None], lost: int, told: list[int], *, done: bool
) -> Callable[[Any], None]:
    """Return `commit`, but that the answer to the call `lost` is, whether it is `done` or not."""
    calls = iter(range(100))

    def drop(connection: Any) -> None:
        if next(calls) != lost:
            commit(connection)
            return
        if done:
            commit(connection)
        connection.dbapi_connection.close()
        told.append(lost)
        raise Dropped("gone")

    return drop


@pytest.mark.parametrize("done", [True, False], ids=["committed", "not committed"])
@pytest.mark.parametrize("lost", range(6))
def test_a_step_whose_answer_is_lost_is_imported_once(
    acme: Crm,
    engine: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lost: int,
    done: bool,
) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("a file gives no answers that could be lost")
    dialect = engines.shared(normal_url(acme.database_url)).dialect
    with monkeypatch.context() as patch:
        told: list[int] = []
        patch.setattr(dialect, "do_commit", losing(dialect.do_commit, lost, told, done=done))
        taken = take(acme, tmp_path)
    assert told == [lost]
    assert_whole(acme, tmp_path, taken)
