"""Stages and pipelines stay in order where only some of what moved them is taken back."""

from collections.abc import Mapping, Sequence

from sqlmodel import col, select

from crmctl.models.base import Owned
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history.row_changes import UndoPlan
from crmctl.storage.scope import in_company

#: Stages by the pipeline that they are of; pipelines have none.
Siblings = tuple[type[Owned], str | None]


def positions(session: CrmSession, made: UndoPlan) -> dict[Siblings, dict[str, int]]:
    """Return where the stages and pipelines stand now among which `made` takes something back."""
    touched: dict[Siblings, None] = {}
    for effect in made.effects:
        if effect.model in (Stage, Pipeline):
            pipeline = str(effect.get("pipeline")) if effect.model is Stage else None
            touched[effect.model, pipeline] = None
    return {
        (model, pipeline): {row.key: row.position for row in _rows(session, pipeline)}
        for model, pipeline in touched
    }


def put_in_order(session: CrmSession, stood: Mapping[Siblings, Mapping[str, int]]) -> None:
    """Number those among which something was taken back from 1 up.

    One that was kept may stand where another goes back to: they are in the order in which they
    `stood` before, and what was not there comes first.
    """
    for (_, pipeline), here in stood.items():
        rows = _rows(session, pipeline)
        ordered = sorted(rows, key=lambda row: (row.position, here.get(row.key, 0)))
        changes.edit_each(session, ((row, {"position": n}) for n, row in enumerate(ordered, 1)))


def _rows(session: CrmSession, pipeline: str | None) -> Sequence[Stage] | Sequence[Pipeline]:
    if pipeline is None:
        return session.exec(select(Pipeline).where(in_company(session, Pipeline))).all()
    mine = (in_company(session, Stage), col(Stage.pipeline) == pipeline)
    return session.exec(select(Stage).where(*mine)).all()
