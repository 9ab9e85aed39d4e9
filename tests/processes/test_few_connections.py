"""A role of PostgreSQL that may have few connections: commands need one each, or wait for one."""

import shlex
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from psycopg import sql
from sqlalchemy import make_url

from tests import postgres
from tests.cli.imported import deals
from tests.crm import Crm
from tests.processes.programs import Forks, Server, ended

#: Longer than a command waits for a connection.
_ENOUGH = 60
_COMMANDS = [
    "import deals {file}", "undo", "import deals {file} --batch 10", "export deals {folder}/x.csv",
    "board", "deal add Dam", "undo", "customer erase 'Fell 1' --yes",
]  # fmt: skip


@pytest.fixture
def acme(postgres_url: str) -> Crm:
    """A company on PostgreSQL."""
    return Crm(postgres_url).begin("init Acme --user Ada")


@pytest.fixture
def limited(acme: Crm, server: Server) -> Iterator[Callable[[int], Forks]]:
    """Makes a role that may have so many connections, and starts processes that have it."""
    url = make_url(acme.database_url)
    role = f"few_{url.database}"
    name = sql.Identifier(role)

    def make(limit: int) -> Forks:
        with postgres.connect(acme.database_url) as connection:
            said = sql.SQL("CREATE ROLE {} LOGIN CONNECTION LIMIT {}")
            connection.execute(said.format(name, sql.Literal(limit)))
            grant = sql.SQL("GRANT ALL ON ALL TABLES IN SCHEMA public TO {}")
            connection.execute(grant.format(name))
        asked = url.set(username=role).update_query_dict({"connect_timeout": "30"})
        return Forks(server, asked.render_as_string(hide_password=False))

    yield make
    with postgres.connect(acme.database_url) as connection:
        connection.execute(sql.SQL("DROP OWNED BY {}").format(name))
        connection.execute(sql.SQL("DROP ROLE {}").format(name))


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A file of deals of customers and users who are not there yet."""
    path = tmp_path / "rows.csv"
    rows = (f"{n},Deal {n},Fell {n % 5},Owner {n % 3}\n" for n in range(30))
    path.write_text("Deal ID,Deal Name,Customer,Owner\n" + "".join(rows))
    return str(path)


def test_one_connection_is_enough_for_every_command(
    limited: Callable[[int], Forks], acme: Crm, file: str, tmp_path: Path
) -> None:
    forks = limited(1)
    for command in _COMMANDS:
        words = shlex.split(command.format(file=file, folder=tmp_path))
        if words[0] == "import" and file in words:
            words += ["--create-missing", "customers,users"]
        began = time.monotonic()
        end = ended(forks.start(*words, "--as", "Ada"))
        assert end.code == 0, (command, end)
        assert time.monotonic() - began < _ENOUGH
    assert acme("db check --json").json() == []


@pytest.mark.parametrize("limit", [1, 4])
def test_six_imports_take_turns_for_few_connections(
    limited: Callable[[int], Forks], acme: Crm, file: str, limit: int
) -> None:
    forks = limited(limit)
    importing = ["import", "deals", file, "--create-missing", "customers,users", "--as", "Ada"]
    started = [forks.start(*importing, *(["--batch", "5"] * (n % 2))) for n in range(6)]
    ends = [ended(process) for process in started]
    # One who waited as long as connecting may take is told so in a line.
    assert {end.code for end in ends} <= {0, 4}, ends
    for end in ends:
        told = [line for line in end.stderr.splitlines() if "error" in line]
        assert len(told) == (end.code != 0), end
        assert not told or "too many connections for role" in told[0]
    assert 0 in {end.code for end in ends}
    assert len(deals(acme)) == 30
    names = [row["name"] for row in acme("customer list --json").json()]
    assert len(names) == len(set(names)) == 5
    assert acme("db check --json").json() == []
