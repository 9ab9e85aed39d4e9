"""Activities: whom they are about, how they are found, and what is kept of their changes."""

from datetime import timedelta

import pytest
from sqlmodel import select

from crmctl.domain.kinds import ActivityKind
from crmctl.errors import CrmError, UsageError
from crmctl.models.activities import Activity
from crmctl.models.customers import Customer
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise
from crmctl.services.history import log, undo
from crmctl.services.integrity import check
from crmctl.services.pipeline import deals
from crmctl.services.queries import activities as listed
from crmctl.services.queries import snapshot
from crmctl.services.queries.activities import ActivityFilter
from crmctl.services.records import activities, customers, editing, references
from crmctl.services.records.editing import Edit
from crmctl.services.tenancy import franchises
from tests.services.company import START, Company

CALL = {"kind": ActivityKind.CALL, "subject": "Call Ann"}
TASK = {"kind": ActivityKind.TASK, "subject": "Send offer"}


@pytest.fixture
def filled(company: Company) -> Company:
    """A company with a customer, its deal, and an activity about each."""
    with company.writes() as session:
        ann = customers.add(session, {"name": "Ann"})
        customers.add(session, {"name": "Bob"})
        deals.create(session, {"title": "Rollout", "customer_id": ann.id})
        activities.add(session, CALL, deal="D1")
        activities.add(session, {**TASK, "at": START + timedelta(days=3)}, customer="Ann")
    return company


def subjects(session: CrmSession, wanted: ActivityFilter, sort: str = "number") -> list[str]:
    return [row.activity.subject for row in listed.search(session, wanted, sort=sort).rows]


def test_numbers_count_up_and_are_found(filled: Company) -> None:
    with filled.reads() as session:
        for text in ("A2", "a2", "2", "Send offer", "offer"):
            assert references.find(session, Activity, text).subject == "Send offer"
        assert check.run(session) == []


def test_an_activity_takes_place_now(filled: Company) -> None:
    with filled.reads() as session:
        assert references.find(session, Activity, "A1").at == filled.now


def test_it_is_about_someone(company: Company) -> None:
    with company.writes() as session, pytest.raises(UsageError, match="say --deal or --customer"):
        activities.add(session, CALL)


def test_a_customer_has_the_activities_of_its_deals(filled: Company) -> None:
    with filled.reads() as session:
        assert subjects(session, ActivityFilter(customer="Ann")) == ["Call Ann", "Send offer"]
        assert subjects(session, ActivityFilter(deal="D1")) == ["Call Ann"]
        assert subjects(session, ActivityFilter(customer="Bob")) == []
        named = listed.search(session, ActivityFilter(), sort="number").rows
        assert [(row.deal, row.customer) for row in named] == [("Rollout", "Ann"), (None, "Ann")]
        assert listed.name(session, [row.activity for row in named]) == named


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ActivityFilter(kinds=[ActivityKind.CALL]), ["Call Ann"]),
        (ActivityFilter(open=True), ["Send offer"]),
        (ActivityFilter(since=START + timedelta(days=1)), ["Send offer"]),
        (ActivityFilter(until=START + timedelta(days=1)), ["Call Ann"]),
        (ActivityFilter(text="OFFER"), ["Send offer"]),
        (ActivityFilter(text="rollout"), ["Call Ann"]),
        (ActivityFilter(owner="none"), ["Call Ann", "Send offer"]),
        (ActivityFilter(owner="Uma"), []),
        (ActivityFilter(removed=True), []),
    ],
)
def test_filters(filled: Company, wanted: ActivityFilter, expected: list[str]) -> None:
    with filled.reads() as session:
        assert subjects(session, wanted) == expected


def test_a_done_task_is_not_open(filled: Company) -> None:
    with filled.writes() as session:
        row = references.find(session, Activity, "A2", lock=True)
        editing.apply(session, [row], Edit({"done_at": session.change.at}))
    with filled.reads() as session:
        assert subjects(session, ActivityFilter(open=True)) == []


@pytest.mark.parametrize("sort", ["at", "kind", "subject", "deal", "customer", "owner", "done"])
def test_every_order_has_pages(filled: Company, sort: str) -> None:
    with filled.reads() as session:
        for order in (sort, f"-{sort}"):
            whole = [r.activity.number for r in listed.search(session, ActivityFilter(),
                                                                  sort=order).rows]  # fmt: skip
            first = listed.search(session, ActivityFilter(), sort=order, limit=1)
            after = f"A{first.rows[0].activity.number}"
            rest = listed.search(session, ActivityFilter(), sort=order, after=after)
            assert (first.more, first.total) == (True, 2)
            assert [r.activity.number for r in (*first.rows, *rest.rows)] == whole


def test_the_latest_ones_come_first(filled: Company) -> None:
    with filled.writes() as session:
        for day in range(listed.LATEST):
            values = {**CALL, "subject": f"Day {day}", "at": START - timedelta(days=day + 1)}
            activities.add(session, values, deal="D1")
    with filled.reads() as session:
        ann = references.find(session, Customer, "Ann")
        page = listed.of_customer(session, ann)
        assert [row.activity.subject for row in page.rows[:3]] == [
            "Send offer",
            "Call Ann",
            "Day 0",
        ]
        assert (len(page.rows), page.total, page.more) == (10, 12, True)


def test_neither_customer_nor_deal_can_go_alone(filled: Company) -> None:
    with filled.writes() as session:
        row = references.find(session, Activity, "A2", lock=True)
        with pytest.raises(UsageError, match="A2 needs a customer or a deal"):
            editing.apply(session, [row], Edit(clear=["customer"]))
        editing.apply(session, [row], Edit(clear=["customer"], deal="D1"))
        assert (row.customer_id, row.deal_id is None) == (None, False)


def test_edits_are_logged_by_name_and_undone(filled: Company) -> None:
    with filled.writes("crmctl activity edit") as session:
        row = references.find(session, Activity, "A2", lock=True)
        editing.apply(session, [row], Edit({"subject": "Send it"}, customer="Bob", deal="D1"))
    ref = session.change.ref
    with filled.reads() as session:
        row = references.find(session, Activity, "A2")
        lines = log.of_record(session, row).rows
        assert lines[0].fields == {
            "customer": ("Ann", "Bob"),
            "deal": (None, "Rollout"),
            "subject": ("Send offer", "Send it"),
        }
        assert log.find(session, "A2") is row
    with filled.writes() as session:
        undo.carry_out(session, undo.plan(session, undo.find_change(session, ref)))
    with filled.reads() as session:
        row = references.find(session, Activity, "A2")
        assert (row.subject, row.deal_id) == ("Send offer", None)


def test_a_removed_one_is_hidden_and_comes_back(filled: Company) -> None:
    with filled.writes() as session:
        editing.remove(session, [references.find(session, Activity, "A1", lock=True)])
    with filled.reads() as session:
        assert subjects(session, ActivityFilter()) == ["Send offer"]
        assert subjects(session, ActivityFilter(removed=True)) == ["Call Ann"]
        then = snapshot.Snapshot(session, filled.now, filled.now - timedelta(seconds=30))
        assert {row.deleted_at for row in then.rows(Activity)} == {None}
    with filled.writes() as session:
        hidden = references.find(session, Activity, "A1", deleted=True, lock=True)
        editing.restore(session, [hidden])
    with filled.reads() as session:
        assert subjects(session, ActivityFilter()) == ["Call Ann", "Send offer"]


def test_what_an_activity_is_about_cannot_be_undone_from_under_it(company: Company) -> None:
    with company.writes("crmctl customer add") as session:
        customers.add(session, {"name": "Ann"})
    ref = session.change.ref
    with company.writes() as session:
        activities.add(session, CALL, customer="Ann")
    with company.writes() as session:
        plan = undo.plan(session, undo.find_change(session, ref))
        assert [effect.kept_because for effect in plan.kept()] == ["A1 Call Ann needs it"]


def test_a_franchise_sees_its_own(filled: Company) -> None:
    with filled.writes() as session:
        franchises.add(session, {"name": "North"})
        north = session.exec(select(Franchise)).one().id
        row = references.find(session, Customer, "Bob", lock=True)
        editing.apply(session, [row], Edit({"franchise_id": north}))
        activities.add(session, {**CALL, "subject": "Call Bob"}, customer="Bob")
    with filled.reads() as session:
        session.franchise_id = north
        assert subjects(session, ActivityFilter()) == ["Call Bob"]
        with pytest.raises(CrmError):
            references.find(session, Activity, "A1")
