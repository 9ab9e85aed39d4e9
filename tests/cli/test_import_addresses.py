"""Rows whose external id is new: whom they are about by their address, and what is said of it."""

import pytest

from tests.cli.imported import counts, customers, findings, take
from tests.crm import Crm

PEOPLE = "Record ID,First Name,Last Name,Email,Contact owner,Lifecycle Stage\n"
COMPANIES = "Record ID,Company name,Company owner,Company Domain Name,Create Date\n"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with one user, Ada, who is remembered."""
    return crm.begin("init Acme --user Ada", "user use Ada")


@pytest.mark.parametrize("mail", ["nora@birk.example", "NORA@Birk.example "])
@pytest.mark.parametrize("head", [PEOPLE, "ID,First Name,Last Name,Email,Owner,Stage\n"])
def test_a_known_address_is_given_the_id(crm: Crm, head: str, mail: str) -> None:
    take(crm, "customers", "Name,Email\nNora Birk,nora@birk.example\n")
    for run in (True, False):
        plan = take(crm, "customers", f"{head}77,Nora,Birk,{mail},,lead\n")
        assert counts(plan)[0] == 0
        assert any("given the id (line 2, C1)" in text for text in findings(plan)) == run
    assert len(customers(crm)) == 1
    assert customers(crm)[0]["external_ids"]


def test_another_id_of_one_system_is_another_which_is_said(crm: Crm) -> None:
    take(crm, "customers", f"{PEOPLE}1,Nora,Birk,office@birk.example,,lead\n")
    content = f"{PEOPLE}2,Per,Birk,office@birk.example,,lead\n"
    plan = take(crm, "customers", content)
    assert [row["name"] for row in customers(crm)] == ["Nora Birk", "Per Birk"]
    (text,) = findings(plan, "assumed")
    assert text.startswith("rows have the address of a customer that is there")
    assert "line 2, C1 Nora Birk" in text
    assert findings(take(crm, "customers", content)) == {}


def test_rows_of_one_address_are_counted_and_the_first_is_named(crm: Crm) -> None:
    rows = "1,Bob,Ash,bob@ash.example,,\n2,Ann,Roe,,,\n3,Bob,Ash,BOB@ash.example ,,\n"
    plan = take(crm, "customers", f"{PEOPLE}{rows}4,Bo,Ash,bob@ash.example,,\n", "--dry-run")
    assert counts(plan)[0] == 4
    text = "rows have the address of an earlier row, and another id: they are others"
    assert findings(plan, "assumed") == {f"{text} (bob@ash.example on lines 2 and 4)": 2}
    assert take(crm, "customers", f"{PEOPLE}{rows}", "--strict").exit_code == 1
    assert customers(crm) == []


@pytest.mark.parametrize(
    ("there", "row", "known"),
    [
        ("Fell Dairy,fell.example", "7,Fell Dairy Ltd,,www.fell.example,", True),
        ("Fell Dairy,https://fell.example/", "7,Fell Dairy,,fell.example,", True),
        ("Fell Dairy,fell.example", "7,Weir Tiles,,weir.example,", False),
        ("Fell Dairy,gmail.com", "7,Weir Tiles,,gmail.com,", False),
    ],
)
def test_a_company_is_known_by_its_website(crm: Crm, there: str, row: str, known: bool) -> None:
    take(crm, "customers", f"Name,Website\n{there}\n")
    plan = take(crm, "customers", f"{COMPANIES}{row}\n8,Other,,other.example,\n")
    assert counts(plan)[:2] == ((1, 1) if known else (2, 0))


def test_a_person_is_not_taken_for_the_company_of_its_website(crm: Crm) -> None:
    take(crm, "customers", "Name,Website\nFell Dairy,fell.example\n")
    head = "Record ID,First Name,Last Name,Website URL,Contact owner,Lifecycle Stage\n"
    assert counts(take(crm, "customers", f"{head}7,Nora,Birk,fell.example,,\n"))[0] == 1
    assert len(customers(crm)) == 2


def test_a_key_that_was_typed_decides_alone(crm: Crm) -> None:
    take(crm, "customers", "Name,Email\nNora Birk,nora@birk.example\n")
    content = f"{PEOPLE}77,Nora,Birk,nora@birk.example,,lead\n"
    assert counts(take(crm, "customers", content, "--key external_id --dry-run"))[0] == 1
    assert counts(take(crm, "customers", content, "--key email"))[:2] == (0, 1)


@pytest.mark.parametrize("back", [False, True])
def test_a_new_id_does_not_bring_a_merged_customer_back(crm: Crm, back: bool) -> None:
    rows = ["Fell GmbH,a@fell.example", "FELL,b@fell.example"]
    take(crm, "customers", "\n".join(["Name,Email", *rows]))
    assert crm("customer merge C1 C2").exit_code == 0
    more = ["1,Fell GmbH,,a@fell.example,,", "2,FELL,,b@fell.example,,"]
    content = PEOPLE + "\n".join(reversed(more) if back else more)
    for _ in range(2):
        plan = take(crm, "customers", content)
        assert (counts(plan)[0], plan.json()["skipped"]) == (0, 1)
    assert [row["name"] for row in customers(crm)] == ["Fell GmbH"]
