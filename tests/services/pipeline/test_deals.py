"""Deals: added as people ask for it, and many moved at once, each to a stage of its own."""

from decimal import Decimal

import pytest
from sqlmodel import col, func, select

from crmctl.domain.kinds import Entity, FieldType, Status
from crmctl.errors import Refused
from crmctl.models.changes import Change
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import deals, moves, pipeline_files, pipelines, rules, stages
from crmctl.services.pipeline.moves import MoveOptions
from crmctl.services.records import custom_fields, editing, external_ids
from crmctl.services.records.editing import Edit
from tests.services.company import START, Company
from tests.services.statements import sent_to

STAGES = ("lead", "qualified", "proposal")


def add(company: Company, count: int) -> None:
    """Create `count` deals in each of three open stages, and win all of them."""
    with company.writes() as session:
        for _ in range(count):
            for stage in STAGES:
                deals.create(session, {"title": stage}, stage=stage)
    with company.writes() as session:
        moves.close(session, everything(session)[-3 * count :], Status.WON, MoveOptions())


def everything(session: CrmSession) -> list[Deal]:
    return list(session.exec(select(Deal).order_by(col(Deal.number))))


def test_a_deal_is_added_with_all_that_it_refers_to(company: Company) -> None:
    with company.writes() as session:
        custom_fields.add(session, Entity.DEAL, "seats", None, FieldType.NUMBER)
        ann = company.customers(session, "Ann")[0]
    with company.writes() as session:
        request = deals.NewDeal(
            values={"title": "Rollout", "amount": Decimal(5)}, owner="uma", customer="ann",
            tags=["a", "b", "a"], custom={"seats": "12"}, external_ids=["hubspot:7"],
            stage="proposal", at=START,
        )  # fmt: skip
        added = deals.add(session, request)
        ids = external_ids.lookup(session, Entity.DEAL, "hubspot", ["7"])
        assert dict(ids) == {"7": added.id}
    with company.reads() as session:
        found = everything(session)[0]
        assert (found.title, found.amount, found.tags) == ("Rollout", Decimal(5), ["a", "b"])
        assert (found.customer_id, found.owner_id) == (ann.id, session.change.actor_id)
        assert (found.custom, found.stage, found.stage_entered_at) == (
            {"seats": 12}, "proposal", START,
        )  # fmt: skip


def test_a_lost_reason_of_a_deal_that_is_not_lost_is_refused_before_a_write(
    company: Company,
) -> None:
    with company.writes() as session:
        with pytest.raises(Refused, match=r"deal 'x': a lost reason is for .* lead is not"):
            deals.add(session, deals.NewDeal(values={"title": "x", "lost_reason": "price"}))
        assert not session.change.written
        deals.create(session, {"title": "Deal"})
    with company.writes() as session:
        with pytest.raises(Refused, match=r"D1: a lost reason is for .* won is not"):
            moves.move(session, everything(session), "won", MoveOptions(lost_reason="price"))
        with pytest.raises(Refused, match=r"D1: a lost reason is for .* lead is not"):
            editing.apply(session, everything(session), Edit(values={"lost_reason": "price"}))
        assert not session.change.written


def test_many_are_reopened_where_each_was_in_as_many_statements_as_few(company: Company) -> None:
    counts = []
    for more in (10, 60):
        add(company, more)
        with company.writes() as session:
            closed = everything(session)[-3 * more :]
            with sent_to(company.engine) as sent:
                result = moves.reopen(session, closed, MoveOptions())
            counts.append(len(sent))
            assert [move.deal for move in result.moved] == closed
    # Many are inserted by COPY, which is not even counted.
    assert counts[1] <= counts[0]
    with company.reads() as session:
        rows = everything(session)
        assert len(rows) == 210
        assert all(row.stage == row.title and row.closed_at is None for row in rows)
        left = select(StageEntry.stage, func.count()).where(col(StageEntry.from_stage) == "won")
        entered = session.exec(left.group_by(col(StageEntry.stage)))
        assert dict(entered.all()) == dict.fromkeys(STAGES, 70)


def test_many_enter_another_pipeline_in_as_many_statements_as_few(company: Company) -> None:
    with company.writes() as session:
        pipelines.add(session, pipeline_files.template("saas"))
    counts = []
    for more in (10, 60):
        add(company, more)
        with company.writes() as session:
            coming = everything(session)[-3 * more :]
            with sent_to(company.engine) as sent:
                result = moves.move(session, coming, "demo", pipeline="saas")
            counts.append(len(sent))
            assert [move.deal for move in result.moved] == coming
    assert counts[1] <= counts[0]


def test_what_is_open_stays_and_what_left_its_pipeline_is_as_new(company: Company) -> None:
    add(company, 1)
    with company.writes() as session:
        process = rules.sales_processes(session)["default"]
        stages.remove(session, process, process.find("proposal"))
        first, *_ = everything(session)
        moves.reopen(session, [first], MoveOptions(), to="negotiation")
    with company.writes() as session:
        rows = everything(session)
        result = moves.reopen(session, rows, MoveOptions())
        assert result.unchanged == rows[:1]
        assert [deal.stage for deal in rows] == ["negotiation", "qualified", "lead"]


def test_none_is_reopened_where_one_is_refused(company: Company) -> None:
    add(company, 1)
    with company.writes() as session:
        stage = rules.sales_processes(session)["default"].find("proposal")
        changes.edit(session, [stage], {"required_fields": ["amount"]})
    with pytest.raises(Refused, match="D3: proposal needs amount"), company.writes() as session:
        moves.reopen(session, everything(session), MoveOptions())
    with company.writes() as session:
        assert {deal.status for deal in everything(session)} == {Status.WON}
        result = moves.reopen(session, everything(session), MoveOptions(keep_going=True))
        assert [move.deal.number for move in result.moved] == [1, 2]
        assert [deal.number for deal, _ in result.refused] == [3]


def test_what_is_overridden_in_each_pipeline_is_logged(company: Company) -> None:
    with company.writes() as session:
        pipelines.add(session, pipeline_files.template("saas"))
        for process in rules.sales_processes(session).values():
            changes.edit(session, [process.of_kind(Status.WON)], {"required_fields": ["amount"]})
            deals.create(session, {"title": "Deal"}, pipeline=process.pipeline.key)
    with company.writes() as session:
        session.change.reason = "they paid"
        moves.close(session, everything(session), Status.WON, MoveOptions(override=True))
        ref = session.change.ref
    with company.reads() as session:
        logged = session.exec(select(Change.overrides).where(col(Change.ref) == ref)).one()
        assert logged == "D1: won needs amount\nD2: won needs amount"
