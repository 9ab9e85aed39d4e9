"""Bringing back all that a change removed: as it was, or row by row if something is in the way."""

import pytest
from sqlmodel import col, select

from crmctl.models.changes import Change, ChangeRow
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services.history import row_changes, undo, undo_returns
from crmctl.services.history.undo_plan import UndoPlan
from crmctl.services.history.undo_steps import UndoProgress
from crmctl.services.pipeline import deals
from crmctl.services.records import external_ids, types
from tests.services.company import Company
from tests.services.history.undoing import kept, last_undo, take_back


@pytest.fixture
def removed(company: Company, monkeypatch: pytest.MonkeyPatch) -> tuple[Company, str]:
    """A company whose deals, with their external ids, an undo has removed; few are in memory."""
    monkeypatch.setattr(row_changes, "CHUNK", 3)
    with company.writes("crmctl import deals") as session:
        for n in range(8):
            added = deals.create(session, {"title": f"Deal {n}"})
            external_ids.attach(session, types.entity_of(Deal), "hubspot", [(str(n), added.id)])
    take_back(company, session.change.ref)
    return company, last_undo(company)


@pytest.fixture
def brought_back(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the rows came back without being judged, each time."""
    found: list[bool] = []
    real = undo_returns.bring_back

    def bring_back(session: CrmSession, made: UndoPlan, progress: UndoProgress | None) -> bool:
        found.append(real(session, made, progress))
        return found[-1]

    monkeypatch.setattr(undo_returns, "bring_back", bring_back)
    return found


def _entries(company: Company, ref: str) -> list[tuple[object, ...]]:
    with company.reads() as session:
        change = undo.find_change(session, ref)
        query = select(ChangeRow).where(col(ChangeRow.change_id) == change.id)
        found = [(r.table_name, r.row_key, r.before, r.after) for r in session.exec(query)]
        return sorted(found, key=repr)


def test_what_came_back_is_recorded_as_it_was(
    removed: tuple[Company, str], brought_back: list[bool]
) -> None:
    company, ref = removed
    seen: list[tuple[int, int]] = []
    with company.writes("crmctl undo") as session:
        plan = undo.plan(session, undo.find_change(session, ref, lock=True), lock=True)
        undo.carry_out(session, plan, lambda done, total: seen.append((done, total)))
    assert (brought_back, seen[-1]) == ([True], (24, 24))
    went = [(table, key, after, before) for table, key, before, after in _entries(company, ref)]
    assert _entries(company, last_undo(company)) == sorted(went, key=repr)


def test_an_id_that_is_taken_keeps_its_record_and_no_other(
    removed: tuple[Company, str], brought_back: list[bool]
) -> None:
    company, ref = removed
    with company.writes() as session:
        added = deals.create(session, {"title": "Another"})
        external_ids.attach(session, types.entity_of(Deal), "hubspot", [("6", added.id)])
    plan = take_back(company, ref)
    assert brought_back == [False]
    assert list(kept(plan).values()) == [
        "another has external id hubspot:6", "another took its place",
    ]  # fmt: skip
    with company.reads() as session:
        titles = session.exec(select(Deal.title).order_by(col(Deal.title))).all()
    assert titles == ["Another", *(f"Deal {n}" for n in range(8) if n != 6)]
    assert len({(table, key) for table, key, *_ in _entries(company, last_undo(company))}) == 21


def test_where_all_is_kept_nothing_is_written(company: Company, brought_back: list[bool]) -> None:
    with company.writes() as session:
        added = deals.create(session, {"title": "Mine"})
    with company.writes() as session:
        external_ids.attach(session, types.entity_of(Deal), "hubspot", [("1", added.id)])
    take_back(company, session.change.ref)
    gone = last_undo(company)
    with company.writes() as session:
        external_ids.attach(session, types.entity_of(Deal), "hubspot", [("1", added.id)])
    plan = take_back(company, gone)
    assert (brought_back, plan.all_kept, plan.kept_count) == ([False], True, 1)
    with company.reads() as session:
        assert undo.find_change(session, gone).undone_in is None
        mine = select(Change).where(col(Change.undoes) == undo.find_change(session, gone).id)
        assert session.exec(mine).first() is None
