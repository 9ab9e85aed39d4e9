"""Pipelines, their templates, and what applying a file changes, for programs and for people."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crmctl.domain import money
from crmctl.domain.probabilities import percent
from crmctl.render import stages
from crmctl.render.stages import Counts
from crmctl.render.views import JsonRecord, View, detail, listing
from crmctl.services.pipeline.pipeline_files import RULES

if TYPE_CHECKING:
    from rich.console import RenderableType

    from crmctl.services.pipeline.pipeline_files import Definition
    from crmctl.services.pipeline.pipelines import Difference, PipelinePlan
    from crmctl.services.pipeline.rules import SalesProcess


def record(process: "SalesProcess", counts: Counts) -> JsonRecord:
    """Return a pipeline with the keys of its stages."""
    row = process.pipeline
    return {
        "key": row.key,
        "label": row.label,
        "position": row.position,
        **{rule: getattr(row, rule) for rule in RULES},
        "stages": [stage.key for stage in process.stages],
        "open_deals": sum(count for (key, _), count in counts.items() if key == row.key),
    }


def view(process: "SalesProcess", counts: Counts) -> View:
    """Return the view of a pipeline with its stages in full."""
    found = record(process, counts)
    steps = stages.records(process, counts)
    document = {**found, "stages": steps}
    head = {name: value for name, value in found.items() if name not in ("position", "stages")}

    def draw() -> "RenderableType":
        from rich.console import Group

        return Group(detail(head).draw(), "", stages.list_view(steps).draw())

    return View(document=document, rows=steps, draw=draw)


def list_view(processes: "Sequence[SalesProcess]", counts: Counts) -> View:
    """Return the view of a list of pipelines."""
    found = [record(process, counts) for process in processes]
    return listing(found, ("key", "label", "stages", "open_deals"))


def definition(known: "Definition") -> JsonRecord:
    """Return a pipeline as its file has it; probabilities are fractions from 0 to 1."""
    steps = [{**step, "probability": money.plain(step["probability"])} for step in known.stages]
    return {**known.head, "stages": steps}


def templates_view(definitions: "Mapping[str, Definition]") -> View:
    """Return the view of the templates, by name."""
    records = [
        {
            "template": name,
            "label": definition.head["label"],
            "stages": [stage["key"] for stage in definition.stages],
        }
        for name, definition in definitions.items()
    ]
    return listing(records, ("template", "label", "stages"))


def plan_view(plan: "PipelinePlan") -> View:
    """Return the view of what applying a definition changes, or would change."""
    records = [_difference(plan, one) for one in plan.differences]
    columns = ("change", "stage", "field", "before", "after", "deals")
    return listing(records, columns, empty="no difference")


def _difference(plan: "PipelinePlan", one: "Difference") -> JsonRecord:
    return {
        "pipeline": plan.definition.key,
        "change": one.what,
        "stage": one.stage,
        "field": one.field,
        "before": _readable(one.before),
        "after": _readable(one.after),
        "deals": one.deals,
        "refs": plan.refs.get(one.stage or "", []),
    }


def _readable(value: Any) -> Any:
    if isinstance(value, Decimal):
        return percent(value)
    return value if value is None or isinstance(value, (bool, int, list)) else str(value)
