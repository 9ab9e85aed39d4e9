"""This tree against an earlier one: python -m tests.benchmarks.compare REVISION [ROWS].

Each command is a process of its own, and the trees take turns, so that both have the same noise.
Each has its bytecode, as what is installed has, and databases of its own, made by itself, on SQLite
and on PostgreSQL: 1,000 deals to move, and ROWS deals of 20 owners (30,000 if not said) to import
anew and once more.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests import postgres
from tests.benchmarks.databases import environment
from tests.benchmarks.imports import write_deals
from tests.benchmarks.timing import Measured, by_turns

ROWS = 30_000
MOVED = 1_000
#: Deals move to and fro between these, so that each turn has the same work.
STAGES = ("negotiation", "proposal")
_NUMBERS = "\n".join(str(number) for number in range(1, MOVED + 1))
_ROOT = Path(__file__).parents[2]
_IMPORT = "--source bench --create-missing users --as Ada"

#: How often each command is done, and what it is, by what it is called.
SHORT: Mapping[str, tuple[str, str]] = {
    "--help": ("--help", ""),
    "deal move": ("deal move 42 {stage}", ""),
    "deal list": ("deal list", ""),
    # As a terminal shows it: how many cards a pipe gets is not the same in all revisions.
    "board": ("board --cards 10", ""),
    "forecast": ("forecast", ""),
    f"deal move - of {MOVED:,}": ("deal move - {stage}", _NUMBERS),
}


def main(revision: str, rows: int = ROWS) -> None:
    """Measure both trees on both engines, and print the times of this one as ratios."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crmctl-compare-")))
        before = stack.enter_context(_checked_out(revision, folder / "before"))
        made = postgres.Databases(stack.enter_context(postgres.server()))
        stack.callback(made.close)
        trees = {"before": before, "now": _ROOT}
        write_deals(folder / "few.csv", 10**9, MOVED)
        write_deals(folder / "many.csv", 0, rows)
        urls = {
            "SQLite": {name: f"sqlite:///{folder / f'{name}.db'}" for name in trees},
            "PostgreSQL": {name: made.url(stack.enter_context(made.empty())) for name in trees},
        }
        for engine, of_tree in urls.items():
            programs = {name: _Program(trees[name], of_tree[name], folder) for name in trees}
            _measure(engine, programs, rows)


class _Program:
    """The crmctl of one tree, working on a database of its own."""

    def __init__(self, tree: Path, url: str, folder: Path) -> None:
        self._settings = {**environment(url), "PYTHONPATH": str(tree)}
        self._settings.pop("PYTHONDONTWRITEBYTECODE", None)
        self._folder = folder

    def __call__(self, command: str, input: str = "") -> None:
        done = subprocess.run(
            [sys.executable, "-m", "crmctl", *command.split()],
            env=self._settings, cwd=self._folder, input=input, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"crmctl {command}: {done.stderr}")


@contextmanager
def _checked_out(revision: str, folder: Path) -> Iterator[Path]:
    git = ["git", "-C", str(_ROOT), "worktree"]
    subprocess.run([*git, "add", "--detach", str(folder), revision], check=True)
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True)


def _measure(engine: str, programs: Mapping[str, _Program], rows: int) -> None:
    print(f"\nNow against before, {engine}, {os.cpu_count()} cores; best, in milliseconds")
    print(f"{'':30} {'before':>8} {'now':>8} {'ratio':>6}")
    for program in programs.values():
        program("init Benchmark --user Ada")
        program(f"import deals few.csv {_IMPORT}")
    for name, (command, input) in SHORT.items():
        _report(name, by_turns(_short(programs, command, input), 15))
    # The first time all is new; the next times nothing is.
    _report(f"import of {rows:,} new rows", by_turns(_importing(programs), 1, warm=0))
    _report("import of the same again", by_turns(_importing(programs), 3, warm=0))
    undoing = {name: _doing(program, "--as Ada undo") for name, program in programs.items()}
    _report(f"undo of {rows:,} rows", by_turns(undoing, 1, warm=0))
    _report("import after the undo", by_turns(_importing(programs), 1, warm=0))


def _short(
    programs: Mapping[str, _Program], command: str, input: str
) -> dict[str, Callable[[int], object]]:
    def action(program: _Program) -> Callable[[int], object]:
        return lambda turn: program(command.format(stage=STAGES[turn % 2]), input)

    return {name: action(program) for name, program in programs.items()}


def _importing(programs: Mapping[str, _Program]) -> dict[str, Callable[[int], object]]:
    command = f"import deals many.csv {_IMPORT}"
    return {name: _doing(program, command) for name, program in programs.items()}


def _doing(program: _Program, command: str) -> Callable[[int], object]:
    return lambda _turn: program(command)


def _report(name: str, results: Mapping[str, Measured]) -> None:
    before, now = (results[each].best * 1000 for each in ("before", "now"))
    print(f"{name:30} {before:8.1f} {now:8.1f} {now / before:6.2f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]))
