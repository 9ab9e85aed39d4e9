"""Which of several candidates a row means."""

from uuid import UUID

from crmctl.domain.importing.columns.column_mapping import ColumnMapping
from crmctl.domain.importing.files.tables import TableRow
from crmctl.services.imports.lookups.candidates import Candidate, Candidates, choose_candidate
from crmctl.services.imports.parsed_row import ParsedRow

ANN = Candidate(id=UUID(int=1), label="Ann <ann@x.com>", email="ann@x.com")
OTHER = Candidate(id=UUID(int=2), label="Ann")
GONE = Candidate(id=UUID(int=3), label="Bob", barred_because="C3 is removed")


def row() -> ParsedRow:
    """Return a row without cells."""
    return ParsedRow(TableRow(2, ()), ColumnMapping(mapped=(), unmapped=()))


def test_the_one_that_the_record_refers_to_is_meant() -> None:
    read = row()
    assert choose_candidate(read, "owner", [ANN, OTHER], OTHER.id) is OTHER
    assert choose_candidate(read, "owner", [GONE], GONE.id) is GONE
    assert choose_candidate(read, "owner", [], ANN.id) is None
    assert read.problems == []


def test_several_or_a_barred_one_refuse_the_row() -> None:
    read = row()
    choose_candidate(read, "owner", [ANN, OTHER], None)
    choose_candidate(read, "customer", [GONE], None)
    assert [problem.reason for problem in read.problems] == [
        "could be any of Ann <ann@x.com>, Ann", "C3 is removed",
    ]  # fmt: skip


def test_the_first_name_that_anyone_has_decides() -> None:
    known = Candidates(create=False)
    known.add(("name", "ann"), ANN)
    known.add(("name", "ann"), OTHER)
    known.add(("name", "ann"), ANN)
    names = [("email", "ann@y.com"), ("name", "ann")]
    assert known.first_known(names, None) == [ANN, OTHER]
    # One with another address is someone else of the same name.
    assert known.first_known(names, "ann@y.com") == [OTHER]


def test_a_new_one_is_created_once_it_is_used() -> None:
    known, new = Candidates(create=True), Candidate(id=UUID(int=4), label="New", new_values={})
    for candidate in (new, ANN, None, new):
        known.mark_used(candidate)
    assert known.pop_pending() == [new]
    assert known.pop_pending() == []
