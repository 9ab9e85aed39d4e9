"""A process that is killed or interrupted leaves the database as before or as after."""

import signal
import time
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from crmctl.models.changes import Counter
from crmctl.models.schema import TABLES
from crmctl.services.integrity import check
from crmctl.storage import db
from crmctl.storage.tables import table_of
from tests.crm import Crm
from tests.processes.programs import Forks, Programs, blocked, ended, until, until_waiting

DEALS = 120
#: Where in its work a program is killed, as a part of its statements.
MOMENTS = (0.4, 0.65, 0.9, 1.0)


@pytest.fixture
def acme(crm: Crm) -> Crm:
    """A company with many deals."""
    lines = ["title,stage,amount", *(f"Deal {number},lead,100" for number in range(DEALS))]
    return crm.begin("init Acme --user Uma", ("import deals -", "\n".join(lines)))


def rows(engine: Engine) -> dict[str, int]:
    """Return everything in the database, each table as a number.

    But for the counters: numbers that were taken and not used leave a gap, which is fine.
    """
    from sqlalchemy import select

    with db.session(engine) as session:
        tables = [table_of(model) for model in TABLES if model is not Counter]
        return {
            table.name: hash(frozenset(repr(row) for row in session.execute(select(table))))
            for table in tables
        }


def unbroken(engine: Engine) -> bool:
    """Return whether the invariants hold."""
    with db.session(engine) as session:
        return check.run(session) == []


def statements(said: str) -> int:
    """Return how many statements a program says that it sent."""
    return int(said.split("statements ")[-1])


def killed_in_turn(
    engine: Engine, forks: Forks, command: list[str], input: str, again: list[str]
) -> None:
    """Kill `command` at every one of MOMENTS; `again` takes it back once it was let through."""
    whole = ended(forks.start_suicide(-1, *command, input=input))
    assert whole.code == 0, whole.stderr
    assert forks.run(*again)[0] == 0
    before = rows(engine)
    for moment in MOMENTS:
        last = max(1, int(statements(whole.stderr) * moment))
        end = ended(forks.start_suicide(last, *command, input=input))
        assert end.code == -signal.SIGKILL
        # Its last statement of all is the commit: killed before it, nothing was done.
        until(lambda: rows(engine) == before)
        assert unbroken(engine)
    assert ended(forks.start_suicide(-1, *command, input=input)).code == 0
    assert rows(engine) != before
    assert unbroken(engine)


def test_a_bulk_move_is_done_whole_or_not_at_all(acme: Crm, engine: Engine, forks: Forks) -> None:
    refs = "".join(f"{number}\n" for number in range(1, DEALS + 1))
    killed_in_turn(engine, forks, ["deal", "move", "-", "won"], refs, ["undo"])


def test_an_import_is_done_whole_or_not_at_all(acme: Crm, engine: Engine, forks: Forks) -> None:
    lines = ["title,customer,amount"]
    lines += [f"More {number},Customer {number},7" for number in range(DEALS)]
    command = ["import", "deals", "-", "--create-missing", "customers", "--key", "title"]
    killed_in_turn(engine, forks, command, "\n".join(lines), ["undo"])


@pytest.mark.parametrize("delay", [0.0, 0.4, 0.8])
def test_a_kill_from_outside_at_any_time(
    acme: Crm, engine: Engine, programs: Programs, delay: float
) -> None:
    refs = "".join(f"{number}\n" for number in range(1, DEALS + 1))
    before = {deal["stage"] for deal in acme(["deal", "list", "--limit", "0", "--json"]).json()}
    assert before == {"lead"}
    process = programs.start("deal", "move", "-", "proposal", input=refs)
    time.sleep(delay)
    process.kill()
    ended(process)
    stages = [deal["stage"] for deal in acme(["deal", "list", "--limit", "0", "--json"]).json()]
    assert len(stages) == DEALS
    assert len(set(stages)) == 1
    assert unbroken(engine)


@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)]
)
def test_one_who_is_stopped_while_waiting_has_done_nothing(
    acme: Crm, engine: Engine, programs: Programs, sent: signal.Signals, code: int
) -> None:
    before = rows(engine)
    with blocked(engine):
        moving = programs.start("deal", "move", "1", "2", "won")
        until_waiting(engine, moving)
        assert moving.poll() is None
        moving.send_signal(sent)
        end = ended(moving)
    assert end.code == code
    if sent == signal.SIGINT:
        assert end.stderr == ("crmctl: error: interrupted; what was not finished was not done\n")
    assert rows(engine) == before


@pytest.mark.parametrize("moment", [0.5, 0.8])
def test_an_import_in_steps_goes_on_where_it_was_killed(
    crm: Crm,
    engine: Engine,
    forks: Forks,
    tmp_path: Path,
    moment: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    crm("init Acme --user Uma")
    crm("user use Uma")
    before = rows(engine)
    file, rejects = Path("deals.csv"), Path("rejects.csv")
    lines = [f"{n},Deal {n},{'lead' if n % 50 else 'nowhere'},{n % 7}" for n in range(1, 201)]
    # The last row is about the same deal as the first one.
    lines.append("1,Deal 1 again,won,5")
    file.write_text("\n".join(["id,title,stage,amount", *lines]))
    command = ["import", "deals", str(file), "--rejects", str(rejects)]
    whole = crm(command)
    expected, refused = crm("export deals").stdout, rejects.read_text()
    assert (whole.exit_code, refused.count("\n")) == (1, 6)
    assert crm("undo").exit_code == 0
    steps = [*command, "--force", "--batch", "30"]
    count = statements(ended(forks.start_suicide(-1, *steps, input="")).stderr)
    assert crm("undo").exit_code == 0
    assert ended(forks.start_suicide(int(count * moment), *steps, input="")).code == -signal.SIGKILL
    assert unbroken(engine)
    state = crm("import list --json").json()[0]["state"]
    assert state == "cut off"
    # From wherever one is.
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    resumed = crm("import --resume")
    monkeypatch.chdir(tmp_path)
    assert resumed.exit_code == 1, resumed.stderr
    assert resumed.stderr.startswith(f"going on with {file.absolute()} after line ")
    assert "5 of 201 rows were rejected" in resumed.stderr
    assert _plain(crm("export deals").stdout) == _plain(expected)
    assert rejects.read_text() == refused
    assert unbroken(engine)
    assert crm("import --resume").exit_code == 3
    # It is one change all the same.
    assert crm("undo").exit_code == 0
    assert {name: value for name, value in rows(engine).items() if name == "deals"} == {
        "deals": before["deals"]
    }


#: Rows enough that an import of them takes a while.
MANY = 300


def written(file: Path, amount: int) -> Path:
    """Write MANY deals of `amount` to `file`, every fiftieth in no stage that there is."""
    lines = [f"{n},Deal {n},{'lead' if n % 50 else 'nowhere'},{amount}" for n in range(MANY)]
    file.write_text("\n".join(["id,title,stage,amount", *lines]))
    return file


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_an_import_killed_by_the_clock_is_done_whole_or_not_at_all(
    crm: Crm, engine: Engine, forks: Forks, tmp_path: Path, known: bool
) -> None:
    crm("init Acme --user Uma")
    if known:
        assert crm(["import", "deals", str(written(tmp_path / "first.csv", 5))]).exit_code == 1
    before = _plain(crm("export deals").stdout)
    command = ["import", "deals", str(written(tmp_path / "deals.csv", 7))]
    code, taken = forks.run(*command)
    after = _plain(crm("export deals").stdout)
    assert (code, after == before) == (1, False)
    assert crm("undo").exit_code == 0
    moments = Random(f"killed {known}")
    for quarter in range(4):
        seconds = (quarter + moments.random()) / 4 * taken
        code, _taken = forks.run(*command, seconds=seconds)
        left = _plain(crm("export deals").stdout)
        # It may be killed between its commit and its end.
        assert left == after if code == 1 else left in (before, after)
        assert unbroken(engine)
        if left == after:
            assert crm("undo").exit_code == 0
    assert crm(command).exit_code == 1
    assert _plain(crm("export deals").stdout) == after


def test_an_import_in_steps_is_killed_and_goes_on_until_it_is_done(
    crm: Crm, engine: Engine, forks: Forks, tmp_path: Path
) -> None:
    crm("init Acme --user Uma")
    rejects = tmp_path / "rejects.csv"
    command = ["import", "deals", str(written(tmp_path / "deals.csv", 7))]
    command += ["--rejects", str(rejects), "--force", "--batch", "40"]
    code, taken = forks.run(*command)
    assert code == 1
    expected, refused = _plain(crm("export deals").stdout), rejects.read_text()
    assert crm("undo").exit_code == 0
    moments = Random("steps")
    forks.run(*command, seconds=moments.uniform(0.3, 0.6) * taken)
    for _ in range(2):
        seconds = moments.uniform(0.3, 0.6) * taken
        forks.run("import", "--resume", seconds=seconds)
        assert unbroken(engine)
    # One that was killed before its first step left nothing to go on with.
    cut_off = "cut off" in [run["state"] for run in crm("import list --json").json()]
    last = crm("import --resume") if cut_off else crm(command)
    assert last.exit_code == 1, last.stderr
    assert _plain(crm("export deals").stdout) == expected
    assert rejects.read_text() == refused
    assert unbroken(engine)
    assert crm("undo").exit_code == 0
    assert _plain(crm("export deals").stdout) == []


def _plain(exported: str) -> list[tuple[str | None, ...]]:
    """Return what is exported but for numbers, ids and times, which follow from the run."""
    import csv
    import io

    left = ("external_ids", "title", "amount", "stage", "status")
    return [tuple(row[name] for name in left) for row in csv.DictReader(io.StringIO(exported))]
