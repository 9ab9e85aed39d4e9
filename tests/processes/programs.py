"""Runs crmctl in processes of its own, several at once, and ends them in the middle."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, text

#: Longer than anything here takes, so that what hangs fails.
PATIENCE = 120
# Runs commands one after the other in one process, which starts once: a line each on stdin.
_LOOP = """
import shlex, sys
from crmctl.cli import main
codes = [main(shlex.split(line)) for line in sys.stdin]
sys.exit(max(codes, default=0))
"""
# Kills itself when it is about to send its n-th statement, or to commit.
_SUICIDE = """
import os, signal, sys
from sqlalchemy import Engine, event
last, count = int(sys.argv[1]), 0
def strike(*_):
    global count
    count += 1
    if count == last:
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(Engine, "before_cursor_execute", strike)
event.listen(Engine, "commit", strike)
from crmctl.cli import main
code = main(sys.argv[2:])
sys.stderr.write(f"statements {count}\\n")
sys.exit(code)
"""
# Runs commands in children of its own, which need not import anything again. A line of stdin is the
# URL of a database, the seconds until the child is killed, 0 for never, and the command. Says how
# each ended, and after how long.
_FORKS = """
import os, shlex, signal, sys, time
import chardet, clevercsv, psycopg, sqlalchemy.dialects.postgresql, sqlalchemy.dialects.sqlite
import crmctl.cli.import_, crmctl.cli.importing, crmctl.db, crmctl.services.imports.runs
import crmctl.importing.sources, crmctl.models.tables, crmctl.render.plan, crmctl.render.tables
from crmctl.cli import main
for line in sys.stdin:
    url, seconds, *command = shlex.split(line)
    started = time.monotonic()
    child = os.fork()
    if not child:
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        os.environ["CRMCTL_DATABASE_URL"] = url
        os._exit(main(command))
    if float(seconds):
        time.sleep(float(seconds))
        os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(code, time.monotonic() - started, flush=True)
"""


@dataclass(frozen=True)
class Ended:
    """How a process ended and what it said."""

    code: int
    stdout: str
    stderr: str


class Programs:
    """Starts processes that work on one database."""

    def __init__(self, url: str) -> None:
        self.environment = {**os.environ, "CRMCTL_DATABASE_URL": url}

    def start(
        self, *arguments: str, input: str = "", stdout: int = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        """Start `crmctl ARGUMENTS`."""
        return self._start(["-m", "crmctl", *arguments], input, stdout)

    def start_loop(self, commands: Sequence[str]) -> subprocess.Popen[str]:
        """Start a process that runs `commands` one after the other."""
        return self._start(["-c", _LOOP], "".join(f"{command}\n" for command in commands))

    def start_suicide(self, statement: int, *arguments: str, input: str) -> subprocess.Popen[str]:
        """Start `crmctl ARGUMENTS` in a process that kills itself before its n-th statement."""
        return self._start(["-c", _SUICIDE, str(statement), *arguments], input)

    def _start(
        self, arguments: Sequence[str], input: str, stdout: int = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.PIPE, text=True,
            env=self.environment, cwd=os.getcwd(),
        )  # fmt: skip
        assert process.stdin
        process.stdin.write(input)
        process.stdin.close()
        process.stdin = None
        return process

    def run(self, *arguments: str, input: str = "") -> Ended:
        """Run `crmctl ARGUMENTS` to its end."""
        return ended(self.start(*arguments, input=input))


class Forks:
    """Runs commands one after the other, each in a process of its own that starts at once."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, url: str, *command: str, seconds: float = 0) -> tuple[int, float]:
        """Run `crmctl COMMAND` on the database at `url`, and return its code and its time.

        It is killed after `seconds`, unless they are 0.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(shlex.join([url, str(seconds), *command]) + "\n")
        self._process.stdin.flush()
        code, taken = self._process.stdout.readline().split()
        return int(code), float(taken)


@contextmanager
def forking() -> Iterator[Forks]:
    """Start the process that the processes of Forks are children of."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", _FORKS]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        yield Forks(process)


def ended(process: subprocess.Popen[str]) -> Ended:
    """Return how `process` ends; one that does not is killed and fails the test."""
    try:
        stdout, stderr = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        raise
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
