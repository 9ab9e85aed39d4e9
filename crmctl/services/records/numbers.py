"""The numbers that people call records by."""

from functools import partial

from sqlalchemy import String, and_, cast, insert, literal, select, update

from crmctl.domain.kinds import Entity
from crmctl.models.changes import Counter
from crmctl.models.session import CrmSession
from crmctl.services.records import types
from crmctl.storage import dialects
from crmctl.storage.scope import in_company
from crmctl.storage.tables import table_of

#: In so many numbers is a block, which one transaction may claim for itself.
BLOCK = 5_000
_COUNTERS = table_of(Counter)


def take(session: CrmSession, entity: Entity, count: int = 1, *, long: bool = False) -> int:
    """Return the first of `count` numbers that nobody else gets.

    `long` says that the transaction goes on for long. The counter's row stays locked until its
    transaction ends, and would make everyone else wait for that. Then whole blocks are claimed, by
    a lock that others need not wait for: they go on behind them. The counter learns at the commit
    how many were used. A gap is fine.
    """
    if entity in session.numbers or (long and dialects.has_concurrent_writers(session)):
        return _take_claimed(session, entity, count)
    following = _COUNTERS.c.next
    mine = in_company(session, _COUNTERS) & (_COUNTERS.c.kind == entity)
    ends = {0: following - count, count - 1: following - 1}.values()
    names = (literal(_name(session, entity)) + cast(end // BLOCK, String) for end in ends)
    unclaimed = and_(*(dialects.shares_turn(session, name) for name in names))
    taking = update(_COUNTERS).where(mine).values(next=following + count)
    while True:
        first, free = session.execute(taking.returning(following - count, unclaimed)).one()
        if free:
            return int(first)
        beyond = (following - 1) // BLOCK * BLOCK + BLOCK
        session.execute(update(_COUNTERS).where(mine).values(next=beyond))


def _take_claimed(session: CrmSession, entity: Entity, count: int) -> int:
    """Return the first of `count` numbers of the blocks that the session has claimed."""
    left = session.numbers.get(entity)
    if left is None:
        session.at_commit.append(partial(_give_back, session, entity))
        left = range(0)
    if len(left) < count:
        left = _claim(session, entity, count, left.start)
    session.numbers[entity] = left[count:]
    return left.start


def _claim(session: CrmSession, entity: Entity, count: int, start: int) -> range:
    """Return at least `count` numbers from `start` on, to the end of a block; nobody has them."""
    while True:
        start = max(start, _following(session, entity))
        stop = (start + count - 1) // BLOCK * BLOCK + BLOCK
        blocks = range(start // BLOCK, stop // BLOCK)
        name = _name(session, entity)
        taken = [block for block in blocks if not dialects.try_turn(session, f"{name}{block}")]
        if taken:
            start = (taken[-1] + 1) * BLOCK
            continue
        # Who had them may just have ended, and used some.
        start = max(start, _following(session, entity))
        if start + count <= stop:
            return range(start, stop)


def _following(session: CrmSession, entity: Entity) -> int:
    mine = in_company(session, _COUNTERS) & (_COUNTERS.c.kind == entity)
    return int(session.execute(select(_COUNTERS.c.next).where(mine)).scalar_one())


def _give_back(session: CrmSession, entity: Entity) -> None:
    """Have the counter go on behind the numbers that were used."""
    following = session.numbers.pop(entity).start
    mine = in_company(session, _COUNTERS) & (_COUNTERS.c.kind == entity)
    behind = update(_COUNTERS).where(mine, _COUNTERS.c.next < following)
    session.execute(behind.values(next=following))


def _name(session: CrmSession, entity: Entity) -> str:
    """Return what the locks of blocks are called, but for the number of the block."""
    return f"numbers {entity} {session.company_id} "


def start(session: CrmSession) -> None:
    """Create the counters of the session's company, at one."""
    kinds = [one.entity for one in types.NUMBERED]
    rows = [{"company_id": session.company_id, "kind": kind, "next": 1} for kind in kinds]
    session.execute(insert(_COUNTERS), rows)
