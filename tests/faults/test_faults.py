"""The script of the pages of faults has every row, and tells what is not as they say."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.crm import Result
from tests.faults import pages
from tests.faults.__main__ import INPUTS, run_row
from tests.faults.databases import SQLITE, Databases
from tests.faults.place import Place
from tests.faults.rows import Row, all_rows

#: Of each module of rows one that takes no time and no input file.
SOME = {"B10", "B16", "B21", "C11", "C24", "D2"}


@pytest.fixture(scope="module")
def databases() -> Iterator[Databases]:
    """Databases on SQLite, and no folder of inputs."""
    with ExitStack() as stack:
        yield Databases(stack, SQLITE, Path("nowhere"))


def test_every_row_of_the_pages_is_run() -> None:
    if not INPUTS.is_dir():
        pytest.skip("no pages of faults beside the sample files")
    rows = all_rows()
    assert {row.id for row in rows} == pages.ids(INPUTS)
    # Those that are not beside the page are of the sample files.
    files = {name for row in rows for name in row.files if not name.startswith("..")}
    assert files == pages.inputs(INPUTS)


def test_rows_stand_in_the_order_of_the_pages_and_say_what_they_are_about() -> None:
    rows = all_rows()
    assert [pages.order(row.id) for row in rows] == sorted(pages.order(row.id) for row in rows)
    about = [(row.id, row.about) for row in rows]
    assert len(set(about)) == len(about) > 100


@pytest.mark.parametrize(
    "row", [row for row in all_rows() if row.id in SOME], ids=lambda row: row.id
)
def test_rows_are_as_their_pages_say(databases: Databases, row: Row) -> None:
    assert run_row(row, databases) == []


def test_what_is_not_as_a_page_says_is_told(databases: Databases) -> None:
    def wrong(at: Place) -> None:
        at.done("deal add Weir --amount 5", "Lock")
        at.refused("deal add Dam")
        at.same("deals", at.deals("title"), ["Weir"])
        at.tells("nothing", Result(0, "", ""), "a|b")
        raise ValueError("cut off")

    seen = run_row(Row(id="B1", about="", run=wrong, begin=("init Co --user Ada",)), databases)
    assert [one.split(" (")[0] for one in seen[:2]] == [
        "`deal add Weir --amount 5` does not say 'Lock'", "`deal add Dam` is not refused",
    ]  # fmt: skip
    assert seen[2:] == [
        "deals: ['Weir', 'Dam'], and not ['Weir']",
        "`nothing` does not say 'a|b' (exit 0): ",
        "it breaks off: ValueError('cut off')",
    ]
