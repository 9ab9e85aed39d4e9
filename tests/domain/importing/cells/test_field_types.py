"""The types and keys of custom fields are those of whole columns."""

import pytest

from crmctl.domain.importing.cells.field_types import guess_types, key_of
from crmctl.domain.importing.cells.values import CellFormat
from crmctl.domain.importing.files.tables import TableRow
from crmctl.domain.kinds import DateOrder, FieldType


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ("1 -2.50 0", "number"),
        ("0 1", "number"),
        ("1 x", "text"),
        ("007", "text"),
        ("+442079460001", "text"),
        ("1234567890123456", "text"),
        ("1,200", "text"),
        ("nan", "text"),
        ("2026-01-31  2025-12-01", "date"),
        ("2026-02-30", "text"),
        ("2026/01/31 31.12.2025", "date"),
        ("3-Mar-2026", "date"),
        ("31/12/2025 02/03/2026", "date"),
        ("01/02/2026 02/03/2026", "text"),
        ("31/12/2025 12/31/2025", "text"),
        ("2026-01-31T10:00", "text"),
        ("Yes no", "boolean"),
        ("true FALSE", "boolean"),
        ("yes maybe", "text"),
        ("yes 2", "text"),
        ("NA 5", "number"),
    ],
)
def test_a_type_is_that_of_all_cells(cells: str, kind: str) -> None:
    rows = [TableRow(line, (cell,)) for line, cell in enumerate(["", *cells.split(" ")], 2)]
    cell_format = CellFormat(empty=frozenset({"NA"}))
    assert guess_types(rows, [0], cell_format) == {0: FieldType(kind)}


def test_days_are_known_by_the_order_that_was_typed() -> None:
    rows = [TableRow(2, ("02/03/2026", "31/12/2025")), TableRow(3, ("", "12/31/2025"))]
    found = guess_types(rows, [0, 1], CellFormat(dates=DateOrder.DMY))
    assert found == {0: FieldType.DATE, 1: FieldType.TEXT}


def test_empty_columns_and_broken_rows_tell_nothing() -> None:
    broken = TableRow(3, ("x",), "1 cell too few")
    rows = [TableRow(2, ("1", " ")), broken, TableRow(4, ("2", "NA"))]
    found = guess_types(rows, [0, 1], CellFormat(empty=frozenset({"NA"})))
    assert found == {0: FieldType.NUMBER}


def test_keys_are_plain_short_and_taken_once() -> None:
    assert key_of("Région / Área", ()) == "region_area"
    assert key_of("地域", ()) == "field"
    assert key_of("Plan", {"plan", "plan_2"}) == "plan_3"
    long = "a" * 60
    assert key_of(long, ()) == "a" * 40
    assert key_of(long, {"a" * 40}) == "a" * 38 + "_2"
