"""Rows with the id of a record that is something else: of another system, or renamed."""

import pytest

from tests.cli.imported import counts, customers, deals, findings, reasons, take
from tests.crm import Crm

PEOPLE = "id,name,email,phone\n1,Nora Birk,nora@birk.example,+4930123456\n2,Per Moe,,\n"
DEALS = "id,title,amount,customer\n1,Roof,100,Nora Birk\n2,Wall,200,\n"
CALLS = "id,kind,subject,customer,at\n1,call,Offer,Nora Birk,2026-01-02 10:00\n"
WAYS = "--source NAME if the ids are of another system, --key external_id if they are not"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with records that have ids of no system that is named."""
    return crm.begin(
        "init Acme --user Ada", "user use Ada", ("import customers -", PEOPLE),
        ("import deals -", DEALS), ("import activities -", CALLS),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("what", "content", "said"),
    [
        # Another name and another e-mail address, customer, or whom it is about; nothing agrees.
        ("customers", "id,name,email\n1,Bob Ash,bob@ash.example\n", "unknown"),
        ("customers", "id,name,email,phone\n1,Ash,info@ash.example,+4940999\n", "unknown"),
        ("deals", "id,title,amount,customer\n1,Pumps,7,Per Moe\n", "unknown"),
        ("deals", "external id,title,customer\n1,Pumps,Nobody\n", "unknown"),
        ("activities", "id,kind,subject,customer\n1,call,Price,Per Moe\n", "unknown"),
        # Something agrees: a word of the name, a domain, an amount, a time.
        ("customers", "id,name,email\n1,Nora Ash,nora@ash.example\n", "assumed"),
        ("customers", "id,name,email\n1,Per Ash,office@birk.example\n", "assumed"),
        ("deals", "id,title,amount,customer\n1,Pumps,100,Per Moe\n", "assumed"),
        ("activities", "id,kind,subject,customer,at\n1,call,Price,Per Moe,2026-01-02 10:00\n",
         "assumed"),
        # The name alone is said, and nothing agrees.
        ("customers", "id,name\n1,Bob Ash\n2,Per Moe\n", "assumed"),
        ("deals", "id,title,amount\n1,Pumps,7\n", "assumed"),
        # A new name, or a new address, of the same one.
        ("customers", "id,name,email\n1,Bob Ash,NORA@birk.example\n", ""),
        ("customers", "id,name,email\n1,Nora Birk,bob@ash.example\n", ""),
        ("customers", "id,name\n2,Per Ash\n", ""),
        ("deals", "id,title,amount,customer\n1,Pumps,7,Nora Birk\n", ""),
        ("deals", "id,title,amount,customer\n1,ROOF,7,Per Moe\n2,Wall,9,Per Moe\n", ""),
        ("deals", "id,title,amount\n1,Pumps,100\n", ""),
        ("activities", "id,kind,subject,customer\n1,call,Price,Nora Birk\n", ""),
    ],
)  # fmt: skip
def test_an_id_of_something_else_is_told(crm: Crm, what: str, content: str, said: str) -> None:
    planned = take(crm, what, content, "--dry-run")
    found = {
        each["text"]: each for each in planned.json()["findings"] if "the id of" in each["text"]
    }
    assert [(each["certainty"], each["count"]) for each in found.values()] == [(said, 1)] * bool(
        said
    )
    assert {each["option"] for each in found.values()} <= {WAYS}
    assert any(WAYS in reason for reason in reasons(planned)) == (said == "unknown")
    assert take(crm, what, content, "--strict").exit_code == bool(said)
    # Who says that the ids decide, or which system they are of, has it so.
    decided = take(crm, what, content, "--key external_id --create-missing customers --dry-run")
    assert counts(decided)[3] == 0 or what == "activities"
    unused = "no column names customers"
    assert bool(findings(decided, "decided").keys() - {unused}) == bool(said)
    assert findings(decided, "unknown") == {}
    other = take(crm, what, content, "--source other --create-missing customers --dry-run")
    assert not any("the id of" in text for text in findings(other))


def test_a_row_that_is_refused_for_its_id_changes_nothing(crm: Crm) -> None:
    content = "id,name,email\n1,Bob Ash,bob@ash.example\n2,Per Moe,per@moe.example\n"
    plan = take(crm, "customers", content)
    assert counts(plan) == (0, 1, 0, 1)
    assert [row["name"] for row in customers(crm)] == ["Nora Birk", "Per Moe"]
    take(crm, "customers", content, "--key external_id")
    assert [row["name"] for row in customers(crm)] == ["Bob Ash", "Per Moe"]


def test_an_id_of_something_else_makes_no_customer(crm: Crm) -> None:
    plan = take(crm, "deals", "id,title,customer\n1,Pumps,Cole\n", "--create-missing customers")
    assert (counts(plan), len(customers(crm)), deals(crm)[0]["title"]) == ((0, 0, 0, 1), 2, "Roof")
