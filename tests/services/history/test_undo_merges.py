"""What taking a change back makes of customers that were merged since: all follows the merge."""

from collections.abc import Callable

import pytest
from sqlmodel import col, select

from crmctl.domain.kinds import ActivityKind, Entity
from crmctl.models.activities import Activity
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services.history.undo_plan import UndoPlan
from crmctl.services.integrity import check
from crmctl.services.pipeline import deals
from crmctl.services.records import activities, editing, external_ids, merging, references
from crmctl.services.records.editing import Edit
from crmctl.services.records.merging import MergeRequest
from crmctl.services.records.references import ref
from tests.services.company import Company
from tests.services.history.undoing import kept, last_undo, take_back


@pytest.fixture
def people(company: Company) -> Company:
    """Three customers, the first of whom has a deal, an activity and an external id."""
    with company.writes() as session:
        ann, *_ = company.customers(session, "Ann", "Ben", "Cat")
        deals.create(session, {"title": "Weir", "customer_id": ann.id})
        activities.create(session, {"kind": ActivityKind.CALL, "subject": "Hi"}, customer="C1")
        external_ids.attach(session, Entity.CUSTOMER, "hubspot", [("7", ann.id)])
    return company


def merge(company: Company, merged: str, keep: str) -> str:
    """Merge a customer into another, and return the reference of the change."""
    with company.writes("crmctl customer merge") as session:
        merges = merging.prepare(session, [MergeRequest(keep=keep, merge=[merged])])
        merging.carry_out(session, merges)
    return session.change.ref


def give(company: Company, customer: str) -> str:
    """Give the deal and the activity to `customer`; return the reference."""
    with company.writes("crmctl deal edit") as session:
        editing.apply(session, [references.find(session, Deal, "1")], Edit(customer=customer))
        call = references.find(session, Activity, "1")
        editing.apply(session, [call], Edit(customer=customer))
    return session.change.ref


def owners(company: Company) -> set[str]:
    """Return whose the deals, the activities and the external ids are."""
    with company.reads() as session:
        query = select(Customer).where(
            col(Customer.id).in_(select(Deal.customer_id))
            | col(Customer.id).in_(select(Activity.customer_id))
            | col(Customer.id).in_(_with_key(session))
        )
        return {ref(customer) for customer in session.exec(query)}


def _with_key(session: CrmSession) -> list[object]:
    return [*external_ids.lookup(session, Entity.CUSTOMER, "hubspot", ["7"]).values()]


def test_an_edit_goes_back_to_whom_the_customer_was_merged_into(people: Company) -> None:
    edited = give(people, "C3")
    merge(people, "C1", "C2")
    assert kept(take_back(people, edited)) == {}
    assert owners(people) == {"C2"}
    take_back(people, last_undo(people))
    assert owners(people) == {"C2", "C3"}


def test_an_edit_away_from_whom_it_was_merged_into_changes_nothing(people: Company) -> None:
    edited = give(people, "C2")
    merge(people, "C1", "C2")
    plan: UndoPlan = take_back(people, edited)
    assert plan.taken == []
    assert owners(people) == {"C2"}


def test_what_comes_back_is_of_whom_its_customer_was_merged_into(people: Company) -> None:
    with people.writes() as session:
        ann = references.find(session, Customer, "C1")
        deals.create(session, {"title": "Lock", "customer_id": ann.id})
    take_back(people, session.change.ref)
    back = last_undo(people)
    merge(people, "C1", "C2")
    take_back(people, back)
    assert owners(people) == {"C2"}
    with people.reads() as session:
        assert len(session.exec(select(Deal)).all()) == 2


def test_an_external_id_comes_back_to_whom_its_customer_was_merged_into(people: Company) -> None:
    with people.writes() as session:
        row = references.find(session, Customer, "C1")
        editing.apply(session, [row], Edit(clear=["external_ids"]))
    merge(people, "C1", "C2")
    take_back(people, session.change.ref)
    assert owners(people) == {"C2"}


def add_deal(company: Company) -> None:
    """Give the customer that came back from a merge a deal."""
    with company.writes() as session:
        ann = references.find(session, Customer, "C1")
        deals.create(session, {"title": "Lock", "customer_id": ann.id})


def edit_deal(company: Company) -> None:
    """Change the deal that came back from a merge, so that it is not as the merge left it."""
    with company.writes() as session:
        deal = references.find(session, Deal, "D1")
        editing.apply(session, [deal], Edit({"title": "Sluice"}))


def merge_cat(company: Company) -> None:
    """Merge another customer into the one that came back from a merge."""
    merge(company, "C3", "C1")


@pytest.mark.parametrize("since", [add_deal, edit_deal, merge_cat])
def test_a_merge_that_is_done_again_takes_along_what_came_since(
    people: Company, since: Callable[[Company], None]
) -> None:
    take_back(people, merge(people, "C1", "C2"))
    undone = last_undo(people)
    since(people)
    assert kept(take_back(people, undone)) == {}
    assert owners(people) == {"C2"}


def test_a_merge_that_is_done_again_goes_where_its_customer_went(people: Company) -> None:
    take_back(people, merge(people, "C1", "C2"))
    undone = last_undo(people)
    merge(people, "C2", "C3")
    take_back(people, undone)
    assert owners(people) == {"C3"}


def test_a_merge_of_what_was_merged_into_it_since_is_kept(people: Company) -> None:
    take_back(people, merge(people, "C1", "C2"))
    undone = last_undo(people)
    merge(people, "C2", "C1")
    plan = take_back(people, undone)
    assert list(kept(plan)) == ["C1 Ann"]
    assert owners(people) == {"C1"}


def test_a_merge_whose_customer_was_edited_since_goes_back_all_the_same(people: Company) -> None:
    merged = merge(people, "C1", "C2")
    merge(people, "C2", "C3")
    take_back(people, merged)
    with people.reads() as session:
        assert check.run(session) == []
