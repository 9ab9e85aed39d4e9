"""What must be so whatever eight did at once, read in plain SQL: nothing of crmctl looks here."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import psycopg

Row = dict[str, Any]

#: Rows that refer to what is gone, or come twice; each query finds none.
_NONE_OF = {
    "a live row of a customer that is merged": """
        SELECT t.id FROM {about} t JOIN customers c ON c.id = t.customer_id
        WHERE c.merged_into IS NOT NULL""",
    "a merged customer that is not removed, or is of one who is merged": """
        SELECT c.number FROM customers c JOIN customers k ON k.id = c.merged_into
        WHERE c.deleted_at IS NULL OR k.merged_into IS NOT NULL""",
    "an external id of a customer that is merged": """
        SELECT k.external_id FROM external_keys k JOIN customers c ON c.id = k.customer_id
        WHERE c.merged_into IS NOT NULL""",
    "a deal in a stage that is not there, or of another status": """
        SELECT d.number FROM deals d LEFT JOIN stages s
        ON s.pipeline = d.pipeline AND s.key = d.stage AND s.kind = d.status
        WHERE s.key IS NULL""",
    "a row of {about} of a customer or a deal that is not there": """
        SELECT t.id FROM {about} t LEFT JOIN customers c ON c.id = t.customer_id
        WHERE t.customer_id IS NOT NULL AND c.id IS NULL""",
    "an owner who is not there": """
        SELECT d.number FROM {about} d LEFT JOIN users u ON u.id = d.owner_id
        WHERE d.owner_id IS NOT NULL AND u.id IS NULL""",
    "stage history of no deal": """
        SELECT h.deal_id FROM deal_stage_history h LEFT JOIN deals d ON d.id = h.deal_id
        WHERE d.id IS NULL""",
    "an e-mail address that two customers have": """
        SELECT email FROM customers WHERE deleted_at IS NULL AND email IS NOT NULL
        GROUP BY email HAVING count(*) > 1""",
    "a customer of a file that is there twice": """
        SELECT name FROM customers WHERE deleted_at IS NULL AND name LIKE 'Fell %'
        GROUP BY name HAVING count(*) > 1""",
    "a deal that two external ids of one source mean": """
        SELECT deal_id FROM external_keys WHERE deal_id IS NOT NULL
        GROUP BY deal_id, source HAVING count(*) > 1""",
    "a deal of a file that is there twice": """
        SELECT title FROM deals WHERE title LIKE 'Import %' GROUP BY title HAVING count(*) > 1""",
    "a number that two records have": """
        SELECT number FROM {about} GROUP BY number HAVING count(*) > 1""",
    "two stages of one place": """
        SELECT position FROM stages GROUP BY pipeline, position HAVING count(*) > 1""",
    "a row by a change that is not there": """
        SELECT t.id FROM {about} t LEFT JOIN changes c ON c.id = t.changed_in
        WHERE c.id IS NULL""",
}
#: What no erasure rewrites, so that the log must lead from what it was to what it is.
_FOLLOWED = {
    "deals": ("amount", "stage", "status", "customer_id", "owner_id", "entries", "changed_in"),
    "customers": ("merged_into",),
    "activities": ("customer_id", "deal_id"),
}
#: What a row that is not there has in each of its columns.
_GONE = "gone"


class Stored:
    """A database, read by its driver alone."""

    def __init__(self, url: str) -> None:
        self._connection: Any
        if url.startswith("sqlite"):
            self._connection = sqlite3.connect(urlsplit(url).path[1:])
            self._tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
        else:
            self._connection = psycopg.connect(url.replace("+psycopg", ""))
            self._tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"

    def close(self) -> None:
        """Read no more."""
        self._connection.close()

    def rows(self, query: str) -> list[Row]:
        """Return what a query finds, ids and JSON in one form on both engines."""
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(query)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()]

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield the name of every table with all that each of its rows says."""
        for (table,) in [tuple(row.values()) for row in self.rows(self._tables)]:
            for row in self.rows(f'SELECT * FROM "{table}"'):
                yield table, " ".join(map(str, row.values()))


def _plain(value: object) -> object:
    text = str(value)
    if value is not None and len(text) in (32, 36) and not text.strip("0123456789abcdef-"):
        return text.replace("-", "")
    return value


def find_faults(stored: Stored) -> Iterator[str]:
    """Yield what must not be in a database, whatever was done."""
    for name, query in _NONE_OF.items():
        for table in ("deals", "activities") if "{about}" in query else ("",):
            if found := stored.rows(query.format(about=table)):
                yield f"{name.format(about=table)} {table}: {[*map(str, found)][:5]}"
    histories: dict[str, list[Row]] = defaultdict(list)
    for entry in stored.rows("SELECT * FROM deal_stage_history ORDER BY deal_id, position"):
        histories[entry["deal_id"]].append(entry)
    for deal in stored.rows("SELECT * FROM deals"):
        yield from _history_faults(deal, histories[deal["id"]])
    for table, columns in _FOLLOWED.items():
        yield from _log_faults(stored, table, columns)


def _history_faults(deal: Row, history: list[Row]) -> Iterator[str]:
    """Yield where a deal and its history tell two stories."""
    name = f"D{deal['number']}"
    if [entry["position"] for entry in history] != [*range(1, deal["entries"] + 1)]:
        yield f"{name} has {deal['entries']} entries, not {[e['position'] for e in history]}"
        return
    for before, entry in pairwise(history):
        if entry["from_stage"] != before["stage"]:
            yield f"{name} came from {entry['from_stage']}, but was in {before['stage']}"
        if entry["entered_at"] < before["entered_at"]:
            yield f"{name} entered {entry['stage']} before {before['stage']}"
    last = history[-1]
    for column in ("pipeline", "stage", "status"):
        if deal[column] != last[column]:
            yield f"{name} is in {deal[column]}, and its history in {last[column]}"
    if deal["stage_entered_at"] != last["entered_at"]:
        yield f"{name} is in its stage since another time than its history says"
    assumed = "closed" in str(deal["assumed"])
    closed = _last_run(history)[0]["entered_at"] if deal["status"] != "open" else None
    if deal["closed_at"] != closed and not assumed:
        yield f"{name} was closed at {deal['closed_at']}, not when its history says"


def _last_run(history: list[Row]) -> list[Row]:
    """Return the last entries of one status, the first of which closed the deal if it is closed."""
    run: list[Row] = []
    for entry in reversed(history):
        if entry["status"] != history[-1]["status"]:
            break
        run.insert(0, entry)
    return run


def _log_faults(stored: Stored, table: str, columns: tuple[str, ...]) -> Iterator[str]:
    """Yield the rows that the log does not lead to: somebody's write was lost, or is not told."""
    there = {row["id"]: row for row in stored.rows(f"SELECT * FROM {table}")}
    for row_id, edits in row_edits(stored, table).items():
        row = there.get(row_id)
        for column in columns:
            net: Counter[str] = Counter()
            for before, after in edits:
                if column in before or column in after or not (before and after):
                    net[_value(column, after)] += 1
                    net[_value(column, before)] -= 1
            net = Counter({value: count for value, count in net.items() if count})
            now = _value(column, row or {})
            # What it was at first is nowhere else; what it is now is.
            ends = sorted(net.values()) in ([], [-1, 1]) and net.get(now, 0) in (0, 1)
            if not ends or (net and net.get(now) != 1):
                yield f"{table} {row_id}: {column} is {now}, and by the log {dict(net)}"


def row_edits(stored: Stored, table: str) -> dict[str, list[tuple[Row, Row]]]:
    """Return, by row, what the log says each change made of what."""
    found: dict[str, list[tuple[Row, Row]]] = defaultdict(list)
    query = f"SELECT * FROM change_rows WHERE table_name = '{table}'"
    for edit in stored.rows(query):
        found[edit["row_key"]].append((as_json(edit["before"]), as_json(edit["after"])))
    return found


def as_json(value: Any) -> Row:
    """Return what a column of JSON holds, on either engine."""
    read = json.loads(value) if isinstance(value, str) else value
    return {name: _plain(each) for name, each in (read or {}).items()}


def _value(column: str, row: Mapping[str, Any]) -> str:
    if not row:
        return _GONE
    value = row[column]
    return str(value if column != "amount" or value is None else amount(value).normalize())


def amount(value: str | int | Decimal | None) -> Decimal:
    """Return an amount as it is: in the log it is written out, and on SQLite in ten thousandths."""
    return Decimal(value) / 10_000 if isinstance(value, int) else Decimal(value or 0)
