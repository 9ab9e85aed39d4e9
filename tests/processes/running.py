"""What a process does that tests start: the functions that server.py runs by their names."""

import json
import os
import random
import shlex
import signal
import sys

from sqlalchemy import Engine, event

from crmctl.cli import main
from tests.at_once.workload import ANY
from tests.crm import Crm


def command(arguments: list[str]) -> int:
    """Run one command."""
    return main(arguments)


def loop(_arguments: list[str]) -> int:
    """Run one command after the other, a line each on stdin."""
    return max([main(shlex.split(line)) for line in sys.stdin], default=0)


def suicide(arguments: list[str]) -> int:
    """Run a command, but be killed when about to send the n-th statement, or to commit it."""
    last, count = int(arguments[0]), 0

    def strike(*_: object) -> None:
        nonlocal count
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", strike)
    event.listen(Engine, "commit", strike)
    code = main(arguments[1:])
    sys.stderr.write(f"statements {count}\n")
    return code


def journal(arguments: list[str]) -> int:
    """Run commands, a list of words a line, and write of each how it ended, a line each."""
    crm, choice = Crm(os.environ["CRMCTL_DATABASE_URL"]), random.Random(arguments[0])
    for line in sys.stdin:
        words = json.loads(line)
        if ANY in words:
            found = crm("log --json --limit 25").json()
            refs = [each["ref"] for each in found if each["actor"].startswith("W")]
            words = [choice.choice(refs or ["none"]) if word == ANY else word for word in words]
        done = crm(words)
        sys.stdout.write(json.dumps([done.exit_code, done.stdout, done.stderr]) + "\n")
    return 0
