"""Runs crmctl in processes of its own, several at once, and ends them in the middle."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from tests.conftest import ROOT

#: Longer than anything here takes, so that what hangs fails.
PATIENCE = 120


@dataclass(frozen=True)
class Ended:
    """How a process ended and what it said."""

    code: int
    stdout: str
    stderr: str


class Programs:
    """Starts processes that work on one database, each as a shell does."""

    def __init__(self, url: str) -> None:
        self.environment = {**os.environ, "CRMCTL_DATABASE_URL": url}

    def start(
        self, *arguments: str, input: str = "", stdout: int = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        """Start `crmctl ARGUMENTS`."""
        process = subprocess.Popen(
            [sys.executable, "-m", "crmctl", *arguments],
            stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.PIPE, text=True,
            env=self.environment, cwd=os.getcwd(),
        )  # fmt: skip
        assert process.stdin
        process.stdin.write(input)
        process.stdin.close()
        process.stdin = None
        return process


class Server:
    """Has server.py start processes, which takes no time, and wait for them."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._numbers = count()

    def ask(self, **what: Any) -> Any:
        """Return the answer to a request."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def streams(self, input: str) -> list[Path]:
        """Return the files for the three streams of a process, the first of which holds `input`."""
        number = next(self._numbers)
        files = [self._folder / f"{number}.{name}" for name in ("in", "out", "err")]
        files[0].write_text(input, encoding="utf-8")
        return files


class Fork:
    """A process that a Server has started, to be used like one of subprocess."""

    def __init__(self, server: Server, pid: int, streams: list[Path]) -> None:
        self._server = server
        self._streams = streams
        self.pid = pid
        self.returncode: int | None = None

    def wait(self, timeout: float) -> int:
        """Return the code it ends with, or raise TimeoutExpired."""
        if self.returncode is None:
            self.returncode = self._server.ask(wait=self.pid, seconds=timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("crmctl", timeout)
        return self.returncode

    def communicate(self, timeout: float = PATIENCE) -> tuple[str, str]:
        """Wait for its end, and return what it wrote to stdout and to stderr."""
        self.wait(timeout)
        _, stdout, stderr = (file.read_text(encoding="utf-8") for file in self._streams)
        return stdout, stderr

    def said(self) -> str:
        """Return what it wrote to stderr so far."""
        # It is there as soon as the process runs.
        written = self._streams[2]
        return written.read_text(encoding="utf-8") if written.exists() else ""

    def send_signal(self, sent: int) -> None:
        """Send it a signal, unless it is known to have ended."""
        if self.returncode is None:
            os.kill(self.pid, sent)


class Forks:
    """Starts processes that work on one database, as children of a Server."""

    def __init__(self, server: Server, url: str) -> None:
        self._server = server
        self._environment = {**os.environ, "CRMCTL_DATABASE_URL": url}

    def start(self, *arguments: str, input: str = "", way: str = "command") -> Fork:
        """Start `crmctl ARGUMENTS`."""
        streams = self._server.streams(input)
        job = {
            "way": way,
            "arguments": arguments,
            "environment": self._environment,
            "folder": os.getcwd(),
            "streams": [str(file) for file in streams],
        }
        return Fork(self._server, self._server.ask(start=job), streams)

    def start_loop(self, commands: Sequence[str]) -> Fork:
        """Start a process that runs `commands` one after the other."""
        return self.start(input="".join(f"{command}\n" for command in commands), way="loop")

    def start_suicide(self, statement: int, *arguments: str, input: str = "") -> Fork:
        """Start `crmctl ARGUMENTS` in a process that kills itself before its n-th statement."""
        return self.start(str(statement), *arguments, input=input, way="suicide")

    def run(self, *arguments: str, seconds: float = PATIENCE) -> tuple[int, float]:
        """Run `crmctl ARGUMENTS`, killed after `seconds`; return its code and the time it took."""
        started = time.monotonic()
        process = self.start(*arguments)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        return process.wait(PATIENCE), time.monotonic() - started


@contextmanager
def forking() -> Iterator[Server]:
    """Start the process that the processes of Forks are children of."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "tests.processes.server"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as process,
    ):
        yield Server(process, Path(folder))


def ended(process: subprocess.Popen[str] | Fork) -> Ended:
    """Return how `process` ends; one that does not is killed and fails the test."""
    try:
        stdout, stderr = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        raise
    assert process.returncode is not None
    return Ended(process.returncode, stdout or "", stderr)


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)


@contextmanager
def blocked(engine: Engine) -> Iterator[None]:
    """Keep every writer of deals waiting."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.execution_options(crmctl_write=True)
            connection.execute(text("SELECT 1"))
        else:
            connection.execute(text("SELECT id FROM deals FOR UPDATE"))
        yield
        connection.rollback()


def until_waiting(engine: Engine, process: subprocess.Popen[str] | Fork) -> None:
    """Wait until a writer that is `blocked` has come to that."""
    if engine.dialect.name == "sqlite":
        until(lambda: engine.url.database in _open_files(process.pid))
        # It has opened the database, and asks for the lock next.
        time.sleep(0.5)
    else:
        until(lambda: waiting(engine))


def _open_files(pid: int) -> set[str]:
    """Return what files a process has open."""
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        # It may be closed by now.
        with suppress(FileNotFoundError):
            found.add(str(entry.readlink()))
    return found


def waiting(engine: Engine) -> list[int]:
    """Return the servers of the programs that wait for a lock."""
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                 " AND wait_event_type = 'Lock'")
        )  # fmt: skip
        return [pid for (pid,) in found]
