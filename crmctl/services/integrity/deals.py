"""What must never be false of deals, their stages and their history."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Subquery, and_, case, func, or_, select

from crmctl.domain import times
from crmctl.domain.kinds import Status
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.services.integrity.violations import Violation, rows
from crmctl.services.records import types
from crmctl.storage.scope import same_company
from crmctl.storage.tables import table_of

_DEALS = table_of(Deal)
_HISTORY = table_of(StageEntry)
_STAGES = table_of(Stage)


def stage_there(session: CrmSession) -> Iterator[Violation]:
    """Yield the deals whose stage is none of their pipeline."""
    here = _of_stage()
    query = (
        select(_DEALS.c.company_id, _DEALS.c.number, _DEALS.c.pipeline, _DEALS.c.stage)
        .select_from(_DEALS.outerjoin(_STAGES, here))
        .where(_STAGES.c.key.is_(None))
    )
    for company, number, pipeline, stage in rows(session, query):
        detail = f"is in {pipeline}/{stage}, and there is no such stage"
        yield Violation(company, types.DEAL.ref(number), detail)


def _of_stage() -> ColumnElement[bool]:
    return and_(
        same_company(_STAGES, _DEALS),
        _STAGES.c.pipeline == _DEALS.c.pipeline,
        _STAGES.c.key == _DEALS.c.stage,
    )


def status(session: CrmSession) -> Iterator[Violation]:
    """Yield the deals whose status is not the kind of their stage."""
    query = (
        select(_DEALS.c.company_id, _DEALS.c.number, _DEALS.c.status, _STAGES.c.key, _STAGES.c.kind)
        .select_from(_DEALS.join(_STAGES, _of_stage()))
        .where(_DEALS.c.status != _STAGES.c.kind)
    )
    for company, number, status, stage, kind in rows(session, query):
        detail = f"is {status}, and its stage {stage} is {kind}"
        yield Violation(company, types.DEAL.ref(number), detail)


def history_end(session: CrmSession) -> Iterator[Violation]:
    """Yield the deals whose history does not end in their stage."""
    for company, number, stage, entries, entered, count in rows(session, _other_ends()):
        if entered is None:
            detail = "has no history"
        elif entered != stage:
            detail = f"is in {stage}, and its history ends in {entered}"
        elif count != entries:
            detail = f"counts {entries} entries of history, and has {count}"
        else:
            detail = f"and the end of its history differ in how or when {stage} was entered"
        yield Violation(company, types.DEAL.ref(number), detail)


def _other_ends() -> Select[UUID, int, str, int, str | None, int | None]:
    """Return the query for deals that stand otherwise than the end of their history says."""
    ends = _ends()
    last = _HISTORY.alias("last_entry")
    its_ends = and_(same_company(ends, _DEALS), ends.c.deal_id == _DEALS.c.id)
    its_last = and_(
        same_company(last, _DEALS),
        last.c.deal_id == _DEALS.c.id,
        last.c.position == ends.c.last,
    )
    same = ("pipeline", "stage", "status")
    return (
        select(_DEALS.c.company_id, _DEALS.c.number, _DEALS.c.stage, _DEALS.c.entries,
               last.c.stage, ends.c.count)
        .select_from(_DEALS.outerjoin(ends, its_ends).outerjoin(last, its_last))
        .where(
            or_(
                last.c.stage.is_(None),
                ends.c.count != _DEALS.c.entries,
                last.c.entered_at != _DEALS.c.stage_entered_at,
                last.c.entered_on.is_distinct_from(_DEALS.c.stage_entered_on),
                *(last.c[name] != _DEALS.c[name] for name in same),
            )
        )
    )  # fmt: skip


def _ends() -> Subquery:
    """Return the last position, and the count, of the entries of each deal's history."""
    return (
        select(
            _HISTORY.c.company_id,
            _HISTORY.c.deal_id,
            func.max(_HISTORY.c.position).label("last"),
            func.count().label("count"),
        )
        .group_by(_HISTORY.c.company_id, _HISTORY.c.deal_id)
        .subquery()
    )


def history_chain(session: CrmSession) -> Iterator[Violation]:
    """Yield the entries of history that do not follow from the one before."""

    def before(name: str) -> ColumnElement[object]:
        own = (_HISTORY.c.company_id, _HISTORY.c.deal_id)
        return func.lag(_HISTORY.c[name]).over(partition_by=own, order_by=_HISTORY.c.position)

    chain = select(
        *(_HISTORY.c[name] for name in ("company_id", "deal_id", "position", "from_stage")),
        _HISTORY.c.entered_at,
        before("position").label("position_before"),
        before("stage").label("stage_before"),
        before("entered_at").label("entered_before"),
    ).subquery()
    broken = or_(
        chain.c.position != func.coalesce(chain.c.position_before, 0) + 1,
        func.coalesce(chain.c.from_stage, "") != func.coalesce(chain.c.stage_before, ""),
        chain.c.entered_at < chain.c.entered_before,
    )
    own = and_(same_company(_DEALS, chain), _DEALS.c.id == chain.c.deal_id)
    query = select(_DEALS.c.number, chain).select_from(chain.outerjoin(_DEALS, own)).where(broken)
    for row in rows(session, query):
        detail = f"entry {row.position} of its history {_what_is_broken(row)}"
        yield Violation(row.company_id, types.DEAL.ref(row.number), detail)


def _what_is_broken(row: Row[*tuple[object, ...]]) -> str:
    came = row.position_before
    if row.position != (came or 0) + 1:
        return f"follows entry {came or 'none'}"
    if (row.from_stage or "") != (row.stage_before or ""):
        return f"comes from {row.from_stage}, and the one before is {row.stage_before}"
    return "is older than the one before"


def closing(session: CrmSession) -> Iterator[Violation]:
    """Yield the closed deals whose history says otherwise when they were closed."""
    entry = _HISTORY.alias("closing_entry")
    since = _closing_positions()
    query = (
        select(_DEALS.c.company_id, _DEALS.c.number, _DEALS.c.closed_at, _DEALS.c.closed_on,
               entry.c.entered_at, entry.c.entered_on)
        .select_from(
            _DEALS.join(since, and_(same_company(since, _DEALS), since.c.deal_id == _DEALS.c.id))
            .join(entry, and_(same_company(entry, _DEALS), entry.c.deal_id == _DEALS.c.id,
                              entry.c.position == since.c.position))
        )
        .where(
            or_(
                entry.c.entered_at != _DEALS.c.closed_at,
                entry.c.entered_on.is_distinct_from(_DEALS.c.closed_on),
            )
        )
    )  # fmt: skip
    for company, number, at, on, entered, entered_on in rows(session, query):
        said = times.local_or_day(entered, entered_on)
        detail = f"was closed {times.local_or_day(at, on)}, and its history says {said} (UTC)"
        yield Violation(company, types.DEAL.ref(number), detail)


def _closing_positions() -> Subquery:
    """Return the position of the entry since which each closed deal is as it is: won, say."""
    own = and_(same_company(_HISTORY, _DEALS), _HISTORY.c.deal_id == _DEALS.c.id)
    other = case((_HISTORY.c.status != _DEALS.c.status, _HISTORY.c.position), else_=0)
    return (
        select(
            _DEALS.c.company_id,
            _DEALS.c.id.label("deal_id"),
            (func.max(other) + 1).label("position"),
        )
        .select_from(_DEALS.join(_HISTORY, own))
        .where(_DEALS.c.status != Status.OPEN, _DEALS.c.closed_at.is_not(None))
        .group_by(_DEALS.c.company_id, _DEALS.c.id)
        .subquery()
    )


def closed(session: CrmSession) -> Iterator[Violation]:
    """Yield the closed deals without a close time, and the open ones with one."""
    query = select(_DEALS.c.company_id, _DEALS.c.number, _DEALS.c.status).where(
        (_DEALS.c.status == Status.OPEN) == _DEALS.c.closed_at.is_not(None)
    )
    for company, number, status in rows(session, query):
        has = "has a close time" if status == Status.OPEN else "has no close time"
        yield Violation(company, types.DEAL.ref(number), f"is {status} and {has}")
