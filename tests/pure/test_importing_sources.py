"""Files become tables, and what is no table is refused in one line."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmctl.errors import UsageError
from crmctl.importing.sources import read_table
from crmctl.importing.tables import Table
from crmctl.importing.values import original


def read(content: str | bytes, delimiter: str | None = None) -> Table:
    raw = content.encode() if isinstance(content, str) else content
    with read_table(io.BytesIO(raw), "deals.csv", delimiter) as table:
        return Table(table.name, table.header, iter(list(table.rows)))


def cells(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found_in_the_header(delimiter: str) -> None:
    table = read(f"title{delimiter}amount\nA, B; C{delimiter}12\n")
    assert table.header == ("title", "amount")
    if delimiter in "\t|":
        assert cells(table) == [("A, B; C", "12")]


def test_given_delimiter_is_taken() -> None:
    assert read("a:b\n1:2\n", ":").header == ("a", "b")


def test_delimiter_is_one_character() -> None:
    with pytest.raises(UsageError, match="one character"):
        read("a,b\n", "::")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_byte_order_mark_and_line_ends(end: str) -> None:
    table = read(f"\ufefftitle,amount{end}A,1{end}B,2{end}")
    assert table.header == ("title", "amount")
    assert cells(table) == [("A", "1"), ("B", "2")]


def test_lines_are_those_on_which_rows_begin() -> None:
    table = read('title,note\nA,"one\ntwo\r\nthree"\n\nB,x\n,\nC,y\n')
    assert [(row.line, row.cells) for row in table.rows] == [
        (2, ("A", "one\ntwo\r\nthree")),
        (6, ("B", "x")),
        (8, ("C", "y")),
    ]


def test_short_rows_are_filled_and_long_ones_are_in_trouble() -> None:
    rows = list(read("a,b,c\n1\n1,2,3,,\n1,2,3,4\n").rows)
    assert [row.cells for row in rows[:2]] == [("1", "", ""), ("1", "2", "3")]
    assert rows[2].trouble == "it has 4 cells, and the header 3"
    assert rows[2].cells == ("1", "2", "3", "4")


def test_quote_that_is_never_closed() -> None:
    rows = list(read('a,b\n1,2\n3,"4\n5,6\n').rows)
    assert [row.trouble for row in rows] == ["", "a quote that is opened here is never closed"]
    assert rows[1].line == 3


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"\n\n,,\n", "is empty"),
        (b"PK\x03\x04rest", "zip file or a spreadsheet"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"%PDF-1.7", "PDF"),
        ("a,b".encode("utf-16"), "UTF-16"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b'\xef\xbb\xbf[{"a": 1}]', "is not JSON lines: line 1: it is no JSON object"),
        (b'{"a": 1\n}', "is not JSON lines: line 1: it is not JSON"),
        (b'{"a": "\xff"}', "not UTF-8 text"),
        (b"a,b\n1,\xff\n", "not UTF-8 text"),
        (b"a,b\n1,2\n3,\x00\n", "line 3 holds a NUL"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(content: bytes, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        list(read(content).rows)
    assert told in str(caught.value)
    assert str(caught.value).startswith("deals.csv")
    assert "\n" not in str(caught.value)


def test_csv_spectrum(shared_data: Path) -> None:
    folder = shared_data / "csv-spectrum"
    files = sorted(folder.rglob("*.csv"))
    assert len(files) == 12
    for file in files:
        with file.open("rb") as stream, read_table(stream, file.name) as table:
            found = [dict(zip(table.header, row.cells, strict=True)) for row in table.rows]
        expected = json.loads(next(folder.rglob(f"{file.stem}.json")).read_text("utf-8"))
        expected = expected if isinstance(expected, list) else [expected]
        if file.stem == "location_coordinates":
            # The expected file gives another phone number than the table does.
            expected[0]["Contact Phone Number"] = "2095257564"
        # What is empty from end to end is a blank row to a spreadsheet.
        assert found == [row for row in expected if any(row.values())], file.name


# Cells that csv.reader itself gives back: no NUL, and nothing that UTF-8 cannot say.
CELL = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.tuples(CELL, CELL), max_size=8), st.sampled_from([",", ";", "\t", "|"]))
def test_what_csv_writes_comes_back(rows: list[tuple[str, str]], delimiter: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([("one", "two"), *rows])
    assert cells(read(text.getvalue())) == [row for row in rows if any(c.strip() for c in row)]


def test_json_lines_are_a_table() -> None:
    table = read(
        '\ufeff{"title": "A", "amount": 12.50, "custom": {"size": 3, "vip": true}}\r\n'
        "\n"
        '{"title": "=B", "tags": ["x", "y"], "amount": null}\n'
    )
    assert table.header == ("title", "amount", "custom.size", "custom.vip", "tags")
    assert [(row.line, row.cells) for row in table.rows] == [
        (1, ("A", "12.50", "3", "true", "")),
        (3, ("=B", "", "", "", '["x", "y"]')),
    ]


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        ("[1]", "it is no JSON object"),
        ("title,A", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        (r'{"title": "a\u0000b"}', "it holds a NUL character"),
        (r'{"title": "a\ud800b"}', "it holds half of a surrogate pair"),
    ],
)
def test_broken_line_of_json_is_a_row_in_trouble(line: str, trouble: str) -> None:
    rows = list(read(f'{{"title": "A"}}\n{line}\n{{"title": "B"}}\n').rows)
    assert [(row.line, row.trouble) for row in rows] == [(1, ""), (2, trouble), (3, "")]


@given(st.lists(st.dictionaries(st.sampled_from("abc"), CELL, min_size=1), min_size=1, max_size=8))
def test_what_json_writes_comes_back(records: list[dict[str, str]]) -> None:
    table = read("".join(json.dumps(record) + "\n" for record in records))
    found = [
        {name: original(cell) for name, cell in zip(table.header, row.cells, strict=True) if cell}
        for row in table.rows
    ]
    held = [{name: cell for name, cell in record.items() if cell} for record in records]
    assert found == [record for record in held if record]
