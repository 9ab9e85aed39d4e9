"""Histories of stages as other systems export them go in, with at most a mapping."""

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.crm import Crm
from tests.real_data.test_imports import PRIVATE_EQUITY, SALESFORCE_STAGES, stage_maps

NOW = "2026-04-15T00:00:00Z"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline."""
    crm.now = NOW
    return crm.begin("init")


def take(crm: Crm, file: Path, *options: str) -> dict[str, Any]:
    """Import the history in `file` and return the plan, after a second run that changes nothing."""
    command = ["import", "history", str(file), "--json", *options]
    result = crm(command)
    assert result.exit_code in (0, 1), result.stderr
    plan: dict[str, Any] = result.json()
    again = crm(command).json()
    assert (again["created"], again["updated"], again["change"]) == (0, 0, None)
    assert again["rejects"] == plan["rejects"]
    assert crm("db check").exit_code == 0
    return plan


def board(crm: Crm, at: str) -> dict[str, int]:
    """Return how many deals each stage had at a time."""
    shown = crm(f"board --as-of {at} --cards 1 --json").json()
    return {stage["key"]: stage["count"] for stage in shown["stages"] if stage["kind"] == "open"}


PRIVATE_EQUITY_STAGES = tuple(stage_maps(
    lead="Reviewed", qualified="Indication", proposal="Offer", won="Closed - Won",
    lost="Closed - Lost|Passed",
))  # fmt: skip
QUARTER_ENDS = [f"{year}-{day}" for year in (2023, 2024, 2025) for day in
                ("03-31", "06-30", "09-30", "12-31")]  # fmt: skip


def rows_of(file: Path) -> list[dict[str, str]]:
    """Return the rows of a file, as they are."""
    with file.open(newline="") as stream:
        return list(csv.DictReader(stream))


def quarter(day: str) -> str:
    """Return the quarter in which a day is, such as 2023-Q1."""
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"


def won_by_quarter(folder: Path) -> dict[str, Decimal]:
    """Return what was won in each quarter, as the files have it."""
    deals = rows_of(folder / "pipeline_deals.csv")
    amounts = {row["deal_id"]: row["deal_size_usd"] for row in reversed(deals)}
    won: dict[str, Decimal] = {}
    for row in rows_of(folder / "stage_history.csv"):
        amount = amounts[row["deal_id"]]
        if row["stage"] == "Closed - Won" and amount != "NA":
            key = quarter(row["stage_date"])
            won[key] = won.get(key, Decimal(0)) + Decimal(amount)
    return won


def stages_at(folder: Path, day: str) -> Counter[str]:
    """Return how many deals each open stage had at the end of a day, as the files have it."""
    names = {"Reviewed": "lead", "Indication": "qualified", "Offer": "proposal"}
    rows = rows_of(folder / "stage_history.csv")
    rows.sort(key=lambda row: (row["stage_date"], int(row["stage_order"])))
    last = {row["deal_id"]: row["stage"] for row in rows if row["stage_date"] <= day}
    return Counter(names[stage] for stage in last.values() if stage in names)


@pytest.mark.parametrize("order", ["deals first", "each twice, history first"])
def test_private_equity(crm: Crm, shared_data: Path, order: str) -> None:
    folder = shared_data / "pe-deals-stage-history"
    file = folder / "stage_history.csv"
    deals = ["import", "deals", str(folder / "pipeline_deals.csv"), *PRIVATE_EQUITY,
             *PRIVATE_EQUITY_STAGES]  # fmt: skip
    if order != "deals first":
        # There is no deal yet that the history could be about.
        refused = crm(["import", "history", str(file), *PRIVATE_EQUITY_STAGES])
        assert refused.exit_code == 1
        assert "no deal answers to 'D-0192'" in refused.stdout
    assert crm(deals).exit_code == 1
    plan = take(crm, file, *PRIVATE_EQUITY_STAGES)
    assert (plan["rows"], plan["rejects"]) == (1050, [])
    if order != "deals first":
        # What was made up for deals without a closing date does not come back.
        again = crm([*deals, "--json"]).json()
        assert (again["created"], again["rejected"]) == (0, 1)
    shown = crm("forecast --by quarter --from 2023-01-01 --to 2026-03-31 --json").json()["rows"]
    won = {row["key"]: Decimal(row["won"]) for row in shown if Decimal(row["won"])}
    assert won == won_by_quarter(folder)
    for day in QUARTER_ENDS:
        found = board(crm, day)
        assert {stage: count for stage, count in found.items() if count} == stages_at(folder, day)
    assert crm("db check").exit_code == 0


def test_salesforce(crm: Crm, shared_data: Path) -> None:
    folder = shared_data / "crm-export-samples" / "salesforce-us-report"
    mdy = ("--dates", "mdy")
    source = ("--source", "salesforce", *mdy)
    assert crm(["import", "customers", str(folder / "Account.csv"), *source]).exit_code == 0
    deals = ["import", "deals", str(folder / "Opportunity.csv"), *source, *SALESFORCE_STAGES]
    assert crm(deals).exit_code == 0
    plan = take(crm, folder / "OpportunityHistory.csv", *mdy, *SALESFORCE_STAGES)
    assert (plan["preset"], plan["rows"], plan["rejected"]) == ("salesforce", 48, 0)
    assert plan["deals"] == 36


def test_pipedrive_log_of_changes(crm: Crm, shared_data: Path, tmp_path: Path) -> None:
    log = shared_data / "pipedrive-deal-changes" / "deal_changes.csv"
    names = ("lead", "qualified", "proposal", "proposal", *["negotiation"] * 5)
    stages = [f"--stage-map={number}={stage}" for number, stage in enumerate(names, 1)]
    present: dict[str, tuple[str, str]] = {}
    with log.open(newline="") as stream:
        for row in csv.DictReader(stream):
            if row["changed_field_key"] == "stage_id":
                when = (row["change_time"], row["new_value"])
                if row["change_time"] >= present.get(row["deal_id"], ("", ""))[0]:
                    present[row["deal_id"]] = when
    deals = tmp_path / "deals.csv"
    lines = (f"{deal},deal {deal},{stage}" for deal, (_, stage) in present.items())
    deals.write_text("\n".join(["id,title,stage", *lines]))
    options = ["--source", "pipedrive", "--json", *stages]
    assert crm(["import", "deals", str(deals), *options]).exit_code == 0
    plan = take(crm, log, *stages)
    assert (plan["preset"], plan["rows"]) == ("pipedrive", 15406)
    assert plan["rejects"] == []
    assert sum(each["count"] for each in plan["findings"]) >= 6500
    assert sum(board(crm, "2024-06-01").values()) > 500
