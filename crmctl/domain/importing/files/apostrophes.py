"""Cells between apostrophes, which are quotes there and parts of words everywhere else."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

APOSTROPHE = "'"
# What begins with an apostrophe and is a word: 't Hof, 's-Hertogenbosch, 'til.
_WORD = r"(?i:[stnkm]|em|til|tis|twas|cause|round|bout)\b"


def normalized(
    lines: Iterable[str], delimiter: str, escape: str | None, *, spaced: bool
) -> Iterator[str]:
    """Yield `lines` with the apostrophes that are no quotes written as text, for the csv module.

    One opens a cell at its beginning, and closes it where a delimiter or the end of a line follows:
    any other is part of a word, as in it won't wait. Where a line ends inside a cell, the next one
    goes on with it.
    """
    cells = LineCells(delimiter, escape, spaced=spaced)
    for line in lines:
        yield cells.normalize(line)


class QuotedCell(NamedTuple):
    """A cell as it is written, and the line on which it begins."""

    text: str
    line: int


def first_cell(text: str, delimiter: str, *, divided: bool, spaced: bool) -> QuotedCell | None:
    """Return the first cell between apostrophes, rather one that holds the delimiter.

    Such a one counts only if apostrophes have `divided` cells: as text it is several cells.
    """
    if APOSTROPHE not in text:
        return None
    found: QuotedCell | None = None
    cells = LineCells(delimiter, None, spaced=spaced)
    for number, line in enumerate(text.splitlines(), 1):
        for match in cells.of(line):
            holds = delimiter in (match["closed"] or "")
            if match["closed"] and (divided or not holds):
                written = QuotedCell(match[0][len(match["before"]) :], number)
                if holds:
                    return written
                found = found or written
    return found


class LineCells:
    """The cells between apostrophes, line by line, and those that only begin with one."""

    def __init__(self, delimiter: str, escape: str | None, *, spaced: bool) -> None:
        divided, gap = re.escape(delimiter), " *" if spaced else ""
        escaped = rf"{re.escape(escape)}.|" if escape else ""
        end = rf"(?={divided}|[\r\n]|\Z)"
        # In a cell, two apostrophes are one, and one alone closes nothing inside a word.
        inside = rf"{escaped}''|'(?!{divided}|[\r\n]|\Z)|[^']"
        # A delimiter with an apostrophe behind it begins another cell, if it does not close one.
        begins = rf"{divided}{gap}'(?!'|{divided}|[\r\n]|\Z)"
        # Atomic groups: before Python 3.11.5, possessive repeats of groups match what they should
        # not (python/cpython#106052).
        held, bare = rf"(?>(?:(?!{begins})(?:{inside}))*)", rf"(?P<bare>[^\r\n{divided}]*)"
        self._cell = re.compile(
            rf"(?P<before>(?:^|{divided}){gap})'(?:"
            rf"(?P<closed>{held})'{end}|(?!{_WORD})(?P<open>{held})\Z|(?=(?P<seen>{held})){bare})"
        )
        self._unclosed = re.compile(
            rf"(?P<before>{divided}{gap})'(?:(?P<closed>(?>(?:'')*))'{end}|(?P<open>(?!))|{bare})"
        )
        self._rest = re.compile(rf"((?>(?:{inside})*))'{end}")
        self._inner = re.compile(rf"({escaped}'')|'")
        #: Whether the last line ended inside a cell.
        self._is_open = False

    def of(self, line: str) -> Iterator[re.Match[str]]:
        """Yield the cells of `line` that begin with an apostrophe.

        What was `seen` of a cell up to where the next one begins, and closes nothing, is not looked
        through again for each cell in it: of these, only empty ones and doubled apostrophes close.
        """
        start: int | None = 0
        while start is not None:
            found, start = self._cell.finditer(line, start), None
            for cell in found:
                yield cell
                seen = cell.end("seen")
                if cell.end() < seen < len(line):
                    yield from self._unclosed.finditer(line, cell.end(), seen)
                    start = seen
                    break

    def normalize(self, line: str) -> str:
        """Return `line` as the csv module reads it, after the lines before it."""
        if not self._is_open:
            return self._with_quoted_cells(line)
        rest = self._rest.match(line)
        if rest is None:
            return self._doubled(line)
        self._is_open = False
        # What follows begins with a delimiter, or is the end of the line.
        return self._doubled(rest[1]) + APOSTROPHE + self._with_quoted_cells(line[rest.end() :])

    def _with_quoted_cells(self, line: str) -> str:
        parts: list[str] = []
        end = 0
        for cell in self.of(line):
            parts += line[end : cell.start()], self._quoted(cell)
            end = cell.end()
        return "".join(parts) + line[end:]

    def _quoted(self, cell: re.Match[str]) -> str:
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
