"""Importing a workbook: rows with cells that have no value, and the names of its sheets."""

import pytest

from tests.cli.imported import take
from tests.crm import Crm
from tests.domain.importing.files.workbooks import error, formula, number, sheet, workbook

HEAD = ["Deal Name", "Amount"]


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company that counts in euros."""
    return crm.begin("init Acme --user Ann --currency EUR")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (error("#DIV/0!"), "Amount: #DIV/0! is an error of a spreadsheet"),
        (formula("B2*C2", None), "Amount: a formula that no spreadsheet has computed"),
    ],
)
def test_row_without_a_value_is_refused_alone(crm: Crm, cell: str, reason: str) -> None:
    book = workbook(Deals=sheet([HEAD, ["Lock", cell], ["Pier", number("10")]]))
    result = take(crm, "deals", book)
    assert result.exit_code == 1
    assert [each["line"] for each in result.json()["rejects"]] == [2]
    assert result.json()["created"] == 1
    [told] = result.json()["rejects"]
    assert f"{told['column']}: {told['reason']}".startswith(reason)


def test_formula_in_a_column_that_is_not_read_does_not_matter(crm: Crm) -> None:
    book = workbook(Deals=sheet([["Deal Name", "Height"], ["Lock", formula("1+1", None)]]))
    assert take(crm, "deals", book).exit_code == 0


def test_sheet_without_the_columns_names_the_others(crm: Crm) -> None:
    book = workbook(
        Read_me=sheet([["The deals are on the next sheet"]]),
        Pipeline=sheet([HEAD, ["Lock", number("10")]]),
    )
    result = take(crm, "deals", book)
    assert result.exit_code == 2
    assert "read sheet Read me; there is also Pipeline (--sheet Pipeline)" in result.stderr
    assert take(crm, "deals", book, "--sheet Pipeline").exit_code == 0
