"""What is said of rows for the records that they are about, counted once they go in."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from crmctl.domain.importing.findings import Finding
from crmctl.services.imports.parsed_row import ParsedRow


@dataclass
class _Noted:
    """How many rows something is said of, and the first of them."""

    example: str
    count: int = 0


class RowNotes:
    """What is said of rows; of those that are imported, it is counted when they go in."""

    def __init__(self) -> None:
        self._pending: dict[int, tuple[Finding, str]] = {}
        self._noted: dict[Finding, _Noted] = {}

    def add(self, row: ParsedRow, said: Finding, example: str) -> None:
        """Say `said` of `row`, if it is imported; `example` tells what of it."""
        self._pending[row.line] = (said, example)

    def begin(self) -> None:
        """Forget what was said of rows that did not go in, before the next batch of them."""
        self._pending.clear()

    def count(self, row: ParsedRow) -> None:
        """Count what is said of `row`, which is imported."""
        if noted := self._pending.pop(row.line, None):
            self.count_refused(*noted)

    def count_refused(self, said: Finding, example: str) -> None:
        """Count what is said of a row that is refused for it."""
        self._noted.setdefault(said, _Noted(example)).count += 1

    def findings(self) -> Iterator[Finding]:
        """Yield what was counted, each with its first row."""
        for said, noted in self._noted.items():
            yield replace(
                said,
                text=f"{said.text} ({noted.example})",
                one=f"{said.one} ({noted.example})",
                count=noted.count,
            )
