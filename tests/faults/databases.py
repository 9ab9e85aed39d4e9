"""New databases for the rows, on either engine; a server is started once one is needed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path

from crmctl.storage import db, migrate
from tests import memory, postgres
from tests.crm import Crm
from tests.faults.place import NOW, Place
from tests.faults.rows import Row
from tests.processes.programs import Forks, Server, forking

SQLITE, POSTGRESQL = "sqlite", "postgresql"


class Databases:
    """Makes a place for each row; what was started and made for it is gone afterwards."""

    def __init__(self, stack: ExitStack, engine: str, inputs: Path) -> None:
        self._stack = stack
        self._engine = engine
        self._inputs = inputs
        self._folder = stack.enter_context(memory.folder())
        self._numbers = count()

    @contextmanager
    def place(self, row: Row) -> Iterator[Place]:
        """Yield a folder and a database of a row's own, which begins as its page says."""
        folder = self._new_folder()
        with ExitStack() as stack, _settings_in(folder):
            engine = row.engine or self._engine

            def more() -> Crm:
                return Crm(stack.enter_context(self._database(engine, folder)), now=NOW)

            place = Place(
                crm=more(),
                folder=folder / "out",
                inputs=self._inputs / "import",
                forks=self._forks,
                more=more,
            )
            place.all(*row.begin)
            yield place
        shutil.rmtree(folder)

    def _new_folder(self) -> Path:
        folder = self._folder / f"row-{next(self._numbers)}"
        (folder / "out").mkdir(parents=True)
        return folder

    @contextmanager
    def _database(self, engine: str, folder: Path) -> Iterator[str]:
        """Yield the URL of a migrated database without rows."""
        if engine == SQLITE:
            path = folder / f"crm-{next(self._numbers)}.db"
            yield f"sqlite:///{shutil.copyfile(self._sqlite_template, path)}"
            return
        with self._server.copy_of(self._postgres_template) as name:
            yield self._server.url(name)

    def _forks(self, url: str) -> Forks:
        return Forks(self._forking, url)

    @cached_property
    def _forking(self) -> Server:
        return self._stack.enter_context(forking())

    @cached_property
    def _server(self) -> postgres.Databases:
        server = postgres.Databases(self._stack.enter_context(postgres.server()))
        self._stack.callback(server.close)
        return server

    @cached_property
    def _postgres_template(self) -> str:
        name = self._stack.enter_context(self._server.empty())
        _migrate(self._server.url(name))
        return name

    @cached_property
    def _sqlite_template(self) -> Path:
        path = self._folder / "template.db"
        _migrate(f"sqlite:///{path}")
        return path


def _migrate(url: str) -> None:
    engine = db.engine(url)
    migrate.upgrade(engine)
    engine.dispose()


@contextmanager
def _settings_in(folder: Path) -> Iterator[None]:
    """Have what crmctl remembers of whoever runs it be kept in `folder`."""
    settings = {"CRMCTL_CONFIG": str(folder / "config.toml"), "CRMCTL_NOW": NOW}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name in settings:
            del os.environ[name]
