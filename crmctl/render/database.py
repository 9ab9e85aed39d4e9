"""The state of a database, and what breaks its invariants."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from crmctl.render.views import JsonRecord, View, detail, listing

if TYPE_CHECKING:
    from crmctl.services.integrity.check import BrokenInvariant, DatabaseStatus


def status_view(status: "DatabaseStatus") -> View:
    """Return the view of where the database is, its schema and how much it holds.

    People get a line for each table.
    """
    where: JsonRecord = {
        "engine": status.engine,
        "version": status.version,
        "place": status.location,
        "schema": status.schema,
        "head": status.head,
        "state": status.state,
    }
    return detail({**where, "rows": status.rows}, shown={**where, **status.rows})


def findings_view(findings: Sequence["BrokenInvariant"], names: Mapping[UUID, str]) -> View:
    """Return the view of what breaks the invariants; `names` are those of the companies."""
    records = [
        {
            "invariant": found.invariant,
            "company": names.get(found.company_id) if found.company_id else None,
            "record": found.record,
            "detail": found.detail,
        }
        for found in findings
    ]
    return listing(records, ["invariant", "company", "record", "detail"], "every invariant holds")
