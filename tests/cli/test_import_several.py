"""Several columns for one field, and several values in one cell: each row has the first one."""

import pytest

from tests.cli.imported import customers, deals, findings, take
from tests.crm import Crm


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline."""
    return crm.begin("init Acme --user Ann", "user use Ann")


@pytest.mark.parametrize(
    ("head", "rows", "expected"),
    [
        ("Company,Account", ["Fell,", "Birk,"], ["Fell", "Birk"]),
        ("Account,Company", [",Fell", ",Birk"], ["Fell", "Birk"]),
        ("Account,Company", ["Fell,", ",Birk"], ["Fell", "Birk"]),
        ("Account,Company", ["Fell,Other", ",Birk"], ["Fell", "Birk"]),
    ],
)
def test_each_row_has_its_first_filled_organisation(
    crm: Crm, head: str, rows: list[str], expected: list[str]
) -> None:
    lines = [f"{name},P{name},{row}" for name, row in zip(("Ann", "Bob"), rows, strict=True)]
    take(crm, "customers", "\n".join([f"First Name,Last Name,{head}", *lines, ""]))
    assert [each["organisation"] for each in customers(crm)] == expected


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("Business Phone,Mobile Phone", "+493012345678,"),
        ("Mobile Phone,Business Phone", ",+493012345678"),
        ("Phone,Mobile,Home Phone", ",,+493012345678"),
    ],
)
def test_the_phone_is_the_first_that_is_filled(crm: Crm, head: str, cells: str) -> None:
    take(crm, "customers", f"Name,{head}\nNora,{cells}\n")
    assert customers(crm)[0]["phone"] == "+493012345678"


def test_what_is_read_where_another_is_empty_is_shown_and_kept(crm: Crm) -> None:
    content = "Name,Phone,Mobile\nNora,+493012345678,\nIna,,+493012345679\n"
    shown = crm("import customers - --dry-run", input=content).stdout
    assert "  Mobile -> phone  where that is empty" in shown
    take(crm, "customers", content, "--save-mapping Ours")
    more = content.replace("Nora", "Bo").replace("Ina", "Cy")
    assert take(crm, "customers", more, "--mapping Ours").json()["created"] == 2
    phones = {each["name"]: each["phone"] for each in customers(crm)}
    assert (phones["Bo"], phones["Cy"]) == ("+493012345678", "+493012345679")


def test_what_is_not_read_becomes_a_custom_field_all_the_same(crm: Crm) -> None:
    take(crm, "customers", "Name,Phone,Mobile\nNora,+493012345678,+493012345679\n", "--custom")
    assert customers(crm)[0]["custom"] == {"mobile": "+493012345679"}


def test_a_cell_that_is_refused_is_told_with_its_own_column(crm: Crm) -> None:
    result = take(
        crm, "customers", "Name,Email,Work Email\nNora,,none\nIna,,i@m.example\nBo,b@m.example,\n"
    )
    assert [each["column"] for each in result.json()["rejects"]] == ["Work Email"]


def test_a_deal_without_a_company_is_its_contacts(crm: Crm) -> None:
    content = "Deal Name,Account Name,Contact Name\nWeir,,Jo Moor\nLock,Fell,Jo Moor\n"
    take(crm, "deals", content, "--create-missing customers")
    assert [each["customer"] for each in deals(crm)] == ["Jo Moor", "Fell"]


@pytest.mark.parametrize("column", ["Company", "Organisation", "Account Name"])
def test_a_row_of_an_organisation_alone_is_called_like_it(crm: Crm, column: str) -> None:
    content = f"First Name,Last Name,{column},Email\nNora,Birk,Birk Ltd,n@birk.example\n,,Fell,\n"
    assert take(crm, "customers", content).exit_code == 0
    assert [each["name"] for each in customers(crm)] == ["Nora Birk", "Fell"]
    assert take(crm, "customers", content).json()["unchanged"] == 2


@pytest.mark.parametrize(
    ("mail", "phone"),
    [
        ("n@birk.example ::: nora@home.example", "+49 30 123456 ::: +49 170 123456"),
        ("n@birk.example", "+49 30 123456 ::: 0170 5"),
        ("n@birk.example; nora@home.example", "+49 30 123456"),
        ('"n@birk.example, nora@home.example"', "+49 30 123456 / +49 170 123456"),
    ],
)
def test_the_first_of_several_values_is_taken_and_told(crm: Crm, mail: str, phone: str) -> None:
    content = f"Name,E-mail 1 - Value,Phone 1 - Value\nNora,{mail},{phone}\n"
    result = take(crm, "customers", content)
    found = customers(crm)[0]
    assert (found["email"], found["phone"]) == ("n@birk.example", "+4930123456")
    assert any("the first of several values is taken" in each for each in findings(result))
    assert take(crm, "customers", content, "--strict").exit_code == 1


def test_labels_of_google_are_tags(crm: Crm) -> None:
    take(crm, "customers", "Name,Labels\nNora,* myContacts ::: Work\n")
    assert customers(crm)[0]["tags"] == ["myContacts", "Work"]
