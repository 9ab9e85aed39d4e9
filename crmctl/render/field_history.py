"""The changes of a record's fields, for programs and for people."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crmctl.domain import times
from crmctl.domain.probabilities import percent
from crmctl.render import values
from crmctl.render.views import JsonRecord, View, listing

if TYPE_CHECKING:
    from crmctl.services.history.field_history import FieldChange

#: The columns of a list of changes.
COLUMNS = ("when", "who", "field", "before", "after", "change", "why")


def record(found: "FieldChange") -> JsonRecord:
    """Return one field of a record before and after a change set."""
    return {
        "at": times.iso(found.change.at),
        "actor": found.change.actor,
        "field": found.field,
        "before": values.plain(found.before),
        "after": values.plain(found.after),
        "change": found.change.ref,
        "reason": found.change.reason,
    }


def line(found: "FieldChange", zone: ZoneInfo) -> JsonRecord:
    """Return a change of a field as a line of a list."""
    return {
        "when": times.local(found.change.at, zone),
        "who": found.change.actor,
        "field": values.field_name(found.field),
        "before": _shown(found.field, found.before, zone),
        "after": _shown(found.field, found.after, zone),
        "change": found.change.ref[:8],
        "why": found.change.reason,
    }


def _shown(field: str, value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, datetime):
        return times.local(value, zone)
    if field == "probability" and value is not None:
        return percent(value)
    return values.plain(value)


def list_view(found: "Sequence[FieldChange]", zone: ZoneInfo) -> View:
    """Return the view of the changes of a record's fields."""
    lines = [line(one, zone) for one in found]
    return listing([record(one) for one in found], COLUMNS, "no field was changed yet", lines)
