"""A look at all cells of a file, to decide for each column how it is written."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import NamedTuple

from crmctl.domain import amounts, dates, money, probabilities
from crmctl.domain.importing.cells.currency_signs import CurrencySigns
from crmctl.domain.importing.cells.values import CellFormat, Kind, is_empty
from crmctl.domain.importing.files.escaping import original
from crmctl.domain.importing.files.rejects import of_rejects
from crmctl.domain.importing.files.tables import TableRow
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.importing.units import NO_UNIT, unit_of
from crmctl.domain.kinds import DateOrder, DecimalMark
from crmctl.errors import UsageError

#: How many different texts of a column are kept at a time, as most come again.
KEPT = 4096
#: How long a text may be to be kept so.
KEPT_LENGTH = 1000

# How many letters of cells are looked at together, and what a row takes besides its own.
_ROOM = 1 << 18
_ROW = 64

#: What is asked of a cell, and what it says of its column.
Hint = Callable[[str], str | None]

_NUMBERS = frozenset({Kind.AMOUNT, Kind.NUMBER, Kind.INTEGER})
_DATES = frozenset({Kind.DAY, Kind.TIME})
_MONEY = frozenset({Kind.AMOUNT, Kind.CURRENCY})
#: The hints of dates that may have either order, and of numbers that have thousands or decimals.
_UNORDERED = frozenset({dates.DateHint.EITHER, dates.DateHint.POINTS})
_UNCLEAR = frozenset({amounts.AmountHint.POINT_OR_THOUSANDS, amounts.AmountHint.COMMA_OR_THOUSANDS})


@dataclass(kw_only=True)
class _Ballot:
    """The hints that the cells of a column give, how often, and the first line and cell of each.

    Of one that is `partial`, other cells decided how it is written, and are not there any more.
    """

    column: str
    partial: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, tuple[int, str]] = field(default_factory=dict)

    def add(self, hint: str, line: int, text: str, count: int, /) -> None:
        """Count cells that give `hint`, of which `text` on `line` is the first."""
        self.counts[hint] = self.counts.get(hint, 0) + count
        self.first.setdefault(hint, (line, text))

    def both(self, one: str, other: str) -> bool:
        """Return whether cells of the column give the one hint and the other."""
        return one in self.counts and other in self.counts

    def example(self, hint: str) -> str:
        """Return the first cell that gives `hint`, with its line."""
        line, text = self.first[hint]
        return f"{text.strip()!r} (line {line})"


class ColumnFormats(NamedTuple):
    """How the cells of columns are written, and which columns are `full`, all by position.

    A full column has no empty cell. Where nothing is to be decided, nobody looks for them.
    `findings` say what decided about columns that could be read in two ways.
    """

    formats: dict[int, CellFormat]
    full: frozenset[int]
    findings: tuple[Finding, ...] = ()


class _Watched(NamedTuple):
    """A column whose cells are looked at: what one of them shows, and what counts that."""

    position: int
    hint_of: Hint
    add: Callable[[str, int, str, int], None]


def find_formats(
    rows: Iterable[TableRow],
    kinds: Mapping[int, Kind],
    header: tuple[str, ...],
    cell_format: CellFormat,
    keys: Collection[int] = (),
    signs: CurrencySigns | None = None,
    currency: str | None = None,
) -> ColumnFormats:
    """Return how the cells of each column of `kinds` are written, and which of `keys` are full.

    `signs` are told which currencies cells name, and `currency` is what people count in. What
    `cell_format` says already holds for every column, and what the name of a column says for that
    one. Raises UsageError where the cells of a column could be read in two ways, and neither they
    nor all others that show it say which. The rejects of a file do not say how all of it was
    written: what they leave open is `mixed`.
    """
    partial = of_rejects(header)
    expected = {at: _with_unit(kind, cell_format, header[at]) for at, kind in kinds.items()}
    ballots = {position: _Ballot(column=header[position], partial=partial) for position in kinds}
    watched = [
        _Watched(position, _of_cells(hint, cell_format), ballots[position].add)
        for position, kind in kinds.items()
        if (hint := _hint(kind, expected[position]))
    ]
    if signs and not cell_format.own:
        naming = _of_cells(amounts.currencies_in, cell_format)
        watched += [_Watched(at, naming, signs.add) for at, kind in kinds.items() if kind in _MONEY]
        for unit in (each.unit for each in expected.values() if each.unit.sign):
            signs.add(" ".join(sorted(unit.currencies)), 0, unit.sign, 1)
    full = _look_through(rows, watched, keys, cell_format) if watched else frozenset[int]()
    shown = _shown(ballots[name] for name, kind in kinds.items() if kind in _DATES)
    formats = {
        name: _decide(kind, expected[name], ballots[name], shown, currency)
        for name, kind in kinds.items()
    }
    found = [
        _finding(formats[name], ballot, shown) for name, ballot in ballots.items() if ballot.counts
    ]
    return ColumnFormats(formats, full, tuple(each for each in found if each))


def _look_through(
    rows: Iterable[TableRow],
    watched: Sequence[_Watched],
    keys: Collection[int],
    cell_format: CellFormat,
) -> frozenset[int]:
    """Have those who watch columns count what the cells of `rows` show; return the full `keys`."""
    full = frozenset(keys)
    positions = sorted({*full, *(each.position for each in watched)})
    for lines, texts in _columns(rows, positions):
        columns = dict(zip(positions, texts, strict=True))
        found = [hint for each in watched for hint in _hints(columns[each.position], each)]
        # As they stand in the file: what is shown of them is the first one.
        for index, add, given, text, count in sorted(found, key=itemgetter(0)):
            add(given, lines[index], text, count)
        full = frozenset(at for at in full if not _has_empty(columns[at], cell_format))
    return full


def _columns(
    rows: Iterable[TableRow], positions: Sequence[int]
) -> Iterator[tuple[list[int], Iterable[tuple[str, ...]]]]:
    """Yield the lines of so many sound `rows` as have room, and their cells, column by column."""
    first, *more = positions
    pick = itemgetter(*positions) if more else itemgetter(slice(first, first + 1))
    lines: list[int] = []
    picked: list[tuple[str, ...]] = []
    room = _ROOM
    for row in rows:
        if row.trouble:
            continue
        cells = pick(row.cells)
        lines.append(row.line)
        picked.append(cells)
        room -= _ROW + len("".join(cells))
        if room <= 0:
            yield lines, zip(*picked, strict=True)
            lines, picked, room = [], [], _ROOM
    if lines:
        yield lines, zip(*picked, strict=True)


def _hints(
    cells: tuple[str, ...], watched: _Watched
) -> Iterator[tuple[int, Callable[[str, int, str, int], None], str, str, int]]:
    """Yield each hint that `cells` give: where first, what counts it, the cell, and how often."""
    found: dict[str, tuple[str, int]] = {}
    for text, count in Counter(cells).items():
        if text and len(text) <= KEPT_LENGTH and (given := watched.hint_of(text)):
            first, before = found.get(given, (text, 0))
            found[given] = (first, before + count)
    for given, (text, count) in found.items():
        yield cells.index(text), watched.add, given, text, count


def _has_empty(cells: Sequence[str], cell_format: CellFormat) -> bool:
    """Return whether any of `cells` has no value."""
    if not all(cells):
        return True
    texts = map(original, cells) if "'" in "".join(cells) else cells
    return any(is_empty(text, cell_format) for text in {*map(str.strip, texts)})


def _with_unit(kind: Kind, cell_format: CellFormat, column: str) -> CellFormat:
    """Return `cell_format` for a column whose name may say in what its cells are."""
    unit = NO_UNIT if cell_format.own else unit_of(column)
    if kind in _DATES and unit.dates and not cell_format.dates:
        return replace(cell_format, dates=unit.dates)
    if kind == Kind.AMOUNT and unit.smallest:
        raise UsageError(
            f"{column}: how many of its units are one of the currency depends on that"
            " (call it Amount (cents) if they are hundredths)"
        )
    return (
        replace(cell_format, unit=unit) if kind == Kind.AMOUNT and unit.says_amount else cell_format
    )


def _shown(ballots: Iterable[_Ballot]) -> _Ballot | None:
    """Return a column that shows the order of its dates, if all that show it have the same one."""
    found = {order: ballot for ballot in ballots if (order := dates.order(ballot.counts))}
    return next(iter(found.values())) if len(found) == 1 else None


def _hint(kind: Kind, cell_format: CellFormat) -> Hint | None:
    """Return what a cell is asked by, if its column has something to decide."""
    if kind in _DATES and not cell_format.dates and not cell_format.own:
        return dates.hint
    if kind in _NUMBERS and not cell_format.decimals and not cell_format.own:
        return amounts.hint
    return probabilities.hint if kind == Kind.PROBABILITY and not cell_format.own else None


def _of_cells(hint: Hint, cell_format: CellFormat) -> Hint:
    """Return `hint` for cells as they stand in the file."""
    empty = cell_format.empty

    def hint_of(cell: str) -> str | None:
        text = original(cell).strip() if cell[:1] == "'" else cell.strip()
        return None if not text or text in empty else hint(text)

    return hint_of


def _decide(
    kind: Kind,
    cell_format: CellFormat,
    ballot: _Ballot,
    shown: _Ballot | None,
    currency: str | None,
) -> CellFormat:
    """Return how a column is written; `shown` is one that shows the order of dates."""
    if not ballot.counts:
        return cell_format
    if kind in _DATES:
        return _dates(cell_format, ballot, shown)
    if kind in _NUMBERS:
        # A whole number has no decimals that a comma could be for.
        code = cell_format.unit.currency or currency
        either = kind != Kind.INTEGER and code and code not in money.AFTER_A_POINT
        return _numbers(cell_format, ballot, after_a_comma=bool(either))
    return _probabilities(cell_format, ballot)


def _finding(cell_format: CellFormat, ballot: _Ballot, shown: _Ballot | None) -> Finding | None:
    """Return what decided how a column is written, if some of its cells could be read otherwise."""
    day_or_month, by_commas = dates.DateHint.EITHER, amounts.AmountHint.COMMA_OR_THOUSANDS
    if (found := cell_format.dates) and ballot.counts.keys() & {
        day_or_month,
        dates.DateHint.POINTS,
    }:
        first = "day" if found == DateOrder.DMY else "month"
        text = f"{ballot.column}: the {first} comes first, {_why(found, ballot, shown)}"
    elif (mark := cell_format.decimals) and mark in ballot.counts:
        if not _UNCLEAR & ballot.counts.keys():
            return None
        word = "point" if mark == DecimalMark.POINT else "comma"
        text = f"{ballot.column}: decimals follow a {word}, as in {ballot.example(mark)}"
    elif mark and by_commas in ballot.counts:
        text = f"{ballot.column}: commas divide thousands in {ballot.example(by_commas)}"
        return Finding(certainty=Certainty.ASSUMED, text=text, option="--decimal ,")
    else:
        return None
    return Finding(certainty=Certainty.DECIDED, text=text)


def _why(found: DateOrder, ballot: _Ballot, shown: _Ballot | None) -> str:
    """Return what shows that dates of a column are in the order that was `found`."""
    if found in ballot.counts:
        return f"as in {ballot.example(found)}"
    if shown and shown is not ballot and found in shown.counts:
        return f"as in {shown.example(found)} of {shown.column}"
    return f"as it does where points divide: {ballot.example(dates.DateHint.POINTS)}"


def _dates(cell_format: CellFormat, ballot: _Ballot, shown: _Ballot | None) -> CellFormat:
    """Return how dates of a column are written; where it is open, as those that are `shown`."""
    day_first, month_first = dates.DateHint.DMY, dates.DateHint.MDY
    both = ballot.both(day_first, month_first)
    found = dates.order(ballot.counts)
    if found is None and shown and not both:
        found = dates.order(shown.counts)
    if found is None:
        question = (
            f"the day comes first in {ballot.example(day_first)}, the month in"
            f" {ballot.example(month_first)}:"
            if both
            else f"day or month first in {ballot.example(dates.DateHint.EITHER)}?"
        )
        raise UsageError(f"{ballot.column}: {question} say --dates dmy or --dates mdy")
    return replace(cell_format, dates=found, mixed=both or ballot.partial)


def _numbers(cell_format: CellFormat, ballot: _Ballot, *, after_a_comma: bool) -> CellFormat:
    """Return how numbers of a column are written, where decimals may follow a comma or not."""
    point, comma = amounts.AmountHint.POINT, amounts.AmountHint.COMMA
    both = ballot.both(point, comma)
    found = amounts.mark(ballot.counts)
    open_ = after_a_comma and not ballot.partial and ballot.counts.keys() <= _UNCLEAR
    if found is None or open_:
        unclear = max(ballot.counts.keys() & _UNCLEAR, default="")
        question = (
            f"decimals follow a point in {ballot.example(point)}, a comma in"
            f" {ballot.example(comma)}:"
            if both
            else f"thousands or decimals in {ballot.example(unclear)}?"
        )
        raise UsageError(f"{ballot.column}: {question} say --decimal . or --decimal ,")
    return replace(cell_format, decimals=found, mixed=both or ballot.partial)


def _probabilities(cell_format: CellFormat, ballot: _Ballot) -> CellFormat:
    if ballot.partial:
        return replace(cell_format, mixed=True)
    mixed = ballot.both(probabilities.Scale.PERCENT, probabilities.Scale.FRACTION)
    return replace(cell_format, scale=probabilities.scale(ballot.counts), mixed=mixed)
