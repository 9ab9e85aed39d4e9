"""Databases of processes, which may outlive a test that fails: no other test ever gets them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Databases


@pytest.fixture
def postgres_url(postgres_databases: Databases, postgres_template: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database without rows, which is dropped afterwards."""
    with postgres_databases.copy_of(postgres_template) as name:
        yield postgres_databases.url(name)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a migrated SQLite database without rows, in the test's own folder."""
    return f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path / 'crm.db')}"
