"""A row of a file on its way: its values by field, and what is wrong with them."""

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cache, partial
from typing import Any, NamedTuple
from uuid import UUID

from crmctl.domain.importing.cells.currency_signs import RowSign
from crmctl.domain.importing.cells.values import Kind
from crmctl.domain.importing.columns.column_mapping import ColumnMapping
from crmctl.domain.importing.files.escaping import original
from crmctl.domain.importing.files.tables import TableRow
from crmctl.domain.importing.findings import Certainty, Finding, mapping_option
from crmctl.domain.importing.rejected import Problem, Reject
from crmctl.domain.importing.unknown_names import NameOf
from crmctl.errors import UsageError

#: Puts a value into the row where it is not just the value of its field.
Setter = Callable[["ParsedRow", Any], None]
#: The fields of external ids.
KEYS = ("external_id", "external_ids")
#: The fields of when deals close, for which people write months and quarters.
CLOSINGS = frozenset({"expected_close", "close_date", "closed_at"})
#: The fields of columns that together hold another, or hold it where its own is empty.
_HALVES = {
    "name": ("first_name", "last_name"),
    "customer": ("contact",),
    "customer_email": ("contact_email", "customer", "contact"),
    "customer_external_id": ("contact_external_id", "customer", "contact"),
    "deal_external_id": ("deal",),
}


#: The value of a cell that empties its field.
CLEARED = object()


class FirstValue(NamedTuple):
    """The first of several values that stand in one cell."""

    value: Any


class PeriodEnd(NamedTuple):
    """The last day of the period that a cell names, and the first of its column as an example."""

    value: Any
    example: str


@dataclass(slots=True)
class ParsedRow:
    """A row of the file on its way: `values` are those of its cells that are not empty, by field.

    `texts` are the cells as they were read, by field. External ids are pairs of source and id
    under `external_ids`, custom values a mapping under `custom`. `related` are the ids of those
    that it may refer to, by `customer` and `deal`, where it refers to any. `findings` are what was
    assumed to read its cells, `cleared` the fields that they empty, and `refused` those for which
    it is kept out: what else would be wrong because of them is not said. A `sign` says the currency
    together with the deal that the row is about.
    """

    file_row: TableRow
    columns: ColumnMapping
    _: KW_ONLY
    values: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    related: dict[str, frozenset[UUID]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    sign: RowSign | None = None
    cleared: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    #: The line of the file on which the row begins: asked for a dozen times a row.
    line: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.line = self.file_row.line

    def refuse(self, name: str, reason: str, unknown: NameOf | None = None) -> None:
        """Keep the row out because of its field `name`; an empty name is the row itself.

        `unknown` is what its text is the name of, where nothing answers to that.
        Of a row that is none as a whole, nothing else is worth saying.
        """
        if "" in self.refused:
            return
        if not name:
            self.problems.clear()
        self.refused += (name,)
        column = self._column_of(name) if name else ""
        text = self.texts.get(name, "")
        self.problems.append(Problem(column, text, reason, unknown=unknown or ""))

    def overlook(self, names: Sequence[str]) -> bool:
        """Take back that the fields `names` keep the row out; return whether any did."""
        if "" in self.refused or set(names).isdisjoint(self.refused):
            return False
        kept = [
            each for each in zip(self.refused, self.problems, strict=True) if each[0] not in names
        ]
        self.refused, self.problems = tuple(name for name, _ in kept), [each for _, each in kept]
        return True

    def decide_sign(self, present: str | None) -> Finding | None:
        """Take the currency that the sign of the row means; return what decided it.

        `present` is the currency of a deal that is there. What is not certain refuses the row.
        """
        if self.sign is None:
            return None
        try:
            code = self.sign.meant(present)
        except UsageError as error:
            self.refuse(self.sign.field, str(error))
            return None
        self.values["currency"] = code
        return self.sign.finding(code)

    def _column_of(self, name: str) -> str:
        """Return the column that holds the text of the field `name`: several may be for it."""
        cells, held = self.file_row.cells, (name, *_HALVES.get(name, ()))
        columns = [each for each in self.columns.mapped if each.field in held]
        columns.sort(key=lambda each: (held.index(each.field), each.rank))
        for each in columns:
            text = self.texts.get(each.field)
            if text and original(cells[each.position]).strip() == text:
                return each.name
        return columns[0].name if columns else name

    def clear(self, name: str) -> None:
        """Take note that a cell empties the field `name`."""
        if name.startswith("custom."):
            self.values.setdefault("custom", {})[name.removeprefix("custom.")] = None
        else:
            self.cleared += (name,)

    def rejected(self) -> Reject:
        """Return the row as the plan keeps it."""
        return Reject(
            line=self.file_row.line, cells=self.file_row.cells, problems=tuple(self.problems)
        )


def setter_of(name: str, kind: Kind) -> Setter | None:
    """Return the setter of the field `name`, None if a value of it is put there alone."""
    if name in KEYS:
        return _add_external_ids
    if name.startswith("custom."):
        key = name.removeprefix("custom.")
        return lambda row, value: row.values.setdefault("custom", {}).update({key: value})
    if name in CLOSINGS:
        return partial(_set_closing, name)
    return partial(_set_first, name) if kind in (Kind.EMAIL, Kind.PHONE) else None


def _set_closing(name: str, row: ParsedRow, value: Any) -> None:
    """Set when a deal closes, and take note if the cell names no day."""
    if isinstance(value, PeriodEnd):
        row.findings += (_end_taken(row.columns.of(name), value.example),)
        value = value.value
    row.values[name] = value


@cache
def _end_taken(column: str, example: str) -> Finding:
    return Finding(
        certainty=Certainty.ASSUMED,
        text=f"{column}: a period is taken for its last day ({example})",
        count=1,
        option=f"{mapping_option('--map', column, '')} leaves it out",
    )


def _set_first(name: str, row: ParsedRow, value: Any) -> None:
    """Set the value of a cell, and take note if it is the first one of several."""
    if isinstance(value, FirstValue):
        value = value.value
        row.findings += (first_taken(row.columns.of(name)),)
    row.values[name] = value


@cache
def first_taken(column: str) -> Finding:
    """Return that of several values in cells of `column` the first is taken."""
    return Finding(
        certainty=Certainty.ASSUMED,
        text=f"{column}: the first of several values is taken",
        count=1,
        option=f"{mapping_option('--map', column, '')} leaves it out",
    )


def _add_external_ids(row: ParsedRow, value: list[tuple[str, str]]) -> None:
    row.values["external_ids"] = [*row.values.get("external_ids", []), *value]
