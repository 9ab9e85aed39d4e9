"""Databases for the benchmarks: a company with many deals, on SQLite and on PostgreSQL."""

import gc
import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from crmctl.domain.kinds import Entity
from crmctl.models.customers import Customer
from crmctl.models.session import ChangeSet, CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import deals, rules
from crmctl.services.records import numbers
from crmctl.services.tenancy import access
from crmctl.storage import db
from tests import postgres
from tests.crm import Crm

NOW = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
#: The settings of whoever runs the benchmarks are left out.
SETTINGS = {"CRMCTL_CONFIG": os.devnull, "CRMCTL_COMPANY": "", "CRMCTL_USER": ""}
#: Rows that go into the database at once; more would only cost memory.
_BATCH = 5_000


@contextmanager
def on_both_engines(count: int) -> Iterator[dict[str, list[str]]]:
    """Yield the URLs of `count` databases of one company on each engine, without deals."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="crmctl-benchmark-"))
        made = postgres.Databases(stack.enter_context(postgres.server()))
        stack.callback(made.close)
        names = [stack.enter_context(made.empty()) for _ in range(count)]
        urls = {
            "SQLite": [f"sqlite:///{Path(folder, f'{number}.db')}" for number in range(count)],
            "PostgreSQL": [made.url(name) for name in names],
        }
        for url in (url for of_engine in urls.values() for url in of_engine):
            run(url, "init Benchmark --user Ada")
        yield urls


def run(url: str, command: str, input: str = "") -> str:
    """Run a command in this process, at a fixed time, and return what it printed."""
    # As __main__ does; the command turns it on again, with what was imported left out.
    gc.disable()
    done = Crm(url, now=NOW.isoformat())(command, input=input, env=SETTINGS)
    if done.exit_code:
        raise SystemExit(f"crmctl {command}: {done.stderr}")
    return done.stdout


def environment(url: str) -> dict[str, str]:
    """Return the environment in which a process works on the database at `url`."""
    clock = {"CRMCTL_DATABASE_URL": url, "CRMCTL_NOW": NOW.isoformat()}
    return {**os.environ, **SETTINGS, **clock}


def fill(url: str, opened: int, closed: int = 0) -> None:
    """Give the company `opened` open and `closed` closed deals of the last two years."""
    bind = db.engine(url)
    chance = random.Random(7)
    kinds = ["open"] * opened + ["closed"] * closed
    # Mixed, as they are in a company's tables: open deals do not lie together.
    chance.shuffle(kinds)
    with db.session(bind, write=True) as session:
        at = NOW - timedelta(days=800)
        session.change = ChangeSet(at=at, actor="nobody", command="benchmark")
        access.enter(session, None, None, None)
        changes.begin(session)
        customers = _customers(session)
        for start in range(0, len(kinds), _BATCH):
            _add(session, kinds[start : start + _BATCH], customers, chance)
    _gather_statistics(bind)


def _customers(session: CrmSession) -> list[Customer]:
    from crmctl.models.base import new_id

    first = numbers.take(session, Entity.CUSTOMER, 100)
    return changes.create(
        session,
        Customer,
        [
            {"id": new_id(), "number": first + step, "name": f"Customer {step}", "segment": "b2b"}
            for step in range(100)
        ],
    )


def _add(
    session: CrmSession, kinds: list[str], customers: list[Customer], chance: random.Random
) -> None:
    process = next(iter(rules.sales_processes(session).values()))
    places = {
        "open": [stage for stage in process.stages if stage.kind == "open"],
        "closed": [stage for stage in process.stages if stage.kind != "open"],
    }
    first = numbers.take(session, Entity.DEAL, len(kinds))
    made = []
    for step, kind in enumerate(kinds):
        entered = NOW - timedelta(days=chance.randrange(1, 730), seconds=chance.randrange(86_400))
        values: dict[str, Any] = {
            "title": f"Deal {first + step}",
            "amount": Decimal(chance.randrange(1_000, 90_000)),
            "customer_id": chance.choice(customers).id,
            "owner_id": session.change.actor_id,
            "expected_close": (entered + timedelta(days=chance.randrange(60, 900))).date(),
        }
        place = chance.choice(places[kind])
        made.append(deals.new(session, values, place, entered, first + step))
    deals.insert_new(session, made)


def _gather_statistics(bind: Engine) -> None:
    """Let PostgreSQL know the tables, as its autovacuum does. SQLite users never run ANALYZE."""
    if bind.dialect.name == "postgresql":
        with bind.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
