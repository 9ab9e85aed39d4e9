"""The queries of the board and of the forecast read the partial indexes, on both engines."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from crmctl.domain.kinds import Entity, Period
from crmctl.models.customers import Customer
from crmctl.services import changes
from crmctl.services.forecasting.forecast import forecast
from crmctl.services.pipeline import deals, rules
from crmctl.services.queries.board import board
from crmctl.services.queries.snapshot import Snapshot
from crmctl.services.records import numbers
from tests.services.company import Company
from tests.services.statements import plan_of, sent_to

OPEN, CLOSED = 100, 4_000
#: Among as many closed deals as these, an index is worth its while to any planner.
_DAYS = 2_000


@pytest.fixture
def many(company: Company) -> Company:
    """A company with many closed deals and few open ones."""
    with company.writes() as session:
        stages = {
            stage.key: stage for stage in next(iter(rules.sales_processes(session).values())).stages
        }
        people = company.customers(session, *(f"Customer {n}" for n in range(20)))
        first = numbers.take(session, Entity.DEAL, OPEN + CLOSED)
        rows = []
        for n in range(OPEN + CLOSED):
            stage = stages["lead"] if n % (CLOSED // OPEN + 1) == 0 else stages["won"]
            entered = company.now - timedelta(days=n % _DAYS, seconds=n)
            values: dict[str, Any] = {
                "title": f"Deal {n}",
                "amount": Decimal(n),
                "customer_id": people[n % 20].id,
                "expected_close": (entered + timedelta(days=90)).date(),
            }
            rows.append(deals.new(session, values, stage, entered, first + n))
        deals.insert_new(session, rows)
    if company.engine.dialect.name == "postgresql":
        with company.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    return company


def _by(by: Period) -> Callable[[Snapshot], object]:
    return lambda snapshot: forecast(snapshot, by)


SCREENS: dict[str, Callable[[Snapshot], object]] = {
    "board": lambda snapshot: board(snapshot, cards=10),
    "board --owner": lambda snapshot: board(snapshot, owner="Uma", cards=10),
    "board --segment": lambda snapshot: board(snapshot, segment="SMB", cards=10),
    **{f"forecast --by {by}": _by(by) for by in Period},
}


def _sent(company: Company, screen: str, then: datetime | None) -> list[tuple[str, Any]]:
    with company.reads() as session, sent_to(company.engine) as sent:
        SCREENS[screen](Snapshot(session, company.now, then))
    return [(text, values) for text, values in sent if "FROM deals" in text]


def test_only_open_and_lately_closed_deals_are_read(many: Company) -> None:
    for screen in SCREENS:
        read = _sent(many, screen, None)
        assert read
        for text, values in read:
            plan = plan_of(many.engine, text, values)
            # Few customers may be in a segment, so that their deals are the quicker way.
            few = "--segment" in screen and "deal_customer_idx" in plan
            assert few or "deal_open_idx" in plan or "deal_closed_idx" in plan, plan
            _no_scan(plan)


def test_of_the_past_only_what_changed_since_is_read_besides(many: Company) -> None:
    then = many.now
    with many.writes() as session:
        changes.edit(session, [session.exec(select(Customer).limit(1)).one()], {"name": "New"})
    for screen in SCREENS:
        read = _sent(many, screen, then)
        assert read
        for text, values in read:
            plan = plan_of(many.engine, text, values)
            changed = "deals.id IN (SELECT" in text or "deal_change_idx" in plan
            of_changed = "customers" in text or "deals.customer_id IN (SELECT" in text
            of_changed = of_changed and "deal_customer_idx" in plan
            if not changed and not of_changed:
                assert "deal_open_idx" in plan or "deal_closed_idx" in plan, plan
            _no_scan(plan)


def _no_scan(plan: str) -> None:
    assert "SCAN deals" not in plan
    assert "Seq Scan on deals" not in plan


@pytest.mark.parametrize("screen", SCREENS)
def test_the_number_of_queries_does_not_grow_with_the_deals(company: Company, screen: str) -> None:
    counts = []
    for _ in range(2):
        with company.writes() as session:
            for person in company.customers(session, "Ann", "Bo", "Cid"):
                deals.create(session, {"title": person.name, "customer_id": person.id})
        with company.reads() as session, sent_to(company.engine) as sent:
            SCREENS[screen](Snapshot(session, company.now))
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 10
