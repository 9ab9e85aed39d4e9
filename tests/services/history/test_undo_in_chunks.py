"""Taking back more rows than are in memory at a time: nothing differs from taking back few."""

from decimal import Decimal

import pytest
from sqlmodel import col, select

from crmctl.models.customers import Customer
from crmctl.models.deals import Deal, StageEntry
from crmctl.services import changes
from crmctl.services.history import row_changes, undo_plan
from crmctl.services.pipeline import deals
from crmctl.services.records import editing, external_ids, types
from crmctl.services.records.editing import Edit
from tests.services.company import Company
from tests.services.history.undoing import add_fields, deal, edit, kept, last_undo, move, take_back

ROWS = 11


@pytest.fixture
def company_of_many(company: Company, monkeypatch: pytest.MonkeyPatch) -> tuple[Company, str]:
    """A company with customers, deals, history and external ids of one change; few in memory."""
    monkeypatch.setattr(row_changes, "CHUNK", 3)
    with company.writes() as session:
        people = company.customers(session, *(f"Customer {n}" for n in range(ROWS // 2)))
        for n in range(ROWS):
            values = {
                "title": f"Deal {n}",
                "customer_id": people[n % len(people)].id,
                "amount": Decimal(n),
            }
            added = deals.create(session, values)
            external_ids.attach(session, types.entity_of(Deal), "hubspot", [(str(n), added.id)])
    return company, session.change.ref


def _rows(company: Company) -> list[list[tuple[object, ...]]]:
    with company.reads() as session:
        return [
            sorted(
                (tuple(changes.values_of(row).items()) for row in session.exec(select(model))),
                key=repr,
            )
            for model in (Customer, Deal, StageEntry)
        ]


def test_created_rows_go_come_back_and_go_again(company_of_many: tuple[Company, str]) -> None:
    company, ref = company_of_many
    before = _rows(company)
    for _ in range(2):
        plan = take_back(company, ref)
        assert (kept(plan), _rows(company)) == ({}, [[], [], []])
        assert dict(plan.counts) == {"remove": ROWS + ROWS // 2}
        plan = take_back(company, last_undo(company))
        assert (kept(plan), _rows(company)) == ({}, before)
        assert dict(plan.counts) == {"restore": ROWS + ROWS // 2}
        ref = last_undo(company)


def test_what_others_built_on_stays_with_all_that_it_needs(
    company_of_many: tuple[Company, str],
) -> None:
    company, ref = company_of_many
    later = edit(company, 7, title="Mine")
    with company.writes() as session:
        person = session.exec(select(Customer).where(col(Customer.number) == 3)).one()
        deals.create(session, {"title": "Other", "customer_id": person.id})
    for number in range(2):
        plan = take_back(company, ref)
        assert kept(plan) == {
            "C2 Customer 1": "D7 Mine needs it",
            "C3 Customer 2": f"D{ROWS + 1} Other needs it",
            "D7 Mine": f"changed since by Uma in {later[:8]}",
        }, number
        with company.reads() as session:
            left = session.exec(select(Deal.title).order_by(col(Deal.number))).all()
            assert left == ["Mine", "Other"]
        take_back(company, last_undo(company))


def test_a_bulk_edit_goes_back_but_for_what_was_edited_since(
    company_of_many: tuple[Company, str],
) -> None:
    company, _ = company_of_many
    before = _rows(company)
    add_fields(company, "seats", "size")
    with company.writes("crmctl deal edit --all") as session:
        rows = session.exec(select(Deal).order_by(col(Deal.number))).all()
        values = {"amount": Decimal(99), "next_step": "call", "custom": {"seats": 1, "size": 2}}
        editing.apply(session, rows, Edit(values))
    ref = session.change.ref
    later = edit(company, 5, amount=Decimal(7), custom={"seats": 9, "size": 2})
    plan = take_back(company, ref)
    assert kept(plan) == {"D5 Deal 4": f"amount, seats changed since by Uma in {later[:8]}"}
    with company.reads() as session:
        mine = deal(session, 5)
        assert (mine.amount, mine.next_step) == (Decimal(7), None)
        assert mine.custom == {"seats": 9}
    take_back(company, last_undo(company))
    take_back(company, later)
    assert kept(take_back(company, ref)) == {}
    assert _rows(company) == before


def test_a_bulk_move_goes_back_with_its_history(company_of_many: tuple[Company, str]) -> None:
    company, _ = company_of_many
    before = _rows(company)
    ref = move(company, "won", *range(1, ROWS + 1))
    moved = _rows(company)
    take_back(company, ref)
    assert _rows(company) == before
    take_back(company, last_undo(company))
    assert _rows(company) == moved


def test_names_are_bounded_and_all_rows_are_counted(
    company_of_many: tuple[Company, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    company, ref = company_of_many
    monkeypatch.setattr(undo_plan, "NAMED", 4)
    for number in range(1, 7):
        edit(company, number, title="Mine")
    plan = take_back(company, ref)
    assert len(plan.kept()) == len(plan.taken) == 4
    assert plan.kept_count == 6 + ROWS // 2
    assert plan.counts["remove"] == ROWS - 6
