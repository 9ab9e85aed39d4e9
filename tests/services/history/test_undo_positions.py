"""Stages go back to where they were, all of a pipeline or none, and no place is empty after it."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from crmctl.services.pipeline import pipelines, rules, stages
from crmctl.services.pipeline.pipeline_files import complete, template
from tests.services.company import Company
from tests.services.history.undoing import kept, last_undo, take_back

#: Of the pipeline that a company begins with.
ORDER = ("lead", "qualified", "proposal", "negotiation", "won", "lost")


def _add(company: Company, key: str) -> str:
    values = complete({"key": key, "label": key, "kind": "open"})
    with company.writes("crmctl stage add") as session:
        stages.add(session, rules.sales_processes(session)["default"], values, 3)
    return session.change.ref


def _move(company: Company, key: str, index: int) -> str:
    with company.writes("crmctl stage move") as session:
        process = rules.sales_processes(session)["default"]
        stages.move(session, process, process.find(key), index)
    return session.change.ref


def _remove(company: Company, key: str) -> str:
    with company.writes("crmctl stage remove") as session:
        process = rules.sales_processes(session)["default"]
        stages.remove(session, process, process.find(key), process.find("won"))
    return session.change.ref


def _order(company: Company) -> list[tuple[int, str]]:
    with company.reads() as session:
        found = rules.sales_processes(session)["default"].stages
        return [(stage.position, stage.key) for stage in found]


def _gone(company: Company) -> str:
    _add(company, "extra")
    moved = _move(company, "extra", 0)
    take_back(company, moved)
    again = last_undo(company)
    _remove(company, "extra")
    return again


def _moved(company: Company) -> str:
    ref = _move(company, "lead", 2)
    _move(company, "lead", 3)
    return ref


def _added_beside(company: Company) -> str:
    ref = _add(company, "first")
    _add(company, "second")
    _remove(company, "second")
    return ref


@pytest.mark.parametrize(
    ("change", "keeps", "order"),
    [
        (_gone, {"stage default/extra": "it was removed since"}, ORDER),
        (_moved, {"stage default/lead": "position changed since by Uma"},
         ("qualified", "proposal", "lead", *ORDER[3:])),
        (_added_beside, {}, ORDER),
    ],
)  # fmt: skip
def test_stages_go_back_all_or_none(
    company: Company,
    change: Callable[[Company], str],
    keeps: Mapping[str, str],
    order: tuple[str, ...],
) -> None:
    ref = change(company)
    before = _order(company)
    plan = take_back(company, ref)
    assert {name: why.split(" in ")[0] for name, why in kept(plan).items()} == keeps
    assert [key for _, key in _order(company)] == [*order]
    assert [place for place, _ in _order(company)] == [*range(1, len(order) + 1)]
    assert not keeps or (plan.all_kept and _order(company) == before)


def test_a_pipeline_keeps_its_last_open_stage_and_a_company_its_last_pipeline(
    company: Company,
) -> None:
    definition = template("saas")
    chosen = tuple(one for one in definition.stages if one["key"] in ("lead", "won", "lost"))
    with company.writes() as session:
        pipelines.add(session, replace(definition, stages=chosen))
    added = session.change.ref
    values = complete({"key": "first", "label": "First", "kind": "open"})
    with company.writes() as session:
        stages.add(session, rules.sales_processes(session)["saas"], values, 0)
    first = session.change.ref
    with company.writes() as session:
        process = rules.sales_processes(session)["saas"]
        stages.remove(session, process, process.find("lead"))
    removed = session.change.ref
    because = "pipeline saas has no other open stage"
    assert kept(take_back(company, first))["stage saas/first"] == because
    take_back(company, removed)
    take_back(company, first)
    with company.writes() as session:
        pipelines.remove(session, "default")
    plan = take_back(company, added)
    assert (plan.all_kept, kept(plan)["stage saas/lead"]) == (True, because)
