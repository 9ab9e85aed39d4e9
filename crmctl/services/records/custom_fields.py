"""Custom fields: declared by a company for its deals or customers, and read by their type."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from crmctl.domain.kinds import Entity, FieldType
from crmctl.errors import CrmError, NotFound, Refused, UsageError
from crmctl.models.custom_fields import CustomField
from crmctl.models.inputs import CustomFieldInput, CustomText, validated
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.records import types
from crmctl.storage import dialects
from crmctl.storage.scope import in_company

#: Significant digits of a number, so that JSON, whose numbers others read as floats, keeps it.
DIGITS = 15

_WORDS = {
    **dict.fromkeys(("true", "yes", "y", "1", "on"), True),
    **dict.fromkeys(("false", "no", "n", "0", "off"), False),
}


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
    words = text.strip().lower()
    if words in fields:
        return fields[words]
    labelled = [field for field in fields.values() if field.label.lower() == words]
    if len(labelled) == 1:
        return labelled[0]
    there = f"there is {', '.join(fields)}" if fields else f"crmctl field add {entity} KEY"
    raise NotFound(f"no custom field of {entity}s is called {text!r} ({there})")


def parse(session: CrmSession, entity: Entity, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that the texts of `given` write, by key; an empty text is None.

    Raises NotFound for a field that is not declared, UsageError for a wrong value.
    """
    return read(known(session, entity), entity, given) if given else {}


def read(
    fields: Mapping[str, CustomField], entity: Entity, given: Mapping[str, str]
) -> dict[str, Any]:
    """Do as parse does with `fields` that are known already, for many rows."""
    found = ((_find(fields, entity, name), text) for name, text in given.items())
    return {field.key: value_of(field, text) for field, text in found}


def value_of(field: CustomField, text: str) -> Any:
    """Return what `text` writes for `field`, as JSON keeps it; None for an empty text."""
    words = text.strip()
    if not words:
        return None
    try:
        return _READERS[field.type](words)
    except (ValueError, CrmError) as error:
        raise UsageError(f"{field.key}: {error}") from None


def merged(current: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the custom values of a row after `given` are set in it; None empties a field."""
    return {key: value for key, value in {**current, **given}.items() if value is not None}


def _number(text: str) -> int | float:
    try:
        value = Decimal(text.replace("_", ""))
    except InvalidOperation:
        raise ValueError(f"not a number: {text!r}") from None
    if not value.is_finite():
        raise ValueError(f"not a number: {text!r}")
    value = value.normalize()
    exponent = int(value.as_tuple().exponent)
    if len(value.as_tuple().digits) + max(exponent, 0) > DIGITS or exponent < -DIGITS:
        raise ValueError(f"more than {DIGITS} digits are not kept: {text!r}")
    return int(value) if exponent >= 0 else float(value)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"not a date: {text!r} (write it like 2026-03-31)") from None


def _truth(text: str) -> bool:
    if text.lower() not in _WORDS:
        raise ValueError(f"neither yes nor no: {text!r}")
    return _WORDS[text.lower()]


def _text(text: str) -> str | None:
    value: str | None = validated(CustomText, {"value": text})["value"]
    return value


_READERS = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.DATE: _day,
    FieldType.BOOLEAN: _truth,
}


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
            raise Refused(f"{entity}s have a custom field {key} already")
        rows.append({"entity": entity, **values})
    return changes.create(session, CustomField, rows) if rows else []


def edit(session: CrmSession, field: CustomField, label: str) -> bool:
    """Give `field` another label; return whether that changed anything."""
    changes.lock(session, field)
    return bool(changes.edit(session, [field], validated(CustomFieldInput, {"label": label})))


def remove(session: CrmSession, field: CustomField, *, empty: bool = False) -> int:
    """Remove `field`; return how many rows carried it.

    Raises Refused if any does, unless `empty` says to take it from them, hidden ones included.
    """
    rows = _carriers(session, types.of_entity(field.entity).model, field.key)
    if rows and not empty:
        noun = field.entity.value if len(rows) == 1 else f"{field.entity}s"
        raise Refused(
            f"{field.key} has a value in {len(rows)} {noun}: --yes removes the field and the values"
        )
    changes.edit_each(
        session, [(row, {"custom": merged(row.custom, {field.key: None})}) for row in rows]
    )
    changes.remove(session, [field])
    return len(rows)


def _carriers(session: CrmSession, model: type[Any], key: str) -> list[Any]:
    query = select(model).where(in_company(session, model), carries(session, model, key))
    return list(session.exec(query if session.change.dry else query.with_for_update()).all())


def carries(session: CrmSession, model: type[Any], key: str) -> Any:
    """Return the condition that a row of `model` has a value for the custom field `key`."""
    return dialects.has_key(session, col(model.custom), key)


def holds(session: CrmSession, model: type[Any], key: str, value: Any) -> Any:
    """Return the condition that a row of `model` holds `value` in the custom field `key`.

    None asks for rows without a value. Texts are compared without regard to case.
    """
    if value is None:
        return ~carries(session, model, key)
    if isinstance(value, str):
        # Both by the engine: where its locale is C, it leaves an É in capitals.
        text = dialects.text_of_key(session, col(model.custom), key)
        return func.lower(text) == func.lower(value)
    return dialects.key_equals(session, col(model.custom), key, value)
