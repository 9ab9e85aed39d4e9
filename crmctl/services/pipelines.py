"""Pipelines and stages: made from templates, edited, exported and applied."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from crmctl import money
from crmctl.errors import NotFound
from crmctl.kinds import ForecastCategory, Status
from crmctl.models.inputs import PipelineUpdate, StageUpdate, validated
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.session import CrmSession
from crmctl.services import changes, rules


def templates() -> list[str]:
    """Return the names of the templates that crmctl ships, in order."""
    folder = resources.files("crmctl").joinpath("templates")
    return sorted(file.name.removesuffix(".toml") for file in folder.iterdir())


def template(name: str) -> dict[str, Any]:
    """Return the definition of a pipeline that the template `name` holds."""
    if name not in templates():
        raise NotFound(f"no template is called {name!r} (there is {', '.join(templates())})")
    folder = resources.files("crmctl").joinpath("templates")
    return tomllib.loads(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def add(session: CrmSession, definition: Mapping[str, Any]) -> rules.Process:
    """Create a pipeline and its stages as `definition`, in the form of a template, says."""
    position = len(rules.processes(session)) + 1
    head = {name: value for name, value in definition.items() if name != "stages"}
    pipeline = changes.create(
        session, Pipeline, [{"position": position, **validated(PipelineUpdate, head)}]
    )[0]
    stages = [
        {"pipeline": pipeline.key, "position": place, **_stage(values)}
        for place, values in enumerate(definition["stages"], 1)
    ]
    return rules.Process(pipeline, tuple(changes.create(session, Stage, stages)))


def _stage(values: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(values)
    if "probability" in given:
        given["probability"] = money.probability(str(given["probability"]))
    defaults = {"kind": Status.OPEN, "forecast_category": ForecastCategory.PIPELINE}
    return {**defaults, "required_fields": [], **validated(StageUpdate, given)}
