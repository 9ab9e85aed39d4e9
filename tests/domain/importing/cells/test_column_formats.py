"""How a column is written is decided by all of its cells, or asked for."""

import pytest

from crmctl.domain.importing.cells.column_formats import find_formats
from crmctl.domain.importing.cells.values import CellFormat, Kind
from crmctl.domain.importing.files.tables import TableRow
from crmctl.domain.kinds import DateOrder, DecimalMark
from crmctl.domain.probabilities import Scale
from crmctl.errors import UsageError


def decided(kind: Kind, cells: str, cell_format: CellFormat | None = None) -> CellFormat:
    """Return the format of a column of `cells`, which are divided by bars."""
    rows = [TableRow(line, (cell,)) for line, cell in enumerate(cells.split("|"), 2)]
    return find_formats(rows, {0: kind}, ("Column",), cell_format or CellFormat()).formats[0]


POINT, COMMA = DecimalMark.POINT, DecimalMark.COMMA


@pytest.mark.parametrize(
    ("cells", "mark", "mixed"),
    [
        ("1,234|1.5", POINT, False),
        ("1.234|1,5", COMMA, False),
        ("1.234|1.234,56", COMMA, False),
        ("1.234|1.234.567", COMMA, False),
        ("1,234|1,234,567", POINT, False),
        ("1.234|0.125", POINT, False),
        ("1.234|0,125", COMMA, False),
        ("1.234|1234.567", POINT, False),
        ("1.234|€ 1 234,567", COMMA, False),
        ("1.234|1,20,000", POINT, False),
        ("1,234|2,345", POINT, False),
        ("1.50|2.50|1,50", POINT, True),
        ("1,50|2,50|1.50|1.234", COMMA, True),
        ("12|twelve|1.2.3|", None, False),
    ],
)
def test_marks(cells: str, mark: DecimalMark | None, mixed: bool) -> None:
    for kind in (Kind.AMOUNT, Kind.NUMBER, Kind.INTEGER):
        found = decided(kind, cells)
        assert (found.decimals, found.mixed) == (mark, mixed)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ("5|1.234|1.500", r"Column: thousands or decimals in '1.234' (line 3)?"),
        ("1,234|1.234", r"Column: thousands or decimals in '1.234' (line 3)?"),
        ("1.5|1,5|1.234", "Column: decimals follow a point in '1.5' (line 2), a comma in '1,5'"
         " (line 3):"),
    ],
)  # fmt: skip
def test_undecided_marks_are_asked_for(cells: str, why: str) -> None:
    with pytest.raises(UsageError) as error:
        decided(Kind.AMOUNT, cells)
    assert str(error.value) == f"{why} say --decimal . or --decimal ,"
    assert decided(Kind.AMOUNT, cells, CellFormat(decimals=COMMA)) == CellFormat(decimals=COMMA)


@pytest.mark.parametrize(
    ("cells", "order", "mixed"),
    [
        ("02/03/26|13/03/26", DateOrder.DMY, False),
        ("02/03/26|03/13/26 10:00 PM", DateOrder.MDY, False),
        ("13.03.2026|14.03.2026|03.13.2026", DateOrder.DMY, True),
        ("05/05/2026|06/06/2026", None, False),
        ("2026-03-02|2 Mar 2026|soon|13/13/2026", None, False),
    ],
)
def test_orders(cells: str, order: DateOrder | None, mixed: bool) -> None:
    for kind in (Kind.DAY, Kind.TIME):
        found = decided(kind, cells)
        assert (found.dates, found.mixed) == (order, mixed)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ("05/05/26|02/03/26", "Column: day or month first in '02/03/26' (line 3)?"),
        ("13/03/26|03/13/26", "Column: the day comes first in '13/03/26' (line 2), the month in"
         " '03/13/26' (line 3):"),
    ],
)  # fmt: skip
def test_undecided_orders_are_asked_for(cells: str, why: str) -> None:
    with pytest.raises(UsageError) as error:
        decided(Kind.DAY, cells)
    assert str(error.value) == f"{why} say --dates dmy or --dates mdy"
    assert decided(Kind.DAY, cells, CellFormat(dates=DateOrder.MDY)) == CellFormat(
        dates=DateOrder.MDY
    )


@pytest.mark.parametrize(
    ("cells", "scale", "mixed"),
    [
        ("1|60", Scale.PERCENT, False),
        ("1|0.6", Scale.FRACTION, False),
        ("1|0,6", Scale.FRACTION, False),
        ("1|0|60%", None, False),
        ("60|0.6|0.7", Scale.FRACTION, True),
    ],
)
def test_scales(cells: str, scale: Scale | None, mixed: bool) -> None:
    found = decided(Kind.PROBABILITY, cells)
    assert (found.scale, found.mixed) == (scale, mixed)


def test_empty_cells_and_broken_rows_decide_nothing() -> None:
    cell_format = CellFormat(empty=frozenset({"1.234"}))
    assert decided(Kind.AMOUNT, "1.234| 1.234 |5", cell_format) == cell_format
    rows = [TableRow(2, ("1.234",), "more cells than columns")]
    assert find_formats(rows, {0: Kind.AMOUNT}, ("Column",), CellFormat()).formats == {
        0: CellFormat()
    }


def test_columns_are_decided_one_by_one() -> None:
    rows = [TableRow(2, ("13/01/26", "01/13/26")), TableRow(3, ("01/02/26", "01/02/26"))]
    found = find_formats(rows, {0: Kind.DAY, 1: Kind.DAY}, ("A", "B"), CellFormat()).formats
    assert [found[0].dates, found[1].dates] == [DateOrder.DMY, DateOrder.MDY]


def test_all_rows_of_a_long_file_decide_and_the_first_cell_is_shown() -> None:
    unclear = [TableRow(line, ("02/03/26", "1")) for line in range(2, 10_000)]
    rows = [*unclear, TableRow(10_000, ("13/03/26", "")), TableRow(10_001, ("14/03/26", "1"))]
    found = find_formats(rows, {0: Kind.DAY}, ("A", "B"), CellFormat(), [0, 1])
    assert found.full == {0}
    assert found.findings[0].text.endswith("as in '13/03/26' (line 10000)")


def test_full_columns_have_no_empty_cell() -> None:
    cell_format = CellFormat(empty=frozenset({"n/a"}))
    header, kinds = ("A", "B", "C", "D"), {0: Kind.TEXT, 3: Kind.DAY}
    rows = [TableRow(2, ("1", "2", " ", "13/01/26")), TableRow(3, ("1", "n/a", "3", ""))]
    assert find_formats(rows, kinds, header, cell_format, [0, 1, 2]).full == {0}
    # Where nothing is to be decided, nobody looks.
    assert find_formats(rows, {0: Kind.TEXT}, header, cell_format, [0]).full == set()
    broken = [*rows, TableRow(4, ("", "", "", ""), "fewer cells than columns")]
    assert find_formats(broken, kinds, header, cell_format, [0]).full == {0}


def test_an_export_of_crmctl_is_not_looked_at() -> None:
    own = CellFormat(own=True)
    assert decided(Kind.AMOUNT, "1.234", own) == own
    assert decided(Kind.DAY, "02/03/26", own) == own
