"""Damages files and imports them for as long as asked: python -m tests.fuzz --seconds 600."""

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
from tests import postgres
from tests.fuzz.campaign import Campaign

#: The settings of whoever runs this are left out.
_SETTINGS = {"CRMCTL_CONFIG": os.devnull, "CRMCTL_COMPANY": "", "CRMCTL_USER": "", "TZ": "UTC"}


def main() -> int:
    """Import damaged files until the time is up; return 1 after the first that breaks a promise."""
    options = _options()
    os.environ.update(_SETTINGS)
    time.tzset()
    shared = os.environ.get("CRMCTL_SHARED_DATA")
    done = 0
    with _database(options.engine) as url:
        engine = db.engine(url)
        migrate.upgrade(engine)
        campaign = Campaign(url, engine, options.seed, Path(shared) if shared else None)
        deadline = time.monotonic() + options.seconds
        for number in [options.case] if options.case is not None else count():
            if time.monotonic() > deadline:
                break
            campaign.run(campaign.case(number))
            done += 1
        engine.dispose()
    sys.stdout.write(f"{done} damaged files, and nothing to report\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", type=int, help="one case alone")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    return parser.parse_args()


@contextmanager
def _database(engine: str) -> Iterator[str]:
    """Yield the URL of an empty database that is dropped afterwards."""
    with ExitStack() as stack:
        if engine == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="crmctl-fuzz-"))
            yield f"sqlite:///{Path(folder, 'crm.db')}"
            return
        made = postgres.Databases(stack.enter_context(postgres.server()))
        stack.callback(made.close)
        yield made.url(stack.enter_context(made.empty()))


if __name__ == "__main__":
    sys.exit(main())
