"""Companies, franchises and users, and for whom a session works."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from crmctl.errors import CrmError, NotFound, Refused, UsageError
from crmctl.models.changes import Change, Counter
from crmctl.models.deals import Deal
from crmctl.models.session import ChangeSet, CrmSession
from crmctl.models.tenants import Company as Row
from crmctl.models.tenants import Franchise, User
from crmctl.services import setup
from crmctl.services.pipeline import deals, rules, stages
from crmctl.services.records.references import find_named
from crmctl.services.tenancy import access, companies, franchises, users
from crmctl.storage import db
from tests.services.company import START, Company

VALUES = {"name": "Acme", "currency": "EUR", "timezone": "UTC", "fiscal_month": 1}


def second(company: Company, **values: Any) -> Row:
    with company.writes() as session:
        return setup.add_company(
            session, {**VALUES, "name": "Beta", **values}, {"name": "Bo"}, "b2b"
        )


def add_user(company: Company, name: str, **values: Any) -> User:
    with company.writes() as session:
        return users.add(session, {"name": name, **values})


def entered(
    company: Company, *references: str | None, login: str = "nobody"
) -> tuple[str, str, CrmSession]:
    """Return the company and the actor that a session works for."""
    with db.session(company.engine) as session:
        session.change = ChangeSet(at=START, actor=login, command="crmctl test")
        found = access.enter(session, *[*references, None, None, None][:3])
    return found.name, session.change.actor, session


def test_a_company_begins_with_a_user_a_pipeline_and_counters(company: Company) -> None:
    made = second(company, currency="JPY", timezone="Asia/Tokyo")
    name, actor, session = entered(company, "beta")
    assert (name, actor, session.currency, session.timezone) == ("Beta", "Bo", "JPY", "Asia/Tokyo")
    with db.session(company.engine) as session:
        session.company_id = made.company_id
        assert [user.name for user in users.search(session)] == ["Bo"]
        assert list(rules.sales_processes(session)) == ["default"]
        counters = session.exec(select(Counter).where(Counter.company_id == made.company_id))
        assert sorted((c.kind, c.next) for c in counters) == [
            ("activity", 1),
            ("customer", 1),
            ("deal", 1),
        ]
        change = session.exec(select(Change).where(Change.company_id == made.company_id)).one()
        assert change.actor == "Bo"
        assert change.actor_id == users.search(session)[0].id


def test_the_only_company_is_meant_where_none_is_named(company: Company) -> None:
    assert entered(company)[0] == "Acme"
    second(company)
    with pytest.raises(NotFound, match="could be any of these: Acme; Beta; name it with"):
        entered(company)
    assert entered(company, "ACME")[0] == "Acme"
    with db.session(company.engine) as session:
        ids = {row.name: str(row.company_id) for row in companies.list_all(session)}
    assert entered(company, ids["Beta"])[0] == "Beta"
    with pytest.raises(NotFound, match=r"no company answers to 'Gamma' \(crmctl company list\)"):
        entered(company, "Gamma")


def test_who_acts_is_named_or_the_only_user_or_called_as_at_login(company: Company) -> None:
    assert entered(company, login="root")[1] == "Uma"
    add_user(company, "Bo", email="bo@acme.example")
    assert entered(company, login="root")[1] == "root"
    assert entered(company, login="root")[2].change.actor_id is None
    assert entered(company, login="bo")[1] == "Bo"
    assert entered(company, None, None, "bo@acme.example", login="root")[1] == "Bo"
    assert entered(company, None, None, "uma", login="bo")[1] == "Uma"
    assert entered(company, None, None, "none", login="root")[2].change.actor_id is None
    with pytest.raises(NotFound, match=r"no user answers to 'Cy' \(crmctl user list\)"):
        entered(company, None, None, "Cy")


def test_who_is_not_active_does_not_act(company: Company) -> None:
    add_user(company, "Bo")
    with company.writes() as session:
        users.edit(session, find_named(session, User, "Bo"), {"active": False})
    assert entered(company)[1] == "Uma"
    with pytest.raises(Refused, match="Bo is no active user"):
        entered(company, None, None, "Bo")


def test_two_users_of_one_name_are_told_apart(company: Company) -> None:
    other = add_user(company, "Bo")
    first = add_user(company, "Bo", email="bo@acme.example")
    with company.reads() as session:
        with pytest.raises(NotFound) as refused:
            find_named(session, User, "bo")
        assert "Bo (bo@acme.example)" in str(refused.value)
        assert str(other.id) in str(refused.value)
        assert str(refused.value).endswith("; an e-mail address or an id names one of them")
        for user in (first, other):
            assert find_named(session, User, users.handle(session, user)).id == user.id
        assert users.handle(session, find_named(session, User, "Uma")) == "Uma"


def test_a_user_works_in_their_franchise_unless_another_is_named(company: Company) -> None:
    with company.writes() as session:
        north = franchises.add(session, {"name": "North"})
        south = franchises.add(session, {"name": "South"})
        users.add(session, {"name": "Bo"}, "north")
    assert entered(company, None, None, "Bo")[2].franchise_id == north.id
    assert entered(company, None, "south", "Bo")[2].franchise_id == south.id
    assert entered(company, None, "none", "Bo")[2].franchise_id is None
    assert entered(company, None, None, "Uma")[2].franchise_id is None
    with company.writes() as session:
        found = find_named(session, User, "Bo")
        assert users.edit(session, found, {}, "South")
        assert not users.edit(session, found, {}, "South")
        assert users.edit(session, found, {}, "none")
        assert found.franchise_id is None


def test_a_new_user_is_of_the_franchise_that_is_worked_for(company: Company) -> None:
    with company.writes() as session:
        north = franchises.add(session, {"name": "North"})
        session.franchise_id = north.id
        assert users.add(session, {"name": "Bo"}).franchise_id == north.id
        assert users.add(session, {"name": "Cy"}, "none").franchise_id is None


def test_names_are_taken_once(company: Company) -> None:
    second(company)
    with company.writes(company="Acme") as session:
        acme = companies.find(session, "Acme")
        with pytest.raises(Refused, match="there is a company called 'BETA' already"):
            companies.add(session, {**VALUES, "name": "BETA"})
        with pytest.raises(Refused, match="there is a company called 'beta' already"):
            companies.edit(session, acme, {"name": "beta"})
        assert companies.edit(session, acme, {"name": "ACME"})
        north = franchises.add(session, {"name": "Nörd"})
        franchises.add(session, {"name": "South"})
        with pytest.raises(Refused, match="there is a franchise called 'NÖRD' already"):
            franchises.add(session, {"name": "NÖRD"})
        with pytest.raises(Refused, match="there is a franchise called 'south' already"):
            franchises.edit(session, north, {"name": "south"})
        assert franchises.edit(session, north, {"name": "NÖRD"})
        users.add(session, {"name": "Bo", "email": "bo@acme.example"})
        with pytest.raises(Refused, match=r"bo@acme\.example belongs to Bo already"):
            users.add(session, {"name": "Cy", "email": "bo@acme.example"})


@pytest.mark.parametrize("name", ["none", "None"])
def test_nobody_is_called_none(company: Company, name: str) -> None:
    with company.writes() as session:
        with pytest.raises(UsageError, match="a franchise cannot be called"):
            franchises.add(session, {"name": name})
        with pytest.raises(UsageError, match="a user cannot be called"):
            users.add(session, {"name": name})
        with pytest.raises(UsageError, match="a user cannot be called"):
            users.edit(session, find_named(session, User, "Uma"), {"name": name})
        north = franchises.add(session, {"name": "North"})
        with pytest.raises(UsageError, match="a franchise cannot be called"):
            franchises.edit(session, north, {"name": name})


def test_a_franchise_of_another_company_is_not_found(company: Company) -> None:
    second(company)
    with company.writes(company="Beta") as session:
        north = franchises.add(session, {"name": "North"})
    for text in ("North", str(north.id)):
        with pytest.raises(NotFound, match="no franchise answers to"):
            entered(company, "Acme", text)
    with db.session(company.engine) as session:
        assert len(session.exec(select(Franchise)).all()) == 1


def test_several_who_begin_at_once_make_one_company(engine: Engine) -> None:
    def begin(number: int) -> bool:
        with db.session(engine, write=True) as session:
            session.change = ChangeSet(at=START, actor="nobody", command="crmctl init")
            return setup.begin(session, VALUES, {"name": f"User {number}"}, "b2b") is not None

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(begin, range(4))) == [False, False, False, True]
    with db.session(engine) as session:
        assert len(session.exec(select(Row)).all()) == 1
        assert len(session.exec(select(User)).all()) == 1


def test_several_who_take_one_name_at_once_make_one_company(company: Company) -> None:
    def add(number: int) -> bool:
        with db.session(company.engine, write=True) as session:
            session.change = ChangeSet(at=START, actor="nobody", command="crmctl company add")
            try:
                setup.add_company(session, {**VALUES, "name": "Beta"}, {"name": "Bo"}, "b2b")
            except Refused:
                session.rollback()
                return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(add, range(4))) == [False, False, False, True]


def test_a_stage_does_not_go_while_a_deal_comes(company: Company) -> None:
    """Either the deal came first and moves along, or the stage went first and it is refused."""
    results: list[str] = []

    def add(number: int) -> None:
        with db.session(company.engine, write=True) as session:
            session.change = ChangeSet(at=company.now, actor="nobody", command="crmctl deal add")
            access.enter(session, None, None, None)
            deals.create(session, {"title": f"Deal {number}"}, stage="proposal")

    def remove(number: int) -> None:
        with db.session(company.engine, write=True) as session:
            change = ChangeSet(at=company.now, actor="nobody", command="crmctl stage remove")
            session.change = change
            access.enter(session, None, None, None)
            process = rules.sales_processes(session, lock=True)["default"]
            change.at += timedelta(seconds=1)
            stages.remove(session, process, process.find("proposal"), process.find("lead"))

    def run(number: int) -> None:
        try:
            (remove if number == 5 else add)(number)
            results.append("done")
        except CrmError as error:
            results.append(type(error).__name__)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(run, range(10)))
    with company.reads() as session:
        found = session.exec(select(Deal)).all()
        assert rules.sales_processes(session)["default"].stage("proposal") is None
        assert {deal.stage for deal in found} <= {"lead"}
        assert len(found) == results.count("done") - 1
    # What was too late was told so, in one of the documented ways.
    assert set(results) <= {"done", "Conflict", "NotFound", "Retry"}
