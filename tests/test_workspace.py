"""The workspace, opened by an entry point that is not the command line."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from crmctl.config import Settings, normal_url
from crmctl.domain.kinds import Origin
from crmctl.errors import NotFound, Refused, Retry, UsageError
from crmctl.models.deals import Deal
from crmctl.services.history import log
from crmctl.services.pipeline import deals
from crmctl.services.records import references
from crmctl.workspace import ATTEMPTS, Workspace, retrying
from tests.crm import Crm

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def workspace(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A board on the company Acme, whose clock goes on by a minute whenever it is looked at."""
    crm.now = "2026-02-01"
    crm.begin("init Acme --user Uma")
    monkeypatch.setattr("crmctl.workspace.time.sleep", lambda _: None)
    minutes = count()
    return Workspace(
        settings=Settings(database_url=crm.database_url),
        command="board: add a deal",
        clock=lambda: NOW + timedelta(minutes=next(minutes)),
        actor="uma",
        origin=Origin.BOARD,
    )


def _titles(workspace: Workspace) -> list[str]:
    with workspace.session() as session:
        return [deal.title for deal in references.find_all(session, Deal, ["D1", "D2"])]


def test_what_is_written_is_logged_with_its_command_and_origin(workspace: Workspace) -> None:
    with workspace.session(write=True, origin=Origin.IMPORT, reason="they asked") as session:
        deals.create(session, {"title": "Rollout"})
        assert session.change.at == workspace.now == NOW
    with workspace.session() as session:
        change = log.search(session, 1).rows[0].change
    assert (change.command, change.actor, change.origin, change.reason) == (
        "board: add a deal", "Uma", Origin.IMPORT, "they asked",
    )  # fmt: skip
    assert change.ref == workspace.change
    assert change.at == NOW + timedelta(minutes=1), "a change is dated at its commit"


def test_an_exception_rolls_back(workspace: Workspace) -> None:
    def add() -> None:
        with workspace.session(write=True) as session:
            deals.create(session, {"title": "Rollout"})
            raise Refused("no")

    with pytest.raises(Refused):
        add()
    assert not workspace.committed
    with pytest.raises(NotFound):
        _titles(workspace)


def test_a_rehearsal_is_rolled_back(workspace: Workspace) -> None:
    with workspace.unscoped_session(write=True, rehearse=True) as session:
        session.connection().exec_driver_sql("UPDATE companies SET name = 'Other'")
    with workspace.session() as session:
        assert session.connection().exec_driver_sql("SELECT name FROM companies").scalar() == "Acme"
    assert workspace.change is None


def test_what_the_database_wants_retried_is_begun_again(workspace: Workspace) -> None:
    attempts: list[int] = []

    def add(attempt: int) -> str:
        with workspace.session(write=True) as session:
            deal = deals.create(session, {"title": "Rollout"})
            attempts.append(attempt)
            if attempt < 3:
                raise Retry("the server ended the connection")
            return deal.title

    assert workspace.retrying(add) == "Rollout"
    assert attempts == [1, 2, 3]
    with workspace.session() as session:
        assert log.search(session, 9).total == 2


def test_what_has_committed_something_is_not_begun_again(workspace: Workspace) -> None:
    attempts: list[int] = []

    def add(attempt: int) -> None:
        attempts.append(attempt)
        with workspace.session(write=True) as session:
            deals.create(session, {"title": "Rollout"})
            workspace.save(session)
            raise Retry("the server ended the connection")

    with pytest.raises(Retry):
        workspace.retrying(add)
    assert attempts == [1]
    assert workspace.committed


def test_there_is_an_end_to_trying(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("crmctl.workspace.time.sleep", waits.append)

    def fail(attempt: int) -> None:
        raise Retry("deadlock")

    with pytest.raises(Retry):
        retrying(fail)
    assert len(waits) == ATTEMPTS - 1


def test_settings_and_clock_come_from_flags_and_environment(crm: Crm) -> None:
    environ = {"CRMCTL_NOW": "2026-03-01T09:00:00Z", "CRMCTL_DATABASE_URL": "sqlite:////else.db"}
    found = Workspace.configured({"database_url": crm.database_url}, environ, "a request")
    assert (found.now, found.clock()) == (NOW, NOW)
    assert found.settings.database_url == normal_url(crm.database_url)
    with pytest.raises(UsageError):
        Workspace.configured({}, {"CRMCTL_NOW": "long ago"}, "a request")


def test_what_was_not_committed_at_a_time_is_not_in_a_look_at_it(crm: Crm) -> None:
    crm("init Acme --user Uma", now="2026-03-01T09:00:00Z")
    crm("deal add One", now="2026-03-01T09:01:00Z")
    opened = Workspace.configured({"database_url": crm.database_url}, {}, "a request")
    with opened.session(write=True) as session:
        deals.create(session, {"title": "Two"})
        shown = [row["title"] for row in crm("deal list --json").json()]
        at = datetime.now(UTC)
    assert shown == ["One"]
    then = crm(f"board --json --as-of {at.isoformat()} --as-recorded")
    assert (then.exit_code, "One" in then.stdout, "Two" in then.stdout) == (0, True, False)
    assert len(crm("deal list --json").json()) == 2
