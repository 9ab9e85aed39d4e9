"""Board and forecast on many closed deals, against the same number of open deals alone.

Each is a command run in this process by cli.main, after all imports, its output formatted and
kept: connecting, reading, adding up and drawing. The floor is the same command on a company with
the same number of open deals and no closed ones.
"""

import sys
from collections.abc import Callable

from tests.benchmarks.databases import fill, on_both_engines, run
from tests.benchmarks.timing import by_turns, heading, report

OPEN = 5_000
CLOSED = 195_000
REPEATS = 7
TARGET = 1.5
COMMANDS = ("board", "forecast", "board --json", "forecast --by owner")


def main() -> bool:
    """Measure on both engines; return whether the targets were met."""
    met = True
    with on_both_engines(2) as urls:
        for engine, (small, large) in urls.items():
            fill(small, opened=OPEN)
            fill(large, opened=OPEN, closed=CLOSED)
            heading(f"{OPEN:,} open of {OPEN + CLOSED:,} deals, {engine}", REPEATS)
            for command in COMMANDS:
                few, many = f"{command}, {OPEN:,} deals", f"{command}, {OPEN + CLOSED:,} deals"
                actions = {few: _command(small, command), many: _command(large, command)}
                met = report(by_turns(actions, REPEATS), few, {many: TARGET}) and met
    return met


def _command(url: str, command: str) -> Callable[[int], object]:
    return lambda _turn: run(url, command)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
