"""Stages and pipelines stay in order where only some of what moved them is taken back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain

from sqlmodel import col, select

from crmctl.models.base import Owned
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import undo_judge
from crmctl.services.history.row_effects import RowEffect
from crmctl.services.history.undo_plan import UndoPlan
from crmctl.storage.scope import in_company
from crmctl.storage.tables import key_columns

#: Stages by the pipeline that they are of; pipelines have none.
Siblings = tuple[type[Owned], object]


def keep_in_order(made: UndoPlan) -> None:
    """Leave stages, or pipelines, where they are if not all of them go back that were moved.

    Where others come or go as well, those that can go back, and all are put in order afterwards.
    """
    for model in (Pipeline, Stage):
        lists: dict[Siblings, list[RowEffect]] = defaultdict(list)
        for effects in chain(made.rows.edited(model), made.rows.recorded(model)):
            for effect in effects:
                undo_judge.set_values(made, effect)
            made.apply(effects)
            for effect in effects:
                lists[effect.siblings].append(effect)
        for siblings, effects in lists.items():
            if all(_goes_back(made, effect) for effect in effects):
                continue
            if siblings in _changing(made, model, effects):
                made.loose.add(siblings)
            else:
                _leave(made, siblings, effects)


def _goes_back(made: UndoPlan, effect: RowEffect) -> bool:
    """Return whether the row comes back, or goes, or stands where it did, if that is changed."""
    if effect.verb != "change":
        return not made.stays(effect)
    before = effect.before or {}
    if before.get("position") == (effect.after or {}).get("position"):
        return True
    return effect.row is not None and effect.then("position") == before["position"]


def _changing(made: UndoPlan, model: type[Owned], effects: Sequence[RowEffect]) -> set[Siblings]:
    """Return the lists in which rows come or go, of `effects` and of those that were created."""
    found = {e.siblings for e in effects if e.verb != "change" and not made.stays(e)}
    for rows in made.rows.created(model):
        for row in rows:
            if changes.joined_key(row[n] for n in key_columns(model)) not in made.kept_keys(model):
                found.add((model, row.get("pipeline")))
    return found


def _leave(made: UndoPlan, siblings: Siblings, effects: Sequence[RowEffect]) -> None:
    """Leave all of a list where they are, and say why, unless it is said of one of them."""
    made.standing.add(siblings)
    if not any(effect.kept_because for effect in effects):
        for effect in effects:
            if (effect.model, effect.key) in made.moved:
                made.keep_position(effect)


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


def put_in_order(
    session: CrmSession, made: UndoPlan, stood: Mapping[Siblings, Mapping[str, int]]
) -> None:
    """Number those from 1 up of which two have come to stand at one position, or not all went back.

    One that was kept may stand where another goes back to: they are in the order in which they
    `stood` before, and what was not there comes first.
    """
    for (model, pipeline), here in stood.items():
        rows = _rows(session, pipeline)
        if (model, pipeline) not in made.loose and len({row.position for row in rows}) == len(rows):
            # All went back, or nothing is in its way: they are as they were.
            continue
        ordered = sorted(rows, key=lambda row: (row.position, here.get(row.key, 0)))
        changes.edit_each(session, ((row, {"position": n}) for n, row in enumerate(ordered, 1)))


def _rows(session: CrmSession, pipeline: object) -> Sequence[Stage] | Sequence[Pipeline]:
    # As they are now: they were written without the session's rows.
    anew = {"populate_existing": True}
    if pipeline is None:
        pipelines = select(Pipeline).where(in_company(session, Pipeline))
        return session.exec(pipelines, execution_options=anew).all()
    mine = (in_company(session, Stage), col(Stage.pipeline) == pipeline)
    return session.exec(select(Stage).where(*mine), execution_options=anew).all()
