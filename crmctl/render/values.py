"""Single values and differences, as programs and as people get them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

from crmctl.domain import money, times
from crmctl.render import schemas
from crmctl.render.views import JsonRecord, cell
from crmctl.services.records import types

#: Fields that follow from others, and are not shown as differences.
_FOLLOWING = {
    "updated_at", "customer_ref", "customer_removed", "deal_ref", "stage_label",
    "stage_entered_at", "effective_probability", "weighted_amount",
    "stage_entered_on", "closed_on",
}  # fmt: skip
_CUSTOM = "custom."


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
    old, new = _by_field(before), _by_field(after)
    return ", ".join(
        f"{field_name(name)} {_cell(old.get(name))} -> {_cell(new.get(name))}"
        for name in dict.fromkeys([*new, *old])
        if name not in _FOLLOWING and old.get(name) != new.get(name)
    )


def _by_field(record: JsonRecord) -> JsonRecord:
    """Return `record` with each custom field on its own, in the place of all of them."""
    found: JsonRecord = {}
    for name, value in record.items():
        if name == "custom":
            found |= {f"{_CUSTOM}{key}": each for key, each in value.items()}
        else:
            found[name] = value
    return found


def field_name(name: str) -> str:
    """Return what people call the field `name` of a record, a custom one by its key.

    One that is called like a field that every record has stays `custom.KEY`.
    """
    key = name.removeprefix(_CUSTOM)
    if key == name:
        return name.replace("_", " ")
    return name if key in _own_fields() else key


@cache
def _own_fields() -> frozenset[str]:
    kinds = (str(one.entity) for one in types.with_custom_fields())
    return frozenset(name for kind in kinds for name in schemas.fields(kind))


def _cell(value: object) -> str:
    return cell(str(value) if isinstance(value, date) else value)
