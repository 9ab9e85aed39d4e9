"""Imports: the rows of a file are matched, judged by the rules and written."""

from crmctl.domain.importing.files.tables import Table
from crmctl.domain.importing.plan import ImportPlan
from crmctl.models.session import CrmSession
from crmctl.services.imports import history
from crmctl.services.imports import run as records
from crmctl.services.imports.options import ImportOptions, WriteScope
from crmctl.services.imports.run import Aborted, ImportProgress

__all__ = ["Aborted", "ImportOptions", "ImportProgress", "WriteScope", "run"]


def run(
    session: CrmSession, table: Table, order: ImportOptions, course: ImportProgress | None = None
) -> ImportPlan:
    """Import `table`, or with `dry_run` plan it alone, and return what became of its rows.

    `course` says how it goes on; the history of deals is always written in the end.

    Raises Aborted, with the plan, where a row is rejected and `order` says to abort.
    """
    if order.history:
        return history.run(session, table, order)
    return records.run(session, table, order, course or ImportProgress())
