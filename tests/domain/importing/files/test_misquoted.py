"""Cells in which quotes are out of place are kept as they are written."""

import time

import pytest

from crmctl.domain.importing.files.misquoted import MisquotedRecord
from tests.domain.importing.tables import cells, read

ROWS = [
    ('"Pier" north', '"Pier" north'),
    ('12" pipe', '12" pipe'),
    ('"a"b', '"a"b'),
    ('"a" "b"', '"a" "b"'),
    ('"6" pipe"', '"6" pipe"'),
    ('"Dock, big" one', '"Dock, big" one'),
    ('"He said ""no"" twice" x', '"He said ""no"" twice" x'),
    ('"He said ""no"""', 'He said "no"'),
    ('"plain" ', "plain"),
    ('"two\nlines" more', '"two\nlines" more'),
    ('""', ""),
    ('""x', '""x'),
]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_only_begins_with_a_quote_keeps_it(end: str) -> None:
    lines = ["title,amount,note", *(f'{text},{n},"x, y"' for n, (text, _) in enumerate(ROWS))]
    found = cells(read(end.join([*lines, ""])))
    assert found == [(cell, str(n), "x, y") for n, (_, cell) in enumerate(ROWS)]


def test_spaces_behind_a_delimiter_are_of_no_cell() -> None:
    record = MisquotedRecord(['"Pier" north, 2, "e, f", "e, f" g\n'], iter([]), ",", '"')
    assert record.cells(99, spaced=True) == ['"Pier" north', "2", "e, f", '"e, f" g']


def test_a_quote_that_is_never_closed_is_told() -> None:
    table = read('title,amount\n"a"b,1\n"a"b,"2\n')
    assert [bool(row.trouble) for row in table.rows()] == [False, True]


def test_the_time_grows_with_the_lines_alone() -> None:
    content = 'a,b\n"x"y,"' + '""\n' * 100_000 + '",\n'
    began = time.process_time()
    read(content)
    assert time.process_time() - began < 4
