"""The stages that a deal entered, for programs and for people."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crmctl.domain import money, times
from crmctl.render.views import JsonRecord, View, listing
from crmctl.services.records import types

if TYPE_CHECKING:
    from crmctl.models.deals import Deal
    from crmctl.services.pipeline.stage_history import StageStay

#: The columns of a list of stages that a deal entered.
COLUMNS = ("stage", "entered", "left", "time", "who", "amount", "why")

#: The labels of stages, by pipeline and key.
StageLabels = Mapping[tuple[str, str], str]


def record(stay: "StageStay", deal: "Deal") -> JsonRecord:
    """Return a stage that `deal` entered.

    `left_at` is null for the stage it is in. `seconds` is how long it was in it, up to now for
    an open deal and null for one that is closed.
    """
    row = stay.entry
    return {
        "deal": types.DEAL.ref(deal.number),
        "position": row.position,
        "pipeline": row.pipeline,
        "from_stage": row.from_stage,
        "stage": row.stage,
        "status": str(row.status),
        "entered_at": times.iso(row.entered_at),
        "left_at": times.iso(stay.left_at),
        "seconds": None if stay.stayed is None else int(stay.stayed.total_seconds()),
        "actor": stay.actor,
        "reason": row.reason,
        "amount": money.plain(row.amount),
        "currency": row.currency,
        "change": stay.change,
        "entered_on": row.entered_on and row.entered_on.isoformat(),
    }


def line(stay: "StageStay", labels: StageLabels, zone: ZoneInfo, *, several: bool) -> JsonRecord:
    """Return a stage that a deal entered as a line of a list.

    It names the pipeline where the deal was in `several`.
    """
    row = stay.entry
    label = labels.get((row.pipeline, row.stage), row.stage)
    return {
        "stage": f"{row.pipeline}/{label}" if several else label,
        "entered": times.local_or_day(row.entered_at, row.entered_on, zone),
        "left": times.local_or_day(stay.left_at, stay.left_on, zone),
        "time": None if stay.stayed is None else times.span(stay.stayed),
        "who": stay.actor,
        "amount": money.shown(row.amount, row.currency),
        "why": row.reason,
    }


def list_view(
    stays: "Sequence[StageStay]", deal: "Deal", labels: StageLabels, zone: ZoneInfo
) -> View:
    """Return the view of the stages that `deal` entered."""
    several = len({stay.entry.pipeline for stay in stays}) > 1
    lines = [line(stay, labels, zone, several=several) for stay in stays]
    return listing([record(stay, deal) for stay in stays], COLUMNS, shown=lines, kind="history")
