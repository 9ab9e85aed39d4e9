"""A fact about a day stays that day, whatever the company's time zone becomes."""

import pytest

from tests.cli.imported import counts, take
from tests.crm import Crm

NOW = "2026-09-15T09:00:00Z"
ZONES = ["Pacific/Auckland", "Pacific/Pago_Pago"]
DEAL = "Deal ID,Deal Name,Amount,Stage,Create Date,Close Date\n1,Weir,10,Won,2026-01-05,"
#: How a deal comes to be closed on a day: by a file, or by commands.
WAYS = {
    "file": "",
    "win": "deal win D1 --at {day}",
    "add": "deal add Weir --amount 10 --stage won --at {day}",
}


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline, on a fixed day."""
    crm.now = NOW
    return crm.begin("init Acme --currency EUR --user Ann")


def _close(crm: Crm, way: str, day: str) -> None:
    if way == "file":
        assert counts(take(crm, "deals", f"{DEAL}{day}\n"))[0] == 1
        return
    if way == "win":
        crm("deal add Weir --amount 10 --at 2026-01-05")
    assert crm(WAYS[way].format(day=day)).exit_code == 0


def _won(crm: Crm, options: str = "") -> dict[str, str]:
    """Return what was won by month."""
    rows = crm(f"forecast --from 2026-01-01 --to 2026-12-31 --json {options}").json()["rows"]
    return {row["from"][:7]: row["won"] for row in rows if row["from"] and float(row["won"])}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", ["2026-07-01", "2026-06-30"])
@pytest.mark.parametrize("way", WAYS)
def test_closing_day_stays_in_another_zone(crm: Crm, way: str, day: str, zone: str) -> None:
    _close(crm, way, day)
    lists = [
        f"deal list --status won {each}" for each in (f"--close-from {day}", f"--close-to {day}")
    ]
    before = [crm(each).stdout for each in lists]
    assert all(day in each for each in before)
    assert _won(crm) == {day[:7]: "10.00"}
    assert crm(f"company edit --timezone {zone}").exit_code == 0
    assert _won(crm) == {day[:7]: "10.00"}
    assert [crm(each).stdout for each in lists] == before
    assert day in crm("deal show D1").stdout
    assert day in crm("deal history D1").stdout.splitlines()[-1]
    assert crm(f"deal win D1 --at {day}").stderr == "D1 Weir is in won already\n"
    assert crm("db check").exit_code == 0


@pytest.mark.usefixtures("on_each_engine")
@pytest.mark.parametrize("zone", ZONES)
def test_the_same_file_changes_nothing_in_another_zone(crm: Crm, zone: str) -> None:
    history = "Deal ID,Stage,Entered at\n1,Lead,2026-01-05\n1,Won,2026-07-01\n"
    files = [("deals", f"{DEAL}2026-07-01\n"), ("history", history)]
    for what, content in files:
        take(crm, what, content)
    crm(f"company edit --timezone {zone}")
    for what, content in files:
        plan = take(crm, what, content).json()
        assert (plan["created"], plan["updated"], plan["rejected"]) == (0, 0, 0), plan
    assert _won(crm) == {"2026-07": "10.00"}
    assert crm("db check").exit_code == 0


def test_closing_with_a_time_moves_with_the_zone(crm: Crm) -> None:
    _close(crm, "file", "2026-07-01T02:00:00Z")
    assert list(_won(crm)) == ["2026-07"]
    crm("company edit --timezone America/New_York")
    assert list(_won(crm)) == ["2026-06"]
    assert "2026-06-30 22:00" in crm("deal show D1").stdout
    assert crm("deal list --status won --close-from 2026-07-01 --json").json() == []


def test_day_goes_over_into_another_company(
    crm: Crm, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _close(crm, "file", "2026-07-01")
    deals, history = crm("export deals").stdout, crm("export history").stdout
    folder = tmp_path_factory.mktemp("other")
    other = Crm(f"sqlite:///{folder / 'crm.db'}", now=NOW)
    other.begin("init Birch --currency EUR --timezone Asia/Tokyo --user Ann")
    assert counts(take(other, "deals", deals, "--create-missing users"))[0] == 1
    assert counts(take(other, "history", history))[3] == 0
    assert _won(other) == {"2026-07": "10.00"}
    assert other("deal show D1 --json").json()["closed_on"] == "2026-07-01"
    assert other("company edit --timezone America/New_York").exit_code == 0
    for what, content in (("deals", deals), ("history", history)):
        plan = take(other, what, content).json()
        assert (plan["created"], plan["updated"], plan["rejected"]) == (0, 0, 0), plan
    assert other("db check").exit_code == 0


def test_time_that_is_told_later_replaces_the_day(crm: Crm) -> None:
    _close(crm, "file", "2026-07-01")
    assert counts(take(crm, "deals", f"{DEAL}2026-07-01T15:00\n"))[1] == 1
    deal = crm("deal show D1 --json").json()
    assert (deal["closed_at"], deal["closed_on"]) == ("2026-07-01T15:00:00Z", None)
    assert counts(take(crm, "deals", f"{DEAL}2026-07-01\n"))[2] == 1
