"""Taking change sets back: what comes back, what goes, and what is kept because of others."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from crmctl.domain.kinds import Entity, FieldType
from crmctl.errors import NotFound, Refused
from crmctl.models.changes import Change
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.session import CrmSession
from crmctl.models.tenants import User
from crmctl.services import changes
from crmctl.services.history import undo
from crmctl.services.history.row_changes import UndoPlan, name_of
from crmctl.services.integrity import check
from crmctl.services.pipeline import deals, moves, pipelines, rules, stage_history, stages
from crmctl.services.pipeline.pipeline_files import template
from crmctl.services.records import custom_fields, editing, external_ids
from crmctl.services.records.editing import Edit
from crmctl.services.tenancy import access, companies, users
from tests.services.company import Company


def add_deals(company: Company, *titles: str) -> str:
    """Create deals in one change set, and return its reference."""
    with company.writes("crmctl deal add") as session:
        for title in titles:
            deals.create(session, {"title": title})
    return session.change.ref


def add_fields(company: Company, *keys: str) -> str:
    """Declare custom fields of deals in one change set, and return its reference."""
    with company.writes("crmctl field add") as session:
        for key in keys:
            custom_fields.add(session, Entity.DEAL, key, None, FieldType.NUMBER)
    return session.change.ref


def move(company: Company, stage: str, *numbers: int) -> str:
    """Move deals in one change set, and return its reference."""
    with company.writes(f"crmctl deal move {stage}") as session:
        chosen = [deal(session, number) for number in numbers]
        reason = "price" if stage == "lost" else None
        moves.move(session, chosen, stage, moves.MoveOptions(lost_reason=reason))
    return session.change.ref


def edit(company: Company, number: int, **values: object) -> str:
    """Edit a deal, and return the reference of the change set."""
    with company.writes("crmctl deal edit") as session:
        editing.apply(session, [deal(session, number)], Edit(values))
    return session.change.ref


def deal(session: CrmSession, number: int) -> Deal:
    """Return the deal with this number."""
    mine = select(Deal).where(col(Deal.company_id) == session.company_id)
    return session.exec(mine.where(col(Deal.number) == number)).one()


def take_back(company: Company, ref: str) -> UndoPlan:
    """Undo a change set, look for anything that this broke, and return what was done."""
    with company.writes("crmctl undo") as session:
        plan = undo.plan(session, undo.find_change(session, ref, lock=True), lock=True)
        undo.carry_out(session, plan)
    with company.reads() as session:
        assert check.run(session) == []
    return plan


def last_undo(company: Company) -> str:
    """Return the reference of the newest change set that took another back."""
    with company.reads() as session:
        query = select(Change).where(col(Change.undoes).is_not(None))
        found = session.exec(query.order_by(col(Change.at).desc())).first()
        assert found
        return found.ref


def kept(plan: UndoPlan) -> dict[str, str]:
    """Return the records that a plan keeps, with the reasons."""
    return {name_of(e.model, e.known): e.kept_because for e in plan.kept() if e.kept_because}


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


def test_what_was_edited_since_in_other_fields_is_merged(company: Company) -> None:
    add_deals(company, "Big")
    add_fields(company, "seats", "size")
    ref = edit(company, 1, title="Bigger", custom={"seats": 3})
    edit(company, 1, next_step="call", custom={"seats": 3, "size": 9})
    assert kept(take_back(company, ref)) == {}
    with company.reads() as session:
        found = deal(session, 1)
        assert (found.title, found.next_step, found.custom) == ("Big", "call", {"size": 9})
        assert found.changed_in != undo.find_change(session, ref).id


def test_what_was_edited_since_in_the_same_field_is_kept_whole_and_named(company: Company) -> None:
    add_deals(company, "One", "Two")
    ref = move(company, "proposal", 1, 2)
    later = move(company, "won", 2)
    plan = take_back(company, ref)
    assert kept(plan) == {"D2 Two": f"changed since by Uma in {later[:8]}"}
    with company.reads() as session:
        assert [deal(session, n).stage for n in (1, 2)] == ["lead", "won"]
        assert len(stage_history.entries(session, deal(session, 2))) == 3


def test_there_and_back_since_is_an_edit_of_the_stage(company: Company) -> None:
    add_deals(company, "One")
    ref = move(company, "proposal", 1)
    move(company, "lead", 1)
    assert list(kept(take_back(company, ref))) == ["D1 One"]


def test_a_created_row_that_was_edited_since_is_kept(company: Company) -> None:
    ref = add_deals(company, "One", "Two")
    later = edit(company, 2, title="Mine")
    plan = take_back(company, ref)
    assert kept(plan) == {"D2 Mine": f"changed since by Uma in {later[:8]}"}
    with company.reads() as session:
        assert [row.title for row in session.exec(select(Deal))] == ["Mine"]


def test_a_created_row_goes_if_its_edits_were_undone_in_any_order(company: Company) -> None:
    ref = add_deals(company, "One")
    first = edit(company, 1, title="Two")
    second = edit(company, 1, next_step="call")
    take_back(company, first)
    take_back(company, second)
    assert kept(take_back(company, ref)) == {}
    with company.reads() as session:
        assert session.exec(select(Deal)).all() == []


def test_a_created_row_that_another_refers_to_is_kept(company: Company) -> None:
    with company.writes() as session:
        ann, _ = company.customers(session, "Ann", "Bob")
    with company.writes() as later:
        deals.create(later, {"title": "Big", "customer_id": ann.id})
    plan = take_back(company, session.change.ref)
    assert kept(plan) == {"C1 Ann": "D1 Big needs it"}
    with company.reads() as session:
        assert [row.name for row in session.exec(select(Customer))] == ["Ann"]


def test_a_deal_that_got_an_external_id_since_is_kept(company: Company) -> None:
    ref = add_deals(company, "One")
    with company.writes() as session:
        external_ids.attach(session, Entity.DEAL, "hubspot", [("7", deal(session, 1).id)])
    assert kept(take_back(company, ref)) == {"D1 One": "external id hubspot:7 needs it"}


def test_a_customer_stays_if_its_deal_of_the_same_change_does(company: Company) -> None:
    with company.writes() as session:
        ann = company.customers(session, "Ann")[0]
        deals.create(session, {"title": "Big", "customer_id": ann.id})
    edit(company, 1, title="Mine")
    plan = take_back(company, session.change.ref)
    assert list(kept(plan)) == ["C1 Ann", "D1 Mine"]
    with company.reads() as session:
        assert len(stage_history.entries(session, deal(session, 1))) == 1


def test_a_custom_field_in_use_is_kept(company: Company) -> None:
    add_deals(company, "One", "Two")
    ref = add_fields(company, "seats", "size")
    used = edit(company, 2, custom={"size": 5})
    assert kept(take_back(company, ref)) == {"deal field size": "D2 Two needs it"}
    with company.reads() as session:
        assert list(custom_fields.known(session, Entity.DEAL)) == ["size"]
        assert deal(session, 2).custom == {"size": 5}
    take_back(company, used)
    take_back(company, last_undo(company))
    with company.reads() as session:
        assert deal(session, 2).custom == {"size": 5}


def test_a_custom_field_goes_with_the_values_of_its_own_change(company: Company) -> None:
    add_deals(company, "One")
    with company.writes() as session:
        custom_fields.add(session, Entity.DEAL, "size", None, FieldType.NUMBER)
        editing.apply(session, [deal(session, 1)], Edit({"custom": {"size": 5}}))
        deals.create(session, {"title": "Two", "custom": {"size": 6}})
    ref = session.change.ref
    assert kept(take_back(company, ref)) == {}
    assert kept(take_back(company, last_undo(company))) == {}
    with company.reads() as session:
        assert [deal(session, n).custom for n in (1, 2)] == [{"size": 5}, {"size": 6}]
    later = edit(company, 1, custom={"size": 7})
    assert kept(take_back(company, ref)) == {
        "D1 One": f"changed since by Uma in {later[:8]}",
        "deal field size": "D1 One needs it",
    }


def test_a_value_does_not_come_back_without_its_custom_field(company: Company) -> None:
    add_deals(company, "One")
    add_fields(company, "size")
    edit(company, 1, custom={"size": 5})
    ref = edit(company, 1, custom={})
    with company.writes() as session:
        custom_fields.remove(session, custom_fields.find(session, Entity.DEAL, "size"))
    removed = session.change.ref
    assert kept(take_back(company, ref)) == {"D1 One": "deal field size is gone"}
    take_back(company, removed)
    assert kept(take_back(company, ref)) == {}
    with company.reads() as session:
        assert deal(session, 1).custom == {"size": 5}


def test_a_pipeline_in_use_stays_whole(company: Company) -> None:
    with company.writes() as session:
        process = pipelines.add(session, template("saas"))
    key = process.pipeline.key
    with company.writes() as later:
        deals.create(later, {"title": "Big"}, pipeline=key)
    plan = take_back(company, session.change.ref)
    assert len(plan.kept()) == len(process.stages) + 1
    with company.reads() as session:
        assert rules.sales_processes(session)[key].stages


def test_a_deal_does_not_go_back_to_a_stage_that_is_gone(company: Company) -> None:
    add_deals(company, "One")
    move(company, "proposal", 1)
    ref = move(company, "negotiation", 1)
    with company.writes() as session:
        process = rules.sales_processes(session)["default"]
        stages.remove(session, process, process.find("proposal"))
    plan = take_back(company, ref)
    assert kept(plan) == {"D1 One": "stage default/proposal is gone"}


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


def test_an_address_that_another_took_is_not_given_back(company: Company) -> None:
    with company.writes() as session:
        bob = users.add(session, {"name": "Bob", "email": "bob@example.com"})
    with company.writes() as session:
        users.edit(session, session.get_one(User, (bob.company_id, bob.id)), {"email": None})
    ref = session.change.ref
    with company.writes() as session:
        users.add(session, {"name": "Rob", "email": "bob@example.com"})
    assert kept(take_back(company, ref)) == {"user Bob": "another has its email"}


def test_an_external_id_that_another_took_stays_there(company: Company) -> None:
    add_deals(company, "One", "Two")
    with company.writes() as session:
        external_ids.attach(session, Entity.DEAL, "hubspot", [("7", deal(session, 1).id)])
    with company.writes() as session:
        external_ids.detach(session, Entity.DEAL, [deal(session, 1).id])
    ref = session.change.ref
    with company.writes() as session:
        external_ids.attach(session, Entity.DEAL, "hubspot", [("7", deal(session, 2).id)])
    assert kept(take_back(company, ref)) == {"external id hubspot:7": "another took its place"}


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
        assert [effect.verb for effect in plan.shown()] == ["remove"]
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
    from sqlalchemy import event

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
    said: list[str] = []
    event.listen(company.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    take_back(company, session.change.ref)
    with company.reads() as session:
        assert session.exec(select(Deal).limit(1)).all() == []
    take_back(company, last_undo(company))
    with company.reads() as session:
        assert len(session.exec(select(Deal.id)).all()) == count
    assert len(said) < 300


def test_an_edit_by_a_clock_that_is_behind_keeps_the_row(company: Company) -> None:
    ref = add_deals(company, "Big")
    for title, seconds in (("Bigger", 60), ("Biggest", 120)):
        with company.writes("crmctl deal edit") as session:
            change = session.change
            change.at -= timedelta(hours=1)
            change.id = UUID(int=change.id.int - (seconds * 1000 << 80))
            editing.apply(session, [deal(session, 1)], Edit({"title": title}))
    assert list(kept(take_back(company, ref))) == ["D1 Biggest"]


def test_a_row_that_had_the_same_key_before_does_not_keep_a_new_one(company: Company) -> None:
    def label(text: str) -> str:
        with company.writes() as session:
            custom_fields.edit(session, custom_fields.find(session, Entity.DEAL, "size"), text)
        return session.change.ref

    for label_then in ("Size", "How big"):
        with company.writes() as session:
            if custom_fields.known(session, Entity.DEAL):
                custom_fields.remove(session, custom_fields.find(session, Entity.DEAL, "size"))
        with company.writes() as session:
            custom_fields.add(session, Entity.DEAL, "size", label_then, FieldType.NUMBER)
        edited = label("Seats")
    take_back(company, edited)
    assert kept(take_back(company, session.change.ref)) == {}
