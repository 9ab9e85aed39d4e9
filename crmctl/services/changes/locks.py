"""Locking rows for a transaction, as they are or as they were read."""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy import select

from crmctl.errors import Overtaken
from crmctl.models.activities import Activity
from crmctl.models.base import Columns, Owned
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.storage import dialects
from crmctl.storage.lookups import by_number, rows_by
from crmctl.storage.scope import in_company
from crmctl.storage.tables import table_of

Locked = TypeVar("Locked", bound=Customer | Deal | Activity)

#: By which column rows refer to a customer, who may be merged into another meanwhile.
CUSTOMER_COLUMNS: Mapping[type[Owned], str] = {
    Customer: "merged_into",
    Deal: "customer_id",
    Activity: "customer_id",
}


class ReadRow(Protocol):
    """A record as it was read, however it is kept: which one, and what had changed it last."""

    @property
    def id(self) -> UUID:
        """The id of the record."""

    @property
    def changed_in(self) -> UUID:
        """The change set that changed it last."""


def lock(session: CrmSession, row: Owned) -> None:
    """Lock `row` for this transaction, as it is by now: another may just have edited it."""
    # One that this change set created is nobody else's yet, and not of the session.
    if row in session:
        session.refresh(row, with_for_update=True)


def lock_as_read(
    session: CrmSession, model: type[Locked], rows: Iterable[ReadRow]
) -> dict[UUID, Locked]:
    """Return, by id, the records that `rows` of `model` are, locked for this transaction.

    The rows were read without a lock; a dry run does not lock the records either. Raises Overtaken
    where someone else changed one since it was read.
    """
    read = {row.id: row.changed_in for row in rows}
    query = select(model).where(in_company(session, table_of(model)))
    # Within a statement, two who lock the same rows do so in one order: neither waits for ever.
    query = query.order_by(by_number(model))
    if not session.change.dry:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = {row.id: row for (row,) in rows_by(session, query, table_of(model).c.id, list(read))}
    for row_id, changed_in in read.items():
        # This change set may have written it after it was read.
        if row_id not in found or found[row_id].changed_in not in (changed_in, session.change.id):
            raise Overtaken(
                "someone else changed what this is about meanwhile; nothing was changed"
            )
    return found


def keep_customers(
    session: CrmSession, model: type[Owned], written: Iterable[Columns], own: Iterable[Columns] = ()
) -> None:
    """Keep the customers whom rows of `model` with the values `written` refer to from being merged.

    This lasts for the transaction; others may refer to them as well. `own` are rows that this
    writes, which are locked. Raises Overtaken where one was merged since it was found: the deals
    and activities of that have gone elsewhere.
    """
    name = CUSTOMER_COLUMNS.get(model)
    if name is None or session.change.dry or not dialects.has_concurrent_writers(session):
        return
    wanted = {values[name] for values in written if values.get(name)}
    if model is Customer:
        # One that comes back from a merge may have others come back to it.
        wanted -= {row["id"] for row in own}
    if not wanted:
        return
    table = table_of(Customer)
    query = select(table.c.merged_into).where(in_company(session, table))
    query = query.order_by(by_number(Customer)).with_for_update(read=True, key_share=True)
    if any(into for (into,) in rows_by(session, query, table.c.id, [*wanted])):
        raise Overtaken("someone else merged a customer that this is about; nothing was changed")
