"""What change sets recorded of a row, in order, and the row as it was before them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from crmctl.models.base import Columns, Owned, Values
from crmctl.services import changes


class Entry(Protocol):
    """What a change set recorded of a row: the row before, None where it was not there."""

    @property
    def change_id(self) -> UUID:
        """The change set."""

    @property
    def before(self) -> Columns | None:
        """The fields that were changed, as they were, or all of a row that was removed."""


EntryType = TypeVar("EntryType", bound=Entry)


@dataclass(frozen=True, slots=True)
class LaterEntry:
    """What a later change set recorded of a row; `gone` says that it removed the row."""

    change_id: UUID
    before: Columns | None
    gone: bool


def in_order(entries: Sequence[EntryType]) -> list[EntryType]:
    """Return the `entries` of one row, sorted by time or id, in the order they were written in.

    Of two people who change a row at once, the second waits for the first but may have begun
    before it, and its time says so. What it found the row changed in shows the true order.
    """
    of_change: dict[str, list[EntryType]] = {}
    for entry in entries:
        of_change.setdefault(str(entry.change_id), []).append(entry)
    added: set[int] = set()
    ordered: list[EntryType] = []

    def add(entry: EntryType) -> None:
        if id(entry) in added:
            return
        added.add(id(entry))
        found_in = str((entry.before or {}).get("changed_in"))
        if found_in != str(entry.change_id):
            for earlier in of_change.get(found_in, ()):
                add(earlier)
        ordered.append(entry)

    for entry in entries:
        add(entry)
    return ordered


def row_before(
    model: type[Owned], entries: Sequence[LaterEntry], present: Columns | None
) -> Values | None:
    """Return a row as it was before `entries`, made from what it is at present."""
    values = None if present is None else dict(present)
    for entry in reversed(entries):
        if entry.before is None:
            values = None
        elif entry.gone:
            values = changes.decode(model, entry.before)
        elif values is not None:
            values.update(changes.decode(model, entry.before))
    return values
