"""What the tests of migrations share."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crmctl.storage import db
from tests import postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(
    request: pytest.FixtureRequest, sqlite_folder: Path, postgres_databases: postgres.Databases
) -> Iterator[Callable[[], Engine]]:
    """Makes engines on new databases without tables."""
    folder = Path(tempfile.mkdtemp(dir=sqlite_folder))
    made: list[Engine] = []
    contexts = []

    def new() -> Engine:
        if request.param == "sqlite":
            url = f"sqlite:///{folder / f'{len(made)}.db'}"
        else:
            context = postgres_databases.empty()
            contexts.append(context)
            url = postgres_databases.url(context.__enter__())
        made.append(db.engine(url))
        return made[-1]

    yield new
    for engine in made:
        engine.dispose()
    for context in contexts:
        context.__exit__(None, None, None)
