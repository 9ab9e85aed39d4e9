"""crmctl import: columns of the people whom one speaks to at companies."""

import pytest

from tests.cli.imported import customers, deals, findings, take
from tests.crm import Crm

COLUMNS = ["Contact person", "Contact Person", "Ansprechpartner", "Primary contact",
           "Kontaktperson", "Main Contact", "Persona de contacto", "Contactpersoon", "Referente",
           "Interlocuteur", "Контакт", "Point of contact"]  # fmt: skip


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company."""
    return crm.begin("init Acme --user Ann")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_deal_without_a_company_is_of_its_contact(crm: Crm, column: str) -> None:
    content = f"title,amount,Company,{column}\nA,7,Acme,Bob Ash\nB,2,,Cid Elm\n"
    result = take(crm, "deals", content, "--create-missing customers")
    assert (result.exit_code, result.json()["unmapped"]) == (0, [])
    assert findings(result)["contact persons are left out: the customer is the company"] == 1
    named = sorted((each["title"], each["customer"]) for each in deals(crm))
    assert named == [("A", "Acme"), ("B", "Cid Elm")]


def test_the_address_of_a_person_is_none_of_the_company(crm: Crm) -> None:
    """Pipedrive's export of deals has the person's address beside the organisation's name."""
    content = (
        "Deal - ID,Deal - Title,Deal - Value,Deal - Stage,Deal - Organization,"
        "Deal - Contact person,Person - Email\n"
        "1,A,7,lead,Acme,Bob Ash,bob@ash.example\n2,B,7,lead,Acme,Cid Elm,cid@elm.example\n"
        "3,C,7,lead,,Eve Fir,eve@fir.example\n"
    )
    result = take(crm, "deals", content, "--create-missing customers")
    assert findings(result)["new companies are not given the addresses of their contact persons"]
    found = [(each["name"], each["email"]) for each in customers(crm)]
    assert found == [("Acme", None), ("Eve Fir", "eve@fir.example")]


def test_a_contact_that_is_left_out_keeps_no_deal_out(crm: Crm) -> None:
    content = "title,amount,Company,Contact email\nA,7,Acme,bob at acme\nB,2,,cid at elm\n"
    result = take(crm, "deals", content, "--create-missing customers")
    assert [(each["line"], each["column"]) for each in result.json()["rejects"]] == [
        (3, "Contact email")
    ]
    assert findings(result)["contact persons are left out: the customer is the company"] == 1
    assert [(each["title"], each["customer"]) for each in deals(crm)] == [("A", "Acme")]


def test_a_contact_with_a_name_can_do_without_its_address(crm: Crm) -> None:
    content = "title,amount,Contact,Contact email\nA,7,Bob Ash,bob at acme\nB,2,,cid at elm\n"
    result = take(crm, "deals", content, "--create-missing customers")
    assert [each["line"] for each in result.json()["rejects"]] == [3]
    said = "Contact email: not an e-mail address, left out: the contact is known by name"
    assert findings(result)[said] == 1
    assert [(each["title"], each["customer"]) for each in deals(crm)] == [("A", "Bob Ash")]
    assert take(crm, "deals", content, "--strict").exit_code == 1


@pytest.mark.parametrize("column", COLUMNS)
def test_a_list_of_companies_asks_whether_people_are_its_customers(crm: Crm, column: str) -> None:
    content = f"Company,Email,{column}\nAcme,a@acme.example,Bob Ash\n"
    result = take(crm, "customers", content)
    assert findings(result) == {f"contact persons are left out: is {column} the name?": 1}
    take(crm, "customers", content, f'--map "{column}=name"')
    assert [(each["name"], each["organisation"]) for each in customers(crm)] == [
        ("Bob Ash", "Acme")
    ]


@pytest.mark.parametrize("what", ["deals", "customers"])
def test_people_beside_companies_can_be_kept_or_left_out(crm: Crm, what: str) -> None:
    lead = "title,amount,stage," if what == "deals" else ""
    rows = "A,7,lead," if lead else ""
    content = f"{lead}Company,Contact,Contact email\n{rows}Acme,Bob Ash,bob@acme.example\n"
    options = "--create-missing customers" if lead else ""
    assert take(crm, what, content, f"{options} --strict").exit_code == 1
    leave = '--dry-run --map Contact= --map "Contact email="'
    left_out = take(crm, what, content, f"{options} --strict {leave}")
    assert (left_out.exit_code, findings(left_out)) == (0, {})
    for name, custom in (("Bob Ash", "--custom"), ("Rob Ash", "")):
        changed = content.replace("Bob Ash", name)
        kept = take(crm, what, changed, f"{options} --strict {custom}")
        assert (kept.exit_code, findings(kept)) == (0, {})
        assert name in str(crm(f"{what[:-1]} show {what[0].upper()}1 --json").json()["custom"])


def test_a_contact_without_a_company_has_its_address(crm: Crm) -> None:
    content = "title,amount,Company,Contact,Contact email\nA,7,,Cid Elm,cid@elm.example\n"
    take(crm, "deals", content, "--create-missing customers")
    assert [(each["name"], each["email"]) for each in customers(crm)] == [
        ("Cid Elm", "cid@elm.example")
    ]
    again = take(crm, "deals", content.replace("A,7", "B,8").replace("Cid Elm", "C. Elm"))
    assert (again.exit_code, deals(crm)[1]["customer"]) == (0, "Cid Elm")


@pytest.mark.parametrize(
    ("head", "row", "email", "external"),
    [
        ("Company ID,Primary Contact,Primary Person ID", ",Bo,77", None, "contact:77"),
        ("Account name,Related contacts", ",bo@b.example;cy@b.example", "bo@b.example", None),
        ("Company,Contact,Contact: Work E-mail", ",Bo,bo@b.example", "bo@b.example", None),
        ("Компания,Контакт", ",Bo", None, None),
    ],
)
def test_contacts_as_other_systems_have_them(
    crm: Crm, head: str, row: str, email: str | None, external: str | None
) -> None:
    content = f"title,amount,stage,{head}\nA,1,lead,{row}\n"
    assert take(crm, "deals", content, "--create-missing customers").exit_code == 0
    found = customers(crm)[0]
    assert (found["email"], found["external_ids"]) == (email, [external] if external else [])
    assert (found["name"] == "Bo") == ("Bo" in row)


def test_without_companies_they_are_the_customers(crm: Crm) -> None:
    take(crm, "customers", "Ansprechpartner,Telefon\nBob Ash,+49 30 1234567\n")
    assert [each["name"] for each in customers(crm)] == ["Bob Ash"]
