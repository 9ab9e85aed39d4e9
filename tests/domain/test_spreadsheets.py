"""Long numbers that went through a spreadsheet, and those that only look so."""

import pytest

from crmctl.domain.spreadsheets import cut_numbers, is_rounded


@pytest.mark.parametrize(
    "text",
    ["1.23457E+11", "9,87654E+12", "4.5e+10", "1.23E+09", "6E+11", "1.23457E11", " 1.2E+17 "],
)
def test_number_that_a_spreadsheet_shows_is_rounded(text: str) -> None:
    assert is_rounded(text)


@pytest.mark.parametrize(
    "text",
    ["219E01", "12E34", "6E11", "1E5-7", "E1234", "00042", "1.5", "3e8f", "1.2E-05", "12.3E+11",
     "123456789012345678", "E+11", "1.23457E+11 A", "Ende+10"],
)  # fmt: skip
def test_id_that_rightly_looks_so_is_none(text: str) -> None:
    assert not is_rounded(text)


@pytest.mark.parametrize(
    ("cells", "cut"),
    [
        (["123456789012345000"], {"123456789012345000"}),
        (["1234567890123450", "1234567890123470", "1234567890123480", "7", "A-1"],
         {"1234567890123450", "1234567890123470", "1234567890123480"}),
        # One of three in which digits were cut is none, and one zero may be chance.
        (["123456789012345000", "123456789012345678"], set()),
        (["1234567890123450"], set()),
        (["100000000000000", "1000"], set()),
    ],
)  # fmt: skip
def test_numbers_of_a_column_were_cut_where_all_end_in_zeros(
    cells: list[str], cut: set[str]
) -> None:
    assert cut_numbers(cells) == cut
