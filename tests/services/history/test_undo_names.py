"""Undo gives no name to a record that another has by now, in capitals or not."""

from collections.abc import Callable

import pytest

from crmctl.models.base import Owned, new_id
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise, User
from crmctl.services import changes
from crmctl.services.integrity import check
from crmctl.services.pipeline import rules, stages
from crmctl.services.pipeline.pipeline_files import complete
from crmctl.services.tenancy import franchises, users
from tests.services.company import Company
from tests.services.history.undoing import kept, last_undo, take_back

Add = Callable[[CrmSession, str], Owned]


def _user(session: CrmSession, name: str) -> Owned:
    return users.add(session, {"name": name})


def _franchise(session: CrmSession, name: str) -> Owned:
    return franchises.add(session, {"name": name})


def _stage(session: CrmSession, label: str) -> Owned:
    process = rules.sales_processes(session)["default"]
    values = complete({"key": f"s{new_id().hex[-8:]}", "label": label, "kind": "open"})
    return stages.add(session, process, values, 1)


CASES = [
    (User, _user, "another has its name"),
    (Franchise, _franchise, "another has its name"),
    (Stage, _stage, "another has its label"),
]


@pytest.mark.parametrize(("model", "add", "because"), CASES)
def test_what_another_is_called_by_now_does_not_come_back(
    company: Company, model: type[Owned], add: Add, because: str
) -> None:
    with company.writes() as session:
        add(session, "North")
    take_back(company, session.change.ref)
    redone = last_undo(company)
    with company.writes() as session:
        add(session, "NORTH ")
    assert list(kept(take_back(company, redone)).values()) == [because]


@pytest.mark.parametrize(("model", "add", "because"), CASES)
def test_a_name_that_another_has_by_now_is_not_given_back(
    company: Company, model: type[Owned], add: Add, because: str
) -> None:
    with company.writes() as session:
        row = add(session, "North")
        name = "label" if model is Stage else "name"
    with company.writes() as session:
        changes.edit(session, [session.merge(row)], {name: "South"})
    ref = session.change.ref
    with company.writes() as session:
        add(session, "north")
    assert list(kept(take_back(company, ref)).values()) == [f"{name}: {because}"]


@pytest.mark.parametrize(("model", "add", "because"), CASES)
def test_the_check_finds_what_is_called_alike(
    company: Company, model: type[Owned], add: Add, because: str
) -> None:
    with company.writes() as session:
        add(session, "North")
        row = add(session, "South")
        changes.edit(session, [row], {because.split()[-1]: "NORTH"})
    with company.reads() as session:
        (found,) = check.run(session)
    assert found.invariant in ("users are told apart", "names are told apart")
    assert found.detail.startswith("2 ")
