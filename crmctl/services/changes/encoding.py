"""How a change set writes a row down: its key, and its values as JSON holds them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from crmctl.models.base import Columns, Owned, Values
from crmctl.storage.tables import column_types, key_columns

#: What makes a value of a column of what JSON holds, and the other way round.
Decoder = Callable[[Any], object]
Writer = Callable[[Any], str]


def row_key(row: Owned) -> str:
    """Return what change_rows calls `row`: its key, the parts divided by a slash."""
    return joined_key(getattr(row, name) for name in key_columns(type(row)))


def joined_key(values: Iterable[object]) -> str:
    """Return the key of a row whose key columns have `values`."""
    return "/".join(_escaped(v) if isinstance(v, str) else str(v) for v in values)


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F")


def parse_key(model: type[Owned], key: str) -> Values:
    """Return the key columns and values that `key`, made by row_key, stands for."""
    parts = (unquote(part) for part in key.split("/")) if key_columns(model) else ()
    return decode(model, dict(zip(key_columns(model), parts, strict=True)))


def parse_keys(model: type[Owned], keys: Sequence[str]) -> list[tuple[object, ...]]:
    """Return the values of the key columns that each of `keys` stands for."""
    decoders = [_decoders(model)[name] or str for name in key_columns(model)]
    if len(decoders) == 1:
        return [(decoders[0](unquote(key)),) for key in keys]
    parts = (map(unquote, key.split("/")) for key in keys)
    return [tuple(read(part) for read, part in zip(decoders, each, strict=True)) for each in parts]


def decode(model: type[Owned], values: Columns) -> Values:
    """Return `values`, as a change set keeps them in JSON, as the columns of `model` hold them."""
    decoders = _decoders(model)
    return {
        name: value if value is None or (read := decoders[name]) is None else read(value)
        for name, value in values.items()
        if name in decoders
    }


@cache
def _decoders(model: type[Owned]) -> dict[str, Decoder | None]:
    """Return the readers of the columns; None where JSON holds the values as they are."""
    return {name: _decoder(kind) for name, kind in column_types(model).items()}


def _decoder(kind: type) -> Decoder | None:
    if kind is UUID:
        return _read_id
    if kind in (datetime, date):
        return kind.fromisoformat
    return kind if kind in (Decimal, int) or issubclass(kind, Enum) else None


@lru_cache(maxsize=50_000)
def _read_id(text: str) -> UUID:
    """Return an id; most rows carry some that others do too."""
    return UUID(text)


def encode(value: object) -> object:
    """Return `value` as a change set keeps it in JSON: the inverse of decode."""
    written = _ENCODERS.get(type(value))
    if written:
        return written(value)
    return value.value if isinstance(value, Enum) else value


#: A table, because a bulk edit encodes tens of thousands of values.
_ENCODERS: dict[type, Writer] = {
    date: date.isoformat,
    datetime: datetime.isoformat,
    Decimal: str,
    UUID: str,
}


def encode_all(values: Columns) -> Values:
    """Return every one of `values` encoded."""
    return {name: encode(value) for name, value in values.items()}


def values_of(row: Owned) -> Values:
    """Return the columns and values of `row`."""
    return {name: getattr(row, name) for name in column_types(type(row))}


def loaded_values(row: Owned) -> Values:
    """Return the columns and values of `row`, which must be loaded, without asking the ORM.

    Asking it is what thousands of rows feel.
    """
    return row.__dict__
