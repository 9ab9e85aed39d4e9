"""Custom fields: declared by a company for its deals or customers, and read by their type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select

from crmctl.domain import numbers as domain_numbers
from crmctl.domain import times
from crmctl.domain.kinds import Entity, FieldType
from crmctl.domain.text import folded
from crmctl.errors import Conflict, CrmError, NotFound, Refused, UsageError
from crmctl.models.base import Columns, Owned, Values
from crmctl.models.custom_fields import CustomField
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.inputs import CustomFieldInput, CustomText, validated
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.records import company_wide, references, types
from crmctl.storage import dialects
from crmctl.storage.scope import in_company
from crmctl.storage.tables import table_of

#: Significant digits of a number, so that JSON, whose numbers others read as floats, keeps it.
DIGITS = 15

#: What the name of a custom field begins with among the fields that a stage requires.
_REQUIRED = "custom."
#: A record that can carry custom fields.
Carrier = Deal | Customer
#: What JSON keeps of a custom field.
CustomValue = str | int | float | bool


@dataclass(frozen=True)
class Removal:
    """How many rows carried a field that was removed, and what the first of them are called."""

    count: int
    refs: Sequence[str]


def known(session: CrmSession, entity: Entity) -> dict[str, CustomField]:
    """Return the custom fields of `entity` by key, in the order of their keys."""
    query = select(CustomField).where(
        in_company(session, CustomField), col(CustomField.entity) == entity
    )
    found = session.exec(query).all()
    return {field.key: field for field in sorted(found, key=lambda field: field.key)}


def find(session: CrmSession, entity: Entity, key: str) -> CustomField:
    """Return the custom field with this key, else the one with this label."""
    return _find(known(session, entity), entity, key)


def _find(fields: Mapping[str, CustomField], entity: Entity, text: str) -> CustomField:
    words = folded(text)
    if words in fields:
        return fields[words]
    labelled = [field for field in fields.values() if folded(field.label) == words]
    if len(labelled) == 1:
        return labelled[0]
    there = f"there is {', '.join(fields)}" if fields else f"crmctl field add {entity} KEY"
    raise NotFound(f"no custom field of {entity.plural} is called {text!r} ({there})")


def parse(
    session: CrmSession, entity: Entity, given: Mapping[str, str]
) -> dict[str, CustomValue | None]:
    """Return the values that the texts of `given` write, by key; an empty text is None.

    Raises NotFound for a field that is not declared, UsageError for a wrong value.
    """
    if not given:
        return {}
    fields = known(session, entity)
    found = ((_find(fields, entity, name), text) for name, text in given.items())
    zone = times.zone(session.timezone)
    return {
        field.key: value_of(field, text, session.change.at, zone, session.currency)
        for field, text in found
    }


def value_of(
    field: CustomField, text: str, now: datetime, zone: ZoneInfo, currency: str
) -> CustomValue | None:
    """Return what `text` writes for `field`, as JSON keeps it; None for an empty text.

    `now`, in `zone`, is what `today` is counted from, and `currency` what people count in.
    """
    words = text.strip()
    if not words:
        return None
    try:
        return stored(field, _read(field.type, words, now, zone, currency))
    except CrmError as error:
        raise UsageError(f"{field.key}: {error}") from None


def _read(
    kind: FieldType, text: str, now: datetime, zone: ZoneInfo, currency: str
) -> str | Decimal | date | bool:
    match kind:
        case FieldType.NUMBER:
            return domain_numbers.read_alone(text, currency)
        case FieldType.DATE:
            from crmctl.domain import dates

            return dates.day(text, now, zone)
        case FieldType.BOOLEAN:
            from crmctl.domain import booleans

            return booleans.read(text)
        case FieldType.TEXT:
            return text


def stored(field: CustomField, value: str | Decimal | date | bool) -> CustomValue | None:
    """Return `value`, which is of the type of `field`, as JSON keeps it; raises UsageError if not.

    A text that is empty is None.
    """
    match value:
        case Decimal():
            return _number(value)
        case date():
            return value.isoformat()
        case bool():
            return value
    text: str | None = validated(CustomText, {"value": value})["value"]
    return text


def merged(current: Columns, given: Columns) -> Values:
    """Return the custom values of a row after `given` are set in it; None empties a field."""
    return {key: value for key, value in {**current, **given}.items() if value is not None}


def _number(value: Decimal) -> int | float:
    written = len(value.as_tuple().digits)
    _, digits, exponent = value.normalize(Context(prec=written)).as_tuple()
    if not isinstance(exponent, int) or _too_long(len(digits), exponent):
        raise UsageError(f"more than {DIGITS} digits are not kept: '{value}'")
    return int(value) if exponent >= 0 else float(value)


def _too_long(digits: int, exponent: int) -> bool:
    return digits + max(exponent, 0) > DIGITS or exponent < -DIGITS


def add(
    session: CrmSession, entity: Entity, key: str, label: str | None, kind: FieldType
) -> CustomField:
    """Declare a custom field; its label is its key made readable where none is given."""
    readable = key.replace("_", " ").replace("-", " ").strip().capitalize()
    return declare(session, entity, [(key, label or readable, kind)])[0]


def declare(
    session: CrmSession, entity: Entity, wanted: Sequence[tuple[str, str, FieldType]]
) -> list[CustomField]:
    """Declare a custom field for each key, label and type of `wanted`; return them."""
    there = known(session, entity)
    rows = []
    for key, label, kind in wanted:
        values = validated(CustomFieldInput, {"key": key, "label": label, "type": kind})
        if values["key"] in there:
            raise Refused(f"{entity.plural} have a custom field {key} already")
        rows.append({"entity": entity, **values})
    return changes.create(session, CustomField, rows) if rows else []


def edit(session: CrmSession, field: CustomField, label: str) -> bool:
    """Give `field` another label; return whether that changed anything."""
    company_wide.require(session, f"the field {field.key}")
    changes.lock(session, field)
    return bool(changes.edit(session, [field], validated(CustomFieldInput, {"label": label})))


def remove(session: CrmSession, field: CustomField, *, empty: bool = False) -> Removal:
    """Remove `field`; return how many rows carried it, and which.

    Raises Refused if any does, unless `empty` says to take it from them, hidden ones included.
    """
    company_wide.require(session, f"the field {field.key}")
    # Whoever is giving it a value is waited for.
    keep(session, field.entity, {field.key: field}, alone=True)
    _require_unneeded(session, field)
    rows = _carriers(session, field)
    if rows and not empty:
        noun = field.entity.value if len(rows) == 1 else field.entity.plural
        raise Refused(
            f"{field.key} has a value in {len(rows)} {noun}: --yes removes the field and the values"
        )
    changes.edit_each(
        session, [(row, {"custom": merged(row.custom, {field.key: None})}) for row in rows]
    )
    changes.remove(session, [field])
    return Removal(len(rows), [references.ref(row) for row in rows[: references.NAMED]])


def to_remove(session: CrmSession, field: CustomField) -> Removal:
    """Return what removing `field` would take, without a lock; raises Refused if it cannot be."""
    company_wide.require(session, f"the field {field.key}")
    _require_unneeded(session, field)
    model: Any = types.of_entity(field.entity).model
    mine = (in_company(session, model), carries(session, model, field.key))
    numbers = select(model.number).where(*mine).order_by(model.number).limit(references.NAMED)
    refs = [types.of(model).ref(number) for number in session.exec(numbers)]
    full = len(refs) == references.NAMED
    count = session.exec(select(func.count()).select_from(model).where(*mine)).one() if full else 0
    return Removal(count or len(refs), refs)


def _require_unneeded(session: CrmSession, field: CustomField) -> None:
    if stage := _needing(session, field):
        name = f"{stage.pipeline}/{stage.key}"
        raise Refused(
            f"stage {name} needs {field.key} (crmctl stage edit {name} --clear required_fields)"
        )


def required_by(stage: Columns) -> set[str]:
    """Return the custom fields of deals that a stage with these columns requires, by key."""
    names = stage.get("required_fields", ())
    return {name.removeprefix(_REQUIRED) for name in names if name.startswith(_REQUIRED)}


def requiring(session: CrmSession, key: str) -> list[Stage]:
    """Return the stages that deals need the custom field `key` to be in."""
    found = session.exec(select(Stage).where(in_company(session, Stage)))
    return [one for one in found if f"{_REQUIRED}{key}" in one.required_fields]


def _needing(session: CrmSession, field: CustomField) -> Stage | None:
    """Return a stage that deals need `field` to be in; None where there is none."""
    if field.entity != Entity.DEAL:
        return None
    return next(iter(requiring(session, field.key)), None)


def keep(
    session: CrmSession,
    entity: Entity,
    fields: Mapping[str, CustomField],
    *,
    alone: bool = False,
) -> None:
    """Keep others from removing `fields`, by key, and with `alone` from giving them values.

    Raises Conflict where one was removed since it was read, or is of another type by now.
    """
    query = select(CustomField).where(
        in_company(session, CustomField),
        col(CustomField.entity) == entity,
        col(CustomField.key).in_(fields),
    )
    query = query.with_for_update(read=not alone, key_share=not alone)
    there = session.exec(query.execution_options(populate_existing=True)).all()
    kinds = {field.key: field.type for field in there}
    for key, field in fields.items():
        if kinds.get(key) != field.type:
            raise Conflict(f"someone else removed the custom field {key} meanwhile")


def _carriers(session: CrmSession, field: CustomField) -> list[Carrier]:
    model: Any = types.of_entity(field.entity).model
    query = select(model).where(in_company(session, model), carries(session, model, field.key))
    query = query.order_by(model.number)
    return [*session.exec(query.with_for_update())]


def carries(session: CrmSession, model: type[Owned], key: str) -> ColumnElement[bool]:
    """Return the condition that a row of `model` has a value for the custom field `key`."""
    return dialects.has_key(session, table_of(model).c.custom, key)


def holds(
    session: CrmSession, model: type[Owned], key: str, value: CustomValue | None
) -> ColumnElement[bool]:
    """Return the condition that a row of `model` holds `value` in the custom field `key`.

    None asks for rows without a value. Texts are compared without regard to case.
    """
    if value is None:
        return ~carries(session, model, key)
    if isinstance(value, str):
        text = dialects.text_of_key(session, table_of(model).c.custom, key)
        return dialects.equals(session, text, value)
    return dialects.key_equals(session, table_of(model).c.custom, key, value)
