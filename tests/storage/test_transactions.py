"""Sessions: committed or rolled back whole, and nothing left behind on the connection."""

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from crmctl.errors import Conflict, DatabaseError, Retry
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import deals, rules, stages
from crmctl.storage import db
from tests.services.company import Company


def test_what_succeeds_is_seen_by_a_new_session(company: Company) -> None:
    with company.writes() as session:
        deals.create(session, {"title": "Big"})
    with company.reads() as session:
        assert [deal.title for deal in session.exec(select(Deal))] == ["Big"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit, Conflict])
def test_an_exception_leaves_no_row(company: Company, error: type[BaseException]) -> None:
    def fail() -> None:
        with company.writes() as session:
            deals.create(session, {"title": "Big"})
            raise error("told")

    before = _counts(company)
    with pytest.raises(error):
        fail()
    assert _counts(company) == before


def test_a_row_that_the_schema_refuses_takes_the_others_along(company: Company) -> None:
    def twice() -> None:
        with company.writes() as session:
            first = deals.create(session, {"title": "Big"})
            changes.insert_rows(session, [Deal(**changes.values_of(first))])

    before = _counts(company)
    with pytest.raises(Conflict, match="the database refused the change"):
        twice()
    assert _counts(company) == before


@pytest.mark.parametrize("fate", ["removed", "replaced"])
def test_a_file_that_goes_while_it_is_written_is_told(sqlite_url: str, fate: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))

    def write() -> None:
        with db.session(db.engine(sqlite_url), write=True) as session:
            session.execute(text("UPDATE alembic_version SET version_num = version_num"))
            moved = path.rename(path.with_name("moved.db"))
            if fate == "replaced":
                shutil.copyfile(moved, path)

    with pytest.raises(DatabaseError, match="removed, moved or replaced meanwhile; nothing was"):
        write()


def _counts(company: Company) -> dict[str, int]:
    from crmctl.services.integrity import check

    with company.reads() as session:
        return check.counts(session)


def test_a_session_that_reads_sees_one_moment(company: Company) -> None:
    with company.reads() as reading:
        assert reading.exec(select(Customer)).all() == []
        with company.writes() as writing:
            company.customers(writing, "Ann")
        assert reading.exec(select(Customer)).all() == []
    with company.reads() as reading:
        assert len(reading.exec(select(Customer)).all()) == 1


def test_a_session_that_reads_may_not_write_on_postgresql(postgres_url: str) -> None:
    engine = db.engine(postgres_url)
    with pytest.raises(DatabaseError, match="read-only"), db.session(engine) as session:
        session.execute(text("DELETE FROM deals"))
    with db.session(engine, write=True) as session:
        session.execute(text("DELETE FROM deals"))


def test_nothing_is_left_on_the_connection(postgres_url: str) -> None:
    """PgBouncer gives the next transaction to another server connection."""
    engine = db.engine(postgres_url)
    with tempfile.TemporaryFile("w+") as trace:

        def listen(connection: psycopg.Connection, _record: object) -> None:
            connection.pgconn.trace(trace.fileno())

        event.listen(engine, "connect", listen, insert=True)
        for write in (True, False):
            with db.session(engine, write=write) as session:
                for number in range(8):
                    session.execute(text("SELECT :number"), {"number": number})
        trace.seek(0)
        said = trace.read()
    queries = re.findall(r'\tQuery\t "([^"]*)"', said)
    named, prepared = zip(*re.findall(r'\tParse\t "([^"]*)" "([^"]*)"', said), strict=True)
    # Each transaction begins with what it depends on, set for it alone.
    settings = [one for one in queries if "set_config" in one]
    assert len(settings) == 2
    assert all(one.count(", true)") == one.count("set_config(") for one in settings)
    assert len(prepared) == 16
    assert set(named) == {""}
    assert [one for one in (*queries, *prepared) if re.search(r"\bSET\b(?! LOCAL)", one)] == []
    assert queries[-3::2] == ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "COMMIT"]


class Dropped(psycopg.OperationalError):
    """What psycopg raises when a connection is gone."""


def lose(_session: CrmSession) -> None:
    raise DBAPIError("COMMIT", None, Dropped("gone"), connection_invalidated=True)


def test_where_nobody_knows_whether_it_was_committed_this_is_said(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "_is_committed", lambda *_: None)
    lost = pytest.raises(DatabaseError, match="crmctl log shows whether")
    with lost as caught, company.writes() as session:
        event.listen(session, "before_commit", lose)
    assert not isinstance(caught.value, Retry)


@pytest.mark.parametrize("state", ["40001", "40P01", "57P01", "08006"])
def test_what_the_server_says_was_not_done_is_run_again(company: Company, state: str) -> None:
    class Failed(psycopg.OperationalError):
        sqlstate = state

    def fail(*_: Any) -> None:
        raise DBAPIError("COMMIT", None, Failed("try again"), connection_invalidated=True)

    again = pytest.raises(Retry, match="try again")
    with again, company.writes() as session:
        deals.create(session, {"title": "Big"})
        event.listen(session, "before_commit", fail)


def test_text_is_compared_alike_in_both_cases(engine: Engine) -> None:
    with db.session(engine) as session:
        assert session.execute(text("SELECT lower('MÜLLER ÉÀ')")).scalar() == "müller éà"


def test_a_writer_that_waited_for_long_gives_up(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "BUSY_SECONDS", 0)
    first = db.engine(sqlite_url)
    with db.session(first, write=True) as session:
        session.execute(text("SELECT 1"))
        late = db.session(db.engine(sqlite_url), write=True)
        with pytest.raises(DatabaseError, match="was busy for 0 seconds; nothing was changed"):
            _enter(late)


def _enter(session: Any) -> None:
    with session as opened:
        opened.execute(text("SELECT 1"))


def test_what_refers_to_a_stage_that_is_gone_is_told_in_plain_words(company: Company) -> None:
    with company.reads() as session:
        stage = rules.sales_processes(session)["default"].find("proposal")
    with company.writes() as session:
        process = rules.sales_processes(session)["default"]
        stages.remove(session, process, process.find("proposal"))
    told = "^someone else removed, or began to use, what this is about; nothing was changed$"

    def add_to_it() -> None:
        with company.writes() as session:
            deals.insert_new(session, [deals.new(session, {"title": "D"}, stage, company.now, 1)])

    with pytest.raises(Conflict, match=told):
        add_to_it()
    with company.reads() as session:
        assert session.exec(select(Deal)).all() == []


def test_no_setting_of_the_server_changes_what_is_read(company: Company) -> None:
    if company.engine.dialect.name != "postgresql":
        pytest.skip("a file has no settings")
    name = company.engine.url.database
    others = {
        "datestyle": "SQL, DMY", "timezone": "Asia/Tokyo", "intervalstyle": "iso_8601",
        "extra_float_digits": "-15", "bytea_output": "escape", "client_encoding": "LATIN1",
        "default_transaction_isolation": "serializable", "standard_conforming_strings": "off",
    }  # fmt: skip
    with psycopg.connect(db_url(company), autocommit=True) as admin:
        for setting, value in others.items():
            admin.execute(f"ALTER DATABASE {name} SET {setting} TO '{value}'")
        try:
            with company.writes() as session:
                made = deals.create(session, {"title": "Łódź 10 €", "probability": None})
                (level,) = session.execute(text("SHOW transaction_isolation")).one()
            assert level == "read committed"
            with company.reads() as session:
                (read,) = session.exec(select(Deal)).all()
            assert (read.title, read.created_at) == ("Łódź 10 €", made.created_at)
        finally:
            admin.execute(f"ALTER DATABASE {name} RESET ALL")


def db_url(company: Company) -> str:
    """Return how psycopg calls the database of `company`."""
    url = company.engine.url.set(drivername="postgresql")
    return url.render_as_string(hide_password=False)
