"""Readers of cells that may hold more, or less, than one value: several, a period, nothing."""

import shlex
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from crmctl.domain.importing.cells import values
from crmctl.domain.importing.cells.values import CellFormat, Kind, When
from crmctl.errors import UsageError
from crmctl.services.imports.parsed_row import CLEARED, FirstValue, PeriodEnd

#: From the text of a cell to its value.
CellReader = Callable[[str], Any]
#: The text of a cell, its value, and why it has none; without text it is empty. A plain tuple is
#: made faster than one with names, and there is one for most cells.
ParsedCell = tuple[str, Any, str]
CellParser = Callable[[str], ParsedCell]

#: From how many cells on it is known whether they repeat.
_ENOUGH = 1000


def parsed_once(cells: Sequence[str], parse: CellParser) -> Iterable[ParsedCell]:
    """Return what each of `cells` says; where most of them are alike, each text is read once."""
    different = {*cells}
    if 2 * len(different) > len(cells):
        return map(parse, cells)
    return map({cell: parse(cell) for cell in different}.__getitem__, cells)


def hardly_repeats(parse: CellParser) -> bool:
    """Return whether few of the cells that `parse` was asked for, which keeps some, came again."""
    if not (info := getattr(parse, "cache_info", None)):
        return False
    hits, misses, _, _ = info()
    return bool(misses > _ENOUGH and hits < misses)


def with_way_out(text: str, why: str) -> str:
    """Return `why` a cell with this `text` has no value, with what says that it is an empty one."""
    if text.lower() not in values.NOTHING or "--empty" in why:
        return why
    return f"{why}, or as an empty cell (--empty {shlex.quote(text)})"


def clearing(read: CellReader, words: frozenset[str]) -> CellReader:
    """Return `read` for cells in which one of `words` empties the field."""
    return lambda text: CLEARED if text in words else read(text)


def first_read(read: CellReader) -> CellReader:
    """Return `read` for cells that may hold several values, of which the first one is read."""

    def read_first(text: str) -> Any:
        first = values.first_of(text)
        return FirstValue(read(first)) if first else read(text)

    return read_first


def period_read(read: CellReader, kind: Kind, cell_format: CellFormat) -> CellReader:
    """Return `read` for cells that may name a period, of which the last day is read."""
    examples: list[str] = []

    def read_end(text: str) -> Any:
        try:
            return read(text)
        except UsageError:
            last = values.last_of_period(kind, text, cell_format)
            if last is None:
                raise
        if not examples:
            examples.append(f"{text}: {last.day if isinstance(last, When) else last}")
        return PeriodEnd(last, examples[0])

    return read_end
