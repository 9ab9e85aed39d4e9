"""What stands in the way of taking rows back: what they refer to, and what has their place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint, and_, select

from crmctl.domain.kinds import Entity
from crmctl.models.base import Columns, Owned
from crmctl.models.changes import Change
from crmctl.models.custom_fields import CustomField
from crmctl.models.customers import Customer
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import undo_judge, undo_successors
from crmctl.services.history.row_changes import BY_NAME, PARTS
from crmctl.services.history.row_effects import RowEffect
from crmctl.services.history.undo_plan import UndoPlan
from crmctl.services.records import custom_fields, namesakes, types
from crmctl.storage.lookups import one_of, rows_by
from crmctl.storage.scope import in_company, same_company
from crmctl.storage.tables import Query, key_columns, table_of

_LINKS = ("companies", "changes")
#: The columns by which a customer has an e-mail address, or has none any more.
_ADDRESSED = ("email", "deleted_at")
#: The values of some columns of a row.
Cells = tuple[object, ...]


def links(model: type[Owned]) -> Iterator[tuple[type[Owned], list[str], list[str]]]:
    """Yield what rows of `model` refer to: the table, by which columns, and to which of its own."""
    for link in table_of(model).foreign_key_constraints:
        if link.referred_table.name not in _LINKS:
            yield BY_NAME[link.referred_table.name], *_pairs(link)


def _pairs(link: ForeignKeyConstraint) -> tuple[list[str], list[str]]:
    pairs = [(e.parent.name, e.column.name) for e in link.elements]
    pairs = [pair for pair in pairs if pair[0] != "company_id"]
    return [own for own, _ in pairs], [theirs for _, theirs in pairs]


def find(
    session: CrmSession, made: UndoPlan, model: type[Owned], keys: Iterable[str], *, anew: bool
) -> dict[str, RowEffect]:
    """Return what becomes of those of the rows of `model` with `keys` that the change wrote.

    With `anew` it is not decided yet, or not for all of them.
    """
    found = made.rows.of_keys(model, list(dict.fromkeys(keys)))
    if anew and found:
        undo_judge.judge(session, made, found)
    else:
        for effect in found:
            undo_judge.set_values(made, effect)
    made.apply(found)
    return {effect.key: effect for effect in found}


def having(
    session: CrmSession,
    model: type[Owned],
    query: Query,
    names: Sequence[str],
    values: Iterable[Cells],
) -> Iterator[Cells]:
    """Yield what `query` finds of rows of `model` that have one of `values` in their columns."""
    query = query.where(in_company(session, table_of(model)))
    if wanted := list(dict.fromkeys(values)):
        columns = [table_of(model).c[name] for name in names]
        chosen, asked = one_of(session, columns, wanted)
        yield from map(tuple, session.execute(query.where(chosen), asked))


def keep_without_target(session: CrmSession, made: UndoPlan, effects: Sequence[RowEffect]) -> None:
    """Keep those of `effects`, rows of one table, that would refer to what is not there any more.

    Of a row that was changed, that reference stays as it is.
    """
    mine = [effect for effect in effects if effect.values and not made.stays(effect)]
    for parent, own, theirs in links(mine[0].model) if mine else ():
        wanted: dict[Cells, list[RowEffect]] = {}
        for effect in mine:
            if effect.verb == "restore" or any(name in effect.values for name in own):
                target = tuple([effect.then(name) for name in own])
                if None not in target:
                    wanted.setdefault(target, []).append(effect)
        query = select(*(table_of(parent).c[name] for name in theirs))
        there = set(having(session, parent, query, theirs, wanted))
        if there and own[0] in PARTS.get(mine[0].model, {}):
            made.attached.add(mine[0].model)
        others = _of_others(session, made, parent, theirs, there)
        missing = [target for target in wanted if target not in there]
        there |= _returning(session, made, parent, theirs, missing) if missing else set()
        for target in wanted.keys() - (there - others):
            called = _called(parent, dict(zip(theirs, target, strict=True)))
            because = f"{called} is {'another by now' if target in others else 'gone'}"
            for effect in wanted[target]:
                _keep_value(made, effect, own, because)


def would_be_of_others(session: CrmSession, made: UndoPlan, effects: Sequence[RowEffect]) -> bool:
    """Return whether rows of one table would come back to what only has the key of what it was."""
    for parent, own, theirs in links(effects[0].model):
        there = {tuple([effect.values[name] for name in own]) for effect in effects}
        if _of_others(session, made, parent, theirs, {e for e in there if None not in e}):
            return True
    return False


def _of_others(
    session: CrmSession, made: UndoPlan, model: type[Owned], names: Sequence[str], there: set[Cells]
) -> set[Cells]:
    """Return those of the rows `there` that only have the keys of those that were there then."""
    keys = {_key(model, names, cells): cells for cells in there}
    return {keys[key] for key in undo_successors.successors(session, made, model, keys)}


def _key(model: type[Owned], names: Sequence[str], cells: Cells) -> str:
    """Return the key of the row of `model` that has `cells` in its columns `names`."""
    values = dict(zip(names, cells, strict=True))
    return changes.joined_key(values[key] for key in key_columns(model))


def _keep_value(made: UndoPlan, effect: RowEffect, names: Sequence[str], because: str) -> None:
    """Keep the fields `names` of a row that was changed, or else all of it."""
    if effect.verb == "change":
        mine = [name for name in names if name in effect.values]
        made.keep_fields(effect, dict.fromkeys(mine, f": {because}"))
    else:
        made.keep(effect, because)
        made.keep_whole(effect)


def _called(model: type[Owned], values: Columns) -> str:
    called = types.of(model)
    return called.name_of(values) if model in (Stage, Pipeline) else f"its {called.noun}"


def _returning(
    session: CrmSession,
    made: UndoPlan,
    parent: type[Owned],
    names: list[str],
    wanted: Sequence[Cells],
) -> set[Cells]:
    """Return those of `wanted` that rows of `parent` will have in the columns `names`."""
    keys = key_columns(parent)
    of_keys = {_key(parent, names, cells): cells for cells in wanted}
    back: set[str] = set()
    if [*keys] == names:
        back = made.rows.wrote_once(parent, [*of_keys], came=False) - made.kept_keys(parent)
    found = {of_keys[key] for key in back}
    rest = [key for key in of_keys if key not in back]
    for effect in find(session, made, parent, rest, anew=True).values():
        if effect.values and not made.stays(effect):
            found.add(tuple([effect.then(name) for name in names]))
    return found


def keep_where_taken(session: CrmSession, made: UndoPlan, effects: Sequence[RowEffect]) -> None:
    """Keep those of `effects` whose name, number or address another row has taken since."""
    mine = [effect for effect in effects if effect.values and not made.stays(effect)]
    if not mine:
        return
    model, keys = mine[0].model, key_columns(mine[0].model)
    for rule in table_of(model).constraints:
        names = (
            [c.name for c in rule.columns if c.name != "company_id"]
            if isinstance(rule, UniqueConstraint)
            else list(keys)
        )
        if set(keys) <= set(names):
            continue
        wanted = {
            tuple(e.values[name] for name in names): e
            for e in mine
            if all(e.values.get(name) is not None for name in names)
        }
        taken = _taken(session, model, names, wanted)
        others = find(session, made, model, taken.values(), anew=True) if taken else {}
        for cells, key in taken.items():
            other = others.get(key)
            if other is None or made.stays(other) or not other.leaves(names):
                labels = " and ".join(types.of(model).label(n).replace("_", " ") for n in names)
                _keep_value(made, wanted[cells], names, f"another has its {labels}")


def _taken(
    session: CrmSession, model: type[Owned], names: list[str], wanted: Mapping[Cells, RowEffect]
) -> dict[Cells, str]:
    """Return which other row has what is `wanted` in the columns `names`, by its key."""
    columns = table_of(model).c
    query = select(*(columns[name] for name in (*names, *key_columns(model))))
    found = {}
    for row in having(session, model, query, names, wanted):
        cells, key = row[: len(names)], changes.joined_key(row[len(names) :])
        if wanted[cells].key != key:
            found[cells] = key
    return found


def keep_where_called_alike(
    session: CrmSession, made: UndoPlan, effects: Sequence[RowEffect]
) -> None:
    """Keep those of `effects` that would be called as another is, but for case."""
    mine = [effect for effect in effects if effect.values and not made.stays(effect)]
    rule = namesakes.RULES.get(mine[0].model) if mine else None
    if rule is None:
        return
    wanted = {
        name: effect
        for effect in mine
        if effect.verb != "change" or not effect.values.keys().isdisjoint(rule.columns)
        for name in rule.names(effect.then)
    }
    taken = _called_alike(session, rule, wanted)
    others = find(session, made, rule.model, taken, anew=True) if taken else {}
    for key, alike in taken.items():
        other = others.get(key)
        if other is None or made.stays(other) or not other.leaves(rule.columns):
            label = types.of(rule.model).label(rule.called[-1])
            for effect in alike:
                _keep_value(made, effect, rule.columns, f"another has its {label}")


def _called_alike(
    session: CrmSession, rule: namesakes.NameRule, wanted: Mapping[tuple[object, str], RowEffect]
) -> dict[str, list[RowEffect]]:
    """Return which other rows are called as is `wanted`, by key, and what would be so called."""
    found: dict[str, list[RowEffect]] = {}
    table, keys = table_of(rule.model), key_columns(rule.model)
    names = dict.fromkeys([*keys, *rule.columns])
    query = select(*(table.c[name] for name in names)).where(in_company(session, table))
    for row in session.execute(query).mappings() if wanted else ():
        key = changes.joined_key([row[name] for name in keys])
        for name in rule.names(row.__getitem__) & wanted.keys():
            if wanted[name].key != key:
                found.setdefault(key, []).append(wanted[name])
    return found


def keep_where_address_taken(
    session: CrmSession, made: UndoPlan, effects: Sequence[RowEffect]
) -> None:
    """Keep those of `effects` that would have a customer's e-mail address with one added since."""
    mine = [effect for effect in effects if _gets_address(effect) and not made.stays(effect)]
    if not mine:
        return
    customers, added = table_of(Customer), table_of(Change)
    query = (
        select(customers.c.email, customers.c.number)
        .join(added, and_(same_company(added, customers), added.c.id == customers.c.created_in))
        .where(
            in_company(session, customers),
            customers.c.deleted_at.is_(None),
            added.c.at > made.change.at,
            added.c.id != made.change.id,
        )
    )
    wanted = {str(effect.then("email")): effect for effect in mine}
    for email, number in rows_by(session, query, customers.c.email, sorted(wanted)):
        effect = wanted[email]
        if number != effect.then("number"):
            because = f"{types.CUSTOMER.ref(number)} has its e-mail address by now"
            _keep_value(made, effect, _ADDRESSED, because)


def _gets_address(effect: RowEffect) -> bool:
    """Return whether taking `effect` back gives a customer that is there an e-mail address."""
    if effect.model is not Customer or effect.verb == "remove":
        return False
    gets = effect.verb == "restore" or not effect.values.keys().isdisjoint(_ADDRESSED)
    return gets and effect.then("deleted_at") is None and effect.then("email") is not None


def keep_without_field(session: CrmSession, made: UndoPlan, effects: Sequence[RowEffect]) -> None:
    """Keep the values of custom fields that are not declared any more, or rows that held them.

    Stages that would require one keep what they require. This is what a foreign key does for
    columns.
    """
    mine = [(e, _fields_set(e)) for e in effects if not made.stays(e)]
    names = {key for _, keys in mine for key in keys}
    if not names:
        return
    model = mine[0][0].model
    entity = Entity.DEAL if model is Stage else types.entity_of(model)
    declared = set(custom_fields.known(session, entity)) | _coming_back(session, made, entity)
    row_keys = {changes.joined_key([entity.value, key]): key for key in names}
    others = undo_successors.successors(session, made, CustomField, row_keys)
    taken = {row_keys[key] for key in others}
    for effect, keys in mine:
        held = (effect.row or {}).get("custom", ())
        for key in sorted(keys):
            if key in taken or not (key in declared or key in held):
                called = types.CUSTOM_FIELD.name_of({"entity": entity, "key": key})
                because = f"{called} is {'another by now' if key in taken else 'gone'}"
                _keep_field(made, effect, key, because)


def _fields_set(effect: RowEffect) -> set[str]:
    """Return the custom fields that taking the row of `effect` back sets, empties or requires."""
    if "required_fields" in effect.values:
        now = custom_fields.required_by(effect.row or {})
        return custom_fields.required_by(effect.values) - now
    if "custom" not in effect.values:
        return set()
    had, then = (effect.row or {}).get("custom", {}), effect.values["custom"]
    return {key for key in {*had, *then} if had.get(key) != then.get(key)}


def _keep_field(made: UndoPlan, effect: RowEffect, key: str, because: str) -> None:
    name = "required_fields" if effect.model is Stage else f"custom.{key}"
    if effect.verb == "change":
        made.keep_fields(effect, {name: f": {because}"})
    else:
        made.keep(effect, because)


def _coming_back(session: CrmSession, made: UndoPlan, entity: str) -> set[str]:
    """Return the custom fields of records of this kind that are declared again."""
    return {
        effect.values["key"]
        for effects in made.rows.recorded(CustomField)
        for effect in find(session, made, CustomField, [e.key for e in effects], anew=True).values()
        if effect.verb == "restore" and effect.values["entity"] == entity and not made.stays(effect)
    }
