"""crmctl import: columns of the people whom one speaks to at companies."""

import pytest

from tests.cli.imported import customers, deals, findings, take
from tests.crm import Crm

COLUMNS = ["Contact person", "Contact Person", "Ansprechpartner", "Primary contact",
           "Kontaktperson", "Main Contact", "Persona de contacto", "Contactpersoon", "Referente",
           "Interlocuteur", "Point of contact"]  # fmt: skip


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company."""
    return crm.begin("init Acme --user Ann")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_deal_without_a_company_is_of_its_contact(crm: Crm, column: str) -> None:
    content = f"title,amount,Company,{column}\nA,7,Acme,Bob Ash\nB,2,,Cid Elm\n"
    result = take(crm, "deals", content, "--create-missing customers")
    assert (result.exit_code, result.json()["unmapped"]) == (0, [])
    named = sorted((each["title"], each["customer"]) for each in deals(crm))
    assert named == [("A", "Acme"), ("B", "Cid Elm")]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_list_of_companies_asks_whether_people_are_its_customers(crm: Crm, column: str) -> None:
    content = f"Company,Email,{column}\nAcme,a@acme.example,Bob Ash\n"
    result = take(crm, "customers", content)
    assert findings(result, "unknown") == {f"is {column} the name?": 0}
    take(crm, "customers", content, f'--map "{column}=name"')
    assert [(each["name"], each["organisation"]) for each in customers(crm)] == [
        ("Bob Ash", "Acme")
    ]


def test_without_companies_they_are_the_customers(crm: Crm) -> None:
    take(crm, "customers", "Ansprechpartner,Telefon\nBob Ash,+49 30 1234567\n")
    assert [each["name"] for each in customers(crm)] == ["Bob Ash"]
