"""Headers with columns that have no name, and headers of two lines."""

import pytest

from crmctl.errors import UsageError
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


@pytest.mark.parametrize(
    "content",
    ["a,b\nc,d,e\n", "a,b\n1,2,3\n4,5,6\n", "a,b,c\nx,y\nz,w\n", "a,b\nx,y\nz,w,v\n"],
)
def test_rows_are_no_second_header(content: str) -> None:
    assert read(content).form.header == 1
