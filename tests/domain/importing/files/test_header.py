"""Headers with columns that have no name, and headers of two lines."""

import pytest

from crmctl.errors import UsageError
from tests.domain.importing.files.workbooks import number, sheet, workbook
from tests.domain.importing.tables import cells, read


def test_empty_names_are_columns_where_rows_have_something_there() -> None:
    table = read("name,email,name,,\nAnn,a@x.example,Bob,1,2\nCy,c@x.example,Di,,3\n")
    assert table.header == ("name", "email", "name (2)", "column 4", "column 5")
    assert cells(table)[0] == ("Ann", "a@x.example", "Bob", "1", "2")


def test_empty_names_at_the_end_are_none_where_all_rows_are_empty_there() -> None:
    table = read("name,email,,\nAnn,a@x.example,,\n")
    assert (table.header, cells(table)) == (("name", "email"), [("Ann", "a@x.example")])


TWO = "Customer,,Deal\nName,E-mail,Title,Amount,Close\nFell,f@x.example,Weir,1000,2026-12-31\n"


def test_second_line_that_looks_like_the_header_is_named() -> None:
    with pytest.raises(UsageError, match=r"line 2 looks like the header \(--header 2; --header 1"):
        read(TWO)
    assert read(TWO, header=2).header == ("Name", "E-mail", "Title", "Amount", "Close")


NAMES = ["Name", "E-mail", "Title", "Amount", "Close"]
ROW = ["Fell", "f@x.example", "Weir", number("1000"), "2026-12-31"]
#: Sheets with groups of columns above their header, with the merged areas and the header's line.
GROUPED = {
    "merged": ([["Customer", "", "Deal", "", ""], NAMES, ROW], ["A1:B1", "C1:E1"], 2),
    "not merged": ([["Customer", "", "Deal"], NAMES, ROW], [], 2),
    "below a merged title": (
        [["Sales of 2026", "", "", "", ""], ["Customer", "", "Deal"], NAMES, ROW],
        ["A1:E1", "A2:B2", "C2:E2"],
        3,
    ),
}


@pytest.mark.parametrize(("rows", "merged", "line"), GROUPED.values(), ids=GROUPED)
def test_a_sheet_with_two_lines_of_names_is_asked_about(
    rows: list[list[str]], merged: list[str], line: int
) -> None:
    content = workbook(Deals=sheet(rows, merged))
    with pytest.raises(UsageError, match=rf"line {line} looks like the header \(--header {line};"):
        read(content)
    assert read(content, header=line).header == tuple(NAMES)


def test_titles_of_a_sheet_are_passed_over() -> None:
    rows = [["Sales of 2026", "", "", "", ""], ["Printed today"], NAMES, ROW]
    table = read(workbook(Deals=sheet(rows, ["A1:E1"])))
    assert (table.form.header, table.header) == (3, tuple(NAMES))


@pytest.mark.parametrize(
    "content",
    ["a,b\nc,d,e\n", "a,b\n1,2,3\n4,5,6\n", "a,b,c\nx,y\nz,w\n", "a,b\nx,y\nz,w,v\n"],
)
def test_rows_are_no_second_header(content: str) -> None:
    assert read(content).form.header == 1


def test_a_row_that_repeats_the_header_is_none() -> None:
    rows = list(read("Name,City\nAnn,Rome\nName,City\nBob,Lima\nName,Rome\n").rows())
    assert [row.trouble for row in rows] == ["", "it repeats the header", "", ""]


def test_a_row_that_repeats_the_header_of_a_sheet_is_none() -> None:
    again = [["Report"], [], ["Name", "City"], ["Ann", "Rome"], ["Name", "City"], ["Bob", "Lima"]]
    rows = list(read(workbook(Deals=sheet(again))).rows())
    assert [row.trouble for row in rows] == ["", "it repeats the header", ""]


def test_the_end_of_a_text_of_dos_is_no_row() -> None:
    assert cells(read("Name,City\r\nAnn,Rome\r\n\x1a")) == [("Ann", "Rome")]
