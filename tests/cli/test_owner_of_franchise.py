"""Who works in a franchise is given only what they can see there."""

import pytest

from tests.crm import Crm

WHY = "Sam works in South, and would not see it"


@pytest.fixture
def halves(crm: Crm) -> Crm:
    """A company of North with Nia and South with Sam; Boss works for all of it."""
    return crm.begin(
        "init Co --user Boss",
        "franchise add North",
        "franchise add South",
        "--franchise North user add Nia",
        "--franchise South user add Sam",
        "--franchise North customer add Fell",
        "--franchise North deal add Weir --customer C1",
        "--franchise North activity add call Hello --deal D1",
        "deal add Everywhere",
    )


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("deal edit D1 --owner Sam", "D1"),
        ("deal add Dam --owner Sam", "deal 'Dam'"),
        ("customer edit C1 --owner Sam", "C1"),
        ("customer add Dale --owner Sam", "customer 'Dale'"),
        ("activity edit A1 --owner Sam", "A1"),
        ("activity add task Call --deal D1 --owner Sam", "the activity"),
    ],
)
def test_an_owner_of_another_franchise_is_refused(halves: Crm, command: str, what: str) -> None:
    result = halves(f"--franchise North {command}")
    override = " (or --override --reason TEXT)" if command.startswith("deal") else ""
    assert (result.exit_code, result.stderr) == (1, f"crmctl: error: {what}: {WHY}{override}\n")
    for owner in ("Nia", "Boss"):
        assert halves(f"--franchise North {command.replace('Sam', owner)}").exit_code == 0


def test_what_is_of_no_franchise_is_seen_in_none(halves: Crm) -> None:
    assert halves("deal edit D2 --owner Sam").exit_code == 1
    assert halves("deal edit D2 --owner Boss").exit_code == 0


@pytest.mark.parametrize("command", ["deal edit D1", "deal add Dam"])
def test_a_reason_overrides_it_for_deals(halves: Crm, command: str) -> None:
    given = f"--franchise North {command} --owner Sam --override --reason loan"
    assert halves(given).exit_code == 0
    assert halves("log --json").json()[0]["overrides"].endswith(WHY)
