"""Customers, for programs and for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crmctl.domain import times
from crmctl.render import deals
from crmctl.render.views import JsonRecord, View, detail, listing
from crmctl.services.records import types

if TYPE_CHECKING:
    from rich.console import RenderableType

    from crmctl.models.customers import Customer
    from crmctl.services.history.erase import Erasure
    from crmctl.services.history.mentions import Mention
    from crmctl.services.queries.search import NamedCustomer, NamedDeal

#: The columns of a list of customers.
COLUMNS = ("ref", "name", "organisation", "email", "segment", "owner")
#: Fields that people read under another name.
_RENAMED = ("id", "custom", "created_at", "updated_at", "removed_at")


def record(found: "NamedCustomer") -> JsonRecord:
    """Return a customer. `owner` and `franchise` are names; `removed_at` says it is hidden."""
    row = found.customer
    return {
        "ref": types.CUSTOMER.ref(row.number),
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


def _shown(found: "NamedCustomer", zone: ZoneInfo) -> JsonRecord:
    """Return a customer as people read it."""
    row = found.customer
    return {
        **{name: value for name, value in record(found).items() if name not in _RENAMED},
        **{f"custom.{key}": value for key, value in sorted(row.custom.items())},
        "created": times.local(row.created_at, zone),
        "updated": times.local(row.updated_at, zone),
        "removed": row.deleted_at and times.local(row.deleted_at, zone),
    }


def view(
    found: "NamedCustomer",
    customer_deals: "Sequence[NamedDeal]",
    zone: ZoneInfo,
    survivor: "Customer | None" = None,
) -> View:
    """Return the view of a customer with its deals; `survivor` is the one it was merged into."""
    document: JsonRecord = {
        **record(found),
        "deals": [deals.record(deal) for deal in customer_deals],
        "merged_into": types.CUSTOMER.ref(survivor.number) if survivor else None,
    }
    named = survivor and f"{types.CUSTOMER.ref(survivor.number)} {survivor.name}"
    merged = {"merged_into": named} if survivor else {}
    head = detail(document, shown={**_shown(found, zone), **merged})
    table = deals.list_view(customer_deals, zone)

    def draw() -> "RenderableType":
        from rich.console import Group

        return Group(head.draw(), "", table.draw())

    return View(document=document, rows=[document], draw=draw)


def list_view(rows: "Sequence[NamedCustomer]") -> View:
    """Return the view of a list of customers."""
    return listing([record(row) for row in rows], COLUMNS, "no customers", kind="customer")


def mentions(erasure: "Erasure") -> list[str]:
    """Return where the records of others name a customer, a line each, before it is erased."""
    lines = []
    for struck, own, head in (
        (True, False, "It is taken out of the records of others:"),
        (False, False, "Kept, because it may mean something else (--everywhere takes it out too):"),
        (False, True, "Kept, as the company calls things of its own so (change these first):"),
    ):
        same = (one for one in erasure.mentions if one.struck is struck)
        found = [_mention(one) for one in same if bool(one.changed_by) is own]
        lines += [head, *found] if found else []
    return lines


def kept_mentions(erasure: "Erasure") -> list[str]:
    """Return what an erasure left in the records of others and the company's own, and where."""
    kept = [one for one in erasure.mentions if not one.struck]
    elsewhere = ", ".join(dict.fromkeys(one.where for one in kept if not one.changed_by))
    own = ", ".join(
        dict.fromkeys(f"{one.where} ({one.changed_by})" for one in kept if one.changed_by)
    )
    told = {
        "a name of one word, or part of one, stays where it may mean something else": elsewhere,
        "what the company calls things of its own stays": own,
    }
    return [f"{what}: {where}" for what, where in told.items() if where]


def _mention(mention: "Mention") -> str:
    if not mention.column:
        return f"  {mention.where}"
    way = f" ({mention.changed_by})" if mention.changed_by else ""
    return f"  {mention.where} {mention.column}: {mention.text}{way}"
