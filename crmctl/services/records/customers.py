"""Customers: adding, and finding those that are there already."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from crmctl.domain.kinds import Entity
from crmctl.errors import UsageError
from crmctl.models.base import new_id
from crmctl.models.changes import Change
from crmctl.models.customers import Customer
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.records import numbers, types
from crmctl.storage.lookups import batches, by_number
from crmctl.storage.scope import in_company, visible


def add(session: CrmSession, values: Mapping[str, Any]) -> Customer:
    """Create a customer from valid `values`."""
    if not values.get("name"):
        raise UsageError("a customer needs a name")
    fixed = {"id": new_id(), "number": numbers.take(session, Entity.CUSTOMER)}
    defaults = {"franchise_id": session.franchise_id}
    return changes.create(session, Customer, [{**defaults, **values, **fixed}])[0]


def merge_survivors(
    session: CrmSession, rows: Sequence[Customer], *, lock: bool = False
) -> dict[UUID, Customer]:
    """Return, by id, the customers that those of `rows` that were merged were merged into.

    With `lock`, they are as they are by now, and PostgreSQL keeps them for this transaction.
    """
    wanted = sorted({row.merged_into for row in rows if row.merged_into})
    found: dict[UUID, Customer] = {}
    for batch in batches(wanted):
        mine = (in_company(session, Customer), col(Customer.id).in_(batch))
        query = select(Customer).where(*mine)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        found.update({row.id: row for row in session.exec(query)})
    return {row.id: found[row.merged_into] for row in rows if row.merged_into}


def erased(session: CrmSession, rows: Sequence[Customer]) -> set[UUID]:
    """Return the ids of those of `rows` that were erased, of which nothing can be brought back."""
    mine = [row for row in rows if row.deleted_at and row.name == types.ERASED]
    final: set[UUID] = set()
    for batch in batches(sorted({row.changed_in for row in mine})):
        chosen = (in_company(session, Change), col(Change.id).in_(batch))
        final.update(session.exec(select(Change.id).where(*chosen, col(Change.irreversible))))
    return {row.id for row in mine if row.changed_in in final}


def with_email(session: CrmSession, email: str | None) -> list[Customer]:
    """Return the customers that have this e-mail address, by number."""
    if not email:
        return []
    query = select(Customer).where(*visible(session, Customer), col(Customer.email) == email)
    return list(session.exec(query.order_by(by_number(Customer)).limit(5)).all())
