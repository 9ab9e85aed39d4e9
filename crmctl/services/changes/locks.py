"""Keeping rows for a transaction, as they are or as they were read."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmctl.errors import Overtaken
from crmctl.models.base import Owned
from crmctl.models.session import CrmSession
from crmctl.storage.lookups import by_number, found_by
from crmctl.storage.scope import in_company
from crmctl.storage.tables import table_of


def lock(session: CrmSession, row: Owned) -> None:
    """Keep `row` for this transaction, as it is by now: another may just have edited it."""
    # One that this change set created is nobody else's yet, and not of the session.
    if row in session:
        session.refresh(row, with_for_update=True)


def lock_as_read(session: CrmSession, model: type[Any], rows: Iterable[Any]) -> dict[UUID, Any]:
    """Return, by id, the records that `rows` of `model` are, kept for this transaction.

    The rows were read without a lock; a dry run does not lock the records either. Raises Overtaken
    where someone else changed one since it was read.
    """
    read = {row.id: row.changed_in for row in rows}
    query = select(model).where(in_company(session, table_of(model)))
    # Within a statement, two who lock the same rows do so in one order: neither waits for ever.
    query = query.order_by(by_number(model))
    if not session.change.dry:
        query = query.with_for_update().execution_options(populate_existing=True)
    dialect, column = session.get_bind().dialect, table_of(model).c.id
    found = {row.id: row for row in found_by(session.scalars, dialect, query, column, list(read))}
    for row_id, changed_in in read.items():
        # This change set may have written it after it was read.
        if row_id not in found or found[row_id].changed_in not in (changed_in, session.change.id):
            raise Overtaken(
                "someone else changed what this is about meanwhile; nothing was changed"
            )
    return found
