"""The migrations: one line of them, equal to the models, and safe to go up and down."""

import hashlib
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from crmctl.errors import DatabaseError
from crmctl.models.schema import TABLES, metadata
from crmctl.services.integrity import check
from crmctl.services.pipeline import deals, stages
from crmctl.services.pipeline.rules import sales_processes
from crmctl.storage import db, migrate
from tests.services.company import make

Schema = dict[str, Any]

#: Databases were made by these: whatever else is to change needs a new file.
PUBLISHED = {
    "0001_initial.py": "6b399cd471caf6c0a6f3e67c6a685a97239bca320b0896564b6f40e37e432a4f",
    "0002_activities_and_imports.py": "500254df39c4290605bf7de3031efe3da522651a65aab9ce2bb52659bd9dca89",  # noqa: E501
    "0003_smaller_key_indexes.py": "7079e401bb92942abd2802c6ce630c3b0e6088853e65859a541e3e86badd04d7",  # noqa: E501
    "0004_names.py": "fb0792207ec7b8b359bf08115c99ec6c1d7a980714aa6b6aa26319b663ca5e4b",
    "0005_secrets.py": "f896a8f7755b1d4c267782f0378c29f455e3d1265f97a6940f00eb954ea60e74",
    "0006_external_id_forms.py": "f3106cbf6b1a5706be8d72619dc267dc24d17c8768c7873e88bec0def361e455",
    "0007_days.py": "e9542049d692906ae096f843b240c33a58c8587ed46ad6d6e72ab0dff2af1f88",
}


def schema(engine: Engine) -> Schema:
    """Return everything that the engine knows of its tables but the one of Alembic."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            return _of_postgres(connection)
        found = connection.execute(
            text("SELECT type || ' ' || name, sql FROM sqlite_master"
                 " WHERE tbl_name <> 'alembic_version'")
        )  # fmt: skip
        return {name: _clauses(sql) for name, sql in found}


def _clauses(sql: str | None) -> Any:
    """Return the clauses of a CREATE statement of SQLite, which may come in any order."""
    if sql is None:
        return None
    words = re.sub(r"\s+", " ", sql.replace('"', ""))
    if not words.startswith("CREATE TABLE"):
        return words
    body = words[words.index("(") + 1 : words.rindex(")")]
    depth, parts, start = 0, [], 0
    for place, character in enumerate(body):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(body[start:place].strip())
            start = place + 1
    return sorted([*parts, body[start:].strip()])


def _of_postgres(connection: Any) -> Schema:
    """Return columns, constraints and indexes as PostgreSQL itself writes them."""
    columns = connection.execute(
        text("SELECT table_name || '.' || column_name, data_type, character_maximum_length,"
             " numeric_precision, numeric_scale, is_nullable, column_default"
             " FROM information_schema.columns"
             " WHERE table_schema = 'public' AND table_name <> 'alembic_version'")
    )  # fmt: skip
    constraints = connection.execute(
        text("SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)"
             " FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
             # Whether a column may be null is told above, and here only from version 18 on.
             " AND contype <> 'n'"
             " AND conrelid::regclass::text <> 'alembic_version'")
    )  # fmt: skip
    indexes = connection.execute(
        text("SELECT indexname, indexdef FROM pg_indexes"
             " WHERE schemaname = 'public' AND tablename <> 'alembic_version'")
    )  # fmt: skip
    return {
        row[0]: tuple(row[1:]) for found in (columns, constraints, indexes) for row in found.all()
    }


def test_the_files_are_numbered_without_gaps_and_have_one_head() -> None:
    files = sorted(path.name for path in migrate.scripts().joinpath("versions").glob("*.py"))
    assert all(re.fullmatch(r"\d{4}_[a-z0-9]+(_[a-z0-9]+)*\.py", name) for name in files)
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    config = Config()
    config.set_main_option("script_location", str(migrate.scripts()))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [migrate.head()]
    assert tuple(reversed([one.revision for one in scripts.walk_revisions()])) == (
        migrate.revisions()
    )


def test_a_published_migration_is_never_edited() -> None:
    versions = migrate.scripts() / "versions"
    for name, checksum in PUBLISHED.items():
        assert hashlib.sha256((versions / name).read_bytes()).hexdigest() == checksum


def test_the_migrations_make_what_the_models_say(empty: Callable[[], Engine]) -> None:
    migrated, created = empty(), empty()
    migrate.upgrade(migrated)
    metadata.create_all(created)
    assert schema(migrated) == schema(created)


def test_the_comparison_sees_checks_and_conditions_of_indexes(empty: Callable[[], Engine]) -> None:
    engine = empty()
    migrate.upgrade(engine)
    seen = str(schema(engine))
    for word in ("fiscal_month", "ck_deals_closed_at", "ck_stages_rotting_days"):
        assert word in seen
    assert re.search(r"deal_open_idx.{0,200}WHERE.{0,100}open", seen)


def test_up_down_and_up_again_gives_the_same_schema(empty: Callable[[], Engine]) -> None:
    engine = empty()
    migrate.upgrade(engine)
    first = schema(engine)
    migrate.downgrade(engine, "base")
    assert schema(engine) == {}
    migrate.upgrade(engine)
    assert schema(engine) == first


@pytest.mark.parametrize("revision", migrate.revisions())
def test_each_migration_can_be_taken_back_and_done_again(
    empty: Callable[[], Engine], revision: str
) -> None:
    engine = empty()
    migrate.upgrade(engine, revision)
    before = schema(engine)
    place = migrate.revisions().index(revision)
    migrate.downgrade(engine, migrate.revisions()[place - 1] if place else "base")
    migrate.upgrade(engine, revision)
    assert schema(engine) == before


def test_data_survives_every_way_down_and_up(empty: Callable[[], Engine]) -> None:
    engine = empty()
    migrate.upgrade(engine)
    company = make(engine)
    with company.writes() as session:
        deals.create(session, {"title": "Big"})
    before = _counts(engine)
    assert before["deals"] == 1
    # The first migration makes the tables, so there is nothing below it to survive in.
    for revision in reversed(migrate.revisions()):
        migrate.downgrade(engine, revision)
        assert migrate.upgrade(engine) == revision
        assert _counts(engine) == before
        with db.session(engine) as session:
            assert check.run(session) == []


def test_a_database_with_data_can_be_emptied(empty: Callable[[], Engine]) -> None:
    engine = empty()
    migrate.upgrade(engine)
    make(engine)
    migrate.downgrade(engine, "base")
    assert schema(engine) == {}


def _counts(engine: Engine) -> dict[str, int]:
    with db.session(engine) as session:
        return check.counts(session)


def test_every_table_and_key_begins_with_the_company(empty: Callable[[], Engine]) -> None:
    engine = empty()
    migrate.upgrade(engine)
    inspector = inspect(engine)
    assert {str(model.__tablename__) for model in TABLES} | {"alembic_version"} == set(
        inspector.get_table_names()
    )
    for model in TABLES:
        table = str(model.__tablename__)
        keys = [inspector.get_pk_constraint(table)["constrained_columns"]]
        keys += [rule["column_names"] for rule in inspector.get_unique_constraints(table)]
        keys += [link["constrained_columns"] for link in inspector.get_foreign_keys(table)]
        keys += [link["referred_columns"] for link in inspector.get_foreign_keys(table)]
        assert {columns[0] for columns in keys} == {"company_id"}


def test_an_unknown_schema_is_not_touched(empty: Callable[[], Engine]) -> None:
    engine = empty()
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = schema(engine)
    for attempt in (migrate.upgrade, lambda bind: migrate.downgrade(bind, "base")):
        with pytest.raises(DatabaseError, match="newer than this crmctl"):
            attempt(engine)
    assert schema(engine) == before


def test_a_failed_migration_leaves_nothing(
    empty: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import command

    upgrade = command.upgrade

    def fail(config: Config, revision: str) -> None:
        upgrade(config, revision)
        raise RuntimeError("half-way")

    engine = empty()
    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", fail)
        with pytest.raises(RuntimeError):
            migrate.upgrade(engine)
    assert schema(engine) == {}
    assert migrate.upgrade(engine) is None


def test_a_migration_on_sqlite_may_rebuild_a_table_that_others_refer_to(tmp_path: Path) -> None:
    engine = db.engine(f"sqlite:///{tmp_path / 'crm.db'}")
    migrate.upgrade(engine)
    company = make(engine)
    with company.writes() as session:
        deals.create(session, {"title": "Big"})
    with migrate._alone(engine) as connection:
        from alembic.migration import MigrationContext
        from alembic.operations import Operations

        rebuild = Operations(MigrationContext.configure(connection))
        with rebuild.batch_alter_table("stages", recreate="always") as batch:
            batch.alter_column("label", nullable=False)
    with company.reads() as session:
        assert check.run(session) == []
        assert len(sales_processes(session)["default"].stages) == 6
    with company.writes() as session:
        process = sales_processes(session)["default"]
        stages.edit(session, process, process.find("lead"), {"label": "New"})


def test_a_migration_that_loses_what_is_referred_to_is_refused(tmp_path: Path) -> None:
    engine = db.engine(f"sqlite:///{tmp_path / 'crm.db'}")
    migrate.upgrade(engine)
    company = make(engine)
    with company.writes() as session:
        deals.create(session, {"title": "Big"})
    lost = pytest.raises(DatabaseError, match="refers to nothing")
    with lost, migrate._alone(engine) as connection:
        connection.execute(text("DELETE FROM stages"))
    with company.reads() as session:
        assert len(sales_processes(session)["default"].stages) == 6


def test_a_new_sqlite_database_uses_the_write_ahead_log(tmp_path: Path) -> None:
    migrate.upgrade(db.engine(f"sqlite:///{tmp_path / 'crm.db'}"))
    connection = sqlite3.connect(tmp_path / "crm.db")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
