"""A stage that no file said is known as assumed, and gives way to any fact without a trace."""

import pytest

from tests.cli.imported import counts, deals, take
from tests.crm import Crm

NOW = "2026-09-15T09:00:00Z"
DEAL = "Deal ID,Deal Name,Amount,Create Date\n1,Weir,1000,2026-01-05\n"
EVENTS = "Deal ID,Stage,Entered at\n"
#: What tells where the deal is, and the history that it has after that.
FACTS = {
    "won": ("import deals -", "Deal ID,Stage,Close Date\n1,Won,2026-03-10\n", "won 2026-03-10"),
    "open": ("import deals -", "Deal ID,Stage\n1,Proposal\n", "proposal 2026-01-05"),
    "only what is empty": (
        "import deals - --fill-empty",
        "Deal ID,Stage,Stage entered at\n1,Proposal,2026-02-01\n",
        "proposal 2026-02-01",
    ),
    "the same": ("import deals -", "Deal ID,Stage\n1,Lead\n", "lead 2026-01-05"),
    "history beside it": (
        "import history -",
        f"{EVENTS}1,Qualified,2026-01-02\n1,Proposal,2026-02-01\n",
        "qualified 2026-01-02, proposal 2026-02-01",
    ),
    "one event": ("import history -", f"{EVENTS}1,Proposal,2026-02-01\n", "proposal 2026-02-01"),
    "history with it": (
        "import history -",
        f"{EVENTS}1,Lead,2026-01-02\n1,Won,2026-02-01\n",
        "lead 2026-01-02, won 2026-02-01",
    ),
    "a person who says the same": ("deal move D1 lead", "", "lead 2026-01-05"),
    # That is what was seen when the deal was moved on.
    "a person who moves it": ("deal move D1 proposal", "", "lead 2026-01-05, proposal 2026-09-15"),
}


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline, on a fixed day."""
    crm.now = NOW
    return crm.begin("init Acme --currency EUR --user Ann")


def _history(crm: Crm) -> str:
    entries = crm("deal history D1 --json").json()
    return ", ".join(f"{each['stage']} {each['entered_at'][:10]}" for each in entries)


@pytest.mark.parametrize("name", FACTS)
def test_it_gives_way_to_any_fact(crm: Crm, name: str) -> None:
    command, content, history = FACTS[name]
    take(crm, "deals", DEAL)
    assert deals(crm)[0]["assumed"] == ["stage"]
    assert "Lead (assumed)" in crm("deal show D1").stdout
    # What crmctl wrote says again that nobody said it.
    assert counts(take(crm, "deals", crm("export deals").stdout)) == (0, 0, 1, 0)
    assert take(crm, "history", crm("export history").stdout).exit_code == 0
    assert deals(crm)[0]["assumed"] == ["stage"]
    assert crm(command, input=content).exit_code == 0
    assert deals(crm)[0]["assumed"] == []
    assert _history(crm) == history
    assert crm("db check").exit_code == 0
    before = "import" in command and crm("board --as-of 2026-01-01 --json").stdout
    assert "Weir" not in str(before)
    assert crm("undo").exit_code == 0
    assert (deals(crm)[0]["assumed"], _history(crm)) == (["stage"], "lead 2026-01-05")
    assert crm("db check").exit_code == 0


def test_undo_leaves_what_a_person_moved_on_since(crm: Crm) -> None:
    take(crm, "deals", DEAL)
    change = take(crm, "deals", "Deal ID,Stage\n1,Qualified\n").json()["change"]
    assert crm("deal move D1 proposal").exit_code == 0
    crm(f"undo {change}")
    assert _history(crm) == "qualified 2026-01-05, proposal 2026-09-15"
    assert crm("db check").exit_code == 0


def test_rules_are_those_of_a_deal_that_begins_there(crm: Crm) -> None:
    crm("stage edit proposal --required expected_close")
    take(crm, "deals", DEAL)
    assert counts(take(crm, "deals", "Deal ID,Stage\n1,Proposal\n")) == (0, 0, 0, 1)
    assert counts(take(crm, "deals", "Deal ID,Stage,Close Date\n1,Proposal,2027-01-01\n"))[1] == 1
    assert _history(crm) == "proposal 2026-01-05"


def test_a_stage_that_another_database_assumed_moves_no_deal(crm: Crm) -> None:
    take(crm, "deals", DEAL)
    written = crm("export deals").stdout
    assert crm("deal move D1 proposal").exit_code == 0
    assert take(crm, "deals", written).exit_code == 0
    assert deals(crm)[0]["stage"] == "proposal"


@pytest.mark.parametrize("created", ["", "2026-01-01"])
def test_history_that_ends_before_the_stage_comes_before_it(crm: Crm, created: str) -> None:
    """When the deal was created is not when it entered its stage, if its history says so."""
    take(crm, "deals", f"Deal ID,Deal Name,Stage,Create Date\n1,Weir,Proposal,{created}\n")
    content = f"{EVENTS}1,Lead,2026-01-05\n1,Qualified,2026-02-01\n"
    for created_rows in (2, 0):
        assert counts(take(crm, "history", content))[0] == created_rows
        assert _history(crm) == "lead 2026-01-05, qualified 2026-02-01, proposal 2026-09-15"
    assert crm("db check").exit_code == 0
    take(crm, "history", f"{content}1,Proposal,2026-03-01\n")
    assert _history(crm) == "lead 2026-01-05, qualified 2026-02-01, proposal 2026-03-01"
