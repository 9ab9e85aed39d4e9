"""Stages and pipelines that go: where their deals go, by the rules for moves."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from crmctl.domain.kinds import Status
from crmctl.errors import NotFound, Refused, UsageError
from crmctl.models.changes import Change
from crmctl.models.deals import Deal, StageEntry
from crmctl.services import changes
from crmctl.services.pipeline import deals, moves, pipeline_files, pipelines, stages
from crmctl.services.records import editing
from crmctl.services.records.references import find
from tests.services.company import Company
from tests.services.pipeline.sales_process import (
    default,
    definition,
    everything,
    in_stages,
    make_deals,
    take_back,
    with_stages,
)


def test_a_stage_that_holds_deals_does_not_go_without_a_word(company: Company) -> None:
    make_deals(company, "proposal", "proposal", "won")
    with company.writes() as session:
        editing.remove(session, [find(session, Deal, "2")])
    before = everything(company)
    lead, qualified, _, negotiation, won, lost = definition(company).stages
    known = with_stages(definition(company), lead, qualified, negotiation, won, lost)
    with company.reads() as session:
        plan = pipelines.plan(session, known)
    assert plan.refused == [
        "stage proposal holds 2 deals (1 of them removed): say where they go with "
        '--move-to STAGE, or with proposal = "STAGE" under [moves]'
    ]
    with pytest.raises(Refused, match="holds 2 deals"), company.writes() as session:
        pipelines.apply(session, known)
    with pytest.raises(UsageError, match="--move-to: 'x' is no stage of the new default"):  # noqa: SIM117
        with company.writes() as session:
            pipelines.apply(session, known, "x")
    assert everything(company) == before
    with company.writes() as session:
        pipelines.apply(session, known, "Negotiation")
    assert in_stages(company) == ["negotiation", "negotiation", "won"]
    take_back(company)
    assert everything(company) == before


def set_rules(company: Company, stage: str, required: Sequence[str] = (), **rule: bool) -> None:
    with company.writes() as session:
        pipelines.edit(session, None, rule)
        changes.edit(session, [default(session).find(stage)], {"required_fields": [*required]})


def go(
    company: Company, way: str, to: str, *, dry: bool = False, reason: str | None = None, **how: Any
) -> None:
    """Have the deals of lead go to `to` by removing lead, or its pipeline, or by a definition."""
    options = moves.MoveOptions(**how)
    with company.writes() as session:
        session.change.dry, session.change.reason = dry, reason
        process = default(session)
        if way == "stage":
            stages.remove(session, process, process.find("lead"), process.find(to), options)
        elif way == "pipeline":
            pipelines.remove(session, "saas", f"default/{to}", options)
        else:
            known = pipeline_files.of(process)
            definition = replace(known, stages=known.stages[1:], moves={"lead": to})
            plan = (pipelines.plan if dry else pipelines.apply)(session, definition, None, options)
            if plan.refused:
                raise Refused("\n".join(plan.refused))


WAYS = ["stage", "pipeline", "definition"]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, company: Company) -> str:
    """How deals leave a stage that goes; D1 to D3 are in it, D2 has an amount, D3 is hidden."""
    way = str(request.param)
    with company.writes() as session:
        pipelines.add(session, pipeline_files.template("saas"))
        pipeline = "saas" if way == "pipeline" else "default"
        for amount in (None, Decimal(5), None):
            values = {"title": "Deal", "amount": amount}
            deals.create(session, values, pipeline=pipeline, stage="lead")
        editing.remove(session, [find(session, Deal, "3")])
    return way


@pytest.mark.parametrize("dry", [False, True])
def test_what_a_stage_requires_holds_for_deals_of_one_that_goes(
    company: Company, way: str, dry: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crmctl.services.pipeline.stage_exits.BATCH", 2)
    set_rules(company, "negotiation", ["amount"])
    before = everything(company)
    why = r"^D1, D3: negotiation needs amount \(or --override --reason TEXT\)$"
    with pytest.raises(Refused, match=why):
        go(company, way, "negotiation", dry=dry)
    assert everything(company) == before


def test_deals_of_a_stage_that_goes_are_lost_for_a_reason(company: Company, way: str) -> None:
    set_rules(company, "lost", lost_reason_required=True)
    with pytest.raises(Refused, match=r"D1, D2, D3: a lost deal needs a reason \(--lost-reason"):
        go(company, way, "lost")
    with pytest.raises(Refused, match="deals that are lost, and qualified is not"):
        go(company, way, "qualified", lost_reason="old")
    go(company, way, "lost", lost_reason="too old")
    with company.reads() as session:
        found = session.exec(select(Deal)).all()
        assert {(deal.status, deal.lost_reason) for deal in found} == {(Status.LOST, "too old")}


def test_deals_of_a_stage_that_goes_skip_none(company: Company, way: str) -> None:
    set_rules(company, "won", allow_skip=False)
    skipped = "lead, qualified" if way == "pipeline" else "qualified"
    why = f"D1, D2, D3: pipeline default allows no skipping of {skipped}"
    with pytest.raises(Refused, match=why):
        go(company, way, "proposal")
    go(company, way, "lead" if way == "pipeline" else "qualified")


def test_an_override_lets_deals_of_a_stage_that_goes_pass_and_is_logged(
    company: Company, way: str
) -> None:
    set_rules(company, "negotiation", ["amount"])
    with pytest.raises(UsageError, match="--override needs --reason TEXT"):
        go(company, way, "negotiation", override=True)
    go(company, way, "negotiation", override=True, reason="the boss said so")
    with company.reads() as session:
        logged = session.exec(select(Change).where(Change.reason == "the boss said so")).one()
        assert logged.overrides == "D1: negotiation needs amount\nD3: negotiation needs amount"
        assert {deal.stage for deal in session.exec(select(Deal))} == {"negotiation"}


def test_a_move_that_no_rule_forbids_is_no_override(company: Company) -> None:
    make_deals(company, "lead", "lead")
    go(company, "stage", "lost")
    with company.reads() as session:
        logged = session.exec(select(Change).where(Change.reason == "stage lead was removed")).one()
        assert logged.overrides is None
        entries = session.exec(select(StageEntry).where(StageEntry.position == 2)).all()
        assert {(e.from_stage, e.stage, e.reason) for e in entries} == {
            ("lead", "lost", "stage lead was removed")
        }


def test_a_definition_is_judged_by_the_rules_that_it_makes(company: Company) -> None:
    make_deals(company, "qualified")
    lead, _, proposal, *rest = definition(company).stages
    strict = {**definition(company).head, "allow_skip": False, "allow_back": False}
    offer = {**proposal, "key": "offer", "required_fields": ["amount"]}

    def refused(found: list[dict[str, Any]], to: str) -> list[str]:
        known = with_stages(definition(company), *found, qualified=to)
        with company.reads() as session:
            return pipelines.plan(session, replace(known, head=strict)).refused

    # In the place of the stage that goes, and in front of those that remain behind it.
    assert refused([lead, offer, proposal, *rest], "offer") == [
        "D1: offer needs amount (or --override --reason TEXT)"
    ]
    assert refused([lead, proposal, *rest], "proposal") == []
    assert "no skipping of proposal" in refused([lead, proposal, *rest], "negotiation")[0]
    assert "no way back from qualified to lead" in refused([lead, proposal, *rest], "lead")[0]
    assert refused([proposal, lead, *rest], "lead") != []
    assert refused([proposal, *rest], "proposal") == []


def test_a_deal_stays_won_when_it_was(company: Company) -> None:
    make_deals(company, "won")
    with company.writes() as session:
        won = find(session, Deal, "1").closed_at
        process = default(session)
        stages.add(session, process, pipeline_files.complete({"key": "paid", "kind": "won"}), 6)
        process = default(session)
        stages.remove(session, process, process.find("won"), process.find("paid"))
    with company.reads() as session:
        found = find(session, Deal, "1")
        assert (found.stage, found.status, found.closed_at) == ("paid", Status.WON, won)


def test_a_pipeline_goes_with_its_deals_moved(company: Company) -> None:
    with company.writes() as session:
        pipelines.add(session, pipeline_files.template("saas"))
    make_deals(company, "lead", "won", "negotiation")
    with company.writes() as session:
        editing.remove(session, [find(session, Deal, "3")])
    before = everything(company)
    with (
        pytest.raises(Refused, match=r"pipeline default holds 3 deals \(1 of them removed\)"),
        company.writes() as session,
    ):
        pipelines.remove(session, "default")
    with pytest.raises(NotFound, match="is no stage of pipeline saas"):  # noqa: SIM117
        with company.writes() as session:
            pipelines.remove(session, "default", "negotiation")
    assert everything(company) == before
    with company.writes() as session:
        assert pipelines.remove(session, "default", "saas/demo")[1] == 3
    assert in_stages(company) == ["demo", "demo", "demo"]
    with pytest.raises(Refused, match="saas is the only pipeline"), company.writes() as session:
        pipelines.remove(session, "saas")
    take_back(company)
    assert everything(company) == before
