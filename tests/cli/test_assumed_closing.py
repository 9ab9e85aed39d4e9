"""A closing date that nobody said is known as assumed, and gives way to any fact."""

import pytest
from sqlalchemy import text

from tests import engines
from tests.cli.imported import counts, deals, findings, take
from tests.crm import Crm

NOW = "2026-09-15T09:00:00Z"
DEAL = "Deal ID,Deal Name,Amount,Stage,Create Date\n1,Weir,1000,Won,2026-01-05\n"
EVENTS = "Deal ID,Stage,Entered at\n1,Lead,2026-01-05\n1,Proposal,2026-02-01T10:00\n"
#: What tells when the deal was closed, each the same day.
FACTS = {
    "history": ("import history -", f"{EVENTS}1,Won,2026-03-10\n"),
    "file": ("import deals -", "Deal ID,Close Date\n1,2026-03-10\n"),
    "stage time": ("import deals -", "Deal ID,Stage entered at,Stage\n1,2026-03-10,won\n"),
    "win": ("deal win D1 --at 2026-03-10", ""),
    "move": ("deal move D1 won --at 2026-03-10", ""),
}


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline, on a fixed day."""
    crm.now = NOW
    return crm.begin("init Acme --currency EUR --user Ann")


def _won(crm: Crm) -> list[str]:
    """Return the months in which something was won."""
    rows = crm("forecast --from 2026-01-01 --to 2026-12-31 --json").json()["rows"]
    return [row["from"][:7] for row in rows if row["from"] and float(row["won"])]


def _closing(crm: Crm) -> tuple[str, str | None, list[str]]:
    deal = deals(crm)[0]
    return deal["closed_at"], deal["closed_on"], deal["assumed"]


@pytest.mark.usefixtures("on_each_engine")
@pytest.mark.parametrize("name", FACTS)
def test_it_gives_way_to_any_fact(crm: Crm, name: str) -> None:
    command, content = FACTS[name]
    result = take(crm, "deals", DEAL)
    assert findings(result, "assumed") == {
        "closed with no closing date: that of their creation is taken": 1
    }
    assert _closing(crm)[2] == ["closed_at"]
    year = "forecast --from 2026-01-01 --to 2026-12-31"
    assert "1 deal won on a day that is assumed: nobody said when." in crm(year).stdout
    assert crm(f"{year} --json").json()["assumed"] == 1
    assert "2026-01-05 (assumed)" in crm("deal show D1").stdout
    assert "2026-01-05 (assumed)" in crm("deal list --status won").stdout
    assert crm(command, input=content).exit_code == 0
    assert _closing(crm) == ("2026-03-10T00:00:00Z", "2026-03-10", [])
    assert "assumed" not in crm("deal show D1").stdout + crm(year).stdout
    assert _won(crm) == ["2026-03"]
    last = crm("deal history D1 --json").json()[-1]
    assert (last["stage"], last["entered_at"][:10]) == ("won", "2026-03-10")
    assert crm("db check").exit_code == 0
    # A file that does not say it leaves it.
    assert counts(take(crm, "deals", DEAL)) == (0, 0, 1, 0)
    assert crm("undo").exit_code == 0
    assert _closing(crm) == ("2026-01-05T00:00:00Z", "2026-01-05", ["closed_at"])
    assert crm("db check").exit_code == 0


@pytest.mark.parametrize(
    ("column", "day", "option"),
    [
        ("Expected Close", "2026-02-01", '--map "Expected Close=close_date"'),
        ("Expected Close", "2099-02-01", "--map COLUMN=close_date"),
        ("Close Date", "", "--map COLUMN=closed_at"),
    ],
)
def test_option_that_is_named_says_when_it_closed(
    crm: Crm, column: str, day: str, option: str
) -> None:
    content = f"Deal ID,Deal Name,Stage,{column}\n1,Weir,Won,{day}\n2,Lock,Lead,{day}\n"
    found = take(crm, "deals", content, "--dry-run").json()["findings"]
    assert [each["option"] for each in found if "closed with no" in each["text"]] == [option]
    if "2026" in day:
        taken = take(crm, "deals", content, option).json()
        assert (taken["rejected"], taken["findings"][1:]) == (0, [])
        assert _closing(crm)[1] == day


def test_board_marks_what_is_assumed(crm: Crm) -> None:
    take(crm, "deals", "Deal Name,Amount,Stage\nWeir,5,Won\nLock,5,\nDam,5,Proposal\n")
    cards = [card for stage in crm("board --json").json()["stages"] for card in stage["deals"]]
    assert sorted((card["title"], card["assumed"]) for card in cards) == [
        ("Dam", []), ("Lock", ["stage"]), ("Weir", ["closed_at"]),
    ]  # fmt: skip
    assert "A assumed: nobody said its stage, or when it was closed." in crm("board").stdout
    assert "assumed: closed at" in crm("board --html -").stdout


def test_what_says_the_same_makes_it_a_fact(crm: Crm) -> None:
    take(crm, "deals", DEAL)
    assert counts(take(crm, "deals", "Deal ID,Close Date\n1,2026-01-05\n")) == (0, 1, 0, 0)
    assert _closing(crm) == ("2026-01-05T00:00:00Z", "2026-01-05", [])


def test_deal_that_a_file_moves_to_won_is_closed_now_by_assumption(crm: Crm) -> None:
    take(crm, "deals", "Deal ID,Deal Name,Create Date\n1,Weir,2026-01-05\n")
    result = take(crm, "deals", "Deal ID,Stage\n1,Won\n")
    assert list(findings(result, "assumed")) == [
        "closed with no closing date: that of this import is taken"
    ]
    assert _closing(crm) == (NOW, None, ["closed_at"])
    assert take(crm, "history", f"{EVENTS}1,Won,2026-03-10\n").json()["rejected"] == 0
    assert _closing(crm) == ("2026-03-10T00:00:00Z", "2026-03-10", [])
    assert [row["stage"] for row in crm("deal history D1 --json").json()] == [
        "lead", "proposal", "won",
    ]  # fmt: skip
    assert crm("db check").exit_code == 0


def test_assumption_goes_over_into_another_company(
    crm: Crm, tmp_path_factory: pytest.TempPathFactory
) -> None:
    take(crm, "deals", DEAL)
    written = crm("export deals").stdout
    assert counts(take(crm, "deals", written)) == (0, 0, 1, 0)
    assert _closing(crm)[2] == ["closed_at"]
    folder = tmp_path_factory.mktemp("other")
    other = Crm(f"sqlite:///{folder / 'crm.db'}", now=NOW)
    other.begin("init Birch --currency EUR --user Ann")
    take(other, "deals", written, "--create-missing users")
    assert _closing(other) == ("2026-01-05T00:00:00Z", "2026-01-05", ["closed_at"])


def test_reopened_deal_has_nothing_assumed(crm: Crm) -> None:
    take(crm, "deals", DEAL)
    assert crm("deal reopen D1 --to lead").exit_code == 0
    assert deals(crm)[0]["assumed"] == []
    assert crm("deal win D1").exit_code == 0
    assert _closing(crm) == (NOW, None, [])


@pytest.mark.parametrize("column", ["Close Date", "Closed at"])
@pytest.mark.parametrize("stage", ["Won", "Lost"])
def test_deal_closed_ahead_is_closed_now(crm: Crm, stage: str, column: str) -> None:
    content = (
        f"Deal ID,Deal Name,Stage,Create Date,{column}\n1,Weir,{stage},2026-01-05,2026-12-31\n"
    )
    result = take(crm, "deals", content)
    assert list(findings(result, "assumed")) == [
        "closed with a closing date ahead: that of this import is taken"
    ]
    assert _closing(crm) == (NOW, None, ["closed_at"])
    assert counts(take(crm, "deals", content)) == (0, 0, 1, 0)
    # When the day has come, it is a fact.
    assert counts(take(crm, "deals", content, now="2027-01-02T09:00:00Z")) == (0, 1, 0, 0)
    assert _closing(crm) == ("2026-12-31T00:00:00Z", "2026-12-31", [])
    assert crm("db check").exit_code == 0


def test_check_finds_a_closing_date_that_its_history_contradicts(crm: Crm) -> None:
    crm("deal add Weir --at 2026-06-01")
    crm("deal win D1 --at 2026-06-10")
    assert crm("db check").exit_code == 0
    with engines.shared(crm.database_url).connect() as connection:
        connection.execution_options(crmctl_write=True)
        connection.execute(text("UPDATE deals SET closed_at = created_at, closed_on = NULL"))
        connection.commit()
    (found,) = crm("db check --json").json()
    assert found["invariant"] == "a closing date is that of the history"
    assert found["record"] == "D1"
    assert found["detail"].startswith(
        "was closed 2026-09-15 09:00, and its history says 2026-06-10"
    )


@pytest.mark.parametrize("options", ["", "--batch 1"])
def test_a_stage_of_an_import_gives_way_while_time_goes_by(crm: Crm, options: str) -> None:
    # With the clock of the machine, a change is dated later than what it wrote.
    crm.now = None
    take(crm, "deals", "Deal ID,Deal Name,Amount\n1,Weir,1000\n2,Lock,500\n", options)
    events = f"{EVENTS}1,Won,2026-03-10\n2,Lead,2026-01-05\n2,Lost,2026-02-01\n"
    assert take(crm, "history", events).exit_code == 0
    assert [(each["stage"], each["closed_on"]) for each in deals(crm)] == [
        ("won", "2026-03-10"), ("lost", "2026-02-01"),
    ]  # fmt: skip
