"""Where the commands of a row run: a database and a folder of its own, and what was seen there."""

import json
import shlex
import sqlite3
import string
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from crmctl.storage.db import sqlite_file
from tests import engines
from tests.crm import Crm, Result
from tests.faults.measured import Measured, run_measured
from tests.processes.programs import Ended, Fork, Forks, ended

#: The present of all rows, a little after their input files were written.
NOW = "2026-11-28T09:00:00Z"
#: How much of what a command has written is told of one that fails.
SHOWN = 500
Input = str | bytes


@dataclass(kw_only=True)
class Place:
    """Runs the commands of one row and keeps what is not as its page says.

    In commands, `$IN` is the folder of the input files, and `$OUT` one for what is written.
    """

    crm: Crm
    folder: Path
    inputs: Path
    forks: Callable[[str], Forks]
    more: Callable[[], Crm]
    seen: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The URL of the database."""
        return self.crm.database_url

    @property
    def sqlite(self) -> Path | None:
        """The file of the database, unless it is on a server."""
        return sqlite_file(self.url)

    def typed(self, command: str) -> list[str]:
        """Return the arguments of a command as a shell would make them."""
        folders = {"IN": str(self.inputs), "OUT": str(self.folder)}
        return shlex.split(string.Template(command).safe_substitute(folders))

    def run(self, command: str | Sequence[str], input: Input = "", **more: Any) -> Result:
        """Run a command, whatever comes of it; nothing unexpected may."""
        arguments = self.typed(command) if isinstance(command, str) else list(command)
        result = self.crm(arguments, input=input, **more)
        if "unexpected" in result.stderr or "Traceback" in result.stderr:
            self.fail(command, result, "breaks")
        return result

    def done(self, command: str | Sequence[str], *words: str, **more: Any) -> Result:
        """Run a command that must succeed and write `words`; of `a|b`, one."""
        result = self.run(command, **more)
        if result.exit_code:
            self.fail(command, result, "is refused")
        return self.tells(command, result, *words)

    def refused(self, command: str | Sequence[str], *words: str, **more: Any) -> Result:
        """Run a command that must be refused with `words`."""
        result = self.run(command, **more)
        if result.exit_code not in (1, 2, 3, 4):
            self.fail(command, result, "is not refused")
        return self.tells(command, result, *words)

    def tells(self, command: str | Sequence[str], result: Result, *words: str) -> Result:
        """Note which of `words` a command has not written."""
        told = said(result)
        for word in words:
            if not any(each.lower() in told for each in word.split("|")):
                self.fail(command, result, f"does not say '{word}'")
        return result

    def silent(self, command: str, result: Result, *words: str) -> None:
        """Note which of `words` a command has written, which it must not."""
        for word in words:
            if word.lower() in said(result):
                self.fail(command, result, f"says '{word}'")

    def same(self, what: str, found: object, expected: object) -> None:
        """Note where something is not what it must be."""
        if found != expected:
            self.seen.append(f"{what}: {_brief(found)}, and not {_brief(expected)}")

    def holds(self, what: str, condition: object) -> None:
        """Note what does not hold."""
        if not condition:
            self.seen.append(what)

    def fail(self, command: str | Sequence[str], result: Result, what: str) -> None:
        """Note that a command did something else than it must."""
        named = command if isinstance(command, str) else shlex.join(command)
        shown = " ".join(f"{result.stderr} {result.stdout}".split())
        self.seen.append(f"`{named}` {what} (exit {result.exit_code}): {_brief(shown)}")

    def all(self, *commands: str) -> None:
        """Run commands that all must succeed."""
        for command in commands:
            self.done(command)

    def json(self, command: str, **more: Any) -> Any:
        """Return what a command prints as JSON; nothing, where it does not."""
        result = self.run(f"{command} --json", **more)
        try:
            return result.json()
        except json.JSONDecodeError:
            self.fail(command, result, "prints no JSON")
            return []

    def load(self, what: str, content: Input, options: str = "", *words: str) -> Result:
        """Import `content` from a pipe; all of its rows must go in."""
        return self.done(f"import {what} - {options}", *words, input=content)

    def deals(self, *fields: str) -> list[Any]:
        """Return these fields of all deals by number; of one field, its values."""
        return _picked(self.json("deal list --status all --limit 10000"), fields)

    def customers(self, *fields: str) -> list[Any]:
        """Return these fields of all customers by number; of one field, its values."""
        return _picked(self.json("customer list --limit 10000"), fields)

    def findings(self, result: Result, certainty: str) -> list[str]:
        """Return the texts of what an import run with `--json` found out, of one certainty."""
        found = result.json()["findings"]
        return [each["text"] for each in found if each["certainty"] == certainty]

    def sound(self) -> None:
        """Note what the check of the database finds."""
        self.same("db check", self.json("db check"), [])

    def last_change(self) -> str:
        """Return what the change that was made last is called."""
        return str(self.json("log --limit 1")[0]["ref"])

    def file(self, name: str, content: Input) -> Path:
        """Write a file into `$OUT`."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def execute(self, *statements: str) -> None:
        """Change the database behind the back of crmctl."""
        with engines.shared(self.url).connect() as connection:
            connection.execution_options(crmctl_write=True)
            for statement in statements:
                connection.execute(text(statement))
            connection.commit()

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Return what the database itself answers."""
        with engines.shared(self.url).connect() as connection:
            return [tuple(found) for found in connection.execute(text(statement))]

    def together(self, *commands: str) -> list[Ended]:
        """Run commands in processes at once, and return how they ended."""
        return [ended(process) for process in [self.start(each) for each in commands]]

    def start(self, command: str) -> Fork:
        """Start a command in a process of its own."""
        return self.forks(self.url).start(*self.typed(command))

    def start_loop(self, *commands: str) -> Fork:
        """Start a process that runs `commands` one after the other."""
        typed = [shlex.join(self.typed(command)) for command in commands]
        return self.forks(self.url).start_loop(typed)

    def measured(self, command: str, **limits: int) -> Measured:
        """Run a command in a process of its own, with bounds, and measure it."""
        return run_measured(self.url, self.typed(command), **limits)

    @contextmanager
    def reader(self) -> Iterator[None]:
        """Hold a snapshot of the file of the database open."""
        with closing(sqlite3.connect(str(self.sqlite))) as connection:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM customers").fetchall()
            yield


def said(result: Result) -> str:
    """Return all that a command wrote, in small letters, with the white space of one line."""
    return " ".join(f"{result.stdout} {result.stderr}".lower().split())


def _picked(records: list[dict[str, Any]], fields: Sequence[str]) -> list[Any]:
    if len(fields) == 1:
        return [record[fields[0]] for record in records]
    return [tuple(record[name] for name in fields) for record in records]


def _brief(value: object) -> str:
    told = value if isinstance(value, str) else repr(value)
    return told if len(told) <= SHOWN else f"{told[:SHOWN]}…"
