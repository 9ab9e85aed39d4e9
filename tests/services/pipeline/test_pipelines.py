"""Pipelines and stages: made, edited, applied and found."""

from dataclasses import replace
from decimal import Decimal

import pytest

from crmctl.domain.kinds import Entity, FieldType, ForecastCategory, Status
from crmctl.errors import NotFound, Refused, UsageError
from crmctl.services.pipeline import pipeline_files, pipelines, rules, stages
from crmctl.services.records import custom_fields
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

B2B = pipeline_files.template("b2b")


def test_a_plan_names_each_difference_and_writes_nothing(company: Company) -> None:
    make_deals(company, "lead", "lead", "proposal")
    before = everything(company)
    lead, qualified, _, negotiation, won, lost = definition(company).stages
    demo = pipeline_files.complete({"key": "demo", "probability": "30%"})
    known = with_stages(
        definition(company), {**lead, "label": "First"}, demo, negotiation,
        {**qualified, "probability": Decimal("0.3")}, won, lost, proposal="demo",
    )  # fmt: skip
    known = replace(known, head={**known.head, "allow_skip": False})
    with company.reads() as session:
        plan = pipelines.plan(session, known)
    found = [(d.what, d.stage, d.field, d.before, d.after, d.deals) for d in plan.differences]
    assert found == [
        ("changed", None, "allow_skip", True, False, 0),
        ("changed", "lead", "label", "Lead", "First", 2),
        ("added", "demo", None, None, "Demo", 0),
        ("changed", "qualified", "probability", Decimal("0.2"), Decimal("0.3"), 0),
        ("moved", "negotiation", "position", 4, 3, 0),
        ("removed", "proposal", None, "Proposal", "deals to demo", 1),
    ]
    assert (plan.refused, plan.destinations, plan.deals) == ([], {"proposal": "demo"}, 1)
    assert everything(company) == before
    with company.writes() as session:
        assert pipelines.apply(session, known).differences == plan.differences
    assert definition(company).stages == known.stages
    assert in_stages(company) == ["lead", "lead", "demo"]
    take_back(company)
    assert everything(company) == before


def test_a_stage_that_holds_deals_stays_of_its_kind(company: Company) -> None:
    make_deals(company, "proposal")
    why = "stage proposal holds 1 deal, which would become won by this: add another stage"
    with company.writes() as session:
        process = default(session)
        with pytest.raises(Refused, match=why):
            stages.edit(session, process, process.find("proposal"), {"kind": Status.WON})
    lead, qualified, proposal, *rest = definition(company).stages
    closed = {**proposal, "kind": Status.WON, "probability": Decimal(1)}
    known = with_stages(definition(company), lead, qualified, closed, *rest)
    with pytest.raises(Refused, match=why), company.writes() as session:
        pipelines.apply(session, known)


def test_an_empty_stage_becomes_another_kind_with_what_is_usual_for_it(company: Company) -> None:
    with company.writes() as session:
        process = default(session)
        proposal = process.find("proposal")
        assert stages.edit(session, process, proposal, {"kind": Status.WON})
        assert proposal.probability == 1
        assert proposal.forecast_category == ForecastCategory.COMMIT
        assert stages.edit(session, process, proposal, {"kind": Status.OPEN})
        assert proposal.probability is None
        with pytest.raises(UsageError, match="a won stage is 100%"):
            stages.edit(session, process, process.find("won"), {"probability": Decimal("0.5")})


def test_an_open_stage_remains(company: Company) -> None:
    with company.writes() as session:
        for key in ("lead", "qualified", "proposal"):
            process = default(session)
            assert stages.remove(session, process, process.find(key)) == 0
        process = default(session)
        last = process.find("negotiation")
        with pytest.raises(UsageError, match="a pipeline needs an open stage"):
            stages.remove(session, process, last)
        with pytest.raises(UsageError, match="a pipeline needs an open stage"):
            stages.edit(session, process, last, {"kind": Status.LOST})
        assert [stage.position for stage in process.stages] == [1, 2, 3]


def test_a_custom_field_is_required_only_where_it_is_declared(company: Company) -> None:
    values = pipeline_files.complete({"key": "legal", "required_fields": ["custom.budget"]})
    with pytest.raises(NotFound, match="no custom field of deals is called 'budget'"):  # noqa: SIM117
        with company.writes() as session:
            stages.add(session, default(session), values, 0)
    with company.writes() as session:
        custom_fields.add(session, Entity.DEAL, "budget", None, FieldType.NUMBER)
        stages.add(session, default(session), values, 0)
        assert default(session).stages[0].required_fields == ["custom.budget"]


def test_keys_and_names_of_pipelines_are_their_own(company: Company) -> None:
    with company.writes() as session:
        with pytest.raises(Refused, match="there is a pipeline default already"):
            pipelines.add(session, replace(B2B, head={**B2B.head, "key": "default"}))
        with pytest.raises(Refused, match="pipeline default is called 'SALES' already"):
            pipelines.add(session, replace(B2B, head={**B2B.head, "label": "SALES"}))
        with pytest.raises(Refused, match="pipeline default is called 'default' already"):
            pipelines.add(session, replace(B2B, head={**B2B.head, "label": "default"}))
        pipelines.add(session, B2B)
        with pytest.raises(Refused, match="pipeline b2b is called 'b2b sales' already"):
            pipelines.edit(session, "default", {"label": "b2b sales"})


def test_the_pipeline_that_is_meant_where_none_is_named_can_be_changed(company: Company) -> None:
    with company.writes() as session:
        b2b = pipelines.add(session, B2B).pipeline
        assert list(rules.sales_processes(session)) == ["default", "b2b"]
        assert pipelines.put_first(session, b2b)
        assert list(rules.sales_processes(session)) == ["b2b", "default"]
        assert not pipelines.put_first(session, b2b)


@pytest.mark.parametrize(
    ("text", "place"),
    [("demo", "saas/demo"), ("default/lead", "default/lead"), ("SaaS/Lead", "saas/lead"),
     ("nego", "default/negotiation")],
)  # fmt: skip
def test_a_stage_is_found_over_all_pipelines(company: Company, text: str, place: str) -> None:
    with company.writes() as session:
        pipelines.add(session, pipeline_files.template("saas"))
        stage = stages.locate(rules.sales_processes(session), text).stage
    assert f"{stage.pipeline}/{stage.key}" == place


def test_a_stage_of_several_pipelines_is_not_guessed(company: Company) -> None:
    with company.writes() as session:
        pipelines.add(session, pipeline_files.template("saas"))
        known = rules.sales_processes(session)
        with pytest.raises(NotFound, match="'lead' could be any of default/lead, saas/lead"):
            stages.locate(known, "lead")
        with pytest.raises(NotFound, match="no pipeline has a stage 'xyz'"):
            stages.locate(known, "xyz")
        assert stages.locate(known, "lead", known["saas"]).stage.pipeline == "saas"
