"""The stages of pipelines, for programs and for people."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from crmctl.domain import money
from crmctl.domain.probabilities import percent
from crmctl.render.views import JsonRecord, View, detail, listing

if TYPE_CHECKING:
    from crmctl.models.pipelines import Stage
    from crmctl.services.pipeline.rules import SalesProcess

#: The columns of a list of stages of one pipeline.
COLUMNS = ("key", "label", "kind", "probability", "forecast_category", "rotting_days",
           "wip_limit", "required_fields", "can_create", "open_deals")  # fmt: skip

#: How many open deals there are, by pipeline and stage.
Counts = Mapping[tuple[str, str], int]


def record(row: "Stage", open_deals: int = 0) -> JsonRecord:
    """Return a stage; its probability is a fraction from 0 to 1."""
    return {
        "pipeline": row.pipeline,
        "key": row.key,
        "label": row.label,
        "position": row.position,
        "kind": str(row.kind),
        "probability": money.plain(row.probability),
        "forecast_category": str(row.forecast_category),
        "rotting_days": row.rotting_days,
        "wip_limit": row.wip_limit,
        "required_fields": list(row.required_fields),
        "can_create": row.can_create,
        "open_deals": open_deals,
    }


def records(process: "SalesProcess", counts: Counts) -> list[JsonRecord]:
    """Return the stages of a pipeline in their order."""
    return [record(row, counts.get((row.pipeline, row.key), 0)) for row in process.stages]


def view(found: JsonRecord) -> View:
    """Return the view of one stage, which is a record of this module."""
    return View(document=found, rows=[found], draw=detail(_legible([found])[0]).draw)


def list_view(found: Sequence[JsonRecord]) -> View:
    """Return the view of stages, of one pipeline or of several."""
    several = len({one["pipeline"] for one in found}) > 1
    columns = (*(("pipeline",) if several else ()), *COLUMNS)
    return View(document=found, rows=found, draw=listing(_legible(found), columns).draw)


def _legible(found: Iterable[JsonRecord]) -> list[JsonRecord]:
    """Return the records of stages as people read them: probabilities in percent."""
    return [
        {**one, "probability": percent(Decimal(one["probability"]))}
        if one["probability"] is not None
        else one
        for one in found
    ]
