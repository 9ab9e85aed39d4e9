"""Many processes at once: none fails, nothing is lost, and the invariants hold."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from crmctl.models.deals import Deal
from crmctl.services import changes
from crmctl.services.history import undo
from crmctl.services.records import references
from crmctl.storage import db, migrate
from tests import postgres
from tests.crm import Crm
from tests.processes.programs import (
    Ended,
    Forks,
    Server,
    blocked,
    ended,
    until,
    until_waiting,
    waiting,
)
from tests.services.company import Company

EIGHT = 8
STAGES = ("lead", "qualified", "proposal", "negotiation")


@pytest.fixture
def acme(crm: Crm) -> Crm:
    """A company with a deal for all and one for each process."""
    return filled(crm)


def filled(crm: Crm) -> Crm:
    """Add a company with a deal for all and one for each process."""
    added = (f"deal add 'Deal {number + 1}'" for number in range(EIGHT + 1))
    return crm.begin("init Acme --user Uma", *added)


def moves(ends: list[Ended], ref: str) -> int:
    """Return how many moves of a deal the processes report."""
    return sum(len(re.findall(rf"^{ref} .* -> ", end.stderr, re.MULTILINE)) for end in ends)


def sound(crm: Crm) -> bool:
    """Return whether the check of the database finds nothing."""
    findings: list[object] = crm("db check --json").json()
    return findings == []


def test_eight_processes_move_the_same_and_different_deals(acme: Crm, forks: Forks) -> None:
    rounds = 3
    started = [
        forks.start_loop(
            [
                f"deal move {deal} {STAGES[(worker + turn) % len(STAGES)]}"
                for turn in range(rounds)
                for deal in (1, worker + 2)
            ]
        )
        for worker in range(EIGHT)
    ]
    ends = [ended(process) for process in started]
    assert [(end.code, end.stdout) for end in ends] == [(0, "")] * EIGHT
    assert not [end.stderr for end in ends if "error" in end.stderr]
    history = acme("deal history 1 --json").json()
    assert len(history) - 1 == moves(ends, "D1") > rounds
    for worker in range(EIGHT):
        own = acme(f"deal history {worker + 2} --json").json()
        assert len(own) - 1 == moves(ends, f"D{worker + 2}")
        assert own[-1]["stage"] == STAGES[(worker + rounds - 1) % len(STAGES)]
    assert sound(acme)


def test_eight_processes_add_deals_and_no_number_comes_twice(acme: Crm, forks: Forks) -> None:
    started = [forks.start_loop(["deal add New"] * 2) for _ in range(EIGHT)]
    assert [ended(process).code for process in started] == [0] * EIGHT
    refs = [deal["ref"] for deal in acme("deal list --limit 1000 --json").json()]
    assert len(refs) == len(set(refs)) == EIGHT + 1 + EIGHT * 2
    assert sound(acme)


def test_of_eight_who_move_a_deal_from_a_stage_one_does(acme: Crm, forks: Forks) -> None:
    started = [forks.start("deal", "move", "1", "won", "--if-stage", "lead") for _ in range(EIGHT)]
    ends = [ended(process) for process in started]
    assert sorted(end.code for end in ends) == [0] + [5] * (EIGHT - 1)
    assert all("by now, not in lead" in end.stderr for end in ends if end.code == 5)
    assert len(acme("deal history 1 --json").json()) == 2
    assert sound(acme)


@pytest.mark.parametrize("noun", ["user", "franchise"])
def test_of_eight_who_add_one_name_one_does(acme: Crm, forks: Forks, noun: str) -> None:
    ends = [ended(p) for p in [forks.start(noun, "add", "Bo") for _ in range(EIGHT)]]
    assert sorted(end.code for end in ends) == [0] + [1] * (EIGHT - 1)
    assert all("called 'Bo' already" in end.stderr for end in ends if end.code)
    assert [row["name"] for row in acme(f"{noun} list --json").json()].count("Bo") == 1
    assert sound(acme)


def test_of_eight_who_undo_a_change_one_does(acme: Crm, forks: Forks) -> None:
    acme("deal move 1 2 3 won")
    ref = acme("log --json").json()[0]["ref"]
    ends = [ended(p) for p in [forks.start("undo", ref) for _ in range(EIGHT)]]
    assert [end.code for end in ends] == [0] * EIGHT
    assert sorted("is undone already" in end.stderr for end in ends) == [False] + [True] * 7
    assert sound(acme)


def test_eight_first_starts_make_one_company(new_database: str, server: Server) -> None:
    forks = Forks(server, new_database)
    started = [forks.start("init", "Acme", "--user", f"Uma {number}") for number in range(EIGHT)]
    ends = [ended(process) for process in started]
    assert [(end.code, end.stdout) for end in ends] == [(0, "")] * EIGHT, ends
    assert sum("Created Acme" in end.stderr for end in ends) == 1
    assert sum("is ready already" in end.stderr for end in ends) == EIGHT - 1
    crm = Crm(new_database)
    assert [company["name"] for company in crm("company list --json").json()] == ["Acme"]
    assert len(crm("user list --json").json()) == 1
    assert sound(crm)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(
    request: pytest.FixtureRequest, tmp_path: object, postgres_databases: postgres.Databases
) -> Iterator[str]:
    """The URL of a database that has no schema."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new/crm.db"
    else:
        with postgres_databases.empty() as name:
            yield postgres_databases.url(name)


@pytest.mark.parametrize("start", [None, migrate.revisions()[0]])
def test_two_migrations_take_turns_and_both_succeed(
    new_database: str, server: Server, start: str | None
) -> None:
    if start:
        migrate.upgrade(db.engine(new_database), start)
    forks = Forks(server, new_database)
    ends = [ended(p) for p in [forks.start("db", "migrate") for _ in range(2)]]
    assert [end.code for end in ends] == [0, 0], [end.stderr for end in ends]
    told = sorted("already" in end.stderr for end in ends)
    assert told == [False, True]
    assert Crm(new_database)("db status --json").json()["schema"] == migrate.head()


def test_a_migration_waits_for_the_one_that_runs(engine: Engine, forks: Forks) -> None:
    with migrate._alone(engine):
        migrating = forks.start("db", "migrate")
        with pytest.raises(Exception, match="timed out"):
            migrating.wait(timeout=1)
    assert ended(migrating).code == 0


def test_a_writer_waits_for_the_one_before(acme: Crm, engine: Engine, forks: Forks) -> None:
    with blocked(engine):
        moving = forks.start("deal", "move", "1", "won")
        until_waiting(engine, moving)
        with pytest.raises(Exception, match="timed out"):
            moving.wait(timeout=0.5)
    assert ended(moving).code == 0
    assert acme("deal show 1 --json").json()["stage"] == "won"


def test_readers_do_not_wait_for_writers(acme: Crm, engine: Engine, forks: Forks) -> None:
    with blocked(engine):
        assert forks.run("deal", "list")[0] == 0
        assert forks.run("log")[0] == 0


def test_a_deadlock_is_run_again(
    postgres_url: str, postgres_engine: Engine, server: Server
) -> None:
    acme, forks = Crm(postgres_url), Forks(server, postgres_url)
    with postgres_engine.connect() as other:
        other.execute(text("SET LOCAL deadlock_timeout = '60s'"))
        other.execute(text("SELECT id FROM deals WHERE number = 2 FOR UPDATE"))
        moving = forks.start("deal", "move", "1", "2", "won")
        until(lambda: waiting(postgres_engine))
        # The program has its first deal and waits for the second: now each waits for the other.
        other.execute(text("SELECT id FROM deals WHERE number = 1 FOR UPDATE"))
        other.rollback()
    end = ended(moving)
    assert (end.code, moves([end], "D1"), moves([end], "D2")) == (0, 1, 1)
    assert deadlocks(postgres_engine) == 1
    assert sound(acme)


def test_a_connection_that_drops_before_commit_is_run_again(
    postgres_url: str, postgres_engine: Engine, server: Server
) -> None:
    acme, forks = Crm(postgres_url), Forks(server, postgres_url)
    with blocked(postgres_engine):
        moving = forks.start("deal", "move", "1", "2", "won")
        until(lambda: waiting(postgres_engine))
        with postgres_engine.connect() as other:
            (pid,) = waiting(postgres_engine)
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        until(lambda: waiting(postgres_engine) not in ([], [pid]))
    end = ended(moving)
    assert (end.code, moves([end], "D1")) == (0, 1)
    assert len(acme("deal history 1 --json").json()) == 2
    assert sound(acme)


@pytest.fixture
def postgres_engine(postgres_url: str) -> Iterator[Engine]:
    """An engine on PostgreSQL: SQLite has one writer, and no connection that could drop."""
    filled(Crm(postgres_url))
    engine = db.engine(postgres_url)
    yield engine
    engine.dispose()


def deadlocks(engine: Engine) -> int:
    """Return how many deadlocks this database has had."""
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        found = connection.execute(
            text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        )
        return int(found.scalar_one())


def test_two_imports_of_one_file_add_its_rows_once(acme: Crm, forks: Forks, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    rows = "".join(f"Ann {n},ann{n}@example.com\n" for n in range(300))
    file.write_text(f"name,email\n{rows}")
    started = [forks.start("import", "customers", str(file)) for _ in range(2)]
    assert [ended(process).code for process in started] == [0, 0]
    assert len(acme("customer list --limit 1000 --json").json()) == 300
    assert sound(acme)


@pytest.mark.parametrize(
    ("options", "left"),
    [((), "call"), (("--batch", "1"), "call"), (("--fill-empty",), "write")],
)
def test_an_import_compares_with_what_was_changed_meanwhile(
    postgres_url: str,
    postgres_engine: Engine,
    server: Server,
    tmp_path: Path,
    options: tuple[str, ...],
    left: str,
) -> None:
    acme, forks = Crm(postgres_url), Forks(server, postgres_url)
    assert acme("deal edit 1 --next-step wait").exit_code == 0
    file = tmp_path / "deals.csv"
    file.write_text("title,next_step\nDeal 1,wait\nDeal 2,call\n")
    with Company(postgres_engine, datetime.now(UTC) - timedelta(minutes=1)).writes() as session:
        edited = references.find(session, Deal, "2", lock=True)
        changes.edit(session, [edited], {"next_step": "write"})
        importing = forks.start("import", "deals", str(file), *options)
        until(lambda: waiting(postgres_engine))
        # The file says of this one what is so already, and nobody is kept from it.
        assert forks.run("deal", "move", "1", "won", seconds=30)[0] == 0
    assert ended(importing).code == 0
    assert acme("deal show 2 --json").json()["next_step"] == left
    command = acme("log --json --limit 1").json()[0]["command"]
    assert command.startswith("crmctl import" if left == "call" else "crmctl deal move")
    if left == "call":
        assert acme("undo").exit_code == 0
    assert acme("deal show 2 --json").json()["next_step"] == "write"
    assert acme("deal show 1 --json").json()["stage"] == "won"
    assert sound(acme)


def test_an_import_follows_no_merge_that_is_undone_meanwhile(
    postgres_url: str, postgres_engine: Engine, server: Server, tmp_path: Path
) -> None:
    acme, forks = Crm(postgres_url), Forks(server, postgres_url)
    for name in ("Ann", "Ben"):
        added = acme(["customer", "add", name, "--email", f"{name.lower()}@example.com"])
        assert added.exit_code == 0
    assert acme("customer merge C2 C1").exit_code == 0
    merged = acme("log --json --limit 1").json()[0]["ref"]
    file = tmp_path / "people.csv"
    file.write_text("email,country\nann@example.com,AT\n")
    with Company(postgres_engine, datetime.now(UTC)).writes() as session:
        change = undo.find_change(session, merged, lock=True)
        undo.carry_out(session, undo.plan(session, change, lock=True))
        importing = forks.start("import", "customers", str(file))
        until(lambda: waiting(postgres_engine))
    assert ended(importing).code == 0
    people = {row["ref"]: row["country"] for row in acme("customer list --json").json()}
    assert people == {"C1": "AT", "C2": None}
    assert sound(acme)


def test_eight_who_edit_a_user_each_find_what_the_one_before_left(acme: Crm, forks: Forks) -> None:
    addresses = [f"uma{number}@example.com" for number in range(EIGHT)]
    started = [forks.start("user", "edit", "Uma", "--email", one) for one in addresses]
    assert [ended(process).code for process in started] == [0] * EIGHT
    for _ in range(EIGHT):
        assert acme("undo --as Uma").exit_code == 0
    assert acme("user show Uma --json").json()["email"] is None
    assert sound(acme)
