"""How the cells of a file are divided and quoted is found, and what was written comes back."""

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmctl.domain.importing.files.sources import read_table
from crmctl.errors import UsageError
from tests.domain.importing.tables import CELL, cells, read


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


def test_quotes_and_escapes_are_found() -> None:
    assert cells(read("name,note\n'A, Inc',5\n'B',6\n")) == [("A, Inc", "5"), ("B", "6")]
    escaped = 'name,note\n"A \\"x\\" b",5\n"B",6\n'
    assert cells(read(escaped)) == [('A "x" b', "5"), ("B", "6")]


def test_a_usual_file_needs_no_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "clevercsv", None)
    for content in ("a;b\n1,5;it's\n", 'a,b\r\n"x, y",1\r\n', "a\n1\n", "a\tb\n1\t2\n"):
        assert len(cells(read(content))) == 1


def test_a_quoted_word_does_not_make_apostrophes_quotes() -> None:
    plain = "name,mail,note\n" + "A,a@x.example,'urgent'\n" + "B,b@x.example,plain\n" * 300
    table = read(plain + '"C","c@x.example","say ""hi"""\n')
    assert [row[2] for row in (cells(table)[0], cells(table)[-1])] == ["'urgent'", 'say "hi"']
    assert cells(read("'name','note'\n'it''s','a, b'\n")) == [("it's", "a, b")]


def test_apostrophes_around_a_quoted_cell_stay() -> None:
    assert cells(read('"name","note"\n"\'a\'","b, c"\n')) == [("'a'", "b, c")]


@pytest.mark.parametrize("delimiter", [";", None])
def test_quotes_and_escapes_are_found_beside_a_given_delimiter(delimiter: str | None) -> None:
    hint = "" if delimiter else "sep=;\n"
    escaped = read(f'{hint}name;note\n"A \\"x\\" b";5\n', delimiter)
    assert cells(escaped) == [('A "x" b', "5")]
    assert cells(read(f"{hint}'name';'note'\n'a;b';'5'\n", delimiter)) == [("a;b", "5")]


def test_backslash_before_what_needs_none_is_text() -> None:
    content = 'name,note\n"A \\"x\\"",C:\\temp\n"\\N","a\\\\b"\n'
    assert cells(read(content)) == [('A "x"', "C:\\temp"), ("\\N", "a\\b")]


def test_spaces_before_a_quote_belong_to_no_cell() -> None:
    content = 'Name, Mail, Phone\n"Doe, J", "j@x.example", "1"\nB, b@x.example, 2\n'
    table = read(content)
    assert table.header == ("Name", "Mail", "Phone")
    assert cells(table) == [("Doe, J", "j@x.example", "1"), ("B", "b@x.example", "2")]


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_rejects_are_divided_as_their_header_is(
    monkeypatch: pytest.MonkeyPatch, delimiter: str
) -> None:
    monkeypatch.setitem(sys.modules, "clevercsv", None)
    rows = [("note", "line", "column", "reason"), ("'a;b,c'", "2", "", "it's"), ("x",) * 5]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    assert cells(read(text.getvalue())) == rows[1:]


def test_csv_spectrum(shared_data: Path) -> None:
    folder = shared_data / "csv-spectrum"
    files = sorted(folder.rglob("*.csv"))
    assert len(files) == 12
    for file in files:
        with file.open("rb") as stream, read_table(stream, file.name) as table:
            found = [dict(zip(table.header, row.cells, strict=True)) for row in table.rows()]
        expected = json.loads(next(folder.rglob(f"{file.stem}.json")).read_text("utf-8"))
        expected = expected if isinstance(expected, list) else [expected]
        if file.stem == "location_coordinates":
            # The expected file gives another phone number than the table does.
            expected[0]["Contact Phone Number"] = "2095257564"
        # What is empty from end to end is a blank row to a spreadsheet.
        assert found == [row for row in expected if any(row.values())], file.name


ODD = st.text(st.sampled_from("ab '\"\\,;\t|\n\r=é"), max_size=6)
ROWS = st.lists(st.tuples(CELL | ODD, CELL | ODD, st.integers().map(str)), max_size=5)
ENDS = ["\n", "\r\n", "\r"]
# Between quotes anything can be; without them csv.writer tells only its own line ends.
ALL_QUOTED = [
    {"quoting": quoting, "lineterminator": end}
    for quoting in (csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)
    for end in ENDS
]
ANY_QUOTED = [*ALL_QUOTED, {"quoting": csv.QUOTE_MINIMAL, "lineterminator": "\r\n"}]
COMMON = st.sampled_from([",", ";", "\t", "|"])


def written(rows: list[tuple[str, ...]], **dialect: Any) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, **dialect).writerows([("Deal name", "Remark", "Number"), *rows])
    return text.getvalue().encode()


def comes_back(rows: list[tuple[str, ...]], delimiter: str, **dialect: Any) -> None:
    table = read(written(rows, delimiter=delimiter, **dialect))
    assert table.header == ("Deal name", "Remark", "Number")
    assert (table.form.delimiter, cells(table)) == (delimiter, rows)


@given(ROWS, COMMON, st.sampled_from(ANY_QUOTED))
def test_what_csv_writes_is_found_and_comes_back(
    rows: list[tuple[str, ...]], delimiter: str, dialect: dict[str, Any]
) -> None:
    comes_back(rows, delimiter, **dialect)


# That a backslash escapes is told by a quote that is escaped: C:\\dir alone may be meant as it is.
@given(ROWS, COMMON, st.sampled_from(ANY_QUOTED))
def test_what_csv_writes_with_escapes_is_found_and_comes_back(
    rows: list[tuple[str, ...]], delimiter: str, dialect: dict[str, Any]
) -> None:
    rows = [('the "big" one', "", "1"), *rows]
    comes_back(rows, delimiter, **dialect, escapechar="\\", doublequote=False)


# A line end would have to be escaped as well, and no reader takes such an escape off.
UNQUOTED = st.text(st.sampled_from("ab '\"\\,;\t|=é"), max_size=6)


@given(
    st.lists(st.tuples(UNQUOTED, UNQUOTED, st.integers().map(str)), max_size=5),
    COMMON,
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_csv_writes_with_escapes_alone_is_found_and_comes_back(
    rows: list[tuple[str, ...]], delimiter: str, end: str
) -> None:
    rows = [('the "big" one', "", "1"), *rows]
    bare: dict[str, Any] = {"quoting": csv.QUOTE_NONE, "escapechar": "\\"}
    comes_back(rows, delimiter, **bare, lineterminator=end)


# That apostrophes are quotes is told by the header: among words they are mostly letters.
@given(ROWS, COMMON, st.sampled_from(ALL_QUOTED))
def test_what_csv_writes_between_apostrophes_is_found_and_comes_back(
    rows: list[tuple[str, ...]], delimiter: str, dialect: dict[str, Any]
) -> None:
    comes_back(rows, delimiter, **dialect, quotechar="'")


@given(
    ROWS,
    st.sampled_from([",", ";", "\t", "|", ":", "^"]),
    st.sampled_from(ANY_QUOTED),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"]),
)
def test_what_csv_writes_comes_back(
    rows: list[tuple[str, ...]], delimiter: str, dialect: dict[str, Any], encoding: str
) -> None:
    raw = written(rows, delimiter=delimiter, **dialect)
    table = read(raw.decode().encode(encoding), delimiter, encoding=encoding)
    assert table.header == ("Deal name", "Remark", "Number")
    assert cells(table) == rows


# What people put into cells: names, amounts, dates, remarks with commas, quotes and line ends.
PLAIN = st.one_of(
    st.text("abcdefghijklmnopqrstuvwxyzäöéßñ ABC", min_size=1, max_size=12).map(str.strip),
    st.decimals(0, 99999, places=2).map(lambda n: f"{n:,.2f}"),
    st.dates().map(str),
    st.sampled_from(["Acme, Inc", 'the "big" one', "two\nlines", "a; b", "O'Neil", "50%"]),
)


@given(
    st.lists(st.tuples(st.integers(1, 999).map(str), PLAIN, PLAIN), min_size=3, max_size=20),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_dialect_of_plausible_tables_is_found(
    rows: list[tuple[str, str, str]], delimiter: str, quoting: Any, end: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerows([("Number", "Deal name", "Remark"), *rows])
    table = read(text.getvalue())
    assert table.form.delimiter == delimiter
    assert cells(table) == rows
