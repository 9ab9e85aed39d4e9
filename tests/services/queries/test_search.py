"""Searching deals: a few queries however many rows there are, and by index."""

from datetime import date

from sqlalchemy import text

from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import deals, rules
from crmctl.services.queries import search
from crmctl.services.queries.search import DealFilter
from crmctl.services.records import editing
from tests.services.company import Company
from tests.services.statements import sent_to


def _fill(session: CrmSession, company: Company, count: int) -> None:
    for number, customer in enumerate(company.customers(session, *map(str, range(count)))):
        values = {"title": f"deal {number}", "customer_id": customer.id}
        deal = deals.create(session, values, stage="won" if number % 2 else None)
        editing.attach(session, deal, [f"crm:{deal.number}"])


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
        assert len(searches) == 2
        for sql, values in searches:
            assert "deal_open_idx" in _plan(session, sql, values)


def _plan(session: CrmSession, sql: str, values: object) -> str:
    connection = session.connection()
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    rows = connection.exec_driver_sql(f"{explain} {sql}", values)  # type: ignore[arg-type]
    return "\n".join(str(row) for row in rows)


def test_texts_are_sorted_by_code_point_whatever_the_database_prefers(company: Company) -> None:
    with company.writes() as session:
        for title in ("b", "B", "ä", "a"):
            deals.create(session, {"title": title})
    with company.reads() as session, sent_to(company.engine) as sent:
        page = search.deals(session, DealFilter(), sort="title")
    assert [row.deal.title for row in page.rows] == ["B", "a", "b", "ä"]
    if company.engine.dialect.name == "postgresql":
        assert any('COLLATE "C"' in statement for statement, _ in sent)
