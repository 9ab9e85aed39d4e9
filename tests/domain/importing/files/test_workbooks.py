"""Workbooks: errors, formulas, merged cells, what a cell shows, and which sheet is read."""

import io
import zipfile

import pytest

from crmctl.domain.importing.files.workbooks.number_formats import number_format, shown
from crmctl.domain.importing.findings import Certainty
from crmctl.errors import UsageError
from tests.domain.importing.files.workbooks import error, formula, number, sheet, workbook
from tests.domain.importing.tables import cells, read

HEAD = ["Customer", "Deal Name"]
Rows = list[list[str]]


@pytest.mark.parametrize("value", ["#DIV/0!", "#N/A", "#REF!"])
@pytest.mark.parametrize("made", [error, lambda value: formula("1/0", value, kind="e")])
def test_error_is_no_empty_cell(value: str, made: object) -> None:
    assert callable(made)
    table = read(workbook(Deals=sheet([HEAD, ["Fell", made(value)]])))
    assert cells(table) == [("Fell", value)]


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (formula("B2*C2", None), True),
        (formula("B2*C2", "7"), False),
        (formula('IF(A2="","")', "", kind="str"), False),
        (number("1234567890123456000"), True),
        (number("1.23456789012346E+15"), True),
        (number("1234567890123456"), False),
        (number("123456789012345"), False),
        (number("NaN"), True),
        (number("1e999"), True),
        (number("seven"), True),
    ],
)
def test_cell_without_its_value_is_faulty(cell: str, fault: bool) -> None:
    table = read(workbook(Deals=sheet([HEAD, ["Fell", cell]])))
    assert [bool(row.faults) for row in table.rows()] == [fault]


@pytest.mark.parametrize(
    ("area", "rows", "expected"),
    [
        ("A2:A3", [["Fell", "Pier"], ["", "Lock"]], [("Fell", "Pier"), ("Fell", "Lock")]),
        ("A3:A4", [["", "Pier"], ["Birk", "Lock"], ["", "Weir"]],
         [("", "Pier"), ("Birk", "Lock"), ("Birk", "Weir")]),
        ("A2:B2", [["Fell", ""], ["Birk", "Weir"]], [("Fell", "Fell"), ("Birk", "Weir")]),
        ("A2:B3", [["Fell", ""], ["", ""], ["a", "b"]], [("Fell", "Fell"), ("a", "b")]),
    ],
)  # fmt: skip
def test_value_of_a_merged_cell_is_that_of_all_of_it(
    area: str, rows: Rows, expected: list[tuple[str, ...]]
) -> None:
    table = read(workbook(Deals=sheet([HEAD, *rows], [area])))
    assert (table.header, cells(table)) == (tuple(HEAD), expected)
    assert [finding.certainty for finding in table.form.findings] == [Certainty.DECIDED]


def test_number_of_a_merged_cell_is_named_first() -> None:
    rows = [["Fell", number("100")], ["Birk", ""], ["Weir", ""]]
    findings = read(workbook(Deals=sheet([HEAD, *rows], ["B2:B4"]))).form.findings
    assert [(each.urgent, each.count) for each in findings] == [(False, 1), (True, 3)]
    assert findings[1].text.startswith("each of 3 rows has the number 100 of a merged cell")


def test_merged_areas_that_overlap_are_refused() -> None:
    book = workbook(Deals=sheet([HEAD, ["a", "b"]], ["A2:XFD1048576"] * 5000))
    with pytest.raises(UsageError, match="merged areas that overlap"):
        read(book).rows()


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("General", "333.3333333333333", "333.333333333333"),
        ("General", "0.30000000000000004", "0.3"),
        ("General", "1.0000000000000001E-5", "0.00001"),
        ("0.00", "333.3333333333333", "333.33"),
        ("#,##0.00 [$€-407]", "66.66666666666667", "66.67"),
        ('_-* #,##0.00\\ "DM"_-', "2.675", "2.68"),
        ("#,##0", "1999.9999999999998", "2000"),
        ("#,##0", "333.3333333333333", "333"),
        ("#,##0", "1234.56", "1234.56"),
        ("0.000", "0.12345", "0.123"),
        ("0%", "0.12345", "0.12345"),
        ('0.0,,"M"', "1234567.891", "1234567.891"),
        ("[Red]0.00;-0.00", "-1.005", "-1.01"),
        ("yyyy-mm-dd", "45292", "2024-01-01"),
        ("dd.mm.yyyy hh:mm", "45292.5", "2024-01-01 12:00:00"),
        ("mmm", "45292", "2024-01-01"),
        ("h:mm", "0.25", "06:00:00"),
        ("[h]:mm", "1.5", "1 day, 12:00:00"),
        ('"day" 0', "5", "5"),
        ("yyyy", "1", "1900-01-01"),
        ("yyyy", "61", "1900-03-01"),
        ("yyyy", "-5", "-5"),
        ("00000", "7", "00007"),
        ("00000", "1234567", "1234567"),
        ("00", "-7", "-7"),
        ("0", "7", "7"),
    ],
)
def test_number_is_what_its_cell_shows(code: str, value: str, expected: str) -> None:
    assert shown(value, number_format(200, code), since_1904=False) == expected


@pytest.mark.parametrize(
    ("identity", "value", "expected"),
    [(14, "45292", "2024-01-01"), (4, "0.3333333", "0.33"), (10, "0.3333333", "0.3333333"),
     (49, "12", "12"), (164, "12.5", "12.5")],
)  # fmt: skip
def test_formats_are_known_by_their_number(identity: int, value: str, expected: str) -> None:
    assert shown(value, number_format(identity, None), since_1904=False) == expected


def test_days_may_be_counted_from_1904() -> None:
    assert shown("43830", number_format(14, None), since_1904=True) == "2024-01-01"


def test_other_sheets_are_named_where_none_was_asked_for() -> None:
    book = workbook(Read_me=sheet([["See the next sheet"]]), Pipeline=sheet([HEAD, ["a", "b"]]))
    [finding] = read(book).form.findings
    told = (finding.certainty, finding.text, finding.option)
    assert told == (
        Certainty.ASSUMED, "read sheet Read me; there is also Pipeline", "--sheet Pipeline",
    )  # fmt: skip
    chosen = read(book, sheet="Pipeline")
    assert (chosen.form.findings, cells(chosen)) == ((), [("a", "b")])


def test_hidden_sheet_is_not_the_first() -> None:
    book = workbook(Lists=sheet([["x", "y"], ["1", "2"]]), Pipeline=sheet([HEAD, ["a", "b"]]))
    hidden = _changed(book, "xl/workbook.xml", b'<sheet name="Lists"',
                      b'<sheet state="hidden" name="Lists"')  # fmt: skip
    table = read(hidden)
    assert table.form.kind == "Pipeline"
    assert "there is also Lists (hidden)" in table.form.findings[0].text


def _changed(book: bytes, part: str, old: bytes, new: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as read_from, zipfile.ZipFile(packed, "w") as made:
        for name in read_from.namelist():
            content = read_from.read(name)
            made.writestr(name, content.replace(old, new) if name == part else content)
    return packed.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("far", ["XFD1048576", "A1048576", "XFD2"])
def test_cell_in_the_far_corner_is_a_row_of_its_own(far: str) -> None:
    book = workbook(Deals=sheet([HEAD, ["a", number("1")]]))
    line = far.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    row = f'<row r="{line}"><c r="{far}"><v>1</v></c></row></sheetData>'.encode()
    table = read(_changed(book, SHEET, b"</sheetData>", row))
    rows = list(table.rows())
    assert rows[0].cells == ("a", "1")
    assert rows[-1].line == int(line)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b'r="B2"', b'r="XFE2"', "there is no cell 'XFE2'"),
        (b'r="B2"', b'r="%"', "there is no cell '%'"),
        (b"<sheetData>", b"<sheetData><row>" + b"<c/>" * 3_000_000 + b"</row>", "larger than 8 MB"),
        (b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet', "a document type"),
        (b"</sheetData>", b"", "cannot be read as a workbook"),
        (b'<mergeCell ref="A1:A2"', b'<mergeCell ref="A1:ZZZ2"', "there is no cell 'ZZZ2'"),
    ],
    ids=["far column", "no cell", "long row", "document type", "broken", "merged"],
)
def test_workbook_that_claims_what_cannot_be_is_refused(old: bytes, new: bytes, told: str) -> None:
    book = workbook(Deals=sheet([HEAD, ["a", number("1")]], ["A1:A2"]))
    with pytest.raises(
        UsageError, match=f"^deals.csv cannot be read as a workbook: .*{told}|{told}"
    ):
        read(_changed(book, SHEET, old, new))


def test_sheet_that_unpacks_to_far_more_is_refused_before_it_is_read() -> None:
    packed = io.BytesIO(workbook(Deals=sheet([HEAD])))
    with zipfile.ZipFile(packed) as book:
        parts = {name: book.read(name) for name in book.namelist() if name != SHEET}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
        with book.open(SHEET, "w") as out:
            for _ in range(70):
                out.write(b" " * (1 << 20))
    with pytest.raises(UsageError, match=r"unpacks to 70 MB, more than 100 times its size"):
        read(made.getvalue())


def test_zip_file_of_very_many_files_is_refused() -> None:
    with pytest.raises(UsageError, match=r"a zip file of more than 10,000 files"):
        read(b"PK\x03\x04" + b"PK\x01\x02" * 20_000)
