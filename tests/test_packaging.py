"""What people install: the wheel holds the migrations and templates, and works by itself."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from crmctl import migrate

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True, capture_output=True,
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


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
         "import crmctl, crmctl.migrate as m; print(crmctl.__file__, m.scripts())"],
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
