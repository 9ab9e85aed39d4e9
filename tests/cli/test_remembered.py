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


@pytest.fixture
def own(tmp_path: Path) -> Crm:
    """A database that init made for Ada, and in which there is another user."""
    crm = Crm(f"sqlite:///{tmp_path / 'own.db'}")
    made = crm("init Own --user Ada")
    assert made.stderr.splitlines()[1].startswith("user: Ada (remembered in ")
    assert crm("user add Bob").stderr == "Added user Bob\n"
    return crm


def test_init_remembers_who_made_the_database(own: Crm, tmp_path: Path) -> None:
    assert _actor(own) == "Ada"
    assert own("company add Next --user Cleo").exit_code == 0
    assert _actor(own) == "Ada"
    assert own("user use Bob").exit_code == 0
    assert _actor(own) == "Bob"
    again = Crm(f"sqlite:///{tmp_path / 'again.db'}")
    for command in ("init Other --user Zed", "user add Bob"):
        assert again(command).exit_code == 0
    assert [_actor(each) for each in (own, again)] == ["Bob", "Zed"]


def test_init_of_a_database_by_flag_leaves_the_usual_one(own: Crm, tmp_path: Path) -> None:
    file = tmp_path / "flag.db"
    assert own(f"init Flag --user Fay --database {file}").exit_code == 0
    assert own("company show --json").json()["name"] == "Own"
    assert own(f"company show --json --database {file}").json()["name"] == "Flag"


def test_a_configuration_that_cannot_be_written_is_a_note(tmp_path: Path) -> None:
    crm = Crm(f"sqlite:///{tmp_path / 'x.db'}")
    made = crm("init X --user Ada", env={"CRMCTL_CONFIG": "/proc/nowhere/config.toml"})
    assert made.exit_code == 0
    assert "--as Ada says who you are" in made.stderr


@pytest.mark.parametrize(
    "command",
    ["deal add Lock", "deal edit D1 --amount 5", "customer add Fell", "deal move D1 proposal",
     "import deals -", "field add deal size", "user add Cleo", "stage add legal", "deal remove D1"],
)  # fmt: skip
def test_one_note_says_that_it_is_not_known_who_writes(two: tuple[Crm, Crm], command: str) -> None:
    demo, _ = two
    assert demo("deal add Weir --as Ann").exit_code == 0
    done = demo(command, input="title\nDam\n")
    change = demo("log --json --limit 1").json()[0]
    assert (done.exit_code, change["actor"]) == (0, "unknown")
    notes = [line for line in done.stderr.splitlines() if "not known who you are" in line]
    assert notes == [
        f"crmctl: note: it is not known who you are: {change['ref'][:8]} is logged as by unknown"
        " (--as USER says it, and crmctl user use USER remembers it)"
    ]
    for quiet in ("deal list", "board", "deal edit D1 --amount 7 --dry-run", "log --limit 0"):
        assert "not known" not in demo(quiet).stderr
    for named in ("deal add A --as Ann", "deal add B --as none"):
        assert "not known" not in demo(named).stderr
