"""Lists of something else are told by their header, and no list of the kind that was named is."""

import pytest

from crmctl.domain.importing.columns.mapping import map_columns
from crmctl.domain.importing.columns.other_lists import other_list
from crmctl.domain.kinds import Entity, ImportKind
from tests.domain.importing.columns.test_presets import ENTITIES, EXPORTS

PRODUCTS = (
    "Id,Name,ProductCode,Description,IsActive,CreatedDate,CreatedById,LastModifiedDate,"
    "LastModifiedById,SystemModstamp,Family,IsDeleted"
)
ACCOUNTS = "Id,IsDeleted,Name,Type,ParentId,BillingCity,BillingCountry,AnnualRevenue,OwnerId"
OPPORTUNITIES = "Id,IsDeleted,AccountId,Name,StageName,Amount,CloseDate,ForecastCategory"
PEOPLE = "Record ID,First Name,Last Name,Email,Contact owner,Lifecycle Stage,Create Date"


def seen(header: str, entity: Entity) -> str | None:
    names, kind = header.split(","), next(k for k, e in ENTITIES.items() if e == entity)
    found = other_list(names, kind, map_columns(names, entity))
    return found.name if found else None


@pytest.mark.parametrize(
    ("header", "entity", "name"),
    [
        (PRODUCTS, Entity.CUSTOMER, "Salesforce's Product2, which are products"),
        (PRODUCTS, Entity.DEAL, "Salesforce's Product2, which are products"),
        (ACCOUNTS, Entity.DEAL, "Salesforce's accounts, which are customers"),
        (OPPORTUNITIES, Entity.CUSTOMER, "Salesforce's opportunities, which are deals"),
        (PEOPLE, Entity.DEAL, "HubSpot's contacts, which are customers"),
        (PEOPLE, Entity.ACTIVITY, "HubSpot's contacts, which are customers"),
        ("Product Name,SKU,Stock", Entity.CUSTOMER, "a list of products"),
        ("Title,Variant SKU,Barcode,Vendor", Entity.DEAL, "a list of products"),
        ("Invoice Number,Invoice Date,Customer,Amount", Entity.DEAL, "a list of invoices"),
        ("Record Id,Product Name,Product Code,Unit Price,Product Owner", Entity.CUSTOMER,
         "Zoho's products"),
    ],
)  # fmt: skip
def test_lists_of_something_else_are_recognised(header: str, entity: Entity, name: str) -> None:
    assert seen(header, entity) == name


@pytest.mark.parametrize("name", EXPORTS)
def test_no_export_is_taken_for_another_list(name: str) -> None:
    kind, header, _ = EXPORTS[name]
    assert kind in ImportKind
    assert seen(header, ENTITIES[kind]) is None


@pytest.mark.parametrize(
    ("header", "entity"),
    [
        ("Name,Email,SKU,Barcode", Entity.CUSTOMER),
        ("Deal Name,Stage,Amount,SKU,Unit Price", Entity.DEAL),
        ("Deal Name,Product Name,Amount", Entity.DEAL),
        ("Deal - Title,Deal - Value,Deal - Stage,Person - Name,Person - Email", Entity.CUSTOMER),
        (
            "Deal - Title,Deal - Value,Person - Name,Person - Email - Work,Person - Phone - Work,"
            "Person - ID,Person - Owner",
            Entity.DEAL,
        ),
        (ACCOUNTS, Entity.CUSTOMER),
        (OPPORTUNITIES, Entity.DEAL),
    ],
)
def test_what_says_what_such_a_list_says_is_one(header: str, entity: Entity) -> None:
    assert seen(header, entity) is None
