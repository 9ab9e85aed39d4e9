"""Stages and pipelines stay in order where only some of what moved them is taken back."""

from collections.abc import Mapping, Sequence

from sqlmodel import col, select

from crmctl.models.base import Owned
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history.undo_plan import UndoPlan
from crmctl.storage.scope import in_company

#: Stages by the pipeline that they are of; pipelines have none.
Siblings = tuple[type[Owned], str | None]


def positions(session: CrmSession, made: UndoPlan) -> dict[Siblings, dict[str, int]]:
    """Return where the stages and pipelines stand now among which `made` takes something back."""
    touched: dict[Siblings, None] = {}
    if made.rows.wrote(Pipeline):
        touched[Pipeline, None] = None
    for rows in made.rows.created(Stage):
        touched |= {(Stage, str(row["pipeline"])): None for row in rows}
    for effects in made.rows.recorded(Stage):
        touched |= {(Stage, str(effect.get("pipeline"))): None for effect in effects}
    return {
        (model, pipeline): {row.key: row.position for row in _rows(session, pipeline)}
        for model, pipeline in touched
    }


def put_in_order(session: CrmSession, stood: Mapping[Siblings, Mapping[str, int]]) -> None:
    """Number those from 1 up of which two have come to stand at one position.

    One that was kept may stand where another goes back to: they are in the order in which they
    `stood` before, and what was not there comes first.
    """
    for (_, pipeline), here in stood.items():
        rows = _rows(session, pipeline)
        if len({row.position for row in rows}) == len(rows):
            # All went back, or nothing is in its way: they are as they were.
            continue
        ordered = sorted(rows, key=lambda row: (row.position, here.get(row.key, 0)))
        changes.edit_each(session, ((row, {"position": n}) for n, row in enumerate(ordered, 1)))


def _rows(session: CrmSession, pipeline: str | None) -> Sequence[Stage] | Sequence[Pipeline]:
    # As they are now: they were written without the session's rows.
    anew = {"populate_existing": True}
    if pipeline is None:
        pipelines = select(Pipeline).where(in_company(session, Pipeline))
        return session.exec(pipelines, execution_options=anew).all()
    mine = (in_company(session, Stage), col(Stage.pipeline) == pipeline)
    return session.exec(select(Stage).where(*mine), execution_options=anew).all()
