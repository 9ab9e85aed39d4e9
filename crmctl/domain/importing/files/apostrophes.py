"""Cells between apostrophes, which are quotes there and parts of words everywhere else."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

APOSTROPHE = "'"
# What begins with an apostrophe and is a word: 't Hof, 's-Hertogenbosch, 'til.
_WORD = r"(?i:[stnkm]|em|til|tis|twas|cause|round|bout)\b"


def settled(
    lines: Iterable[str], delimiter: str, escape: str | None, *, spaced: bool
) -> Iterator[str]:
    """Yield `lines` with the apostrophes that are no quotes written as text, for the csv module.

    One opens a cell at its beginning, and closes it where a delimiter or the end of a line follows:
    any other is part of a word, as in it won't wait. Where a line ends inside a cell, the next one
    goes on with it.
    """
    cells = _Cells(delimiter, escape, spaced=spaced)
    for line in lines:
        yield cells.settle(line)


class QuotedCell(NamedTuple):
    """A cell as it is written, and the line on which it begins."""

    text: str
    line: int


def first_cell(text: str, delimiter: str, *, divided: bool, spaced: bool) -> QuotedCell | None:
    """Return the first cell between apostrophes, rather one that holds the delimiter.

    Such a one counts only if apostrophes have `divided` cells: as text it is several cells.
    """
    found: QuotedCell | None = None
    cell = _Cells(delimiter, None, spaced=spaced).cell
    for number, line in enumerate(text.splitlines(), 1):
        for match in cell.finditer(line):
            holds = delimiter in (match["closed"] or "")
            if match["closed"] and (divided or not holds):
                written = QuotedCell(match[0][len(match["before"]) :], number)
                if holds:
                    return written
                found = found or written
    return found


class _Cells:
    """The cells of lines; `_is_open` says that the last line ended inside one."""

    def __init__(self, delimiter: str, escape: str | None, *, spaced: bool) -> None:
        divided, gap = re.escape(delimiter), " *" if spaced else ""
        escaped = rf"{re.escape(escape)}.|" if escape else ""
        end = rf"(?={divided}|[\r\n]|\Z)"
        # In a cell, two apostrophes are one, and one alone closes nothing inside a word.
        inside = rf"{escaped}''|'(?!{divided}|[\r\n]|\Z)|[^']"
        # A delimiter with an apostrophe behind it begins another cell, if it does not close one.
        begins = rf"{divided}{gap}'(?!'|{divided}|[\r\n]|\Z)"
        self.cell = re.compile(
            rf"(?P<before>(?:^|{divided}){gap})'(?:"
            rf"(?P<closed>(?:(?!{begins})(?:{inside}))*+)'{end}"
            rf"|(?!{_WORD})(?P<open>(?:(?!{begins})(?:{inside}))*+)\Z"
            rf"|(?P<bare>[^\r\n{divided}]*))",
        )
        self._rest = re.compile(rf"((?:{inside})*+)'{end}")
        self._inner = re.compile(rf"({escaped}'')|'")
        self._is_open = False

    def settle(self, line: str) -> str:
        """Return `line` with its apostrophes settled."""
        if not self._is_open:
            return self.cell.sub(self._settled, line)
        rest = self._rest.match(line)
        if rest is None:
            return self._doubled(line)
        self._is_open = False
        # What follows begins with a delimiter, or is the end of the line.
        return (
            self._doubled(rest[1]) + APOSTROPHE + self.cell.sub(self._settled, line[rest.end() :])
        )

    def _settled(self, cell: re.Match[str]) -> str:
        if cell["open"] is not None:
            self._is_open = True
            return cell["before"] + APOSTROPHE + self._doubled(cell["open"])
        text = cell["bare"]
        whole = (
            self._doubled(cell["closed"]) if text is None else 2 * APOSTROPHE + self._doubled(text)
        )
        return cell["before"] + APOSTROPHE + whole + APOSTROPHE

    def _doubled(self, text: str) -> str:
        return self._inner.sub(lambda found: found[1] or 2 * APOSTROPHE, text)
