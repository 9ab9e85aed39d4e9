"""What rows of a file, and records of the database, are known by."""

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import product
from typing import Any

from sqlmodel import col

from crmctl.domain.duplicates.contacts import domain_of
from crmctl.domain.importing.cells.values import When
from crmctl.domain.importing.columns.mapping import ColumnMapping
from crmctl.domain.kinds import Entity
from crmctl.errors import UsageError
from crmctl.services.imports.parsing import ParsedRow
from crmctl.services.records.references import PREFIX, Numbered

#: What a row can be known by, the surest first; the first that the row has a value for is taken.
CHAINS: dict[Entity, tuple[str, ...]] = {
    Entity.CUSTOMER: ("crmctl_id", "external_id", "email", "name"),
    Entity.DEAL: ("crmctl_id", "external_id", "title"),
    Entity.ACTIVITY: ("crmctl_id", "external_id"),
}
#: What `--key` can name as well, alone or several together.
FIELDS: dict[Entity, tuple[str, ...]] = {
    Entity.CUSTOMER: (
        "name", "email", "domain", "phone", "website", "organisation", "country", "segment",
        "source",
    ),
    Entity.DEAL: (
        "title", "customer", "email", "domain", "amount", "currency", "expected_close",
        "next_step", "source",
    ),
    Entity.ACTIVITY: ("subject", "customer", "deal", "at", "minutes"),
}  # fmt: skip
#: Keys that name one record, and are not joined with others.
_ALONE = ("crmctl_id", "external_id", "number")
#: Keys that say whom a deal is for, each by its own column.
_CUSTOMERS = {"email": "customer_email", "domain": "customer_domain"}
#: What a record refers to, by a column with an id.
_RELATED = ("customer", "deal")

#: What a row is known by: a key, whose fields are divided by commas, and its value there.
Identity = tuple[str, Any]


def choose_keys(
    entity: Entity, columns: ColumnMapping, key: str | None, file: str
) -> tuple[str, ...]:
    """Return the keys that tell the rows of a file apart: `key`, or those that it has columns for.

    Raises UsageError where there is none.
    """
    known = _known(columns)
    if key is not None:
        words = [word.strip().lower() for word in key.split(",")]
        return (",".join(dict.fromkeys(_chosen(entity, known, word, words, file)
                                       for word in words)),)  # fmt: skip
    found = tuple(name for name in CHAINS[entity] if name in known)
    if not found:
        raise UsageError(
            f"nothing in {file} tells one {entity} from another: name the column"
            f" with --map COLUMN=external_id"
        )
    return found


def sufficient(chain: tuple[str, ...], full: Collection[str]) -> tuple[str, ...]:
    """Return the keys of `chain` by one of which each row is known, if each has the `full` ones.

    A crmctl id alone may be that of another database, and the next key decides.
    """
    for place, key in enumerate(chain):
        if key in full and key != "crmctl_id":
            return chain[: place + 1]
    return chain


def _known(columns: ColumnMapping) -> frozenset[str]:
    """Return the keys that a file has columns for."""
    known = columns.fields
    if "external_ids" in known:
        known |= {"external_id"}
    if {"first_name", "last_name"} & known:
        known |= {"name"}
    if {"website", "email"} & known:
        known |= {"domain"}
    return known


def _chosen(
    entity: Entity, known: frozenset[str], word: str, words: Sequence[str], file: str
) -> str:
    """Return the key that `word`, one of the typed `words`, stands for."""
    typed = ",".join(words)
    allowed = dict.fromkeys((*CHAINS[entity], "number", *FIELDS[entity]))
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


def identified(
    item: ParsedRow, chain: Iterable[tuple[str, Sequence[str]]], model: type[Numbered]
) -> list[Identity]:
    """Return all that `item` can be known by, the surest first.

    `chain` are keys, each with its parts.
    """
    found: list[Identity] = []
    for key, parts in chain:
        values: Iterable[Any]
        if len(parts) == 1:
            values = _said(item, key, model)
        else:
            values = product(*(_said(item, part, model) for part in parts))
        found += [(key, value) for value in values]
    return found


def missing(item: ParsedRow, key: str, model: type[Numbered]) -> str:
    """Return the first field of `key` that `item` says nothing of."""
    parts = key.split(",")
    return next((part for part in parts if not _said(item, part, model)), parts[0])


def _said(item: ParsedRow, part: str, model: type[Numbered]) -> Sequence[Any]:
    """Return what `item` says of a field: several values where one of them is meant."""
    values = item.values
    if part == "external_id":
        pairs: Sequence[Any] = values.get("external_ids", [])
        return pairs
    if part in _RELATED:
        return sorted(item.related.get(part, ()))
    if part == "domain":
        value: Any = domain_of(values.get("website"), values.get("email"))
    elif part.startswith("custom."):
        value = values.get("custom", {}).get(part.removeprefix("custom."))
    else:
        value = values.get(part)
    if value is None:
        return ()
    return (_number(value, model) if part == "number" else plain(value),)


def _number(text: str, model: type[Numbered]) -> int:
    digits = text.upper().removeprefix(PREFIX[model])
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


def held(key: str, model: type[Numbered]) -> tuple[list[Any], Callable[..., Any]]:
    """Return the columns that hold `key` of a record, and what makes its value of theirs."""
    parts = [_holder(part, model) for part in key.split(",")]
    columns = [column for own, _ in parts for column in own]

    def value(*cells: Any) -> Any:
        found, rest = [], list(cells)
        for own, read in parts:
            found.append(read(*rest[: len(own)]))
            rest = rest[len(own) :]
        return None if None in found else found[0] if len(found) == 1 else tuple(found)

    return columns, value


def _holder(part: str, model: type[Numbered]) -> tuple[list[Any], Callable[..., Any]]:
    table: Any = model
    if part == "domain":
        return [col(table.website), col(table.email)], domain_of
    if part.startswith("custom."):
        name = part.removeprefix("custom.")
        return [col(table.custom)], lambda custom: plain(custom.get(name))
    column = {"crmctl_id": "id", "customer": "customer_id", "deal": "deal_id"}.get(part, part)
    return [col(getattr(table, column))], plain


def plain(value: Any) -> Any:
    """Return `value` as it is compared: texts without regard to case, times as they are stored."""
    if isinstance(value, When):
        return value.at
    return value.strip().lower() if isinstance(value, str) else value
