"""In a franchise, what is of the whole company is refused: others have deals there too."""

from pathlib import Path

import pytest

from tests.crm import Crm

COMMANDS = [
    "stage add legal",
    "stage edit proposal --required amount",
    "stage move proposal --after lead",
    "stage remove proposal --move-to lead --dry-run",
    "stage remove proposal --move-to lead",
    "stage remove negotiation",
    "pipeline add second --template saas",
    "pipeline edit default --no-skip",
    "pipeline edit default --first",
    "pipeline remove default --yes",
    "field edit deal budget --label Money",
    "field remove deal budget --yes",
]


@pytest.fixture
def franchises(crm: Crm) -> Crm:
    """A company of North and South, with a deal of South that holds what North might remove."""
    return crm.begin(
        "init Co --user Ada",
        "franchise add North",
        "franchise add South",
        "--franchise North user add Nia",
        "field add deal budget --type number",
        "--franchise South deal add Lock --custom budget=5",
        "--franchise South deal move D1 proposal",
    )


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("who", ["--franchise North", "--as Nia"])
def test_it_is_refused_in_a_franchise(franchises: Crm, command: str, who: str) -> None:
    before = franchises("log --json").stdout
    result = franchises(f"{who} {command}")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith(
        " is of the whole company, and of every franchise: --franchise none\n"
    )
    assert franchises("log --json").stdout == before


def test_it_is_done_where_it_is_asked_for_the_company(franchises: Crm) -> None:
    for command in COMMANDS:
        result = franchises(f"--as Nia --franchise none {command}")
        assert (result.exit_code != 0) == (command == "pipeline remove default --yes"), command


def test_a_definition_of_a_pipeline_is_refused_too(franchises: Crm, tmp_path: Path) -> None:
    file = tmp_path / "default.toml"
    file.write_text(franchises("pipeline export").stdout.replace("Lead", "New"))
    for options in ("", "--dry-run"):
        assert franchises(f"pipeline apply {file} {options} --franchise North").exit_code == 1
    assert franchises(f"pipeline apply {file}").exit_code == 0
