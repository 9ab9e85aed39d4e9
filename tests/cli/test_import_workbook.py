"""Importing a workbook: rows with cells that have no value, and the names of its sheets."""

import pytest

from tests.cli.imported import deals, findings, reasons, take
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


@pytest.mark.parametrize(
    ("code", "options", "came"),
    [
        ("[$CHF-807] #,##0", "", "CHF"),
        ('"USD" #,##0.00', "", "USD"),
        ("#,##0 [$kr-41D]", "", "SEK"),
        ("$#,##0.00", "--currency-map $=CAD", "CAD"),
        ("#,##0.00", "", "EUR"),
        ("$#,##0.00", "", "2 Amount: which currency is '10 $'?"),
        ('#,##0 "kr"', "", "2 Amount: which currency is '10 kr'?"),
    ],
)
def test_currency_in_the_format_of_amounts_is_theirs(
    crm: Crm, code: str, options: str, came: str
) -> None:
    book = workbook(code, Deals=sheet([HEAD, ["Lock", number("10", 4)]]))
    result = take(crm, "deals", book, options)
    currencies = [each["currency"] for each in deals(crm)]
    told = [each.partition("?")[0] + "?" for each in reasons(result)]
    assert (currencies or told) == [came]


def test_number_field_has_no_currency_of_a_format(crm: Crm) -> None:
    rows = [["Deal Name", "Height"], ["Lock", number("10", 4)]]
    result = take(crm, "deals", workbook(Deals=sheet(rows)), "--custom")
    assert result.json()["custom_fields"] == {"Height": "number"}


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [("0%", "1", 1.0), ("0%", "0.01", 0.01), ('0"%"', "1", 0.01), ("0.0%", "0.125", 0.125)],
)
def test_percent_in_the_format_of_probabilities_is_theirs(
    crm: Crm, code: str, value: str, expected: float
) -> None:
    rows = [["Deal Name", "Probability"], ["Lock", number(value, 4)]]
    assert take(crm, "deals", workbook(code, Deals=sheet(rows))).exit_code == 0
    assert [float(each["probability"]) for each in deals(crm)] == [expected]


@pytest.mark.parametrize(
    ("code", "value", "day", "assumed"),
    [
        ("mmm yy", "46204", "2026-07-31", 1),
        ("mmmm yyyy", "46218", "2026-07-15", 0),
        ("dd mmm yy", "46204", "2026-07-01", 0),
    ],
)
def test_closing_that_shows_a_month_is_its_last_day(
    crm: Crm, code: str, value: str, day: str, assumed: int
) -> None:
    rows = [["Deal Name", "Expected close"], ["Lock", number(value, 4)]]
    result = take(crm, "deals", workbook(code, Deals=sheet(rows)))
    assert [each["expected_close"] for each in deals(crm)] == [day]
    told = findings(result, "assumed")
    assert sum("a period is taken for its last day" in text for text in told) == assumed
