"""Single values and differences, as programs and as people get them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from crmctl.domain import money, times
from crmctl.render.views import JsonRecord, cell

#: Fields that follow from others, and are not shown as differences.
_FOLLOWING = {
    "updated_at", "customer_ref", "customer_removed", "deal_ref", "stage_label",
    "stage_entered_at", "effective_probability", "weighted_amount",
    "stage_entered_on", "closed_on",
}  # fmt: skip


def plain(value: Any) -> Any:
    """Return any one value of a table as a record carries it: what JSON has a form for."""
    if isinstance(value, datetime):
        return times.iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return money.plain(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return str(value) if isinstance(value, UUID) else value


def customer(name: str | None, *, removed: bool) -> str | None:
    """Return the name of a customer where it stands beside something of its own, for people."""
    return f"{name} (removed)" if removed else name


def differences(before: JsonRecord, after: JsonRecord) -> str:
    """Return what changed between two records of one row: `amount 5.00 -> 7.00, owner - -> Uma`."""
    return ", ".join(
        f"{name.replace('_', ' ')} {_cell(before.get(name))} -> {_cell(value)}"
        for name, value in after.items()
        if name not in _FOLLOWING and before.get(name) != value
    )


def _cell(value: object) -> str:
    return cell(str(value) if isinstance(value, date) else value)
