"""crmctl db."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from crmctl.storage import db, migrate
from tests import postgres
from tests.crm import Crm


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_databases: postgres.Databases
) -> Iterator[Crm]:
    """Runs commands on a database without a schema, on one engine and then on the other."""
    if request.param == "sqlite":
        yield Crm(f"sqlite:///{tmp_path / 'folder' / 'new.db'}")
    else:
        with postgres_databases.empty() as name:
            yield Crm(postgres_databases.url(name))


def test_init_creates_the_schema_and_again_changes_nothing(empty: Crm) -> None:
    first, second = empty("db init"), empty("db init")
    assert (first.exit_code, first.stdout, second.exit_code, second.stdout) == (0, "", 0, "")
    assert first.stderr.startswith(f"Created schema {migrate.head()} in ")
    assert second.stderr.endswith(f" is at schema {migrate.head()} already\n")
    missing = empty("deal list")
    assert missing.exit_code == 3
    assert "there is no company yet: run crmctl init" in missing.stderr


def test_migrate_makes_a_schema_where_there_is_none(empty: Crm) -> None:
    done = empty("db migrate")
    assert done.exit_code == 0
    assert done.stderr.endswith(f" from schema none to {migrate.head()}\n")
    assert empty("init Acme").exit_code == 0


def test_tables_of_a_schema_that_nothing_names_are_left_alone(crm: Crm, engine: Engine) -> None:
    crm("init Acme --user Uma")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    for command in ("deal list", "db migrate", "db init", "init Beta"):
        refused = crm(command)
        assert (refused.exit_code, refused.stdout) == (4, "")
        assert "(alembic_version is empty): restore a backup\n" in refused.stderr
        assert refused.stderr.count("\n") == 1


@pytest.mark.usefixtures("on_each_engine")
def test_status_says_where_it_is_and_what_is_in_it(crm: Crm) -> None:
    crm("init Acme --user Uma")
    status = crm("db status --json")
    assert status.exit_code == 0
    record = status.json()
    assert (record["schema"], record["head"], record["state"]) == (
        migrate.head(),
        migrate.head(),
        "current",
    )
    assert record["engine"] in ("sqlite", "postgresql")
    assert (record["rows"]["companies"], record["rows"]["stages"]) == (1, 6)


def test_status_has_a_line_for_each_table(crm: Crm) -> None:
    crm("init Acme --user Uma")
    lines = [line.split() for line in crm("db status").stdout.splitlines()]
    assert ["schema", migrate.head()] in lines
    assert lines[6:9] == [["companies", "1"], ["changes", "1"], ["change", "rows", "0"]]


def test_status_of_a_database_without_a_schema(empty: Crm) -> None:
    if empty.database_url.startswith("sqlite"):
        status = empty("db status --json")
        assert (status.exit_code, status.stdout) == (4, "")
        assert "run crmctl init" in status.stderr
    else:
        record = empty("db status --json").json()
        assert (record["schema"], record["state"], record["rows"]) == (None, "empty", {})


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        ("9999", "newer than this crmctl"),
        (None, "restore a backup"),
    ],
)
@pytest.mark.parametrize(
    "command",
    ["deal list", "deal add Big", "log", "undo", "db check", "company list", "pipeline list"],
)
def test_a_database_of_another_schema_is_refused(
    crm: Crm, engine: Engine, revision: str | None, said: str, command: str
) -> None:
    crm("init Acme --user Uma")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        if revision:
            connection.execute(text("INSERT INTO alembic_version VALUES ('9999')"))
    refused = crm(command)
    assert (refused.exit_code, refused.stdout) == (4, "")
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1
    if revision:
        assert crm("db migrate").exit_code == 4
        assert crm("db status --json").json()["state"] == "newer"


def test_a_database_whose_tables_were_taken_down_is_migrated(crm: Crm, engine: Engine) -> None:
    migrate.downgrade(engine, "base")
    assert "run crmctl db migrate" in crm("deal list").stderr
    assert crm("db migrate").exit_code == 0


@pytest.mark.usefixtures("on_each_engine")
def test_check_finds_nothing_in_a_sound_database(crm: Crm) -> None:
    crm("init Acme --user Uma")
    crm("deal add Big")
    crm("deal move 1 won")
    checked = crm("db check --json")
    assert (checked.exit_code, checked.json()) == (0, [])
    assert checked.stderr.endswith("checks, nothing found\n")


def test_check_names_what_is_broken(crm: Crm, engine: Engine) -> None:
    crm("init Acme --user Uma")
    crm("deal add Big")
    with engine.begin() as connection:
        connection.execute(text("UPDATE deals SET entries = 7"))
    checked = crm("db check --json")
    assert checked.exit_code == 1
    assert checked.json() == [
        {
            "invariant": "a deal's history ends in its stage",
            "company": "Acme",
            "record": "D1",
            "detail": "counts 7 entries of history, and has 1",
        }
    ]
    assert checked.stderr == "crmctl: error: 1 row breaks what must always hold\n"


def test_init_refuses_an_older_schema(crm: Crm, engine: Engine) -> None:
    migrate.downgrade(engine, migrate.revisions()[-2])
    result = crm("init Beta")
    assert (result.exit_code, "run crmctl db migrate" in result.stderr) == (4, True)
    assert crm("db migrate").exit_code == 0


@pytest.mark.parametrize("version", [None, "ae1027a6acf"])
def test_another_program_s_database_is_refused(empty: Crm, version: str | None) -> None:
    engine = db.engine(empty.database_url)
    if engine.dialect.name == "sqlite":
        Path(str(engine.url.database)).parent.mkdir()
    with engine.execution_options(crmctl_write=True).begin() as connection:
        connection.execute(text("CREATE TABLE tracks (id int)"))
        if version:
            connection.execute(text("CREATE TABLE alembic_version (version_num varchar(32))"))
            connection.execute(text(f"INSERT INTO alembic_version VALUES ('{version}')"))
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    before = file and Path(file).read_bytes()
    for command in ("init Beta", "db migrate", "db init"):
        result = empty(command)
        assert (result.exit_code, result.stderr.count("\n")) == (4, 1)
        assert "is another program's" in result.stderr
        assert not file or Path(file).read_bytes() == before
    if version:
        assert "is another program's" in empty("deal list").stderr
