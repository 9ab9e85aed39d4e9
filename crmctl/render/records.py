"""Records as programs get them: plain values with fixed names, for JSON, JSON lines and CSV.

Amounts and probabilities are strings of digits (a probability is a fraction from 0 to 1), times
are ISO 8601 in UTC, days ISO 8601, lists and objects as they are. A field without a value is
null. Fields are added at the end, and never renamed.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from crmctl.domain import money, times

if TYPE_CHECKING:
    from crmctl.models.deals import Deal
    from crmctl.models.keys import CustomField
    from crmctl.services.history.field_history import FieldChange
    from crmctl.services.pipeline.stage_history import StageStay
    from crmctl.services.queries.search import NamedCustomer, NamedDeal

Record = dict[str, Any]


def customer(found: "NamedCustomer") -> Record:
    """Return a customer. `owner` and `franchise` are names; `removed_at` says it is hidden."""
    row = found.customer
    return {
        "ref": f"C{row.number}",
        "name": row.name,
        "organisation": row.organisation,
        "email": row.email,
        "phone": row.phone,
        "website": row.website,
        "country": row.country,
        "segment": row.segment,
        "lead_score": row.lead_score,
        "owner": found.owner,
        "source": row.source,
        "lifecycle": row.lifecycle,
        "tags": row.tags,
        "external_ids": list(found.external_ids),
        "custom": dict(sorted(row.custom.items())),
        "franchise": found.franchise,
        "created_at": times.iso(row.created_at),
        "updated_at": times.iso(row.updated_at),
        "removed_at": times.iso(row.deleted_at),
        "id": str(row.id),
    }


def deal(found: "NamedDeal") -> Record:
    """Return a deal. `customer`, `owner` and `franchise` are names, `stage` is a key.

    `probability` and `forecast_category` are the deal's own; null means its stage's.
    """
    row = found.deal
    return {
        "ref": f"D{row.number}",
        "title": row.title,
        "customer": found.customer,
        "customer_ref": f"C{found.customer_number}" if found.customer_number else None,
        "amount": money.plain(row.amount),
        "currency": row.currency,
        "pipeline": row.pipeline,
        "stage": row.stage,
        "stage_label": found.stage,
        "status": str(row.status),
        "probability": money.plain(row.probability),
        "forecast_category": row.forecast_category and str(row.forecast_category),
        "expected_close": _day(row.expected_close),
        "next_step": row.next_step,
        "owner": found.owner,
        "source": row.source,
        "lost_reason": row.lost_reason,
        "tags": row.tags,
        "external_ids": list(found.external_ids),
        "custom": dict(sorted(row.custom.items())),
        "franchise": found.franchise,
        "stage_entered_at": times.iso(row.stage_entered_at),
        "closed_at": times.iso(row.closed_at),
        "created_at": times.iso(row.created_at),
        "updated_at": times.iso(row.updated_at),
        "removed_at": times.iso(row.deleted_at),
        "id": str(row.id),
    }


def stage_entry(entered: "StageStay", owner: "Deal") -> Record:
    """Return a stage that a deal entered.

    `left_at` is null for the stage it is in. `seconds` is how long it was in it, up to now for
    an open deal and null for one that is closed.
    """
    row = entered.entry
    return {
        "deal": f"D{owner.number}",
        "position": row.position,
        "pipeline": row.pipeline,
        "from_stage": row.from_stage,
        "stage": row.stage,
        "status": str(row.status),
        "entered_at": times.iso(row.entered_at),
        "left_at": times.iso(entered.left_at),
        "seconds": None if entered.stayed is None else int(entered.stayed.total_seconds()),
        "actor": entered.actor,
        "reason": row.reason,
        "amount": money.plain(row.amount),
        "currency": row.currency,
        "change": entered.change,
    }


def field_change(edit: "FieldChange") -> Record:
    """Return one field of a record before and after a change set."""
    return {
        "at": times.iso(edit.change.at),
        "actor": edit.change.actor,
        "field": edit.field,
        "before": value(edit.before),
        "after": value(edit.after),
        "change": edit.change.ref,
        "reason": edit.change.reason,
    }


def custom_field(row: "CustomField") -> Record:
    """Return a custom field. `type` is text, number, date or boolean."""
    return {
        "entity": str(row.entity),
        "key": row.key,
        "label": row.label,
        "type": str(row.type),
        "created_at": times.iso(row.created_at),
    }


def value(given: Any) -> Any:
    """Return any one value of a table as a record carries it."""
    from decimal import Decimal
    from enum import Enum
    from uuid import UUID

    if isinstance(given, datetime):
        return times.iso(given)
    if isinstance(given, date):
        return given.isoformat()
    if isinstance(given, Decimal):
        return money.plain(given)
    if isinstance(given, Enum):
        return str(given.value)
    if isinstance(given, Mapping):
        return {key: value(held) for key, held in given.items()}
    return str(given) if isinstance(given, UUID) else given


def _day(given: date | None) -> str | None:
    return None if given is None else given.isoformat()
