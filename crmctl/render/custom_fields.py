"""Custom fields, for programs and for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmctl.domain import times
from crmctl.render.views import JsonRecord, View, listing

if TYPE_CHECKING:
    from crmctl.models.custom_fields import CustomField

#: The columns of a list of custom fields.
COLUMNS = ("entity", "key", "label", "type")


def record(row: "CustomField") -> JsonRecord:
    """Return a custom field. `type` is text, number, date or boolean."""
    return {
        "entity": str(row.entity),
        "key": row.key,
        "label": row.label,
        "type": str(row.type),
        "created_at": times.iso(row.created_at),
    }


def list_view(rows: "Sequence[CustomField]") -> View:
    """Return the view of a list of custom fields."""
    return listing([record(row) for row in rows], COLUMNS, "no custom fields", kind="field")
