"""Which rows a session may see: a row in memory is judged as queries judge those they find."""

from sqlmodel import col, select

from crmctl.models.customers import Customer
from crmctl.services import changes
from crmctl.services.tenancy import franchises
from crmctl.storage.scope import in_franchise, sees
from tests.services.company import Company


def test_a_row_in_memory_is_seen_where_a_query_finds_it(company: Company) -> None:
    with company.writes() as session:
        north, south = (franchises.add(session, {"name": name}).id for name in ("North", "South"))
        for row, home in zip(
            company.customers(session, "Ann", "Bob", "Cleo"), (north, south, None), strict=True
        ):
            changes.edit(session, [row], {"franchise_id": home})
    query = select(Customer).order_by(col(Customer.number))
    with company.reads() as session:
        rows = session.exec(query).all()
        for session.franchise_id in (None, north, south):
            found = session.exec(query.where(*in_franchise(session, Customer))).all()
            assert found == [row for row in rows if sees(session, row.franchise_id)]
