"""crmctl user, and --as on every command."""

import pytest

from tests.crm import Crm


@pytest.fixture
def acme(crm: Crm) -> Crm:
    """Runs commands in a company with the users Uma and Bo."""
    crm.begin("init Acme --user Uma")
    added = crm("user add Bo --email Bo@Acme.example --json")
    assert (added.exit_code, added.stderr) == (0, "Added user Bo\n")
    assert added.json()["email"] == "bo@acme.example"
    return crm


def actor(crm: Crm, arguments: str = "", **env: str) -> str:
    """Return as whom a deal is added."""
    assert crm(f"deal add Deal {arguments}", env={"USER": "root", **env}).exit_code == 0
    newest = crm("deal list --json --as none").json()
    number = max(int(deal["ref"][1:]) for deal in newest)
    return str(crm(f"deal history D{number} --json --as none").json()[0]["actor"])


def test_who_acts_is_named_by_flag_environment_or_profile(acme: Crm) -> None:
    assert actor(acme) == "root"
    assert actor(acme, USER="Uma") == "Uma"
    assert actor(acme, "--as bo") == "Bo"
    assert actor(acme, CRMCTL_USER="bo@acme.example") == "Bo"
    used = acme("user use bo")
    assert (used.exit_code, used.stdout) == (0, "")
    assert used.stderr.startswith("user: bo@acme.example (remembered in /")
    assert actor(acme) == "Bo"
    assert actor(acme, CRMCTL_USER="Uma") == "Uma"
    assert actor(acme, "--as Uma", CRMCTL_USER="Bo") == "Uma"
    assert acme("user use none").exit_code == 0
    assert actor(acme) == "root"


def test_the_list_marks_who_acts_and_leaves_out_who_left(acme: Crm) -> None:
    assert acme("user edit Bo --inactive --as Uma").stderr == "Changed user Bo\n"
    assert [row["name"] for row in acme("user list --json").json()] == ["Uma"]
    everyone = acme("user list --all --json").json()
    assert [(u["name"], u["active"], u["current"]) for u in everyone] == [
        ("Bo", False, False),
        ("Uma", True, True),
    ]
    refused = acme("deal list --as Bo")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == ("crmctl: error: Bo is no active user (crmctl user edit --active)\n")
    assert acme("user edit Bo --active").exit_code == 0
    assert acme("deal list --as Bo").exit_code == 0


def test_a_user_is_changed_and_the_profile_follows(acme: Crm) -> None:
    acme("user use Bo")
    edited = acme("user edit bo --name Bob --email bob@acme.example --json")
    assert (edited.exit_code, edited.stderr) == (0, "Changed user Bob\n")
    assert edited.json() == acme("user show bob --json").json()
    assert edited.json()["current"] is True
    assert actor(acme) == "Bob"
    assert acme("user edit Bob --email ''").exit_code == 0
    assert acme("user show Bob --json").json()["email"] is None
    assert actor(acme) == "Bob"
    again = acme("user edit Bob --name Bob")
    assert (again.exit_code, again.stderr) == (0, "Nothing to change in user Bob\n")


@pytest.mark.usefixtures("on_each_engine")
def test_a_user_works_in_a_franchise(acme: Crm) -> None:
    acme("franchise add North")
    assert acme("user edit Bo --in north --json").json()["franchise"] == "North"
    assert acme("user add Cy --franchise North --json").json()["franchise"] == "North"
    assert acme("user add Di --in North --json").json()["franchise"] == "North"
    acme("deal add 'By Bo' --as Bo")
    acme("deal add 'By Uma' --as Uma")
    assert [deal["title"] for deal in acme("deal list --json --as Cy").json()] == ["By Bo"]
    assert len(acme("deal list --json --as Cy --franchise none").json()) == 2
    assert acme("user edit Bo --in none --json").json()["franchise"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        ("add Cy --email bo@acme.example", 1, "bo@acme.example belongs to Bo already"),
        ("edit Uma --email BO@acme.example", 1, "bo@acme.example belongs to Bo already"),
        ("add Cy --email nobody", 2, "email: not an e-mail address: 'nobody'"),
        ("add ''", 2, "name: must not be empty"),
        ("add none", 2, "a user cannot be called 'none'"),
        ("add Cy --in West", 3, "no franchise answers to 'West'"),
        ("edit Bo", 2, "nothing to change was given (see crmctl user edit --help)"),
        ("edit Cy --name X", 3, "no user answers to 'Cy' (crmctl user list)"),
        ("show Cy", 3, "no user answers to 'Cy'"),
        ("use Cy", 3, "no user answers to 'Cy'"),
        ("list --as Cy", 3, "no user answers to 'Cy'"),
    ],
)
def test_what_is_wrong_is_refused(acme: Crm, arguments: str, code: int, why: str) -> None:
    before = acme("user list --all --json").json()
    refused = acme(f"user {arguments}")
    assert (refused.exit_code, refused.stdout) == (code, "")
    assert why in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert acme("user list --all --json").json() == before


@pytest.mark.usefixtures("on_each_engine")
def test_two_of_one_name_are_told_apart_and_can_be_chosen(acme: Crm) -> None:
    acme("user add Uma --email uma@acme.example")
    refused = acme("user list --as Uma")
    assert (refused.exit_code, refused.stdout) == (3, "")
    assert "  Uma (uma@acme.example)" in refused.stderr
    assert refused.stderr.endswith("\nan e-mail address or an id names one of them\n")
    users = acme("user list --json").json()
    other = next(u for u in users if u["name"] == "Uma" and not u["email"])
    assert other["id"] in refused.stderr
    assert acme(f"user use {other['id']}").exit_code == 0
    assert acme("user show " + other["id"] + " --json").json()["current"] is True


@pytest.mark.parametrize(
    "command", ["add UMA", "add bo", "edit Bo --name uma --email ''", "edit Cy --name Bo"]
)
def test_nobody_gets_the_name_of_another_without_an_address(acme: Crm, command: str) -> None:
    acme("user add Cy")
    before = acme("user list --json").json()
    refused = acme(f"user {command}")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "already: an e-mail address tells them apart (--email)" in refused.stderr
    assert acme("user list --json").json() == before
    assert acme("user edit Bo --name uma").exit_code == 0
    assert acme("user edit bo@acme.example --email ''").exit_code == 1
    assert acme("user edit bo@acme.example --inactive").exit_code == 0


def test_an_undo_takes_a_new_user_back(acme: Crm) -> None:
    assert acme("undo --as Uma").exit_code == 0
    assert [user["name"] for user in acme("user list --json").json()] == ["Uma"]
