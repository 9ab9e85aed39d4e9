"""crmctl import history: where deals were before they were recorded."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crm import Crm, Result

NOW = "2026-03-10T12:00:00Z"
LATER = "2026-04-01T12:00:00Z"
DEALS = """Id,Title,Stage,Amount,Customer
a1,Alpha,proposal,100,Initech
a2,Beta,won,200,Initech
a3,Gamma,lead,300,Globex
"""
HISTORY = """deal_id,stage,entered_at,who,amount
a1,Proposal,2025-06-01T09:00:00Z,Ann,
a1,Lead,2025-01-05T09:00:00Z,ann@acme.example,50
a1,Qualified,2025-02-01T09:00:00Z,Someone,
a2,Lead,2025-01-01,,
a2,Won,2025-05-01,,
"""


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with deals that were imported as they stand."""
    crm.now = NOW
    crm.begin(
        "init Acme --currency EUR --user Ann --email ann@acme.example",
        ("import deals - --source old --create-missing customers", DEALS),
    )
    crm.now = LATER
    return crm


def take(crm: Crm, text: str, *options: str) -> dict[str, Any]:
    """Import `text` as history and return the plan."""
    result = crm(["import", "history", "-", "--source", "old", "--json", *options], input=text)
    assert result.exit_code in (0, 1), result.stderr
    plan: dict[str, Any] = result.json()
    return plan


def counts(plan: dict[str, Any]) -> tuple[int, ...]:
    """Return how many rows were created, updated, unchanged and rejected."""
    return plan["created"], plan["updated"], plan["unchanged"], plan["rejected"]


def stages(crm: Crm, deal: str) -> list[tuple[str, str, str | None]]:
    """Return the stages that a deal entered, when, and by whom."""
    found = crm(f"deal history {deal} --json").json()
    assert [row["position"] for row in found] == list(range(1, len(found) + 1))
    assert [row["from_stage"] for row in found] == [None, *(row["stage"] for row in found[:-1])]
    return [(row["stage"], row["entered_at"], row["actor"]) for row in found]


def everything(crm: Crm) -> str:
    """Return all deals with all their columns, and all of their history."""
    return crm("export deals").stdout + crm("export history").stdout


def columns_of(crm: Crm, at: str) -> dict[str, list[str]]:
    """Return the titles of the deals in each stage of the board as of `at`."""
    board = crm(f"board --as-of {at} --json")
    if board.exit_code:
        return {"error": [board.stderr]}
    return {
        stage["key"]: [deal["title"] for deal in stage["deals"]]
        for stage in board.json()["stages"]
        if stage["deals"]
    }


def test_the_long_form(crm: Crm) -> None:
    before = everything(crm)
    dry = take(crm, HISTORY, "--dry-run")
    assert everything(crm) == before
    plan = take(crm, HISTORY)
    assert (plan["rows"], plan["deals"], *counts(plan)) == (5, 2, 3, 2, 0, 0)
    assert counts(dry) == counts(plan)
    assert dry["updates"] == plan["updates"]
    assert stages(crm, "D1") == [
        ("lead", "2025-01-05T09:00:00Z", "Ann"),
        ("qualified", "2025-02-01T09:00:00Z", None),
        ("proposal", "2025-06-01T09:00:00Z", "Ann"),
    ]
    shown = crm("deal history D1 --json").json()
    assert [row["amount"] for row in shown] == ["50.00", None, "100.00"]
    assert shown[0]["seconds"] == 27 * 86400
    deal = crm("deal show D2 --json").json()
    assert deal["stage_entered_at"] == deal["closed_at"] == "2025-05-01T00:00:00Z"
    assert deal["created_at"] == "2025-01-01T00:00:00Z"
    assert crm("db check").exit_code == 0
    after = everything(crm)
    again = take(crm, HISTORY)
    assert (*counts(again), again["change"]) == (0, 0, 5, 0, None)
    assert everything(crm) == after


@pytest.mark.usefixtures("on_each_engine")
def test_one_undo_takes_it_all_back(crm: Crm) -> None:
    before = everything(crm)
    result = crm("import history - --source old", input=HISTORY)
    assert "5 rows about 2 deals, known by deal external id" in result.stdout
    assert columns_of(crm, "2025-03-01") == {"qualified": ["Alpha"], "lead": ["Beta"]}
    assert crm("undo").exit_code == 0
    assert everything(crm) == before
    assert "no pipeline yet" in str(columns_of(crm, "2025-03-01"))
    assert crm("db check").exit_code == 0
    assert counts(take(crm, HISTORY)) == (3, 2, 0, 0)


@pytest.mark.usefixtures("on_each_engine")
def test_the_board_and_the_forecast_answer_for_the_past(crm: Crm) -> None:
    now = columns_of(crm, "2026-03-20")
    assert now == {"proposal": ["Alpha"], "lead": ["Gamma"], "won": ["Beta"]}
    take(crm, HISTORY)
    assert columns_of(crm, "2025-01-03") == {"lead": ["Beta"]}
    assert columns_of(crm, "2025-01-10") == {"lead": ["Alpha", "Beta"]}
    assert columns_of(crm, "2025-05-10") == {"qualified": ["Alpha"], "won": ["Beta"]}
    assert columns_of(crm, "2025-07-01") == {"proposal": ["Alpha"]}
    assert "no pipeline yet" in str(columns_of(crm, "2024-12-31"))
    # What a screen showed after the deals were recorded stays as it was.
    assert columns_of(crm, "2026-03-20 --as-recorded") == now
    board = crm("board --as-of 2025-01-10 --json").json()
    cards = {deal["title"]: deal for stage in board["stages"] for deal in stage["deals"]}
    assert cards["Alpha"]["amount"] == "50.00"
    assert cards["Beta"]["customer"] == "Initech"
    for by in ("month", "owner", "stage", "pipeline", "segment", "franchise"):
        result = crm(f"forecast --as-of 2025-05-10 --by {by} --json")
        assert result.exit_code == 0, result.stderr
    forecast = crm("forecast --as-of 2025-05-10 --by stage").stdout
    assert "200.00" in forecast


def test_what_a_deal_did_later_stays(crm: Crm) -> None:
    assert crm("deal move D3 qualified --at 2026-03-20").exit_code == 0
    told = "Deal Id,Stage,Date\na3,Lead,2025-09-01\n"
    assert counts(take(crm, told)) == (0, 1, 0, 0)
    assert [(stage, at) for stage, at, _ in stages(crm, "D3")] == [
        ("lead", "2025-09-01T00:00:00Z"),
        ("qualified", "2026-03-20T00:00:00Z"),
    ]
    assert crm("deal show D3 --json").json()["stage_entered_at"] == "2026-03-20T00:00:00Z"
    whole = f"{told}a3,Qualified,2026-03-20\n"
    assert counts(take(crm, whole)) == (0, 0, 2, 0)
    plan = take(crm, f"{told}a3,Qualified,2026-03-21\n")
    assert counts(plan) == (0, 0, 0, 2)
    reason = plan["rejects"][0]["reason"]
    assert "says otherwise than what is recorded of D3" in reason
    assert re.search(r"crmctl undo \w{8} takes back what recorded it", reason)
    assert crm("db check").exit_code == 0


def test_a_closed_deal_may_have_been_where_its_history_ends(crm: Crm) -> None:
    rows = "a2,lead,2025-01-01\na2,qualified,2025-02-01\n"
    for expected in ((2, 0, 0, 0), (0, 0, 2, 0)):
        assert counts(take(crm, f"deal_id,stage,entered_at\n{rows}")) == expected
    assert [stage for stage, _, _ in stages(crm, "D2")] == ["lead", "qualified", "won"]
    assert "closed_at" in crm("deal show D2 --json").json()["assumed"]
    other = take(crm, "deal_id,stage,entered_at\na2,lost,2025-01-01\n")["rejects"][0]["reason"]
    # No import is to be undone, with all other deals of it, for one of them.
    assert "undo" not in other
    shown = other.split(" shows")[0].rpartition("crmctl ")[2]
    assert crm(shown).exit_code == 0
    assert crm("db check").exit_code == 0


def test_a_closed_deal_left_the_stage_before_that_when_it_was_closed(crm: Crm) -> None:
    head = 'Record ID,Date entered "Qualified",Date exited "Qualified",Date entered "Won"'
    plan = take(crm, f"{head}\na2,2025-01-01,2025-03-04,\n")
    assert (counts(plan), plan["unmapped"]) == ((1, 0, 0, 0), [])
    shown = crm("deal show D2 --json").json()
    assert (shown["closed_on"], shown["assumed"]) == ("2025-03-04", [])
    assert counts(take(crm, f"{head}\na2,2025-01-01,2025-03-04,\n")) == (0, 0, 1, 0)
    assert crm("db check").exit_code == 0


REJECTED = {
    "another end": (
        "a1,lead,2025-01-01\na1,negotiation,2025-02-01\n",
        "deal move D1 proposal --at TIME",
        2,
    ),
    "not yet": ("a1,lead,2025-01-01\na1,proposal,2027-01-01\n", "has not come yet", 2),
    "no such stage": ("a1,demo,2025-01-01\na1,proposal,2025-02-01\n", '--stage-map "demo=', 2),
    "no such deal": ("zz,lead,2025-01-01\n", "no deal answers to 'zz'", 1),
    "no time": ("a1,lead,\na1,proposal,2025-02-01\n", "is empty", 2),
    "no date": ("a1,lead,soon\na1,proposal,2025-02-01\n", "soon", 2),
    "no deal": (",lead,2025-01-01\n", "which deal is meant?", 1),
}


@pytest.mark.parametrize("name", REJECTED)
def test_a_deal_is_taken_whole_or_not_at_all(crm: Crm, name: str) -> None:
    rows, reason, count = REJECTED[name]
    before = everything(crm)
    plan = take(crm, f"deal_id,stage,entered_at\n{rows}")
    assert counts(plan) == (0, 0, 0, count)
    assert [reject["line"] for reject in plan["rejects"]] == list(range(2, count + 2))
    assert any(reason in reject["reason"] for reject in plan["rejects"]), plan["rejects"]
    assert everything(crm) == before


def test_rejects_can_be_corrected_and_imported(crm: Crm, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    text = HISTORY.replace("a1,Lead", "a1,Prospect")
    plan = take(crm, text, "--rejects", str(rejects))
    assert counts(plan) == (1, 1, 0, 3)
    plan = take(crm, rejects.read_text(), "--stage-map", "Prospect=lead")
    assert counts(plan) == (2, 1, 0, 0)
    assert counts(take(crm, HISTORY)) == (0, 0, 5, 0)


def test_events_of_a_stage_can_be_left_out(crm: Crm) -> None:
    plan = take(crm, HISTORY.replace("a1,Lead", "a1,Deck opened"), "--stage-map", "Deck opened=")
    assert plan["rejected"] == 0
    (found,) = [each for each in plan["findings"] if "left out" in each["text"]]
    assert found["count"] == 1


def test_abort_writes_nothing(crm: Crm) -> None:
    before = everything(crm)
    plan = take(crm, HISTORY.replace("a2,Won", "a2,Lost"), "--on-error", "abort")
    assert plan["aborted"]
    assert everything(crm) == before


def test_times_that_are_equal_keep_the_order_of_the_file(crm: Crm) -> None:
    rows = ["a1,lead", "a1,qualified", "a1,lead", "a1,lead", "a1,proposal"]
    text = "deal_id,stage,entered_at\n" + "".join(f"{row},2025-01-01\n" for row in rows)
    assert counts(take(crm, text)) == (3, 1, 1, 0)
    assert [stage for stage, _, _ in stages(crm, "D1")] == ["lead", "qualified", "lead", "proposal"]
    assert counts(take(crm, text)) == (0, 0, 5, 0)


@pytest.mark.usefixtures("on_each_engine")
def test_deals_that_were_reopened_and_moved_between_pipelines(crm: Crm) -> None:
    assert crm("pipeline add renewals --template saas").exit_code == 0
    other = crm("pipeline list --json").json()[1]["key"]
    first = crm(f"stage list --pipeline {other} --json").json()[0]["key"]
    rows = [f"a1,{other},{first},2025-01-01", "a1,,lost,2025-02-01", "a1,,proposal,2025-03-01"]
    plan = take(crm, "\n".join(["deal_id,pipeline,stage,entered_at", *rows]))
    assert counts(plan) == (2, 1, 0, 0), plan["rejects"]
    assert [stage for stage, _, _ in stages(crm, "D1")] == [first, "lost", "proposal"]
    assert crm("db check").exit_code == 0
    shown = crm(f"board --pipeline {other} --as-of 2025-01-15 --json").json()
    assert [d["title"] for c in shown["stages"] for d in c["deals"]] == ["Alpha"]


def test_users_can_be_created(crm: Crm) -> None:
    plan = take(crm, HISTORY, "--create-missing", "users")
    assert plan["created_missing"] == {"users": 1}
    assert stages(crm, "D1")[1][2] == "Someone"


def test_who_imported_gives_way_to_somebody_who_is_no_user(crm: Crm) -> None:
    crm.begin("user use Ann", ("import deals - --source old", "Id,Title,Stage\nb1,Lock,won\n"))
    assert stages(crm, "D4")[0][2] == "Ann"
    head = "deal_id,stage,entered_at,who\nb1,Won,2025-07-01 01:30,"
    assert counts(take(crm, f"{head}\n")) == (0, 1, 0, 0)
    assert stages(crm, "D4")[0][2] == "Ann"
    assert take(crm, f"{head}Carla\n")["updated_fields"] == {"actor": 1}
    assert stages(crm, "D4") == [("won", "2025-07-01T01:30:00Z", None)]
    assert counts(take(crm, f"{head}Carla\n")) == (0, 0, 1, 0)
    take(crm, f"{head}Ann\n")
    crm("deal move D4 lost --lost-reason price")
    crm("undo")
    assert stages(crm, "D4")[0][2] == "Ann"


def test_the_wide_form(crm: Crm) -> None:
    header = ["Record ID", "Deal Name", "Deal Stage", "Deal owner", "Close Date"]
    header += [f'Date entered "{name} (Deals)"' for name in ("Lead", "Qualified", "Proposal")]
    header += ["hs_v2_date_entered_won", "hs_v2_date_entered_current_stage"]
    rows = [
        ["a1", "Alpha", "x", "", "", "2025-01-05 09:00", "", "2025-06-01 09:00", "", "2026-01-01"],
        ["a2", "Beta", "x", "", "", "", "2025-02-01 09:00", "", "2025-05-01 09:00", ""],
        ["a3", "Gamma", "x", "", "", "", "", "", "", ""],
    ]
    text = written(header, rows)
    plan = take(crm, text, "--pipeline", "default")
    assert (plan["preset"], plan["deals"], *counts(plan)) == ("hubspot", 3, 2, 0, 1, 0)
    unread = ["Deal Stage", "Deal owner", "Close Date"]
    assert plan["unmapped"] == [*unread, "hs_v2_date_entered_current_stage"]
    assert [(stage, at) for stage, at, _ in stages(crm, "D1")] == [
        ("lead", "2025-01-05T09:00:00Z"),
        ("proposal", "2025-06-01T09:00:00Z"),
    ]
    assert crm("deal show D2 --json").json()["closed_at"] == "2025-05-01T09:00:00Z"
    assert counts(take(crm, text, "--pipeline", "default")) == (0, 0, 3, 0)
    plan = take(crm, text.replace("2025-02-01", "never"), "--pipeline", "default")
    assert [(each["line"], each["column"]) for each in plan["rejects"]] == [
        (3, 'Date entered "Qualified (Deals)"')
    ]
    plan = take(crm, text)
    assert "no pipeline is called 'Deals'" in plan["rejects"][0]["reason"]
    hint = "4 columns tell when stages were entered, and are left to crmctl import history"
    assert hint in crm("import deals - --dry-run --source old", input=text).stdout


def written(header: list[str], rows: list[list[str]]) -> str:
    """Return a table as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue()


def test_a_log_of_changed_fields(crm: Crm) -> None:
    text = """deal_id,change_time,changed_field_key,new_value
a1,2025-01-01 10:00:00,add_time,2025-01-01
a1,2025-01-01 10:00:00,stage_id,1
a1,2025-02-01 10:00:00,stage_id,4
"""
    plan = take(crm, text, "--stage-map", "1=lead", "--stage-map", "4=proposal")
    assert (plan["preset"], *counts(plan)) == ("pipedrive", 1, 1, 1, 0)
    assert [stage for stage, _, _ in stages(crm, "D1")] == ["lead", "proposal"]


@pytest.mark.usefixtures("on_each_engine")
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_our_own_export_says_nothing_new(crm: Crm, form: str) -> None:
    take(crm, HISTORY)
    assert crm("deal move D1 qualified --reason 'a step back'").exit_code == 0
    assert crm("deal add Delta --customer Globex --as Ann").exit_code == 0
    exported = crm(f"export history --output {form}").stdout
    before = everything(crm)
    plan = take(crm, exported)
    assert (*counts(plan), plan["change"]) == (0, 0, 8, 0, None)
    assert everything(crm) == before


def lines(result: Result) -> Iterator[dict[str, Any]]:
    """Yield what was printed as lines of JSON."""
    yield from map(json.loads, result.stdout.splitlines())


@pytest.mark.usefixtures("on_each_engine")
def test_an_export_is_imported_elsewhere(crm: Crm, tmp_path: Path) -> None:
    take(crm, HISTORY)
    assert crm("stage add demo --label Demo --after lead").exit_code == 0
    assert crm("deal move D3 demo --reason Asked").exit_code == 0
    assert crm("deal move D3 qualified").exit_code == 0
    assert crm("stage remove demo").exit_code == 0
    deals, history = crm("export deals").stdout, crm("export history").stdout
    other = Crm(f"sqlite:///{tmp_path}/other.db", LATER)
    other.begin("init Acme --currency EUR --user Ann --email ann@acme.example")
    result = other("import deals - --create-missing customers,users", input=deals)
    assert result.exit_code == 0, result.stdout
    plan = other(["import", "history", "-", "--json"], input=history).json()
    assert plan["rejects"] == []
    assert other("export history").stdout == history
    assert other("db check").exit_code == 0
    assert columns_of(other, "2025-05-10") == {"qualified": ["Alpha"], "won": ["Beta"]}


BAD = {
    "no time": ("deal,stage\n1,lead\n", "is called entered_at"),
    "no deal": ("stage,entered_at\nlead,2025-01-01\n", "which deal is meant (--map COLUMN=deal)"),
}


@pytest.mark.parametrize("name", BAD)
def test_files_that_are_no_history(crm: Crm, name: str) -> None:
    text, told = BAD[name]
    result = crm("import history -", input=text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
