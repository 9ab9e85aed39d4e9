"""Searching deals: a few queries however many rows there are, and by index."""

from datetime import date

import pytest
from sqlalchemy import text

from crmctl.domain.collation import collation_key
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import deals, rules
from crmctl.services.queries import paging, search
from crmctl.services.queries.filters import DealFilter
from crmctl.services.records import record_values
from tests.services.company import Company
from tests.services.statements import sent_to


def _fill(session: CrmSession, company: Company, count: int) -> None:
    for number, customer in enumerate(company.customers(session, *map(str, range(count)))):
        values = {"title": f"deal {number}", "customer_id": customer.id}
        deal = deals.create(session, values, stage="won" if number % 2 else None)
        record_values.attach(session, deal, [f"crm:{deal.number}"])


def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(company: Company) -> None:
    counts = []
    for more in (2, 60):
        with company.writes() as session:
            _fill(session, company, more)
        with company.reads() as session, sent_to(company.engine) as sent:
            page = search.deals(session, DealFilter(), limit=50)
            assert all(row.customer and row.external_ids for row in page.rows)
        counts.append(len(sent) - page.more)
    assert counts[0] == counts[1] <= 3


def test_open_deals_are_found_by_their_index(company: Company) -> None:
    with company.writes() as session:
        process = rules.choose(rules.sales_processes(session), None)
        changes.begin(session)
        rows = [
            deals.new(session, {"title": "x"}, process.stages[0 if n < 20 else -1], company.now, n)
            for n in range(1, 3001)
        ]
        deals.insert_new(session, rows)
        session.connection().execute(text("ANALYZE"))
    with company.reads() as session, sent_to(company.engine) as sent:
        wanted = DealFilter(status="open", stages=["lead"], close_from=date(2026, 1, 1))
        search.deals(session, wanted, limit=10)
        search.deals(session, DealFilter(status="open"), limit=10)
        searches = [(sql, values) for sql, values in sent if "LIMIT" in sql]
        assert len(searches) == 5
        for sql, values in searches:
            assert "deal_open_idx" in _plan(session, sql, values)


def _plan(session: CrmSession, sql: str, values: object) -> str:
    connection = session.connection()
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    rows = connection.exec_driver_sql(f"{explain} {sql}", values)  # type: ignore[arg-type]
    return "\n".join(str(row) for row in rows)


TITLES = [
    # in the order in which people read them
    "10 rooms", "apple", "ärger", "Banana", "Čapek", "East", "Éclair", "Edge", "l", "ł", "Lyra",
    "ö", "ø", "Œuvre", "Øre", "Österreich", "Strase", "Straße", "Tarn", "тарн", "Ярмарка",
]  # fmt: skip


def test_texts_are_in_the_order_of_readers_on_both_engines(company: Company) -> None:
    with company.writes() as session:
        for title in reversed(TITLES):
            deals.create(session, {"title": title})
        deals.create(session, {"title": "EDGE"})
    with company.reads() as session:
        found = [row.deal.title for row in search.deals(session, DealFilter(), sort="title").rows]
        back = [row.deal.title for row in search.deals(session, DealFilter(), sort="-title").rows]
        paged: list[str] = []
        after = None
        while len(paged) < len(found):
            page = search.deals(session, DealFilter(), sort="title", limit=4, after=after)
            paged += [row.deal.title for row in page.rows]
            after = f"D{page.rows[-1].deal.number}"
    assert (
        found == paged == back[::-1] == sorted(found, key=lambda each: (collation_key(each), each))
    )
    assert found == [*TITLES[:7], "EDGE", *TITLES[7:]]


def test_more_rows_than_anybody_reads_are_not_counted(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "COUNTED", 5)
    with company.writes() as session:
        for number in range(7):
            deals.create(session, {"title": f"deal {number}"})
    with company.reads() as session:
        assert search.deals(session, DealFilter(), limit=3).count == "more than 5"
        assert search.deals(session, DealFilter(), limit=10).count == "7"
        assert search.deals(session, DealFilter(text="deal 3"), limit=3).count == "1"
