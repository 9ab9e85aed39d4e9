"""Companies, franchises, users, pipelines and stages as plain dicts, and the views of them."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmctl.domain import money, times
from crmctl.models.pipelines import Stage
from crmctl.models.tenants import Company, Franchise, User
from crmctl.render.views import Record, View, detail, listing
from crmctl.services.pipeline.pipeline_files import RULES, Definition, percent
from crmctl.services.pipeline.pipelines import Difference, PipelinePlan
from crmctl.services.pipeline.rules import SalesProcess

if TYPE_CHECKING:
    from rich.console import RenderableType

    from crmctl.models.imports import SavedMapping

_STAGE_COLUMNS = ("key", "label", "kind", "probability", "forecast_category", "rotting_days",
                  "wip_limit", "required_fields", "can_create", "open_deals")  # fmt: skip

#: How many open deals there are, by pipeline and stage.
Counts = Mapping[tuple[str, str], int]


def company(row: Company, current: UUID | None = None) -> Record:
    """Return a company; `current` is the one that commands work for."""
    return {
        "id": str(row.company_id),
        "name": row.name,
        "currency": row.currency,
        "timezone": row.timezone,
        "fiscal_month": row.fiscal_month,
        "current": row.company_id == current,
        "created_at": times.iso(row.created_at),
    }


def franchise(row: Franchise, current: UUID | None = None) -> Record:
    """Return a franchise; `current` is the one that commands work for."""
    return {
        "id": str(row.id),
        "name": row.name,
        "current": row.id == current,
        "created_at": times.iso(row.created_at),
    }


def user(row: User, franchises: Mapping[UUID, str], current: UUID | None = None) -> Record:
    """Return a user; `franchises` are the names by id, `current` who commands are run as."""
    return {
        "id": str(row.id),
        "name": row.name,
        "email": row.email,
        "franchise": franchises.get(row.franchise_id) if row.franchise_id else None,
        "active": row.active,
        "current": row.id == current,
        "created_at": times.iso(row.created_at),
    }


def stage(row: Stage, open_deals: int = 0) -> Record:
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


def stages(process: SalesProcess, counts: Counts) -> list[Record]:
    """Return the stages of a pipeline in their order."""
    return [stage(row, counts.get((row.pipeline, row.key), 0)) for row in process.stages]


def pipeline(process: SalesProcess, counts: Counts) -> Record:
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


def definition(known: Definition) -> Record:
    """Return a pipeline as its file has it; probabilities are fractions from 0 to 1."""
    steps = [{**step, "probability": money.plain(step["probability"])} for step in known.stages]
    return {**known.head, "stages": steps}


def mapping(row: "SavedMapping") -> Record:
    """Return a saved mapping."""
    return {
        "name": row.name,
        "kind": str(row.kind),
        "columns": [{"column": column, "field": field} for column, field in row.columns],
        "stages": [{"name": name, "stage": stage} for name, stage in row.stages],
    }


def mappings_view(rows: Sequence["SavedMapping"]) -> View:
    """Return the view of saved mappings: for people, as they would be typed."""
    shown = [
        {
            "name": row.name,
            "kind": str(row.kind),
            "columns": ", ".join("=".join(pair) for pair in row.columns),
            "stages": ", ".join("=".join(pair) for pair in row.stages),
        }
        for row in rows
    ]
    columns = ("name", "kind", "columns", "stages")
    none = "no mapping is kept (crmctl import ... --save-mapping NAME)"
    return listing([mapping(row) for row in rows], columns, none, shown)


def companies_view(records: Sequence[Record]) -> View:
    """Return the view of companies."""
    return listing(records, ("name", "currency", "timezone", "fiscal_month", "current"))


def franchises_view(records: Sequence[Record]) -> View:
    """Return the view of franchises."""
    return listing(records, ("name", "current"), empty="no franchise (crmctl franchise add)")


def users_view(records: Sequence[Record]) -> View:
    """Return the view of users."""
    return listing(records, ("name", "email", "franchise", "active", "current"))


def pipelines_view(records: Sequence[Record]) -> View:
    """Return the view of pipelines."""
    return listing(records, ("key", "label", "stages", "open_deals"))


def stages_view(records: Sequence[Record]) -> View:
    """Return the view of stages, of one pipeline or of several."""
    several = len({record["pipeline"] for record in records}) > 1
    columns = (*(("pipeline",) if several else ()), *_STAGE_COLUMNS)
    return View(records, records, listing(_legible(records), columns).draw)


def stage_view(record: Record) -> View:
    """Return the view of one stage."""
    return View(record, [record], detail(_legible([record])[0]).draw)


def pipeline_view(process: SalesProcess, counts: Counts) -> View:
    """Return the view of a pipeline with its stages in full."""
    record = pipeline(process, counts)
    steps = stages(process, counts)
    document = {**record, "stages": steps}
    head = {name: value for name, value in record.items() if name not in ("position", "stages")}

    def draw() -> "RenderableType":
        from rich.console import Group

        return Group(detail(head).draw(), "", stages_view(steps).draw())

    return View(document, steps, draw)


def templates_view(definitions: Mapping[str, Any]) -> View:
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


def plan_view(plan: PipelinePlan) -> View:
    """Return the view of what applying a definition changes, or would change."""
    records = [_difference(plan, one) for one in plan.differences]
    columns = ("change", "stage", "field", "before", "after", "deals")
    return listing(records, columns, empty="no difference")


def _difference(plan: PipelinePlan, one: Difference) -> Record:
    return {
        "pipeline": plan.definition.key,
        "change": one.what,
        "stage": one.stage,
        "field": one.field,
        "before": _value(one.before),
        "after": _value(one.after),
        "deals": one.deals,
        "refs": plan.refs.get(one.stage or "", []),
    }


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return percent(value)
    return value if value is None or isinstance(value, (bool, int, list)) else str(value)


def _legible(records: Iterable[Record]) -> list[Record]:
    """Return the records of stages as people read them: probabilities in percent."""
    return [
        {**record, "probability": percent(Decimal(record["probability"]))}
        if record["probability"] is not None
        else record
        for record in records
    ]
