"""What two states of a row are said to differ in."""

from datetime import timedelta

from crmctl.models.base import new_id
from crmctl.models.tenants import Franchise, User
from crmctl.services import changes
from crmctl.services.history import differences
from tests.services.company import START, Company


def test_what_is_gone_has_the_name_that_it_went_with_last(company: Company) -> None:
    id = new_id()
    # Written first, so that no order of the rows but that of the time gives the last name.
    for name, hours in (("South", 2), ("North", 1)):
        company.now = START + timedelta(hours=hours)
        with company.writes() as session:
            rows = changes.create(session, Franchise, [{"id": id, "name": name}])
        with company.writes() as session:
            changes.remove(session, rows)
    with company.reads() as session:
        found = differences.names_in(session, [(User, {"franchise_id": id})])
    assert found == {id: "South"}
