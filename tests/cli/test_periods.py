"""Days and times that are not plain ones, in commands as in files."""

import pytest

from tests.cli.imported import reasons, take
from tests.crm import Crm


@pytest.fixture
def company(crm: Crm) -> Crm:
    """A company with a deal that is to close in the fifth week."""
    return crm.begin("init Co --user Ada", "deal add Weir --close 2027-02-07")


def test_a_closing_is_the_last_day_of_a_period_and_told(company: Crm) -> None:
    for text in ("KW 5/2027", "2027-W05"):
        added = company(["deal", "add", "Dam", "--close", text]).stderr
        assert added.endswith("Dam in Lead, closing 2027-02-07\n")
    edited = company("deal edit D1 --close 'März 2027'").stderr
    assert edited == "D1 Weir: expected close 2027-02-07 -> 2027-03-31\n"


@pytest.mark.parametrize("command", ["deal list --close-", "activity list --", "forecast --"])
def test_a_list_begins_with_the_first_day_of_a_period(company: Crm, command: str) -> None:
    shown = company(f"{command}from Q1/27 {command.split()[-1]}to H1/27")
    assert shown.stderr == "from 2027-01-01 to 2027-06-30\n"


def test_days_of_a_list_are_those_of_the_period(company: Crm) -> None:
    def listed(options: str) -> int:
        return len(company(f"deal list --json {options}").json())

    assert listed("--close-from 2027-02 --close-to 2027-02") == 1
    assert not listed("--close-from 2027-03")
    assert not listed("--close-to 2027-01")


def test_a_year_alone_is_refused(company: Crm) -> None:
    refused = company("deal edit D1 --close 2027")
    assert refused.exit_code == 2
    assert "a year alone says no day: '2027'" in refused.stderr


def test_a_time_that_clocks_leave_out_is_refused_in_commands_and_files(crm: Crm) -> None:
    crm.begin("init Co --user Ada --timezone Europe/Berlin", "deal add Weir")
    why = "clocks are put forward and never show 2026-03-29 02:30 in Europe/Berlin: write"
    refused = crm("deal win D1 --at '2026-03-29 02:30'")
    assert refused.exit_code == 2
    assert why in refused.stderr
    content = "title,stage,closed at\nDam,won,29.03.2026 02:30\n"
    assert reasons(take(crm, "deals", content))[0].startswith(f"2 closed at: {why}")
