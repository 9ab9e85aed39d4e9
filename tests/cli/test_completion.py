"""TAB offers records, changes, stages, people and templates, to what a shell asks."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crm import Crm
from tests.test_imports import completing

pytestmark = pytest.mark.usefixtures("company")
EVIL = "Evil \\$(touch trap) $(touch trap) '$(touch trap)' [/] : x"

# What zsh does with what it is offered: its script evaluates it, and then _arguments does.
ZSH = '_arguments() { local a=${1#*\\(\\(}; eval "offers=( ${a%\\)\\)} )"; };'


@pytest.fixture
def company(crm: Crm) -> None:
    """A company with deals of many names."""
    crm.begin(
        "init Acme --user Uma",
        "customer add 'Ann Müller'",
        "deal add 'Acme rollout'",
        "deal add 'Bolt (renewal)'",
        "deal add 'Closed one' --stage won",
        "deal add Gone",
        "deal remove D4",
        "customer add Left",
        "customer remove C2",
        "activity add call Hello --deal D1",
        "activity remove A1",
        "franchise add North",
    )


def _offered(crm: Crm, line: str, shell: str = "bash") -> list[str]:
    asked = crm([], env=completing(line, shell))
    assert (asked.exit_code, asked.stderr) == (0, "")
    return asked.stdout.strip().splitlines()


def _offered_by_process(crm: Crm, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "crmctl"],
        env={**os.environ, **environment, "CRMCTL_DATABASE_URL": crm.database_url},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.usefixtures("on_each_engine")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("crmctl deal show ", ["D2", "D1"]),
        ("crmctl deal show D1", ["D1"]),
        ("crmctl deal show d1", ["d1"]),
        ("crmctl deal show 1", ["1"]),
        ("crmctl deal show D9", []),
        ("crmctl deal show Ac", ["Acme\\ rollout"]),
        ("crmctl deal show Bo", []),
        ("crmctl deal move D1 q", ["qualified"]),
        ("crmctl deal move D1 D", ["D2", "D1"]),
        ("crmctl customer show ", ["C1"]),
        ("crmctl customer show An", ["Ann\\ Müller"]),
        ("crmctl deal list --stage pro", ["proposal"]),
        ("crmctl deal list --pipeline ", ["default"]),
        ("crmctl deal reopen 3 --to Prop", ["Proposal"]),
        ("crmctl deal reopen D", ["D3"]),
        ("crmctl deal restore D", ["D4"]),
        ("crmctl deal restore Go", ["Gone"]),
        ("crmctl customer restore ", ["C2"]),
        ("crmctl activity restore ", ["A1"]),
        ("crmctl deal add Next --customer An", ["Ann\\ Müller"]),
        ("crmctl deal list --owner u", ["uma"]),
        ("crmctl --as Um", ["Uma"]),
        ("crmctl deal list --company Ac", ["Acme"]),
        ("crmctl --franchise No", ["North"]),
        ("crmctl user edit Um", ["Uma"]),
        ("crmctl init --template sa", ["saas"]),
        ("crmctl pipeline add --template sa", ["saas"]),
        ("crmctl stage remove lead --move-to q", ["qualified"]),
    ],
)
def test_names_of_the_database_are_offered(crm: Crm, line: str, offered: list[str]) -> None:
    assert _offered(crm, line) == offered


@pytest.mark.usefixtures("on_each_engine")
def test_records_and_changes_are_offered_to_the_log(crm: Crm) -> None:
    refs = [change["ref"][:8] for change in crm("log --json").json()]
    # A change may happen to have a name that begins like that of a deal.
    begun = [f"D3{ref[2:]}" for ref in refs if ref.startswith("d3")]
    assert sorted(_offered(crm, "crmctl log D3")) == sorted(["D3", *begun])


@pytest.mark.usefixtures("on_each_engine")
def test_changes_are_offered_where_they_can_be_undone(crm: Crm) -> None:
    assert crm("deal edit D1 --amount 5").exit_code == 0
    edited, *_ = (change["ref"][:8] for change in crm("log --json").json())
    assert _offered(crm, f"crmctl undo {edited[:5]}") == [edited]
    assert crm("undo").exit_code == 0
    assert _offered(crm, f"crmctl undo {edited[:5]}") == []
    assert _offered(crm, f"crmctl log {edited[:5]}") == [edited]


@pytest.mark.parametrize(
    ("shell", "offered"),
    [
        ("bash", "D1"),
        ("zsh", """_arguments '*: :(("D1":"Acme rollout"))'"""),
        ("fish", "D1\tAcme rollout"),
    ],
)
def test_each_shell_gets_its_own_form(crm: Crm, shell: str, offered: str) -> None:
    environment = completing("crmctl deal show D1", shell)
    assert _offered_by_process(crm, environment) == offered


def test_a_word_with_spaces_is_completed_in_bash(crm: Crm) -> None:
    environment = completing("crmctl deal show Acme\\ r", "bash") | {"COMP_CWORD": "3"}
    assert _offered_by_process(crm, environment) == "Acme\\ rollout"


@pytest.mark.usefixtures("on_each_engine")
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_hostile_title_is_not_run(crm: Crm, shell: str, tmp_path: Path) -> None:
    assert crm(["deal", "add", EVIL]).exit_code == 0
    for word in ("", "D", "Evil"):
        text = "\n".join(_offered(crm, f"crmctl deal show {word}", shell))
        subprocess.run(
            ["bash", "-c", f"{ZSH} eval $(printf %s {shlex.quote(text)})"],
            capture_output=True,
            check=False,
            cwd=tmp_path,
        )
        assert not (tmp_path / "trap").exists()
        if shell != "bash" and not word:
            assert "Evil" in text


def test_without_a_database_nothing_is_offered_and_nothing_said(tmp_path: Path) -> None:
    assert _offered(Crm(f"sqlite:///{tmp_path}/none.db"), "crmctl deal show ") == []
