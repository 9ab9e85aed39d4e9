"""Activities as they are listed and shown, with the names of what they are about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy import select as rows_of
from sqlmodel import col

from crmctl.domain.kinds import ActivityKind, Entity
from crmctl.models.activities import Activity
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise, User
from crmctl.services.queries.paging import (
    Listing,
    Page,
    SourceRow,
    by_id,
    name_of,
    number_of,
    owned,
    page,
    related,
)
from crmctl.services.records import external_ids, references, types
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

    @property
    def deal_ref(self) -> str | None:
        """What people call the deal by."""
        return types.DEAL.ref(self.deal_number) if self.deal_number else None

    @property
    def customer_ref(self) -> str | None:
        """What people call the customer by."""
        return types.CUSTOMER.ref(self.customer_number) if self.customer_number else None


@dataclass(frozen=True, kw_only=True)
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
_ACTIVITIES = Listing(
    model=Activity,
    number=col(Activity.number),
    columns=(
        col(Deal.number),
        col(Deal.title),
        col(Customer.number),
        col(Customer.name),
        col(User.name),
        col(Franchise.name),
    ),
    joins=(
        related(Activity, Deal, col(Activity.deal_id)),
        related(Activity, Customer, _CUSTOMER_ID),
        related(Activity, User, col(Activity.owner_id)),
        related(Activity, Franchise, col(Activity.franchise_id)),
    ),
    sorts={
        "number": (),
        "at": (col(Activity.at),),
        "kind": (col(Activity.kind),),
        "subject": (col(Activity.subject),),
        "deal": (col(Deal.title),),
        "customer": (col(Customer.name),),
        "owner": (col(User.name),),
        "done": (col(Activity.done_at),),
        "created": (col(Activity.created_at),),
        "updated": (col(Activity.updated_at),),
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
    return _named(session, page(session, _ACTIVITIES, conditions, sort, limit, after))


def of_deal(session: CrmSession, deal: Deal) -> Page[NamedActivity]:
    """Return the latest activities about `deal`."""
    return _latest(session, col(Activity.deal_id) == deal.id)


def of_customer(session: CrmSession, customer: Customer) -> Page[NamedActivity]:
    """Return the latest activities about `customer` and its deals."""
    return _latest(session, _about(session, customer.id))


def _latest(session: CrmSession, about: ColumnElement[bool]) -> Page[NamedActivity]:
    conditions = [is_removed(Activity, False), about]
    return _named(session, page(session, _ACTIVITIES, conditions, "-at", LATEST, None))


def _named(session: CrmSession, found: Page[SourceRow]) -> Page[NamedActivity]:
    rows = _with_keys(session, [NamedActivity(*row) for row in found.rows])
    return Page(rows, found.total, found.more)


def name(session: CrmSession, rows: Sequence[Activity]) -> list[NamedActivity]:
    """Return `rows`, in their order, with the names of what they refer to."""
    deals = by_id(session, Deal, {row.deal_id for row in rows})
    whose = {row.id: row.customer_id or _customer_of(deals.get(row.deal_id)) for row in rows}
    customers = by_id(session, Customer, set(whose.values()))
    users = by_id(session, User, {row.owner_id for row in rows})
    franchises = by_id(session, Franchise, {row.franchise_id for row in rows})
    named = [
        NamedActivity(
            row,
            deal_number=number_of(deals.get(row.deal_id)),
            deal=name_of(deals.get(row.deal_id)),
            customer_number=number_of(customers.get(whose[row.id])),
            customer=name_of(customers.get(whose[row.id])),
            owner=name_of(users.get(row.owner_id)),
            franchise=name_of(franchises.get(row.franchise_id)),
        )
        for row in rows
    ]
    return _with_keys(session, named)


def _customer_of(deal: Deal | None) -> UUID | None:
    return deal.customer_id if deal else None


def _with_keys(session: CrmSession, rows: Sequence[NamedActivity]) -> list[NamedActivity]:
    external = external_ids.of(session, Entity.ACTIVITY, [row.activity.id for row in rows])
    return [replace(row, external_ids=external.get(row.activity.id, [])) for row in rows]


def _conditions(session: CrmSession, wanted: ActivityFilter) -> list[ColumnElement[bool]]:
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
        texts = (col(Activity.subject), col(Activity.body), col(Deal.title), col(Customer.name))
        conditions.append(references.part_of(session, texts, wanted.text))
    return conditions


def _about(session: CrmSession, customer_id: UUID) -> ColumnElement[bool]:
    """Return the condition that an activity is about the customer or one of its deals."""
    deals = rows_of(col(Deal.id)).where(
        in_company(session, Deal), col(Deal.customer_id) == customer_id
    )
    return or_(col(Activity.customer_id) == customer_id, col(Activity.deal_id).in_(deals))
