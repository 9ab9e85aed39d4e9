"""What people install: the wheel works by itself, and the checks can be run from the sdist."""

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from crmctl.storage import migrate
from tests.postgres import SERVER_VARIABLE

ROOT = Path(__file__).resolve().parents[1]


def build(kind: str, source: Path, folder: Path) -> Path:
    """Return the `kind` of distribution of `source`, built in `folder` without the network."""
    subprocess.run(
        [sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", folder, source],
        check=True, capture_output=True,
    )  # fmt: skip
    (built,) = (path for path in folder.iterdir() if path.suffix in (".whl", ".gz"))
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the sdist of this checkout unpacks to."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(build("sdist", ROOT, folder)) as archive:
        # The first releases of Python 3.11 know no filters.
        safe: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        archive.extractall(folder, **safe)
    (root,) = (path for path in folder.iterdir() if path.is_dir())
    return root


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the contents of the wheel, as `pip install --target` leaves them."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed crmctl in `folder`, where nothing of the checkout can be found."""
    program = "import crmctl, crmctl.__main__ as m; m.main()"
    return subprocess.run(
        # -P keeps the working folder, and with it the checkout, out of what can be imported.
        [sys.executable, "-P", "-c", program, *arguments],
        capture_output=True, text=True, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
    )  # fmt: skip


def test_the_installed_program_is_the_one_of_the_wheel(installed: Path, tmp_path: Path) -> None:
    where = subprocess.run(
        [sys.executable, "-P", "-c",
         "import crmctl, crmctl.storage.migrate as m; print(crmctl.__file__, m.scripts())"],
        capture_output=True, text=True, cwd=tmp_path, check=True,
        env={**os.environ, "PYTHONPATH": str(installed)},
    )  # fmt: skip
    package = installed / "crmctl"
    assert where.stdout.split() == [str(package / "__init__.py"), str(package / "_migrations")]


def test_the_version_is_that_of_the_project(installed: Path, tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    done = run(installed, tmp_path, "--version")
    assert (done.returncode, done.stdout) == (0, f"crmctl {project['version']}\n")


def test_the_schema_can_be_made_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    database = str(tmp_path / "crm.db")
    done = run(installed, tmp_path, "db", "migrate", "--database", database)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr.endswith(f"to {migrate.head()}\n")
    assert run(installed, tmp_path, "init", "Acme", "--database", database).returncode == 0
    listed = run(installed, tmp_path, "stage", "list", "--json", "--database", database)
    assert listed.returncode == 0
    assert '"lead"' in listed.stdout


def test_the_wheel_holds_what_runs_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "crmctl").rglob("*")
             if path.is_file() and "__pycache__" not in path.parts}  # fmt: skip
    migrations = {f"crmctl/_migrations/{path.relative_to(ROOT / 'migrations').as_posix()}"
                  for path in (ROOT / "migrations").rglob("*")
                  if path.is_file() and "__pycache__" not in path.parts}  # fmt: skip
    shipped = {name for name in names if not re.match(r"crmctl-[^/]+\.dist-info/", name)}
    assert shipped == files | migrations
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert any(name.endswith("/entry_points.txt") for name in names)


def files_in(folder: Path) -> set[str]:
    """Return the files below `folder`, but for what Python leaves there."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts}  # fmt: skip


def test_the_sdist_holds_all_that_the_checks_need(unpacked: Path) -> None:
    for part in (".ci", "crmctl", "migrations", "tests"):
        assert files_in(unpacked / part) == files_in(ROOT / part), part
    texts = {path.name for path in ROOT.iterdir() if path.suffix in (".md", ".ini", ".toml")}
    assert texts | {"LICENSE"} <= {path.name for path in unpacked.iterdir()}


def test_the_documents_are_checked_where_the_sdist_is_unpacked(
    unpacked: Path, postgres_server: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_docs.py",
         "-k", "set_up or ci_runs or documented"],
        cwd=unpacked, capture_output=True, text=True,
        env={**os.environ, SERVER_VARIABLE: postgres_server},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_wheel_of_the_sdist_is_that_of_the_checkout(
    unpacked: Path, wheel: Path, tmp_path: Path
) -> None:
    again = build("wheel", unpacked, tmp_path)
    with zipfile.ZipFile(again) as made, zipfile.ZipFile(wheel) as expected:
        assert set(made.namelist()) == set(expected.namelist())
