"""Where in a file its table is: the header, the rows below it, and what comes after them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from crmctl.domain.importing.files.footers import is_footer, is_total
from crmctl.domain.importing.files.rejects import of_rejects, original_header
from crmctl.domain.importing.files.tables import NO_HEADER, TableRow, broken, numbered
from crmctl.domain.importing.units import scale_in
from crmctl.errors import UsageError

#: How many rows a footer has at most.
_LONGEST_FOOTER = 50
_FOOTER = (
    "it looks like a footer: below a blank line, nothing but its first cell is filled (if it is a"
    " row, take the blank line away)"
)
#: What is wrong with a row that is the header once more.
REPEATED = "it repeats the header"
#: How many lines a header has at most below its first one.
_HEADER_LINES = 3
#: Among how many records the header is looked for.
FIRST = 50
#: How long a line above the header may be of which nothing else can be read.
_LONGEST_TITLE = 100_000
# What is a value, or the label of one, rather than the name of a column.
_VALUE = re.compile(r"[\W\d]*|.*@.*\..*|.*:\s*")


def choose_header(first: Sequence[TableRow], name: str) -> TableRow | None:
    """Return which of the `first` records of a table is its header; None if all are blank.

    Raises UsageError where the header seems to have two lines, and where those above it say that
    amounts are in thousands; `name` is what it calls the file.
    """
    records = [each.cells for each in first]
    index = find_header(records)
    if index is None:
        return None
    if absurd := next(filter(_is_absurd, first[:index]), None):
        return absurd
    found, second = first[index], second_header(records, index)
    _refuse_scale(first[:index], found.line, name)
    if second is not None and not found.trouble:
        line = first[second].line
        raise UsageError(
            f"{name}: line {line} looks like the header (--header {line}; --header {found.line}"
            " if it is not)"
        )
    return found


def _is_absurd(row: TableRow) -> bool:
    """Return whether `row` is broken and too long for a title above the header: it was to be it."""
    return bool(row.trouble) and any(len(cell) > _LONGEST_TITLE for cell in row.cells)


def _refuse_scale(above: Iterable[TableRow], header: int, name: str) -> None:
    """Raise UsageError where a line `above` the header says how large a 1 is in the amounts."""
    for row in above:
        if said := next(filter(None, map(scale_in, row.cells)), ""):
            raise UsageError(
                f"{name} line {row.line} says that amounts are in {said}: write that into the name"
                f" of their column, as Amount ({said}); --header {header} reads them as they stand"
            )


def no_header(first: Sequence[TableRow]) -> TableRow | None:
    """Return the header of a table that has none: a cell without a name for each column.

    `first` are its first records; None if all are blank. A file of rejects of such a table begins
    with the numbers of its columns.
    """
    for record in first[:1]:
        named = original_header(record.cells)
        numbers = tuple(map(numbered, range(len(named))))
        if of_rejects(record.cells) and tuple(named) == numbers:
            return record
    width = max((width_of(each.cells) for each in first if not each.trouble), default=0)
    return TableRow(NO_HEADER, ("",) * width) if width else None


def find_header(records: Sequence[Sequence[str]]) -> int | None:
    """Return which of the first `records` of a table is its header; None if all are blank.

    Reports begin with a title or some facts about themselves: records that are much narrower than
    most, that are narrower and no names of columns, or that a blank line divides from the table.
    """
    widths = [width_of(cells) for cells in records]
    first = next((index for index, width in enumerate(widths) if width), None)
    if first is None:
        return None
    counts = Counter(width for width in widths if width)
    usual = max(counts, key=lambda width: (counts[width], width))
    for index in range(first, len(records)):
        divided = 0 in widths[first:index]
        above = max((width for width in widths[first:index]), default=0)
        facts = not any(_names(cells) for cells in records[first:index])
        apart = index == first or 2 * above <= usual or (above < usual and (divided or facts))
        if widths[index] >= usual and apart and (index == first or _names(records[index])):
            return index
    return first


def second_header(records: Sequence[Sequence[str]], index: int) -> int | None:
    """Return which record below the header at `index` looks like the header, as of several lines.

    It is wider than the first, all names, and so wide as the rows below it. The line above it
    names groups of columns, not all of whose cells are filled; titles of one cell may come before.
    """
    wide = width_of(records[index])
    lines = _HEADER_LINES if wide == 1 else 1
    for at in range(index + 1, min(index + 1 + lines, len(records))):
        above, second = records[index:at], width_of(records[at])
        if second > wide:
            below = [width for width in map(width_of, records[at + 1 :]) if width]
            grouped = not all(cell.strip() for cells in above for cell in cells)
            fits = bool(below) and wide < max(below) <= second
            if grouped and fits and _names(records[at]):
                return at
    return None


def width_of(cells: Sequence[str]) -> int:
    """Return how many of `cells` there are up to the last one that is not empty."""
    return max((width for width, cell in enumerate(cells, 1) if cell.strip()), default=0)


def _names(cells: Sequence[str]) -> bool:
    """Return whether `cells` can be the names of columns: all different, and none a value."""
    named = [cell.strip() for cell in cells[: width_of(cells)]]
    values = any(_VALUE.fullmatch(cell) for cell in named if cell)
    return not values and len(set(named)) == len(named)


def blank(cells: Iterable[str]) -> bool:
    """Return whether nothing is in `cells`."""
    return not "".join(cells).strip()


def rows_below(
    records: Iterable[TableRow], header: Sequence[str], width: int
) -> Iterator[TableRow]:
    """Yield each record as a row of `width` cells; rows of empty cells are left out.

    What says again what the `header` does is a broken row: files that were joined, and reports of
    several pages, have it more than once.
    """
    again = tuple(header[:width])
    rows, narrow = _rows(records, width), width == 1
    for row in rows:
        if row:
            narrow = narrow or not (row.cells[1] or any(row.cells[2:]))
            yield row if row.cells != again else row._replace(trouble=REPEATED)
        elif not narrow:
            last, narrow = _below_blank(rows, width)
            yield from (
                each if each.cells != again else each._replace(trouble=REPEATED) for each in last
            )


def _below_blank(rows: Iterator[TableRow | None], width: int) -> tuple[list[TableRow], bool]:
    """Return the next rows, below a blank one, broken if they look like a footer.

    They are the last ones, and nothing but their first cell is filled, as in no row above. Where
    one of them is what reports are known to end with, all are their footer. Returns as well whether
    they are such rows and no footer, so that none can be one any more.
    """
    last, following = _narrow(rows)
    if following:
        return [*last, following], bool(last)
    known = any(is_footer(text) or is_total(text) for text in map(_first, last))
    footer = (broken(each.line, each.cells[0], width, _FOOTER) for each in last)
    return [each._replace(footer=known) for each in footer], False


def _first(row: TableRow) -> str:
    return row.cells[0].strip()


def _narrow(rows: Iterator[TableRow | None]) -> tuple[list[TableRow], TableRow | None]:
    """Return the next rows of nothing but a first cell, and the one after them, if there is one."""
    found: list[TableRow] = []
    for row in filter(None, rows):
        if len(found) == _LONGEST_FOOTER or not blank(row.cells[1:]):
            return found, row
        found.append(row)
    return found, None


def _rows(records: Iterable[TableRow], width: int) -> Iterator[TableRow | None]:
    """Yield each record as a row of `width` cells, and None for a blank one."""
    for record in records:
        cells = record.cells
        if record.trouble:
            yield broken(record.line, cells[0], width, record.trouble)
        elif len(cells) == width:
            # Of most rows, the first cell is filled.
            filled = (cells and cells[0].strip()) or not blank(cells)
            yield record if filled else None
        elif not blank(cells[width:]):
            yield record._replace(trouble=f"it has {len(cells)} cells, and the header {width}")
        elif blank(cells):
            yield None
        else:
            # Spreadsheets leave out empty cells at the end of a row, or add some.
            missing = [""] * (width - len(cells))
            short = len(cells) if missing else 0
            yield record._replace(cells=(*cells[:width], *missing), short=short)
