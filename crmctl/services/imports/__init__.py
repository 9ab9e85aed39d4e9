"""Imports: the rows of a file are matched, judged by the rules and written."""

from crmctl.domain.importing.files.tables import Table
from crmctl.domain.importing.plan import ImportPlan
from crmctl.models.session import CrmSession
from crmctl.services.imports import run as records
from crmctl.services.imports.options import ImportOptions, ImportRequest, WriteScope
from crmctl.services.imports.run import Aborted, ImportProgress

__all__ = ["Aborted", "ImportOptions", "ImportProgress", "ImportRequest", "WriteScope", "run"]


def run(
    session: CrmSession,
    table: Table,
    options: ImportOptions,
    progress: ImportProgress | None = None,
) -> ImportPlan:
    """Import `table`, or with `dry_run` plan it alone, and return what became of its rows.

    `progress` is told how it goes on; the history of deals is always written in the end.

    Raises Aborted, with the plan, where a row is rejected and `options` say to abort.
    """
    if options.history:
        # Few imports are of a history, which needs much of its own.
        from crmctl.services.imports import history

        return history.run(session, table, options)
    return records.run(session, table, options, progress or ImportProgress())
