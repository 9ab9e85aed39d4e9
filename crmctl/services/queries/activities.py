"""Activities as they are listed and shown, with the names of what they are about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_
from sqlalchemy import select as rows_of
from sqlmodel import col

from crmctl.domain.kinds import ActivityKind, Entity
from crmctl.models.activities import Activity
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise, User
from crmctl.services.queries.paging import Page, Source, by_id, get, owned, page, related
from crmctl.services.records import external_ids, references
from crmctl.storage.scope import in_company, is_removed

#: How many a deal or a customer is shown with.
LATEST = 10


@dataclass(frozen=True)
class NamedActivity:
    """An activity with the names of what it refers to; the customer may be its deal's."""

    activity: Activity
    deal_number: int | None = None
    deal: str | None = None
    customer_number: int | None = None
    customer: str | None = None
    owner: str | None = None
    franchise: str | None = None
    external_ids: Sequence[str] = ()


@dataclass(frozen=True)
class ActivityFilter:
    """Which activities: those that fit every field that is given.

    References are as people type them. `since` and `until` bound the time, `open` asks for tasks
    that are not done. A customer's are those of its deals, too.
    """

    deal: str | None = None
    customer: str | None = None
    kinds: Sequence[ActivityKind] = ()
    owner: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    open: bool = False
    text: str | None = None
    removed: bool = False


_CUSTOMER_ID = func.coalesce(Activity.customer_id, Deal.customer_id)
_ACTIVITIES = Source(
    Activity,
    col(Activity.number),
    (Activity, Deal.number, Deal.title, Customer.number, Customer.name, User.name, Franchise.name),
    (
        related(Activity, Deal, Activity.deal_id),
        related(Activity, Customer, _CUSTOMER_ID),
        related(Activity, User, Activity.owner_id),
        related(Activity, Franchise, Activity.franchise_id),
    ),
    {
        "number": (),
        "at": (Activity.at,),
        "kind": (Activity.kind,),
        "subject": (Activity.subject,),
        "deal": (Deal.title,),
        "customer": (Customer.name,),
        "owner": (User.name,),
        "done": (Activity.done_at,),
        "created": (Activity.created_at,),
        "updated": (Activity.updated_at,),
    },
)


def search(
    session: CrmSession,
    wanted: ActivityFilter,
    *,
    sort: str = "-at",
    limit: int | None = None,
    after: str | None = None,
) -> Page[NamedActivity]:
    """Return the activities that fit `wanted`; order and pages are those of deals."""
    conditions = _conditions(session, wanted)
    found, total, more = page(session, _ACTIVITIES, conditions, sort, limit, after)
    return Page(_with_keys(session, [NamedActivity(*row) for row in found]), total, more)


def of_deal(session: CrmSession, deal: Deal) -> Page[NamedActivity]:
    """Return the latest activities about `deal`."""
    return _latest(session, col(Activity.deal_id) == deal.id)


def of_customer(session: CrmSession, customer: Customer) -> Page[NamedActivity]:
    """Return the latest activities about `customer` and its deals."""
    return _latest(session, _about(session, customer.id))


def _latest(session: CrmSession, about: Any) -> Page[NamedActivity]:
    conditions = [is_removed(Activity, False), about]
    found, total, more = page(session, _ACTIVITIES, conditions, "-at", LATEST, None)
    return Page(_with_keys(session, [NamedActivity(*row) for row in found]), total, more)


def name(session: CrmSession, rows: Sequence[Activity]) -> list[NamedActivity]:
    """Return `rows`, in their order, with the names of what they refer to."""
    deals = by_id(session, Deal, {row.deal_id for row in rows})
    whose = {row.id: row.customer_id or get(deals, row.deal_id, "customer_id") for row in rows}
    customers = by_id(session, Customer, set(whose.values()))
    users = by_id(session, User, {row.owner_id for row in rows})
    franchises = by_id(session, Franchise, {row.franchise_id for row in rows})
    named = [
        NamedActivity(
            row,
            deal_number=get(deals, row.deal_id, "number"),
            deal=get(deals, row.deal_id, "title"),
            customer_number=get(customers, whose[row.id], "number"),
            customer=get(customers, whose[row.id], "name"),
            owner=get(users, row.owner_id, "name"),
            franchise=get(franchises, row.franchise_id, "name"),
        )
        for row in rows
    ]
    return _with_keys(session, named)


def _with_keys(session: CrmSession, rows: Sequence[NamedActivity]) -> list[NamedActivity]:
    external = external_ids.of(session, Entity.ACTIVITY, [row.activity.id for row in rows])
    return [replace(row, external_ids=external.get(row.activity.id, [])) for row in rows]


def _conditions(session: CrmSession, wanted: ActivityFilter) -> list[Any]:
    conditions = [is_removed(Activity, wanted.removed)]
    if wanted.deal:
        deal = references.find_any(session, Deal, wanted.deal)
        conditions.append(col(Activity.deal_id) == deal.id)
    if wanted.customer:
        customer = references.find_any(session, Customer, wanted.customer)
        conditions.append(_about(session, customer.id))
    if wanted.kinds:
        conditions.append(col(Activity.kind).in_(wanted.kinds))
    if wanted.owner:
        conditions.append(owned(session, Activity, wanted.owner))
    if wanted.since:
        conditions.append(col(Activity.at) >= wanted.since)
    if wanted.until:
        conditions.append(col(Activity.at) < wanted.until)
    if wanted.open:
        conditions.append(
            and_(col(Activity.kind) == ActivityKind.TASK, col(Activity.done_at).is_(None))
        )
    if wanted.text:
        texts = (Activity.subject, Activity.body, Deal.title, Customer.name)
        conditions.append(or_(*(col(t).icontains(wanted.text, autoescape=True) for t in texts)))
    return conditions


def _about(session: CrmSession, customer_id: UUID) -> Any:
    """Return the condition that an activity is about the customer or one of its deals."""
    deals = rows_of(col(Deal.id)).where(
        in_company(session, Deal), col(Deal.customer_id) == customer_id
    )
    return or_(col(Activity.customer_id) == customer_id, col(Activity.deal_id).in_(deals))
