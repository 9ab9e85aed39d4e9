"""A database that crmctl filled at schema 0001, brought up to date.

0001.sql holds what the commands of that time wrote, as SQLite keeps it.
"""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text

from crmctl.storage import db, migrate
from tests.crm import Crm

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def old(empty: Callable[[], Engine]) -> Engine:
    """An engine on a database at schema 0001 with two companies in it."""
    return filled(empty())


def filled(engine: Engine) -> Engine:
    """Bring the new database of `engine` to schema 0001, and insert the rows of that time."""
    migrate.upgrade(engine, "0001")
    statements = Path(__file__).with_name("0001.sql").read_text(encoding="utf-8").split(";\n")
    if engine.dialect.name == "postgresql":
        # SQLite counts money in ten-thousandths, and its times carry no zone.
        tables = ("deals", "deal_stage_history")
        statements += [f"UPDATE {table} SET amount = amount / 10000" for table in tables]
        statements.insert(0, "SET LOCAL TIME ZONE 'UTC'")
    with engine.begin() as connection:
        for statement in statements:
            # Not by SQLAlchemy, to which a colon or a percent sign is a parameter.
            connection.connection.cursor().execute(statement)
    return engine


@pytest.fixture
def crm(old: Engine) -> Crm:
    """Runs commands on the old database, as Ada of its first company."""
    return Crm(old.url.render_as_string(hide_password=False), now="2026-03-03T09:00Z")


def ada(crm: Crm, command: str) -> str:
    """Run a command as Ada, which must succeed, and return what it prints."""
    done = crm(command, env={"CRMCTL_COMPANY": "Alder Tools", "CRMCTL_USER": "Ada"})
    assert (command, done.exit_code) == (command, 0), done.stderr
    return done.stdout + done.stderr


def _now(column: str) -> str:
    """Return how a column of old is read from the newest schema."""
    return "irreversible AS final" if column == "final" else column


def rows(engine: Engine, like: Rows | None = None) -> Rows:
    """Return the rows of every table in a fixed order; with `like`, its tables and columns only."""
    found: Rows = {}
    with engine.connect() as connection:
        for table in like or set(inspect(connection).get_table_names()) - {"alembic_version"}:
            names = ", ".join(map(_now, like[table][0])) if like else "*"
            read = connection.execute(text(f"SELECT {names} FROM {table}")).mappings()
            found[table] = sorted((dict(row) for row in read), key=repr)
    return found


def test_every_row_and_every_value_is_kept(old: Engine) -> None:
    before = rows(old)
    assert all(before.values())
    migrate.upgrade(old)
    after = rows(old, like=before)
    counters = [c for c in after["counters"] if c["kind"] == "activity"]
    assert [(c["company_id"], c["next"]) for c in counters] == [
        (company, 1) for company in sorted(c["company_id"] for c in before["companies"])
    ]
    assert after == before | {"counters": sorted(before["counters"] + counters, key=repr)}
    assert {table for table, found in rows(old).items() if not found} == {
        "activities", "imports", "mappings",
    }  # fmt: skip


def test_down_again_it_is_what_it_was(old: Engine) -> None:
    before = rows(old)
    migrate.upgrade(old)
    migrate.downgrade(old, "0001")
    assert rows(old) == before


def test_it_is_refused_until_it_is_migrated(crm: Crm) -> None:
    needed = f"is at schema 0001, this crmctl needs {migrate.head()}: run crmctl db migrate\n"
    for command in ("deal list", "deal add Big", "activity list", "db check", "log"):
        refused = crm(command)
        assert (refused.exit_code, refused.stdout) == (4, "")
        assert refused.stderr == f"crmctl: error: the database {needed}"
    assert crm("db status --json").json()["state"] == "older"
    migrated = crm("db migrate")
    assert (migrated.exit_code, migrated.stdout) == (0, "")
    assert migrated.stderr.endswith(f" from schema 0001 to {migrate.head()}\n")
    assert crm("db check --json").json() == []


def test_the_work_goes_on(crm: Crm) -> None:
    crm("db migrate")
    assert "12500.1234" in ada(crm, "deal show D1 --json")
    assert "120" in ada(crm, "customer show erp:4711 --json")
    assert "D1 12 rooms: Proposal -> Legal" in ada(crm, "deal move D1 legal")
    assert "Undid " in ada(crm, "undo")
    ada(crm, "activity add call 'Terms of payment' --deal D1 --external-id phone:9")
    ada(crm, "customer merge C1 C2")
    ada(crm, "undo")
    # A bulk edit of the time before the migration, from where Ben owned one of the two deals.
    edit = re.search(r"(\w{8}) .*deal edit D1 D2 --owner Ada", ada(crm, "log"))
    assert edit
    ada(crm, f"undo {edit[1]}")
    assert '"owner": "Ben"' in ada(crm, "deal show D2 --json")
    assert "Bar fittings" in ada(crm, "board --as-of 2026-03-02T10:20Z --width 120")
    ada(crm, "customer restore C4")
    assert crm("db check --json").json() == []


def test_what_the_schema_before_has_no_words_for_goes_with_it(old: Engine, crm: Crm) -> None:
    crm("db migrate")
    ada(crm, "activity add call Terms --deal D1 --external-id phone:9")
    ada(crm, "activity add note 'Met at the fair' --customer C1")
    ada(crm, "activity edit A1 --subject 'Terms of payment'")
    ada(crm, "activity remove A2")
    ada(crm, "undo")
    ada(crm, "customer merge C1 C2")
    migrate.downgrade(old, "0001")
    assert "activit" not in str({k: v for k, v in rows(old).items() if k != "changes"})
    migrate.upgrade(old)
    assert crm("db check --json").json() == []
    assert "A1" in ada(crm, "activity add call 'Once more' --deal D1")
    assert "Undid " in ada(crm, "undo")
    ada(crm, "customer restore C2")


def test_a_migration_that_fails_leaves_the_database_as_it_was(old: Engine, crm: Crm) -> None:
    with old.begin() as connection:
        connection.execute(text("CREATE TABLE activities (id INTEGER)"))
        connection.execute(text("INSERT INTO activities VALUES (7)"))
    before = rows(old)
    failed = crm("db migrate")
    assert (failed.exit_code, failed.stdout, failed.stderr.count("\n")) == (4, "", 1)
    assert "already exists" in failed.stderr
    assert rows(old) == before
    assert crm("db status --json").json()["schema"] == "0001"


def test_a_row_that_refers_to_nothing_stops_a_migration_of_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    engine = filled(db.engine(url))
    # The driver's own connection does not look at foreign keys.
    with closing(sqlite3.connect(tmp_path / "crm.db")) as connection, connection:
        connection.execute("DELETE FROM franchises")
    before = rows(engine)
    failed = Crm(url)("db migrate")
    assert (failed.exit_code, failed.stdout, failed.stderr.count("\n")) == (4, "", 1)
    assert "refers to nothing after the migration; nothing was changed" in failed.stderr
    assert rows(engine) == before
