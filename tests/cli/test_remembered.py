"""What a command remembers is of one database, and where it is gone, that is a note."""

import shutil
from pathlib import Path

import pytest

from tests.crm import Crm


@pytest.fixture
def two(crm: Crm, tmp_path: Path) -> tuple[Crm, Crm]:
    """Two databases, each with a company of its own and two users."""
    other = tmp_path / "other.db"
    shutil.copyfile(crm.database_url.removeprefix("sqlite:///"), other)
    crm.begin("init Demo --user Priya", "user add Ann")
    return crm, Crm(f"sqlite:///{other}").begin("init Own --user Ada", "user add Bob")


def _actor(crm: Crm) -> str:
    assert crm("deal add Weir").exit_code == 0
    actor: str = crm("log --json --limit 1").json()[0]["actor"]
    return actor


def test_a_user_of_one_database_is_not_asked_for_in_another(two: tuple[Crm, Crm]) -> None:
    demo, own = two
    assert demo("user use Priya").exit_code == 0
    listed = own("deal list")
    assert (listed.exit_code, listed.stderr) == (0, "")
    assert own("user use Bob").exit_code == 0
    assert [_actor(demo), _actor(own)] == ["Priya", "Bob"]
    assert own("user edit Bob --name Rob").exit_code == 0
    assert [_actor(demo), _actor(own)] == ["Priya", "Rob"]


def test_a_user_who_is_gone_is_a_note(two: tuple[Crm, Crm]) -> None:
    demo, _ = two
    assert demo("user use Ann").exit_code == 0
    assert demo("user edit Ann --inactive --as Priya").exit_code == 0
    listed = demo("deal list --json")
    assert (listed.exit_code, listed.json()) == (0, [])
    assert listed.stderr == (
        "crmctl: note: no user 'Ann' here, which config.toml remembers"
        " (crmctl user use chooses another)\n"
    )
    assert demo("deal list --as Ann").exit_code == 1
    assert demo("user use Priya").exit_code == 0
    assert demo("deal list").stderr == ""


def test_a_database_that_was_replaced_is_entered(two: tuple[Crm, Crm]) -> None:
    demo, own = two
    assert demo("user use Priya").exit_code == 0
    shutil.copyfile(*(each.database_url.removeprefix("sqlite:///") for each in (own, demo)))
    listed = demo("deal list")
    assert listed.exit_code == 0
    assert "no company 'Demo' here" in listed.stderr
    assert demo("deal list --company Demo").exit_code == 3
