"""Sources of external ids: the system, and the kind of record that a file tells."""

import pytest

from crmctl.domain.external_ids import kind_of_column, related_sources, source_of, split_source
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
