"""The mappings that imports have saved, for programs and for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmctl.render.views import JsonRecord, View, listing

if TYPE_CHECKING:
    from crmctl.models.imports import SavedMapping

#: The columns of a list of mappings.
COLUMNS = ("name", "kind", "columns", "stages")


def record(row: "SavedMapping") -> JsonRecord:
    """Return a saved mapping."""
    return {
        "name": row.name,
        "kind": str(row.kind),
        "columns": [{"column": column, "field": field} for column, field in row.columns],
        "stages": [{"name": name, "stage": stage} for name, stage in row.stages],
    }


def line(row: "SavedMapping") -> JsonRecord:
    """Return a saved mapping as a line of a list: as it would be typed."""
    return {
        "name": row.name,
        "kind": str(row.kind),
        "columns": ", ".join("=".join(pair) for pair in row.columns),
        "stages": ", ".join("=".join(pair) for pair in row.stages),
    }


def list_view(rows: "Sequence[SavedMapping]") -> View:
    """Return the view of a list of saved mappings."""
    none = "no mapping is kept (crmctl import ... --save-mapping NAME)"
    return listing(
        [record(row) for row in rows], COLUMNS, none, [line(row) for row in rows], "mapping"
    )
