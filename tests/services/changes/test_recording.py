"""The write path: what each write leaves in the tables and in its change set."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import col, select

from crmctl.domain.kinds import Entity, Origin
from crmctl.errors import Conflict
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.external_ids import ExternalId
from crmctl.models.tenants import Company as CompanyRow
from crmctl.services import changes
from crmctl.services.changes import recording
from crmctl.services.pipeline import deals, stage_history
from crmctl.services.records import external_ids
from crmctl.storage.lookups import BATCH
from tests.services.company import Company

_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


def rows_of(company: Company, ref: str) -> list[ChangeRow]:
    """Return the rows of a change set, in order."""
    with company.reads() as session:
        query = (
            select(ChangeRow)
            .join(Change, col(Change.id) == col(ChangeRow.change_id))
            .where(col(Change.ref) == ref)
            .order_by(col(ChangeRow.position))
        )
        return list(session.exec(query).all())


def test_a_session_that_writes_nothing_leaves_no_change_set(company: Company) -> None:
    with company.writes() as session:
        rows = company.customers(session, "Ann")
    with company.writes() as session:
        assert changes.edit(session, session.exec(select(Customer)).all(), {"name": "Ann"}) == []
        assert changes.edit(session, [], {"name": "Bob"}) == []
        changes.remove(session, [])
    assert not session.change.written
    with company.reads() as session:
        assert session.exec(select(Customer)).one().changed_in == rows[0].changed_in


def test_a_change_set_says_who_when_what_why_and_how(company: Company) -> None:
    with company.writes("crmctl deal add 'Ann & Bob'") as session:
        session.change.reason = "because"
        session.change.origin = Origin.BOARD
        session.change.overrides = "D1: too early"
        changes.begin(session)
    with company.reads() as reading:
        found = reading.exec(select(Change).where(col(Change.id) == session.change.id)).one()
    assert found.ref == session.change.ref == found.id.hex[-12:]
    assert (found.at, found.actor, found.command, found.reason, found.origin, found.overrides) == (
        company.now,
        "Uma",
        "crmctl deal add 'Ann & Bob'",
        "because",
        Origin.BOARD,
        "D1: too early",
    )
    assert found.actor_id is not None


def test_created_rows_carry_their_change_set_and_are_not_listed_in_it(company: Company) -> None:
    with company.writes() as session:
        (ann,) = company.customers(session, "Ann")
    assert rows_of(company, session.change.ref) == []
    assert ann.created_in == ann.changed_in == session.change.id
    assert ann.created_at == ann.updated_at == company.now


def test_an_edit_keeps_only_what_it_changed(company: Company) -> None:
    with company.writes() as session:
        company.customers(session, "Ann", "Bob")
    created, at = session.change.id, company.now
    with company.writes() as session:
        found = session.exec(select(Customer).order_by(col(Customer.number))).all()
        changed = changes.edit_each(
            session, [(found[0], {"name": "Anna", "phone": None}), (found[1], {"name": "Bob"})]
        )
        assert [row.name for row in changed] == ["Anna"]
    (row,) = rows_of(company, session.change.ref)
    assert (row.table_name, row.row_key, row.position) == ("customers", str(found[0].id), 1)
    assert row.before == {
        "name": "Ann", "changed_in": str(created), "updated_at": at.isoformat()
    }  # fmt: skip
    assert row.after == {
        "name": "Anna",
        "changed_in": str(session.change.id),
        "updated_at": company.now.isoformat(),
    }


@pytest.mark.parametrize("alike", [True, False])
def test_many_rows_are_written_alike_or_one_by_one(company: Company, alike: bool) -> None:
    count = BATCH + 3
    with company.writes() as session:
        company.customers(session, *(f"Customer {n}" for n in range(count)))
    with company.writes() as session:
        found = session.exec(select(Customer)).all()
        names = ["All" if alike else f"Name {row.number}" for row in found]
        changes.edit_each(
            session, [(row, {"name": name}) for row, name in zip(found, names, strict=True)]
        )
        assert [row.name for row in found] == names
    with company.reads() as reading:
        stored = reading.exec(select(Customer)).all()
        assert sorted(row.name for row in stored) == sorted(names)
        assert {row.changed_in for row in stored} == {session.change.id}
    assert len(rows_of(company, session.change.ref)) == count


@pytest.mark.parametrize("alike", [True, False])
def test_a_row_that_is_gone_is_a_conflict_and_nothing_is_written(
    company: Company, alike: bool
) -> None:
    with company.writes() as session:
        company.customers(session, "Ann", "Bob", "Cyd")

    def write() -> None:
        with company.writes() as session:
            found = session.exec(select(Customer)).all()
            session.execute(text("DELETE FROM customers WHERE name = 'Bob'"))
            names = ["All" if alike else f"Name {row.number}" for row in found]
            changes.edit_each(
                session, [(row, {"name": name}) for row, name in zip(found, names, strict=True)]
            )

    with pytest.raises(Conflict, match="removed it meanwhile"):
        write()
    with company.reads() as session:
        assert {row.name for row in session.exec(select(Customer))} == {"Ann", "Bob", "Cyd"}


def test_removed_rows_are_kept_whole_and_can_be_put_back(company: Company) -> None:
    with company.writes() as session:
        deals.create(session, {"title": "Big", "amount": Decimal("12.5"), "tags": ["a"]})
    with company.writes() as session:
        deal = session.exec(select(Deal)).one()
        whole = changes.values_of(deal)
        changes.remove(session, stage_history.entries(session, deal))
        changes.remove(session, [deal])
    _, row = rows_of(company, session.change.ref)
    assert row.after is None
    assert row.before is not None
    assert changes.decode(Deal, row.before) == whole
    with company.writes() as session:
        changes.restore(session, [Deal(**changes.decode(Deal, row.before))])
    (back,) = rows_of(company, session.change.ref)
    assert (back.before, back.after) == (None, row.before)
    with company.reads() as session:
        assert changes.values_of(session.exec(select(Deal)).one()) == whole


def test_a_company_is_a_row_like_others(company: Company) -> None:
    with company.writes() as session:
        changes.edit(session, [session.exec(select(CompanyRow)).one()], {"name": "Emca"})
    (row,) = rows_of(company, session.change.ref)
    assert (row.table_name, row.row_key) == ("companies", "")
    assert changes.parse_key(CompanyRow, "") == {}


def test_writes_stay_in_the_company(company: Company) -> None:
    with company.writes() as session:
        (ann,) = company.customers(session, "Ann")
        session.company_id = session.change.id
        with pytest.raises(Conflict):
            recording._update_alike(session, Customer, [changes.values_of(ann)], {"name": "Eve"})


@given(source=_TEXT, external_id=_TEXT)
def test_keys_of_rows_can_be_read_back(source: str, external_id: str) -> None:
    values: dict[str, Any] = {"entity": Entity.DEAL, "source": source, "external_id": external_id}
    row = ExternalId(**values)
    assert changes.parse_key(ExternalId, changes.row_key(row)) == values


def test_a_long_external_id_fits_into_a_change_set(company: Company) -> None:
    with company.writes() as session:
        deal = deals.create(session, {"title": "Big"})
        external_ids.attach(
            session, Entity.DEAL, "\U0001f600/" * 25, [("\U0001f600/%" * 60 + "x" * 20, deal.id)]
        )
    with company.writes() as session:
        assert len(external_ids.detach(session, Entity.DEAL, [deal.id])) == 1


_VALUES = st.fixed_dictionaries(
    {
        "title": st.text(),
        "amount": st.none() | st.decimals(-(10**12), 10**12, places=4),
        "expected_close": st.none() | st.dates(),
        "closed_at": st.none() | st.datetimes(timezones=st.just(UTC)),
        "tags": st.lists(st.text()),
        "entries": st.integers(1, 1000),
    }
)


@given(values=_VALUES)
def test_what_is_encoded_is_decoded_to_the_same(values: dict[str, Any]) -> None:
    assert changes.decode(Deal, changes.encode_all(values)) == values


def test_columns_that_are_gone_since_are_left_out() -> None:
    assert changes.decode(Deal, {"title": "Big", "colour": "red"}) == {"title": "Big"}
    assert changes.decode(Deal, {"expected_close": "2026-03-01"}) == {
        "expected_close": date(2026, 3, 1)
    }
    assert changes.decode(Deal, {"closed_at": "2026-03-01T09:00:00+00:00"}) == {
        "closed_at": datetime(2026, 3, 1, 9, tzinfo=UTC)
    }
