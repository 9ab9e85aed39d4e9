"""A second line of a header: strokes, or in what columns are: `EUR`, `(in thousand)`, `%`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from crmctl.domain.importing.files.escaping import original
from crmctl.domain.importing.files.tables import NO_HEADER, Table, TableRow
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.importing.units import NO_UNIT, read_unit, unit_of, word_set
from crmctl.errors import UsageError

#: What such a line says of columns that are in nothing.
_KINDS = word_set(
    "text string varchar char list picklist choice lookup date datetime time number numeric integer"
    " int decimal currency boolean bool yes/no y/n email e-mail phone url id % percent pct prozent"
    " days hours months years h pcs units kg datum zahl nummer auswahl texte nombre liste"
)
_BRACKETS = re.compile(r"[(\[{]\s*(.*?)\s*[)\]}]")
# Letters, or a sign of a currency: digits alone are a value.
_SAYS = re.compile(r"[^\W\d_]|[$\u00a3\u00a5\u20a0-\u20cf]")
_NUMBER = re.compile(r"\W*[0-9]")
# What Markdown and others draw below a header.
_STROKES = re.compile(r":?[-=+]{2,}:?")
_LONG_STROKES = re.compile(r":?[-=+]{3,}:?")


def with_units(table: Table) -> Table:
    """Return `table` with the units of its first row in its header, if it is nothing but units.

    Raises UsageError where it is not clear which column a unit is of.
    """
    if table.form.header == NO_HEADER:
        return table
    beginning = list(islice(table.rows(), 2))
    cells = [_bare(cell) for cell in beginning[0].cells] if beginning else []
    if not cells or beginning[0].trouble:
        return table
    first = beginning[0]
    if _are_strokes(cells):
        found = f"line {first.line} is no row, but strokes below the header"
        return with_units(_without_first(table, found))
    if not _are_units(cells):
        return table
    if _may_be_titles(cells, beginning[1:]):
        raise UsageError(
            f"{table.name} line {first.line} looks like a unit: {cells[0]} (write it into the name"
            f" of its column, as Amount ({cells[0]}), and take the line out)"
        )
    names = [_named(table, first, *pair) for pair in zip(table.header, cells, strict=True)]
    said = [name for name, cell in zip(names, cells, strict=True) if _is_unit(cell)]
    told = f"line {first.line} is no row, but says the units of {', '.join(said)}"
    return replace(_without_first(table, told), header=tuple(names))


def _without_first(table: Table, why: str) -> Table:
    """Return `table` without its first row, and `why` that is so."""

    def rows() -> Iterator[TableRow]:
        return islice(table.rows(), 1, None)

    found = Finding(certainty=Certainty.DECIDED, text=why)
    return replace(table.with_findings([found]), rows=rows)


def _are_strokes(cells: Sequence[str]) -> bool:
    """Return whether `cells` are nothing but strokes, as below the header of a drawn table."""
    filled = [cell for cell in cells if cell]
    return all(map(_STROKES.fullmatch, filled)) and any(map(_LONG_STROKES.fullmatch, filled))


def _bare(cell: str) -> str:
    text = " ".join(original(cell).split())
    inside = _BRACKETS.fullmatch(text)
    return inside[1] if inside else text


def _are_units(cells: Sequence[str]) -> bool:
    """Return whether `cells` say nothing but units, and what kind of value a column has."""
    units = [_is_unit(cell) for cell in cells]
    known = (
        not cell or unit or cell.lower() in _KINDS for cell, unit in zip(cells, units, strict=True)
    )
    return any(units) and all(known)


def _is_unit(text: str) -> bool:
    """Return whether `text` says a currency, how large a 1 is, or the order of dates."""
    return bool(_SAYS.search(text)) and read_unit(text) is not None


def _may_be_titles(cells: Sequence[str], below: Sequence[TableRow]) -> bool:
    """Return whether only a first column has a unit, and below it stand no numbers."""
    alone = bool(cells[0]) and not any(cells[1:])
    return alone and not any(_NUMBER.match(row.cells[0]) for row in below)


def _named(table: Table, row: TableRow, name: str, cell: str) -> str:
    """Return the `name` of a column with the unit that stands in its `cell` of the first row."""
    if not _is_unit(cell) and cell != "%":
        return name
    before = unit_of(name)
    if before == NO_UNIT:
        return f"{name} ({cell})"
    if before == read_unit(cell):
        return name
    raise UsageError(
        f"{table.name} line {row.line} says {cell!r} of {name}: write both into the header, as"
        " Amount (EUR thousand), and take the line out"
    )
