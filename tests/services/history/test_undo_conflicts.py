"""What taking a change set back leaves as it is, because of what others did since."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import select

from crmctl.domain.kinds import Entity, FieldType
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.tenants import User
from crmctl.services.history import undo
from crmctl.services.pipeline import deals, pipelines, rules, stage_history, stages
from crmctl.services.pipeline.pipeline_files import template
from crmctl.services.records import custom_fields, customers, editing, external_ids
from crmctl.services.records.editing import Edit
from crmctl.services.tenancy import users
from tests.services.company import Company
from tests.services.history.undoing import (
    add_deals,
    add_fields,
    deal,
    edit,
    kept,
    last_undo,
    move,
    take_back,
)


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
    assert kept(plan) == {"D2 Two": f"stage changed since by Uma in {later[:8]}"}
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
        "D1 One": f"size changed since by Uma in {later[:8]}",
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
    assert kept(take_back(company, ref)) == {"D1 One": "size: deal field size is gone"}
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
    assert kept(plan) == {"D1 One": "stage: stage default/proposal is gone"}


def test_an_address_that_another_took_is_not_given_back(company: Company) -> None:
    with company.writes() as session:
        bob = users.add(session, {"name": "Bob", "email": "bob@example.com"})
    with company.writes() as session:
        users.edit(session, session.get_one(User, (bob.company_id, bob.id)), {"email": None})
    ref = session.change.ref
    with company.writes() as session:
        users.add(session, {"name": "Rob", "email": "bob@example.com"})
    assert kept(take_back(company, ref)) == {"user Bob": "email: another has its email"}


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


def test_a_record_whose_external_id_another_has_does_not_come_back(company: Company) -> None:
    def add() -> str:
        with company.writes() as session:
            ann = customers.create(session, {"name": "Ann"})
            lock = deals.create(session, {"title": "Lock", "customer_id": ann.id})
            external_ids.attach(session, Entity.CUSTOMER, "crm", [("7", ann.id), ("8", ann.id)])
            external_ids.attach(session, Entity.DEAL, "crm", [("9", lock.id)])
        return session.change.ref

    take_back(company, add())
    redone = last_undo(company)
    add()
    told = kept(take_back(company, redone))
    assert told == {
        "C1 Ann": "another has external id crm:7",
        "D1 Lock": "another has external id crm:9",
        "external id crm:7": "another took its place",
        "external id crm:8": "another took its place",
        "external id crm:9": "another took its place",
    }
    with company.reads() as session:
        assert len(session.exec(select(Deal)).all()) == 1
        assert len(session.exec(select(Customer)).all()) == 1


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


def _require(company: Company, *names: str) -> str:
    with company.writes("crmctl stage edit") as session:
        process = rules.sales_processes(session)["default"]
        stages.edit(session, process, process.find("proposal"), {"required_fields": [*names]})
    return session.change.ref


def test_no_stage_requires_a_custom_field_that_is_gone(company: Company) -> None:
    added = add_fields(company, "size")
    _require(company, "custom.size")
    assert kept(take_back(company, added)) == {
        "deal field size": "stage default/proposal needs it",
    }
    emptied = _require(company)
    take_back(company, added)
    assert kept(take_back(company, emptied)) == {
        "stage default/proposal": "required fields: deal field size is gone",
    }
    take_back(company, last_undo(company))
    assert kept(take_back(company, emptied)) == {}
