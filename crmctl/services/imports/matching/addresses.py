"""Rows whose external ids are new and whose address is known: whom they are about.

An id that nobody has yet does not outdo an exact address. Whoever has the address is meant, unless
the system that the id is of calls them by another.
"""

from collections.abc import Iterable, Sequence
from typing import Generic
from uuid import UUID

from crmctl.domain.contacts import FREE_MAIL, host_of
from crmctl.domain.external_ids import split_source
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.kinds import Entity
from crmctl.models.session import CrmSession
from crmctl.services.imports.matching.match_keys import MatchKey, comparable
from crmctl.services.imports.matching.repeated_rows import RepeatedRecords
from crmctl.services.imports.matching.row_notes import RowNotes
from crmctl.services.imports.matching.stored_rows import Row
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.records import external_ids, types


def _said(certainty: Certainty, text: str, option: str = "") -> Finding:
    return Finding(
        certainty=certainty, text=f"rows have {text}", one=f"row has {text}", option=option
    )


#: What says that an address alone tells customers apart.
_BY_EMAIL = "--key email"
_GIVEN = _said(
    Certainty.DECIDED, "a new id and the address of a customer that is there, who is given the id"
)
_OTHER = _said(
    Certainty.ASSUMED,
    "the address of a customer that is there, and another id of its system: they are others",
    _BY_EMAIL,
)
_SHARED = _said(
    Certainty.ASSUMED, "the address of an earlier row, and another id: they are others", _BY_EMAIL
)


class KnownAddresses(Generic[Row]):
    """The customers that have addresses of rows whose external ids are new."""

    def __init__(self, session: CrmSession, notes: RowNotes) -> None:
        self._session = session
        self._notes = notes
        self._systems: dict[UUID, frozenset[str]] = {}
        self._met = RepeatedRecords()

    def load(self, records: Iterable[Row]) -> None:
        """Load which systems have an id for each of `records`."""
        ids = sorted({record.id for record in records})
        self._systems = external_ids.systems(self._session, Entity.CUSTOMER, ids)

    def choose(self, row: ParsedRow, key: str, records: Sequence[Row]) -> Row | None:
        """Return the one of `records` that `row` is about, which all have its address.

        It is new where its system calls them by other ids, or none stands out.
        """
        systems = {split_source(source)[0] for source, _ in row.values["external_ids"]}
        found = [
            record
            for record in records
            if systems.isdisjoint(self._systems.get(record.id, ()))
            and not self._met.first_line(record.number)
            and (key == "email" or _is_same_company(row, record))
        ]
        if len(found) > 1:
            found = [record for record in found if _has_name(row, record)]
        if len(found) == 1:
            self._met.add(found[0].number, row.line)
            given = types.CUSTOMER.ref(found[0].number)
            self._notes.add(row, _GIVEN, f"line {row.line}, {given}")
            return found[0]
        if key == "email":
            first = f"{types.CUSTOMER.ref(records[0].number)} {getattr(records[0], 'name', '')}"
            self._notes.add(row, _OTHER, f"line {row.line}, {first}")
        return None

    def note_shared(self, row: ParsedRow, line: int) -> None:
        """Say of `row`, which is about someone new, that the row on `line` has its address."""
        self._notes.add(row, _SHARED, f"{row.values['email']} on lines {line} and {row.line}")


def address_keys(row: ParsedRow) -> list[MatchKey]:
    """Return the addresses by which `row` may be about someone who is there, the surest first.

    A website is that of a company, of which a row with an e-mail address may be a person.
    """
    if email := row.values.get("email"):
        return [("email", comparable(email))]
    host = host_of(row.values.get("website") or "")
    return [("domain", host)] if host and host not in FREE_MAIL else []


def _is_same_company(row: ParsedRow, record: Row) -> bool:
    """Return whether `row` and `record`, who have a domain in common, are one company."""
    website = getattr(record, "website", None) or ""
    if host_of(website) != host_of(row.values["website"]):
        return False
    company = any(split_source(source)[1] == "company" for source, _ in row.values["external_ids"])
    organisation = getattr(record, "organisation", None)
    alone = organisation is None or comparable(organisation) == comparable(
        getattr(record, "name", None)
    )
    return _has_name(row, record) or (company and alone)


def _has_name(row: ParsedRow, record: Row) -> bool:
    name = row.values.get("name")
    return bool(name) and comparable(name) == comparable(getattr(record, "name", None))
