"""crmctl demo: a company made by its own commands."""

import json
import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crmctl.services.demo.story import tell
from tests.crm import Crm

NOW = "2026-06-15T09:00:00Z"


@pytest.fixture
def demo(tmp_path: Path) -> Crm:
    """Runs commands on a demo of the usual size."""
    path = tmp_path / "demo.db"
    made = Crm("", now=NOW)(f"demo --keep {path}")
    assert made.exit_code == 0, made.stderr
    return Crm(str(path), now=NOW)


def stages(crm: Crm, arguments: str = "") -> dict[str, Any]:
    """Return the stages of the board, by key."""
    board = crm(f"board --cards 0 --json {arguments}").json()
    return {stage["key"]: stage for stage in board["stages"]}


def test_shows_the_board_and_the_forecast_and_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = Crm("", now=NOW)("demo")
    (path,) = tmp_path.glob("crmctl-demo-*/demo.db")
    assert made.exit_code == 0
    assert made.stdout.startswith("Sales  2026-06-15 09:00 UTC\n")
    assert "\nForecast by month, 2026-06-01 to 2026-11-30\n" in made.stdout
    assert made.stderr == (
        "Made Quillbrook Software: 32 customers and 72 deals of 5 people, since 2025-10-10\n"
        f"\nIt is in {path}. To go on with it:\n"
        f"  crmctl --database {path} board\n"
        f"  export CRMCTL_DATABASE_URL={path}\n"
        "Then try crmctl deal history D1, crmctl log, crmctl board --as-of 4w\n"
    )


def test_is_the_same_for_the_same_seed_and_day(tmp_path: Path) -> None:
    crm = Crm("", now=NOW)
    first, again, other = (
        crm(f"demo --deals 12 --seed {seed} --keep {tmp_path / name}")
        for seed, name in ((1, "first.db"), (1, "again.db"), (2, "other.db"))
    )
    assert first.exit_code == 0
    assert first.stdout == again.stdout
    assert first.stdout != other.stdout


def test_has_what_a_real_pipeline_has(demo: Crm) -> None:
    columns = stages(demo)
    deals = [deal for key in columns for deal in columns[key]["deals"]]
    opened = [
        deal for key in columns if key not in ("won", "lost") for deal in columns[key]["deals"]
    ]
    assert len(opened) == 27
    assert {deal["currency"] for deal in deals} == {"USD", "EUR"}
    for mark in ("rotting", "overdue", "no_next_step"):
        assert 2 <= sum(deal[mark] for deal in opened) <= 12, mark
    assert sum(deal["expected_close"] is None for deal in opened) in range(1, 8)
    assert any(deal["owner"] is None for deal in opened)
    assert columns["won"]["count"] >= 3
    assert columns["lost"]["count"] >= 1


def test_has_months_of_history(demo: Crm) -> None:
    assert demo("db check").exit_code == 0
    past = stages(demo, "--as-of 2026-02-01")
    assert past["won"]["count"] >= 2
    assert {deal["ref"] for deal in past["won"]["deals"]}.isdisjoint(
        deal["ref"] for deal in stages(demo)["won"]["deals"]
    )
    history = demo("deal history D1 --json").json()
    assert history[0]["stage"] == "lead"
    assert history[-1]["stage"] in ("won", "lost")


def test_nothing_lies_ahead_of_the_clock(tmp_path: Path) -> None:
    early = Crm("", now="2026-06-15T00:00:01Z")
    assert early(f"demo --deals 20 --keep {tmp_path / 'demo.db'}").exit_code == 0
    with sqlite3.connect(tmp_path / "demo.db") as connection:
        (last,) = connection.execute("SELECT max(at) FROM changes").fetchone()
    assert last < "2026-06-15"


def test_the_commands_in_its_log_make_the_same_company(tmp_path: Path, crm: Crm) -> None:
    path = tmp_path / "demo.db"
    assert Crm("", now=NOW)(f"demo --deals 6 --keep {path}").exit_code == 0
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT at, actor, command FROM changes ORDER BY at, rowid")
        typed = found.fetchall()
    for place, (at, actor, command) in enumerate(typed):
        who = {"CRMCTL_USER": actor} if place else {}
        done = crm(command.removeprefix("crmctl "), now=f"{at.replace(' ', 'T')}Z", env=who)
        assert done.exit_code == 0, (command, done.stderr)
    theirs = Crm(str(path), now=NOW)
    for question in ("deal list --status all --json", "customer list --json", "board --json"):
        expected, got = (_without_ids(run(question, now=NOW).stdout) for run in (theirs, crm))
        assert got == expected


def _without_ids(text: str) -> Any:
    def kept(record: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in record.items() if name != "id"}

    return json.loads(text, object_hook=kept)


def test_prints_one_document_as_json(tmp_path: Path) -> None:
    made = Crm("", now=NOW)(f"demo --deals 6 --json --keep {tmp_path / 'demo.db'}")
    assert set(made.json()) == {"board", "forecast"}
    assert made.json()["board"]["pipeline"] == "default"


def test_overwrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mine.db"
    path.write_text("mine")
    refused = Crm("", now=NOW)(f"demo --keep {path}")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == f"crmctl: error: {path} exists already: name a new file\n"
    assert path.read_text() == "mine"


def test_touches_no_other_database(tmp_path: Path) -> None:
    refused = Crm("", now=NOW)(f"demo --database {tmp_path / 'mine.db'}")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--keep FILE" in refused.stderr
    assert not list(tmp_path.glob("mine.db*"))


def test_leaves_no_file_where_it_fails(tmp_path: Path) -> None:
    failed = Crm("", now=NOW)(f"demo --keep {tmp_path / 'missing' / 'demo.db'} --seed x")
    assert failed.exit_code == 2
    assert not (tmp_path / "missing").exists()


def test_names_the_company_where_settings_name_another(tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    elsewhere = {"CRMCTL_COMPANY": "Mine", "CRMCTL_USER": "Me"}
    made = Crm("", now=NOW)(f"demo --deals 6 --keep {path}", env=elsewhere)
    assert made.exit_code == 0
    assert f"  crmctl --database {path} --company 'Quillbrook Software' board\n" in made.stderr


@pytest.mark.parametrize("deals", [1, 2, 7, 72])
def test_tells_a_story_in_order_on_any_day(deals: int) -> None:
    for day in range(0, 370, 5):
        now = datetime(2026, 1, 1, day % 24, 30, tzinfo=UTC) + timedelta(days=day)
        events = tell(deals, day, now)
        assert len([event for event in events if event.verb == "add"]) == deals
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert events[-1].at < now.replace(hour=0, minute=0)
        assert all(event.at.weekday() < 5 and 7 <= event.at.hour < 18 for event in events)
