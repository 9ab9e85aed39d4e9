"""A probability of a file is the deal's own only if it is more than what its stage says."""

import pytest

from tests.cli.imported import deals, findings, take
from tests.crm import Crm

SALESFORCE = "Opportunity ID,Opportunity Name,Stage,Probability (%),Close Date,Opportunity Owner\n"
HUBSPOT = "Record ID,Deal Name,Deal Stage,Deal probability,Deal owner\n"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline."""
    return crm.begin("init Acme --user Ann", "user use Ann")


def chances(crm: Crm) -> list[str | None]:
    return [each["probability"] for each in deals(crm)]


def test_what_is_the_stages_is_left_to_it(crm: Crm) -> None:
    rows = "1,Weir,lead,10,2027-12-31,\n2,Lock,lead,10,2027-12-31,\n3,Dam,proposal,65,2027-12-31,\n"
    result = take(crm, "deals", SALESFORCE + rows)
    assert "Probability (%) is left to the stages, as each has one" in findings(result, "decided")
    assert crm("deal move Dam negotiation").exit_code == 0
    assert chances(crm) == [None, None, None]
    take(crm, "deals", SALESFORCE + rows, "--map 'Probability (%)=probability'")
    assert chances(crm) == ["0.10", "0.10", "0.65"]


def test_what_differs_within_a_stage_is_someones_opinion(crm: Crm) -> None:
    rows = "1,Weir,lead,10,2027-12-31,\n2,Lock,lead,35,2027-12-31,\n"
    take(crm, "deals", SALESFORCE + rows)
    assert chances(crm) == ["0.10", "0.35"]


def test_hubspot_has_the_probabilities_of_stages_alone(crm: Crm) -> None:
    result = take(crm, "deals", f"{HUBSPOT}1,Weir,lead,0.2,\n2,Lock,lead,0.35,\n")
    assert result.json()["preset"] == "hubspot"
    assert chances(crm) == [None, None]


def test_a_reopened_deal_weighs_what_its_stage_does(crm: Crm) -> None:
    take(crm, "deals", "Deal Name,Stage,Probability\nWeir,Won,100%\nLock,Lost,0%\nDam,Lead,60%\n")
    assert chances(crm) == [None, None, "0.60"]
    assert crm("deal add Pier --probability 100% --stage proposal").exit_code == 0
    for command in ("deal win Pier", "deal reopen Pier --to qualified", "deal win Dam"):
        assert crm(command).exit_code == 0, command
    assert crm("deal reopen Dam --to lead").exit_code == 0
    assert chances(crm) == [None, None, "0.60", None]
    assert crm("db check").exit_code == 0
