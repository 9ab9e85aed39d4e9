"""Records whose quotes are out of place: a cell that only begins with one is taken as written."""

import csv
from collections.abc import Iterator, Sequence


class MisquotedRecord:
    """A record as its cells stand in the file, where some begin with a quote and go on behind it.

    A cell between quotes is read as ever, and one such as `"Pier" north` keeps its quotes. `lines`
    are asked for more where one is not closed.
    """

    def __init__(
        self, beginning: Sequence[str], lines: Iterator[str], delimiter: str, quote: str
    ) -> None:
        self._text = "".join(beginning)
        self._lines = lines
        self._delimiter = delimiter
        self._quote = quote

    def cells(self, longest: int, *, spaced: bool) -> list[str]:
        """Return the cells; raises csv.Error for one longer than `longest`.

        With `spaced`, spaces behind a delimiter belong to no cell.
        """
        found: list[str] = []
        at = 0
        while True:
            while spaced and self._text[at : at + 1] == " ":
                at += 1
            cell, at = self._cell(at)
            if len(cell) > longest:
                raise csv.Error("a cell is too long")
            found.append(cell)
            if self._text[at : at + 1] != self._delimiter:
                return found
            at += 1

    def _cell(self, start: int) -> tuple[str, int]:
        """Return the cell that begins at `start`, and where it ends."""
        if self._text[start : start + 1] != self._quote:
            end = self._end(start)
            return self._text[start:end], end
        closing = self._closing(start + 1)
        end = self._end(closing + 1)
        if self._text[closing + 1 : end].strip(" "):
            return self._text[start:end], end
        inside = self._text[start + 1 : closing]
        return inside.replace(2 * self._quote, self._quote), end

    def _closing(self, at: int) -> int:
        """Return where the quote is that closes a cell; two of them are one that does not."""
        # A text that nothing else refers to grows in its place.
        text, self._text = self._text, ""
        while True:
            found = text.find(self._quote, at)
            if found < 0:
                at = len(text)
                text += self._next()
            elif text[found + 1 : found + 2] == self._quote:
                at = found + 2
            else:
                self._text = text
                return found

    def _next(self) -> str:
        line = next(self._lines, None)
        if line is None:
            raise csv.Error("unexpected end of data")
        return line

    def _end(self, at: int) -> int:
        """Return where what is not between quotes ends."""
        ends = (self._text.find(each, at) for each in (self._delimiter, "\r", "\n"))
        return min((each for each in ends if each >= 0), default=len(self._text))
