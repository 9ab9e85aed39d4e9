"""Sources of external ids: the system, and the kind of record that a file tells."""

import pytest

from crmctl.domain.external_ids import (
    canonical,
    kind_of_column,
    related_sources,
    source_of,
    split_source,
)
from crmctl.domain.kinds import Entity


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Account ID", "company"), ("accountid", "company"), ("AccountId", "company"),
        ("Associated Company IDs (Primary)", "company"), ("Organization - ID", "company"),
        ("organisation_id", "company"), ("Account Name.id", "company"),
        ("Person - ID", "contact"), ("CONTACT ID", "contact"), ("Lead ID", "lead"),
        ("Record ID", ""), ("id", ""), ("Customer ID", ""), ("Customer/External ID", ""),
        ("Company of Contact ID", ""), ("Leader ID", ""),
    ],
)  # fmt: skip
def test_column_of_ids_tells_the_kind_of_record_by_its_name(name: str, kind: str) -> None:
    assert kind_of_column(name, Entity.CUSTOMER) == kind
    assert kind_of_column(name, Entity.DEAL) == ""


def test_source_names_a_system_and_a_kind_of_record() -> None:
    assert source_of("hubspot", "contact") == "hubspot/contact"
    assert source_of("hubspot/company", "contact") == "hubspot/company"
    assert (source_of("hubspot", ""), source_of("", "contact")) == ("hubspot", "contact")
    assert split_source("hubspot/contact") == ("hubspot", "contact")
    assert split_source("contact") == ("", "contact")
    assert split_source("erp/north") == ("erp/north", "")


def test_source_without_a_kind_may_mean_each_and_the_other_way_round() -> None:
    assert related_sources("hubspot/contact", Entity.CUSTOMER) == ["hubspot"]
    assert related_sources("erp", Entity.CUSTOMER) == ["erp/company", "erp/contact", "erp/lead"]
    assert related_sources("erp", Entity.DEAL) == []


@pytest.mark.parametrize(
    ("source", "text", "form"),
    [
        ("salesforce", "0065g00000AbCdE", "0065g00000AbCdEAAV"),
        ("salesforce/contact", "0065g00000AbCdEAAV", "0065g00000AbCdEAAV"),
        ("salesforce", "0065g00000aBcDe", "0065g00000aBcDeAAK"),
        # A program that takes no heed of case.
        ("salesforce", "0065G00000ABCDEAAV", "0065g00000AbCdEAAV"),
        ("salesforce", "0065g00000abcdeaak", "0065g00000aBcDeAAK"),
        # No ids of Salesforce.
        ("salesforce", "0065g00000AbCdEAAA", "0065g00000AbCdEAAA"),
        ("salesforce", "0065g00000AbCdEAA9", "0065g00000AbCdEAA9"),
        ("salesforce", "0065g", "0065g"),
        ("acme", "0065g00000AbCdE", "0065g00000AbCdE"),
        ("zoho", "zcrm_5550001", "5550001"),
        ("hubspot/company", "151.0", "151"),
        ("acme", "151.0", "151.0"),
    ],
)
def test_id_has_one_form_in_its_system(source: str, text: str, form: str) -> None:
    assert canonical(source, text) == form
    assert canonical(source, form) == form
