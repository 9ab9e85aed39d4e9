"""Customers: adding, and finding those that are there already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel import col, func, select

from crmctl.domain.kinds import Entity
from crmctl.errors import Refused, UsageError
from crmctl.models.base import Columns, new_id
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.inputs import CustomerUpdate, validated
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.records import numbers, record_values
from crmctl.storage.lookups import batches, by_number
from crmctl.storage.scope import IS_OPEN, visible


@dataclass(frozen=True, kw_only=True)
class NewCustomer:
    """A customer to add, its fields as people write them.

    `owner` is a reference to a user, `custom` are texts by key.
    """

    name: str
    organisation: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    country: str | None = None
    segment: str | None = None
    lead_score: str | int | None = None
    source: str | None = None
    lifecycle: str | None = None
    owner: str | None = None
    tags: Sequence[str] = ()
    custom: Mapping[str, str] = field(default_factory=dict)
    external_ids: Sequence[str] = ()


@dataclass(frozen=True)
class AddedCustomer:
    """A customer that was added, and those that had its e-mail address already."""

    customer: Customer
    same_email: Sequence[Customer]


def add(session: CrmSession, new: NewCustomer) -> AddedCustomer:
    """Add a customer with all that is to be known of it."""
    texts = {name: getattr(new, name) for name in CustomerUpdate.model_fields if name != "tags"}
    values = validated(
        CustomerUpdate, {name: text for name, text in texts.items() if text is not None}
    )
    columns = record_values.initial(
        session, Customer, values, owner=new.owner, tagged=new.tags, custom=new.custom
    )
    if why := record_values.against_owner(session, columns, session.franchise_id):
        raise Refused(f"customer {new.name!r}: {why}")
    same_email = with_email(session, values.get("email"))
    customer = create(session, columns)
    record_values.attach(session, customer, new.external_ids)
    return AddedCustomer(customer, same_email)


def create(session: CrmSession, values: Columns) -> Customer:
    """Create a customer from valid `values`."""
    if not values.get("name"):
        raise UsageError("a customer needs a name")
    fixed = {"id": new_id(), "number": numbers.take(session, Entity.CUSTOMER)}
    defaults = {"franchise_id": session.franchise_id}
    return changes.create(session, Customer, [{**defaults, **values, **fixed}])[0]


def with_email(session: CrmSession, email: str | None) -> list[Customer]:
    """Return the customers that have this e-mail address, by number."""
    if not email:
        return []
    query = select(Customer).where(*visible(session, Customer), col(Customer.email) == email)
    return list(session.exec(query.order_by(by_number(Customer)).limit(5)).all())


def open_deals(session: CrmSession, customers: Sequence[Customer]) -> dict[UUID, int]:
    """Return how many open deals each of `customers` has, by its id; those without are left out."""
    found: dict[UUID, int] = {}
    for batch in batches(sorted(customer.id for customer in customers)):
        query = (
            select(Deal.customer_id, func.count())
            .where(*visible(session, Deal), IS_OPEN, col(Deal.customer_id).in_(batch))
            .group_by(col(Deal.customer_id))
        )
        found.update({id: count for id, count in session.exec(query) if id})
    return found
