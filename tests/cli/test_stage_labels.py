"""What a stage is called means one stage of its pipeline, and no other kind."""

import pytest

from tests.crm import Crm


def _company(crm: Crm) -> Crm:
    return crm.begin("init Co --user Ada")


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("add legal --label Proposal", "stage proposal is called 'Proposal' already"),
        ("add legal --label ' proposal '", "stage proposal is called 'Proposal' already"),
        ("add legal --label '\uff30roposal'", "stage proposal is called 'Proposal' already"),
        ("add legal --label Pro\u200bposal", "stage proposal is called 'Proposal' already"),
        ("edit lead --label Qualified", "stage qualified is called 'Qualified' already"),
        ("add legal --label Won", "stage won is called 'Won' already"),
        ("edit lead --label LOST", "stage lost is called 'Lost' already"),
    ],
)
def test_a_label_of_another_is_refused(crm: Crm, command: str, why: str) -> None:
    _company(crm)
    before = crm("stage list --json").stdout
    result = crm(f"stage {command}")
    assert (result.exit_code, result.stderr) == (
        2,
        f"crmctl: error: {why}: choose another label\n",
    )
    assert crm("stage list --json").stdout == before


def test_a_label_that_means_another_kind_is_refused(crm: Crm) -> None:
    _company(crm)
    assert crm("stage edit won --label Signed").exit_code == 0
    assert crm("stage edit lost --label Gone").exit_code == 0
    result = crm("stage edit gone --label Won")
    assert "stage won is called 'Signed' already" in result.stderr
    assert crm("pipeline export").exit_code == 0


def test_a_label_of_its_own_is_taken(crm: Crm) -> None:
    _company(crm)
    for command in ("add legal --label Legal", "edit lead --label LEAD", "edit won --label WON"):
        assert crm(f"stage {command}").exit_code == 0, command


def test_a_definition_with_one_label_twice_is_refused(crm: Crm) -> None:
    _company(crm)
    text = crm("pipeline export").stdout.replace('"Proposal"', '"LEAD"')
    result = crm("pipeline apply -", input=text)
    assert result.exit_code == 2
    assert "stage lead is called 'Lead' already" in result.stderr
