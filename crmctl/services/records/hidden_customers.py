"""What became of customers that are hidden: merged into others, or erased."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select as columns_of
from sqlmodel import col, select

from crmctl.models.changes import Change
from crmctl.models.customers import Customer
from crmctl.models.session import CrmSession
from crmctl.services.records import types
from crmctl.storage.lookups import batches, by_number, rows_by
from crmctl.storage.scope import in_company
from crmctl.storage.tables import table_of


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
    table = table_of(Customer)
    query = columns_of(table.c.id, table.c.merged_into).where(in_company(session, table))
    query = query.order_by(by_number(Customer))
    if lock:
        query = query.with_for_update(read=True, key_share=True)
    found = rows_by(session, query, table.c.id, customers)
    return {row_id: into for row_id, into in found if into}


def erased(session: CrmSession, rows: Sequence[Customer]) -> set[UUID]:
    """Return the ids of those of `rows` that were erased, of which nothing can be brought back."""
    mine = [row for row in rows if row.deleted_at and row.name == types.ERASED]
    final: set[UUID] = set()
    for batch in batches(sorted({row.changed_in for row in mine})):
        chosen = (in_company(session, Change), col(Change.id).in_(batch))
        final.update(session.exec(select(Change.id).where(*chosen, col(Change.irreversible))))
    return {row.id for row in mine if row.changed_in in final}
