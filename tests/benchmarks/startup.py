"""Whole processes on SQLite, against Python importing the libraries that crmctl stands on.

The floor is `python -c "import typer, sqlmodel"`. Each command is a process of its own on a
database of 100 deals, with its output read to the end, as a shell would run it.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.databases import environment, fill, run
from tests.benchmarks.timing import by_turns, heading, report

REPEATS = 25
FLOOR = 'python -c "import typer, sqlmodel"'
#: The commands, and how often the time of the floor they may take.
COMMANDS: dict[str, float | None] = {
    "deal move 42 won": 1.25,
    "--help": None,
    "deal --help": None,
    "deal list": None,
    "board": None,
    "forecast": None,
}


def main() -> bool:
    """Measure every command; return whether the target was met."""
    with tempfile.TemporaryDirectory(prefix="crmctl-benchmark-") as folder:
        url = f"sqlite:///{Path(folder, 'crm.db')}"
        run(url, "init Benchmark --user Ada")
        fill(url, opened=100)
        heading("Whole processes, SQLite", REPEATS)
        actions = {FLOOR: _floor, **{f"crmctl {text}": _command(text, url) for text in COMMANDS}}
        results = by_turns(actions, REPEATS)
    targets = {f"crmctl {text}": target for text, target in COMMANDS.items() if target}
    return report(results, FLOOR, targets)


def _floor(_turn: int) -> None:
    subprocess.run([sys.executable, "-c", "import typer, sqlmodel"], check=True)


def _command(text: str, url: str) -> Callable[[int], None]:
    program = Path(sys.executable).with_name("crmctl")
    settings = environment(url)

    def start(turn: int) -> None:
        # A deal that is won already is not moved: every other turn takes it back.
        words = text.replace("won", ("won", "lost")[turn % 2]).split()
        subprocess.run([program, *words], env=settings, capture_output=True, check=True)

    return start


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
