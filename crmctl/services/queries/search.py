"""Finding customers and deals: by what they hold, in an order, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import and_, func, literal
from sqlalchemy import select as rows_of
from sqlmodel import col

from crmctl.domain.forecast.sums import chance, weighted
from crmctl.domain.kinds import Entity, Status
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise, User
from crmctl.services.pipeline import rules
from crmctl.services.queries.filters import (
    CustomerFilter,
    DealFilter,
    customer_conditions,
    deal_conditions,
)
from crmctl.services.queries.paging import (
    COUNTED,
    Listing,
    Page,
    by_id,
    name_of,
    number_of,
    page,
    related,
)
from crmctl.services.records import external_ids, types
from crmctl.storage.scope import IS_OPEN, same_company, visible


@dataclass(frozen=True)
class NamedDeal:
    """A deal with the names of what it refers to."""

    deal: Deal
    customer_number: int | None = None
    customer: str | None = None
    owner: str | None = None
    franchise: str | None = None
    stage: str | None = None
    customer_removed: bool = False
    stage_probability: Decimal | None = None
    external_ids: Sequence[str] = ()

    @property
    def customer_ref(self) -> str | None:
        """What people call the customer by."""
        return types.CUSTOMER.ref(self.customer_number) if self.customer_number else None

    @property
    def effective_probability(self) -> Decimal | None:
        """The deal's own probability, or else its stage's; of a closed deal, None."""
        if self.deal.status != Status.OPEN:
            return None
        return chance(self.deal.probability, self.stage_probability)

    @property
    def weighted_amount(self) -> Decimal | None:
        """The amount times the probability, unrounded, where both are known."""
        return weighted(self.deal.amount, self.effective_probability)


@dataclass(frozen=True)
class NamedCustomer:
    """A customer with the names of what it refers to."""

    customer: Customer
    owner: str | None = None
    franchise: str | None = None
    external_ids: Sequence[str] = ()


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
    conditions = deal_conditions(session, wanted)
    source = _OPEN_DEALS if wanted.status == "open" and _has_few_open(session) else _DEALS
    found = page(session, source, conditions, sort, limit, after)
    named = [NamedDeal(*row) for row in found.rows]
    external = external_ids.of(session, Entity.DEAL, [row.deal.id for row in named])
    rows = [replace(row, external_ids=external.get(row.deal.id, [])) for row in named]
    return Page(rows, found.total, found.more)


def _has_few_open(session: CrmSession) -> bool:
    """Return whether so few deals are open that all of them can be put in order for a list."""
    some = rows_of(literal(1)).select_from(Deal).where(*visible(session, Deal), IS_OPEN)
    counted = some.limit(COUNTED + 1).subquery()
    total: int = session.execute(rows_of(func.count()).select_from(counted)).scalar_one()
    return total <= COUNTED


def customers(
    session: CrmSession,
    wanted: CustomerFilter,
    *,
    sort: str = "number",
    limit: int | None = None,
    after: str | None = None,
) -> Page[NamedCustomer]:
    """Return the customers that fit `wanted`; order and pages are those of deals."""
    conditions = customer_conditions(session, wanted)
    found = page(session, _CUSTOMERS, conditions, sort, limit, after)
    named = [NamedCustomer(*row) for row in found.rows]
    external = external_ids.of(session, Entity.CUSTOMER, [row.customer.id for row in named])
    rows = [replace(row, external_ids=external.get(row.customer.id, [])) for row in named]
    return Page(rows, found.total, found.more)


def name_deals(session: CrmSession, rows: Sequence[Deal]) -> list[NamedDeal]:
    """Return `rows`, in their order, with the names of what they refer to."""
    customers = by_id(session, Customer, {row.customer_id for row in rows})
    users = by_id(session, User, {row.owner_id for row in rows})
    franchises = by_id(session, Franchise, {row.franchise_id for row in rows})
    hidden = {id for id, found in customers.items() if found.deleted_at}
    known = rules.sales_processes(session)
    labels, chances = rules.labels(known), rules.chances(known)
    external = external_ids.of(session, Entity.DEAL, [row.id for row in rows])
    return [
        NamedDeal(
            row,
            customer_number=number_of(customers.get(row.customer_id)),
            customer=name_of(customers.get(row.customer_id)),
            owner=name_of(users.get(row.owner_id)),
            franchise=name_of(franchises.get(row.franchise_id)),
            stage=labels.get((row.pipeline, row.stage)),
            customer_removed=row.customer_id in hidden,
            stage_probability=chances.get((row.pipeline, row.stage)),
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
            owner=name_of(users.get(row.owner_id)),
            franchise=name_of(franchises.get(row.franchise_id)),
            external_ids=external.get(row.id, []),
        )
        for row in rows
    ]


_DEALS = Listing(
    model=Deal,
    number=col(Deal.number),
    columns=(
        col(Customer.number),
        col(Customer.name),
        col(User.name),
        col(Franchise.name),
        col(Stage.label),
        col(Customer.deleted_at).is_not(None),
        col(Stage.probability),
    ),
    joins=(
        related(Deal, Customer, col(Deal.customer_id)),
        related(Deal, User, col(Deal.owner_id)),
        related(Deal, Franchise, col(Deal.franchise_id)),
        (
            Stage,
            and_(
                same_company(Stage, Deal),
                col(Stage.pipeline) == col(Deal.pipeline),
                col(Stage.key) == col(Deal.stage),
            ),
        ),
    ),
    sorts={
        "number": (),
        "title": (col(Deal.title),),
        "customer": (col(Customer.name),),
        "owner": (col(User.name),),
        "amount": (col(Deal.amount),),
        "stage": (col(Deal.pipeline), col(Stage.position)),
        "pipeline": (col(Deal.pipeline), col(Stage.position)),
        "status": (col(Deal.status),),
        "probability": (func.coalesce(Deal.probability, col(Stage.probability)),),
        "close": (col(Deal.expected_close),),
        "closed": (col(Deal.closed_at),),
        "entered": (col(Deal.stage_entered_at),),
        "created": (col(Deal.created_at),),
        "updated": (col(Deal.updated_at),),
    },
)

# Not the bare column: its index would lead through all deals, and the open ones are few.
_OPEN_DEALS = replace(_DEALS, number=col(Deal.number) + 0)

_CUSTOMERS = Listing(
    model=Customer,
    number=col(Customer.number),
    columns=(col(User.name), col(Franchise.name)),
    joins=(
        related(Customer, User, col(Customer.owner_id)),
        related(Customer, Franchise, col(Customer.franchise_id)),
    ),
    sorts={
        "number": (),
        "name": (col(Customer.name),),
        "organisation": (col(Customer.organisation),),
        "email": (col(Customer.email),),
        "country": (col(Customer.country),),
        "segment": (col(Customer.segment),),
        "score": (col(Customer.lead_score),),
        "owner": (col(User.name),),
        "created": (col(Customer.created_at),),
        "updated": (col(Customer.updated_at),),
    },
)
