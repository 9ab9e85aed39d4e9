"""Which record an external id means: of which system, and of which kind of its records."""

import pytest

from tests.cli.imported import counts, customers, deals, take
from tests.crm import Crm

HUBSPOT = (
    "Record ID,Company name,Company owner,Company Domain Name,Create Date\n"
    "151,Fell Dairy Ltd,,felldairy.example,2024-01-02 10:00\n",
    "Record ID,First Name,Last Name,Email,Contact owner,Lifecycle Stage,Create Date\n"
    "151,Nora,Birk,nora@birk.example,,lead,2024-02-02 10:00\n",
)
PIPEDRIVE = (
    "Organization - ID,Organization - Name,Organization - Owner,Organization - Address\n"
    "151,Fell Dairy Ltd,,3 Fell Rd\n",
    "Person - ID,Person - Name,Person - Email - Work,Person - Organization,Person - Owner\n"
    "151,Nora Birk,nora@birk.example,Fell Dairy Ltd,\n",
)
ZOHO = (
    "Record Id,Account Owner,Account Owner.id,Account Name,Website,Created Time,Modified Time\n"
    "151,,,Fell Dairy Ltd,,2026-01-02 10:00:00,2026-01-02 10:00:00\n",
    "Record Id,Lead Owner,Lead Owner.id,First Name,Last Name,Email,Lead Status,Created Time\n"
    "151,,,Nora,Birk,nora@birk.example,New,2026-01-02 10:00:00\n",
)
UNKNOWN = ("Contact ID,Name\n151,Nora Birk\n", "Lead ID,Name\n151,Fell Dairy Ltd\n")[::-1]
SYSTEMS = pytest.mark.parametrize(
    "files", [HUBSPOT, PIPEDRIVE, ZOHO, UNKNOWN], ids=["hubspot", "pipedrive", "zoho", "header"]
)


@pytest.fixture
def acme(crm: Crm) -> Crm:
    """A company with one user, Ada, who is remembered."""
    return crm.begin("init Acme --user Ada", "user use Ada")


def names(crm: Crm) -> list[str]:
    """Return the names of all customers, by number."""
    return [row["name"] for row in customers(crm)]


@SYSTEMS
def test_one_id_of_two_kinds_of_record_is_two(acme: Crm, files: tuple[str, str]) -> None:
    for _ in range(2):
        for content in files:
            assert take(acme, "customers", content).exit_code == 0
    assert names(acme) == ["Fell Dairy Ltd", "Nora Birk"]


@SYSTEMS
def test_an_id_from_before_gets_its_kind_by_what_fits(acme: Crm, files: tuple[str, str]) -> None:
    source = {HUBSPOT: "hubspot:", PIPEDRIVE: "pipedrive:", ZOHO: "zoho:"}.get(files, "")
    assert acme(f"customer add 'Fell Dairy Ltd' --external-id {source}151").exit_code == 0
    company, person = files
    assert counts(take(acme, "customers", person))[0] == 1
    assert counts(take(acme, "customers", company))[:2] == (0, 1)
    assert names(acme) == ["Fell Dairy Ltd", "Nora Birk"]
    kinds = [row["external_ids"][0].split(":")[0].split("/")[-1] for row in customers(acme)]
    people = {ZOHO: "lead"}.get(files, "contact")
    assert kinds == ["lead" if files == UNKNOWN else "company", people]
    for content in files:
        assert counts(take(acme, "customers", content))[:2] == (0, 0)


def test_deals_find_the_company_or_the_person_of_an_id(acme: Crm) -> None:
    for content in HUBSPOT:
        take(acme, "customers", content)
    head = "Record ID,Deal Name,Deal Stage,Deal owner,Associated Company IDs (Primary)\n"
    take(acme, "deals", f"{head}1,Milk round,lead,,151\n")
    head = "Deal Name,Associated Contact IDs"
    options = "--source hubspot --map 'Associated Contact IDs=customer_external_id'"
    take(acme, "deals", f"{head}\nPrice,151\n", options)
    refused = take(acme, "deals", "Deal Name,customer_external_id\nOther,hubspot:151\n")
    assert [deal["customer"] for deal in deals(acme)] == ["Fell Dairy Ltd", "Nora Birk"]
    assert "could be any of C1 Fell Dairy Ltd, C2 Nora Birk" in refused.stdout


def test_an_id_is_typed_with_its_kind_where_two_have_it(acme: Crm) -> None:
    for content in HUBSPOT:
        take(acme, "customers", content)
    assert acme("customer show hubspot/contact:151 --json").json()["name"] == "Nora Birk"
    assert acme("customer show hubspot:151").exit_code == 3
    acme("customer remove C2")
    assert acme("customer show hubspot:151 --json").json()["name"] == "Fell Dairy Ltd"


def test_kinds_of_ids_survive_an_export(acme: Crm) -> None:
    for content in HUBSPOT:
        take(acme, "customers", content)
    exported = acme("export customers -").stdout
    assert counts(take(acme, "customers", exported))[2] == 2
    for content in HUBSPOT:
        assert counts(take(acme, "customers", content))[2] == 1


def _opportunities(*rows: tuple[str, str]) -> str:
    head = "Opportunity ID,Opportunity Name,Opportunity Owner,Stage,Close Date,Fiscal Period\n"
    return head + "".join(f"{key},{title},,lead,2026-12-31,Q4\n" for key, title in rows)


@pytest.mark.parametrize("back", [False, True])
def test_long_and_short_ids_of_salesforce_are_one(acme: Crm, back: bool) -> None:
    short = [("0065g00000AbCdE", "One"), ("0065g00000aBcDe", "Two")]
    long = [("0065g00000AbCdEAAV", "First"), ("0065g00000aBcDeAAK", "Second")]
    for rows in (long, short) if back else (short, long):
        assert take(acme, "deals", _opportunities(*rows)).exit_code == 0
    titles = [deal["title"] for deal in deals(acme)]
    assert titles == (["One", "Two"] if back else ["First", "Second"])
    for reference in ("0065g00000aBcDe", "salesforce:0065g00000aBcDeAAK"):
        assert acme(f"deal show {reference} --json").json()["ref"] == "D2"
