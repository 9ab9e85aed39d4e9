"""The numbers that people call records by."""

from sqlalchemy import Connection, insert, update

from crmctl.domain.kinds import Entity
from crmctl.models.changes import Counter
from crmctl.models.session import CrmSession
from crmctl.services.records import types
from crmctl.storage import dialects
from crmctl.storage.scope import in_company
from crmctl.storage.tables import table_of

#: A block larger than this is taken in a transaction of its own.
SMALL = 100


def take(session: CrmSession, entity: Entity, count: int = 1) -> int:
    """Return the first of `count` numbers that nobody else gets."""
    if count <= SMALL or not dialects.has_concurrent_writers(session):
        return _take(session.connection(), session, entity, count)
    # The counter's row stays locked until its transaction ends. An import would make everyone
    # else wait for its whole length, so it takes its block at once; a gap is fine.
    return _take(session.aside, session, entity, count)


def _take(connection: Connection, session: CrmSession, entity: Entity, count: int) -> int:
    counters = table_of(Counter)
    mine = in_company(session, counters) & (counters.c.kind == entity)
    taken = connection.scalar(
        update(counters).where(mine).values(next=counters.c.next + count).returning(counters.c.next)
    )
    assert taken is not None, "every company is created with its counters"
    return int(taken) - count


def start(session: CrmSession) -> None:
    """Create the counters of the session's company, at one."""
    kinds = [one.entity for one in types.NUMBERED]
    rows = [{"company_id": session.company_id, "kind": kind, "next": 1} for kind in kinds]
    session.execute(insert(table_of(Counter)), rows)
