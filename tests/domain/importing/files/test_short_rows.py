"""Rows that end before the header does are counted, unless they lack nothing that any row has."""

import pytest

from crmctl.domain.importing.files.short_rows import ShortRows
from tests.domain.importing.tables import read

HEAD = "name,organisation,segment,source\n"
WHOLE = "Ann Moss,Moss Ltd,retail,fair\n"


def found(content: str) -> list[str]:
    """Return what a person is told."""
    short = ShortRows()
    short.look(read(content).rows())
    return [str(each) for each in short.findings]


def test_rows_that_end_early_are_named_by_line() -> None:
    one = found(f"{HEAD}{WHOLE}Bob Ford Ford AG,retail,fair\n{WHOLE}")
    assert one == [
        "assumed: 1 row ends before the header does, and what is missing is taken as empty: line 3"
        " (--strict refuses a file with such rows)"
    ]
    [many] = found(f"{HEAD}{WHOLE}" + "Bob,Ford AG\n" * 1200)
    assert many.startswith("assumed: 1,200 rows end before")
    assert "lines 3, 4, 5 and 1,197 more (" in many


@pytest.mark.parametrize(
    "content",
    [
        f"{HEAD}{WHOLE}",
        f"{HEAD}Ann,Moss Ltd\nBob,Ford AG,,\n",
        f"{HEAD}Ann,Moss Ltd,x\nBob,Ford AG,y,\n",
        f"{HEAD}{WHOLE}Bob,Ford AG,retail,fair,\n",
        f"{HEAD}{WHOLE}\n\n",
        f"{HEAD}{WHOLE}\nPrinted today\n",
    ],
)
def test_what_is_empty_throughout_is_no_matter(content: str) -> None:
    assert not found(content)


def test_a_filled_column_that_a_row_above_lacks_is_one() -> None:
    assert found(f"{HEAD}Bob,Ford AG\n{WHOLE}")
    assert found(f"{HEAD}{WHOLE}Bob,Ford AG\n")
