"""Rows as they were, taken back from what changed since."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from crmctl.errors import NotFound, UsageError
from crmctl.models.customers import Customer
from crmctl.models.pipelines import Stage
from crmctl.models.session import ChangeSet
from crmctl.models.tenants import User
from crmctl.services import changes
from crmctl.services.queries.snapshot import Snapshot
from crmctl.services.tenancy import access, users
from crmctl.storage import db
from tests.services.company import START, Company

LATER = START + timedelta(days=30)


def _rename(company: Company, name: str, *, at: datetime) -> None:
    with db.session(company.engine, write=True) as session:
        session.change = ChangeSet(at=at, actor="nobody", command="crmctl test")
        access.enter(session, None, None, None)
        changes.edit(session, [session.exec(select(Customer)).one()], {"name": name})


def _name(company: Company, at: datetime) -> str | None:
    with company.reads() as session:
        found = Snapshot(session, LATER, at).fields(Customer, _ids(session), ["name"])
        return next((values["name"] for values in found.values()), None)


def _ids(session: Any) -> list[Any]:
    return [row.id for row in session.exec(select(Customer))]


def test_a_row_is_what_it_was_after_each_change(company: Company) -> None:
    with company.writes() as session:
        company.customers(session, "Ann")
    born = company.now
    _rename(company, "Bo", at=born + timedelta(days=1))
    _rename(company, "Cid", at=born + timedelta(days=2))
    assert _name(company, born) == "Ann"
    assert _name(company, born + timedelta(days=1)) == "Bo"
    assert _name(company, born + timedelta(days=1, hours=12)) == "Bo"
    assert _name(company, born + timedelta(days=2)) == "Cid"
    assert _name(company, LATER) == "Cid"


def test_of_two_who_change_a_row_at_once_the_second_may_have_begun_first(company: Company) -> None:
    with company.writes() as session:
        company.customers(session, "Ann")
    born = company.now
    _rename(company, "Bo", at=born + timedelta(seconds=2))
    # Begun before the other, it waited for the other's end.
    _rename(company, "Cid", at=born + timedelta(seconds=1))
    assert _name(company, born) == "Ann"
    assert _name(company, born + timedelta(seconds=1)) == "Ann"
    assert _name(company, born + timedelta(seconds=2)) == "Cid"
    assert _name(company, LATER) == "Cid"


def test_rows_that_were_made_later_were_not_there(company: Company) -> None:
    with company.writes() as session:
        users.add(session, {"name": "Zoe"})
    with company.reads() as session:
        assert [user.name for user in Snapshot(session, LATER, START).rows(User)] == ["Uma"]
        now = Snapshot(session, LATER).rows(User)
        assert sorted(user.name for user in now) == ["Uma", "Zoe"]


def test_rows_that_were_removed_for_good_come_back_whole(company: Company) -> None:
    with company.writes() as session:
        gone = session.exec(select(Stage).where(Stage.key == "lead")).one()
        before = changes.values_of(gone)
        changes.edit(session, [gone], {"label": "Changed first"})
        changes.remove(session, [gone])
    with company.reads() as session:
        then = Snapshot(session, LATER, START).rows(Stage)
        found = next(stage for stage in then if stage.key == "lead")
        assert changes.values_of(found) == before
        assert "lead" not in {stage.key for stage in Snapshot(session, LATER).rows(Stage)}


def test_rows_that_came_and_went_since_were_not_there(company: Company) -> None:
    with company.writes() as session:
        zoe = users.add(session, {"name": "Zoe"})
    with company.writes() as session:
        changes.remove(session, [zoe])
    with company.reads() as session:
        assert [user.name for user in Snapshot(session, LATER, START).rows(User)] == ["Uma"]


def test_users_are_found_by_the_names_that_they_had(company: Company) -> None:
    with company.writes() as session:
        uma = session.exec(select(User)).one()
        users.edit(session, uma, {"name": "Zoe"})
    with company.reads() as session:
        then = Snapshot(session, LATER, START)
        assert then.find_user("um").name == "Uma"
        with pytest.raises(NotFound, match="no user answered to 'zoe' at 2026-03-01 09:00 UTC"):
            then.find_user("zoe")
        assert Snapshot(session, LATER).find_user("zoe").name == "Zoe"


def test_a_time_that_has_not_come_is_refused(company: Company) -> None:
    with company.reads() as session, pytest.raises(UsageError, match="has not come yet"):
        Snapshot(session, START, LATER)
