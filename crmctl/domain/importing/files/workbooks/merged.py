"""Cells of a sheet that are merged into one, whose value stands in the first of them alone."""

from collections import deque
from collections.abc import Sequence

from crmctl.domain.importing.files.workbooks.cells import Area


class MergedAreas:
    """Puts the values of merged cells into all of them, line by line from the first."""

    def __init__(self, areas: Sequence[Area]) -> None:
        self._coming = deque(sorted(areas))
        self._open: list[tuple[Area, tuple[str, ...]]] = []
        self._taken: set[int] = set()

    def fill(self, line: int, held: Sequence[dict[int, str]], *, sideways: bool) -> None:
        """Fill the cells of a `line` that are merged and empty, to the side only if told.

        `held` are texts by their column, each filled from its own. Raises ValueError for areas
        that overlap, which no spreadsheet writes.
        """
        self._close(line)
        while self._coming and self._coming[0][0] <= line:
            area = self._coming.popleft()
            if area[0] == line:
                self._begin(area, held)
        for (_, _, left, right), texts in self._open:
            for cells, text in zip(held, texts, strict=True):
                if text:
                    for column in range(left, (right if sideways else left) + 1):
                        cells.setdefault(column, text)

    def _close(self, line: int) -> None:
        if any(area[1] < line for area, _ in self._open):
            self._open = [each for each in self._open if each[0][1] >= line]
            self._taken = {column for area, _ in self._open for column in _columns(area)}

    def _begin(self, area: Area, held: Sequence[dict[int, str]]) -> None:
        if not self._taken.isdisjoint(_columns(area)):
            raise ValueError("has merged areas that overlap")
        self._taken.update(_columns(area))
        self._open.append((area, tuple([cells.get(area[2], "") for cells in held])))


def _columns(area: Area) -> range:
    return range(area[2], area[3] + 1)
