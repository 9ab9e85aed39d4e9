"""What a stage needs of a deal holds while the deal is there, not only when it comes."""

import pytest

from tests.crm import Crm

FIELDS = {
    "amount": ("--amount 5", "--clear amount"),
    "next_step": ("--next-step Call", "--clear next-step"),
    "expected_close": ("--close 2026-09-01", "--clear close"),
    "tags": ("--tag hot", "--untag hot"),
    "customer": ("--customer C1", "--clear customer"),
    "owner": ("--owner Ada", "--clear owner"),
    "custom.budget": ("--custom budget=5", "--custom budget="),
}


@pytest.fixture
def company(crm: Crm) -> Crm:
    """A company with a customer and a custom field."""
    return crm.begin(
        "init Co --user Ada", "customer add Fell", "field add deal budget --type number"
    )


@pytest.mark.parametrize("field", FIELDS)
def test_it_is_not_emptied_there(company: Crm, field: str) -> None:
    given, emptying = FIELDS[field]
    for command in (
        f"stage edit proposal --required {field}",
        f"deal add Weir --stage proposal {given}",
    ):
        assert company(command).exit_code == 0
    before = company("deal show D1 --json").json()
    result = company(f"deal edit D1 {emptying}")
    assert (result.exit_code, result.stdout) == (1, "")
    needs = f"crmctl: error: D1: proposal needs {field.replace('_', ' ')}"
    assert result.stderr == f"{needs} (or --override --reason TEXT)\n"
    assert company("deal show D1 --json").json() == before
    assert company("deal move D1 qualified").exit_code == 0
    assert company(f"deal edit D1 {emptying}").exit_code == 0


def test_it_is_overridden_with_a_reason_that_is_logged(company: Crm) -> None:
    company("stage edit proposal --required amount")
    company("deal add Weir --stage proposal --amount 5")
    command = "deal edit D1 --clear amount --override"
    assert company(command).exit_code == 2
    assert company([*command.split(), "--reason", "unsure"]).exit_code == 0
    assert company("log --json").json()[0]["overrides"] == "D1: proposal needs amount"


def test_what_a_deal_lacks_already_it_may_lack(company: Crm) -> None:
    company("deal add Weir --stage proposal")
    company("stage edit proposal --required amount")
    assert company("deal edit D1 --title Dam").exit_code == 0
    assert company("deal edit D1 --clear amount --tag hot").exit_code == 0


def test_a_field_that_a_stage_needs_is_not_removed(company: Crm) -> None:
    company("stage edit proposal --required custom.budget")
    result = company("field remove deal budget --yes")
    assert (result.exit_code, result.stderr) == (
        1,
        "crmctl: error: stage default/proposal needs budget"
        " (crmctl stage edit default/proposal --clear required_fields)\n",
    )
