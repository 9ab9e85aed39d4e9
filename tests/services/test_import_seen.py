"""Which line of a file was the first about something."""

from crmctl.services.imports.seen import Seen


def test_first_line_counts_and_lasts_over_batches() -> None:
    seen = Seen()
    seen.load([("title", "a"), ("title", "b")])
    seen.keep(("title", "a"), 2)
    seen.keep(("title", "a"), 3)
    assert seen.line(("title", "a")) == 2
    assert seen.line(("title", "b")) is None
    seen.load([("title", "b")])
    assert seen.line(("title", "a")) is None  # was not asked for
    seen.keep(("title", "b"), 4)
    seen.load([("title", "a"), ("title", "b"), ("title", "c")])
    assert [seen.line(("title", name)) for name in "abc"] == [2, 4, None]
