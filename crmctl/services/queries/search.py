"""Finding customers and deals: by what they hold, in an order, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, or_, true
from sqlmodel import col

from crmctl.domain import times
from crmctl.domain.kinds import Entity
from crmctl.errors import NotFound
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise, User
from crmctl.services.pipeline import rules
from crmctl.services.queries.paging import Page, Source, by_id, get, owned, page, related
from crmctl.services.records import custom_fields, external_ids, references
from crmctl.storage import dialects
from crmctl.storage.scope import IS_CLOSED, IS_OPEN, is_removed, same_company


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
    found, total, more = page(session, source, conditions, sort, limit, after)
    external = external_ids.of(session, Entity.DEAL, [row[0].id for row in found])
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
    found, total, more = page(session, _CUSTOMERS, conditions, sort, limit, after)
    external = external_ids.of(session, Entity.CUSTOMER, [row[0].id for row in found])
    named = (NamedCustomer(*row) for row in found)
    rows = [replace(row, external_ids=external.get(row.customer.id, [])) for row in named]
    return Page(rows, total, more)


def name_deals(session: CrmSession, rows: Sequence[Deal]) -> list[NamedDeal]:
    """Return `rows`, in their order, with the names of what they refer to."""
    customers = by_id(session, Customer, {row.customer_id for row in rows})
    users = by_id(session, User, {row.owner_id for row in rows})
    franchises = by_id(session, Franchise, {row.franchise_id for row in rows})
    labels = rules.labels(rules.sales_processes(session))
    external = external_ids.of(session, Entity.DEAL, [row.id for row in rows])
    return [
        NamedDeal(
            row,
            customer_number=get(customers, row.customer_id, "number"),
            customer=get(customers, row.customer_id, "name"),
            owner=get(users, row.owner_id, "name"),
            franchise=get(franchises, row.franchise_id, "name"),
            stage=labels.get((row.pipeline, row.stage)),
            external_ids=external.get(row.id, []),
        )
        for row in rows
    ]


def name_customers(session: CrmSession, rows: Sequence[Customer]) -> list[NamedCustomer]:
    """Return `rows`, in their order, with the names of what they refer to."""
    users = by_id(session, User, {row.owner_id for row in rows})
    franchises = by_id(session, Franchise, {row.franchise_id for row in rows})
    external = external_ids.of(session, Entity.CUSTOMER, [row.id for row in rows])
    return [
        NamedCustomer(
            row,
            owner=get(users, row.owner_id, "name"),
            franchise=get(franchises, row.franchise_id, "name"),
            external_ids=external.get(row.id, []),
        )
        for row in rows
    ]


_DEALS = Source(
    Deal,
    col(Deal.number),
    (Deal, Customer.number, Customer.name, User.name, Franchise.name, Stage.label),
    (
        related(Deal, Customer, Deal.customer_id),
        related(Deal, User, Deal.owner_id),
        related(Deal, Franchise, Deal.franchise_id),
        (
            Stage,
            and_(
                same_company(Stage, Deal),
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

_CUSTOMERS = Source(
    Customer,
    col(Customer.number),
    (Customer, User.name, Franchise.name),
    (
        related(Customer, User, Customer.owner_id),
        related(Customer, Franchise, Customer.franchise_id),
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


def _deal_conditions(session: CrmSession, wanted: DealFilter) -> list[Any]:
    conditions = [is_removed(Deal, wanted.removed), _status(wanted.status)]
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
    conditions = [is_removed(Customer, wanted.removed)]
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
        conditions.append(owned(session, model, wanted.owner))
    if wanted.segment:
        conditions.append(_same(Customer.segment, wanted.segment))
    if wanted.text:
        conditions.append(or_(*(col(t).icontains(wanted.text, autoescape=True) for t in texts)))
    conditions += [dialects.has_item(session, col(model.tags), tag) for tag in wanted.tags]
    entity = Entity.DEAL if model is Deal else Entity.CUSTOMER
    values = custom_fields.parse(session, entity, wanted.custom)
    conditions += [custom_fields.holds(session, model, key, value) for key, value in values.items()]
    return conditions


def _status(status: str) -> Any:
    if status == "all":
        return true()
    if status == "closed":
        return IS_CLOSED
    return IS_OPEN if status == "open" else and_(IS_CLOSED, col(Deal.status) == status)


def _stages(session: CrmSession, stages: Sequence[str], pipeline: str | None) -> Any:
    known = rules.sales_processes(session)
    if pipeline:
        process = rules.choose(known, pipeline)
        known = {process.pipeline.key: process}
    if not stages:
        return col(Deal.pipeline).in_(list(known))
    return or_(*(_in_stage(known, text) for text in stages))


def _in_stage(known: Mapping[str, rules.SalesProcess], text: str) -> Any:
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


def _same(column: Any, text: str) -> Any:
    return or_(column == text.strip(), func.lower(column) == func.lower(text.strip()))
