"""Commands that destroy something: what they ask, and what answers for a terminal."""

from pathlib import Path

import pytest

from tests.crm import Crm

#: Every command that asks, with what it says without a terminal.
ASKING = {
    "customer erase C1": "erase Ann Fell (C1) for good, which cannot be undone",
    "customer erase ann --everywhere": "erase Ann Fell (C1) for good, which cannot be undone",
    "pipeline remove saas": "remove pipeline saas",
    "pipeline remove SaaS --move-to default/lead": "remove pipeline saas",
    "field remove deal budget": "remove budget from deals with 2 values (D1, D2)",
    "field remove customer vip": "remove vip from customers with 1 value (C1)",
}


@pytest.fixture
def company(crm: Crm) -> Crm:
    """A company with something that every command that asks can destroy."""
    return crm.begin(
        "init Co --user Ada",
        "field add deal budget --type number",
        "field add customer vip --type boolean",
        "customer add 'Ann Fell' --custom vip=yes",
        "pipeline add saas --template saas",
        "deal add Weir --customer C1 --custom budget=5",
        "deal add Dam --custom budget=6",
    )


def _content(crm: Crm) -> list[str]:
    reads = ("log --json", "field list --json", "pipeline list --json", "customer list --json")
    return [crm(command).stdout for command in reads]


@pytest.mark.parametrize("command", ASKING)
def test_without_a_terminal_one_line_says_what_is_missing(company: Crm, command: str) -> None:
    before = _content(company)
    for more in ("", " --json", " --output csv"):
        result = company(command + more)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == (
            "crmctl: error: --yes is missing: without a terminal, it is needed to"
            f" {ASKING[command]}\n"
        )
    assert _content(company) == before


@pytest.mark.parametrize("command", ASKING)
def test_a_dry_run_shows_the_plan_and_asks_nothing(company: Crm, command: str) -> None:
    before = _content(company)
    plans = [company(f"{command} --dry-run{yes}") for yes in ("", " --yes")]
    assert [plan.exit_code for plan in plans] == [0, 0]
    assert plans[0] == plans[1]
    assert plans[0].stderr.startswith("Would ")
    assert plans[0].stderr.endswith("dry run: nothing was written\n")
    assert _content(company) == before
    assert company(f"{command} --yes").exit_code == 0
    assert _content(company) != before


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("customer erase nobody", "no customer answers to 'nobody'"),
        ("pipeline remove nothing", "no pipeline is called 'nothing'"),
        ("field remove deal nothing", "no custom field of deals is called 'nothing'"),
    ],
)
def test_what_is_not_there_is_not_asked_about(company: Crm, command: str, said: str) -> None:
    result = company(command)
    assert (result.exit_code, result.stdout) == (3, "")
    assert said in result.stderr


def test_a_field_without_values_needs_no_answer(company: Crm) -> None:
    company("field add deal empty")
    done = company("field remove deal empty")
    assert (done.exit_code, done.stderr) == (0, "Removed empty from deals, with no values\n")


def test_every_command_that_takes_yes_is_looked_at() -> None:
    import crmctl.cli

    sources = Path(crmctl.cli.__file__).parent.glob("*.py")
    taking = sum(source.read_text("utf-8").count("common.Yes") for source in sources)
    assert taking == len({tuple(command.split()[:2]) for command in ASKING})
