"""Taking change sets back: what comes back, what goes, and what has no undo."""

import pytest
from sqlalchemy import text
from sqlmodel import select

from crmctl.domain.kinds import Entity
from crmctl.errors import NotFound, Refused
from crmctl.models.changes import Change
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal, StageEntry
from crmctl.services import changes
from crmctl.services.history import undo
from crmctl.services.integrity import check
from crmctl.services.pipeline import deals, rules, stage_history, stages
from crmctl.services.records import editing, external_ids
from crmctl.services.records.editing import Edit
from crmctl.services.tenancy import access, companies, users
from tests.services.company import Company
from tests.services.history.undoing import (
    add_deals,
    deal,
    edit,
    kept,
    last_undo,
    move,
    take_back,
    undo_change,
)
from tests.services.statements import sent_to


def test_an_edit_comes_back_in_every_column(company: Company) -> None:
    add_deals(company, "Big")
    with company.reads() as session:
        before = changes.values_of(deal(session, 1))
    ref = edit(company, 1, title="Bigger", tags=["hot"])
    assert kept(take_back(company, ref)) == {}
    with company.reads() as session:
        assert changes.values_of(deal(session, 1)) == before


def test_a_bulk_move_comes_back_with_its_history(company: Company) -> None:
    add_deals(company, "One", "Two", "Three")
    ref = move(company, "won", 1, 2, 3)
    take_back(company, ref)
    with company.reads() as session:
        assert {deal(session, n).stage for n in (1, 2, 3)} == {"lead"}
        assert {deal(session, n).entries for n in (1, 2, 3)} == {1}
        rows = (stage_history.entries(session, deal(session, n)) for n in (1, 2, 3))
        assert [len(found) for found in rows] == [1, 1, 1]


def test_undoing_an_undo_does_it_again_and_so_on(company: Company) -> None:
    add_deals(company, "One")
    refs = [move(company, "won", 1)]
    for stage in ("lead", "won", "lead", "won"):
        take_back(company, refs[-1])
        refs.append(last_undo(company))
        with company.reads() as session:
            assert deal(session, 1).stage == stage
    with company.reads() as session:
        stand = [undo.find_change(session, ref).undone_in is None for ref in refs]
    # The move stands, the first undo was undone, its undoing was not, and so on.
    assert stand == [True, False, True, False, True]


def test_created_rows_go_and_come_back_whole(company: Company) -> None:
    with company.writes() as session:
        added = deals.create(
            session, {"title": "Big", "customer_id": company.customers(session, "Ann")[0].id}
        )
        external_ids.attach(session, Entity.DEAL, "hubspot", [("7", added.id)])
    ref = session.change.ref
    with company.reads() as session:
        before = changes.values_of(deal(session, 1))
    take_back(company, ref)
    with company.reads() as session:
        for model in (Deal, Customer, StageEntry):
            assert session.exec(select(model)).all() == []
        assert external_ids.lookup(session, Entity.DEAL, "hubspot", ["7"]) == {}
    take_back(company, last_undo(company))
    with company.reads() as session:
        assert changes.values_of(deal(session, 1)) == before
        assert external_ids.lookup(session, Entity.DEAL, "hubspot", ["7"]) == {"7": before["id"]}


def test_a_created_row_goes_if_its_edits_were_undone_in_any_order(company: Company) -> None:
    ref = add_deals(company, "One")
    first = edit(company, 1, title="Two")
    second = edit(company, 1, next_step="call")
    take_back(company, first)
    take_back(company, second)
    assert kept(take_back(company, ref)) == {}
    with company.reads() as session:
        assert session.exec(select(Deal)).all() == []


def test_a_removed_stage_comes_back_with_its_deals(company: Company) -> None:
    add_deals(company, "One", "Two")
    move(company, "proposal", 1, 2)
    with company.writes() as session:
        process = rules.sales_processes(session)["default"]
        stages.remove(session, process, process.find("proposal"), process.find("lead"))
    ref = session.change.ref
    edit(company, 2, title="Edited since")
    assert kept(take_back(company, ref)) == {}
    with company.reads() as session:
        assert [deal(session, n).stage for n in (1, 2)] == ["proposal", "proposal"]
        assert deal(session, 2).title == "Edited since"


def test_an_external_id_that_changed_hands_in_one_change_goes_back(company: Company) -> None:
    add_deals(company, "One", "Two")
    with company.writes() as session:
        external_ids.attach(session, Entity.DEAL, "hubspot", [("7", deal(session, 1).id)])
    with company.writes() as session:
        external_ids.detach(session, Entity.DEAL, [deal(session, 1).id])
        external_ids.attach(session, Entity.DEAL, "hubspot", [("7", deal(session, 2).id)])
    assert kept(take_back(company, session.change.ref)) == {}
    with company.reads() as session:
        assert external_ids.lookup(session, Entity.DEAL, "hubspot", ["7"]) == {
            "7": deal(session, 1).id
        }


def test_what_a_change_created_and_removed_itself_leaves_no_trace(company: Company) -> None:
    with company.writes() as session:
        rows = company.customers(session, "Ann", "Bob")
        changes.edit(session, rows[:1], {"name": "Anna"})
        changes.remove(session, rows[:1])
    take_back(company, session.change.ref)
    take_back(company, last_undo(company))
    with company.reads() as session:
        assert [row.name for row in session.exec(select(Customer))] == ["Bob"]


def test_the_company_itself_can_be_edited_and_go_back(company: Company) -> None:
    with company.writes() as session:
        companies.edit(session, companies.find(session, None), {"name": "Emca"})
    assert kept(take_back(company, session.change.ref)) == {}
    with company.reads() as session:
        assert companies.find(session, None).name == "Acme"


def test_a_plan_writes_nothing(company: Company) -> None:
    ref = add_deals(company, "One")
    with company.reads() as session:
        plan = undo.plan(session, undo.find_change(session, ref))
        undo.rehearse(session, plan)
        assert [row.verb for row in plan.taken] == ["remove"]
        assert not session.change.written


def test_the_creation_of_the_company_has_no_undo(company: Company) -> None:
    with company.writes() as session:
        first = session.exec(select(Change)).one()
        with pytest.raises(Refused, match="created the company: no undo"):
            undo.plan(session, first)
        assert undo.last_change(session) is None


def test_a_final_change_has_no_undo(company: Company) -> None:
    with company.writes("crmctl customer erase C1") as session:
        session.change.irreversible = True
        changes.begin(session)
    with company.writes() as later, pytest.raises(Refused, match="removed data for good: no undo"):
        undo.plan(later, undo.find_change(later, session.change.ref))


def test_the_last_change_is_the_callers_own_and_no_undo(company: Company) -> None:
    add_deals(company, "One")
    with company.writes() as session:
        users.add(session, {"name": "Bob"})
    mine = session.change.ref
    with company.writes("crmctl deal edit") as session:
        access.enter(session, None, None, "Uma")
        editing.apply(session, [deal(session, 1)], Edit({"title": "Two"}))
    with company.writes() as session:
        access.enter(session, None, None, "Bob")
        deals.create(session, {"title": "Bob's"})
    with company.writes() as session:
        access.enter(session, None, None, "Uma")
        last = undo.last_change(session)
        assert last
        assert last.command == "crmctl deal edit"
        undo.carry_out(session, undo.plan(session, last))
    with company.reads() as session:
        access.enter(session, None, None, "Uma")
        before = undo.last_change(session)
        assert before
        assert before.ref == mine


def test_references_of_changes(company: Company) -> None:
    ref = add_deals(company, "One")
    with company.writes() as session:
        twin = Change(**changes.values_of(undo.find_change(session, ref)))
        twin_id = session.change.id
        twin.id, twin.ref, twin.command = twin_id, ref[:6] + "ffffff", "crmctl twin"
        changes.insert_rows(session, [twin])
    with company.reads() as session:
        assert undo.find_change(session, ref.upper()).ref == ref
        with pytest.raises(NotFound, match="could be any of") as caught:
            undo.find_change(session, ref[:6])
        assert "crmctl twin" in str(caught.value)
        assert "crmctl deal add" in str(caught.value)
        for unknown in ("ffff0000", ref[:3], "D1", "%%%%", ""):
            with pytest.raises(NotFound, match="no change answers to"):
                undo.find_change(session, unknown)


@pytest.mark.parametrize("count", [1200])
def test_a_large_import_is_undone_and_redone_in_few_statements(
    company: Company, count: int
) -> None:
    with company.writes() as session:
        people = company.customers(session, *(f"Customer {n}" for n in range(count)))
        process = rules.sales_processes(session)["default"]
        rows = [
            deals.new(session, {"title": "Big", "customer_id": person.id}, process.first(),
                      session.change.at, number)
            for number, person in enumerate(people, 1)
        ]  # fmt: skip
        deals.insert_new(session, rows)
        session.execute(text("UPDATE counters SET next = 100000"))
    with sent_to(company.engine) as sent:
        undo_change(company, session.change.ref)
    with company.reads() as session:
        assert session.exec(select(Deal).limit(1)).all() == []
        assert check.run(session) == []
    with sent_to(company.engine) as sent_again:
        undo_change(company, last_undo(company))
    with company.reads() as session:
        assert len(session.exec(select(Deal.id)).all()) == count
        assert check.run(session) == []
    assert len(sent) + len(sent_again) < 100
