"""Customers: adding, and finding those that are there already."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from crmctl.errors import UsageError
from crmctl.kinds import Entity
from crmctl.models.base import new_id
from crmctl.models.customers import Customer
from crmctl.models.session import CrmSession
from crmctl.services import changes, numbers


def add(session: CrmSession, values: Mapping[str, Any]) -> Customer:
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
    query = select(Customer).where(
        col(Customer.company_id) == session.company_id,
        col(Customer.email) == email,
        col(Customer.deleted_at).is_(None),
    )
    if session.franchise_id:
        query = query.where(col(Customer.franchise_id) == session.franchise_id)
    return list(session.exec(query.order_by(col(Customer.number)).limit(5)).all())
