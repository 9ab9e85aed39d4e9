"""Undo gives no e-mail address to a customer that another, added since, has by now."""

from sqlmodel import select

from crmctl.models.customers import Customer
from crmctl.services.records import customers, editing
from crmctl.services.records.editing import Edit
from tests.services.company import Company
from tests.services.history.undoing import kept, last_undo, take_back

ANN = {"name": "Ann", "email": "ann@elm.example"}


def _addresses(company: Company) -> list[str | None]:
    with company.reads() as session:
        return [row.email for row in session.exec(select(Customer)) if row.deleted_at is None]


def _add(company: Company, **values: str) -> str:
    with company.writes() as session:
        customers.create(session, {**ANN, **values})
    return session.change.ref


def test_a_customer_added_again_does_not_come_back_beside_itself(company: Company) -> None:
    take_back(company, _add(company))
    redone = last_undo(company)
    _add(company)
    assert list(kept(take_back(company, redone)).values()) == ["C2 has its e-mail address by now"]
    assert _addresses(company) == ["ann@elm.example"]


def test_those_who_shared_an_address_share_it_again(company: Company) -> None:
    _add(company)
    take_back(company, _add(company, name="Ann of Elm"))
    assert kept(take_back(company, last_undo(company))) == {}
    assert len(_addresses(company)) == 2


def test_an_address_that_was_given_away_stays_with_its_new_customer(company: Company) -> None:
    _add(company)
    with company.writes() as session:
        ann = session.exec(select(Customer)).one()
        editing.apply(session, [ann], Edit({"email": "ann@oak.example"}))
    edited = session.change.ref
    _add(company, name="Bob")
    take_back(company, edited)
    assert sorted(map(str, _addresses(company))) == ["ann@elm.example", "ann@oak.example"]
