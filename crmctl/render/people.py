"""Records as people read them: amounts with their currency, times in the company's zone."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crmctl.domain import money, times
from crmctl.render import records
from crmctl.render.views import View, cell, detail, listing

if TYPE_CHECKING:
    from rich.console import RenderableType

    from crmctl.models.customers import Customer
    from crmctl.services.history.field_history import FieldChange
    from crmctl.services.pipeline.stage_history import StageStay
    from crmctl.services.queries.search import NamedCustomer, NamedDeal

Record = dict[str, Any]

#: Fields that follow from others, and are not told of as differences.
_FOLLOWING = {"updated_at", "customer_ref", "deal_ref", "stage_label", "stage_entered_at"}


def deal(found: "NamedDeal", zone: ZoneInfo, now: datetime) -> Record:
    """Return a deal."""
    row = found.deal
    since = "" if row.closed_at else f", for {times.span(now - row.stage_entered_at)}"
    return {
        "ref": f"D{row.number}",
        "title": row.title,
        "customer": _customer(found),
        "amount": money.shown(row.amount, row.currency),
        "stage": f"{found.stage or row.stage}{since}",
        "pipeline": row.pipeline,
        "status": str(row.status),
        "probability": percent(row.probability),
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
        "closed": row.closed_at and times.local(row.closed_at, zone),
        "created": times.local(row.created_at, zone),
        "updated": times.local(row.updated_at, zone),
        "removed": row.deleted_at and times.local(row.deleted_at, zone),
    }


def deal_line(found: "NamedDeal", zone: ZoneInfo) -> Record:
    """Return a deal as a line of a list; it closes when it did, or else when it is expected to."""
    row = found.deal
    closed = row.closed_at.astimezone(zone).date() if row.closed_at else None
    return {
        "ref": f"D{row.number}",
        "title": row.title,
        "customer": found.customer,
        "amount": money.shown(row.amount, row.currency),
        "stage": found.stage or row.stage,
        "owner": found.owner,
        "close": closed or row.expected_close,
    }


#: The columns of a list of deals.
DEAL_COLUMNS = ("ref", "title", "customer", "amount", "stage", "owner", "close")


def _customer(found: "NamedDeal") -> str | None:
    return f"C{found.customer_number} {found.customer}" if found.customer_number else None


def customer(found: "NamedCustomer", zone: ZoneInfo) -> Record:
    """Return a customer."""
    row = found.customer
    plain = records.customer(found)
    names = ("id", "custom", "created_at", "updated_at", "removed_at")
    return {
        **{name: value for name, value in plain.items() if name not in names},
        **{f"custom.{key}": value for key, value in sorted(row.custom.items())},
        "created": times.local(row.created_at, zone),
        "updated": times.local(row.updated_at, zone),
        "removed": row.deleted_at and times.local(row.deleted_at, zone),
    }


#: The columns of a list of customers.
CUSTOMER_COLUMNS = ("ref", "name", "organisation", "email", "segment", "owner")


def stage_entries(
    entered: "Sequence[StageStay]", labels: Mapping[tuple[str, str], str], zone: ZoneInfo
) -> list[Record]:
    """Return the stages that a deal entered, as the lines of its history.

    They name the pipeline where it was in several.
    """
    several = len({one.entry.pipeline for one in entered}) > 1
    return [_stage_entry(one, labels, zone, several=several) for one in entered]


def _stage_entry(
    entered: "StageStay",
    labels: Mapping[tuple[str, str], str],
    zone: ZoneInfo,
    *,
    several: bool,
) -> Record:
    row = entered.entry
    label = labels.get((row.pipeline, row.stage), row.stage)
    return {
        "stage": f"{row.pipeline}/{label}" if several else label,
        "entered": times.local(row.entered_at, zone),
        "left": times.local(entered.left_at, zone),
        "time": None if entered.stayed is None else times.span(entered.stayed),
        "who": entered.actor,
        "amount": money.shown(row.amount, row.currency),
        "why": row.reason,
    }


#: The columns of the history of stages.
STAGE_COLUMNS = ("stage", "entered", "left", "time", "who", "amount", "why")


def field_change(edit: "FieldChange", zone: ZoneInfo) -> Record:
    """Return a change of a field, as a line of its history."""
    return {
        "when": times.local(edit.change.at, zone),
        "who": edit.change.actor,
        "field": edit.field.replace("_", " "),
        "before": _shown(edit.field, edit.before, zone),
        "after": _shown(edit.field, edit.after, zone),
        "change": edit.change.ref[:8],
        "why": edit.change.reason,
    }


#: The columns of the history of fields.
FIELD_COLUMNS = ("when", "who", "field", "before", "after", "change", "why")


def _shown(field: str, value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, datetime):
        return times.local(value, zone)
    if field == "probability":
        return percent(value)
    return records.value(value)


def percent(value: Any) -> str | None:
    """Return a fraction as a percentage: `62.5%`."""
    return None if value is None else f"{(value * 100).normalize():f}%"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return what changed between two records of one row: `amount 5.00 -> 7.00, owner - -> Uma`."""
    return ", ".join(
        f"{name.replace('_', ' ')} {_told(before.get(name))} -> {_told(value)}"
        for name, value in after.items()
        if name not in _FOLLOWING and before.get(name) != value
    )


def _told(value: Any) -> str:
    return cell(str(value) if isinstance(value, date) else value)


def customer_view(
    found: "NamedCustomer",
    deals: "Sequence[NamedDeal]",
    zone: ZoneInfo,
    kept: "Customer | None" = None,
) -> View:
    """Return the view of a customer with its deals; `kept` is the one it was merged into."""
    merged = {"merged_into": f"C{kept.number}" if kept else None}
    deal_records = [records.deal(deal) for deal in deals]
    record = {**records.customer(found), "deals": deal_records, **merged}
    told = {"merged_into": f"C{kept.number} {kept.name}"} if kept else {}
    head = detail(record, shown={**customer(found, zone), **told})
    lines = [deal_line(deal, zone) for deal in deals]
    table = listing(lines, DEAL_COLUMNS, "no deals")

    def draw() -> "RenderableType":
        from rich.console import Group

        return Group(head.draw(), "", table.draw())

    return View(record, [record], draw)
