"""Files as people are sent them import with at most a mapping on the command line."""

import ast
import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from crmctl.models.schema import metadata
from tests import engines
from tests.crm import Crm

#: "Today" in the files, which end with 2017.
MAVEN_NOW = "2018-01-01T09:00:00Z"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline."""
    return crm.begin("init")


def take(crm: Crm, what: str, file: Path, *options: str) -> dict[str, Any]:
    """Import `file` and return the plan, after a second run that must change nothing."""
    command = ["import", what, str(file), "--json", *options]
    result = crm(command)
    assert result.exit_code in (0, 1), result.stderr
    plan: dict[str, Any] = result.json()
    again = crm(command).json()
    assert (again["created"], again["updated"], again["change"]) == (0, 0, None)
    assert again["unchanged"] == plan["rows"] - plan["rejected"]
    assert again["rejects"] == plan["rejects"]
    return plan


def stage_maps(**stages: str) -> Iterator[str]:
    """Yield options that map the stages named in each value, divided by `|`, to its key."""
    for key, names in stages.items():
        for name in names.split("|"):
            yield from ("--stage-map", f"{name}={key}")


def contents(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, but for the records of what was done and the counters."""
    left = ("changes", "change_rows", "counters", "imports")
    kept = [table for table in metadata.sorted_tables if table.name not in left]
    with engine.connect() as connection:
        return {t.name: sorted(map(tuple, connection.execute(select(t))), key=repr) for t in kept}


MAVEN = (
    "--map", "product=title", "--map", "engage_date=created_at",
    "--stage-map", "Prospecting=lead", "--stage-map", "Engaging=qualified",
    "--create-missing", "customers,users",
)  # fmt: skip


def test_maven(crm: Crm, shared_data: Path) -> None:
    crm.now = MAVEN_NOW
    engine = engines.shared(crm.database_url)
    folder = shared_data / "maven-crm-sales"
    before = contents(engine)
    accounts = ("--map", "sector=segment", "--map", "office_location=country")
    assert take(crm, "customers", folder / "accounts.csv", *accounts)["created"] == 85
    with_accounts = contents(engine)
    plan = take(crm, "deals", folder / "sales_pipeline.csv", *MAVEN)
    assert (plan["created"], plan["rejected"], plan["findings"]) == (8800, 0, [])
    assert plan["created_missing"] == {"users": 30}

    with (folder / "sales_pipeline.csv").open(newline="") as file:
        rows = {row["opportunity_id"]: row for row in csv.DictReader(file)}
    deals = crm("deal list --status all --limit 10000 --json").json()
    counts = {status: 0 for status in ("won", "lost", "open")}
    won = Decimal(0)
    for deal in deals:
        counts[deal["status"]] += 1
        row = rows.pop(deal["external_ids"][0])
        assert deal["customer"] == (row["account"] or None)
        assert deal["owner"] == row["sales_agent"]
        created = f"{row['engage_date']}T00:00:00Z" if row["engage_date"] else MAVEN_NOW
        closed = f"{row['close_date']}T00:00:00Z" if row["close_date"] else None
        assert (deal["created_at"], deal["closed_at"]) == (created, closed)
        assert deal["stage_entered_at"] == (closed or created)
        won += Decimal(deal["amount"]) if deal["status"] == "won" else 0
    assert rows == {}
    assert counts == {"won": 4238, "lost": 2473, "open": 2089}
    assert won == 10_005_534

    assert crm("db check").exit_code == 0
    for command in ("board --json", "forecast --from 2017-01-01 --to 2017-12-31 --json"):
        assert crm(command).exit_code == 0
    assert crm("undo").exit_code == 0
    assert contents(engine) == with_accounts
    assert crm("undo").exit_code == 0
    assert contents(engine) == before


HUBSPOT_STAGES = tuple(
    stage_maps(
        qualified="Discovery Call|Discovery Review",
        proposal="Create Proposal|Proposal Sent",
        negotiation="Follow-Up|Pending",
        lost="Dead Deals",
    )
)


def test_hubspot(crm: Crm, shared_data: Path) -> None:
    folder = shared_data / "crm-export-samples" / "hubspot"
    shared = ("--create-missing", "customers,users")
    plan = take(crm, "customers", folder / "hubspot-crm-exports-all-companies.csv", *shared)
    assert (plan["preset"], plan["created"], plan["rejected"]) == ("hubspot", 4, 1)
    assert plan["rejects"][0]["reason"] == "a customer needs a name or an e-mail address"
    plan = take(crm, "customers", folder / "hubspot-crm-exports-all-contacts.csv", *shared)
    assert (plan["created"], plan["rejected"]) == (7, 0)
    plan = take(
        crm, "deals", folder / "hubspot-crm-exports-all-deals.csv", *shared, *HUBSPOT_STAGES,
        "--pipeline", "default",
    )  # fmt: skip
    assert (plan["preset"], plan["created"], plan["rejected"]) == ("hubspot", 12, 0)
    deals = {row["title"]: row for row in crm("deal list --status all --json").json()}
    assert deals["Müller GmbH – Rollout"]["amount"] is None
    assert deals["=2+3 Ltd"]["amount"] == "-250.00"
    assert deals["Trailing Space Co"]["customer"] == "Trailing Space Co"
    assert deals["Kettle & Crow, Ltd."]["tags"] == ["Q4", "Renewal risk"]
    assert deals["Harbour Lights Hotel - New Deal"]["expected_close"] == "2025-11-28"
    assert crm("db check").exit_code == 0


SALESFORCE_STAGES = tuple(
    stage_maps(
        lead="Prospecting",
        qualified="Qualification|Needs Analysis|Value Proposition|Id. Decision Makers"
        "|Perception Analysis",
        proposal="Proposal/Price Quote",
        negotiation="Negotiation/Review",
    )
)


def test_salesforce(crm: Crm, shared_data: Path) -> None:
    folder = shared_data / "crm-export-samples" / "salesforce-us-report"
    dates = ("--dates", "mdy")
    crm.now = "2026-04-01T00:00:00Z"
    assert take(crm, "customers", folder / "Account.csv", *dates)["created"] == 18
    plan = take(crm, "customers", folder / "Contact.csv", *dates)
    assert plan["created"] == 23
    assert [each["value"] for each in plan["rejects"]] == [
        "b.levy@expressl&t.net",
        "j.davis@expressl&t.net",
    ]
    assert take(crm, "customers", folder / "Lead.csv", *dates)["created"] == 22
    plan = take(crm, "deals", folder / "Opportunity.csv", *dates, *SALESFORCE_STAGES)
    assert (plan["preset"], plan["created"], plan["rejected"]) == ("salesforce", 36, 0)
    assert plan["created_missing"] == {}
    deals = crm("deal list --status all --json").json()
    assert all(row["customer"] for row in deals)
    first = next(row for row in deals if row["title"] == "Express Logistics Standby Generator")
    assert (first["status"], first["amount"]) == ("won", "220000.00")
    assert first["closed_at"] == "2024-02-03T00:00:00Z"
    assert crm("db check").exit_code == 0


def test_pipedrive_and_google(crm: Crm, shared_data: Path) -> None:
    folder = shared_data / "crm-export-samples"
    sample = folder / "pipedrive" / "pipedrive-sample-import.csv"
    assert take(crm, "customers", sample)["created"] == 3
    plan = take(crm, "deals", sample)
    assert (plan["preset"], plan["created"], plan["created_missing"]) == ("pipedrive", 3, {})
    deals = crm("deal list --json").json()
    assert [row["customer"] for row in deals] == ["Tony Turner", "Mia Berg", "Omar Haddad"]
    contacts = folder / "google-contacts" / "google_contacts_old_layout.csv"
    assert take(crm, "customers", contacts)["created"] == 2


PRIVATE_EQUITY = (
    "--map", "company_name=title", "--map", "company_name=customer",
    "--map", "deal_size_usd=amount", "--map", "date_sourced=created_at",
    "--create-missing", "customers,users", "--empty", "NA",
)  # fmt: skip


def test_private_equity(crm: Crm, shared_data: Path) -> None:
    crm.now = "2026-03-31T00:00:00Z"
    file = shared_data / "pe-deals-stage-history" / "pipeline_deals.csv"
    stages = stage_maps(
        lead="Reviewed", qualified="Indication", proposal="Offer", won="Closed - Won",
        lost="Closed - Lost|Passed",
    )  # fmt: skip
    options = (*PRIVATE_EQUITY, *stages, "--map", "last_stage_date=stage_entered_at")
    plan = take(crm, "deals", file, *options)
    assert (plan["created"], plan["rejected"]) == (499, 1)
    # Two deals share an id; the second is named with the line of the first.
    assert plan["rejects"][0]["value"] == "D-0500"
    assert plan["rejects"][0]["reason"].endswith("is about the same deal")
    assert crm("db check").exit_code == 0


def test_dirty_deals(crm: Crm, shared_data: Path) -> None:
    folder = shared_data / "dirty-crm-deals"
    stages = tuple(
        stage_maps(
            lead="Reviewed|Rev", qualified="Indication|IOI|Indicated",
            proposal="Offer|LOI|Letter of Intent", won="Closed - Won|Acquired",
            lost="Closed - Lost|Declined|Passed|Pass",
        )
    )  # fmt: skip
    plan = take(crm, "deals", folder / "crm_deals_raw.csv", *PRIVATE_EQUITY, *stages)
    unknown = {each["value"] for each in plan["rejects"] if each["column"] == "deal_stage"}
    assert unknown == set()
    assert (plan["created"], plan["rejected"]) == (524, 1)
    titles = [row["title"] for row in crm("deal list --status all --limit 1000 --json").json()]
    assert titles == [title.strip() for title in titles]


def test_a_mapping_is_kept_for_the_next_file(crm: Crm, shared_data: Path) -> None:
    folder = shared_data / "dirty-crm-deals"
    stages = stage_maps(
        lead="Reviewed", qualified="Indication", proposal="Offer", won="Closed - Won",
        lost="Closed - Lost|Passed",
    )  # fmt: skip
    first = take(
        crm, "deals", folder / "crm_deals_cleaned.csv", *PRIVATE_EQUITY, *stages,
        "--save-mapping", "deals of the fund",
    )  # fmt: skip
    assert (first["created"], first["rejected"]) == (499, 1)
    again = take(
        crm, "deals", folder / "crm_deals_cleaned.csv", "--mapping", "deals of the fund",
        "--create-missing", "customers,users", "--empty", "NA",
    )  # fmt: skip
    assert (again["unchanged"], again["rejected"]) == (499, 1)


LEADS = (
    "--map", "Prospect ID=external_id", "--map", "Lead Number=name", "--empty", "Select",
    "--custom",
)  # fmt: skip


def test_leads_with_columns_of_their_own(crm: Crm, shared_data: Path) -> None:
    file = shared_data / "lead-scoring-x-education" / "Leads.csv.gz"
    plan = take(crm, "customers", file, *LEADS)
    assert (plan["preset"], plan["created"], plan["rejected"]) == (None, 9240, 0)
    kinds = plan["custom_fields"]
    assert kinds["TotalVisits"] == "number"
    assert kinds["Do Not Email"] == "boolean"
    assert kinds["Lead Quality"] == "text"
    assert plan["unmapped"] == []


SPECTRUM = (
    "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "location_coordinates",
    "newlines", "newlines_crlf", "quotes_and_newlines", "simple", "simple_crlf", "utf8",
)  # fmt: skip


@pytest.mark.parametrize("name", SPECTRUM)
def test_every_table_can_be_mapped(crm: Crm, shared_data: Path, name: str) -> None:
    file = shared_data / "csv-spectrum" / "csvs" / f"{name}.csv"
    with file.open(newline="", encoding="utf-8") as opened:
        header, *rows = list(csv.reader(opened))
    plan = take(crm, "customers", file, "--map", f"{header[0].strip()}=name", "--custom")
    assert plan["created"] == len({row[0] for row in rows if row})


#: Lists of what crmctl has no record for, which import like any other table, and the column that
#: names what each row is about.
LISTS = {
    "maven-crm-sales/data_dictionary.csv": "Field",
    "maven-crm-sales/products.csv": "product",
    "maven-crm-sales/sales_teams.csv": "sales_agent",
    "pipedrive-deal-changes/activity_types.csv": "name",
    "pipedrive-deal-changes/fields.csv": "NAME",
    "pipedrive-deal-changes/stages.csv": "stage_name",
}


@pytest.mark.parametrize("name", LISTS)
def test_every_list_can_be_mapped(crm: Crm, shared_data: Path, name: str) -> None:
    column = LISTS[name]
    with (shared_data / name).open(newline="") as opened:
        named = [row[column] for row in csv.DictReader(opened)]
    plan = take(crm, "customers", shared_data / name, "--map", f"{column}=name", "--custom")
    assert (plan["created"], plan["rows"]) == (len(set(named)), len(named))
    assert {each["reason"].partition(" is ")[2] for each in plan["rejects"]} <= {
        "about the same customer"
    }
    assert plan["unmapped"] == []


def test_lists_of_people(crm: Crm, shared_data: Path) -> None:
    plan = take(crm, "customers", shared_data / "pipedrive-deal-changes" / "users.csv")
    assert (plan["created"], plan["rejected"]) == (1787, 0)


def test_activities_of_deals(crm: Crm, shared_data: Path, tmp_path: Path) -> None:
    file = shared_data / "pipedrive-deal-changes" / "activity.csv"
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    deals = tmp_path / "deals.csv"
    ids = dict.fromkeys(row["deal_id"] for row in rows)
    deals.write_text("\n".join(["id,title", *(f"{id},deal {id}" for id in ids)]))
    source = ("--source", "pipedrive")
    assert crm(["import", "deals", str(deals), *source]).exit_code == 0
    kinds = ("sc_2=call", "after_close_call=call", "follow_up=task")
    options = [option for kind in kinds for option in ("--kind-map", kind)]
    plan = take(crm, "activities", file, *source, "--create-missing", "users", *options)
    twice = len(rows) - len({row["activity_id"] for row in rows})
    assert (plan["created"], plan["rejected"]) == (len(rows) - twice, twice)
    assert {each["reason"].partition(" is ")[2] for each in plan["rejects"]} == {
        "about the same activity"
    }
    assert crm("db check").exit_code == 0


#: What is in the folder beside tables: descriptions, and what the cells of a table are to be.
NO_TABLES = {".md", ".json"}


def test_no_file_is_left_out(shared_data: Path) -> None:
    cases = [ast.parse(file.read_text()) for file in Path(__file__).parent.glob("test_*.py")]
    named = {
        node.value.rpartition("/")[2]
        for case in cases
        for node in ast.walk(case)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    files = [file for file in shared_data.rglob("*") if file.is_file()]
    tables = [file for file in files if file.suffix not in NO_TABLES]
    # A table of csv-spectrum is named without its suffix.
    left_out = [file for file in tables if not {file.name, file.stem} & named]
    assert left_out == []
