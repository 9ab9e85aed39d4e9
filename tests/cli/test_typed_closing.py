"""The closing date that a file of deals says is a fact only where no history says another."""

import pytest

from tests.cli.imported import counts, deals, findings, take
from tests.crm import Crm

HEADER = "Deal ID,Stage,Changed at\n"
OPENED = f"{HEADER}1,Lead,2026-09-01 09:00\n1,Proposal,2026-09-10 09:00\n"
CLOSED = f"{OPENED}1,Won,2026-10-05 15:00\n"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline, on a fixed day."""
    crm.now = "2026-11-15T09:00:00Z"
    return crm.begin("init Acme --currency EUR --user Ann")


def _file(stage: str, day: str) -> tuple[str, str]:
    return "deals", f"Deal ID,Deal,Amount,Stage,Close date\n1,A,100,{stage},{day}\n"


@pytest.mark.parametrize("day", ["2026-10-05", "2026-09-30", "2026-09-05", ""])
@pytest.mark.parametrize("history", [CLOSED, OPENED])
@pytest.mark.parametrize("order", ["new", "deals first", "history first"])
def test_both_files_may_come_again_in_any_order(
    crm: Crm, day: str, history: str, order: str
) -> None:
    if order == "new" or not day:
        files = [_file("Won", day), ("history", history)]
    else:
        assert take(crm, *_file("Proposal", "2026-12-31")).exit_code == 0
        assert take(crm, "history", OPENED).exit_code == 0
        files = [_file("Won", day), ("history", history)]
        files = files if order == "deals first" else files[::-1]
    for file in files:
        assert take(crm, *file).exit_code == 0
    (after,) = deals(crm)
    for file in [*files, *files[::-1]]:
        result = take(crm, *file)
        assert (result.exit_code, counts(result)[:2]) == (0, (0, 0))
    assert deals(crm) == [after]
    early = "" < day < "2026-09-10"
    if history == CLOSED:
        assert (after["closed_at"], after["assumed"]) == ("2026-10-05T15:00:00Z", [])
    elif day:
        assert after["closed_at"][:10] == ("2026-09-10" if early else day)
        assert after["assumed"] == (["closed_at"] if early else [])
    assert crm("db check").exit_code == 0


@pytest.mark.usefixtures("on_each_engine")
def test_the_history_stays_until_a_command_says_otherwise(crm: Crm) -> None:
    take(crm, *_file("Won", "2026-09-30"))
    take(crm, "history", CLOSED)
    result = take(crm, *_file("Won", "2026-09-30"), "--strict")
    (found,) = result.json()["findings"]
    assert (found["certainty"], found["text"], found["option"]) == (
        "decided",
        "rows say another day than the history of their won deals, which stays",
        "crmctl deal win REF --at TIME",
    )
    assert crm("deal win D1 --at 2026-09-30").exit_code == 0
    assert findings(take(crm, *_file("Won", "2026-10-05"))) == {found["text"]: 1}
    result = take(crm, "history", CLOSED)
    assert (result.exit_code, counts(result)) == (0, (0, 0, 3, 0))
    assert deals(crm)[0]["closed_on"] == "2026-09-30"
    assert crm("undo").exit_code == 0
    assert take(crm, "history", CLOSED).json()["findings"] == []


def test_a_closing_date_without_a_history_is_corrected_by_a_later_file(crm: Crm) -> None:
    for text in (_file("Won", "2026-09-30"), ("history", OPENED), _file("Won", "2026-10-07")):
        assert take(crm, *text).exit_code == 0
    assert (deals(crm)[0]["closed_on"], deals(crm)[0]["assumed"]) == ("2026-10-07", [])
    assert findings(take(crm, *_file("Won", "2026-09-05"))) != {}
    assert deals(crm)[0]["closed_on"] == "2026-10-07"
