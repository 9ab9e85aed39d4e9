"""What is wrong on a command line, told in plain words before the database is asked."""

import pytest

from tests.crm import Crm


@pytest.fixture
def nowhere() -> Crm:
    """Runs commands that come to no database."""
    return Crm("/nowhere/crm.db")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            "forecast --by week",
            "Invalid value for '--by': 'week' is not one of 'month', 'quarter', 'owner', 'stage',"
            " 'pipeline', 'segment', 'franchise' (see crmctl forecast --help)",
        ),
        (
            "deal list --output xml",
            "Invalid value for '--output' / '-o': 'xml' is not one of 'table', 'json', 'jsonl',"
            " 'csv' (see crmctl deal list --help)",
        ),
        (
            "board --width 5",
            "Invalid value for '--width': must be at least 24 (see crmctl board --help)",
        ),
        (
            "board --width 5000",
            "Invalid value for '--width': must be at most 1000 (see crmctl board --help)",
        ),
        (
            "deal list --limit ten",
            "Invalid value for '--limit': not a whole number: 'ten' (see crmctl deal list --help)",
        ),
    ],
)
def test_a_wrong_value_of_an_option(nowhere: Crm, arguments: str, said: str) -> None:
    result = nowhere(arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"crmctl: error: {said}\n"


@pytest.mark.parametrize("command", ["deal edit D1", "customer edit C1", "deal edit D1 --dry-run"])
def test_an_edit_of_nothing(crm: Crm, command: str) -> None:
    for made in ("init Acme --user Uma", "deal add Big", "customer add Ann"):
        assert crm(made).exit_code == 0
    result = crm(command)
    noun = command.partition(" ")[0]
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"crmctl: error: nothing to change was given (see crmctl {noun} edit --help)\n"
    )


EVIL = "Evil\ncrmctl: error: everything was deleted"


def test_a_name_makes_no_line_of_its_own(crm: Crm) -> None:
    shown = "Evil\\ncrmctl: error: everything was deleted"
    crm("init Acme --user Uma")
    assert crm(["customer", "add", EVIL]).stderr == f"Added C1 {shown}\n"
    assert crm(["customer", "remove", EVIL]).stderr == f"Removed C1 {shown}\n"
    missing = crm(["deal", "show", EVIL])
    ways = "crmctl deal list --status all --text WORD"
    assert missing.stderr == f"crmctl: error: no deal answers to '{shown}' ({ways})\n"
    assert crm(["deal", EVIL]).stderr.count("\n") == 1


@pytest.mark.usefixtures("on_each_engine")
def test_candidates_have_a_line_each(crm: Crm) -> None:
    crm("init Acme --user Uma")
    for title in (EVIL, "Evil too", "Good"):
        crm(["deal", "add", title])
    several = crm("deal show Evil")
    assert several.stderr.splitlines() == [
        "crmctl: error: 'Evil' could be any of these:",
        "  D1 Evil\\ncrmctl: error: everything was deleted",
        "  D2 Evil too",
    ]
    moved = crm("deal move Evil Good won --keep-going")
    assert moved.stderr.splitlines() == [
        "D3 Good: Lead -> Won",
        "not found: 'Evil' could be any of these: "
        "D1 Evil\\ncrmctl: error: everything was deleted; D2 Evil too",
        "moved 1, refused 1",
    ]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("deals", "deal list"),
        ("deal ls --json", "deal list --json"),
        ("--json contacts", "customer list"),
        ("move D1 won", "deal move D1 won"),
        ("add", "deal add"),
        ("deal rm D1", "deal remove D1"),
        (
            "customer create 'Ann Moe' --email a@b.example",
            "customer add 'Ann Moe' --email a@b.example",
        ),
        ("contact add Ann", "customer add Ann"),
        ("lead add Ann", "customer add Ann"),
        ("show C1", "customer show C1"),
        ("d1", "deal show D1"),
        ("deal won D1", "deal win D1"),
        ("deal close D1", "deal win D1, or crmctl deal lose D1"),
        ("history D1", "deal history D1"),
        ("merge C1 C2", "customer merge C1 C2"),
        ("task add 'Call back' --deal D1", "activity add task 'Call back' --deal D1"),
        ("activity call Ann", "activity add call Ann"),
        ("find Weir", "deal list --text Weir"),
        ("import x.csv", "import deals x.csv"),
        ("import ./Customers.xlsx", "import customers ./Customers.xlsx"),
        ("export contacts", "export customers"),
        ("help deal", "deal --help"),
        ("db upgrade", "db migrate"),
        ("pipelines", "pipeline list"),
    ],
)
def test_what_is_tried_first_is_answered_with_the_command(
    nowhere: Crm, typed: str, meant: str
) -> None:
    result = nowhere(typed)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert f": try crmctl {meant} (see crmctl" in result.stderr
    if "--help" not in meant:
        helped = nowhere(f"{meant.partition(',')[0]} --help")
        assert (helped.exit_code, helped.stderr) == (0, "")


@pytest.mark.parametrize(
    "typed", ["frobnicate", "deal frobnicate", "user rm Ann", "field restore x"]
)
def test_what_is_like_no_command_is_no_guess(nowhere: Crm, typed: str) -> None:
    result = nowhere(typed)
    assert result.exit_code == 2
    assert ": try" not in result.stderr


def test_what_is_missing_is_shown_in_the_whole_of_a_command(nowhere: Crm) -> None:
    refused = nowhere("deal move D1").stderr
    assert ": crmctl deal move DEAL... STAGE (see crmctl deal move --help)" in refused
