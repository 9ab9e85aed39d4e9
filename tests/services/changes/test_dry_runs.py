"""A dry session shows what would be done, and writes nothing."""

import pytest
from sqlmodel import select

from crmctl.errors import DatabaseError
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.customers import Customer
from crmctl.services import changes
from crmctl.storage import db
from tests.services.company import Company


def _counts(company: Company) -> tuple[int, int, list[str]]:
    with company.reads() as session:
        return (
            len(session.exec(select(Change)).all()),
            len(session.exec(select(ChangeRow)).all()),
            [row.name for row in session.exec(select(Customer)).all()],
        )


def test_a_dry_session_changes_rows_in_memory_only(company: Company) -> None:
    with company.writes() as session:
        company.customers(session, "Ann")
    before = _counts(company)
    with company.reads() as session:
        session.change.dry = True
        row = session.exec(select(Customer)).one()
        assert changes.edit(session, [row], {"name": "Bob"}) == [row]
        changes.create(session, Customer, [{"id": row.id, "number": 2, "name": "Cid"}])
        changes.restore(session, [row])
        changes.remove(session, [row])
        assert row.name == "Bob"
    assert _counts(company) == before


def test_a_session_that_only_reads_cannot_write_on_postgresql(postgres_url: str) -> None:
    from tests.services.company import make

    engine = db.engine(postgres_url)
    company = make(engine)
    with pytest.raises(DatabaseError, match="read-only"), company.reads() as session:
        company.customers(session, "Ann")
    engine.dispose()
