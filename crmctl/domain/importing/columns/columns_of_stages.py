"""A table with a column for each outcome or stage, and the amount or a mark in that of its deal."""

from collections.abc import Sequence

from crmctl.domain.importing.cells import closing_flags
from crmctl.domain.importing.cells.status_words import is_closing, meaning
from crmctl.domain.importing.columns.column_mapping import ColumnMapping
from crmctl.domain.importing.columns.contents import Contents, is_amount
from crmctl.domain.importing.findings import mapping_option
from crmctl.domain.importing.units import folded
from crmctl.errors import UsageError

#: What people put a cross as.
_MARKS = frozenset({"x", "✓", "✔", "✗", "✘", "☑", "☒", "•"})


def refuse_columns_of_stages(
    header: Sequence[str], columns: ColumnMapping, contents: Contents
) -> None:
    """Raise UsageError where in which of several columns a deal has a cell is its stage."""
    if not columns.fields.isdisjoint({"stage", "outcome", *closing_flags.FLAGS}):
        return
    called = [name for name in columns.unmapped if name in header and _is_stage(name, contents)]
    places = [header.index(name) for name in called]
    filled = [sum(bool(contents.cell(row, at)) for at in places) for row in contents.rows]
    marked = all(_is_mark(text) for at in places for text in contents.texts(at))
    if len(called) > 1 and any(map(is_closing, called)) and marked and max(filled, default=0) == 1:
        names = f"{', '.join(called[:-1])} and {called[-1]}"
        left_out = " ".join(mapping_option("--map", name, "") for name in called)
        raise UsageError(
            f"the stage of a deal is which of {names} has a cell: make them one column of stages,"
            f" and one of amounts ({left_out} leaves them out)"
        )


def _is_stage(name: str, contents: Contents) -> bool:
    return meaning(name) is not None or folded(name) in contents.stages


def _is_mark(text: str) -> bool:
    return text.lower() in _MARKS or is_amount(text)
