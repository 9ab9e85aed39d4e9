"""Which customer the columns of a row name: a website, two that differ, a contact alone."""

import pytest

from tests.cli.imported import customers, deals, findings, reasons, take
from tests.crm import Crm

COMPANY = "Account Name,Website\nWestmark Paper,westmark.example\n"
PEOPLE = "First Name,Last Name,Email\nMia,Orr,mia@westmark.example\nTom,Ek,tom@westmark.example\n"
TILES = (
    "Name,Email,Website\nNorth Tiles,info@north.example,north.example\n"
    "South Tiles,info@south.example,south.example\n"
)


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with one user, who is remembered."""
    return crm.begin("init Acme --user Ada", "user use Ada")


def of_deals(crm: Crm) -> list[str]:
    """Return the customers of all deals."""
    return [deal["customer"] for deal in deals(crm)]


@pytest.mark.parametrize("files", [(COMPANY, PEOPLE), (PEOPLE, COMPANY)])
@pytest.mark.parametrize("domain", ["westmark.example", "https://www.westmark.example/"])
def test_the_company_at_a_domain_comes_before_its_people(
    crm: Crm, files: tuple[str, str], domain: str
) -> None:
    for content in files:
        take(crm, "customers", content)
    plan = take(crm, "deals", f"Deal Name,Associated Company Domain\nPulp,{domain}\n")
    assert of_deals(crm) == ["Westmark Paper"]
    assert any("whose website it is" in text for text in findings(plan, "decided"))


def test_two_companies_at_one_domain_are_named(crm: Crm) -> None:
    take(crm, "customers", f"{COMPANY}Westmark Mill,westmark.example\n")
    plan = take(crm, "deals", "Deal Name,Associated Company Domain\nPulp,westmark.example\n")
    assert "could be any of C1 Westmark Paper, C2 Westmark Mill" in reasons(plan)[0]


@pytest.mark.parametrize(
    ("head", "row", "reason"),
    [
        ("Customer,customer_email", "North Tiles,info@south.example",
         "customer_email: names C2 South Tiles, and Customer names C1 North Tiles"),
        ("Customer,customer_domain", "North Tiles,south.example",
         "customer_domain: names C2 South Tiles, and Customer names C1 North Tiles"),
        ("customer_email,customer_domain", "info@north.example,south.example",
         "customer_domain: names C2 South Tiles, and customer_email names C1 North Tiles"),
        ("customer_external_id,Customer", "7,South Tiles",
         "Customer: names C2 South Tiles, and customer_external_id names C1 North Tiles"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("options", ["", "--create-missing customers"])
def test_columns_that_name_two_refuse_the_row(
    crm: Crm, head: str, row: str, reason: str, options: str
) -> None:
    take(crm, "customers", TILES)
    crm("customer edit C1 --external-id 7")
    plan = take(crm, "deals", f"Deal Name,{head}\nGate,{row}\n", options)
    assert reasons(plan) == [f"2 {reason}"]
    assert (deals(crm), len(customers(crm))) == ([], 2)


@pytest.mark.parametrize(
    ("row", "customer"),
    [
        ("North Tiles,INFO@north.example,www.north.example", "North Tiles"),
        ("Westmark Paper,mia@westmark.example,", "Westmark Paper"),
        ("Mia Orr,,westmark.example", "Mia Orr"),
        ("Unknown Ltd,mia@westmark.example,", "Mia Orr"),
    ],
)
def test_columns_that_agree_or_name_a_person_at_the_other(
    crm: Crm, row: str, customer: str
) -> None:
    for content in (TILES, COMPANY, PEOPLE):
        take(crm, "customers", content)
    take(crm, "deals", f"Deal Name,Customer,customer_email,customer_domain\nGate,{row}\n")
    assert of_deals(crm) == [customer]


@pytest.mark.parametrize(
    "content",
    [
        "Record Id,Deal Name,Account Name,Contact Name,Stage,Closing Date,Amount\n"
        "1,Drive,,Jo Fell,lead,2026-12-31,1\n2,Roof,Weir Tiles,Jo Fell,lead,2026-12-31,2\n",
        "Deal - ID,Deal - Title,Deal - Organization,Deal - Contact person,Deal - Stage\n"
        "1,Drive,,Jo Fell,Lead\n2,Roof,Weir Tiles,Jo Fell,Lead\n",
        "Deal Name,Company,Contact Name\nDrive,,Jo Fell\nRoof,Weir Tiles,Jo Fell\n",
    ],
    ids=["zoho", "pipedrive", "none"],
)
def test_the_contact_is_the_customer_where_no_company_is(crm: Crm, content: str) -> None:
    for _ in range(2):
        take(crm, "deals", content, "--create-missing customers")
        assert of_deals(crm) == ["Jo Fell", "Weir Tiles"]
    assert len(customers(crm)) == 2


def test_the_id_of_an_organization_tells_it_from_another_of_its_name(crm: Crm) -> None:
    head = "Deal - ID,Deal - Title,Deal - Stage,Deal - Organization,Deal - Organization ID"
    rows = "\n1,A,Lead,Nordkaj,7\n2,B,Lead,Nordkaj,8\n3,C,Lead,Nordkaj,9\n"
    there = "Organization - ID,Organization - Name,Organization - Address"
    take(crm, "customers", f"{there}\n7,Nordkaj,a\n8,Nordkaj,b\n9,Cedar,c\n")
    plan = take(crm, "deals", head + rows)
    assert [deal["customer_ref"] for deal in deals(crm)] == ["C1", "C2"]
    assert [each["line"] for each in plan.json()["rejects"]] == [4]
