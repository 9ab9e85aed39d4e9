"""What starts processes, and databases for them.

A process may outlive a test that fails, so no other test ever gets its database.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Databases
from tests.processes.programs import Forks, Programs, Server, forking


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The process that those of `forks` are children of."""
    with forking() as server:
        yield server


@pytest.fixture
def forks(server: Server, database_url: str) -> Forks:
    """Starts processes on `database_url` at once."""
    return Forks(server, database_url)


@pytest.fixture
def programs(database_url: str) -> Programs:
    """Starts processes on `database_url` as a shell does."""
    return Programs(database_url)


@pytest.fixture
def postgres_url(postgres_databases: Databases, postgres_template: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database without rows, which is dropped afterwards."""
    with postgres_databases.copy_of(postgres_template) as name:
        yield postgres_databases.url(name)


@pytest.fixture
def sqlite_url(sqlite_template: Path, sqlite_folder: Path) -> str:
    """The URL of a migrated SQLite database without rows, in a folder of its own."""
    folder = Path(tempfile.mkdtemp(dir=sqlite_folder))
    return f"sqlite:///{shutil.copyfile(sqlite_template, folder / 'crm.db')}"
