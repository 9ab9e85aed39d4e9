"""Rows with the id of a record that is something else: the id may be another system's.

Whoever imports two files without saying which system each is of has one id mean two records. A row
of another name and another customer (another name and another e-mail address) is refused where it
agrees with the record in nothing else. A name that changes alone is only a new name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from crmctl.domain.contacts import domain_of
from crmctl.domain.importing.cells.values import When
from crmctl.domain.importing.findings import Certainty, Finding, rows_have
from crmctl.domain.kinds import Entity
from crmctl.services.imports.matching.match_keys import comparable
from crmctl.services.imports.matching.row_notes import RowNotes
from crmctl.services.imports.matching.stored_rows import RecordRow
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.records import types

#: What two records of one kind hardly have in common by chance, by the fields that say it.
_TELLING = {
    Entity.CUSTOMER: ("phone", "organisation", "created_at"),
    Entity.DEAL: ("amount", "expected_close", "closed_at", "next_step", "created_at"),
    Entity.ACTIVITY: ("at", "body", "done_at", "created_at"),
}
#: Whom and what a record is about.
_RELATED = {Entity.CUSTOMER: (), Entity.DEAL: ("customer",), Entity.ACTIVITY: ("deal", "customer")}
_BESIDES = {
    Entity.CUSTOMER: "e-mail address",
    Entity.DEAL: "customer",
    Entity.ACTIVITY: "deal or customer",
}
#: Words that are shorter tell nothing.
_SHORTEST = 3


@dataclass(frozen=True, kw_only=True)
class IdCheck:
    """Looks whether rows are about the records of `entity` that have their ids.

    `name` is the field with what these are called. With `typed`, a person said that ids decide.
    """

    entity: Entity
    name: str
    typed: bool
    notes: RowNotes

    def check(self, row: ParsedRow, record: RecordRow, *, same_ids: int) -> None:
        """Refuse `row` if it says nothing of what `record` is; note where that is not sure.

        `same_ids` is how many of its ids the record has.
        """
        said, called = row.values.get(self.name), getattr(record, self.name)
        if not said or said == called or comparable(said) == comparable(called):
            return
        besides = self._is_of_same(row, record)
        alike = same_ids > 1 or self._is_alike(row, record)
        if besides or (besides is None and alike):
            return
        there = f"{types.of_entity(self.entity).ref(record.number)} {called}"
        example = f"line {row.line}, {there}"
        if besides is None or alike or self.typed:
            self.notes.add(row, self._noted(both=besides is False), example)
            return
        self.notes.count_refused(self._refused, example)
        other = f"which has another {self.name} and {_BESIDES[self.entity]}"
        row.refuse("external_id", f"is the id of {there}, {other} ({_WAYS_OUT})")

    def _noted(self, *, both: bool) -> Finding:
        """Return what is said of rows whose record gets another name and, with `both`, more."""
        other = f"another {self.name}" + (f" and {_BESIDES[self.entity]}" if both else "")
        said = f"the id of {_A[self.entity]} that gets {other}"
        if self.typed:
            return rows_have(said, Certainty.DECIDED)
        return rows_have(said, Certainty.ASSUMED, _WAYS_OUT)

    @property
    def _refused(self) -> Finding:
        said = f"the id of {_A[self.entity]} of another {self.name} and {_BESIDES[self.entity]}"
        return rows_have(said, Certainty.UNKNOWN, _WAYS_OUT)

    def _is_of_same(self, row: ParsedRow, record: RecordRow) -> bool | None:
        """Return whether both say that they are of the same people; None where one does not say."""
        if self.entity == Entity.CUSTOMER:
            pair = (row.values.get("email"), getattr(record, "email", None))
            return comparable(pair[0]) == comparable(pair[1]) if all(pair) else None
        found = [*self._related(row, record)]
        return any(found) if found else None

    def _related(self, row: ParsedRow, record: RecordRow) -> Iterator[bool]:
        """Yield for what both refer to whether it is the same."""
        unknown = {problem.unknown for problem in row.problems}
        for name in _RELATED[self.entity]:
            present = getattr(record, f"{name}_id")
            if present and (name in row.related or name in unknown):
                yield present in row.related.get(name, ())

    def _is_alike(self, row: ParsedRow, record: RecordRow) -> bool:
        """Return whether anything else says that `row` is about `record`."""
        if _words(row.values[self.name]) & _words(getattr(record, self.name)):
            return True
        told = [name for name in _TELLING[self.entity] if row.values.get(name)]
        if any(_is_same(row.values[name], getattr(record, name)) for name in told):
            return True
        close, kept = row.values.get("close_date"), ("expected_close", "closed_on", "closed_at")
        if close and any(_is_same(close, getattr(record, name)) for name in kept):
            return True
        host = domain_of(row.values.get("website"), row.values.get("email"))
        return bool(host) and host == domain_of(
            getattr(record, "website", None), getattr(record, "email", None)
        )


_A = {Entity.CUSTOMER: "a customer", Entity.DEAL: "a deal", Entity.ACTIVITY: "an activity"}

_WAYS_OUT = "--source NAME if the ids are of another system, --key external_id if they are not"


def _words(text: str) -> set[str]:
    """Return the words of a name that tell something, folded."""
    return {word for word in str(comparable(text)).split() if len(word) >= _SHORTEST}


def _is_same(said: object, present: object) -> bool:
    """Return whether a value of a row is `present`, which of a time may be the day alone."""
    if isinstance(said, When):
        if isinstance(present, datetime):
            return said.at == present
        return said.day == present if isinstance(present, date) else False
    return comparable(said) == comparable(present)
