"""The rules of a pipeline, wherever a deal comes from and goes to."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from crmctl.domain.kinds import Entity, FieldType, Status
from crmctl.errors import NotFound, Refused, UsageError
from crmctl.models.changes import Change
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import deals, moves, pipeline_files, pipelines, rules
from crmctl.services.pipeline.moves import MoveOptions
from crmctl.services.records import custom_fields
from crmctl.services.records.references import find
from tests.services.company import Company

STAGES = ("lead", "qualified", "proposal", "negotiation")


@contextmanager
def edited(company: Company, **rule: Any) -> Iterator[CrmSession]:
    """Yield a session of a company whose default pipeline has this rule."""
    with company.writes() as session:
        pipelines.edit(session, None, rule)
    with company.writes() as session:
        yield session


def set_stage(company: Company, key: str, **values: Any) -> None:
    with company.writes() as session:
        stage = rules.sales_processes(session)["default"].find(key)
        changes.edit(session, [stage], values)


def deal(session: CrmSession, stage: str | None = None, **values: Any) -> Deal:
    return deals.create(session, {"title": "Deal", **values}, stage=stage)


def places(company: Company) -> list[str]:
    with company.reads() as session:
        return sorted(session.exec(select(Deal.stage)).all())


def test_a_stage_may_take_no_new_deals(company: Company) -> None:
    set_stage(company, "lead", can_create=False)
    with company.writes() as session:
        assert deal(session).stage == "qualified"
    with (
        pytest.raises(Refused, match=r"deal 'Deal': no deal starts in lead \(or --override"),
        company.writes() as session,
    ):
        deal(session, "lead")
    assert places(company) == ["qualified"]
    with company.writes() as session:
        # A deal of the pipeline may go where none may start.
        moves.move(session, [find(session, Deal, "1")], "lead")
    assert places(company) == ["lead"]


def test_a_pipeline_may_take_no_new_deals_at_all(company: Company) -> None:
    for key in STAGES:
        set_stage(company, key, can_create=False)
    with pytest.raises(Refused, match="no stage of pipeline default takes new deals"):  # noqa: SIM117
        with company.writes() as session:
            deal(session)


def test_a_deal_from_another_pipeline_enters_where_deals_may_start(company: Company) -> None:
    with company.writes() as session:
        pipelines.add(session, pipeline_files.template("saas"))
        deal(session)
    set_stage(company, "proposal", can_create=False)
    with company.writes() as session:
        found = find(session, Deal, "1")
        moves.move(session, [found], "demo", pipeline="saas")
        with pytest.raises(Refused, match="no deal starts in proposal"):
            moves.move(session, [found], "proposal", pipeline="default")
        moves.move(session, [found], "negotiation", pipeline="default")
    assert places(company) == ["negotiation"]


@pytest.mark.parametrize(
    ("here", "to", "why"),
    [
        ("lead", "qualified", None),
        ("lead", "proposal", "allows no skipping of qualified"),
        ("lead", "won", "allows no skipping of qualified, proposal, negotiation"),
        ("negotiation", "won", None),
        ("lead", "lost", None),
        ("proposal", "lead", None),
    ],
)
def test_skipping_forward(company: Company, here: str, to: str, why: str | None) -> None:
    with edited(company, allow_skip=False) as session:
        _check_move(session, deal(session, here), to, why)


@pytest.mark.parametrize(
    ("here", "to", "why"),
    [
        ("proposal", "qualified", "allows no way back from proposal to qualified"),
        ("proposal", "negotiation", None),
        ("proposal", "lost", None),
        ("proposal", "won", None),
        ("lead", "won", None),
    ],
)
def test_going_back(company: Company, here: str, to: str, why: str | None) -> None:
    with edited(company, allow_back=False) as session:
        _check_move(session, deal(session, here), to, why)


def _check_move(session: CrmSession, found: Deal, to: str, why: str | None) -> None:
    before = found.stage
    if why is None:
        moves.move(session, [found], to)
        assert found.stage == to
    else:
        with pytest.raises(Refused, match=f"D1: pipeline default {why}"):
            moves.move(session, [found], to)
        assert found.stage == before


@pytest.mark.parametrize(
    ("here", "to", "why"),
    [
        ("lead", "won", "allows no skipping of qualified, proposal, negotiation"),
        ("lead", "qualified", None),
        ("proposal", "lead", "allows no way back from proposal to lead"),
        ("proposal", "proposal", None),
        ("negotiation", "won", None),
        ("lead", "lost", None),
    ],
)
@pytest.mark.parametrize("over", ["demo", "won"])
def test_a_way_through_another_pipeline_passes_no_rule(
    company: Company, here: str, to: str, why: str | None, over: str
) -> None:
    with edited(company, allow_skip=False, allow_back=False) as session:
        pipelines.add(session, pipeline_files.template("saas"))
        found = deal(session, here)
        moves.move(session, [found], over, pipeline="saas")
        if why is None:
            moves.move(session, [found], to, pipeline="default")
            assert (found.pipeline, found.stage) == ("default", to)
        else:
            with pytest.raises(Refused, match=f"D1: pipeline default {why}"):
                moves.move(session, [found], to, pipeline="default")
            assert found.pipeline == "saas"


@pytest.mark.parametrize(
    ("to", "skipped"),
    [
        ("lead", "no deal starts in lead"),
        ("qualified", None),
        ("negotiation", "allows no skipping of qualified, proposal"),
        ("won", "allows no skipping of qualified, proposal, negotiation"),
        ("lost", None),
    ],
)
def test_a_deal_that_comes_for_the_first_time_begins_where_deals_start(
    company: Company, to: str, skipped: str | None
) -> None:
    set_stage(company, "lead", can_create=False)
    with edited(company, allow_skip=False, allow_back=False) as session:
        pipelines.add(session, pipeline_files.template("saas"))
        found = deals.create(session, {"title": "Deal"}, pipeline="saas", stage="proposal")
        if skipped is None:
            moves.move(session, [found], to, pipeline="default")
            assert found.stage == to
        else:
            with pytest.raises(Refused, match=skipped):
                moves.move(session, [found], to, pipeline="default")


@pytest.mark.parametrize("closed", ["won", "lost"])
def test_a_closed_deal_is_reopened_where_it_was(company: Company, closed: str) -> None:
    with edited(company, allow_back=False, allow_skip=False) as session:
        found = deal(session, "negotiation")
        moves.move(session, [found], closed)
        with pytest.raises(Refused, match="no way back from negotiation to lead"):
            moves.reopen(session, [found], MoveOptions(), to="lead")
        moves.reopen(session, [found], MoveOptions())
        assert (found.stage, found.status, found.closed_at) == ("negotiation", Status.OPEN, None)


def test_a_deal_that_was_never_open_is_reopened_in_any_stage(company: Company) -> None:
    with edited(company, allow_back=False, allow_skip=False) as session:
        found = deal(session, "won")
        moves.reopen(session, [found], MoveOptions(), to="proposal")
        assert found.stage == "proposal"


def test_a_closed_deal_is_not_judged_by_another_pipeline_it_was_open_in(company: Company) -> None:
    with company.writes() as session:
        pipelines.add(session, pipeline_files.template("saas"))
        found = deal(session, "proposal")
        moves.move(session, [found], "won", pipeline="saas")
    with company.writes() as session:
        pipelines.edit(session, "saas", {"allow_back": False})
        # Saas has a proposal, too, but the deal was never in it.
        moves.reopen(session, [find(session, Deal, "1")], MoveOptions())
    assert places(company) == ["lead"]


def test_a_lost_deal_may_need_a_reason(company: Company) -> None:
    with edited(company, lost_reason_required=True) as session:
        with pytest.raises(Refused, match="a lost deal needs a reason"):
            deal(session, "lost")
        first = deal(session, "lost", lost_reason="price")
        second = deal(session, "lead")
        with pytest.raises(Refused, match="a lost deal needs a reason"):
            moves.move(session, [second], "lost")
        moves.move(session, [second], "lost", MoveOptions(lost_reason="timing"))
        assert (first.lost_reason, second.lost_reason) == ("price", "timing")


REQUIRED: dict[str, Any] = {
    "amount": Decimal(0),
    "probability": Decimal(0),
    "expected_close": "2026-05-01",
    "next_step": "call",
    "source": "fair",
    "tags": ["new"],
}


@pytest.mark.parametrize("name", [*REQUIRED, "owner", "customer", "custom.budget"])
def test_a_stage_may_require_a_field(company: Company, name: str) -> None:
    from datetime import date

    with company.writes() as session:
        custom_fields.add(session, Entity.DEAL, "budget", None, FieldType.NUMBER)
        customer = company.customers(session, "Ann")[0]
    set_stage(company, "proposal", required_fields=[name])
    with company.writes() as session:
        values: Mapping[str, Any] = {
            **REQUIRED,
            "expected_close": date(2026, 5, 1),
            "owner_id": session.change.actor_id,
            "customer_id": customer.id,
            "custom": {"budget": 5},
        }
        column = {"owner": "owner_id", "customer": "customer_id"}.get(name, name.split(".")[0])
        with pytest.raises(Refused, match=f"proposal needs {name.replace('_', ' ')}"):
            deal(session, "proposal")
        found = deal(session, "lead")
        with pytest.raises(Refused, match=f"D[0-9]: proposal needs {name.replace('_', ' ')}"):
            moves.move(session, [found], "proposal")
        changes.edit(session, [found], {column: values[column]})
        moves.move(session, [found], "proposal")
        deal(session, "proposal", **{column: values[column]})
    assert places(company) == ["proposal", "proposal"]


@pytest.mark.parametrize("values", [{}, {"amount": None}, {"tags": []}, {"custom": {"budget": ""}}])
def test_an_empty_value_is_none(company: Company, values: dict[str, Any]) -> None:
    set_stage(company, "lead", required_fields=["amount", "tags", "custom.budget"])
    with company.writes() as session:
        with pytest.raises(Refused, match=r"lead needs amount, tags, custom\.budget"):
            deal(session, "lead", **values)
        # False and zero are values.
        deal(session, "lead", amount=Decimal(0), tags=["x"], custom={"budget": False})


def test_a_lost_reason_that_comes_with_the_move_is_there(company: Company) -> None:
    set_stage(company, "lost", required_fields=["lost_reason"])
    with company.writes() as session:
        found = deal(session)
        with pytest.raises(Refused, match="lost needs lost reason"):
            moves.move(session, [found], "lost")
        moves.move(session, [found], "lost", MoveOptions(lost_reason="price"))


def test_every_broken_rule_is_told_at_once(company: Company) -> None:
    set_stage(company, "won", required_fields=["amount", "owner"])
    with edited(company, allow_skip=False) as session:
        found = deal(session, "proposal")
        with pytest.raises(Refused, match=r"no skipping of negotiation; won needs amount, owner"):
            moves.move(session, [found], "won")


def test_an_override_needs_a_reason_and_is_logged(company: Company) -> None:
    set_stage(company, "proposal", required_fields=["amount"])
    with company.writes() as session:
        found = deal(session)
        with pytest.raises(UsageError, match="--override needs --reason TEXT"):
            moves.move(session, [found], "proposal", MoveOptions(override=True))
    with company.writes() as session:
        session.change.reason = "the boss said so"
        found = find(session, Deal, "1")
        moves.move(
            session, [found], "proposal", MoveOptions(override=True, reason="the boss said so")
        )
        change = session.change.id
    with company.reads() as session:
        logged = session.exec(select(Change).where(Change.id == change)).one()
        assert logged.overrides == "D1: proposal needs amount"
        assert logged.reason == "the boss said so"


def test_an_override_that_no_rule_needed_is_not_logged(company: Company) -> None:
    with company.writes() as session:
        moves.move(session, [deal(session)], "proposal", MoveOptions(override=True))
        assert session.change.overrides is None


def test_one_refused_deal_stops_all_unless_told_to_keep_going(company: Company) -> None:
    set_stage(company, "proposal", required_fields=["amount"])
    with company.writes() as session:
        deal(session)
        deal(session, amount=Decimal(5))
    with pytest.raises(Refused, match="D1: proposal needs amount"), company.writes() as session:
        moves.move(session, [find(session, Deal, ref) for ref in "21"], "proposal")
    assert places(company) == ["lead", "lead"]
    with company.writes() as session:
        both = [find(session, Deal, ref) for ref in "12"]
        result = moves.move(session, both, "proposal", MoveOptions(keep_going=True))
        assert [move.deal.number for move in result.moved] == [2]
        assert [found.number for found, _ in result.refused] == [1]
    assert places(company) == ["lead", "proposal"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("proposal", "proposal"), ("Proposal", "proposal"), ("PROPO", "proposal"),
        (" won ", "won"), ("lost", "lost"), ("nego", "negotiation"),
    ],
)  # fmt: skip
def test_a_stage_is_found_by_key_label_or_part(company: Company, text: str, key: str) -> None:
    with company.reads() as session:
        assert rules.sales_processes(session)["default"].find(text).key == key


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "is no stage"), ("xyz", "is no stage"), ("l", "could be several"), ("open", "several")],
)
def test_a_stage_that_is_not_clear_is_refused(company: Company, text: str, why: str) -> None:
    with company.reads() as session, pytest.raises(NotFound, match=why) as refused:
        rules.sales_processes(session)["default"].find(text)
    assert "it has lead, qualified, proposal, negotiation, won, lost" in str(refused.value)


def test_a_key_names_its_pipeline_even_where_another_is_called_so(company: Company) -> None:
    with company.writes() as session:
        pipelines.add(session, pipeline_files.template("saas"))
        first = rules.sales_processes(session)["default"].pipeline
        changes.edit(session, [first], {"label": "saas"})
        known = rules.sales_processes(session)
        assert rules.choose(known, "SaaS").pipeline.key == "saas"
        assert rules.choose(known, None).pipeline.key == "default"
        with pytest.raises(NotFound, match=r"no pipeline is called 'x' \(there is default, saas\)"):
            rules.choose(known, "x")
