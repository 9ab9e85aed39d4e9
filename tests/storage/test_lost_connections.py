"""Connections that a server ends at any moment: what is under way is begun again, or is done."""

import os
import socket
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlmodel import select

from crmctl.errors import Retry
from crmctl.models.deals import Deal
from crmctl.services.pipeline import deals
from crmctl.storage import db
from tests.services.company import Company

Ends = Callable[[psycopg.Connection], None]


def close(connection: psycopg.Connection) -> None:
    """Take the network away, which the driver sees when it reads or writes."""
    with socket.socket(fileno=os.dup(connection.fileno())) as shared:
        shared.shutdown(socket.SHUT_RDWR)


def say_and_close(connection: psycopg.Connection) -> None:
    """End it as a server does: with a last message, after which the driver has not looked yet."""
    close(connection)
    raise psycopg.errors.AdminShutdown("terminating connection due to administrator command")


ENDS = pytest.mark.parametrize("end", [close, say_and_close])


@ENDS
@pytest.mark.parametrize("place", range(12))
def test_a_connection_that_is_lost_while_it_is_made_is_made_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, end: Ends, place: int
) -> None:
    """A new engine looks around before the first statement of ours."""
    execute, roll_back = psycopg.Cursor.execute, psycopg.Connection.rollback
    places = iter(range(100))

    def strike(connection: psycopg.Connection) -> None:
        if next(places) == place:
            end(connection)

    def run(cursor: psycopg.Cursor, *arguments: Any, **options: Any) -> psycopg.Cursor:
        strike(cursor.connection)
        done = execute(cursor, *arguments, **options)
        strike(cursor.connection)
        return done

    def undo(connection: psycopg.Connection) -> None:
        strike(connection)
        roll_back(connection)

    monkeypatch.setattr(psycopg.Cursor, "execute", run)
    monkeypatch.setattr(psycopg.Connection, "rollback", undo)
    engine = db.engine(postgres_url)

    def ask() -> int:
        with db.session(engine, write=True) as session:
            return int(session.execute(text("SELECT 1")).scalar_one())

    with pytest.raises(Retry, match="connection"):
        ask()
    assert next(places) > place
    assert ask() == 1


@ENDS
@pytest.mark.parametrize("again", [0, 2])
@pytest.mark.parametrize("done", [True, False])
def test_where_the_answer_to_a_commit_is_lost_it_is_looked_for(
    company: Company, monkeypatch: pytest.MonkeyPatch, done: bool, again: int, end: Ends
) -> None:
    """Also where the connection on which it is looked for is lost, as in a restart."""
    if company.engine.dialect.name == "sqlite":
        pytest.skip("a file gives no answers that could be lost")
    commit = company.engine.dialect.do_commit
    look, losses = db._is_refused, iter(range(again))

    def drop(connection: Any) -> None:
        if done:
            commit(connection)
        end(connection.dbapi_connection)
        connection.dbapi_connection.execute("SELECT 1")

    def lose(connection: Connection, change: dict[str, Any]) -> bool:
        for _ in losses:
            driver = connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            close(driver)
            break
        return look(connection, change)

    monkeypatch.setattr(db, "_PAUSE_SECONDS", 0)
    monkeypatch.setattr(db, "_is_refused", lose)
    expected = nullcontext() if done else pytest.raises(Retry, match="connection")
    with expected, company.writes() as session:
        deals.create(session, {"title": "Big"})
        monkeypatch.setattr(company.engine.dialect, "do_commit", drop)
    assert list(losses) == []
    monkeypatch.undo()
    with company.reads() as session:
        assert len(session.exec(select(Deal)).all()) == done
