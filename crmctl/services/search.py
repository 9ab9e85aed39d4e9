"""Finding customers and deals: by what they hold, in an order, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import String, and_, collate, exists, false, func, or_, true
from sqlalchemy import select as rows_of
from sqlmodel import col, select

from crmctl import times
from crmctl.errors import NotFound, UsageError
from crmctl.kinds import Entity
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise, User
from crmctl.services import fields, keys, references, rules
from crmctl.services.conditions import IS_CLOSED, IS_OPEN

Found = TypeVar("Found")

#: Stands for rows without an owner.
NOBODY = "none"


@dataclass(frozen=True)
class Page(Generic[Found]):
    """Some of the rows that were found, and how many there are in all."""

    rows: list[Found]
    total: int
    more: bool


@dataclass(frozen=True)
class NamedDeal:
    """A deal with the names of what it refers to."""

    deal: Deal
    customer_number: int | None = None
    customer: str | None = None
    owner: str | None = None
    franchise: str | None = None
    stage: str | None = None
    external_ids: Sequence[str] = ()


@dataclass(frozen=True)
class NamedCustomer:
    """A customer with the names of what it refers to."""

    customer: Customer
    owner: str | None = None
    franchise: str | None = None
    external_ids: Sequence[str] = ()


@dataclass(frozen=True)
class DealFilter:
    """Which deals: those that fit every field that is given.

    `status` is open, won, lost, closed or all. References are as people type them. The dates are
    of the expected close of open deals, and of the actual one of closed deals.
    """

    status: str = "all"
    stages: Sequence[str] = ()
    pipeline: str | None = None
    owner: str | None = None
    customer: str | None = None
    segment: str | None = None
    currency: str | None = None
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    close_from: date | None = None
    close_to: date | None = None
    text: str | None = None
    tags: Sequence[str] = ()
    custom: Mapping[str, str] = field(default_factory=dict)
    removed: bool = False


@dataclass(frozen=True)
class CustomerFilter:
    """Which customers: those that fit every field that is given."""

    owner: str | None = None
    segment: str | None = None
    lifecycle: str | None = None
    country: str | None = None
    text: str | None = None
    tags: Sequence[str] = ()
    custom: Mapping[str, str] = field(default_factory=dict)
    removed: bool = False


def deals(
    session: CrmSession,
    wanted: DealFilter,
    *,
    sort: str = "number",
    limit: int | None = None,
    after: str | None = None,
) -> Page[NamedDeal]:
    """Return the deals that fit `wanted`, in the order of `sort` (`-amount` is descending).

    At most `limit` of them, from behind the one that `after` names. Rows without a value come
    last in both directions, and those with equal values by number.
    """
    conditions = _deal_conditions(session, wanted)
    source = _OPEN_DEALS if wanted.status == "open" else _DEALS
    found, total, more = _page(session, source, conditions, sort, limit, after)
    external = keys.of(session, Entity.DEAL, [row[0].id for row in found])
    named = (NamedDeal(*row) for row in found)
    rows = [replace(row, external_ids=external.get(row.deal.id, [])) for row in named]
    return Page(rows, total, more)


def customers(
    session: CrmSession,
    wanted: CustomerFilter,
    *,
    sort: str = "number",
    limit: int | None = None,
    after: str | None = None,
) -> Page[NamedCustomer]:
    """Return the customers that fit `wanted`; order and pages are those of deals."""
    conditions = _customer_conditions(session, wanted)
    found, total, more = _page(session, _CUSTOMERS, conditions, sort, limit, after)
    external = keys.of(session, Entity.CUSTOMER, [row[0].id for row in found])
    named = (NamedCustomer(*row) for row in found)
    rows = [replace(row, external_ids=external.get(row.customer.id, [])) for row in named]
    return Page(rows, total, more)


def name_deals(session: CrmSession, rows: Sequence[Deal]) -> list[NamedDeal]:
    """Return `rows`, in their order, with the names of what they refer to."""
    customers = _by_id(session, Customer, {row.customer_id for row in rows})
    users = _by_id(session, User, {row.owner_id for row in rows})
    franchises = _by_id(session, Franchise, {row.franchise_id for row in rows})
    labels = rules.labels(rules.processes(session))
    external = keys.of(session, Entity.DEAL, [row.id for row in rows])
    return [
        NamedDeal(
            row,
            customer_number=_get(customers, row.customer_id, "number"),
            customer=_get(customers, row.customer_id, "name"),
            owner=_get(users, row.owner_id, "name"),
            franchise=_get(franchises, row.franchise_id, "name"),
            stage=labels.get((row.pipeline, row.stage)),
            external_ids=external.get(row.id, []),
        )
        for row in rows
    ]


def name_customers(session: CrmSession, rows: Sequence[Customer]) -> list[NamedCustomer]:
    """Return `rows`, in their order, with the names of what they refer to."""
    users = _by_id(session, User, {row.owner_id for row in rows})
    franchises = _by_id(session, Franchise, {row.franchise_id for row in rows})
    external = keys.of(session, Entity.CUSTOMER, [row.id for row in rows])
    return [
        NamedCustomer(
            row,
            owner=_get(users, row.owner_id, "name"),
            franchise=_get(franchises, row.franchise_id, "name"),
            external_ids=external.get(row.id, []),
        )
        for row in rows
    ]


def _by_id(session: CrmSession, model: type[Any], ids: set[UUID | None]) -> dict[UUID, Any]:
    wanted = sorted(row_id for row_id in ids if row_id)
    found: dict[UUID, Any] = {}
    for start in range(0, len(wanted), 500):
        chosen = col(model.id).in_(wanted[start : start + 500])
        query = select(model).where(col(model.company_id) == session.company_id, chosen)
        found.update({row.id: row for row in session.exec(query)})
    return found


def _get(rows: Mapping[UUID, Any], row_id: UUID | None, name: str) -> Any:
    return getattr(rows[row_id], name) if row_id and row_id in rows else None


@dataclass(frozen=True)
class _Source:
    """A table to search: its columns with the names it refers to, the joins, the sort keys.

    `number` comes last in every order, so that no two rows are equal in it.
    """

    model: Any
    number: Any
    columns: Sequence[Any]
    joins: Sequence[tuple[Any, Any]]
    sorts: Mapping[str, Sequence[Any]]

    def query(self, session: CrmSession, columns: Sequence[Any], conditions: Sequence[Any]) -> Any:
        query = rows_of(*columns).select_from(self.model)
        for target, condition in self.joins:
            query = query.outerjoin(target, condition)
        return query.where(*_within(session, self.model), *conditions)


def _related(model: Any, table: Any, column: Any) -> tuple[Any, Any]:
    return table, and_(col(table.company_id) == col(model.company_id), col(table.id) == column)


_DEALS = _Source(
    Deal,
    col(Deal.number),
    (Deal, Customer.number, Customer.name, User.name, Franchise.name, Stage.label),
    (
        _related(Deal, Customer, Deal.customer_id),
        _related(Deal, User, Deal.owner_id),
        _related(Deal, Franchise, Deal.franchise_id),
        (
            Stage,
            and_(
                col(Stage.company_id) == col(Deal.company_id),
                col(Stage.pipeline) == col(Deal.pipeline),
                col(Stage.key) == col(Deal.stage),
            ),
        ),
    ),
    {
        "number": (),
        "title": (Deal.title,),
        "customer": (Customer.name,),
        "owner": (User.name,),
        "amount": (Deal.amount,),
        "stage": (Deal.pipeline, Stage.position),
        "pipeline": (Deal.pipeline, Stage.position),
        "status": (Deal.status,),
        "probability": (func.coalesce(Deal.probability, Stage.probability),),
        "close": (Deal.expected_close,),
        "closed": (Deal.closed_at,),
        "entered": (Deal.stage_entered_at,),
        "created": (Deal.created_at,),
        "updated": (Deal.updated_at,),
    },
)

# Not the bare column: its index would lead through all deals, and the open ones are few.
_OPEN_DEALS = replace(_DEALS, number=col(Deal.number) + 0)

_CUSTOMERS = _Source(
    Customer,
    col(Customer.number),
    (Customer, User.name, Franchise.name),
    (
        _related(Customer, User, Customer.owner_id),
        _related(Customer, Franchise, Customer.franchise_id),
    ),
    {
        "number": (),
        "name": (Customer.name,),
        "organisation": (Customer.organisation,),
        "email": (Customer.email,),
        "country": (Customer.country,),
        "segment": (Customer.segment,),
        "score": (Customer.lead_score,),
        "owner": (User.name,),
        "created": (Customer.created_at,),
        "updated": (Customer.updated_at,),
    },
)


def _within(session: CrmSession, model: Any) -> list[Any]:
    mine = [col(model.company_id) == session.company_id]
    if session.franchise_id:
        mine.append(col(model.franchise_id) == session.franchise_id)
    return mine


def _page(
    session: CrmSession,
    source: _Source,
    conditions: Sequence[Any],
    sort: str,
    limit: int | None,
    after: str | None,
) -> tuple[list[Any], int, bool]:
    order, descending = _order(session, source, sort)
    query = source.query(session, source.columns, conditions)
    if after:
        query = query.where(_behind(session, source, order, descending, after))
    query = query.order_by(*_ordering(order, descending), source.number)
    found = list(session.execute(query.limit(limit + 1) if limit else query).all())
    more = limit is not None and len(found) > limit
    if not more and not after:
        return found, len(found), False
    counted = source.query(session, [func.count()], conditions)
    return found[:limit], session.execute(counted).scalar_one(), more


def _order(session: CrmSession, source: _Source, sort: str) -> tuple[list[Any], bool]:
    """Return the columns of the sort key `sort`, and whether they descend; number is implied."""
    name, descending = sort.removeprefix("-").replace("_", "-").lower(), sort.startswith("-")
    if name not in source.sorts:
        raise UsageError(f"cannot sort by {name!r} (there is {', '.join(source.sorts)})")
    columns = list(source.sorts[name]) or [source.number]
    return [_comparable(session, column) for column in columns], descending


def _comparable(session: CrmSession, column: Any) -> Any:
    """Return `column` so that both engines order it alike: texts by code point."""
    if session.get_bind().dialect.name != "postgresql":
        return column
    kind = getattr(column.type, "impl", column.type)
    return collate(column, "C") if isinstance(kind, String) else column


def _ordering(order: Sequence[Any], descending: bool) -> list[Any]:
    return [(key.desc() if descending else key.asc()).nulls_last() for key in order]


def _behind(
    session: CrmSession, source: _Source, order: Sequence[Any], descending: bool, after: str
) -> Any:
    """Return the condition that a row comes behind the one that `after` names."""
    number = references.number_of(source.model, after)
    labelled = [key.label(f"key_{place}") for place, key in enumerate(order)]
    chosen = [col(source.model.number) == number] if number else [false()]
    row = session.execute(source.query(session, labelled, chosen)).first()
    if row is None:
        raise NotFound(f"--after names a row by its number, such as 42: {after!r} is none")
    behind: Any = col(source.model.number) > number
    for key, value in reversed(list(zip(order, row, strict=True))):
        if value is None:
            behind = and_(key.is_(None), behind)
        else:
            further = key < value if descending else key > value
            behind = or_(further, key.is_(None), and_(key == value, behind))
    return behind


def _deal_conditions(session: CrmSession, wanted: DealFilter) -> list[Any]:
    conditions = [_hidden(Deal, wanted.removed), _status(wanted.status)]
    if wanted.stages or wanted.pipeline:
        conditions.append(_stages(session, wanted.stages, wanted.pipeline))
    if wanted.customer:
        conditions.append(_of_customer(session, wanted.customer))
    if wanted.currency:
        conditions.append(col(Deal.currency) == wanted.currency)
    if wanted.min_amount is not None:
        conditions.append(col(Deal.amount) >= wanted.min_amount)
    if wanted.max_amount is not None:
        conditions.append(col(Deal.amount) <= wanted.max_amount)
    conditions += _closing(session, wanted.close_from, wanted.close_to)
    texts = (Deal.title, Deal.next_step, Deal.lost_reason, Customer.name, Customer.organisation)
    conditions += _shared(session, Deal, wanted, texts)
    return conditions


def _customer_conditions(session: CrmSession, wanted: CustomerFilter) -> list[Any]:
    conditions = [_hidden(Customer, wanted.removed)]
    for column, value in (
        (Customer.lifecycle, wanted.lifecycle),
        (Customer.country, wanted.country),
    ):
        if value:
            conditions.append(_same(column, value))
    texts = (Customer.name, Customer.organisation, Customer.email, Customer.phone, Customer.website)
    conditions += _shared(session, Customer, wanted, texts)
    return conditions


def _shared(
    session: CrmSession, model: Any, wanted: DealFilter | CustomerFilter, texts: Sequence[Any]
) -> list[Any]:
    conditions = []
    if wanted.owner:
        conditions.append(_owned(session, model, wanted.owner))
    if wanted.segment:
        conditions.append(_same(Customer.segment, wanted.segment))
    if wanted.text:
        conditions.append(or_(*(col(t).icontains(wanted.text, autoescape=True) for t in texts)))
    conditions += [_tagged(session, model, tag) for tag in wanted.tags]
    entity = Entity.DEAL if model is Deal else Entity.CUSTOMER
    values = fields.parse(session, entity, wanted.custom)
    conditions += [fields.holds(session, model, key, value) for key, value in values.items()]
    return conditions


def _hidden(model: Any, removed: bool) -> Any:
    hidden = col(model.deleted_at)
    return hidden.is_not(None) if removed else hidden.is_(None)


def _status(status: str) -> Any:
    if status == "all":
        return true()
    if status == "closed":
        return IS_CLOSED
    return IS_OPEN if status == "open" else and_(IS_CLOSED, col(Deal.status) == status)


def _stages(session: CrmSession, stages: Sequence[str], pipeline: str | None) -> Any:
    known = rules.processes(session)
    if pipeline:
        process = rules.choose(known, pipeline)
        known = {process.pipeline.key: process}
    if not stages:
        return col(Deal.pipeline).in_(list(known))
    return or_(*(_in_stage(known, text) for text in stages))


def _in_stage(known: Mapping[str, rules.Process], text: str) -> Any:
    """Return the condition for the stages called `text` in any of the `known` pipelines."""
    found, error = [], None
    for key, process in known.items():
        try:
            stage = process.find(text).key
        except NotFound as missing:
            error = missing
        else:
            found.append(and_(col(Deal.pipeline) == key, col(Deal.stage) == stage))
    if not found:
        raise error or NotFound("there is no pipeline yet: run crmctl pipeline add")
    return or_(*found)


def _of_customer(session: CrmSession, text: str) -> Any:
    return col(Deal.customer_id) == references.find_any(session, Customer, text).id


def _closing(session: CrmSession, first: date | None, last: date | None) -> list[Any]:
    zone = times.zone(session.timezone)
    conditions = []
    if first:
        closed = and_(IS_CLOSED, col(Deal.closed_at) >= times.start_of_day(first, zone))
        conditions.append(or_(and_(IS_OPEN, col(Deal.expected_close) >= first), closed))
    if last:
        closed = and_(IS_CLOSED, col(Deal.closed_at) < times.end_of_day(last, zone))
        conditions.append(or_(and_(IS_OPEN, col(Deal.expected_close) <= last), closed))
    return conditions


def _owned(session: CrmSession, model: Any, text: str) -> Any:
    if text.strip().lower() == NOBODY:
        return col(model.owner_id).is_(None)
    return col(model.owner_id) == references.find_named(session, User, text).id


def _same(column: Any, text: str) -> Any:
    return or_(column == text.strip(), func.lower(column) == func.lower(text.strip()))


def _tagged(session: CrmSession, model: Any, tag: str) -> Any:
    if session.get_bind().dialect.name == "postgresql":
        return col(model.tags).bool_op("@>")([tag])
    each = func.json_each(model.tags).table_valued("value")
    return exists(rows_of(1).select_from(each).where(each.c.value == tag))
