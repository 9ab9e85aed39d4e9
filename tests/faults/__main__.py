"""Runs the commands of the pages of faults in order, and says of each row what came of it.

    python -m tests.faults --inputs DIR [--only B7 I12] [--database postgresql] [--slow]

DIR holds the two pages and the input files. It ends with 1 if something is not as the last column
of its row says.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests import postgres
from tests.conftest import SHARED_DATA
from tests.faults.databases import POSTGRESQL, SQLITE, Databases
from tests.faults.rows import Row, all_rows

INPUTS = SHARED_DATA.parent / "faults"
#: The settings of whoever runs this are left out.
_SETTINGS = {"COLUMNS": "120", "NO_COLOR": "1", "TZ": "UTC"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rows that are asked for; return 1 if one is not as its page says."""
    options = _options(arguments)
    _hide_settings(options.database)
    began = time.monotonic()
    counts = {"ok": 0, "FAILED": 0, "skipped": 0}
    with ExitStack() as stack:
        databases = Databases(stack, options.database.partition(":")[0], options.inputs)
        for row in _asked(all_rows(), options.only):
            started = time.monotonic()
            state, seen = _outcome(row, databases, options)
            counts[state] += 1
            first = f"{row.id:<4} {state:<8} {row.about} ({time.monotonic() - started:.1f} s)"
            lines = [first, *(f"       {one}" for one in seen)]
            sys.stdout.write("\n".join([*lines, ""]))
            sys.stdout.flush()
    told = ", ".join(f"{number} {state}" for state, number in counts.items())
    sys.stdout.write(f"{told}, in {time.monotonic() - began:.0f} s\n")
    return int(counts["FAILED"] > 0)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--inputs", type=Path, default=INPUTS, help="the folder of the pages")
    parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="rows such as B7")
    parser.add_argument(
        "--database", default=SQLITE, metavar="ENGINE",
        help="sqlite, postgresql (a server is started), or the URL of a server",
    )  # fmt: skip
    parser.add_argument("--slow", action="store_true", help="large files, too: some minutes")
    return parser.parse_args(arguments)


def _hide_settings(database: str) -> None:
    for name in [name for name in os.environ if name.startswith("CRMCTL_")]:
        if name != postgres.SERVER_VARIABLE:
            del os.environ[name]
    os.environ.update(_SETTINGS)
    time.tzset()
    if database.startswith(f"{POSTGRESQL}:"):
        os.environ[postgres.SERVER_VARIABLE] = database


def _asked(rows: list[Row], only: Sequence[str]) -> list[Row]:
    wanted = {id.upper() for id in only}
    unknown = wanted - {row.id for row in rows}
    if unknown:
        sys.exit(f"there are no rows {', '.join(sorted(unknown))}")
    return [row for row in rows if not wanted or row.id in wanted]


def _outcome(
    row: Row, databases: Databases, options: argparse.Namespace
) -> tuple[str, Sequence[str]]:
    """Return what became of a row, and what is not as its page says, or why it was not run."""
    absent = [name for name in row.files if not (options.inputs / "import" / name).is_file()]
    if absent:
        return "skipped", [f"no {', '.join(absent)}: name the folder of the pages by --inputs"]
    if row.slow and not options.slow:
        return "skipped", ["only with --slow"]
    seen = run_row(row, databases)
    return ("FAILED" if seen else "ok"), seen


def run_row(row: Row, databases: Databases) -> list[str]:
    """Run the commands of a row, and return what is not as its page says."""
    with databases.place(row) as place:
        try:
            row.run(place)
        except Exception as error:
            place.seen.append(f"it breaks off: {error!r}")
        return place.seen


if __name__ == "__main__":
    sys.exit(main())
