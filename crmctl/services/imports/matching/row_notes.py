"""What is said of rows for the records that they are about, counted once they go in."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from crmctl.domain.importing.findings import Certainty, Finding, mapping_option, rows_have
from crmctl.domain.kinds import Entity
from crmctl.services.imports.parsed_row import KEYS, ParsedRow

#: What tells records apart that have the same name, by what they are known by.
_APART = {
    **dict.fromkeys(
        ((Entity.DEAL, "title"), (Entity.DEAL, "title,customer")),
        ("amount", "expected_close", "next_step", "source"),
    ),
    (Entity.CUSTOMER, "name"): ("phone", "organisation", "country"),
}
#: What people call keys.
_NAMED = {"external_id": "id", "email": "e-mail address", "title,customer": "title and customer"}


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
        if self._pending and (noted := self._pending.pop(row.line, None)):
            self.count_refused(*noted)

    def count_refused(self, said: Finding, example: str) -> None:
        """Count what is said of a row that is refused for it."""
        self._noted.setdefault(said, _Noted(example)).count += 1

    def refuse_repeated(self, row: ParsedRow, entity: Entity, key: str, line: int | None) -> None:
        """Refuse `row`, which has the same `key` as the row on `line`, and say what helps."""
        row.refuse(key, f"line {line} is about the same {entity}")
        owned = entity == Entity.DEAL and "customer" in row.related
        named = "title,customer" if key == "title" and owned else key
        said = _repeated(named, _way_out(row, entity, named))
        self.count_refused(said, f"lines {line} and {row.line}")

    def findings(self) -> Iterator[Finding]:
        """Yield what was counted, each with its first row."""
        for said, noted in self._noted.items():
            yield replace(
                said,
                text=f"{said.text} ({noted.example})",
                one=f"{said.one} ({noted.example})",
                count=noted.count,
            )


def _way_out(row: ParsedRow, entity: Entity, key: str) -> str:
    """Return the option that takes `row` for another than an earlier one with the same `key`."""
    if key == "external_id":
        names = (row.columns.of(each) for each in KEYS if each in row.columns.fields)
        column = next(names, "")
        return f"{mapping_option('--map', column, '')} if it is no id of theirs" if column else ""
    more = next((each for each in _APART.get((entity, key), ()) if each in row.values), "")
    return f"--key {key},{more} if they are others" if more else ""


@cache
def _repeated(key: str, option: str) -> Finding:
    """Return what is said of rows that have the same `key` as earlier ones."""
    said = f"the {_NAMED.get(key, key)} of an earlier row, which alone goes in"
    return rows_have(said, Certainty.UNKNOWN, option)
