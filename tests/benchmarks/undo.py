"""Undo, redo and export of imported deals, against their import.

Each command is a process of its own: a file is imported, the import undone, that undone (the redo),
and the company exported, whole and deals alone. The same is done with a few deals before, so that
it shows what memory the many take: the peak of a process that reads or writes by chunks does not
grow with them.

The number of rows is 100,000, or CRMCTL_BENCHMARK_ROWS.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.databases import on_both_engines, run
from tests.benchmarks.imports import FEW, ROWS, command, timed, write_deals

#: Undo and redo may take so many times as long as the import.
TARGET = 2.0
#: Mebibytes that each may take, and many rows above a few.
MEMORY = 300
GROWTH = 50


def main() -> bool:
    """Measure on both engines; return whether the targets were met."""
    met = True
    with tempfile.TemporaryDirectory() as folder, on_both_engines(2) as urls:
        for engine, (small, large) in urls.items():
            few = dict(_measure(small, Path(folder, f"{engine}-few"), FEW))
            met = _report(engine, few, dict(_measure(large, Path(folder, engine), ROWS))) and met
    return met


def _measure(url: str, folder: Path, rows: int) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield what was done with so many deals, each with its seconds and its MiB."""
    folder.mkdir()
    file = folder / "deals.csv"
    write_deals(file, 0, rows)
    yield "import", timed(url, *command(file))
    yield "undo", timed(url, "--as", "Ada", "undo")
    undo = json.loads(run(url, "--as Ada log --limit 1 --json"))[0]["ref"]
    yield "redo", timed(url, "--as", "Ada", "undo", undo)
    yield "export deals", timed(url, "export", "deals", str(folder / "exported.csv"))
    yield "export all", timed(url, "export", "all", str(folder / "archive"))


def _report(
    engine: str, few: dict[str, tuple[float, float]], many: dict[str, tuple[float, float]]
) -> bool:
    print(f"\nUndo, redo and export of {ROWS:,} imported deals, {engine}, {os.cpu_count()} cores")
    print(f"in seconds, as ratios to the import; peak in MiB, and above {FEW:,} deals")
    print(f"{'':14} {'seconds':>8} {'ratio':>6} {'peak':>6} {'above':>6}  targets")
    met = True
    for name, (seconds, peak) in many.items():
        ratio, above = seconds / many["import"][0], peak - few[name][1]
        slow = name in ("undo", "redo") and ratio > TARGET
        good = not slow and peak <= MEMORY and above <= GROWTH
        wanted = f"<= {TARGET}, " if name in ("undo", "redo") else ""
        told = f"{wanted}{MEMORY} MiB, {GROWTH} above{'' if good else '  MISSED'}"
        print(f"{name:14} {seconds:8.2f} {ratio:6.2f} {peak:6.0f} {above:6.0f}  {told}")
        met = met and good
    return met


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
