"""What is exported, as flat records whose names are the fields that imports know."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from crmctl.domain import money, times
from crmctl.domain.kinds import OutputFormat
from crmctl.render import activities, customers, deals
from crmctl.render.views import JsonRecord, csv_line, to_json_lines
from crmctl.services.records import types

if TYPE_CHECKING:
    from crmctl.services.exports.records import (
        ExportedActivity,
        ExportedCustomer,
        ExportedDeal,
        ExportedEntry,
    )

CUSTOMER_COLUMNS = (
    "ref", "external_ids", "name", "organisation", "email", "phone", "website", "country",
    "segment", "lead_score", "owner", "owner_email", "source", "lifecycle", "tags", "franchise",
    "created_at", "updated_at",
)  # fmt: skip
DEAL_COLUMNS = (
    "ref", "external_ids", "title", "amount", "currency", "pipeline", "stage", "status",
    "probability", "forecast_category", "expected_close", "next_step", "customer", "customer_email",
    "owner", "owner_email", "source", "lost_reason", "tags", "franchise", "created_at",
    "updated_at", "stage_entered_at", "closed_at", "stage_entered_on", "closed_on", "assumed",
)  # fmt: skip
ACTIVITY_COLUMNS = (
    "ref", "external_ids", "kind", "subject", "at", "minutes", "done_at", "deal", "customer",
    "customer_email", "owner", "owner_email", "body", "franchise", "created_at", "updated_at",
)  # fmt: skip
HISTORY_COLUMNS = (
    "deal", "title", "position", "pipeline", "from_stage", "stage", "status", "entered_at",
    "left_at", "actor", "reason", "amount", "currency", "entered_on", "deal_id",
)  # fmt: skip


def customer(exported: "ExportedCustomer", custom: Sequence[str]) -> JsonRecord:
    """Return a customer, with a field for each key of `custom`, and last the id that stays."""
    row = exported.named.customer
    found = {**customers.record(exported.named), "owner_email": exported.owner_email}
    own = {f"custom.{key}": row.custom.get(key) for key in custom}
    return {**{name: found[name] for name in CUSTOMER_COLUMNS}, **own, "id": str(row.id)}


def deal(exported: "ExportedDeal", custom: Sequence[str]) -> JsonRecord:
    """Return a deal, with a field for each key of `custom`, and last the ids that stay."""
    row = exported.named.deal
    found = {
        **deals.record(exported.named),
        "owner_email": exported.owner_email,
        "customer_email": exported.customer_email,
    }
    own = {f"custom.{key}": row.custom.get(key) for key in custom}
    ids = {"customer_id": row.customer_id and str(row.customer_id), "id": str(row.id)}
    return {**{name: found[name] for name in DEAL_COLUMNS}, **own, **ids}


def activity(exported: "ExportedActivity") -> JsonRecord:
    """Return an activity, and last the ids that stay; a deal's customer is not repeated."""
    row = exported.named.activity
    found = {
        **activities.record(exported.named),
        "customer": exported.customer,
        "customer_email": exported.customer_email,
        "owner_email": exported.owner_email,
    }
    ids = {
        "deal_id": row.deal_id and str(row.deal_id),
        "customer_id": row.customer_id and str(row.customer_id),
        "id": str(row.id),
    }
    return {**{name: found[name] for name in ACTIVITY_COLUMNS}, **ids}


def entry(exported: "ExportedEntry") -> JsonRecord:
    """Return a stage that a deal entered; `left_at` is null for the one that it is in."""
    row, owner = exported.entry, exported.deal
    found = {
        "deal": types.DEAL.ref(owner.number),
        "title": owner.title,
        "position": row.position,
        "pipeline": row.pipeline,
        "from_stage": row.from_stage,
        "stage": row.stage,
        "status": str(row.status),
        "entered_at": times.iso(row.entered_at),
        "left_at": times.iso(exported.left_at),
        "actor": exported.actor,
        "reason": row.reason,
        "amount": money.plain(row.amount),
        "currency": row.currency,
        "entered_on": row.entered_on and row.entered_on.isoformat(),
        "deal_id": str(owner.id),
    }
    return {name: found[name] for name in HISTORY_COLUMNS}


def lines(header: Sequence[str], rows: Iterable[JsonRecord], form: OutputFormat) -> Iterator[str]:
    """Yield `rows` as lines of CSV under `header`, or as lines of JSON."""
    if form == OutputFormat.JSONL:
        yield from to_json_lines(rows)
        return
    yield csv_line(header)
    yield from (csv_line(row[name] for name in header) for row in rows)


def header(columns: Sequence[str], custom: Sequence[str], ids: Sequence[str]) -> list[str]:
    """Return the names of all columns of an export, in their order."""
    return [*columns, *(f"custom.{key}" for key in custom), *ids]
