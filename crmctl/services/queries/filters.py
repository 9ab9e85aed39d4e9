"""Which deals and customers are wanted of a list, and the conditions for that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, true
from sqlalchemy import select as rows_of
from sqlmodel import col

from crmctl.domain import times
from crmctl.errors import NotFound
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services.pipeline import rules
from crmctl.services.queries.closing_days import ClosingDays
from crmctl.services.queries.paging import owned
from crmctl.services.records import custom_fields, references, types
from crmctl.storage import dialects
from crmctl.storage.scope import IS_CLOSED, IS_OPEN, in_company, is_removed


@dataclass(frozen=True, kw_only=True)
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


@dataclass(frozen=True, kw_only=True)
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


def deal_conditions(session: CrmSession, wanted: DealFilter) -> list[ColumnElement[bool]]:
    """Return the conditions for the deals that fit `wanted`; raises NotFound for unknown names."""
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
    conditions += _common_conditions(session, Deal, wanted)
    if wanted.text:
        texts = (col(Deal.title), col(Deal.next_step), col(Deal.lost_reason))
        found = references.part_of(session, texts, wanted.text)
        conditions.append(or_(found, col(Deal.customer_id).in_(_called(session, wanted.text))))
    return conditions


def _called(session: CrmSession, text: str) -> Select[UUID]:
    """Return the ids of customers with `text` in their names: looked for once, not once a deal."""
    names = (col(Customer.name), col(Customer.organisation))
    named = references.part_of(session, names, text)
    return rows_of(col(Customer.id)).where(in_company(session, Customer), named)


def customer_conditions(session: CrmSession, wanted: CustomerFilter) -> list[ColumnElement[bool]]:
    """Return the conditions for the customers that fit `wanted`; raises NotFound as for deals."""
    conditions = [is_removed(Customer, wanted.removed)]
    for column, value in (
        (col(Customer.lifecycle), wanted.lifecycle),
        (col(Customer.country), wanted.country),
    ):
        if value:
            conditions.append(dialects.equals(session, column, value.strip()))
    conditions += _common_conditions(session, Customer, wanted)
    if wanted.text:
        texts = (
            col(Customer.name),
            col(Customer.organisation),
            col(Customer.email),
            col(Customer.phone),
            col(Customer.website),
        )
        conditions.append(references.part_of(session, texts, wanted.text))
    return conditions


def _common_conditions(
    session: CrmSession,
    model: type[Deal] | type[Customer],
    wanted: DealFilter | CustomerFilter,
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.owner:
        conditions.append(owned(session, model, wanted.owner))
    if wanted.segment:
        conditions.append(dialects.equals(session, col(Customer.segment), wanted.segment.strip()))
    conditions += [dialects.has_item(session, col(model.tags), tag) for tag in wanted.tags]
    values = custom_fields.parse(session, types.entity_of(model), wanted.custom)
    conditions += [custom_fields.holds(session, model, key, value) for key, value in values.items()]
    return conditions


def _status(status: str) -> ColumnElement[bool]:
    if status == "all":
        return true()
    if status == "closed":
        return IS_CLOSED
    return IS_OPEN if status == "open" else and_(IS_CLOSED, col(Deal.status) == status)


def _stages(
    session: CrmSession, stages: Sequence[str], pipeline: str | None
) -> ColumnElement[bool]:
    known = rules.sales_processes(session)
    if pipeline:
        process = rules.choose(known, pipeline)
        known = {process.pipeline.key: process}
    if not stages:
        return col(Deal.pipeline).in_(list(known))
    return or_(*(_in_stage(known, text) for text in stages))


def _in_stage(known: Mapping[str, rules.SalesProcess], text: str) -> ColumnElement[bool]:
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


def _of_customer(session: CrmSession, text: str) -> ColumnElement[bool]:
    return col(Deal.customer_id) == references.find_any(session, Customer, text).id


def _closing(
    session: CrmSession, first: date | None, last: date | None
) -> list[ColumnElement[bool]]:
    zone = times.zone(session.timezone)
    conditions = []
    if first:
        closed = and_(IS_CLOSED, *ClosingDays(first, None, zone).conditions())
        conditions.append(or_(and_(IS_OPEN, col(Deal.expected_close) >= first), closed))
    if last:
        closed = and_(IS_CLOSED, *ClosingDays(None, last, zone).conditions())
        conditions.append(or_(and_(IS_OPEN, col(Deal.expected_close) <= last), closed))
    return conditions
