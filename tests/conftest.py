"""What every test may use: databases on both engines, the command line, a clean environment."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from sqlalchemy import Engine

from tests import engines, memory, postgres
from tests.crm import Crm
from tests.snapshots import once

if TYPE_CHECKING:
    from tests.services.company import Company

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = Path(os.environ.get("CRMCTL_SHARED_DATA") or ROOT.parent / "shared" / "data")

SERVER_URL = pytest.StashKey[str]()

# Rich and Typer colour or pretend a terminal when they find one of these.
COLOUR_VARIABLES = {"CLICOLOR_FORCE", "FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS"} | {
    "TTY_COMPATIBLE",
    "TTY_INTERACTIVE",
}
XDG_FOLDERS = ("CACHE_HOME", "CONFIG_HOME", "DATA_HOME", "STATE_HOME", "RUNTIME_DIR")

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, max_examples=50)
hypothesis.settings.register_profile("long", deadline=None, max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    """Put the whole process in UTC, because `time` reads TZ only when told to.

    The processes that tests start share what was compiled, in a folder of the run, and can be
    interrupted, though a shell has what it runs in the background ignore that.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ["TZ"] = "UTC"
    time.tzset()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if "PYTHONPYCACHEPREFIX" not in os.environ:
        compiled = tempfile.TemporaryDirectory(prefix="crmctl-tests-", ignore_cleanup_errors=True)
        os.environ["PYTHONPYCACHEPREFIX"] = compiled.name
        config.add_cleanup(compiled.cleanup)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the run's one PostgreSQL server before xdist starts its workers."""
    config = session.config
    worker_input: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker_input is not None:
        config.stash[SERVER_URL] = worker_input["postgres_server"]
        return
    # A run that is told to end must stop its server too, as one that is interrupted does.
    if config.pluginmanager.hasplugin("dsession"):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    else:
        _end_after_a_test(session)
    resources = ExitStack()
    config.add_cleanup(resources.close)
    try:
        config.stash[SERVER_URL] = resources.enter_context(postgres.server())
    except Exception as error:
        pytest.exit(
            f"the tests need PostgreSQL, and it could not be started or reached: {error!r}\n"
            f"Name a server that may create databases in {postgres.SERVER_VARIABLE}.",
            returncode=pytest.ExitCode.INTERNAL_ERROR,
        )


def _end_after_a_test(session: pytest.Session) -> None:
    """Let a run that is told to end do so after the test that it is in, and at once the next time.

    An interrupt within a test may be taken for a failure of it: the command line answers it itself,
    and a callback of the garbage collector cannot raise it.
    """

    def end(number: int, frame: FrameType | None) -> None:
        if session.shouldstop:
            signal.default_int_handler(number, frame)
        session.shouldstop = "told to end"

    signal.signal(signal.SIGTERM, end)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where the server is."""
    node.workerinput["postgres_server"] = node.config.stash[SERVER_URL]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put last what takes no time, so that the workers of a run end together."""
    items.sort(key=lambda item: "domain" in item.path.parts)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the caller's settings, colours and folders from crmctl."""
    for name in list(os.environ):
        if name.startswith("CRMCTL_") or name in COLOUR_VARIABLES or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    for name, value in {"COLUMNS": "120", "NO_COLOR": "1", "TZ": "UTC"}.items():
        monkeypatch.setenv(name, value)
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    for folder in XDG_FOLDERS:
        monkeypatch.setenv(f"XDG_{folder}", str(home / folder.lower()))


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> str:
    """The URL of the server that all processes of the run share."""
    return pytestconfig.stash[SERVER_URL]


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: str) -> Iterator[postgres.Databases]:
    """Creates and drops databases; for tests that need more than one, or an empty one."""
    databases = postgres.Databases(postgres_server)
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def postgres_template(postgres_databases: postgres.Databases) -> Iterator[str]:
    """The name of a migrated database, never connected to once it is made."""
    with postgres_databases.empty() as name:
        _migrate(postgres_databases.url(name))
        yield name


@pytest.fixture(scope="session")
def sqlite_folder() -> Iterator[Path]:
    """A folder for SQLite files, in memory where there is room."""
    with memory.folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def sqlite_template(sqlite_folder: Path) -> Path:
    """A migrated SQLite file, never opened once it is made."""
    path = sqlite_folder / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


def _migrate(url: str) -> None:
    from crmctl.storage import db, migrate

    engine = db.engine(url)
    migrate.upgrade(engine)
    engine.dispose()


@pytest.fixture
def postgres_url(postgres_databases: postgres.Databases, postgres_template: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database without rows, this test's own while it runs."""
    with postgres_databases.lent(postgres_template) as name:
        yield postgres_databases.url(name)


@pytest.fixture
def sqlite_url(sqlite_template: Path) -> Iterator[str]:
    """The URL of a migrated SQLite database without rows, this test's own while it runs.

    All have the same path, so that what one test compiled is of use to the next.
    """
    folder = sqlite_template.with_name("own")
    folder.mkdir()
    yield f"sqlite:///{shutil.copyfile(sqlite_template, folder / 'crm.db')}"
    shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database without rows, on one engine and then on the other."""
    fixture = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture
def engine(database_url: str) -> Engine:
    """An engine on `database_url`, whose events are this test's own."""
    return engines.shared(database_url).execution_options()


@pytest.fixture
def on_each_engine(database_url: str) -> None:
    """Has `crm` run its test on one engine and then on the other, where the engine is the point."""


@pytest.fixture
def crm(request: pytest.FixtureRequest) -> Crm:
    """Runs commands, on SQLite: `crm("deal move 42 won").stdout`.

    A test that uses `on_each_engine`, or `engine` itself, runs them on both.
    """
    both = "database_url" in request.fixturenames
    url: str = request.getfixturevalue("database_url" if both else "sqlite_url")
    return Crm(url)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of sample files, which are too large to live in the repository."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no sample files: name their folder in CRMCTL_SHARED_DATA")
    return SHARED_DATA


@pytest.fixture
def company(engine: Engine) -> "Company":
    """A new company, on one engine and then on the other."""
    from tests.services.company import Company, make

    url = engine.url.render_as_string(hide_password=False)
    once(url, make, lambda: make(engine))
    return Company(engine)
