"""What must never be false in a database, looked for in it: each finding names the row."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Select,
    Subquery,
    Table,
    Uuid,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)

from crmctl.domain.kinds import Entity, Status
from crmctl.models.activities import Activity
from crmctl.models.base import Owned
from crmctl.models.changes import Change, ChangeRow, Counter
from crmctl.models.custom_fields import CustomField
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.pipelines import Stage
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Company, Franchise
from crmctl.services.history.row_changes import name_of
from crmctl.services.records import custom_fields
from crmctl.storage import dialects
from crmctl.storage.scope import same_company
from crmctl.storage.tables import key_columns, table_of

#: Findings of one kind that are listed; a broken database may have millions.
MOST = 100
_DEALS = table_of(Deal)
_HISTORY = table_of(StageEntry)
_STAGES = table_of(Stage)
_CHANGES = table_of(Change)
_ROWS = table_of(ChangeRow)
_FRANCHISES = table_of(Franchise)
_NUMBERED: tuple[tuple[type[Owned], Entity], ...] = (
    (Deal, Entity.DEAL),
    (Customer, Entity.CUSTOMER),
    (Activity, Entity.ACTIVITY),
)


@dataclass(frozen=True)
class Finding:
    """A row that breaks an invariant, and how."""

    invariant: str
    company_id: UUID | None
    record: str
    detail: str


Found = Iterator[tuple[UUID | None, str, str]]


def run(session: CrmSession) -> list[Finding]:
    """Return what breaks the invariants, in every company, at most MOST rows of each kind."""
    return [
        Finding(invariant, company, record, detail)
        for invariant, look in INVARIANTS.items()
        for company, record, detail in look(session)
    ]


def _stored(session: CrmSession) -> Found:
    """SQLite's own check of the file."""
    for fault in dialects.file_faults(session, MOST):
        yield None, "the file", fault


def _stage_there(session: CrmSession) -> Found:
    here = _of_stage()
    query = (
        select(_DEALS.c.company_id, _DEALS.c.number, _DEALS.c.pipeline, _DEALS.c.stage)
        .select_from(_DEALS.outerjoin(_STAGES, here))
        .where(_STAGES.c.key.is_(None))
    )
    for company, number, pipeline, stage in _rows(session, query):
        yield company, f"D{number}", f"is in {pipeline}/{stage}, and there is no such stage"


def _of_stage() -> ColumnElement[bool]:
    return and_(
        same_company(_STAGES, _DEALS),
        _STAGES.c.pipeline == _DEALS.c.pipeline,
        _STAGES.c.key == _DEALS.c.stage,
    )


def _status(session: CrmSession) -> Found:
    query = (
        select(_DEALS.c.company_id, _DEALS.c.number, _DEALS.c.status, _STAGES.c.key, _STAGES.c.kind)
        .select_from(_DEALS.join(_STAGES, _of_stage()))
        .where(_DEALS.c.status != _STAGES.c.kind)
    )
    for company, number, status, stage, kind in _rows(session, query):
        yield company, f"D{number}", f"is {status}, and its stage {stage} is {kind}"


def _history_end(session: CrmSession) -> Found:
    for company, number, stage, entries, entered, count in _rows(session, _other_ends()):
        if entered is None:
            told = "has no history"
        elif entered != stage:
            told = f"is in {stage}, and its history ends in {entered}"
        elif count != entries:
            told = f"counts {entries} entries of history, and has {count}"
        else:
            told = f"and the end of its history differ in how or when {stage} was entered"
        yield company, f"D{number}", told


def _other_ends() -> Select[Any]:
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


def _history_chain(session: CrmSession) -> Found:
    def before(name: str) -> Any:
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
    for row in _rows(session, query):
        told = f"entry {row.position} of its history {_what_is_broken(row)}"
        yield row.company_id, f"D{row.number}", told


def _what_is_broken(row: Any) -> str:
    came = row.position_before
    if row.position != (came or 0) + 1:
        return f"follows entry {came or 'none'}"
    if (row.from_stage or "") != (row.stage_before or ""):
        return f"comes from {row.from_stage}, and the one before is {row.stage_before}"
    return "is older than the one before"


def _closed(session: CrmSession) -> Found:
    query = select(_DEALS.c.company_id, _DEALS.c.number, _DEALS.c.status).where(
        (_DEALS.c.status == Status.OPEN) == _DEALS.c.closed_at.is_not(None)
    )
    for company, number, status in _rows(session, query):
        has = "has a close time" if status == Status.OPEN else "has no close time"
        yield company, f"D{number}", f"is {status} and {has}"


def _custom_fields(session: CrmSession) -> Found:
    """Values of custom fields that nobody declared."""
    declared = table_of(CustomField).c
    for entity, model in custom_fields.CARRIERS.items():
        table = table_of(model)
        held = dialects.keys_of(session, table.c.custom)
        known = exists().where(
            declared.company_id == table.c.company_id,
            declared.entity == entity,
            declared.key == held.c.key,
        )
        query = select(table.c.company_id, table.c.number, held.c.key)
        query = query.select_from(table.join(held, true())).where(~known)
        for company, number, key in _rows(session, query):
            told = f"has a value for {key}, which is no custom field of {entity.plural}"
            yield company, name_of(model, {"number": number}), told


def _merged(session: CrmSession) -> Found:
    """Customers that were merged and yet are there, or into one that was merged itself."""
    table = table_of(Customer)
    kept = table.alias("kept")
    its = and_(same_company(kept, table), kept.c.id == table.c.merged_into)
    query = (
        select(table.c.company_id, table.c.number, kept.c.number, kept.c.merged_into)
        .select_from(table.join(kept, its))
        .where(or_(table.c.deleted_at.is_(None), kept.c.merged_into.is_not(None)))
    )
    for company, number, into, further in _rows(session, query):
        told = "which was merged itself" if further else "and is not removed"
        yield company, f"C{number}", f"was merged into C{into}, {told}"


def _numbers(session: CrmSession) -> Found:
    for model, entity in _NUMBERED:
        table = table_of(model)
        query = (
            select(table.c.company_id, table.c.number, func.count())
            .group_by(table.c.company_id, table.c.number)
            .having(func.count() > 1)
        )
        for company, number, count in _rows(session, query):
            yield (
                company,
                name_of(model, {"number": number}),
                f"{count} {entity.plural} have this number",
            )
        yield from _counter(session, model, entity)


def _counter(session: CrmSession, model: type[Owned], entity: Entity) -> Found:
    table, counters = table_of(model), table_of(Counter)
    mine = and_(same_company(counters, table), counters.c.kind == entity.value)
    query = (
        select(table.c.company_id, func.max(table.c.number), counters.c.next)
        .select_from(table.outerjoin(counters, mine))
        .group_by(table.c.company_id, counters.c.next)
        .having(func.coalesce(counters.c.next, 0) <= func.max(table.c.number))
    )
    for company, highest, following in _rows(session, query):
        told = f"is the highest number, and {following or 'none'} would be given next"
        yield company, name_of(model, {"number": highest}), told


def _references(session: CrmSession) -> Found:
    for model in TABLES:
        for link in table_of(model).foreign_key_constraints:
            if link.referred_table is not _CHANGES and "stage" not in link.column_keys:
                yield from _broken(session, model, link)
    yield from _nowhere(session)


def _nowhere(session: CrmSession) -> Found:
    """Yield the change sets of a franchise that their company neither has nor had."""
    here, its = _FRANCHISES.c, _CHANGES.c
    there = exists().where(here.company_id == its.company_id, here.id == its.franchise_id)
    gone = exists().where(
        _ROWS.c.company_id == its.company_id,
        _ROWS.c.table_name == _FRANCHISES.name,
        _ROWS.c.row_key == dialects.as_text(session, its.franchise_id),
        _ROWS.c.after.is_(None),
    )
    query = select(its.company_id, its.ref).where(its.franchise_id.is_not(None), ~there, ~gone)
    for company, ref in _rows(session, query):
        yield company, f"change {ref}", "was made in a franchise that its company never had"


def _broken(session: CrmSession, model: type[Owned], link: ForeignKeyConstraint) -> Found:
    """Yield the rows of `model` that refer by `link` to a row that is not in their company."""
    table, parent = table_of(model), link.referred_table.alias("referred")
    pairs = [(element.parent, parent.c[element.column.name]) for element in link.elements]
    joined = table.outerjoin(parent, and_(*(own == other for own, other in pairs)))
    named = [table.c[name] for name in _naming(table)]
    wanted = [own.is_not(None) for own, _ in pairs]
    query = (
        select(table.c.company_id, _elsewhere(link), *named)
        .select_from(joined)
        .where(parent.c.company_id.is_(None), *wanted)
    )
    noun = link.referred_table.name
    by = ", ".join(element.parent.name for element in link.elements[1:]) or "company_id"
    for row in _rows(session, query):
        whose = "another company's row of" if row[1] else "a row that is not in"
        values = dict(zip(_naming(table), row[2:], strict=True))
        yield row[0], name_of(model, values), f"refers by {by} to {whose} {noun}"


def _elsewhere(link: ForeignKeyConstraint) -> Any:
    """Return whether another company has the row that `link` refers to."""
    others = [e for e in link.elements if e.parent.name != "company_id"]
    if len(others) != 1 or not isinstance(others[0].column.type, Uuid):
        return literal(False)
    other = link.referred_table.alias("elsewhere")
    return exists().where(other.c[others[0].column.name] == others[0].parent)


def _naming(table: Table) -> list[str]:
    people = ("number", "title", "name", "subject")
    parts = ("pipeline", "position", "entity", "source", "external_id")
    wanted = [*people, *parts, *(column.name for column in table.primary_key), "key"]
    return [name for name in dict.fromkeys(wanted) if name in table.c]


def _change_sets(session: CrmSession) -> Found:
    for model in TABLES:
        table = table_of(model)
        for name in ("created_in", "changed_in", "change_id", "undoes", "undone_in"):
            if name in table.c:
                yield from _without_change(session, model, table.c[name])
        if "changed_in" in table.c:
            yield from _unrecorded(session, model)


def _without_change(session: CrmSession, model: type[Owned], column: Any) -> Found:
    table, change = table_of(model), _CHANGES.alias("change")
    same = and_(same_company(change, table), change.c.id == column)
    query = (
        select(table.c.company_id, *(table.c[name] for name in _naming(table)))
        .select_from(table.outerjoin(change, same))
        .where(change.c.id.is_(None), column.is_not(None))
    )
    for row in _rows(session, query):
        values = dict(zip(_naming(table), row[1:], strict=True))
        yield row[0], name_of(model, values), f"no change set has the id in {column.name}"


def _unrecorded(session: CrmSession, model: type[Owned]) -> Found:
    """Yield the rows whose last change is not in the change set that they carry."""
    table = table_of(model)
    recorded = exists().where(
        same_company(_ROWS, table),
        _ROWS.c.table_name == table.name,
        _ROWS.c.row_key == _row_key(session, model),
        _ROWS.c.change_id == table.c.changed_in,
    )
    # An erasure does not say what it changed, which would be what it erased.
    erased = exists().where(
        same_company(_CHANGES, table),
        _CHANGES.c.id == table.c.changed_in,
        _CHANGES.c.irreversible,
    )
    query = select(table.c.company_id, *(table.c[name] for name in _naming(table))).where(
        table.c.changed_in != table.c.created_in, ~recorded, ~erased
    )
    for row in _rows(session, query):
        values = dict(zip(_naming(table), row[1:], strict=True))
        yield row[0], name_of(model, values), "its last change set does not say what it changed"


def _row_key(session: CrmSession, model: type[Owned]) -> Any:
    """Return the expression of what change_rows calls a row of `model`; see changes.row_key."""
    parts: list[Any] = []
    for name in key_columns(model):
        column = table_of(model).c[name]
        parts += ["/", dialects.as_text(session, column)]
    joined: Any = literal("")
    for part in parts[1:]:
        joined = joined + part
    return joined


def _rows(session: CrmSession, query: Select[Any]) -> Iterable[Any]:
    return session.execute(query.limit(MOST))


#: Each invariant, and the search for what breaks it.
INVARIANTS: dict[str, Callable[[CrmSession], Found]] = {
    "the file is sound": _stored,
    "a deal's stage is one of its pipeline": _stage_there,
    "a deal's status is its stage's kind": _status,
    "a deal's history ends in its stage": _history_end,
    "history has no gaps": _history_chain,
    "closed deals have a close time": _closed,
    "numbers are unique": _numbers,
    "merged customers are removed": _merged,
    "custom values have a field": _custom_fields,
    "references stay in the company": _references,
    "every change has a change set": _change_sets,
}


def company_names(session: CrmSession) -> dict[UUID, str]:
    """Return the name of every company."""
    table = table_of(Company)
    return {id: name for id, name in session.execute(select(table.c.company_id, table.c.name))}


def counts(session: CrmSession) -> dict[str, int]:
    """Return how many rows each table has."""
    return {
        str(model.__tablename__): session.execute(
            select(func.count()).select_from(table_of(model))
        ).scalar_one()
        for model in TABLES
    }
