"""Moving 1,000 deals in one command, against the same writes in bare SQL through the driver.

The command is `crmctl deal move - STAGE` with the numbers of 1,000 deals on stdin, run in this
process by cli.main, after all imports. Its time covers parsing the arguments, connecting, finding
and locking the deals, the rules, the writes, the commit and the printed summary. The line below
the table is the same command as a process of its own, less the process that moves one deal.

The floor connects by sqlite3 or psycopg, does in one transaction the same updates and inserts on
an equal database with the same indexes and constraints (1,000 updates of deals by primary key,
1,000 rows of deal_stage_history, one of changes and 1,000 of change_rows with the values before
and after as JSON), and commits. It is handed all keys and values ready made, so it reads nothing.
"""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

from tests.benchmarks.databases import NOW, environment, fill, on_both_engines, run
from tests.benchmarks.timing import by_turns, heading, report

COUNT = 1_000
REPEATS = 9
WARM = 2
TARGET = 4.0
#: Deals move to and fro between these, so that each turn has the same work.
STAGES = ("negotiation", "proposal")
_NAMES = "\n".join(str(number) for number in range(1, COUNT + 1))

_WRITES = {
    "deals": "UPDATE deals SET stage = {p}, status = {p}, stage_entered_at = {p}, entries = {p},"
    " changed_in = {p}, updated_at = {p} WHERE company_id = {p} AND id = {p}",
    "history": "INSERT INTO deal_stage_history (company_id, deal_id, position, pipeline,"
    " from_stage, stage, status, entered_at, actor_id, reason, amount, currency, created_in)"
    " VALUES ({p}, {p}, {p}, {p}, {p}, {p}, {p}, {p}, {p}, {p}, {p}, {p}, {p})",
    "change_rows": "INSERT INTO change_rows (company_id, change_id, position, table_name, row_key,"
    " before, after) VALUES ({p}, {p}, {p}, {p}, {p}, {p}, {p})",
}


def main() -> bool:
    """Measure on both engines; return whether the targets were met."""
    met = True
    with on_both_engines(2) as urls:
        for engine, (ours, bare) in urls.items():
            for url in (ours, bare):
                fill(url, opened=COUNT)
                run(url, f"deal move - {STAGES[1]}", _NAMES)
            met = _measure(engine, ours, bare) and met
    return met


def _measure(engine: str, ours: str, bare: str) -> bool:
    heading(f"Moving {COUNT:,} deals in one command, {engine}", REPEATS)
    floor = BareSql(bare)

    def command(turn: int) -> None:
        run(ours, f"deal move - {STAGES[turn % 2]}", _NAMES)

    results = by_turns({"bare SQL": floor.move, "crmctl deal move -": command}, REPEATS, warm=WARM)
    met = report(results, "bare SQL", {"crmctl deal move -": TARGET})
    one = _moving(ours, "1")
    whole = by_turns({"one": one, "all": _moving(ours, _NAMES)}, REPEATS)
    less = whole["all"].best - whole["one"].best
    print(f"{'whole process, less that for one deal':40} {less * 1000:8.1f}")
    return met


def _moving(url: str, names: str) -> Callable[[int], None]:
    def start(turn: int) -> None:
        command = [sys.executable, "-m", "crmctl", "deal", "move", "-", STAGES[turn % 2]]
        done = subprocess.run(
            command, input=names, env=environment(url), capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}: {done.stderr}")

    return start


class BareSql:
    """The same writes by the driver alone, with all values at hand."""

    def __init__(self, url: str) -> None:
        self._sqlite = url.startswith("sqlite")
        self._url = make_url(url)
        mark = "?" if self._sqlite else "%s"
        self._writes = {name: text.replace("{p}", mark) for name, text in _WRITES.items()}
        with self._connect() as connection:
            found = connection.execute(
                "SELECT company_id, id, amount, currency, entries, changed_in FROM deals"
            )
            self._deals = [list(row) for row in found.fetchall()]
            found = connection.execute("SELECT id FROM users")
            self._actor = found.fetchone()[0]
        connection.close()
        self._turns = {turn: self._values(turn) for turn in range(-WARM, REPEATS)}

    def _connect(self) -> Any:
        if self._sqlite:
            connection = sqlite3.connect(str(self._url.database))
            connection.execute("PRAGMA foreign_keys = ON")
            return connection
        text = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(text)

    def move(self, turn: int) -> None:
        """Move every deal to this turn's stage."""
        values = self._turns[turn]
        connection = self._connect()
        with connection:
            cursor = connection.cursor()
            cursor.execute(*values.pop("changes"))
            for name, rows in values.items():
                cursor.executemany(self._writes[name], rows)
        connection.close()

    def _values(self, turn: int) -> dict[str, Any]:
        to, left = STAGES[turn % 2], STAGES[(turn + 1) % 2]
        at = NOW.strftime("%Y-%m-%d %H:%M:%S.%f") if self._sqlite else NOW
        change: Any = uuid4().hex if self._sqlite else uuid4()
        mark = "?" if self._sqlite else "%s"
        company = self._deals[0][0]
        values: dict[str, Any] = {
            "changes": (
                "INSERT INTO changes (company_id, id, ref, at, actor_id, actor, origin, command,"
                " irreversible)"
                " VALUES ({p}, {p}, {p}, {p}, {p}, {p}, {p}, {p}, {p})".replace("{p}", mark),
                (company, change, str(change)[-12:], at, self._actor, "Ada", "cli", "x", False),
            ),
            **{name: [] for name in self._writes},
        }
        for position, deal in enumerate(self._deals, 1):
            _, key, amount, currency, entries, changed_in = deal
            now = {
                "stage": to,
                "status": "open",
                "stage_entered_at": str(at),
                "entries": entries + 1,
                "changed_in": str(change),
                "updated_at": str(at),
            }
            before = {**now, "stage": left, "entries": entries, "changed_in": str(changed_in)}
            values["deals"].append((to, "open", at, entries + 1, change, at, company, key))
            values["history"].append((company, key, entries + 1, "default", left, to, "open", at,
                                      self._actor, None, amount, currency, change))  # fmt: skip
            values["change_rows"].append((company, change, position, "deals", str(key),
                                          json.dumps(before), json.dumps(now)))  # fmt: skip
            deal[4], deal[5] = entries + 1, change
        return values


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
