"""Deals, for programs and for people.

For programs, here and in all of `render`: amounts and probabilities are strings of digits (a
probability is a fraction from 0 to 1), times are ISO 8601 in UTC, days ISO 8601, lists and objects
as they are. A field without a value is null. Fields are added at the end, and never renamed.

For people, amounts have their currency, and times are in the company's zone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crmctl.domain import money, times
from crmctl.domain.probabilities import percent
from crmctl.render import values
from crmctl.render.outcomes import ASSUMED
from crmctl.render.views import JsonRecord, View, detail, listing
from crmctl.services.records import types

if TYPE_CHECKING:
    from crmctl.models.deals import Deal
    from crmctl.services.queries.search import NamedDeal

#: What people see of a deal that nobody may have said.
_MAY_BE_ASSUMED = ("stage", "closed_at")
#: The columns of a list of deals.
COLUMNS = ("ref", "title", "customer", "amount", "stage", "owner", "close")


def record(found: "NamedDeal") -> JsonRecord:
    """Return a deal. `customer`, `owner` and `franchise` are names, `stage` is a key.

    `probability` and `forecast_category` are the deal's own; null means its stage's. What counts is
    the `effective_probability`, and null for a closed deal.
    `stage_entered_on` and `closed_on` are days, null where the time is known; what is `assumed`
    nobody said.
    """
    row = found.deal
    return {
        "ref": types.DEAL.ref(row.number),
        "title": row.title,
        "customer": found.customer,
        "customer_ref": found.customer_ref,
        "amount": money.plain(row.amount),
        "currency": row.currency,
        "pipeline": row.pipeline,
        "stage": row.stage,
        "stage_label": found.stage,
        "status": str(row.status),
        "probability": money.plain(row.probability),
        "forecast_category": row.forecast_category and str(row.forecast_category),
        "expected_close": row.expected_close and row.expected_close.isoformat(),
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
        "customer_removed": found.customer_removed,
        "effective_probability": money.plain(found.effective_probability),
        "weighted_amount": money.plain(found.weighted_amount),
        "stage_entered_on": row.stage_entered_on and row.stage_entered_on.isoformat(),
        "closed_on": row.closed_on and row.closed_on.isoformat(),
        "assumed": [name for name in row.assumed or () if name in _MAY_BE_ASSUMED],
    }


def _shown(found: "NamedDeal", zone: ZoneInfo, now: datetime) -> JsonRecord:
    """Return a deal as people read it."""
    row = found.deal
    since = "" if row.closed_at else f", for {times.span(now - row.stage_entered_at)}"
    return {
        "ref": types.DEAL.ref(row.number),
        "title": row.title,
        "customer": _customer(found),
        "amount": money.shown(row.amount, row.currency),
        "stage": f"{found.stage or row.stage}{_mark(row, 'stage')}{since}",
        "pipeline": row.pipeline,
        "status": str(row.status),
        "probability": None if row.probability is None else percent(row.probability),
        "forecast_category": row.forecast_category and str(row.forecast_category).replace("_", " "),
        "expected_close": row.expected_close,
        "next_step": row.next_step,
        "owner": found.owner,
        "source": row.source,
        "lost_reason": row.lost_reason,
        "tags": row.tags,
        "external_ids": list(found.external_ids),
        **{f"custom.{key}": value for key, value in sorted(row.custom.items())},
        "franchise": found.franchise,
        "closed": _closed(row, zone),
        "created": times.local(row.created_at, zone),
        "updated": times.local(row.updated_at, zone),
        "removed": row.deleted_at and times.local(row.deleted_at, zone),
    }


def _closed(row: "Deal", zone: ZoneInfo) -> str | None:
    """Return when a deal was closed, and whether that was assumed."""
    if row.closed_at is None:
        return None
    at = times.local_or_day(row.closed_at, row.closed_on, zone)
    return f"{at}{_mark(row, 'closed_at')}"


def _mark(row: "Deal", name: str) -> str:
    """Return what stands behind the column `name` of a deal, where nobody said it."""
    return f" {ASSUMED}" if name in (row.assumed or ()) else ""


def _customer(found: "NamedDeal") -> str | None:
    name = values.customer(found.customer, removed=found.customer_removed)
    return f"{found.customer_ref} {name}" if found.customer_ref else None


def line(found: "NamedDeal", zone: ZoneInfo) -> JsonRecord:
    """Return a deal as a line of a list; it closes when it did, or else when it is expected to."""
    row = found.deal
    closed = None
    if row.closed_at:
        day = times.on_day(row.closed_at, row.closed_on, zone).isoformat()
        closed = f"{day}{_mark(row, 'closed_at')}"
    return {
        "ref": types.DEAL.ref(row.number),
        "title": row.title,
        "customer": values.customer(found.customer, removed=found.customer_removed),
        "amount": money.shown(row.amount, row.currency),
        "stage": found.stage or row.stage,
        "owner": found.owner,
        "close": closed or row.expected_close,
    }


def view(found: "NamedDeal", zone: ZoneInfo, now: datetime) -> View:
    """Return the view of one deal."""
    return detail(record(found), shown=_shown(found, zone, now))


def list_view(rows: "Sequence[NamedDeal]", zone: ZoneInfo) -> View:
    """Return the view of a list of deals."""
    lines = [line(row, zone) for row in rows]
    return listing([record(row) for row in rows], COLUMNS, "no deals", lines, "deal")
