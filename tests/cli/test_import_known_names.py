"""Rows with the name of a customer, or the title of a deal, that lacks what they are known by."""

import pytest

from tests.cli.imported import counts, customers, deals, findings, reasons, take
from tests.crm import Crm

GIVEN_ADDRESS = (
    "row has the name of a customer that is there without an e-mail address, who is given it"
    " (line 2, C1 Bob Ray)"
)
GIVEN_ID = (
    "row has the name of a customer that is there without an id of that system, who is given it"
    " (line 2, C1 Bob Ray)"
)
OTHERS = (
    "row has the name of a customer that is there without an e-mail address: they are others"
    " (line 2, C1 Bob Ray)"
)


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with one user, Ada, who is remembered."""
    return crm.begin("init Acme --user Ada", "user use Ada")


def _said(crm: Crm, content: str) -> list[str]:
    found = take(crm, "customers", content, "--dry-run").json()["findings"]
    return [each["text"].replace("rows have", "row has") for each in found]


@pytest.mark.parametrize(
    ("there", "row", "said"),
    [
        ("", "Name,Email\nBOB  Ray,bob@ray.example\n", GIVEN_ADDRESS),
        ("--phone +4930123456", "Name,Email,Phone\nBob Ray,bob@ray.example,+49 30 123456\n",
         GIVEN_ADDRESS),
        ("--organisation Fell", "ID,Name,Email\n7,Bob Ray,bob@ray.example\n", GIVEN_ID),
        ("--email b@ray.example", "ID,Name\n7,Bob Ray\n", GIVEN_ID),
        # Something contradicts it, or there are two of that name.
        ("--phone +4930123456", "Name,Email,Phone\nBob Ray,bob@ray.example,+4940123456\n",
         OTHERS),
        ("--organisation Fell", "Name,Email,Company\nBob Ray,bob@ray.example,Weir\n", OTHERS),
        ("/--email b@ray.example", "Name,Email\nBob Ray,bob@ray.example\n", OTHERS),
        # An address tells them apart.
        ("--email b@ray.example", "Name,Email\nBob Ray,bob@ray.example\n", ""),
        ("--email b@ray.example", "ID,Name,Email\n7,Bob Ray,bob@ray.example\n", ""),
    ],
)  # fmt: skip
def test_who_is_there_by_name(crm: Crm, there: str, row: str, said: str) -> None:
    for options in there.split("/"):
        assert crm(f"customer add 'Bob Ray' {options}").exit_code == 0
    before = len(customers(crm))
    assert _said(crm, row) == [said] * bool(said)
    assert take(crm, "customers", row, "--strict").exit_code == bool(said)
    take(crm, "customers", row)
    assert len(customers(crm)) == before + (said not in (GIVEN_ADDRESS, GIVEN_ID))
    if said != OTHERS:
        assert counts(take(crm, "customers", row))[:3] == (0, 0, 1)


def test_a_key_that_was_typed_says_who_is_another(crm: Crm) -> None:
    crm("customer add 'Bob Ray'")
    take(crm, "customers", "Name,Email\nBob Ray,bob@ray.example\n", "--key email --strict")
    assert [row["email"] for row in customers(crm)] == [None, "bob@ray.example"]


@pytest.mark.parametrize(
    ("what", "rows"),
    [
        ("customers", ["Bob Ray,", "Bob Ray,bob@ray.example", "Per Moe,p@moe.example"]),
        ("deals", ["Weir,", "Weir,7", "Roof,8"]),
    ],
)
@pytest.mark.parametrize("back", [False, True])
def test_of_two_rows_of_one_name_one_is_taken(
    crm: Crm, what: str, rows: list[str], back: bool
) -> None:
    head = "Name,Email" if what == "customers" else "Title,ID"
    content = "\n".join([head, *(reversed(rows) if back else rows)])
    for created in (2, 0):
        plan = take(crm, what, content)
        assert (counts(plan)[0], counts(plan)[3]) == (created, 1)
        assert "about the same" in reasons(plan)[0]


@pytest.mark.parametrize(
    ("begin", "what", "content", "said"),
    [
        # A deal that was removed, and one with an id.
        ("deal add Weir/deal remove D1", "deals", "ID,Title,Amount,Stage\n7,weir,1,lead\n",
         "the title and customer of a deal that is removed: they are others (line 2, D1 Weir)"),
        ("deal add Weir/deal remove D1", "deals", "ID,Title,Amount,Stage\n7,Roof,1,lead\n", ""),
        # Whoever was merged into another bears the name.
        ("customer add 'Ann Roe' --email a@roe.example/customer add 'Anna Roe'"
         " --email b@roe.example/customer merge C1 C2", "customers",
         "Name,Email\nAnna Roe,c@roe.example\n",
         "the name of a customer that was merged into another: they are others"
         " (line 2, C2 Anna Roe)"),
        ("customer add 'Ann Roe'/customer add 'Anna Roe'/customer merge C1 C2", "customers",
         "ID,Name\n7,Anna Roe\n",
         "the name of a customer that was merged into another: they are others"
         " (line 2, C2 Anna Roe)"),
    ],
)  # fmt: skip
def test_whose_name_it_was_is_said(
    crm: Crm, begin: str, what: str, content: str, said: str
) -> None:
    for command in begin.split("/"):
        assert crm(command).exit_code == 0
    result = take(crm, what, content)
    assert counts(result) == (1, 0, 0, 0)
    assert [*findings(result, "assumed")] == [f"rows have {said}"] * bool(said)
    assert counts(take(crm, what, content)) == (0, 0, 1, 0)


def test_a_deal_with_an_id_beside_one_of_its_title_is_told(crm: Crm) -> None:
    take(crm, "deals", "Title,Customer\nWeir,Ash\nWeir,Birk\n", "--create-missing customers")
    content = "ID,Title,Customer\n7,WEIR,Birk\n8,Roof,Birk\n"
    said = (
        "rows have the title and customer of a deal that is there without an id of that system:"
        " they are others (line 2, D2 Weir)"
    )
    assert findings(take(crm, "deals", content, "--dry-run"))[said] == 1
    assert counts(take(crm, "deals", content, "--key title"))[:2] == (1, 1)
    assert said not in findings(take(crm, "deals", content))
    assert len(deals(crm)) == 3


@pytest.mark.parametrize(
    ("what", "content", "said", "option"),
    [
        ("deals", "ID,Title,Amount\n1,Weir,1\n1,Lock,2\n", "id", '--map "ID="'),
        ("deals", "Title,Amount\nWeir,1\nWeir,2\n", "title", "--key title,amount"),
        ("deals", "Title,Company,Amount\nWeir,A,1\nWeir,A,2\n", "title and customer",
         "--key title,customer,amount"),
        ("customers", "Name,Phone\nAnn,+493012345\nAnn,+493012346\n", "name", "--key name,phone"),
    ],
)  # fmt: skip
def test_what_takes_rows_for_others_is_told(
    crm: Crm, what: str, content: str, said: str, option: str
) -> None:
    create = "--create-missing customers" if "Company" in content else ""
    plan = take(crm, what, content, f"{create} --dry-run")
    text = f"rows have the {said} of an earlier row, which alone goes in (lines 2 and 3)"
    (found,) = [each["option"] for each in plan.json()["findings"] if each["text"] == text]
    assert found.startswith(f"{option} if ")
    assert counts(take(crm, what, content, f"{create} {option}")) == (2, 0, 0, 0)


def test_numbers_of_customers_and_deals_tell_what_is_meant(crm: Crm) -> None:
    people = "Kundennummer;Firma\n10001;Alfa\n10002;Beta\n"
    take(crm, "customers", people)
    sales = "Angebotsnr;Kundennummer;Bezeichnung;Betrag\nA-1;10001;Dach;5\nA-2;10002;Dach;7\n"
    take(crm, "deals", sales.replace("nr;Kundennummer", ";Kunde").replace("\nA-2;10002;Dach;7", ""))
    found = take(crm, "deals", sales, "--dry-run").json()
    said = [each["text"] for each in found["findings"] if "others" in each["text"]]
    assert "(line 2, D1 Dach)" in said[0]
    take(crm, "deals", sales)
    assert [each["customer"] for each in deals(crm)][1:] == ["Alfa", "Beta"]
    again = take(crm, "deals", f"{sales}TOTAL;;;12\n")
    assert counts(again) == (0, 0, 2, 1)
    assert "it looks like a total" in reasons(again)[0]


@pytest.mark.parametrize("numbers", ["Auftragsnr;Angebotsnr", "Angebotsnr;Notiz"])
def test_numbers_that_may_be_others_are_asked_about(crm: Crm, numbers: str) -> None:
    sales = f"{numbers};Titel\nA-1;B-1;Dach\nA-{1 + ('Auf' in numbers)};B-2;Wand\n"
    found = findings(take(crm, "deals", sales, "--dry-run"))
    assert any("is Angebotsnr the external id?" in str(each) for each in found)
