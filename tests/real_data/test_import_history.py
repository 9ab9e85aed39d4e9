"""Histories of stages as other systems export them go in, with at most a mapping."""

import csv
from collections import Counter
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


def test_private_equity(crm: Crm, shared_data: Path) -> None:
    folder = shared_data / "pe-deals-stage-history"
    stages = tuple(stage_maps(
        lead="Reviewed", qualified="Indication", proposal="Offer", won="Closed - Won",
        lost="Closed - Lost|Passed",
    ))  # fmt: skip
    deals = ["import", "deals", str(folder / "pipeline_deals.csv"), *PRIVATE_EQUITY, *stages]
    assert crm(deals).exit_code == 1
    file = folder / "stage_history.csv"
    plan = take(crm, file, *stages)
    # The history of the id that two deals share is a mixture of both.
    with file.open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["deal_id"] != "D-0500"]
    said = {row["line"]: row["reason"] for row in plan["rejects"]}
    assert plan["rows"] == 1050
    assert len(said) <= 6, plan["rejects"]
    last = {row["deal_id"]: row for row in rows if row["stage_date"] <= "2024-06-30"}
    names = {"Reviewed": "lead", "Indication": "qualified", "Offer": "proposal"}
    expected = Counter(names[row["stage"]] for row in last.values() if row["stage"] in names)
    found = board(crm, "2024-06-30T12:00")
    for stage, count in expected.items():
        assert abs(found[stage] - count) <= 1


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
