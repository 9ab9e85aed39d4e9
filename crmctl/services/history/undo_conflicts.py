"""What stands in the way of taking a row back: what it refers to, and what refers to it."""

from collections.abc import Iterator

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint, select

from crmctl.models.base import Columns, Owned
from crmctl.models.custom_fields import CustomField
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import row_changes
from crmctl.services.history.row_changes import RowEffect, UndoPlan, choices
from crmctl.services.records import custom_fields, types
from crmctl.services.records.record_type import RecordType
from crmctl.storage.scope import in_company
from crmctl.storage.tables import key_columns, table_of

_LINKS = ("companies", "changes")
#: Rows of a long answer that are in memory at a time.
_PAGE = 1000


def _links(model: type[Owned]) -> Iterator[tuple[ForeignKeyConstraint, list[str], list[str]]]:
    """Yield the foreign keys of `model` to other records: their columns, and those referred to."""
    for link in table_of(model).foreign_key_constraints:
        if link.referred_table.name not in _LINKS:
            pairs = [(e.parent.name, e.column.name) for e in link.elements]
            pairs = [pair for pair in pairs if pair[0] != "company_id"]
            yield link, [own for own, _ in pairs], [theirs for _, theirs in pairs]


def keep_without_target(session: CrmSession, made: UndoPlan, model: type[Owned]) -> None:
    """Keep the rows of `model` that would refer to what is not there any more."""
    mine = [effect for effect in made.of(model) if effect.values]
    for link, own, theirs in _links(model):
        parent = row_changes.BY_NAME[link.referred_table.name]
        wanted: dict[tuple[object, ...], list[RowEffect]] = {}
        for effect in mine:
            if effect.verb == "restore" or any(name in effect.values for name in own):
                target = tuple({**effect.known, **effect.values}[name] for name in own)
                if None not in target:
                    wanted.setdefault(target, []).append(effect)
        there = _there(session, made, parent, theirs, list(wanted))
        for target, needing in wanted.items():
            if target not in there:
                values = dict(zip(theirs, target, strict=True))
                for effect in needing:
                    effect.kept_because = (
                        effect.kept_because or f"{_called(parent, values)} is gone"
                    )
                    made.keep_whole(effect)


def _called(model: type[Owned], values: Columns) -> str:
    called = types.of(model)
    return called.name_of(values) if model in (Stage, Pipeline) else f"its {called.noun}"


def _there(
    session: CrmSession,
    made: UndoPlan,
    parent: type[Owned],
    names: list[str],
    wanted: list[tuple[object, ...]],
) -> set[tuple[object, ...]]:
    """Return those of `wanted` that rows of `parent` have in the columns `names`, or will have."""
    table = table_of(parent)
    columns = [table.c[name] for name in names]
    found: set[tuple[object, ...]] = set()
    for chosen in choices(columns, wanted):
        query = select(*columns).where(in_company(session, table), chosen)
        found.update(tuple(row) for row in session.execute(query))
    for effect in made.of(parent) if wanted else ():
        if effect.values:
            values = {**effect.known, **effect.values}
            found.add(tuple(values.get(name) for name in names))
    return found


def keep_where_taken(session: CrmSession, made: UndoPlan, model: type[Owned]) -> None:
    """Keep the rows of `model` whose name, number or address another row has taken since."""
    table = table_of(model)
    mine = [effect for effect in made.of(model) if effect.values]
    keys = key_columns(model)
    rules = [rule for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    for rule in rules if mine else ():
        names = [column.name for column in rule.columns if column.name != "company_id"]
        if set(keys) <= set(names):
            continue
        wanted = {
            tuple(e.values[name] for name in names): e
            for e in mine
            if all(e.values.get(name) is not None for name in names)
        }
        columns = [table.c[name] for name in (*names, *keys)]
        for chosen in choices(columns[: len(names)], wanted):
            query = select(*columns).where(in_company(session, table), chosen)
            for row in session.execute(query):
                effect = wanted[tuple(row[: len(names)])]
                key = changes.joined_key(row[len(names) :])
                other = made.find(model, key)
                going = other and not made.stays(other) and _leaves(other, names)
                if key != effect.key and not going:
                    effect.kept_because = f"another has its {' and '.join(names)}"


def keep_referred(session: CrmSession, made: UndoPlan, model: type[Owned]) -> None:
    """Keep the rows of `model` that would go, or change their key, though others refer to them."""
    mine = made.of(model)
    for child in TABLES if mine else ():
        for link, own, theirs in _links(child):
            if link.referred_table.name == model.__tablename__:
                targets = {
                    tuple(effect.get(name) for name in theirs): effect
                    for effect in mine
                    if _leaves(effect, theirs)
                }
                _check_link(session, made, child, own, targets)


def _leaves(effect: RowEffect, names: list[str]) -> bool:
    """Return whether no row will have what this one now has in the columns `names`."""
    if effect.verb == "remove":
        return True
    return effect.verb == "change" and any(
        name in effect.values and effect.values[name] != effect.get(name) for name in names
    )


def _check_link(
    session: CrmSession,
    made: UndoPlan,
    child: type[Owned],
    own: list[str],
    targets: dict[tuple[object, ...], RowEffect],
) -> None:
    """Keep those of `targets` to which a row of `child` goes on to refer by its columns `own`."""
    table = table_of(child)
    keys = key_columns(child)
    columns = [table.c[name] for name in (*own, *keys)]
    for chosen in choices(columns[: len(own)], targets):
        query = select(*columns).where(in_company(session, table), chosen)
        for row in session.execute(query):
            target = targets[tuple(row[: len(own)])]
            key = changes.joined_key(row[len(own) :])
            referrer = made.find(child, key)
            if referrer is None or made.stays(referrer) or not _leaves(referrer, own):
                target.kept_because = target.kept_because or _referred(session, child, key)
            else:
                # What refers to it goes first.
                target.late = True


def _referred(session: CrmSession, child: type[Owned], key: str) -> str:
    values = changes.parse_key(child, key)
    table = table_of(child)
    query = select(table).where(in_company(session, table))
    for name, value in values.items():
        query = query.where(table.c[name] == value)
    found = session.execute(query).mappings().first()
    return f"{types.of(child).name_of(dict(found or values))} needs it"


def keep_without_field(session: CrmSession, made: UndoPlan) -> None:
    """Keep the rows that would get back the value of a custom field that is not declared any more.

    This is what a foreign key does for columns.
    """
    for carrier in types.with_custom_fields():
        entity = types.entity_of(carrier.model)
        mine = [effect for effect in made.of(carrier.model) if effect.values.get("custom")]
        declared = set(custom_fields.known(session, entity)) if mine else set()
        declared |= {
            effect.values["key"]
            for effect in made.of(CustomField)
            if effect.verb == "restore" and effect.values["entity"] == entity
        }
        for effect in mine:
            carried = set(getattr(effect.row, "custom", ()))
            for key in sorted(set(effect.values["custom"]) - carried - declared):
                named = types.CUSTOM_FIELD.name_of({"entity": entity, "key": key})
                effect.kept_because = effect.kept_because or f"{named} is gone"


def keep_fields_in_use(session: CrmSession, made: UndoPlan) -> None:
    """Keep the created custom fields of which a row goes on to hold a value."""
    for effect in made.of(CustomField):
        if effect.verb == "remove":
            carrier = types.of_entity(effect.known["entity"])
            effect.kept_because = _holder(session, made, carrier, effect.known["key"])


def _holder(session: CrmSession, made: UndoPlan, carrier: RecordType, key: str) -> str | None:
    """Return that a record needs the custom field `key`; None if none will hold a value."""
    names = ("id", "number", carrier.name_column)
    query = select(*(carrier.column(name) for name in names)).where(
        in_company(session, carrier.model), custom_fields.carries(session, carrier.model, key)
    )
    rows = query.order_by(carrier.column("number")).execution_options(yield_per=_PAGE)
    with session.execute(rows) as found:
        for row in found:
            holder = made.find(carrier.model, str(row[0]))
            if holder is None or made.stays(holder) or _holds(holder, key):
                return f"{carrier.name_of(dict(zip(names, row, strict=True)))} needs it"
    return None


def _holds(effect: RowEffect, key: str) -> bool:
    """Return whether the row will hold a value of the custom field `key`, as it does now."""
    return effect.verb == "change" and key in effect.values.get("custom", (key,))


def keep_pipelines_whole(made: UndoPlan) -> None:
    """Keep all stages of a created pipeline of which one must stay."""
    staying = {e.known["pipeline"] for e in made.effects if e.model is Stage and e.kept_because}
    for effect in made.effects:
        if effect.model is Stage and effect.verb == "remove" and not effect.kept_because:
            key = effect.known["pipeline"]
            whole = made.find(Pipeline, key)
            if key in staying and whole and whole.verb == "remove":
                effect.kept_because = f"pipeline {key} is in use"
