"""Importing deals, against loading the same rows into the same table by the database's own means.

`crmctl import deals FILE` is a process of its own, from reading the file to the commit; besides the
deals it writes their stage history, their external ids and the change set. The floor loads what it
wrote into `deals`, and only that, into an equal database with the same indexes and constraints: by
COPY as psql's \\copy does on PostgreSQL, and on SQLite by the driver in one transaction, since the
.import of sqlite3 cannot write NULL.

The number of rows is 100,000, or CRMCTL_BENCHMARK_ROWS, and the fewer they are, the more turns
there are, each of which begins without deals.
"""

import csv
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from tests.benchmarks.databases import NOW, environment, on_both_engines

ROWS = int(os.environ.get("CRMCTL_BENCHMARK_ROWS", "100000"))
FEW = 10_000
#: Of many rows, one turn takes long enough to even out what else the machine does.
TURNS = max(1, 300_000 // ROWS)
#: The import may take so many times as long as the floor, and the next rows as the first ones.
TARGET = 3.0
GROWTH = 1.25
#: Mebibytes that many rows may take above a few.
MEMORY = 50
_TABLES = ("external_keys", "deal_stage_history", "deals")
_HEADER = (
    "Record ID", "Deal Name", "Amount", "Currency", "Deal Stage", "Close Date", "Create Date",
    "Owner", "Next Step", "Source",
)  # fmt: skip


_STARTER = """
import resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""


def main() -> bool:
    """Measure on both engines; return whether the targets were met."""
    met = True
    with tempfile.TemporaryDirectory() as folder, on_both_engines(1) as urls:
        few, first, second = (Path(folder, f"{name}.csv") for name in ("few", "first", "second"))
        write_deals(few, 10**9, FEW)
        write_deals(first, 0, ROWS)
        write_deals(second, ROWS, ROWS)
        for engine, (url,) in urls.items():
            met = _measure(engine, url, few, first, second) and met
    return met


def write_deals(file: Path, start: int, rows: int) -> None:
    """Write a file of deals as people are sent them, with ids from `start` on."""
    chance = random.Random(start)
    stages = ("lead", "qualified", "proposal", "negotiation", "won", "lost")
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(_HEADER)
        for number in range(start, start + rows):
            created = NOW - timedelta(days=chance.randrange(200, 900), seconds=number % 86_400)
            close = created + timedelta(days=chance.randrange(10, 190))
            amount = f"{chance.randrange(100, 99_999)}.{chance.randrange(100):02}"
            writer.writerow(
                (number, f"Deal {number} of someone", amount, "EUR", chance.choice(stages),
                 close.date(), created.isoformat(), f"Owner {number % 20}", "call back", "web")
            )  # fmt: skip


def _measure(engine: str, url: str, few: Path, first: Path, second: Path) -> bool:
    print(f"\nImporting {ROWS:,} deals, {engine}, {os.cpu_count()} cores")
    print(f"the best of {TURNS} turns, in seconds")
    _, small = _import(url, few)
    turns, large = [], 0.0
    for _ in range(TURNS):
        _empty(url)
        imports = [_import(url, file) for file in (first, first, second)]
        turns.append([*(seconds for seconds, _ in imports), _floor(url)])
        large = max(large, imports[0][1])
    ours, again, further, floor = map(min, zip(*turns, strict=True))
    checks = (
        ("the database's own means", floor, None, None),
        ("crmctl import deals", ours, ours / floor, TARGET),
        ("the same file again, to the first time", again, again / ours, 1.0),
        ("as many rows more, to the first", further, further / ours, GROWTH),
        (f"memory above {FEW:,} rows (MiB)", None, large - small, MEMORY),
    )
    print(f"{'':44} {'seconds':>8} {'ratio':>6}  target")
    met = True
    for name, seconds, ratio, target in checks:
        good = ratio is None or target is None or ratio <= target
        told = "" if target is None else f"<= {target}{'' if good else '  MISSED'}"
        shown = " " * 8 if seconds is None else f"{seconds:8.2f}"
        print(f"{name:44} {shown} {'' if ratio is None else f'{ratio:6.2f}':>6}  {told}".rstrip())
        met = met and good
    return met


def _import(url: str, file: Path) -> tuple[float, float]:
    return timed(url, *command(file))


def command(file: Path) -> tuple[str, ...]:
    """Return the arguments of crmctl that import the deals of `file`."""
    return ("import", "deals", str(file), "--source", "bench", "--create-missing", "users")


def timed(url: str, *arguments: str) -> tuple[float, float]:
    """Run crmctl in a process of its own; return the seconds and the peak of its MiB."""
    # Started by a small process: a new one begins with the peak of the one that starts it.
    started = [sys.executable, "-m", "crmctl", *arguments]
    starter = [sys.executable, "-c", _STARTER, *started]
    done = subprocess.run(starter, env=environment(url), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(started)}: {done.stderr}")
    seconds, peak = done.stdout.split()
    return float(seconds), float(peak) * (1 if sys.platform == "darwin" else 1024) / 2**20


def _empty(url: str) -> None:
    """Remove all deals, and what hangs on them, behind the back of crmctl."""
    connection = _connect(url)
    for table in _TABLES:
        connection.execute(f"DELETE FROM {table}")
    connection.commit()
    connection.close()


def _connect(url: str) -> Any:
    if url.startswith("sqlite"):
        return sqlite3.connect(str(make_url(url).database))
    text = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(text)


def _floor(url: str) -> float:
    """Take the first ROWS deals out, empty the tables, load them again, and return the seconds."""
    load = _load_sqlite if url.startswith("sqlite") else _load_postgres
    with tempfile.NamedTemporaryFile("w+b") as file:
        return load(url, file)


def _load_sqlite(url: str, file: Any) -> float:
    connection = _connect(url)
    rows = connection.execute("SELECT * FROM deals ORDER BY number LIMIT ?", (ROWS,)).fetchall()
    with open(file.name, "w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows(rows)
    marks = ", ".join("?" * len(rows[0]))
    del rows
    connection.close()
    _empty(url)
    connection = _connect(url)
    connection.execute("VACUUM")
    start = time.perf_counter()
    with open(file.name, newline="", encoding="utf-8") as opened:
        read = ([cell or None for cell in row] for row in csv.reader(opened))
        connection.executemany(f"INSERT INTO deals VALUES ({marks})", read)
    connection.commit()
    return time.perf_counter() - start


def _load_postgres(url: str, file: Any) -> float:
    with _connect(url) as connection, connection.cursor() as cursor:
        query = f"COPY (SELECT * FROM deals ORDER BY number LIMIT {ROWS}) TO STDOUT (FORMAT csv)"
        with cursor.copy(query) as copy:
            for block in copy:
                file.write(block)
    _empty(url)
    with _connect(url) as connection:
        connection.autocommit = True
        connection.execute("VACUUM FULL ANALYZE deals")
    file.seek(0)
    start = time.perf_counter()
    with (
        _connect(url) as connection,
        connection.cursor() as cursor,
        cursor.copy("COPY deals FROM STDIN (FORMAT csv)") as copy,
    ):
        for block in _blocks(lambda: file.read(1 << 16)):
            copy.write(block)
    return time.perf_counter() - start


def _blocks(read: Callable[[], bytes]) -> Iterator[bytes]:
    while block := read():
        yield block


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
