"""The log and undo within a franchise: what it changed itself, and all of what it may see."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from crmctl.errors import NotFound
from crmctl.models.changes import Change
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import field_history, log, undo
from crmctl.services.integrity import check
from crmctl.services.pipeline import deals
from crmctl.services.records import references
from crmctl.services.tenancy import access, franchises
from tests.services.company import Company


@pytest.fixture
def divided(company: Company) -> Company:
    """A company with the franchises North and South."""
    for name in ("North", "South"):
        with company.writes() as session:
            franchises.add(session, {"name": name})
    return company


@contextmanager
def within(company: Company, franchise: str | None) -> Iterator[CrmSession]:
    """Yield a session of the franchise that commits; None is the whole company."""
    with company.writes() as session:
        access.enter(session, None, franchise, None)
        yield session


def add(company: Company, title: str, franchise: str | None) -> str:
    """Add a deal in the franchise, and return the reference of the change set."""
    with within(company, franchise) as session:
        deals.create(session, {"title": title})
    return session.change.ref


def rename(company: Company, number: int, title: str, franchise: str | None) -> str:
    """Rename a deal in the franchise, and return the reference of the change set."""
    with within(company, franchise) as session:
        changes.edit(session, [references.find(session, Deal, f"D{number}")], {"title": title})
    return session.change.ref


def listed(company: Company, franchise: str | None) -> list[str]:
    """Return the references of the changes that the log lists in the franchise, oldest first."""
    with within(company, franchise) as session:
        return [entry.change.ref for entry in log.search(session, 50).rows][::-1]


def undone(company: Company, ref: str, franchise: str | None) -> Change:
    """Take a change back from within the franchise, and return it."""
    with within(company, franchise) as session:
        plan = undo.prepare(session, ref, lock=True)
        assert not isinstance(plan, str)
        undo.carry_out(session, plan)
    with company.reads() as session:
        return undo.find_change(session, ref)


def test_the_log_of_a_franchise_lists_what_was_changed_in_it(divided: Company) -> None:
    refs = {where: add(divided, f"Of {where}", where) for where in ("North", "South", None)}
    assert listed(divided, "North") == [refs["North"]]
    assert listed(divided, "South") == [refs["South"]]
    assert listed(divided, None)[-3:] == list(refs.values())


def test_a_record_that_a_franchise_sees_shows_all_its_changes(divided: Company) -> None:
    refs = [
        add(divided, "Big", "North"),
        rename(divided, 1, "Bigger", None),
        rename(divided, 1, "Biggest", "North"),
    ]
    with within(divided, "North") as session:
        found = log.find(session, "D1")
        whole = log.of_record(session, found)
        assert [line.change.ref for line in whole.rows] == refs[::-1]
        assert (whole.total, whole.more) == (3, False)
        first = log.of_record(session, found, 2)
        assert [line.change.ref for line in first.rows] == refs[:0:-1]
        assert (first.total, first.more) == (3, True)
        # One that the franchise did not make is in the list, too.
        rest = log.of_record(session, found, 2, after=refs[1])
        assert [line.change.ref for line in rest.rows] == refs[:1]
        assert (rest.total, rest.more) == (3, False)
        assert isinstance(found, Deal)
        titles = [(one.before, one.after) for one in field_history.field_changes(session, found)]
        assert titles == [("Big", "Bigger"), ("Bigger", "Biggest")]
    with within(divided, "South") as session, pytest.raises(NotFound):
        log.find(session, "D1")


def test_a_change_is_found_only_where_it_was_made(divided: Company) -> None:
    add(divided, "Big", "North")
    by_all = rename(divided, 1, "Bigger", None)
    by_south = add(divided, "Small", "South")
    with within(divided, "North") as session:
        for ref in (by_all, by_south):
            with pytest.raises(NotFound, match="no change made in franchise North answers to"):
                undo.find_change(session, ref, lock=True)
            with pytest.raises(
                NotFound, match="no deal, customer, activity, user or change answers to"
            ):
                log.find(session, ref)
    with within(divided, None) as session:
        assert [undo.find_change(session, ref).ref for ref in (by_all, by_south)] == [
            by_all,
            by_south,
        ]


def test_the_last_change_is_one_of_the_franchise(divided: Company) -> None:
    by_north, by_south = add(divided, "Big", "North"), add(divided, "Small", "South")
    by_all = rename(divided, 1, "Bigger", None)
    for where, ref in (("North", by_north), ("South", by_south), (None, by_all)):
        with within(divided, where) as session:
            last = undo.last_change(session, lock=True)
            assert last
            assert last.ref == ref


def test_the_company_takes_back_what_a_franchise_changed(divided: Company) -> None:
    ref = add(divided, "Big", "North")
    change = undone(divided, ref, None)
    assert change.undone_in
    assert listed(divided, "North") == [ref]
    with within(divided, "North") as session:
        told = undo.prepare(session, ref)
        assert str(told).startswith(f"{ref[:8]} is undone already (crmctl test)")
        told = undo.prepare(session, None)
        assert told == (
            "Uma has no change made in franchise North left to undo"
            " (crmctl log, or --franchise none)"
        )


def test_a_franchise_undoes_and_redoes_its_own(divided: Company) -> None:
    ref = add(divided, "Big", "North")
    undone(divided, ref, "North")
    undoing = listed(divided, "North")[-1]
    undone(divided, undoing, "North")
    with within(divided, "North") as session:
        assert undo.find_change(session, ref).undone_in is None
        deal = references.find(session, Deal, "D1")
        told = [
            (one.field, one.before, one.after) for one in field_history.field_changes(session, deal)
        ]
        assert told == [("deal", "there", None), ("deal", None, "there")]


def test_a_franchise_whose_creation_was_undone_leaves_a_sound_log(divided: Company) -> None:
    ref = add(divided, "Big", "South")
    created = listed(divided, None)[-2]
    undone(divided, ref, "South")
    undone(divided, created, None)
    with divided.reads() as session:
        assert [one.name for one in franchises.search(session)] == ["North"]
        assert check.run(session) == []


def test_who_is_no_user_is_found_in_any_case(company: Company) -> None:
    with company.writes() as session:
        session.change.actor, session.change.actor_id = "Ünal", None
        deals.create(session, {"title": "Big"})
    with company.reads() as session:
        for actor in ("ünal", " ÜNAL "):
            found = log.search(session, 10, actor=actor).rows
            assert [entry.change.actor for entry in found] == ["Ünal"]
        with pytest.raises(NotFound, match="no user answers to 'una'"):
            log.search(session, 10, actor="una")
