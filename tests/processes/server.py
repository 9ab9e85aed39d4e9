"""Starts crmctl in processes that need not do again what is done once: children of this one.

It is asked in lines of JSON on stdin and answers in such: `{"start": …}` with the number of a
process, `{"wait": …, "seconds": …}` with how it ended, or null if it has not.
"""

import json
import os
import signal
import sys
import time
from importlib import import_module
from pkgutil import walk_packages
from typing import Any, NoReturn

#: Most of what the processes of the tests do.
_COMMANDS = (
    "init Acme --user Uma", "user add Ben", "stage add extra", "import customers -",
    "import deals - --create-missing customers --batch 2", "customer add Ann", "deal add Weir",
    "deal edit D1 --amount 5", "deal edit D1 --customer C1", "deal move D1 D2 won --keep-going",
    "deal show D1 --json", "deal list --json", "customer edit C1 --phone +442079460000",
    "activity add note Hi --customer C1", "undo", "log --json", "customer merge C1 C2",
    "customer erase Ann --yes", "stage remove extra --move-to lead",
)  # fmt: skip


def main() -> None:
    """Answer until nobody asks any more."""
    _import_everything()
    _warm_up()
    for line in sys.stdin:
        asked = json.loads(line)
        answer = _start(**asked["start"]) if "start" in asked else _wait(**asked)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _import_everything() -> None:
    import crmctl

    for module in walk_packages(crmctl.__path__, "crmctl."):
        import_module(module.name)
    for name in ("alembic.command", "clevercsv", "psycopg", "tests.processes.running"):
        import_module(name)
    for dialect in ("postgresql", "sqlite"):
        import_module(f"sqlalchemy.dialects.{dialect}")


def _warm_up() -> None:
    """Run commands on a database of no use, so that their first time is not each process's own.

    Most of a command that runs for the first time is what Python and SQLAlchemy do once.
    """
    from tests import memory
    from tests.crm import Crm

    with memory.folder() as folder:
        crm = Crm(f"sqlite:///{folder / 'crm.db'}")
        for command in _COMMANDS:
            rows = "id,name,title\n1,Ann,Weir\n2,Bo,Lock\n3,Cy,Pier\n"
            crm(command, input=rows, env={"CRMCTL_CONFIG": os.devnull})


def _start(**job: Any) -> int:
    return os.fork() or _run(**job)


def _run(
    way: str, arguments: list[str], environment: dict[str, str], folder: str, streams: list[str]
) -> NoReturn:
    """Be the process: of its own environment and streams, in its own folder."""
    from tests.processes import running

    code = 70
    try:
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
        os.chdir(folder)
        _open(streams)
        code = getattr(running, way)(arguments)
        sys.stdout.flush()
    finally:
        os._exit(code)


def _open(streams: list[str]) -> None:
    """Open the files that are stdin, stdout and stderr from now on."""
    for number, path in enumerate(streams):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT if number else os.O_RDONLY)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115


def _wait(wait: int, seconds: float) -> int | None:
    """Return the code that a process ended with, or None if it goes on after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        pid, status = os.waitpid(wait, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.005)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
