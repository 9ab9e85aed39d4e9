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
