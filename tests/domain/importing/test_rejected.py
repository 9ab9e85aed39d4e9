"""Rejected rows: however many, they come again as they were, and take little memory."""

import tracemalloc

import pytest

from crmctl.domain.importing.rejected import Problem, Reject, Rejects


def _reject(line: int, *cells: str, reasons: tuple[str, ...] = ("not a number",)) -> Reject:
    problems = tuple(Problem("Amount", cells[-1], reason) for reason in reasons)
    return Reject(line=line, cells=cells, problems=problems)


def _rejects(rejected: list[Reject]) -> Rejects:
    made = Rejects()
    for each in rejected:
        made.append(each)
    return made


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2500])
def test_rows_come_again_as_often_as_asked(count: int) -> None:
    rejected = [_reject(line, "Grüße\n", f"x{line}", "\ud800", "") for line in range(count)]
    made = _rejects(rejected)
    assert list(made) == list(made) == rejected
    assert (len(made), bool(made)) == (count, count > 0)


def test_rows_can_be_added_after_some_were_read() -> None:
    rejected = [_reject(line, "a") for line in range(3000)]
    made = _rejects(rejected[:1500])
    assert len(list(made)) == 1500
    for each in rejected[1500:]:
        made.append(each)
    assert list(made) == rejected


def test_message_of_an_earlier_run_is_kept() -> None:
    rejected = [Reject(line=2, cells=("x",), problems=(), earlier_message="Amount: no number")]
    assert list(_rejects(rejected)) == rejected


def test_what_most_rows_have_in_common_comes_first() -> None:
    reasons = [("late",), ("late", "low"), ("low", "low"), ("low",), ("low",), ("low",)]
    made = _rejects([_reject(line, "x", reasons=each) for line, each in enumerate(reasons, 2)])
    found = [(each.message, each.count, each.lines) for each in made.troubles]
    assert found == [("Amount: low", 5, [3, 4, 5]), ("Amount: late", 2, [2, 3])]
    assert not made.has_more_troubles


def test_rows_and_reasons_do_not_pile_up_in_memory() -> None:
    tracemalloc.start()
    made = Rejects()
    for line in range(30_000):
        made.append(_reject(line, "x" * 1000, f"{line}", reasons=(f"not a number: {line}",)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 15_000_000
    assert made.has_more_troubles
    assert (len(made), len(made.troubles)) == (30_000, 10_000)
