"""Rows looked up by many values: all of them, whoever is asked, and in one statement."""

import pytest
from sqlalchemy import select

from crmctl.errors import Overtaken
from crmctl.models.customers import Customer
from crmctl.services import changes
from crmctl.storage.lookups import batches, by_number, rows_by
from crmctl.storage.tables import table_of
from tests.services.company import Company
from tests.services.statements import sent_to

CUSTOMERS = table_of(Customer)


def test_batches_are_in_order_and_leave_nothing_out() -> None:
    assert list(batches(range(5), 2)) == [range(0, 2), range(2, 4), range(4, 5)]
    assert list(batches([], 2)) == []


def test_rows_are_found_by_any_of_the_values_in_one_statement(company: Company) -> None:
    with company.writes() as session:
        company.customers(session, "Ann", "Bob", "Cleo")
    query = select(CUSTOMERS.c.number).order_by(CUSTOMERS.c.number)
    with company.reads() as session, sent_to(company.engine) as sent:
        found = rows_by(session, query, CUSTOMERS.c.name, ["Cleo", "Ann", "Dora"])
        assert [number for (number,) in found] == [1, 3]
        assert len(sent) == 1
        assert rows_by(session, query, CUSTOMERS.c.name, []) == ()
        assert len(sent) == 1


@pytest.mark.parametrize("unique", [False, True])
def test_a_connection_is_asked_as_a_session_is(company: Company, unique: bool) -> None:
    with company.writes() as session:
        rows = company.customers(session, "Ann", "Bob")
    query = select(CUSTOMERS.c.id, CUSTOMERS.c.name)
    with company.reads() as session:
        ids = [row.id for row in rows]
        for source in (session, session.connection()):
            found = rows_by(source, query, CUSTOMERS.c.id, ids, unique=unique)
            assert {row_id: name for row_id, name in found} == dict(
                zip(ids, ("Ann", "Bob"), strict=True)
            )


def test_records_are_locked_as_they_were_read_or_not_at_all(company: Company) -> None:
    with company.writes() as session:
        rows = company.customers(session, "Ann", "Bob")
    with company.writes() as session:
        locked = changes.lock_as_read(session, Customer, rows)
        assert [locked[row.id].name for row in rows] == ["Ann", "Bob"]
        changes.edit(session, list(locked.values())[:1], {"name": "Anna"})
    with company.writes() as session, pytest.raises(Overtaken):
        changes.lock_as_read(session, Customer, rows)


def test_the_order_by_number_is_that_of_the_numbers(company: Company) -> None:
    with company.writes() as session:
        company.customers(session, "Cleo", "Ann", "Bob")
    with company.reads() as session:
        query = select(CUSTOMERS.c.name).order_by(by_number(Customer))
        assert list(session.execute(query).scalars()) == ["Cleo", "Ann", "Bob"]
