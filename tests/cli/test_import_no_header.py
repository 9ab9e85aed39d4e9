"""Files without a header: told from those that have one, and read by the numbers of columns."""

from pathlib import Path

import pytest

from tests.cli.imported import counts, customers, deals, take
from tests.crm import Crm
from tests.domain.importing.files.workbooks import number, sheet, workbook

MAP = "--no-header --map 1=title --map 3=amount"
ROWS = "Weir,x,1000\nPier,y,2500\n"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline."""
    return crm.begin("init Acme --user Ann", "user use Ann")


def test_columns_are_told_by_number(crm: Crm) -> None:
    result = take(crm, "deals", ROWS, MAP)
    assert counts(result) == (2, 0, 0, 0)
    assert result.json()["format"]["header_line"] is None
    assert [(deal["title"], deal["amount"]) for deal in deals(crm)] == [
        ("Weir", "1000.00"),
        ("Pier", "2500.00"),
    ]
    assert result.json()["unmapped"] == ["column 2"]
    assert "rows without a header" in crm(f"import deals - {MAP}", input=ROWS).stdout


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("deals", "Dock gate,1000,2026-12-31\nCrane,2500,2027-01-31\n"),
        ("customers", "Ann Moss,ann@moss.example\nBob Ford,bob@ford.example\n"),
        ("customers", "Lead,ann@moss.example,2026-01-01\nBob Ford,bob@ford.example,2026-02-01\n"),
        ("deals", "4711;Crane;1.250,50\n4712;Dock;800,00\n"),
    ],
)
def test_a_row_is_no_header(crm: Crm, what: str, content: str) -> None:
    result = take(crm, what, content)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "line 1 looks like a row, not a header" in result.stderr
    assert "--no-header" in result.stderr
    assert not deals(crm)
    assert not customers(crm)


def test_years_and_running_numbers_are_names(crm: Crm) -> None:
    result = take(crm, "deals", "Deal Name,2025,2026,4\nWeir,10,20,5\n")
    assert counts(result) == (1, 0, 0, 0)


def test_a_number_means_a_column_without_a_name_only(crm: Crm) -> None:
    result = take(crm, "deals", "Deal Name,Price\nWeir,10\n", "--map 2=amount")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no column '2'" in result.stderr


def test_rejects_come_in_by_the_same_options(crm: Crm, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    take(crm, "deals", ROWS.replace("2500", "many"), f"{MAP} --rejects {bad}")
    assert bad.read_text().startswith(
        "column 1,column 2,column 3,line,column,reason\nPier,y,many,2,"
    )
    corrected = bad.read_text().replace("many,2", "2500,2")
    for options in (MAP, MAP.removeprefix("--no-header ")):
        assert sum(counts(take(crm, "deals", corrected, options))[:3]) == 1
    assert [deal["amount"] for deal in deals(crm)] == ["1000.00", "2500.00"]


def test_a_sheet_may_have_no_header(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "deals.xlsx"
    file.write_bytes(
        workbook(Deals=sheet([["Weir", "x", number("1000")], ["Pier", "y", number("2500")]]))
    )
    assert counts(crm(f"import deals {file} --json {MAP}")) == (2, 0, 0, 0)


def test_a_header_and_none_do_not_go_together(crm: Crm) -> None:
    result = take(crm, "deals", ROWS, f"{MAP} --header 2")
    assert result.exit_code == 2
    assert "leave out --header" in result.stderr
