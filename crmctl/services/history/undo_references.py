"""What goes on to refer to rows that would go, so that they stay."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, not_, select

from crmctl.models.base import Owned, Values
from crmctl.models.custom_fields import CustomField
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import undo_judge
from crmctl.services.history.row_changes import PARTS, in_chunks
from crmctl.services.history.row_effects import RowEffect
from crmctl.services.history.undo_conflicts import Cells, find, having, links
from crmctl.services.history.undo_plan import UndoPlan
from crmctl.services.records import custom_fields, types
from crmctl.services.records.record_type import RecordType
from crmctl.storage.scope import in_company
from crmctl.storage.tables import key_columns, table_of


def keep_referred(session: CrmSession, made: UndoPlan, model: type[Owned]) -> None:
    """Keep the rows of `model` that would go, or change their key, though others refer to them."""
    if model in PARTS or not made.rows.wrote(model):
        return
    referring = [
        (child, own, theirs)
        for child in TABLES
        for parent, own, theirs in links(child)
        if parent is model
    ]
    for leaving in _leaving(made, model):
        for child, own, theirs in referring:
            targets = {
                tuple(effect.get(name) for name in theirs): effect
                for effect in leaving
                if effect.leaves(theirs) and not made.stays(effect)
            }
            _check_link(session, made, child, own, targets)


def _leaving(made: UndoPlan, model: type[Owned]) -> Iterator[list[RowEffect]]:
    """Yield the rows of `model` that may go."""
    keys = key_columns(model)
    # All that a record that has a number is known and referred to by; of others there are few.
    names = ("id", "number", types.of(model).name_column) if types.of(model).prefix else ()
    for rows in made.rows.created(model, names):
        effects = [_going(model, row, changes.joined_key(row[key] for key in keys)) for row in rows]
        made.apply(effects)
        yield [e for e in effects if (model, e.key) not in made.replaced]
    if made.verbs[model] - {"restore"}:
        for recorded in made.rows.recorded(model):
            for effect in recorded:
                undo_judge.set_values(made, effect)
            made.apply(recorded)
            yield recorded


def _going(model: type[Owned], row: Values, key: str) -> RowEffect:
    return RowEffect(model=model, key=key, before=None, after=None, row=row)


def _check_link(
    session: CrmSession,
    made: UndoPlan,
    child: type[Owned],
    own: list[str],
    targets: dict[Cells, RowEffect],
) -> None:
    """Keep those of `targets` to which a row of `child` goes on to refer by its columns `own`."""
    if not targets:
        return
    columns, keys = table_of(child).c, key_columns(child)
    query = select(*(columns[name] for name in (*own, *keys)))
    if child in made.rows.created_counts and not made.keeps_any(child):
        # They go too, and nobody edited them.
        query = query.where(not_(_untouched(made, child)))
    referring = [
        (tuple(row[: len(own)]), changes.joined_key(row[len(own) :]))
        for row in having(session, child, query, own, targets)
    ]
    wanted = [key for cells, key in referring if not targets[cells].kept_because]
    gone: set[str] = set()
    if wanted and not made.keeps_any(child):
        gone = made.rows.wrote_once(child, wanted, came=True)
    effects = find(session, made, child, [k for k in wanted if k not in gone], anew=False)
    for cells, key in referring:
        if key in gone and targets[cells].verb == "remove":
            continue
        target, referrer = targets[cells], effects.get(key)
        if referrer is None or made.stays(referrer) or not referrer.leaves(own):
            if not target.kept_because:
                made.keep(target, _referred(session, child, key))
        elif target.verb == "change":
            # What refers to it goes first.
            made.late.add((target.model, target.key))


def _untouched(made: UndoPlan, model: type[Owned]) -> ColumnElement[bool]:
    """Return the condition that the change created a row of `model`, and nobody edited it."""
    columns = table_of(model).c
    mine = [columns.created_in == made.change.id]
    if "changed_in" in columns:
        mine.append(columns.changed_in == made.change.id)
    return and_(*mine)


def _referred(session: CrmSession, child: type[Owned], key: str) -> str:
    values = changes.parse_key(child, key)
    table = table_of(child)
    query = select(table).where(in_company(session, table))
    for name, value in values.items():
        query = query.where(table.c[name] == value)
    found = session.execute(query).mappings().first()
    return f"{types.of(child).name_of(dict(found or values))} needs it"


def keep_pipelines_whole(session: CrmSession, made: UndoPlan) -> None:
    """Keep all stages of a created pipeline of which one must stay."""
    staying = {changes.parse_key(Stage, key)["pipeline"] for key in made.kept_keys(Stage)}
    whole = find(session, made, Pipeline, [changes.joined_key([k]) for k in staying], anew=False)
    created = {effect.known["key"] for effect in whole.values() if effect.verb == "remove"}
    for leaving in _leaving(made, Stage) if created else ():
        for effect in leaving:
            key = effect.known["pipeline"]
            if effect.verb == "remove" and key in created and not effect.kept_because:
                made.keep(effect, f"pipeline {key} is in use")


def keep_fields_in_use(session: CrmSession, made: UndoPlan) -> None:
    """Keep the created custom fields of which a row goes on to hold a value, or requires one."""
    for leaving in _leaving(made, CustomField) if made.rows.wrote(CustomField) else ():
        for effect in leaving:
            if effect.verb == "remove" and not made.stays(effect):
                carrier = types.of_entity(effect.known["entity"])
                key = effect.known["key"]
                needed = _holder(session, made, carrier, key)
                if needed is None and carrier is types.DEAL:
                    needed = _requiring(session, made, key)
                if needed:
                    made.keep(effect, needed)


def _holder(session: CrmSession, made: UndoPlan, carrier: RecordType, key: str) -> str | None:
    """Return that a record needs the custom field `key`; None if none will hold a value."""
    names = ("id", "number", carrier.name_column)
    query = select(*(carrier.column(name) for name in names)).where(
        in_company(session, carrier.model), custom_fields.carries(session, carrier.model, key)
    )
    if carrier.model in made.rows.created_counts and not made.keeps_any(carrier.model):
        query = query.where(not_(_untouched(made, carrier.model)))
    for rows in in_chunks(session, query.order_by(carrier.column("number"))):
        keys = [str(row[0]) for row in rows]
        holders = find(session, made, carrier.model, keys, anew=False)
        for row in rows:
            holder = holders.get(str(row[0]))
            if holder is None or made.stays(holder) or _holds(holder, key):
                return f"{carrier.name_of(dict(zip(names, row, strict=True)))} needs it"
    return None


def _requiring(session: CrmSession, made: UndoPlan, key: str) -> str | None:
    """Return that a stage needs the custom field `key`; None if none will require it."""
    rows = {changes.row_key(row): row for row in custom_fields.requiring(session, key)}
    effects = find(session, made, Stage, [*rows], anew=False)
    for row_key, row in rows.items():
        effect = effects.get(row_key)
        if effect is None or made.stays(effect) or _requires(effect, key):
            return f"{types.STAGE.name_of(changes.values_of(row))} needs it"
    return None


def _requires(effect: RowEffect, key: str) -> bool:
    """Return whether the stage will require the custom field `key`."""
    then = {"required_fields": effect.then("required_fields")}
    return effect.verb != "remove" and key in custom_fields.required_by(then)


def _holds(effect: RowEffect, key: str) -> bool:
    """Return whether the row will hold a value of the custom field `key`, as it does now."""
    return effect.verb == "change" and key in effect.values.get("custom", (key,))
