"""Bringing back all that a change set removed, when that is all it did: the redo of an import."""

from collections.abc import Iterator, Sequence

from sqlalchemy.exc import IntegrityError

from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import undo_conflicts, undo_judge, undo_merges, undo_steps
from crmctl.services.history.row_changes import PARTS
from crmctl.services.history.row_effects import RowEffect
from crmctl.services.history.undo_plan import UndoPlan
from crmctl.services.history.undo_steps import UndoProgress, UndoStep, own_links


class _InTheWay(Exception):
    """Something has to be decided for each row."""


def bring_back(session: CrmSession, made: UndoPlan, progress: UndoProgress | None) -> bool:
    """Bring all rows of `made` back as they were, and return whether that was done.

    Whatever stands in the way, a number that is taken or a customer who is gone, the database finds
    when it gets the rows, so that nobody has to look for it before. Then nothing is written, and
    every row is to be judged.
    """
    total, done = made.rows.total, 0
    try:
        with session.begin_nested():
            undo_steps.begin(session, made)
            for step in _steps(session, made):
                step.write_as_it_was(session)
                made.note(step.effects)
                done += len(step.effects)
                if progress:
                    progress(done, total)
            for model in filter(made.rows.wrote, TABLES):
                changes.record_restored(session, model, made.change.id)
    except (IntegrityError, _InTheWay):
        session.change.written, session.change.rows = False, 0
        made.forget()
        return False
    return True


def _steps(session: CrmSession, made: UndoPlan) -> Iterator[UndoStep]:
    for model in filter(made.rows.wrote, TABLES):
        if model in PARTS and made.rows.went_from_others(model):
            made.attached.add(model)
        for effects in made.rows.recorded(model, "restore"):
            _look(session, made, effects)
            yield UndoStep(model, "restore", effects)


def _look(session: CrmSession, made: UndoPlan, effects: Sequence[RowEffect]) -> None:
    """Look for what the database does not know to be in the way of bringing `effects` back."""
    linked = own_links(effects[0].model)
    for effect in effects:
        undo_judge.set_values(made, effect)
        if any(effect.values[name] is not None for name in linked):
            # Of rows that refer to others of their table, all have to be there first.
            raise _InTheWay
    if undo_conflicts.would_be_of_others(session, made, effects):
        raise _InTheWay
    undo_conflicts.keep_where_called_alike(session, made, effects)
    undo_conflicts.keep_where_address_taken(session, made, effects)
    undo_conflicts.keep_without_field(session, made, effects)
    undo_merges.follow(session, made, effects, lock=True)
    if made.kept_count or any(effect.values is not effect.before for effect in effects):
        raise _InTheWay
