"""crmctl import: what customers are called, where a file has the name of a company or none."""

import pytest

from crmctl.domain.importing.columns.mapping import map_columns
from crmctl.domain.kinds import Entity
from tests.cli.imported import customers, findings, take
from tests.crm import Crm

BY_EMAIL = "new customers are called by their e-mail addresses: their rows have no name"
BY_ORGANISATION = "new customers are called like their organisations: their rows have no name"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company."""
    return crm.begin("init Acme --user Ann", "user use Ann")


@pytest.mark.parametrize(
    "column",
    [
        "organisation", "Organization", "Company", "Firma", "Firmenname", "Entreprise",
        "Nom de l'entreprise", "Ragione sociale", "Nome azienda", "Empresa", "Razón social",
        "Nome da empresa", "Företag", "Företagsnamn", "Virksomhed", "Yritys", "Bedrijfsnaam",
        "Nazwa firmy", "Spółka", "Název firmy", "Cégnév", "Şirket", "Компания", "Организация",
        "Εταιρεία", "会社名",
    ],
)  # fmt: skip
def test_a_column_of_companies_has_the_name_beside_an_address(column: str) -> None:
    for header in ([column, "E-mail"], ["E-Mail", column, "Phone"]):
        names = {each.field: each.name for each in map_columns(header, Entity.CUSTOMER).mapped}
        assert (names["name"], "email" in names) == (column, True)


def test_it_is_not_the_address(crm: Crm) -> None:
    result = take(crm, "customers", "E-mail,Nazwa firmy\ninfo@acme.example,Acme\n", "--strict")
    assert result.exit_code == 0
    assert [each["name"] for each in customers(crm)] == ["Acme"]


@pytest.mark.parametrize(
    ("head", "row", "name", "finding"),
    [
        ("Email", "bo@acme.example", "bo@acme.example", BY_EMAIL),
        ("Name,Company,Email", ",Acme,bo@acme.example\nDee,,", "Acme", BY_ORGANISATION),
        ("First name,Last name,Company,Email", ",,Acme,bo@acme.example", "bo@acme.example",
         BY_EMAIL),
    ],
)  # fmt: skip
def test_what_stands_for_a_name_is_said(
    crm: Crm, head: str, row: str, name: str, finding: str
) -> None:
    result = take(crm, "customers", f"{head}\n{row}\n")
    assert findings(result) == {finding: 1}
    assert customers(crm)[0]["name"] == name


def test_a_customer_of_deals_that_only_has_an_address_is_counted(crm: Crm) -> None:
    rows = "A,1,lead,bo@acme.example\nB,2,lead,bo@acme.example\nC,3,lead,cy@acme.example\n"
    content = f"title,amount,stage,customer email\n{rows}"
    told = findings(take(crm, "deals", content, "--create-missing customers"), "assumed")
    assert told == {"new customers are called by their addresses: no row names them": 2}
