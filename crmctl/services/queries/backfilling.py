"""Deals as their history tells of them, before they were recorded."""

from crmctl.domain.kinds import Status
from crmctl.models.base import Columns, Values


def backfilled(deal: Columns, entry: Columns) -> Values:
    """Return `deal`, as first recorded, in the stage that the `entry` of its history says."""
    priced = ("amount", "currency") if entry["amount"] is not None else ()
    return {**entered(deal, entry), **{name: entry[name] for name in priced}}


def same_entry(deal: Columns, entry: Columns) -> bool:
    """Return whether `deal` is recorded in the stage that the `entry` of its history says."""
    same = all(deal[name] == entry[name] for name in ("pipeline", "stage", "status"))
    return same and deal["stage_entered_at"] == entry["entered_at"]


def entered(deal: Columns, entry: Columns) -> Values:
    """Return `deal` in the stage that the `entry` of its history says."""
    return {
        **deal,
        **{name: entry[name] for name in ("pipeline", "stage", "status")},
        "stage_entered_at": entry["entered_at"],
        "stage_entered_on": entry["entered_on"],
        **_closing(deal, entry),
        "entries": entry["position"],
    }


def _closing(deal: Columns, entry: Columns) -> Values:
    """Return when `deal` was closed; with its last entry, that is as it says itself."""
    if entry["status"] == Status.OPEN:
        return {"closed_at": None, "closed_on": None}
    if entry["position"] == deal["entries"] and deal["closed_at"]:
        return {name: deal[name] for name in ("closed_at", "closed_on")}
    return {"closed_at": entry["entered_at"], "closed_on": entry["entered_on"]}
