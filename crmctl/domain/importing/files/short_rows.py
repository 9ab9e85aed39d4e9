"""Rows that end before the header does: cells were left out, at their end or in between."""

from collections.abc import Iterable, Iterator

from crmctl.domain.importing.files.tables import TableRow
from crmctl.domain.importing.findings import Certainty, Finding

#: How many of them are named.
_NAMED = 3


class ShortRows:
    """Counts the rows of a file that end early."""

    def __init__(self) -> None:
        self._count = 0
        self._lines: list[int] = []
        self._shortest = 0
        self._widest = 0

    def look(self, rows: Iterable[TableRow]) -> None:
        """Look at the next `rows` of the file."""
        for row in rows:
            if row.short and not row.trouble:
                self._count += 1
                self._shortest = min(self._shortest or row.short, row.short)
                if len(self._lines) < _NAMED:
                    self._lines.append(row.line)
            if self._widest < len(row.cells):
                self._widest = max(self._widest, _filled(row.cells))

    @property
    def findings(self) -> Iterator[Finding]:
        """Yield that rows end early, unless all of them lack only what is empty in every row."""
        if self._count and self._widest > self._shortest:
            more = self._count - len(self._lines)
            named = ", ".join(map(str, self._lines)) + (f" and {more:,} more" if more else "")
            empty = "before the header does, and what is missing is taken as empty"
            yield Finding(
                certainty=Certainty.ASSUMED,
                text=f"rows end {empty}: lines {named}",
                one=f"row ends {empty}: line {named}",
                count=self._count,
                option="--strict refuses a file with such rows",
            )


def _filled(cells: tuple[str, ...]) -> int:
    """Return how many of `cells` there are up to the last one that is not empty."""
    width = len(cells)
    while width and not cells[width - 1]:
        width -= 1
    return width
