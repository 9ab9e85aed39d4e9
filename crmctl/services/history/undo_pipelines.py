"""What a company cannot sell without: a pipeline, and in each an open stage."""

from collections.abc import Iterator

from sqlmodel import col, select

from crmctl.domain.kinds import Status
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history.row_effects import RowEffect
from crmctl.services.history.undo_conflicts import find
from crmctl.services.history.undo_plan import UndoPlan
from crmctl.storage.scope import in_company


def keep_usable(session: CrmSession, made: UndoPlan) -> None:
    """Keep the stages without which a pipeline had no open one, and those of the last pipeline.

    What commands refuse to take away does not go by an undo either.
    """
    if not made.rows.wrote(Stage):
        return
    stages = session.exec(select(Stage).where(in_company(session, Stage))).all()
    keys = {changes.row_key(stage): stage for stage in stages}
    effects = find(session, made, Stage, [*keys], anew=False)
    usable = _going(session, made) | {e.values["pipeline"] for e in _coming(session, made)}
    for key, stage in keys.items():
        effect = effects.get(key)
        gone = effect and effect.verb == "remove" and not made.stays(effect)
        if not gone and (effect.then("kind") if effect else stage.kind) == Status.OPEN:
            usable.add(stage.pipeline)
    for key, effect in effects.items():
        if keys[key].kind == Status.OPEN and keys[key].pipeline not in usable:
            made.keep(effect, f"pipeline {keys[key].pipeline} has no other open stage")


def _coming(session: CrmSession, made: UndoPlan) -> Iterator[RowEffect]:
    """Yield the open stages that come back."""
    for effects in made.rows.recorded(Stage, "restore"):
        found = find(session, made, Stage, [effect.key for effect in effects], anew=False)
        back = (e for e in found.values() if e.verb == "restore" and not made.stays(e))
        yield from (effect for effect in back if effect.values["kind"] == Status.OPEN)


def _going(session: CrmSession, made: UndoPlan) -> set[str]:
    """Return the pipelines that go, unless none would stay."""
    keys = session.exec(select(col(Pipeline.key)).where(in_company(session, Pipeline))).all()
    found = find(session, made, Pipeline, [changes.joined_key([key]) for key in keys], anew=False)
    going = {e.known["key"] for e in found.values() if e.verb == "remove" and not made.stays(e)}
    return set() if going == {*keys} and not _comes(made) else going


def _comes(made: UndoPlan) -> bool:
    """Return whether a pipeline comes back."""
    back = (effect for effects in made.rows.recorded(Pipeline, "restore") for effect in effects)
    return any(effect.key not in made.kept_keys(Pipeline) for effect in back)
