"""An import looks the records of its rows up, however many there are besides."""

import io

from crmctl.importing.sources import read_table
from crmctl.kinds import Entity
from crmctl.services import imports
from tests.services.company import Company
from tests.services.statements import plan_of, sent_to


def _take(company: Company, content: str) -> None:
    with (
        company.writes() as session,
        read_table(io.BytesIO(content.encode()), "deals.csv") as table,
    ):
        imports.run(session, table, imports.Order(Entity.DEAL), imports.Course())


def test_deals_are_looked_up_by_their_ids(company: Company) -> None:
    content = "id,title,customer_email\n" + "".join(f"{n},Deal {n},\n" for n in range(200))
    _take(company, content)
    with sent_to(company.engine) as sent:
        _take(company, content)
    read = [(text, values) for text, values in sent if "FROM deals" in text]
    assert read
    if company.engine.dialect.name == "sqlite":
        for text, values in read:
            assert "(company_id=? AND id=?)" in plan_of(company.engine, text, values), text
