"""The steps in which a change set is taken back, each some rows of one table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from crmctl.domain.kinds import Origin
from crmctl.models.base import Owned, Values
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import undo_judge, undo_merges
from crmctl.services.history.row_effects import RowEffect
from crmctl.services.history.undo_conflicts import links
from crmctl.services.history.undo_plan import UndoPlan
from crmctl.storage.tables import key_columns

#: Told how many rows are done, and of how many.
UndoProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class UndoStep:
    """What is done with rows of `model`: `verb` is that of each, `link` for what is no new row.

    That is a row that was restored, and refers to rows of its table, which are there by now.
    """

    model: type[Owned]
    verb: str
    effects: Sequence[RowEffect]

    def write(self, session: CrmSession) -> None:
        """Do it."""
        names = own_links(self.model)
        if self.verb == "restore":
            # What is restored as it was is recorded as it was recorded.
            rows = [(e.values, e.stored if e.values is e.before else None) for e in self.effects]
            changes.restore_values(session, self.model, rows, unlinked=names)
        elif self.verb == "remove":
            gone = [effect.row for effect in self.effects if effect.row is not None]
            changes.remove_values(session, self.model, gone)
        elif self.verb == "link":
            named = ("company_id", *key_columns(self.model), *names)
            linked = [{name: e.values[name] for name in named} for e in self.effects]
            changes.link(session, self.model, linked)
        else:
            edits = [(e.row, e.values) for e in self.effects if e.row is not None]
            changes.write_values(session, self.model, edits)

    def write_as_it_was(self, session: CrmSession) -> None:
        """Insert the rows again; that they are there again is to be recorded for all of them."""
        changes.restore_recorded(session, self.model, [effect.values for effect in self.effects])


def own_links(model: type[Owned]) -> tuple[str, ...]:
    """Return the columns by which rows of `model` refer to other rows of `model`."""
    return tuple(name for parent, own, _ in links(model) if parent is model for name in own)


def begin(session: CrmSession, made: UndoPlan) -> None:
    """Begin the change set that takes another one back."""
    session.change.undoes = made.change.id
    session.change.origin = Origin.UNDO
    changes.begin(session)


def steps(session: CrmSession, made: UndoPlan, *, lock: bool) -> Iterator[UndoStep]:
    """Yield the steps in an order in which nothing refers to what is not there."""
    for model in TABLES:
        yield from _restored(session, made, model, lock=lock)
    for late in (False, True):
        for model in TABLES:
            yield from _changed(session, made, model, late=late, lock=lock)
    for model, edits in undo_merges.taken_along(session, made, lock=lock):
        yield UndoStep(model, "change", [_edit(model, row, values) for row, values in edits])
    for model in reversed(TABLES):
        yield from _removed(session, made, model, lock=lock)


def _edit(model: type[Owned], row: Values, values: Values) -> RowEffect:
    key = changes.joined_key(row[name] for name in key_columns(model))
    return RowEffect(model=model, key=key, before={}, after={}, row=row, values=values)


def _restored(
    session: CrmSession, made: UndoPlan, model: type[Owned], *, lock: bool
) -> Iterator[UndoStep]:
    names = own_links(model)
    linked = []
    for effects in _recorded(session, made, model, "restore", lock=lock):
        linked += [e for e in effects if any(e.values[name] is not None for name in names)]
        yield UndoStep(model, "restore", effects)
    if linked:
        yield UndoStep(model, "link", linked)


def _changed(
    session: CrmSession, made: UndoPlan, model: type[Owned], *, late: bool, lock: bool
) -> Iterator[UndoStep]:
    if late and not any(each is model for each, _ in made.late):
        return
    for effects in _recorded(session, made, model, "change", lock=lock):
        mine = [e for e in effects if e.values and ((model, e.key) in made.late) is late]
        if mine:
            yield UndoStep(model, "change", mine)


def _removed(
    session: CrmSession, made: UndoPlan, model: type[Owned], *, lock: bool
) -> Iterator[UndoStep]:
    keys = key_columns(model)
    whole = made.keeps_any(model) or any(each is model for each, _ in made.replaced)
    for rows in made.rows.created(model):
        effects = [
            RowEffect(
                model=model,
                key=changes.joined_key([row[key] for key in keys]),
                before=None,
                after=None,
                row=row,
            )
            for row in rows
        ]
        if whole:
            made.apply(effects)
            effects = [
                e for e in effects if not made.stays(e) and (model, e.key) not in made.replaced
            ]
        if effects:
            yield UndoStep(model, "remove", effects)
    for effects in _recorded(session, made, model, "remove", lock=lock):
        yield UndoStep(model, "remove", effects)


def _recorded(
    session: CrmSession, made: UndoPlan, model: type[Owned], verb: str, *, lock: bool
) -> Iterator[list[RowEffect]]:
    """Yield those rows of `model` that are not kept and to which `verb` is done."""
    if verb not in made.verbs[model]:
        return
    # What was recorded of rows that another took the place of does not tell what is done to them.
    only = None if any(each is model for each, _ in made.replaced) else verb
    for effects in made.rows.recorded(model, only):
        mine = [e for e in effects if e.verb == verb and (e.row is not None or verb == "restore")]
        for effect in mine:
            undo_judge.set_values(made, effect)
        made.apply(mine)
        mine = [effect for effect in mine if not made.stays(effect)]
        undo_merges.follow(session, made, mine, lock=lock)
        if mine:
            yield mine
