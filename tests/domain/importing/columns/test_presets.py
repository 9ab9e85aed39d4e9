"""Exports of other systems are recognised by their headers, and by nothing less."""

import pytest

from crmctl.domain.importing.columns import presets
from crmctl.domain.importing.columns.column_mapping import How
from crmctl.domain.importing.columns.fields import FIELDS
from crmctl.domain.importing.columns.mapping import map_columns
from crmctl.domain.importing.units import normal
from crmctl.domain.kinds import Entity, ImportKind, Preset, Status

#: Headers as the systems write them, and the fields that are read from their columns, in order.
EXPORTS = {
    "hubspot deals": (
        ImportKind.DEALS,
        "Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Pipeline,Create Date,"
        "Associated Company,Associated Company IDs (Primary)",
        "external_id title stage close_date owner amount pipeline created_at customer"
        " customer_external_id",
    ),
    "hubspot deals by their internal names": (
        ImportKind.DEALS,
        "hs_object_id,dealname,dealstage,closedate,amount,pipeline,hubspot_owner_id,createdate",
        "external_id title stage close_date amount pipeline - created_at",
    ),
    "hubspot contacts": (
        ImportKind.CUSTOMERS,
        "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lead Status,Create Date,"
        "Associated Company",
        "external_id first_name last_name email phone owner - created_at organisation",
    ),
    "hubspot companies": (
        ImportKind.CUSTOMERS,
        "Record ID,Company name,Company owner,Create Date,Country/Region,Industry",
        "external_id name owner created_at country segment",
    ),
    "salesforce report of opportunities": (
        ImportKind.DEALS,
        "Opportunity Name,Type,Amount,Expected Revenue,Close Date,Next Step,Stage,Probability (%),"
        "Fiscal Period,Age,Created Date,Opportunity Owner,Account Name,Lead Source",
        "title - amount - close_date next_step stage probability - - created_at owner customer"
        " source",
    ),
    "salesforce opportunities by their API names": (
        ImportKind.DEALS,
        "Id,IsDeleted,AccountId,Name,StageName,Amount,Probability,ExpectedRevenue,CloseDate,"
        "OwnerId,CreatedDate",
        "external_id - customer_external_id title stage amount probability - close_date -"
        " created_at",
    ),
    "salesforce opportunities as Data Loader writes them": (
        ImportKind.DEALS,
        "ID,ISDELETED,ACCOUNTID,NAME,STAGENAME,AMOUNT,PROBABILITY,CLOSEDATE,OWNERID,CREATEDDATE",
        "external_id - customer_external_id title stage amount probability close_date - created_at",
    ),
    "salesforce leads": (
        ImportKind.CUSTOMERS,
        "Lead Owner,First Name,Last Name,Company / Account,Email,Lead Source,Lead Status",
        "owner first_name last_name organisation email source -",
    ),
    "salesforce report of accounts": (
        ImportKind.CUSTOMERS,
        "Account Owner,Account Name,Type,Rating,Last Activity,Billing State/Province,Phone",
        "owner name - - - - phone",
    ),
    "pipedrive deals": (
        ImportKind.DEALS,
        "Deal - ID,Deal - Title,Deal - Value,Deal - Currency of Value,Deal - Stage,Deal - Status,"
        "Deal - Organization,Deal - Won time,Deal - Lost time,Deal - Lost reason,"
        "Person - Email - Work",
        "external_id title amount currency stage outcome customer closed_at closed_at lost_reason"
        " customer_email",
    ),
    "pipedrive organizations with nothing but their names": (
        ImportKind.CUSTOMERS,
        "Organization - ID,Organization - Name",
        "external_id name",
    ),
    "pipedrive deals without prefixes": (
        ImportKind.DEALS,
        "ID,Title,Value,Currency,Organization,Contact person,Stage,Status,Deal created,Won time,"
        "Lost time",
        "external_id title amount currency customer contact stage outcome created_at closed_at"
        " closed_at",
    ),
    "pipedrive people": (
        ImportKind.CUSTOMERS,
        "Person - Name*,Person - Email - Work,Person - Phone - Work,Person - Organization,"
        "Person - Owner",
        "name email phone organisation owner",
    ),
    "zoho deals": (
        ImportKind.DEALS,
        "Record Id,Deal Owner.id,Deal Owner,Amount,Deal Name,Closing Date,Account Name.id,"
        "Account Name,Stage,Probability (%),Expected Revenue,Created Time,Reason For Loss",
        "external_id - owner amount title close_date customer_external_id customer stage"
        " probability - created_at lost_reason",
    ),
    "zoho contacts": (
        ImportKind.CUSTOMERS,
        "Record Id,Contact Owner.id,Contact Owner,First Name,Last Name,Account Name.id,"
        "Account Name,Email,Title,Mobile,Created Time",
        "external_id - owner first_name last_name - organisation email - phone created_at",
    ),
    "odoo opportunities": (
        ImportKind.DEALS,
        "External ID,Opportunity,Customer,Company,Email,Salesperson,Expected Revenue,"
        "Expected Closing,Stage,Probability",
        "external_id title customer - customer_email owner amount expected_close stage probability",
    ),
    "odoo contacts": (
        ImportKind.CUSTOMERS,
        "Display Name,Phone,Email,Salesperson,Country,Company,Is a Company,Created on",
        "name phone email owner country - - created_at",
    ),
    "odoo contacts by the names of their fields": (
        ImportKind.CUSTOMERS,
        "id,display_name,is_company,phone,country_id/name,category_id/name,user_id/name",
        "external_id name - phone country tags owner",
    ),
    "odoo contacts with the names of what they refer to": (
        ImportKind.CUSTOMERS,
        "External ID,Display Name,Is a Company,Country/Country Name,Tags/Tag Name,Salesperson/Name",
        "external_id name - country tags owner",
    ),
    "pipedrive activities": (
        ImportKind.ACTIVITIES,
        "Activity - ID,Activity - Subject,Activity - Type,Activity - Due date,Activity - Done",
        "external_id subject kind at done",
    ),
}
ENTITIES = {
    ImportKind.CUSTOMERS: Entity.CUSTOMER,
    ImportKind.DEALS: Entity.DEAL,
    ImportKind.ACTIVITIES: Entity.ACTIVITY,
}


@pytest.mark.parametrize("name", EXPORTS)
def test_exports_are_recognised_and_mapped(name: str) -> None:
    kind, header, fields = EXPORTS[name]
    columns = header.split(",")
    found = presets.recognise(columns, kind, Preset.AUTO)
    assert found is not None
    assert found.system.preset == name.split()[0]
    mapped = map_columns(columns, ENTITIES[kind], layout=found.layout).mapped
    by_column = {column.name: column.field for column in mapped}
    assert [by_column.get(column, "-") for column in columns] == fields.split()
    assert {column.how for column in mapped} == {How.PRESET}


@pytest.mark.parametrize(
    "header",
    [
        "Stage,Amount,Name,Email,Phone",
        "Deal Id,Deal Name,Amount,Stage,Company,Owner,Close Date,Create Date",
        "deal_id,deal_name,deal_stage,close_date,deal_owner,account_id",
        "Prospect ID,Lead Number,Lead Origin,Lead Source,Converted,Country,Tags,Last Activity",
        "ref,external_ids,title,amount,stage,id",
    ],
)
def test_common_words_are_nobodys(header: str) -> None:
    for kind in ImportKind:
        assert presets.recognise(header.split(","), kind, Preset.AUTO) is None


def test_a_header_of_two_systems_is_nobodys() -> None:
    header = ["Record ID", "Deal owner", "Deal Stage", "Deal - Title", "Deal - Value", "Deal - ID"]
    assert presets.recognise(header, ImportKind.DEALS, Preset.AUTO) is None
    chosen = presets.recognise(header, ImportKind.DEALS, Preset.PIPEDRIVE)
    assert chosen
    assert chosen.system.source == "pipedrive"


@pytest.mark.parametrize(
    ("header", "preset"),
    [
        ("Record Id,Account Owner,Account Name,Phone,Website,Account Type,Billing Street,"
         "Billing City,Billing State,Billing Code", Preset.ZOHO),
        ("Account ID,Account Owner,Account Name,Phone,Website,Rating,Billing City",
         Preset.SALESFORCE),
        ("Record Id,Account Owner,Account Name,Phone,Rating,Billing City", None),
        ("Account Owner,Account Name,Phone,Rating,Billing City", Preset.SALESFORCE),
    ],
)  # fmt: skip
def test_no_system_is_claimed_for_the_ids_of_another(header: str, preset: Preset | None) -> None:
    found = presets.recognise(header.split(","), ImportKind.CUSTOMERS, Preset.AUTO)
    assert (found.system.preset if found else None) == preset


def test_a_preset_can_be_named_or_refused() -> None:
    header = EXPORTS["zoho deals"][1].split(",")
    assert presets.recognise(header, ImportKind.DEALS, Preset.NONE) is None
    found = presets.recognise(["Deal Name"], ImportKind.DEALS, Preset.ZOHO)
    assert found
    assert found.system.title == "Zoho"
    assert presets.recognise(header, ImportKind.HISTORY, Preset.ZOHO) is None


@pytest.mark.parametrize("preset", presets.SYSTEMS)
def test_presets_name_fields_and_stages_that_there_are(preset: Preset) -> None:
    system = presets.load(preset)
    kinds = {layout.kind for layout in system.layouts}
    records = {ImportKind.CUSTOMERS, ImportKind.DEALS, ImportKind.ACTIVITIES}
    # Some lists are known only to be told apart from those.
    assert kinds - {ImportKind.HISTORY, None} == records
    assert set(system.stages.values()) <= {Status.WON, Status.LOST}
    for layout in system.layouts:
        assert len(layout.marks) >= 2 * presets.MARKS
        entity = layout.kind and ENTITIES.get(layout.kind)
        known = FIELDS[entity or ImportKind.HISTORY]
        assert layout.fields.keys() <= known.keys()
        labels = [text for groups in layout.fields.values() for group in groups for text in group]
        assert all(map(normal, labels))
