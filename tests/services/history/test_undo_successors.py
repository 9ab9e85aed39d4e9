"""What has the key of something that went is another: nothing comes back to it, or out of it."""

from collections.abc import Callable

import pytest
from sqlmodel import col, select

from crmctl.domain.kinds import Entity, FieldType
from crmctl.models.custom_fields import CustomField
from crmctl.models.external_ids import ExternalId
from crmctl.services.pipeline import deals, pipelines, rules, stages
from crmctl.services.pipeline.pipeline_files import complete, template
from crmctl.services.records import custom_fields, external_ids
from tests.services.company import Company
from tests.services.history.undoing import (
    add_deals,
    deal,
    edit,
    kept,
    last_undo,
    move,
    take_back,
)

ANOTHER = "another took its place"


def _add_stage(company: Company, label: str) -> str:
    values = complete({"key": "legal", "label": label, "kind": "open"})
    with company.writes("crmctl stage add") as session:
        stages.add(session, rules.sales_processes(session)["default"], values, 1)
    return session.change.ref


def _remove_stage(company: Company) -> str:
    with company.writes("crmctl stage remove") as session:
        process = rules.sales_processes(session)["default"]
        stages.remove(session, process, process.find("legal"), process.find("lead"))
    return session.change.ref


def _left(company: Company) -> str:
    ref = move(company, "lead", 1)
    _remove_stage(company)
    return ref


def _edited(company: Company) -> str:
    with company.writes("crmctl stage edit") as session:
        process = rules.sales_processes(session)["default"]
        stages.edit(session, process, process.find("legal"), {"label": "Other"})
    ref = session.change.ref
    _remove_stage(company)
    return ref


@pytest.mark.parametrize(
    ("change", "keeps"),
    [
        (_remove_stage, {"stage default/legal": ANOTHER,
                 "D1 One": "stage: stage default/legal is another by now"}),
        (_left, {"D1 One": "stage: stage default/legal is another by now"}),
        (_edited, {"stage default/legal": ANOTHER}),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("on_each_engine")
def test_no_deal_comes_back_to_a_stage_of_the_same_key(
    company: Company, change: Callable[[Company], str], keeps: dict[str, str]
) -> None:
    _add_stage(company, "Legal")
    add_deals(company, "One")
    move(company, "legal", 1)
    ref = change(company)
    _add_stage(company, "Other")
    plan = take_back(company, ref)
    assert (kept(plan), plan.all_kept) == (keeps, True)
    with company.reads() as session:
        assert deal(session, 1).stage == "lead"


def test_what_went_comes_back_to_no_stage_of_the_same_key(company: Company) -> None:
    _add_stage(company, "Legal")
    with company.writes() as session:
        deals.create(session, {"title": "One"}, stage="legal")
    take_back(company, session.change.ref)
    redone = last_undo(company)
    _remove_stage(company)
    _add_stage(company, "Other")
    plan = take_back(company, redone)
    assert kept(plan)["D1 One"] == "stage default/legal is another by now"


def test_what_another_pipeline_has_the_key_of_stays_away(company: Company) -> None:
    with company.writes() as session:
        pipelines.add(session, template("saas"))
    key = "saas"
    with company.writes() as session:
        deals.create(session, {"title": "One"}, pipeline=key)
    with company.writes() as session:
        pipelines.remove(session, key, "default/lead")
    ref = session.change.ref
    other = template("b2b")
    with company.writes() as session:
        pipelines.add(session, type(other)({**other.head, "key": key}, other.stages))
    with company.reads() as session:
        before = [stage.key for stage in rules.sales_processes(session)[key].stages]
    plan = take_back(company, ref)
    assert plan.all_kept
    assert set(kept(plan).values()) > {ANOTHER, f"pipeline {key} is another by now"}
    with company.reads() as session:
        assert [stage.key for stage in rules.sales_processes(session)[key].stages] == before


def test_no_value_comes_back_to_a_field_of_the_same_key(company: Company) -> None:
    def add(kind: FieldType) -> None:
        with company.writes() as session:
            custom_fields.add(session, Entity.DEAL, "size", None, kind)

    add(FieldType.NUMBER)
    add_deals(company, "One")
    edit(company, 1, custom={"size": 5})
    with company.writes() as session:
        field = session.exec(select(CustomField)).one()
        custom_fields.remove(session, field, empty=True)
    add(FieldType.TEXT)
    assert kept(take_back(company, session.change.ref)) == {
        "deal field size": ANOTHER,
        "D1 One": "size: deal field size is another by now",
    }


def test_an_external_id_stays_with_whom_it_was_given_to_since(company: Company) -> None:
    def give(number: int) -> None:
        with company.writes() as session:
            external_ids.attach(session, Entity.DEAL, "hub", [("7", deal(session, number).id)])

    def take(number: int) -> str:
        with company.writes() as session:
            external_ids.detach(session, Entity.DEAL, [deal(session, number).id])
        return session.change.ref

    add_deals(company, "One", "Two")
    give(1)
    take_back(company, take(1))
    given_back = last_undo(company)
    take(1)
    give(2)
    assert kept(take_back(company, given_back)) == {"external id hub:7": ANOTHER}
    with company.reads() as session:
        key = session.exec(select(ExternalId).where(col(ExternalId.external_id) == "7")).one()
        assert key.deal_id == deal(session, 2).id
