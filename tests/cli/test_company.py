"""crmctl company, and --company on every command."""

import pytest

from tests.crm import Crm


@pytest.fixture
def acme(crm: Crm) -> Crm:
    """Runs commands in a database with the company Acme."""
    return crm.begin("init Acme --currency EUR --user Uma --email uma@acme.example")


@pytest.fixture
def two(acme: Crm) -> Crm:
    """Runs commands in a database with the companies Acme and Beta."""
    assert acme("company add Beta --currency JPY --template saas").exit_code == 0
    return acme


def test_a_second_company_gets_you_a_pipeline_and_its_own_numbers(acme: Crm) -> None:
    assert acme("deal add 'In Acme'").exit_code == 0
    added = acme("company add Beta --currency JPY --timezone Asia/Tokyo --template saas --json")
    assert added.exit_code == 0
    assert added.json()["name"] == "Beta"
    assert added.json()["timezone"] == "Asia/Tokyo"
    assert added.stderr == (
        "Added company Beta, and Uma as its user\n"
        "Work for it with --company, or for good: crmctl company use 'Beta'\n"
    )
    users = acme("user list --company Beta --json").json()
    assert [(user["name"], user["email"]) for user in users] == [("Uma", "uma@acme.example")]
    stages = acme("pipeline show --company Beta --json").json()["stages"]
    assert "trial" in [stage["key"] for stage in stages]
    assert acme("deal add 'In Beta' --company Beta").exit_code == 0
    assert acme("deal show D1 --company Beta --json").json()["title"] == "In Beta"
    assert acme("deal show D1 --company Acme --json").json()["title"] == "In Acme"


def test_another_user_can_be_named_for_it(acme: Crm) -> None:
    assert acme("company add Beta --user Bo").stderr.startswith("Added company Beta, and Bo as")
    users = acme("user list --company Beta --json").json()
    assert [(user["name"], user["email"]) for user in users] == [("Bo", None)]


def test_without_a_name_several_are_not_guessed_between(two: Crm) -> None:
    refused = two("pipeline list")
    assert (refused.exit_code, refused.stdout) == (3, "")
    assert refused.stderr == (
        "crmctl: error: 'the company' could be any of these:\n  Acme\n  Beta\n"
        "name it with --company, or for good with crmctl company use\n"
    )


@pytest.mark.parametrize("how", ["flag", "environment", "profile"])
def test_the_company_is_named_by_flag_environment_or_profile(two: Crm, how: str) -> None:
    if how == "profile":
        used = two("company use beta")
        assert (used.exit_code, used.stdout) == (0, "")
        assert used.stderr.startswith("company: Beta (remembered in /")
    arguments = "--company beta" if how == "flag" else ""
    env = {"CRMCTL_COMPANY": "Beta"} if how == "environment" else {}
    shown = two(f"company show --json {arguments}", env=env)
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert (shown.json()["name"], shown.json()["current"]) == ("Beta", True)


def test_a_flag_wins_over_the_environment_and_that_over_the_profile(two: Crm) -> None:
    used = two("company use Acme", env={"CRMCTL_COMPANY": "Beta"})
    assert used.stderr.endswith(
        "crmctl: note: CRMCTL_COMPANY is set, and goes before what is remembered\n"
    )
    beta = {"CRMCTL_COMPANY": "Beta"}
    assert two("company show --json").json()["name"] == "Acme"
    assert two("company show --json", env=beta).json()["name"] == "Beta"
    assert two("company show --json --company Acme", env=beta).json()["name"] == "Acme"


def test_another_company_forgets_the_user_chosen_in_this_one(two: Crm) -> None:
    assert two("company use Acme").exit_code == 0
    assert two("user add Bo --as Uma").exit_code == 0
    assert two("user use Bo").exit_code == 0
    assert two("company edit Beta --fiscal-month 4").exit_code == 0
    assert two("user list --company Beta").exit_code == 0
    assert two("company use Beta").exit_code == 0
    assert two("user list").exit_code == 0


def test_the_list_marks_the_present_one(two: Crm) -> None:
    listed = two("company list --company Beta --output csv")
    assert listed.exit_code == 0
    assert [line.split(",")[1:6] for line in listed.stdout.splitlines()] == [
        ["name", "currency", "timezone", "fiscal_month", "current"],
        ["Acme", "EUR", "UTC", "1", "false"],
        ["Beta", "JPY", "UTC", "1", "true"],
    ]
    assert [row["current"] for row in two("company list --json").json()] == [False, False]


def test_a_company_is_changed_and_the_profile_follows_its_name(two: Crm) -> None:
    two("company use Beta")
    edited = two("company edit --name Gamma --currency USD --fiscal-month 7 --json")
    assert (edited.exit_code, edited.stderr) == (0, "Changed company Gamma\n")
    assert (edited.json()["currency"], edited.json()["fiscal_month"]) == ("USD", 7)
    assert two("company show --json").json()["name"] == "Gamma"
    again = two("company edit --name Gamma")
    assert (again.exit_code, again.stderr) == (0, "Nothing to change in company Gamma\n")
    other = two("company edit acme --timezone Europe/Berlin --json")
    assert (other.exit_code, other.json()["timezone"]) == (0, "Europe/Berlin")


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        ("add acme", 1, "there is a company called 'acme' already"),
        ("add Beta --template nope", 3, "no template is called 'nope'"),
        ("add Beta --currency 12", 2, "currency: not a currency code: '12'"),
        ("edit --currency xxy", 2, "currency: not a currency code: 'xxy' (one of ISO 4217"),
        ("add ''", 2, "name: must not be empty"),
        ("add '\u200b \u3164'", 2, "name: must not be empty"),
        ("add none", 2, "a company cannot be called 'none'"),
        ("edit", 2, "nothing to change was given"),
        ("edit --timezone Mars", 2, "timezone: no time zone is called 'Mars'"),
        ("edit Nope --name X", 3, "no company answers to 'Nope' (crmctl company list)"),
        ("show Nope", 3, "no company answers to 'Nope'"),
        ("use Nope", 3, "no company answers to 'Nope'"),
    ],
)
def test_what_is_wrong_is_refused(acme: Crm, arguments: str, code: int, why: str) -> None:
    before = acme("company list --json").json()
    refused = acme(f"company {arguments}")
    assert (refused.exit_code, refused.stdout) == (code, "")
    assert why in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert acme("company list --json").json() == before


def test_a_company_that_is_gone_from_the_profile_can_be_replaced(two: Crm) -> None:
    two("company use Beta")
    two("company edit Beta --name Gamma", env={"CRMCTL_PROFILE": "default"})
    two("company use Gamma")
    assert two("company use Acme").exit_code == 0
    assert two("company show --json").json()["name"] == "Acme"


def test_another_database_is_remembered_with_its_company(two: Crm, tmp_path: str) -> None:
    environment = {"CRMCTL_DATABASE_URL": ""}
    kept = two(
        ["company", "use", "Beta", "--profile", "work", "--database", two.database_url],
        env=environment,
    )
    assert kept.exit_code == 0
    assert two("company show --json --profile work", env=environment).json()["name"] == "Beta"
    missing = two("company show --profile wrok", env=environment)
    assert missing.exit_code == 2
    assert "no profile is called 'wrok'" in missing.stderr


def test_markup_and_escapes_in_a_name_are_shown(acme: Crm) -> None:
    name = "[red]\x1b[2JAcme[/]"
    assert acme(["company", "edit", "--name", name]).exit_code == 0
    shown = acme("company list")
    assert "[red]\\x1b[2JAcme[/]" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert acme("company show --json").json()["name"] == name
