"""An import looks the records of its rows up, however many there are besides."""

import io
import re

from sqlalchemy import text

from crmctl.domain.importing.files.sources import read_table
from crmctl.domain.kinds import Entity
from crmctl.services import imports
from crmctl.services.records import external_ids
from tests.services.company import Company
from tests.services.statements import plan_of, sent_to


def _take(company: Company, content: str) -> None:
    with (
        company.writes() as session,
        read_table(io.BytesIO(content.encode()), "deals.csv") as table,
    ):
        imports.run(
            session, table, imports.ImportOptions(entity=Entity.DEAL), imports.ImportProgress()
        )


def test_deals_are_looked_up_by_their_ids(company: Company) -> None:
    content = "id,title,customer_email\n" + "".join(f"{n},Deal {n},\n" for n in range(200))
    _take(company, content)
    with sent_to(company.engine) as sent:
        _take(company, content)
    read = [(query, values) for query, values in sent if "FROM deals" in query]
    assert read
    if company.engine.dialect.name == "sqlite":
        for query, values in read:
            assert "(company_id=? AND id=?)" in plan_of(company.engine, query, values), query


def test_external_ids_are_looked_up_by_their_index_in_a_table_without_statistics(
    company: Company,
) -> None:
    with company.writes() as session, sent_to(company.engine) as sent:
        ids = [str(number) for number in range(2000)]
        people = company.customers(session, *ids)
        pairs = [(name, one.id) for name, one in zip(ids, people, strict=True)]
        external_ids.attach(session, Entity.CUSTOMER, "crm", pairs)
        session.scalar(text("SELECT 1"))  # waits until all are there
        # While they are not committed, another transaction knows nothing of them.
        query, values = next(one for one in sent if "FROM external_keys" in one[0])
        sqlite = company.engine.dialect.name == "sqlite"
        indexed = r"SEARCH .*external_id=\?" if sqlite else r"Index Cond: .*external_id"
        assert re.search(indexed, plan_of(company.engine, query, values))
