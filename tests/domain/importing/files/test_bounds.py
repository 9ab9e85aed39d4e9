"""Whatever a file holds, reading it is bounded, and what is too large is said."""

import gzip
import io
import json
from collections.abc import Callable

import pytest

from crmctl.domain.importing.files.sources import read_table
from crmctl.domain.importing.files.tables import MOST_COLUMNS, column_names
from crmctl.errors import UsageError
from tests.domain.importing.tables import read

WIDE: dict[str, Callable[[], str]] = {
    "equal names": lambda: "title," + "x," * 100_000 + "\nWeir\n",
    "names": lambda: ",".join(f"c{number}" for number in range(100_000)) + "\nWeir\n",
    "many delimiters": lambda: "a,b;c\td|" * 20_000 + "\nx\n",
    "keys": lambda: json.dumps(dict.fromkeys(map(str, range(MOST_COLUMNS + 1)), 1)),
    "a new key in each line": lambda: "".join(
        f'{{"title": "Weir", "k{number}": 1}}\n' for number in range(MOST_COLUMNS + 1)
    ),
}


@pytest.mark.parametrize("made", WIDE.values(), ids=WIDE)
def test_table_of_too_many_columns_is_refused(made: Callable[[], str]) -> None:
    with pytest.raises(UsageError, match=r"^deals\.csv line \d+.* at most 16,384"):
        read(made())


@pytest.mark.parametrize("below", ["Weir", "Weir,7"])
def test_line_that_is_too_long_for_a_header_is_refused(below: str) -> None:
    with pytest.raises(UsageError, match=r"^deals\.csv line 1: it is longer than 4,000,000"):
        read("title," + "x" * 4_000_000 + f"\n{below}\n")


@pytest.mark.parametrize("name", ["Amount", "", "column 2"])
def test_equal_names_of_columns_are_told_apart_in_linear_time(name: str) -> None:
    names = column_names(["title", *[name] * 10_000, "last"])
    assert len(set(names)) == len(names) == 10_002


def test_repeated_name_skips_a_number_that_a_column_has() -> None:
    assert column_names(["a", "a (2)", "a", "a"]) == ("a", "a (2)", "a (3)", "a (4)")


@pytest.mark.parametrize(
    ("row", "trouble"),
    [
        ("x," * 20_000, "it has 20,001 cells: a table has at most 16,384 columns"),
        ("x" * 5_000_000, "it is longer than 4,000,000 characters"),
        ('"' + "x\n" * 700_000 + '"', "a cell is longer than 1,000,000 characters"),
        (('"' + "x\n" * 400_000 + '",') * 6, "it is longer than 4,000,000 characters"),
    ],
)
def test_row_that_is_too_large_is_one_in_trouble(row: str, trouble: str) -> None:
    found = [each for each in read(f"a,b\n1,2\n{row}\n5,6\n").rows() if each.cells != ("x", "")]
    assert [each.trouble for each in (found[0], found[1], found[-1])] == ["", trouble, ""]
    assert found[-1].cells == ("5", "6")
    assert len(found[1].cells[-1]) <= 10_000


def test_rows_after_one_that_is_too_long_keep_their_lines() -> None:
    rows = list(read("a,b\n1,2\n" + "x" * 9_000_000 + "\n5,6\n").rows())
    assert [row.line for row in rows] == [2, 3, 4]


@pytest.mark.parametrize("opening", ['{"a":', "["])
def test_json_may_be_nested_as_deep_as_it_likes(opening: str) -> None:
    closing = {"[": "]"}.get(opening, "}")
    lines = [
        f'{{"title": "Weir", "x": {opening * depth}1{closing * depth}}}'
        for depth in (3, 30, 900, 100_000)
    ]
    rows = list(read("\n".join(lines)).rows())
    assert [row.trouble for row in rows[:2]] == ["", ""]
    assert all("is not JSON" in row.trouble or "too deep" in row.trouble for row in rows[3:])


def test_packed_file_that_unpacks_to_far_more_is_refused() -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as stream:
        for _ in range(65):
            stream.write(b"1,Weir\n" * 150_000)
    packed.seek(0)
    with (
        pytest.raises(UsageError, match=r"unpacks to more than 100 times its size"),
        read_table(packed, "deals.csv.gz"),
    ):
        pass


def test_packed_file_of_few_megabytes_may_be_much_smaller() -> None:
    assert len(list(read(gzip.compress(b"a,b\n" + b"1,2\n" * 200_000)).rows())) == 200_000
