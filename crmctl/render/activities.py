"""Activities, for programs and for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crmctl.domain import times
from crmctl.domain.kinds import ActivityKind
from crmctl.render.views import JsonRecord, View, detail, listing
from crmctl.services.records import types

if TYPE_CHECKING:
    from rich.console import RenderableType

    from crmctl.services.queries.activities import NamedActivity
    from crmctl.services.queries.paging import Page

#: The columns of a list of activities.
COLUMNS = ("ref", "at", "kind", "subject", "deal", "customer", "owner", "done")
#: Those of the activities of one deal, and of one customer.
_OF_DEAL = ("ref", "at", "kind", "subject", "owner", "done")
_OF_CUSTOMER = ("ref", "at", "kind", "subject", "deal", "owner", "done")


def record(found: "NamedActivity") -> JsonRecord:
    """Return an activity. `deal`, `customer`, `owner` and `franchise` are names.

    `at` is when it took place, or when a task is due. The customer may be that of the deal.
    """
    row = found.activity
    return {
        "ref": types.ACTIVITY.ref(row.number),
        "kind": str(row.kind),
        "subject": row.subject,
        "at": times.iso(row.at),
        "minutes": row.minutes,
        "done_at": times.iso(row.done_at),
        "deal": found.deal,
        "deal_ref": found.deal_ref,
        "customer": found.customer,
        "customer_ref": found.customer_ref,
        "owner": found.owner,
        "body": row.body,
        "external_ids": list(found.external_ids),
        "franchise": found.franchise,
        "created_at": times.iso(row.created_at),
        "updated_at": times.iso(row.updated_at),
        "removed_at": times.iso(row.deleted_at),
        "id": str(row.id),
    }


def line(found: "NamedActivity", zone: ZoneInfo) -> JsonRecord:
    """Return an activity as a line of a list; of a task, `done` says whether it is."""
    row = found.activity
    counts = row.kind == ActivityKind.TASK or row.done_at is not None
    return {
        "ref": types.ACTIVITY.ref(row.number),
        "at": times.local(row.at, zone),
        "kind": str(row.kind),
        "subject": row.subject,
        "deal": f"{found.deal_ref} {found.deal}" if found.deal_ref else None,
        "customer": found.customer,
        "owner": found.owner,
        "done": row.done_at is not None if counts else None,
    }


def view(found: "NamedActivity", zone: ZoneInfo) -> View:
    """Return the view of one activity."""
    row = found.activity
    time = "due" if row.kind == ActivityKind.TASK else "at"
    shown = {
        "ref": types.ACTIVITY.ref(row.number),
        "kind": str(row.kind),
        "subject": row.subject,
        time: times.local(row.at, zone),
        "minutes": row.minutes,
        "done": row.done_at and times.local(row.done_at, zone),
        "deal": f"{found.deal_ref} {found.deal}" if found.deal_ref else None,
        "customer": f"{found.customer_ref} {found.customer}" if found.customer_ref else None,
        "owner": found.owner,
        "body": row.body,
        "external_ids": list(found.external_ids),
        "franchise": found.franchise,
        "created": times.local(row.created_at, zone),
        "updated": times.local(row.updated_at, zone),
        "removed": row.deleted_at and times.local(row.deleted_at, zone),
    }
    return detail(record(found), shown=shown)


def list_view(rows: "Sequence[NamedActivity]", zone: ZoneInfo) -> View:
    """Return the view of a list of activities."""
    lines = [line(row, zone) for row in rows]
    return listing([record(row) for row in rows], COLUMNS, "no activities", lines, "activity")


def with_activities(shown: View, found: "Page[NamedActivity]", zone: ZoneInfo) -> View:
    """Return the view `shown` of a deal or a customer with its latest activities below it."""
    document: JsonRecord = {**shown.document, "activities": [record(row) for row in found.rows]}
    if not found.rows:
        return View(document=document, rows=[document], draw=shown.draw)
    of_customer = "deals" in document
    lines = [line(row, zone) for row in found.rows]
    table = listing(lines, _OF_CUSTOMER if of_customer else _OF_DEAL)

    def draw() -> "RenderableType":
        from rich.console import Group

        more = f"and {found.total - len(lines)} more (crmctl activity list)" if found.more else ""
        return Group(shown.draw(), "", table.draw(), *filter(None, [more]))

    return View(document=document, rows=[document], draw=draw)
