"""What rows of a file, and records of the database, are known by."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from sqlalchemy import Column

from crmctl.domain import contacts
from crmctl.domain.contacts import domain_of
from crmctl.domain.importing.cells.values import When
from crmctl.domain.importing.columns.column_mapping import ColumnMapping
from crmctl.domain.kinds import Entity
from crmctl.domain.text import folded
from crmctl.errors import UsageError
from crmctl.models.base import Columns, Owned
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.records import types
from crmctl.storage.tables import table_of

#: Keys that name one record, and are not joined with others.
_ALONE = ("crmctl_id", "external_id", "number")
#: Keys that say whom a deal is for, each by its own column.
_CUSTOMERS = {"email": "customer_email", "domain": "customer_domain"}
#: What a record refers to, by a column with an id.
_RELATED = ("customer", "deal")


def _phone(text: str) -> str:
    try:
        return contacts.phone(text)
    except UsageError:
        return text


#: What was stored by other rules is compared as it would be stored now.
_STORED_FORMS: dict[str, Callable[[str], str]] = {"phone": _phone, "website": contacts.website}

#: What tells one activity from another where they have no ids.
_TOGETHER = ("at", "subject", "deal", "customer_email", "customer")

#: What new records cannot be without, and are known by where there is nothing better.
_NAMES = {Entity.DEAL: "title", Entity.CUSTOMER: "name"}

#: How many columns that are not read are named.
_SHOWN = 20

#: What a row is known by: a key, whose fields are divided by commas, and the row's value of it.
MatchKey = tuple[str, Hashable]


def choose_keys(
    entity: Entity, columns: ColumnMapping, key: str | None, file: str
) -> tuple[str, ...]:
    """Return the keys that tell the rows of a file apart: `key`, or those that it has columns for.

    Raises UsageError where there is none.
    """
    known = _keys_of_file(columns)
    if key is not None:
        words = [word.strip().lower() for word in key.split(",")]
        return (",".join(dict.fromkeys(_typed_key(entity, known, word, words, file)
                                       for word in words)),)  # fmt: skip
    found = tuple(name for name in types.imported(entity).keys if name in known)
    if not found:
        raise UsageError(
            f"nothing in {file} tells one {entity} from another: name the column"
            f" with --map COLUMN={_NAMES.get(entity, 'external_id')}{_or_by(entity, columns)}"
            f"{_not_read(columns)}"
        )
    return found


def _or_by(entity: Entity, columns: ColumnMapping) -> str:
    """Return how activities that have no ids can be told apart, by what they are and when."""
    fields = [each for each in _TOGETHER if each in columns.fields]
    return f", or --key {','.join(fields)}" if entity == Entity.ACTIVITY and fields else ""


def _not_read(columns: ColumnMapping) -> str:
    """Return the names of the columns that may be meant, if there are any."""
    names = columns.unmapped
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f" (not read: {', '.join(names[:_SHOWN])}{more})" if names else ""


def sufficient_keys(chain: tuple[str, ...], full: Collection[str]) -> tuple[str, ...]:
    """Return the keys of `chain` by one of which each row is known, if each has the `full` ones.

    A crmctl id alone may be that of another database, and the next key decides.
    """
    for position, key in enumerate(chain):
        if key in full and key != "crmctl_id":
            return chain[: position + 1]
    return chain


def _keys_of_file(columns: ColumnMapping) -> frozenset[str]:
    """Return the keys that a file has columns for."""
    known = columns.fields
    if "external_ids" in known:
        known |= {"external_id"}
    if {"first_name", "last_name"} & known:
        known |= {"name"}
    if {"website", "email"} & known:
        known |= {"domain"}
    return known


def _typed_key(
    entity: Entity, known: frozenset[str], word: str, words: Sequence[str], file: str
) -> str:
    """Return the key that `word`, one of the typed `words`, stands for."""
    typed = ",".join(words)
    rows = types.imported(entity)
    allowed = dict.fromkeys((*rows.keys, "number", *rows.more_keys))
    if word not in allowed and not word.startswith("custom."):
        raise UsageError(f"--key {typed}: {word!r} is not one of {', '.join(allowed)}, custom.KEY")
    if word in _ALONE and len(words) > 1:
        raise UsageError(f"--key {typed}: {word} names one {entity}, and stands alone")
    if entity is Entity.DEAL and word in _CUSTOMERS:
        _require(_CUSTOMERS[word] in known, typed, file, _CUSTOMERS[word])
        return "customer"
    related = word in _RELATED and any(name.startswith(f"{word}_") for name in known)
    _require(related or word in known, typed, file, word)
    return word


def _require(there: bool, typed: str, file: str, field: str) -> None:
    if not there:
        raise UsageError(f"--key {typed}: no column of {file} is {field} (--map COLUMN={field})")


def match_keys_of(
    row: ParsedRow, keys: Iterable[tuple[str, Sequence[str]]], model: type[Owned]
) -> list[MatchKey]:
    """Return the match keys of `row`, the surest first; each of `keys` is with its parts."""
    found: list[MatchKey] = []
    for key, parts in keys:
        values: Iterable[Hashable]
        if len(parts) == 1:
            values = _values_of(row, key, model)
        else:
            values = product(*(_values_of(row, part, model) for part in parts))
        found += [(key, value) for value in values]
    return found


def missing_field(row: ParsedRow, key: str, model: type[Owned]) -> str:
    """Return the first field of `key` that `row` has no value for."""
    parts = key.split(",")
    return next((part for part in parts if not _values_of(row, part, model)), parts[0])


def _values_of(row: ParsedRow, part: str, model: type[Owned]) -> Sequence[Hashable]:
    """Return the values that `row` has for a part of a key: several where one of them is meant."""
    values = row.values
    if part == "external_id":
        pairs: Sequence[Hashable] = values.get("external_ids", [])
        return pairs
    if part in _RELATED:
        return sorted(row.related.get(part, ()))
    value: object
    if part == "domain":
        value = domain_of(values.get("website"), values.get("email"))
    elif part.startswith("custom."):
        value = values.get("custom", {}).get(part.removeprefix("custom."))
    else:
        value = values.get(part)
    if value is None:
        return ()
    if part in _STORED_FORMS:
        value = _STORED_FORMS[part](str(value))
    return (_number(str(value), model) if part == "number" else comparable(value),)


def _number(text: str, model: type[Owned]) -> int:
    digits = text.upper().removeprefix(types.of(model).prefix)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


@dataclass(frozen=True)
class StoredKey:
    """Where records hold a key: the `columns`, and how its value is `read` from their values."""

    columns: Sequence[Column[object]]
    read: Callable[..., Hashable | None]

    def value_of(self, record: object) -> Hashable | None:
        """Return the value of the key that `record` has, a row with columns as attributes."""
        return self.read(*(getattr(record, column.key) for column in self.columns))

    def value_in(self, values: Columns) -> Hashable | None:
        """Return the value of the key in `values`, of which some columns may be missing."""
        return self.read(*(values.get(column.key) for column in self.columns))


def stored_key(key: str, model: type[Owned]) -> StoredKey:
    """Return where records of `model` hold `key`."""
    parts = [_stored_part(part, model) for part in key.split(",")]
    if len(parts) == 1:
        return parts[0]

    def read(*cells: object) -> Hashable | None:
        values, rest = [], list(cells)
        for part in parts:
            values.append(part.read(*rest[: len(part.columns)]))
            rest = rest[len(part.columns) :]
        return None if None in values else tuple(values)

    return StoredKey([column for part in parts for column in part.columns], read)


def _stored_part(part: str, model: type[Owned]) -> StoredKey:
    columns = table_of(model).c
    if part == "domain":
        return StoredKey([columns.website, columns.email], domain_of)
    if part.startswith("custom."):
        name = part.removeprefix("custom.")

        def read(custom: Mapping[str, object]) -> Hashable | None:
            return comparable(custom.get(name))

        return StoredKey([columns.custom], read)
    if part in _STORED_FORMS:
        stored_form = _STORED_FORMS[part]

        def read_form(text: str | None) -> Hashable | None:
            return comparable(stored_form(text)) if text else None

        return StoredKey([columns[part]], read_form)
    column = {"crmctl_id": "id", "customer": "customer_id", "deal": "deal_id"}.get(part, part)
    return StoredKey([columns[column]], comparable)


def comparable(value: object) -> Hashable:
    """Return `value` as it is compared: texts folded, times as they are stored."""
    if isinstance(value, When):
        return value.at
    return folded(value) if isinstance(value, str) else value
