"""Has eight work at once for as long as asked: python -m tests.at_once --minutes 10."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from crmctl.storage import db, migrate
from tests import memory, postgres
from tests.at_once import law
from tests.at_once.workload import Workload
from tests.processes.programs import Forks, forking

#: The settings of whoever runs this are left out.
_SETTINGS = {"CRMCTL_CONFIG": os.devnull, "CRMCTL_COMPANY": "", "CRMCTL_USER": "", "TZ": "UTC"}


def main() -> int:
    """Run seed after seed until the time is up; return 1 after the first against the law."""
    options = _options()
    os.environ.update(_SETTINGS)
    time.tzset()
    deadline = time.monotonic() + 60 * options.minutes
    done = 0
    with forking() as server:
        for seed in count(options.seed):
            with _database(options.engine) as url, tempfile.TemporaryDirectory() as folder:
                workload = Workload(seed, Path(folder), options.length)
                answers = law.run(workload, url, Forks(server, url), seed)
                faults = law.check(url, workload, answers)
            done += len(answers)
            worked = sum(not answer.code for answer in answers)
            sys.stdout.write(f"seed {seed}: {worked} of {len(answers)} commands worked\n")
            sys.stdout.flush()
            if faults:
                sys.stdout.write("".join(f"  {fault}\n" for fault in faults))
                if not options.keep_going:
                    return 1
            if time.monotonic() > deadline:
                break
    sys.stdout.write(f"{done} commands\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.at_once", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--length", type=int, default=30, help="commands of each of the eight")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--keep-going", action="store_true", help="look for more after a fault")
    return parser.parse_args()


@contextmanager
def _database(engine: str) -> Iterator[str]:
    """Yield the URL of a migrated database without rows, which is dropped afterwards."""
    with ExitStack() as stack:
        if engine == "sqlite":
            url = f"sqlite:///{stack.enter_context(memory.folder())}/crm.db"
        else:
            made = postgres.Databases(stack.enter_context(postgres.server()))
            stack.callback(made.close)
            url = made.url(stack.enter_context(made.empty()))
        opened = db.engine(url)
        migrate.upgrade(opened)
        opened.dispose()
        yield url


if __name__ == "__main__":
    sys.exit(main())
