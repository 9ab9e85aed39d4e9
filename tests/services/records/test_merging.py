"""Merging customers: what follows, what is filled, and taking all of it back."""

from typing import Any

import pytest
from sqlalchemy import select as columns_of
from sqlmodel import col, select

from crmctl.domain.kinds import ActivityKind, Entity, FieldType
from crmctl.errors import Conflict, CrmError, NotFound, Refused, UsageError
from crmctl.models.activities import Activity
from crmctl.models.base import new_id
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.external_ids import ExternalId
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import undo
from crmctl.services.integrity import check
from crmctl.services.pipeline import deals, rules
from crmctl.services.records import (
    custom_fields,
    editing,
    external_ids,
    merging,
    numbers,
    references,
    types,
)
from crmctl.services.records.editing import Edit
from crmctl.storage.tables import table_of
from tests.services.company import Company
from tests.services.records.test_duplicates import add
from tests.services.statements import sent_to

_MEMORY = {"changes", "change_rows", "counters"}


def group(keep: str, *merge: str, **given: Any) -> merging.MergeRequest:
    return merging.MergeRequest(keep=keep, merge=merge, **given)


def merge(company: Company, *groups: merging.MergeRequest) -> tuple[list[merging.Merge], str]:
    """Merge `groups`; return what that came to and the reference of the change set."""
    with company.writes("crmctl customer merge") as session:
        made = merging.prepare(session, groups)
        merging.carry_out(session, made)
    return made, session.change.ref


def take_back(company: Company, ref: str) -> dict[str, str | None]:
    """Undo a change set; return what was kept, and why."""
    with company.writes("crmctl undo") as session:
        plan = undo.plan(session, undo.find_change(session, ref))
        undo.carry_out(session, plan)
    return {e.name: e.kept_because for e in plan.kept()}


def customer(session: CrmSession, number: int) -> Customer:
    return session.exec(select(Customer).where(col(Customer.number) == number)).one()


def rows(company: Company) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row, but for what remembers."""
    with company.reads() as session:
        return {
            table.name: sorted(map(tuple, session.execute(columns_of(table))), key=repr)
            for table in map(table_of, TABLES)
            if table.name not in _MEMORY
        }


def call(session: CrmSession, about: Customer) -> Activity:
    values = {
        "id": new_id(),
        "number": numbers.take(session, Entity.ACTIVITY),
        "kind": ActivityKind.CALL,
        "subject": "call",
        "at": session.change.at,
        "customer_id": about.id,
    }
    return changes.create(session, Activity, [values])[0]


@pytest.fixture
def people(company: Company) -> Company:
    """Three customers that are one, each with a deal, an activity and an external id."""
    with company.writes() as session:
        for key in ("size", "seats"):
            custom_fields.add(session, Entity.CUSTOMER, key, None, FieldType.NUMBER)
        found = add(
            session,
            {"name": "Ann Lee", "email": "ann@x.example", "tags": ["a"], "custom": {"size": 1}},
            {"name": "Lee, Ann", "email": "lee@x.example", "phone": "1", "tags": ["b", "a"],
             "custom": {"size": 2, "seats": 3}},
            {"name": "Ann Lee", "phone": "2", "country": "DE", "tags": ["c"],
             "custom": {"seats": 4}},
        )  # fmt: skip
        for number, one in enumerate(found, 1):
            deals.create(session, {"title": f"Deal {number}", "customer_id": one.id})
            call(session, one)
            external_ids.attach(session, Entity.CUSTOMER, "hubspot", [(str(number), one.id)])
    return company


def test_everything_follows_and_empty_fields_are_filled_from_the_oldest(people: Company) -> None:
    (made,), _ = merge(people, group("C1", "C3", "C2"))
    assert (made.deals, made.activities, made.external_ids) == (2, 2, 2)
    assert [row.number for row in made.merged] == [2, 3]
    told = [(one.field, one.kept, one.dropped, one.row.number) for one in made.conflicts]
    assert told == [
        ("name", "Ann Lee", "Lee, Ann", 2),
        ("email", "ann@x.example", "lee@x.example", 2),
        ("custom.size", 1, 2, 2),
        ("phone", "1", "2", 3),
        ("custom.seats", 3, 4, 3),
    ]
    with people.reads() as session:
        kept = customer(session, 1)
        assert (kept.email, kept.phone, kept.country) == ("ann@x.example", "1", "DE")
        assert (kept.tags, kept.custom) == (["a", "b", "c"], {"size": 1, "seats": 3})
        for number in (2, 3):
            assert customer(session, number).merged_into == kept.id
            assert customer(session, number).deleted_at == session.change.at
        following: tuple[type[Any], ...] = (Deal, Activity, ExternalId)
        for model in following:
            assert {row.customer_id for row in session.exec(select(model))} == {kept.id}
        assert references.find(session, Customer, "hubspot:3").number == 1
        assert check.run(session) == []


def test_one_undo_gives_back_every_row_and_another_does_it_again(people: Company) -> None:
    before = rows(people)
    _, ref = merge(people, group("C1", "C2", "C3"))
    after = rows(people)
    assert take_back(people, ref) == {}
    assert rows(people) == before
    with people.reads() as session:
        last = undo.last_change(session)
        assert last is None or last.ref != ref
    with people.writes("crmctl undo") as session:
        done = undo.find_change(session, ref)
        undone = next(c for c in session.exec(select(type(done))) if c.undoes == done.id)
        undo.carry_out(session, undo.plan(session, undone))
    assert rows(people) == after


def test_what_was_edited_since_is_kept_and_named_and_the_rest_goes_back(people: Company) -> None:
    _, ref = merge(people, group("C1", "C2"))
    with people.writes() as session:
        editing.apply(session, [customer(session, 1)], Edit({"phone": "9", "segment": "SMB"}))
        deal = references.find(session, Deal, "D2")
        editing.apply(session, [deal], Edit(customer="C3"))
    kept = take_back(people, ref)
    assert sorted(kept) == ["C1 Ann Lee", "D2 Deal 2"]
    assert all(why and " changed since by" in why for why in kept.values())
    with people.reads() as session:
        assert customer(session, 1).phone == "9"
        assert customer(session, 2).deleted_at is None
        assert external_ids.of(session, Entity.CUSTOMER, [customer(session, 2).id]) == {
            customer(session, 2).id: ["hubspot:2"]
        }
        owners = {row.number: row.customer_id for row in session.exec(select(Activity))}
        assert owners[2] == customer(session, 2).id
        assert check.run(session) == []


def test_those_merged_before_point_on_and_undoing_in_any_order_is_sound(people: Company) -> None:
    _, first = merge(people, group("C2", "C3"))
    _, second = merge(people, group("C1", "C2"))
    with people.reads() as session:
        assert customer(session, 3).merged_into == customer(session, 1).id
        with pytest.raises(NotFound, match="C3 was merged into C1 Ann Lee"):
            references.find(session, Customer, "c3")
    kept = take_back(people, first)
    assert {name for name in kept if name.startswith("C3")} == {"C3 Ann Lee"}
    with people.reads() as session:
        assert external_ids.lookup(session, Entity.CUSTOMER, "hubspot", ["3"]) == {
            "3": customer(session, 1).id
        }
        assert check.run(session) == []
    with people.reads() as session:
        assert undo.find_change(session, second).undone_in is None


def test_undoing_two_merges_in_reverse_gives_back_every_row(people: Company) -> None:
    before = rows(people)
    refs = [merge(people, group("C2", "C3"))[1], merge(people, group("C1", "C2"))[1]]
    for ref in reversed(refs):
        assert take_back(people, ref) == {}
    assert rows(people) == before


def test_undoing_what_created_a_merged_customer_keeps_its_keys(company: Company) -> None:
    with company.writes() as session:
        add(session, {"name": "Ann Lee"})
    with company.writes() as session:
        (other,) = add(session, {"name": "Ann Lee"})
        external_ids.attach(session, Entity.CUSTOMER, "hubspot", [("2", other.id)])
    _, ref = merge(company, group("C1", "C2"))
    assert list(take_back(company, session.change.ref)) == ["C2 Ann Lee"]
    assert take_back(company, ref) == {}
    with company.reads() as reading:
        assert external_ids.lookup(reading, Entity.CUSTOMER, "hubspot", ["2"]) == {"2": other.id}


def test_a_merged_customer_is_not_restored(people: Company) -> None:
    merge(people, group("C1", "C2"))
    with people.writes() as session, pytest.raises(Refused, match="C2 was merged into C1 Ann Lee"):
        editing.restore(session, [customer(session, 2)])


@pytest.mark.parametrize(
    ("groups", "error", "said"),
    [
        ([group("C1", "C9")], NotFound, "no customer answers to 'C9'"),
        ([group("C1", "C1")], UsageError, "C1 Ann Lee is named twice"),
        ([group("C1", "C2", "2")], UsageError, "C2 Lee, Ann is named twice"),
        ([group("C1")], UsageError, "name the customers to merge into C1"),
        (
            [group("C1", "C2", block_name="block 1"), group("C2", "C1", block_name="block 2")],
            UsageError,
            "block 2: C2 Lee, Ann is in block 1 already",
        ),
        (
            [group("C1", "C2", block_name="block 1"), group("C2", "C3", block_name="block 2")],
            UsageError,
            "block 2: C2 Lee, Ann is in block 1 already",
        ),
        ([group("C1", "C4")], Refused, "C4 Gone is removed (crmctl customer restore C4)"),
        ([group("C1", "C6")], NotFound, "C6 was merged into C5 Kept"),
        (
            [group("C1", "C2", versions={"C1": "0" * 12})],
            Conflict,
            "C1 Ann Lee was changed since the plan was made",
        ),
    ],
)
def test_a_merge_that_cannot_be_is_refused_whole(
    people: Company, groups: list[merging.MergeRequest], error: type[CrmError], said: str
) -> None:
    with people.writes() as session:
        gone, _, _ = add(session, {"name": "Gone"}, {"name": "Kept"}, {"name": "Into kept"})
        editing.remove(session, [gone])
    merge(people, group("C5", "C6"))
    before = rows(people)
    with pytest.raises(error) as raised, people.writes() as session:
        merging.prepare(session, [group("C3", "C5"), *groups])
    assert said in str(raised.value)
    assert rows(people) == before


def test_every_group_that_cannot_be_merged_is_named(people: Company) -> None:
    wanted = [group("C8", "C1", block_name="block 1"), group("C2", "C9", block_name="block 2")]
    with people.writes() as session, pytest.raises(NotFound) as raised:
        merging.prepare(session, wanted)
    assert [raised.value.message, *raised.value.details] == [
        "2 groups cannot be merged:",
        "block 1: no customer answers to 'C8' (crmctl customer list)",
        "block 2: no customer answers to 'C9' (crmctl customer list)",
    ]


def test_many_merges_take_as_few_statements_as_one(company: Company) -> None:
    count = 700
    with company.writes() as session:
        found = add(session, *({"name": f"Ann {n // 2}"} for n in range(2 * count)))
        wanted = [{"title": "Deal", "customer_id": one.id} for one in found[1::2]]
        stage = rules.choose(rules.sales_processes(session), None).stages[0]
        first = numbers.take(session, Entity.DEAL, count)
        deals.insert_new(
            session,
            [deals.new(session, one, stage, session.change.at, n)
             for n, one in enumerate(wanted, first)],
        )  # fmt: skip
        external_ids.attach(
            session, Entity.CUSTOMER, "h", [(str(n), one.id) for n, one in enumerate(found)]
        )
    groups = [group(f"C{n}", f"C{n + 1}") for n in range(1, 2 * count, 2)]
    with sent_to(company.engine) as sent:
        made, ref = merge(company, *groups)
    assert sum(one.deals for one in made) == sum(one.external_ids for one in made) == count
    assert len(sent) < 100
    assert take_back(company, ref) == {}


def test_all_that_refers_to_a_customer_is_known_to_follow() -> None:
    referring = {
        (kind.table, column)
        for kind in types.ALL
        for column, target in kind.relations.items()
        if target == types.CUSTOMER.table
    }
    assert referring == {
        ("customers", "merged_into"),
        ("deals", "customer_id"),
        ("activities", "customer_id"),
        ("external_keys", "customer_id"),
    }
