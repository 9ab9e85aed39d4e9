"""What was entered late is one past: on the board, in the forecast and in the history."""

import pytest

from tests.cli.imported import take
from tests.crm import Crm


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company that was set up before what is told of it."""
    crm.now = "2026-01-01T08:00:00Z"
    crm.begin("init Acme --currency EUR --user Ann")
    crm.now = "2026-09-15T09:00:00Z"
    return crm


def _board(crm: Crm, options: str) -> dict[str, str]:
    """Return the stage of each deal on the board, by title."""
    board = crm(f"board --json {options}").json()
    return {deal["title"]: stage["key"] for stage in board["stages"] for deal in stage["deals"]}


def _won(crm: Crm, options: str) -> list[str]:
    """Return the months in which something was won."""
    rows = crm(f"forecast --from 2026-01-01 --to 2026-12-31 --json {options}").json()["rows"]
    return [row["from"][:7] for row in rows if row["from"] and float(row["won"])]


@pytest.mark.usefixtures("on_each_engine")
def test_deal_that_was_entered_late_is_on_the_board_of_that_day(crm: Crm) -> None:
    crm("deal add Late --amount 10 --at 2026-02-01")
    crm("deal move Late qualified --at 2026-02-10")
    assert _board(crm, "--as-of 2026-01-31") == {}
    assert _board(crm, "--as-of 2026-02-05") == {"Late": "lead"}
    assert _board(crm, "--as-of 2026-02-15") == {"Late": "qualified"}
    assert _board(crm, "--as-of 2026-02-15 --as-recorded") == {}


@pytest.mark.usefixtures("on_each_engine")
def test_move_that_was_entered_late_counts_from_when_it_happened(crm: Crm) -> None:
    crm("deal add Weir --amount 10", now="2026-02-01T10:00:00Z")
    crm("deal win Weir --at 2026-03-10", now="2026-04-01T10:00:00Z")
    assert _board(crm, "--as-of 2026-03-20") == {"Weir": "won"}
    assert _board(crm, "--as-of 2026-03-20 --as-recorded") == {"Weir": "lead"}
    assert _won(crm, "--as-of 2026-03-20") == ["2026-03"]
    assert _won(crm, "--as-of 2026-03-20 --as-recorded") == []
    crm("deal win Weir --at 2026-03-25")
    assert _board(crm, "--as-of 2026-03-20") == {"Weir": "lead"}


@pytest.mark.usefixtures("on_each_engine")
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
def test_a_day_stays_that_day_in_another_time_zone(crm: Crm, zone: str) -> None:
    rows = "1,Weir,10,Won,2026-05-01,2026-07-01\n"
    take(crm, "deals", f"Deal ID,Deal Name,Amount,Stage,Create Date,Close Date\n{rows}")
    crm(f"company edit --timezone {zone}")
    assert _won(crm, "--as-of 2026-06-30") == []
    assert _board(crm, "--as-of 2026-06-30") != {"Weir": "won"}
    assert _won(crm, "--as-of 2026-07-01") == ["2026-07"]
    assert _board(crm, "--as-of 2026-07-01") == {"Weir": "won"}


def test_imported_deals_are_there_since_when_the_file_says(crm: Crm) -> None:
    take(crm, "deals", "Deal ID,Deal Name,Amount,Stage,Close Date\n1,Weir,10,Won,2026-03-10\n")
    assert _board(crm, "--as-of 2026-03-09") == {}
    assert _board(crm, "--as-of 2026-03-20") == {"Weir": "won"}
    assert _won(crm, "--as-of 2026-03-31") == ["2026-03"]
