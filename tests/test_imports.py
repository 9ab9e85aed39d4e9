"""Help and completion stay fast, because they load nothing of the database or of Rich."""

import os
import subprocess
import sys

import pytest

HEAVY = {"alembic", "psycopg", "rich", "sqlalchemy", "sqlmodel", "textual"}

PROGRAM = """
import sys
from crmctl.cli import main
code = main(sys.argv[1:])
sys.stdout.flush()
sys.stderr.write(",".join(sorted({name.partition(".")[0] for name in sys.modules})))
sys.exit(code)
"""


def _loaded(arguments: list[str], environment: dict[str, str]) -> tuple[str, set[str]]:
    """Run crmctl in a process of its own; return what it prints, and what it has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout, set(done.stderr.rsplit("\n", 1)[-1].split(","))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--help"], "Commands:"),
        (["--version"], "crmctl "),
        (["deal", "--help"], "history"),
        (["deal", "move", "--help"], "--keep-going"),
        (["customer", "--help"], "erase"),
        (["field", "add", "--help"], "--type"),
    ],
)
def test_help_loads_nothing_heavy(arguments: list[str], said: str) -> None:
    printed, loaded = _loaded(arguments, {})
    assert said in printed
    assert loaded & HEAVY == set()


@pytest.mark.parametrize(
    ("line", "offered"),
    [("crmctl de", "deal"), ("crmctl deal mo", "move"), ("crmctl deal move D1 --keep", "--keep")],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completing_a_command_loads_nothing_heavy(shell: str, line: str, offered: str) -> None:
    printed, loaded = _loaded([], completing(line, shell))
    assert offered in printed
    assert loaded & HEAVY == set()


def completing(line: str, shell: str) -> dict[str, str]:
    """Return the environment in which `shell` asks what `line` goes on with."""
    asked = {"_CRMCTL_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": line}
    words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    return asked | words | {"_TYPER_COMPLETE_FISH_ACTION": "get-args"}
