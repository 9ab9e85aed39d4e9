"""Custom fields for the columns of a file that are read for no other: their types and keys."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from crmctl.domain import dates
from crmctl.domain.importing.cells.values import CellFormat, is_empty
from crmctl.domain.importing.files.escaping import original
from crmctl.domain.importing.files.tables import TableRow
from crmctl.domain.kinds import DateOrder, FieldType
from crmctl.errors import UsageError

#: The digits of a number that others read as a float and still have it right.
_DIGITS = 15
# No plus sign and no zero in front: what has them is a telephone number, a postal code or an id.
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)
_TRUTHS = ({"true", "false"}, {"yes", "no"}, {"y", "n"})


def guess_types(
    rows: Iterable[TableRow], positions: Collection[int], cell_format: CellFormat
) -> dict[int, FieldType]:
    """Return what the columns at `positions` hold, each over all of its cells that have a value.

    A column that is empty throughout is left out; one that holds different things is text.
    """
    found: dict[int, _PossibleTypes] = {}
    for row in rows:
        if row.trouble:
            continue
        for position in positions:
            text = original(row.cells[position]).strip()
            if not is_empty(text, cell_format):
                found.setdefault(position, _PossibleTypes(cell_format=cell_format)).narrow(text)
    return {position: possible.type for position, possible in found.items()}


@dataclass(kw_only=True)
class _PossibleTypes:
    """The types that all cells of a column have; a date may have either order."""

    cell_format: CellFormat
    types: set[FieldType] = field(default_factory=lambda: set(_TESTS))
    orders: set[DateOrder] = field(default_factory=lambda: set(DateOrder))
    undecided: bool = False

    def narrow(self, text: str) -> None:
        """Drop the types that a cell with `text` does not have."""
        if self.types:
            self.types &= {kind for kind, fits in _TESTS.items() if fits(text)}
        if self.orders:
            typed = self.cell_format.dates
            self.orders &= {order for order in DateOrder if _is_day(text, typed or order)}
            self.undecided |= typed is None and dates.hint(text) == dates.DateHint.EITHER

    @property
    def type(self) -> FieldType:
        """The type of the column."""
        if self.types:
            return next(kind for kind in _TESTS if kind in self.types)
        is_date = len(self.orders) == 1 or (self.orders and not self.undecided)
        return FieldType.DATE if is_date else FieldType.TEXT


def _is_number(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return bool(_NUMBER.fullmatch(text)) and len(digits.lstrip("0")) <= _DIGITS


def _is_day(text: str, order: DateOrder) -> bool:
    try:
        return not isinstance(dates.read(text, order), datetime)
    except UsageError:
        return False


def _is_truth(text: str) -> bool:
    return any(text.lower() in words for words in _TRUTHS)


_TESTS: dict[FieldType, Callable[[str], bool]] = {
    FieldType.NUMBER: _is_number,
    FieldType.BOOLEAN: _is_truth,
}


def key_of(name: str, taken: Collection[str]) -> str:
    """Return a key for a column called `name` that is not among those that are `taken`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "field"
    key, again = slug[:40], 2
    while key in taken:
        ending = f"_{again}"
        key, again = slug[: 40 - len(ending)] + ending, again + 1
    return key
