"""Who left gets no new work by commands; what a file says of them is kept, with a note."""

import pytest

from tests.cli.imported import deals, findings, take
from tests.crm import Crm


@pytest.fixture
def company(crm: Crm) -> Crm:
    """A company that Bo left, who has a deal."""
    return crm.begin(
        "init Co --user Ada",
        "user add Bo",
        "customer add Fell",
        "deal add Pier --owner Bo",
        "user edit Bo --inactive",
    )


@pytest.mark.parametrize(
    "command",
    ["deal add Weir --owner Bo", "deal edit D1 --owner Bo", "customer add Dale --owner Bo",
     "customer edit C1 --owner Bo", "activity add task Call --deal D1 --owner Bo"],
)  # fmt: skip
def test_a_command_is_refused(company: Crm, command: str) -> None:
    result = company(command)
    assert (result.exit_code, result.stderr) == (
        1,
        "crmctl: error: Bo is inactive, and is given nothing new"
        " (crmctl user edit 'Bo' --active)\n",
    )


def test_what_is_theirs_stays_and_can_be_edited(company: Crm) -> None:
    assert company("deal edit D1 --amount 5").exit_code == 0
    assert [deal["owner"] for deal in deals(company)] == ["Bo"]
    assert len(company("deal list --owner Bo --json").json()) == 1


@pytest.mark.parametrize("options", ["", "--dry-run"])
def test_a_file_is_kept_with_a_note(company: Crm, options: str) -> None:
    content = "id,title,owner,stage,amount\n1,Weir,Bo,lead,5\n2,Dam,Ada,lead,6\n"
    result = take(company, "deals", content, options)
    assert (result.exit_code, findings(result)) == (
        0,
        {"given to Bo, who is inactive": 1},
    )
    if not options:
        assert findings(take(company, "deals", content)) == {}
