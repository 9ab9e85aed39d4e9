"""crmctl franchise, and --franchise on every command."""

import pytest

from tests.crm import Crm


@pytest.fixture
def acme(crm: Crm) -> Crm:
    """Runs commands in a company with the franchises North and South."""
    crm.begin("init Acme --user Uma")
    assert crm("franchise add North").stderr == "Added franchise North\n"
    assert crm("franchise add South --json").json()["name"] == "South"
    return crm


def titles(crm: Crm, arguments: str = "", **env: str) -> list[str]:
    return sorted(deal["title"] for deal in crm(f"deal list --json {arguments}", env=env).json())


def test_a_franchise_is_given_to_what_is_added_and_narrows_what_is_read(acme: Crm) -> None:
    for where in ("North", "South"):
        assert acme(f"deal add 'Deal of {where}' --franchise {where}").exit_code == 0
    assert acme("deal add 'Deal of all'").exit_code == 0
    assert titles(acme, "--franchise north") == ["Deal of North"]
    assert titles(acme, CRMCTL_FRANCHISE="South") == ["Deal of South"]
    assert titles(acme, "--franchise North", CRMCTL_FRANCHISE="South") == ["Deal of North"]
    everything = ["Deal of North", "Deal of South", "Deal of all"]
    assert titles(acme) == everything
    assert titles(acme, "--franchise none", CRMCTL_FRANCHISE="South") == everything
    hidden = acme("deal show D2 --franchise North")
    assert (hidden.exit_code, hidden.stdout) == (3, "")


def test_the_choice_is_remembered_until_it_is_none(acme: Crm) -> None:
    acme("deal add 'Deal of North' --franchise North")
    acme("deal add 'Deal of all'")
    used = acme("franchise use north")
    assert (used.exit_code, used.stdout) == (0, "")
    assert used.stderr.startswith("franchise: North (remembered in /")
    assert titles(acme) == ["Deal of North"]
    assert [row["current"] for row in acme("franchise list --json").json()] == [True, False]
    assert acme("franchise use none").stderr.startswith("franchise: none (remembered")
    assert titles(acme) == ["Deal of North", "Deal of all"]


def test_a_new_name_is_followed_by_the_profile(acme: Crm) -> None:
    acme("franchise use North")
    edited = acme("franchise edit North --name Nord --json")
    assert (edited.exit_code, edited.stderr) == (0, "Changed franchise Nord\n")
    assert edited.json() == acme("franchise show nord --json").json()
    assert edited.json()["current"] is True
    again = acme("franchise edit Nord --name Nord")
    assert (again.exit_code, again.stderr) == (0, "Nothing to change in franchise Nord\n")


def test_a_franchise_that_is_gone_from_the_profile_can_be_replaced(acme: Crm) -> None:
    acme("franchise use North")
    acme("franchise edit North --name Nord --profile other --database " + acme.database_url)
    assert acme("deal list").exit_code == 3
    assert acme("franchise use South").exit_code == 0
    assert acme("deal list").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        ("add north", 1, "there is a franchise called 'north' already"),
        ("add None", 2, "a franchise cannot be called 'None'"),
        ("add ''", 2, "name: must not be empty"),
        (f"add {'x' * 201}", 2, "name: is 201 characters long"),
        ("edit North --name South", 1, "there is a franchise called 'South' already"),
        ("edit North", 2, "Missing option '--name'"),
        ("show West", 3, "no franchise answers to 'West' (crmctl franchise list)"),
        ("use West", 3, "no franchise answers to 'West'"),
        ("show th", 3, "'th' could be any of these"),
    ],
)
def test_what_is_wrong_is_refused(acme: Crm, arguments: str, code: int, why: str) -> None:
    refused = acme(f"franchise {arguments}")
    assert (refused.exit_code, refused.stdout) == (code, "")
    assert why in refused.stderr
    assert [row["name"] for row in acme("franchise list --json").json()] == ["North", "South"]


def test_an_empty_list_is_told(crm: Crm) -> None:
    crm("init Acme")
    listed = crm("franchise list")
    assert (listed.exit_code, listed.stderr) == (0, "")
    assert listed.stdout == "no franchise (crmctl franchise add)\n"
    assert crm("franchise list --json").json() == []
