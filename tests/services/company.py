"""A company to test services in, without the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from crmctl.domain.kinds import Entity
from crmctl.models.base import new_id
from crmctl.models.customers import Customer
from crmctl.models.session import ChangeSet, CrmSession
from crmctl.services import changes, setup
from crmctl.services.records import numbers
from crmctl.services.tenancy import access
from crmctl.storage import db

#: The first moment of the tests' time.
START = datetime(2026, 3, 1, 9, tzinfo=UTC)


@dataclass
class Company:
    """A company with one user and the default pipeline."""

    engine: Engine
    now: datetime = START

    @contextmanager
    def writes(
        self, command: str = "crmctl test", company: str | None = None
    ) -> Iterator[CrmSession]:
        """Yield a session that commits, a minute after the one before."""
        self.now += timedelta(minutes=1)
        with db.session(self.engine, write=True) as session:
            session.change = ChangeSet(at=self.now, actor="nobody", command=command)
            access.enter(session, company, None, None)
            yield session

    @contextmanager
    def reads(self) -> Iterator[CrmSession]:
        """Yield a session that writes nothing."""
        with db.session(self.engine) as session:
            session.change = ChangeSet(at=self.now, actor="nobody", command="crmctl test")
            access.enter(session, None, None, None)
            yield session

    def customers(self, session: CrmSession, *names: str) -> list[Customer]:
        """Create a customer for each of `names`."""
        first = numbers.take(session, Entity.CUSTOMER, len(names))
        values = [
            {"id": new_id(), "number": number, "name": name}
            for number, name in enumerate(names, first)
        ]
        return changes.create(session, Customer, values)


def make(engine: Engine) -> Company:
    """Return a new company in the database of `engine`."""
    company = {"name": "Acme", "currency": "EUR", "timezone": "UTC", "fiscal_month": 1}
    with db.session(engine, write=True) as session:
        session.change = ChangeSet(at=START, actor="nobody", command="crmctl init")
        setup.begin(session, company, {"name": "Uma"}, "b2b")
    return Company(engine)
