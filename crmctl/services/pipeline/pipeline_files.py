"""A pipeline as a TOML file: what templates are, `export` writes and `apply` reads."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import resources

from crmctl.domain import probabilities
from crmctl.domain.kinds import ForecastCategory, Status
from crmctl.domain.probabilities import percent
from crmctl.domain.text import folded
from crmctl.domain.toml import parse_toml
from crmctl.errors import CrmError, NotFound, UsageError
from crmctl.models.base import Columns, Values
from crmctl.models.inputs import PipelineUpdate, StageUpdate, validated
from crmctl.models.pipelines import Stage
from crmctl.services.pipeline.rules import CUSTOM, REQUIRABLE, SalesProcess

#: Rules of a pipeline, with their defaults.
RULES = {"allow_skip": True, "allow_back": True, "lost_reason_required": False}
#: Fields of a stage, in the order of a file.
FIELDS = ("key", "label", "kind", "probability", "forecast_category", "rotting_days", "wip_limit",
          "required_fields", "can_create")  # fmt: skip
_HEAD = ("key", "label", *RULES, "stages", "moves")

#: What won and lost mean; of an open stage, the probability has to be said.
CERTAIN = {Status.WON: Decimal(1), Status.LOST: Decimal(0)}
_CATEGORY = {
    Status.OPEN: ForecastCategory.PIPELINE,
    Status.WON: ForecastCategory.COMMIT,
    Status.LOST: ForecastCategory.OMITTED,
}


@dataclass(frozen=True)
class Definition:
    """A whole pipeline: nothing in it is left to a default.

    `head` has the key, the label and the rules; each of `stages` has FIELDS. `moves` says, for
    stages that are there no more, which one takes their deals.
    """

    head: Values
    stages: tuple[Values, ...]
    moves: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key of the pipeline."""
        return str(self.head["key"])


def of(process: SalesProcess) -> Definition:
    """Return the definition of a pipeline that is in the database."""
    head = {name: getattr(process.pipeline, name) for name in ("key", "label", *RULES)}
    return Definition(head, tuple(stage_of(stage) for stage in process.stages))


def stage_of(stage: Stage) -> Values:
    """Return the FIELDS of a stage that is in the database."""
    return {name: getattr(stage, name) for name in FIELDS}


def templates() -> dict[str, Definition]:
    """Return the templates that crmctl ships, by name."""
    files = resources.files("crmctl").joinpath("templates").iterdir()
    names = sorted(file.name.removesuffix(".toml") for file in files)
    return {name: template(name) for name in names}


def template(name: str) -> Definition:
    """Return the template called `name`; raises NotFound where there is none."""
    folder = resources.files("crmctl").joinpath("templates")
    names = sorted(file.name.removesuffix(".toml") for file in folder.iterdir())
    if name not in names:
        raise NotFound(f"no template is called {name!r} (there is {', '.join(names)})")
    return read(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8"), f"template {name}")


def write(definition: Definition) -> str:
    """Return `definition` as TOML, without what goes without saying."""
    import tomli_w

    head = {name: definition.head[name] for name in ("key", "label", *RULES)}
    stages = [_plain(stage) for stage in definition.stages]
    return tomli_w.dumps({**head, "stages": stages})


def _plain(stage: Columns) -> Values:
    plain = {name: stage[name] for name in FIELDS if stage[name] not in (None, [])}
    if stage["probability"] is not None:
        plain["probability"] = percent(stage["probability"])
    if stage["can_create"]:
        del plain["can_create"]
    return plain | {name: str(plain[name]) for name in ("kind", "forecast_category")}


def read(text: str, where: str) -> Definition:
    """Return the definition that `text` is in TOML; `where` names it in what is raised."""
    try:
        content = parse_toml(text)
    except ValueError as error:
        raise UsageError(f"{where} is not valid TOML: {error}") from None
    try:
        return parse(content)
    except CrmError as error:
        raise UsageError(f"{where}: {error}") from error


def parse(content: Columns) -> Definition:
    """Return the definition that `content`, in the form of a file, makes, checked and completed."""
    _known(content, _HEAD, "")
    head = {name: value for name, value in content.items() if name not in ("stages", "moves")}
    if "key" not in head:
        raise UsageError("a pipeline needs a key")
    head = {"label": readable(str(head["key"])), **RULES, **validated(PipelineUpdate, head)}
    tables = content.get("stages", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise UsageError("stages are tables, each under [[stages]]")
    stages = tuple(_stage(table, number) for number, table in enumerate(tables, 1))
    check_stages([(stage["key"], stage["kind"]) for stage in stages])
    for number, stage in enumerate(stages):
        check_label(stage, [(other["key"], other["label"]) for other in stages[:number]])
    return Definition(head, stages, _moves(content.get("moves", {}), stages))


def _stage(table: Columns, number: int) -> Values:
    name = f"stage {table['key']}" if "key" in table else f"stage number {number}"
    _known(table, FIELDS, f" in {name}")
    try:
        if "key" not in table:
            raise UsageError("a stage needs a key")
        return complete(table)
    except CrmError as error:
        raise UsageError(f"{name}: {error}") from error


def complete(given: Columns) -> Values:
    """Return all FIELDS of a new stage: those `given`, checked, and defaults for the others."""
    values = checked(given)
    kind = values.setdefault("kind", Status.OPEN)
    defaults: Values = {
        "label": readable(values["key"]),
        **usual(kind),
        "rotting_days": None,
        "wip_limit": None,
        "required_fields": [],
        "can_create": True,
    }
    whole = {**defaults, **values}
    check_stage(whole)
    return {name: whole[name] for name in FIELDS}


def usual(kind: Status) -> Values:
    """Return the probability and the forecast category of a stage that were not given."""
    return {"probability": CERTAIN.get(kind), "forecast_category": _CATEGORY[kind]}


def checked(given: Columns) -> Values:
    """Return the fields of a stage that were `given`, checked each for itself."""
    values = dict(given)
    if isinstance(values.get("probability"), (str, int, float)):
        values["probability"] = probabilities.read(str(values["probability"]))
    values = validated(StageUpdate, values)
    if "required_fields" in values:
        values["required_fields"] = _required(values["required_fields"])
    return values


def check_stage(values: Columns) -> None:
    """Raise UsageError if the fields of a stage do not fit together."""
    kind = values["kind"]
    if kind in CERTAIN and values["probability"] != CERTAIN[kind]:
        raise UsageError(f"the probability of a {kind} stage is {percent(CERTAIN[kind])}, always")
    if kind != Status.LOST and "lost_reason" in values["required_fields"]:
        raise UsageError("only a lost stage can require lost_reason")


def check_stages(stages: Sequence[tuple[str, Status]]) -> None:
    """Raise UsageError if a pipeline cannot consist of `stages`, each given by key and kind."""
    keys = [key for key, _ in stages]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise UsageError(f"there are two stages {twice}")
    if not any(kind == Status.OPEN for _, kind in stages):
        raise UsageError("a pipeline needs an open stage")


def check_label(stage: Columns, others: Iterable[tuple[str, str]]) -> None:
    """Raise UsageError if what `stage` is called means another of its pipeline, or another kind.

    `others` are the keys and labels of those. What differs in case, white space or form is alike.
    """
    kind, label = stage["kind"], folded(stage["label"])
    mine = {label, folded(stage["key"])}
    for key, other in others:
        if mine & {folded(key), folded(other)}:
            raise UsageError(f"stage {key} is called {other!r} already: choose another label")
    if label in (Status.WON, Status.LOST) and label != kind:
        name = stage["label"]
        raise UsageError(f"{name!r} is what {label} deals are in, and {stage['key']} is {kind}")


def _required(names: Iterable[str]) -> list[str]:
    found = dict.fromkeys(_field(name) for name in names)
    return list(found)


def _field(name: str) -> str:
    words = name.strip().lower()
    if words.startswith(CUSTOM) and words != CUSTOM:
        return words
    plain = words.replace("-", "_").replace(" ", "_")
    if plain not in REQUIRABLE:
        there = ", ".join(REQUIRABLE)
        raise UsageError(f"no field of a deal is called {name!r} ({there} or {CUSTOM}KEY)")
    return plain


def _moves(table: object, stages: Sequence[Columns]) -> dict[str, str]:
    if not isinstance(table, dict) or not all(isinstance(to, str) for to in table.values()):
        raise UsageError('moves are lines such as old = "new" under [moves]')
    keys = {stage["key"] for stage in stages}
    for old, new in table.items():
        if old in keys:
            raise UsageError(f"moves: {old} is still a stage, so its deals stay")
        if new not in keys:
            raise UsageError(f"moves: {new!r} is no stage of this pipeline")
    return table


def _known(table: Columns, names: Sequence[str], where: str) -> None:
    for name in table:
        if name not in names:
            close = difflib.get_close_matches(name, names, 1)
            hint = f"did you mean {close[0]}?" if close else f"there is {', '.join(names)}"
            raise UsageError(f"unknown key {name!r}{where} ({hint})")


def readable(key: str) -> str:
    """Return a label for a key that was given none: `due_diligence` is `Due diligence`."""
    return key.replace("_", " ").replace("-", " ").strip().capitalize() or key
