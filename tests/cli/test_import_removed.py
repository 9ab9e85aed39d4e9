"""Rows of files about records that are removed: named and refused, and nothing is doubled."""

import pytest

from tests.cli.imported import counts, customers, deals, reasons, take
from tests.crm import Crm

GONE = "C1 is removed (crmctl customer restore C1)"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with a customer who is removed."""
    return crm.begin(
        "init Acme --user Ada", "user use Ada",
        "customer add 'Nora Birk' --email nora@birk.example --website birk.example",
        "customer remove C1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("Name,Email\nNora Birk,nora@birk.example\n", ""),
        ("Name,Email\nN. Birk,NORA@birk.example\n", ""),
        ("Record ID,First Name,Email,Contact owner,Lifecycle Stage\n7,N,nora@birk.example,,\n", ""),
        ("Name,Website\nBirk,birk.example\n", "--key domain"),
    ],
)
def test_a_removed_customer_is_named(crm: Crm, content: str, options: str) -> None:
    plan = take(crm, "customers", content, options)
    assert [reason.partition(": ")[2] for reason in reasons(plan)] == [GONE]
    assert customers(crm) == []
    assert crm("customer restore C1").exit_code == 0
    assert counts(take(crm, "customers", content, options))[0] == 0


def test_whoever_is_there_comes_before_one_that_is_removed(crm: Crm) -> None:
    crm("customer add Nora --email nora@birk.example")
    plan = take(crm, "customers", "Name,Email,Phone\nNora,nora@birk.example,+49301234567\n")
    assert counts(plan)[:2] == (0, 1)


@pytest.mark.parametrize("content", ["Name\nNORA  Birk\n", "Name,Email\nNora Birk,\n"])
def test_a_removed_customer_is_named_by_its_name_alone(crm: Crm, content: str) -> None:
    plan = take(crm, "customers", content)
    way = "crmctl customer restore C1, or --key name if this is another"
    assert reasons(plan) == [f"2 Name: is that of C1 Nora Birk, which is removed ({way})"]
    assert customers(crm) == []
    assert counts(take(crm, "customers", content, "--key name"))[0] == 1


@pytest.mark.parametrize(
    "content",
    [
        "Name,Email\nNora Birk,nora@other.example\n",
        "Name,Website\nNora Birk,other.example\n",
        "Name\nNora\n",
    ],
)
def test_what_contradicts_a_removed_customer_is_another(crm: Crm, content: str) -> None:
    assert counts(take(crm, "customers", content))[0] == 1


def test_one_that_was_removed_without_an_address_is_named(crm: Crm) -> None:
    take(crm, "customers", "Name\nPer Moe\n")
    crm("customer remove C2")
    for content in ("Name,Email\nPer Moe,per@moe.example\n", "ID,Name\n7,Per Moe\n"):
        plan = take(crm, "customers", content)
        assert "is that of C2 Per Moe, which is removed" in reasons(plan)[0]
    take(crm, "customers", "Name,Email\nPer Moe,per@moe.example\n", "--key email")
    assert len(customers(crm)) == 1


@pytest.mark.parametrize(
    "named", ["Nora Birk,nora@birk.example,", ",nora@birk.example,", ",,birk.example"]
)
def test_the_removed_customer_of_a_deal_is_named(crm: Crm, named: str) -> None:
    content = f"Deal Name,Customer,customer_email,customer_domain\nMilk round,{named}\n"
    plan = take(crm, "deals", content, "--create-missing customers")
    assert GONE in reasons(plan)[0]
    assert (customers(crm), deals(crm)) == ([], [])


def test_a_removed_deal_is_named_by_its_title_and_customer(crm: Crm) -> None:
    take(crm, "deals", "Deal Name,Customer\nWeir,Ash\nWeir,Birk\n", "--create-missing customers")
    crm("deal remove D1")
    content = "Deal Name,Customer,Amount\nWEIR,Ash,10\nWeir,Birk,20\nWeir,Cole,30\n"
    plan = take(crm, "deals", content, "--create-missing customers")
    assert reasons(plan) == ["2 Deal Name: D1 is removed (crmctl deal restore D1)"]
    assert counts(plan) == (1, 1, 0, 1)


def test_what_an_undo_took_away_is_imported_again(crm: Crm) -> None:
    content = "Deal Name,Customer,Amount\nWeir,Ash,10\n"
    for _ in range(2):
        plan = take(crm, "deals", content, "--create-missing customers")
        assert counts(plan)[0] == 1
        assert crm("undo").exit_code == 0
