"""One run of crmctl: its clock, and what becomes of it where the command ends early."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.crm import Crm


def test_a_clock_that_is_fixed_dates_a_change(crm: Crm) -> None:
    crm("init Acme --user Uma", now="2026-03-01T09:00:00Z")
    (change,) = crm("log --json").json()
    assert change["at"].startswith("2026-03-01T09:00:00")
    before = datetime.now(UTC) - timedelta(seconds=1)
    crm("deal add One")
    assert datetime.fromisoformat(crm("log --json").json()[0]["at"]) > before


@pytest.mark.parametrize(
    "command",
    ["deal add New", "deal edit D1 --amount 5", "deal move D1 proposal", "deal win D1",
     "deal lose D1 --lost-reason price", "deal remove D1", "customer add New", "undo",
     "customer edit C1 --phone '+49 30 123456'", "customer remove C1", "customer merge C1 C2",
     "customer erase C1 --yes", "activity add note Hi --deal D1", "user add Bo",
     "user edit Uma --name Una", "stage add legal", "stage edit lead --label New",
     "field add deal budget --type number", "pipeline add more --template saas",
     "franchise add North", "company edit --fiscal-month 4", "company add Other",
     "import deals -", "db migrate", "init Second"],
)  # fmt: skip
def test_an_output_that_there_is_not_is_refused_before_the_commit(crm: Crm, command: str) -> None:
    crm.begin("init Acme --user Uma", "customer add One", "customer add Two", "deal add Weir")
    everything = [*map("{} list --json --company Acme".format, ("deal", "customer", "user")),
                  "log --json", "company list --json"]  # fmt: skip
    before = [crm(words).json() for words in everything]
    result = crm(command, input="Deal Name\nLock\n", env={"CRMCTL_OUTPUT": "yaml"})
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "crmctl: error: CRMCTL_OUTPUT: 'yaml' is none of table, json, jsonl, csv\n"
    )
    assert [crm(words).json() for words in everything] == before


def test_a_demo_is_not_made_for_an_output_that_there_is_not(crm: Crm, tmp_path: Path) -> None:
    result = crm(["demo", "--keep", str(tmp_path / "demo.db")], env={"CRMCTL_OUTPUT": "yaml"})
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])


def test_a_name_that_cannot_be_remembered_is_a_note(crm: Crm, tmp_path: Path) -> None:
    crm.begin("init Acme --user Uma")
    config = tmp_path / "config" / "config.toml"
    env = {"CRMCTL_CONFIG": str(config)}
    assert crm("user use Uma", env=env).exit_code == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space")))
        result = crm("user edit Uma --name Una", env=env)
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        f"crmctl: note: cannot write {config}: No space: 'Uma' is still what is remembered as user",
        "Changed user Una",
    ]  # fmt: skip
