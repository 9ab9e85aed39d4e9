"""What became of customers that are hidden: merged into others, or erased."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from crmctl.models.changes import Change
from crmctl.models.customers import Customer
from crmctl.models.session import CrmSession
from crmctl.services.records import types
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company


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


def merged_among(
    session: CrmSession, customers: Sequence[UUID], *, lock: bool = False
) -> dict[UUID, UUID]:
    """Return whom those of `customers` that were merged were merged into, all by their ids.

    With `lock`, PostgreSQL keeps all of them from being merged for this transaction.
    """
    found: dict[UUID, UUID] = {}
    for batch in batches(customers):
        mine = (in_company(session, Customer), col(Customer.id).in_(batch))
        query = select(Customer.id, Customer.merged_into).where(*mine).order_by(col(Customer.id))
        if lock:
            query = query.with_for_update(read=True, key_share=True)
        found.update((row_id, into) for row_id, into in session.exec(query) if into)
    return found


def erased(session: CrmSession, rows: Sequence[Customer]) -> set[UUID]:
    """Return the ids of those of `rows` that were erased, of which nothing can be brought back."""
    mine = [row for row in rows if row.deleted_at and row.name == types.ERASED]
    final: set[UUID] = set()
    for batch in batches(sorted({row.changed_in for row in mine})):
        chosen = (in_company(session, Change), col(Change.id).in_(batch))
        final.update(session.exec(select(Change.id).where(*chosen, col(Change.irreversible))))
    return {row.id for row in mine if row.changed_in in final}
