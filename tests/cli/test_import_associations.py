"""crmctl import: columns that name records of other lists, with addresses or ids, or several."""

import pytest

from tests.cli.imported import customers, deals, findings, reasons, take
from tests.crm import Crm

HEAD = "Record ID,Deal Name,Deal Stage,Amount"
FIRST = "the first of several values is taken"
ADDRESS = "what stands in brackets is an e-mail address, and no part of the name"
ID = "what stands in brackets is an id, and no part of the name"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with one user, who is remembered."""
    return crm.begin("init Acme --user Ada", "user use Ada")


@pytest.mark.parametrize(
    ("column", "cell", "name", "email", "external", "told"),
    [
        ("Associated Contact", "Max Roe (max@roe.example)", "Max Roe", "max@roe.example", [],
         [ADDRESS]),
        ("Associated Contact", "Max Roe <max@roe.example>", "Max Roe", "max@roe.example", [],
         [ADDRESS]),
        ("Associated Company", "Acme Inc (151)", "Acme Inc", None, ["hubspot/company:151"], [ID]),
        ("Associated Contact (Primary)", "Max Roe (7)", "Max Roe", None, ["hubspot/contact:7"],
         [ID]),
        ("Associated Company", "Beta LLC;Gamma LLC", "Beta LLC", None, [], [FIRST]),
        ("Associated Company", "Beta (UK) (201); Gamma (202)", "Beta (UK)", None,
         ["hubspot/company:201"], [FIRST, ID]),
        ("Associated Contact", "Max (max@roe.example);Eva (eva@roe.example)", "Max",
         "max@roe.example", [], [FIRST, ADDRESS]),
        ("Associated Contact", "a@x.example;b@y.example", "a@x.example", "a@x.example", [],
         [FIRST]),
        ("Associated Company", "Acme (UK)", "Acme (UK)", None, [], []),
        ("Associated Company", "Smith; Partner", "Smith; Partner", None, [], []),
        ("Company", "Acme (1999)", "Acme (1999)", None, [], []),
        ("Company", "Smith;Partner", "Smith;Partner", None, [], []),
    ],
)  # fmt: skip
def test_names_addresses_and_ids_are_told_apart(
    crm: Crm,
    column: str,
    cell: str,
    name: str,
    email: str | None,
    external: list[str],
    told: list[str],
) -> None:
    result = take(crm, "deals", f"{HEAD},{column}\n1,A,lead,5,{cell}\n",
                  "--preset hubspot --create-missing customers")  # fmt: skip
    assert result.exit_code == 0, result.stderr
    found = customers(crm)[0]
    assert (found["name"], found["email"], found["external_ids"]) == (name, email, external)
    said = {text: count for text, count in findings(result).items() if text.startswith(column)}
    assert said == {f"{column}: {text}": 1 for text in told}


def test_a_number_in_brackets_is_an_id_only_where_all_have_one(crm: Crm) -> None:
    rows = "1,A,lead,5,Studio (1999)\n2,B,lead,5,Beta\n"
    take(crm, "deals", f"{HEAD},Associated Company\n{rows}", "--create-missing customers")
    assert sorted(each["name"] for each in customers(crm)) == ["Beta", "Studio (1999)"]


def test_those_who_are_there_are_found(crm: Crm) -> None:
    contacts = "Record ID,First Name,Last Name,Email,Contact owner,Lead Status\n"
    take(crm, "customers", f"{contacts}151,Max,Roe,max@roe.example,,\n")
    columns = "Associated Contact,Associated Contact IDs,Associated Company IDs"
    rows = "1,A,lead,5,M. Roe (max@roe.example),,\n2,B,lead,5,,151;152,\n3,C,lead,5,,,201;202\n"
    result = take(crm, "deals", f"{HEAD},{columns}\n{rows}")
    assert reasons(result) == []
    assert [each["customer"] for each in deals(crm)] == ["Max Roe", "Max Roe", None]
    nobodys = "rows say of their customers nothing but an id that nobody has: they are left open"
    assert findings(result, "unknown") == {nobodys: 1}


def test_people_of_a_list_of_companies_are_counted_and_can_be_taken(crm: Crm) -> None:
    content = "Company,Associated Contact\nAcme,Bo Ash (bo@acme.example)\n"
    told = findings(take(crm, "customers", f"{content}", "--dry-run"))
    assert told == {"contact persons are left out: is Associated Contact the name?": 1}
    take(crm, "customers", content, '--map "Associated Contact=name"')
    found = customers(crm)[0]
    assert [found[each] for each in ("name", "email", "organisation")] == [
        "Bo Ash", "bo@acme.example", "Acme",
    ]  # fmt: skip


def test_an_activity_of_two_customers_is_counted(crm: Crm) -> None:
    take(crm, "customers", "Name\nAcme\nBo Ash\n")
    content = (
        "subject,at,Company,Contact Name\nCall,2026-01-05,Acme,Bo Ash\nTell,2026-01-06,,Bo Ash\n"
    )
    told = findings(take(crm, "activities", content, "--kind call --key subject"), "assumed")
    assert told == {"rows name two customers: that of the first column is taken": 1}


def test_what_an_activity_is_about_is_named_so_too(crm: Crm) -> None:
    take(crm, "customers", "Name,Email\nMax Roe,max@roe.example\n")
    take(crm, "deals", f"{HEAD},Customer\n7,Weir,lead,5,Max Roe\n8,Weir,lead,6,\n")
    head = "Activity type,Activity date,Call notes,Associated Contact,Associated Deal"
    rows = "Call,2026-01-05,Rang,Max (max@roe.example),Weir (7)\n"
    result = take(crm, "activities", f"{head}\n{rows}", "--source hubspot --key at,deal")
    assert (result.exit_code, result.json()["created"]) == (0, 1), result.stdout
    assert crm("deal show D1 --json").json()["activities"]
