"""Empty cells where a record has a value: it keeps that, or loses it where they clear."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from crmctl.domain.importing.columns.column_mapping import ColumnMapping
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.kinds import Entity
from crmctl.services.imports.decisions import column_emptied
from crmctl.services.imports.matching.stored_rows import RecordRow
from crmctl.services.imports.parsed_row import ParsedRow

_CUSTOM = "custom."
#: What an activity is about is no value of it.
_RELATIONS = {"deal_id", "customer_id"}


class _Place(NamedTuple):
    """A value of records: its key, the fields that say it, and the column of the first of them."""

    key: str
    fields: frozenset[str]
    column: str


class EmptyCells:
    """Finds values of records for which their rows have empty cells, and clears them if told to."""

    def __init__(self, columns: ColumnMapping, entity: Entity, *, clear: bool) -> None:
        self._clear = clear
        self._places = list(_places(columns, entity))

    def note(self, row: ParsedRow, record: RecordRow) -> None:
        """Have `row` clear the values of its `record` for which it has empty cells, or count them.

        Nothing is counted of what a column of another name says.
        """
        texts = row.texts.keys()
        for key, fields, column in self._places:
            if not texts.isdisjoint(fields) or not _has(record, key):
                continue
            if self._clear:
                row.clear(key)
            else:
                row.findings = (*row.findings, _kept(column))


def _has(record: RecordRow, key: str) -> bool:
    if key.startswith(_CUSTOM):
        custom: dict[str, object] = getattr(record, "custom", {})
        return custom.get(key.removeprefix(_CUSTOM)) is not None
    return getattr(record, key) not in (None, "", [])


def _places(columns: ColumnMapping, entity: Entity) -> Iterator[_Place]:
    """Yield the values that cells of `columns` can empty."""
    fields: dict[str, set[str]] = {}
    for name in columns.fields:
        if (key := _key_of(name, entity)) is not None:
            fields.setdefault(key, set()).add(name)
    for key, names in fields.items():
        first = next(each for each in columns.mapped if each.field in names)
        yield _Place(key, frozenset(names), first.name)


def _key_of(name: str, entity: Entity) -> str | None:
    """Return the key of the value that a field says; None for one that a record must have."""
    if name.startswith(_CUSTOM):
        return name
    relation = name.startswith(("customer", "contact")) and entity == Entity.DEAL
    key = "customer_id" if relation else column_emptied(name, entity)
    return None if entity == Entity.ACTIVITY and key in _RELATIONS else key


@cache
def _kept(column: str) -> Finding:
    return Finding(
        certainty=Certainty.DECIDED,
        text=f"empty cells of {column} keep what is there",
        one=f"empty cell of {column} keeps what is there",
        count=1,
        option="--clear-with ''",
    )
