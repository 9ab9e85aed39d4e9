"""Columns find their fields by name, and corrections are taken at their word."""

from collections.abc import Sequence
from typing import Any

import pytest

from crmctl.domain.importing.columns.column_mapping import How
from crmctl.domain.importing.columns.fields import ACTIVE, CUSTOMERS, DEALS
from crmctl.domain.importing.columns.mapping import likely, map_columns
from crmctl.domain.importing.files.tables import column_names
from crmctl.domain.kinds import Entity
from crmctl.errors import UsageError


def mapped(
    header: str, entity: Entity = Entity.DEAL, typed: Sequence[str] = (), **custom: str
) -> dict[str, str]:
    columns = map_columns(header.split(","), entity, typed, custom)
    return {column.field: column.name for column in columns.mapped}


@pytest.mark.parametrize("entity", [Entity.CUSTOMER, Entity.DEAL])
def test_every_field_answers_to_its_own_name(entity: Entity) -> None:
    names = [name for name in (CUSTOMERS if entity == Entity.CUSTOMER else DEALS) if name != ACTIVE]
    for write in (str, str.upper, lambda name: name.replace("_", " ").title()):
        header = [write(name) for name in names]
        found = map_columns(header, entity).mapped
        assert {column.field: column.position for column in found} == {
            name: place for place, name in enumerate(names)
        }


def test_names_of_other_systems() -> None:
    assert mapped("Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Closed Lost Reason") == {
        "external_id": "Record ID",
        "title": "Deal Name",
        "stage": "Deal Stage",
        "close_date": "Close Date",
        "owner": "Deal owner",
        "lost_reason": "Closed Lost Reason",
    }
    assert mapped("Id,AccountId,Name,StageName,CloseDate,NextStep,LeadSource") == {
        "external_id": "Id",
        "customer_external_id": "AccountId",
        "title": "Name",
        "stage": "StageName",
        "close_date": "CloseDate",
        "next_step": "NextStep",
        "source": "LeadSource",
    }


def test_companies_are_customers_or_where_customers_work() -> None:
    assert mapped("Company name,Phone", Entity.CUSTOMER)["name"] == "Company name"
    people = mapped("First Name,Last Name,Company name", Entity.CUSTOMER)
    assert people["organisation"] == "Company name"
    assert "name" not in people


def test_corrections() -> None:
    found = mapped(
        "Company,Sum,Name,x=y", typed=["Company=title", "company=customer", "x=y=source", "Name="]
    )
    assert found == {"title": "Company", "customer": "Company", "source": "x=y"}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("Sum", "--map takes COLUMN=FIELD"),
        ("=title", "--map takes COLUMN=FIELD"),
        ("Nope=title", "no column 'Nope'"),
        ("Sum=nope", "deals have no field 'nope'"),
        ("Sum=custom.nope", "crmctl field add deal nope"),
    ],
)
def test_wrong_corrections_are_refused(typed: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        mapped("Title,Sum", typed=[typed])


def test_two_columns_for_one_field_are_refused() -> None:
    with pytest.raises(UsageError, match="two columns are mapped to title: 'A' and 'B'"):
        mapped("A,B", typed=["A=title", "B=title"])
    with pytest.raises(UsageError, match="columns 'A b' and 'a_b' are meant by 'ab'"):
        mapped("A b,a_b", typed=["ab=title"])


def test_the_better_name_wins() -> None:
    assert mapped("Value,Amount")["amount"] == "Amount"
    assert mapped("Associated Company,Customer")["customer"] == "Customer"


def test_custom_fields_by_key_and_label() -> None:
    header = "Title,region,Kind of work,custom.size"
    found = mapped(header, region="Region", kind="Kind of work", size="Size")
    assert found["custom.region"] == "region"
    assert found["custom.kind"] == "Kind of work"
    assert found["custom.size"] == "custom.size"
    assert mapped("Title,X", typed=["X=region"], region="Region")["custom.region"] == "X"


def test_unmapped_columns_are_named() -> None:
    columns = map_columns(["Title", "City", "", "Notes"], Entity.DEAL, ["Notes="])
    assert columns.unmapped == ("City",)


def test_own_exports_and_rejects_are_known() -> None:
    header = "ref,external_ids,title,status,updated_at,customer_id,id,line,column,reason"
    columns = map_columns(header.split(","), Entity.DEAL)
    assert columns.unmapped == ()
    assert columns.fields == {
        "number", "external_ids", "title", "customer_crmctl_id", "crmctl_id",
    }  # fmt: skip
    # The same names from elsewhere are what another system calls its rows.
    assert mapped("id,customer_id,title") == {
        "external_id": "id",
        "customer_external_id": "customer_id",
        "title": "title",
    }


def hows(header: str, *, entity: Entity = Entity.DEAL, **options: Any) -> dict[str, str]:
    columns = map_columns(header.split(","), entity, **options).mapped
    return {column.name: f"{column.field} {column.how}" for column in columns}


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Ammount", "amount"),
        ("Deal Stagee", "stage"),
        ("Probabilty", "probability"),
        ("Next Stepp", "next_step"),
        ("Expected Close Dat", "expected_close"),
        ("Sales Persons", "owner"),
        ("Lead Sorce", "source"),
        ("Stag", "stage"),
        ("Amont", "amount"),
        ("Soruce", "source"),
        ("Deal Stgae", "stage"),
    ],
)
def test_slips_in_a_name_are_understood(name: str, field: str) -> None:
    assert hows(f"Title,{name}") == {"Title": "title name", name: f"{field} close"}


@pytest.mark.parametrize(
    "name",
    [
        "Deal Nane", "Tittle", "Recordd ID", "Custommer", "Customer Emails", "Owner Emails",
        "Account Owner ID", "Deal Owner 2", "Close Reason", "Created by", "State", "Status",
        "Scale", "Owner ID", "Weighted amount", "Lead Score", "Updated at", "Stage History",
        "Phone",
    ],
)  # fmt: skip
def test_what_means_something_else_or_tells_rows_apart_is_not_guessed(name: str) -> None:
    assert hows(f"Title,{name}") == {"Title": "title name"}
    assert map_columns(["Title", name], Entity.DEAL).unmapped == (name,)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("Deal Tilte,Amont", 'is \'Deal Tilte\' the title? (--map "Deal Tilte=title"; --map "Deal'),
        ("Amount,Recordd ID,Tittle", "is 'Recordd ID' the external id?, is 'Tittle' the title?"),
    ],
)
def test_what_nearly_tells_rows_apart_is_asked_for(header: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        mapped(header)
    assert f"nothing tells the rows apart: {told}" in str(refused.value)


def test_what_nearly_tells_rows_apart_is_left_alone_where_something_does() -> None:
    assert mapped("Id,Deal Tilte") == {"external_id": "Id"}
    assert mapped("Amount,Deal Tilte", typed=["Deal Tilte="]) == {"amount": "Amount"}
    assert likely(["Deal Tilte", "Notes"], Entity.DEAL, ["external_id"]) == {"Deal Tilte": "title"}
    assert likely(["Deal Tilte"], Entity.DEAL, ["title"]) == {}


def test_a_field_that_is_nearly_one_is_proposed() -> None:
    with pytest.raises(UsageError, match=r"deals have no field 'titel' \(did you mean title\?\)"):
        mapped("Deal", typed=["Deal=titel"])


def test_county_is_no_country() -> None:
    assert hows("Name,County", entity=Entity.CUSTOMER) == {"Name": "name name"}


def test_a_close_name_never_takes_what_another_column_is_called() -> None:
    assert hows("Amount,Ammount") == {"Amount": "amount name"}
    assert hows("Ammount,Amounnt") == {}
    assert hows("Amount,Ammount", typed=["Amount=title"]) == {
        "Amount": "title typed",
        "Ammount": "amount close",
    }


def test_what_is_typed_goes_before_what_was_kept() -> None:
    saved = [
        ("Name", "title"),
        ("Sum", "amount"),
        ("Who", "owner"),
        ("Stage", ""),
        ("Gone", "tags"),
    ]
    header = ["Name", "Sum", "Who", "Stage", "Value", "Notes"]
    columns = map_columns(header, Entity.DEAL, ["Value=amount", "Who="], saved=saved)
    assert [(column.name, column.field, column.how) for column in columns.mapped] == [
        ("Name", "title", How.SAVED),
        ("Value", "amount", How.TYPED),
    ]
    assert columns.unmapped == ("Sum", "Notes")
    assert columns.left_out == ("Who", "Stage")
    assert columns.lacking == ("Gone",)


def test_a_kept_field_that_is_gone_is_told() -> None:
    with pytest.raises(UsageError, match="crmctl field add deal region"):
        map_columns(["Area"], Entity.DEAL, saved=[("Area", "custom.region")])


def test_columns_without_a_name_and_of_the_same_name_can_be_mapped() -> None:
    header = column_names(["Name", "Name", "", "Sum"])
    columns = map_columns(header, Entity.DEAL, ["column 3=source", "Name (2)=customer"])
    assert {column.position: column.field for column in columns.mapped} == {
        0: "title", 1: "customer", 2: "source",
    }  # fmt: skip
