"""What formats of cells show besides digits: currencies, percent signs, months without days."""

import pytest

from crmctl.domain.importing.files.workbooks.number_formats import number_format, shown
from tests.domain.importing.files.workbooks import number, sheet, workbook
from tests.domain.importing.tables import read

HEAD = ["Deal Name", "Amount"]


def _written(value: str, code: str | None, identity: int = 200) -> str:
    form = number_format(identity, code)
    return form.written(shown(value, form, since_1904=False)) if form.written else ""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("[$€-407] #,##0.00", "5 €"),
        ("[$€-2]\\ #,##0", "5 €"),
        ("#,##0.00\\ [$€-x-euro2]", "5 €"),
        ('"USD" #,##0', "5 USD"),
        ('[>=0]"USD "#,##0;-0', "5 USD"),
        ("$#,##0.00", "5 $"),
        ('"$"#,##0_);[Red]("$"#,##0)', "5 $"),
        ('_-"£"* #,##0.00_-;-"£"* #,##0.00_-', "5 £"),
        ('#,##0.00 "kr"', "5 kr"),
        ('#,##0.00\\ "kr.";-0', "5 kr."),
        ("[$CHF-807]", "5 CHF"),
        ("[$CHF-807]\\ #,##0.00", "5 CHF"),
        ('"Fr. "#,##0', "5 Fr."),
        ("[$R$-416] #,##0", "5 R$"),
        ('"US $" #,##0', "5 US$"),
        ("#,##0\\ [$kr-41D]", "5 SEK"),
        ("[$kr-nb-NO] #,##0", "5 NOK"),
        ("[$$-1009]#,##0", "5 CAD"),
        ("[$$-en-US]#,##0", "5 USD"),
        ("[$¥-804]#,##0", "5 CNY"),
        ("[$$-7C0A]#,##0", "5 $"),
        ('General" €"', "5 €"),
        ('0.0,"k€"', "5 €"),
        ('0"k€"', "5 k€"),
        ('"€";"$"', "5 €"),
        ('"a;b" 0 "€"', "5 €"),
        ("#,##0.00", ""),
        ("[$-409]#,##0", ""),
        ("[Red]#,##0_);\\(0\\)", ""),
        ('#,##0 "pcs"', ""),
        ('0.0,,"M"', ""),
        ('"EUR" 0 "USD"', ""),
        ("0.00E+00", ""),
        ("General", ""),
        ("@", ""),
    ],
)
def test_currency_of_a_format_stands_beside_the_number(code: str, expected: str) -> None:
    assert _written("5", code) == expected


@pytest.mark.parametrize("identity", [*range(5, 9), *range(37, 45)])
@pytest.mark.parametrize("code", [None, '_-"€"* #,##0.00_-'])
def test_currency_of_the_reader_is_not_one_of_the_file(identity: int, code: str | None) -> None:
    assert _written("5", code, identity) == ""


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("0%", "0.25", "25%"),
        ("0%", "1", "100%"),
        ("0%", "0", "0%"),
        ("0.00%", "0.01", "1%"),
        ("0.0%", "0.125", "12.5%"),
        ("0%", "1.25", "125%"),
        ("0%", "-0.5", "-50%"),
        ("0%", "0.30000000000000004", "30%"),
        ('0"%"', "25", "25%"),
        ("0\\%", "1", "1%"),
    ],
)
def test_percent_sign_of_a_format_is_read(code: str, value: str, expected: str) -> None:
    assert _written(value, code) == expected


@pytest.mark.parametrize("identity", [9, 10])
def test_percents_are_known_by_their_number(identity: int) -> None:
    assert _written("1", None, identity) == "100%"


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("mmm yy", "46204", "2026-07"),
        ("mmmm\\ yyyy", "46204", "2026-07"),
        ("[$-407]mmmm\\ yyyy;@", "46204", "2026-07"),
        ("mm/yyyy", "46204", "2026-07"),
        ("yyyy-mm", "46204", "2026-07"),
        ('yyyy"年"m"月"', "46204", "2026-07"),
        ("mmm yy", "46205", ""),
        ("mmm yy", "46204.5", ""),
        ("yyyy", "46023", "2026"),
        ("yyyy", "46204", ""),
        ("dd mmm yy", "46204", ""),
        ("mm/dd/yyyy", "46204", ""),
        ("mmm yy hh:mm", "46204", ""),
        ("mm:ss", "0.5", ""),
    ],
)
def test_format_without_a_day_shows_a_month(code: str, value: str, expected: str) -> None:
    assert _written(value, code) == expected


@pytest.mark.parametrize(("identity", "expected"), [(14, ""), (16, ""), (17, "2026-07")])
def test_months_are_known_by_their_number(identity: int, expected: str) -> None:
    assert _written("46204", None, identity) == expected


def test_value_is_kept_beside_what_its_cell_shows() -> None:
    book = workbook(Deals=sheet([HEAD, ["Lock", number("10", 4)], ["Pier", ""]], ["B2:B3"]))
    table = read(book)
    assert [row.cells for row in table.rows()] == [("Lock", "10"), ("Pier", "10")]
    shown_too = [row.cells for row in table.as_written({1}).rows()]
    assert shown_too == [("Lock", "10 €"), ("Pier", "10 €")]
    assert [row.cells for row in table.as_written({0}).rows()] == [("Lock", "10"), ("Pier", "10")]
