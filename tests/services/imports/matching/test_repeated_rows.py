"""Which line of a file was the first about something."""

import pytest

from crmctl.services.imports.matching import repeated_rows
from crmctl.services.imports.matching.repeated_rows import RepeatedRecords, RepeatedRows


@pytest.mark.parametrize("in_memory", [0, 2, 50])
def test_first_line_counts_and_lasts_over_batches(
    in_memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeated_rows, "_IN_MEMORY", in_memory)
    seen = RepeatedRows()
    seen.load([("title", "a"), ("title", "b")])
    seen.add(("title", "a"), 2)
    seen.add(("title", "a"), 3)
    assert seen.first_line(("title", "a")) == 2
    assert seen.first_line(("title", "b")) is None
    seen.load([("title", "b")])
    seen.add(("title", "b"), 4)
    seen.load([("title", "a"), ("title", "b"), ("title", "c")])
    assert [seen.first_line(("title", name)) for name in "abc"] == [2, 4, None]


def test_the_first_line_about_a_record_counts() -> None:
    seen = RepeatedRecords()
    for number, line in ((7, 2), (7, 3), (1_000_000, 4), (8, 5)):
        seen.add(number, line)
    assert [seen.first_line(number) for number in (7, 8, 9, 1_000_000, 2)] == [2, 5, None, 4, None]
