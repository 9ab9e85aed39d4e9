"""Customers that may be the same, found in a database."""

from typing import Any

from sqlmodel import select

from crmctl.domain.kinds import Entity
from crmctl.models.base import new_id
from crmctl.models.customers import Customer
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise
from crmctl.services import changes
from crmctl.services.records import duplicates, editing, external_ids, numbers
from crmctl.services.tenancy import franchises
from tests.services.company import Company
from tests.services.statements import sent_to


def add(session: CrmSession, *given: dict[str, Any]) -> list[Customer]:
    """Create customers with these values."""
    first = numbers.take(session, Entity.CUSTOMER, len(given))
    values = [{"id": new_id(), "number": n, **one} for n, one in enumerate(given, first)]
    return changes.create(session, Customer, values)


def found(session: CrmSession, least: float = 0.8) -> list[tuple[int, list[int]]]:
    """Return the numbers of the customers to keep and to merge."""
    groups = duplicates.find(session, least).groups
    return [(group.keep.number, [row.number for row, _ in group.merge]) for group in groups]


def test_all_fields_count(company: Company) -> None:
    with company.writes() as session:
        add(
            session,
            {"name": "Ann Lee", "email": "ann@x.example"},
            {"name": "Harbour Hotel Ltd", "website": "harbour.example"},
            {"name": "Lee, Ann", "email": "ann@x.example"},
            {"name": "Harbor Hotel", "email": "info@harbour.example"},
            {"name": "Bob Ray", "phone": "+49 30 1234567", "organisation": "Bolt"},
            {"name": "Ray, Bob", "phone": "030 1234567"},
            {"name": "Cid Moe", "country": "DE"},
            {"name": "Cid Moe", "country": "FR"},
        )
    with company.reads() as session:
        assert found(session) == [(1, [3]), (5, [6]), (2, [4])]
        assert found(session, 0.98) == [(1, [3]), (5, [6])]
        assert (7, [8]) in found(session, 0.2)
        cut = duplicates.find(session, 0.8, limit=2)
        assert (len(cut.groups), cut.total) == (2, 3)


def test_two_ids_in_one_system_speak_against_it(company: Company) -> None:
    with company.writes() as session:
        ann, other = add(session, {"name": "Ann Lee"}, {"name": "Ann Lee"})
        external_ids.attach(session, Entity.CUSTOMER, "hubspot", [("1", ann.id)])
        external_ids.attach(session, Entity.CUSTOMER, "", [("7", ann.id), ("8", other.id)])
    with company.reads() as session:
        assert found(session) == [(1, [2])]
    with company.writes() as session:
        external_ids.attach(session, Entity.CUSTOMER, "hubspot", [("2", other.id)])
    with company.reads() as session:
        assert found(session) == []


def test_only_those_within_reach_are_compared(company: Company) -> None:
    with company.writes() as session:
        north = franchises.add(session, {"name": "North"})
        same = {"name": "Ann Lee", "email": "ann@x.example"}
        rows = add(session, same, {**same, "franchise_id": north.id}, same,
                   {**same, "franchise_id": north.id})  # fmt: skip
        editing.remove(session, [rows[2]])
    with company.reads() as session:
        assert found(session) == [(1, [2, 4])]
        session.franchise_id = session.exec(select(Franchise)).one().id
        assert found(session) == [(2, [4])]


def test_many_customers_take_few_queries(company: Company) -> None:
    with company.writes() as session:
        add(session, *({"name": f"Ann Lee{n % 600:03}", "email": f"a{n % 600}@x.example"}
                       for n in range(1200)))  # fmt: skip
    with sent_to(company.engine) as sent, company.reads() as session:
        assert len(found(session)) == 600
    assert len(sent) < 15
