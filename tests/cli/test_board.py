"""crmctl board."""

from pathlib import Path
from typing import Any

import pytest

from tests.crm import Crm

pytestmark = pytest.mark.usefixtures("company")
NOW = "2026-03-14T09:00:00Z"
LIMIT = "99999999999999.9999"


@pytest.fixture
def company(crm: Crm) -> None:
    """A company with two users, two customers and a handful of deals."""
    crm.now = "2026-03-01T09:00:00Z"
    commands = (
        "user add Bo",
        "customer add Globex --segment Enterprise",
        "customer add 'Müller & Söhne' --segment SMB",
        "deal add Rollout --customer Globex --amount 1000.50 --owner Ann --close 2026-03-10"
        " --at 2026-01-20",
        "deal add Pilot --customer Müller --amount 500 --owner Bo --next-step call",
        "deal add Desks --amount 1000000 --currency JPY --stage proposal --close 2026-06-30"
        " --next-step call --probability 0%",
        "deal add Unpriced --stage proposal --next-step call",
        "deal add Old --amount 70 --stage won --at 2026-01-02",
        "deal add New --amount 80 --stage won --at 2026-02-20",
        "deal add Gone --amount 90 --stage lost --at 2026-02-21 --lost-reason price",
    )
    crm.begin(
        "init Acme --currency EUR --user Ann", *(f"{command} --as Ann" for command in commands)
    )
    crm.now = NOW


def _stages(crm: Crm, arguments: str = "") -> dict[str, Any]:
    result = crm(f"board --json {arguments}")
    assert (result.exit_code, result.stderr) == (0, "")
    return {stage["key"]: stage for stage in result.json()["stages"]}


def _deals(stage: dict[str, Any]) -> list[str]:
    return [deal["title"] for deal in stage["deals"]]


def test_a_board_on_a_pipe_is_80_cells_of_plain_text(crm: Crm) -> None:
    from rich.cells import cell_len

    result = crm("board", env={"COLUMNS": ""})
    assert (result.exit_code, result.stderr) == (0, "")
    assert "\x1b" not in result.stdout
    lines = result.stdout.splitlines()
    assert max(map(cell_len, lines)) == 80
    assert lines[0] == "Sales  2026-03-14 09:00 UTC"
    assert "│ D1 Rollout" in result.stdout
    assert "Müller & Söhne" in result.stdout
    assert "53d R O N" in result.stdout


@pytest.mark.parametrize("arguments", ["--width 120", ""])
def test_the_width_is_the_one_asked_for(crm: Crm, arguments: str) -> None:
    result = crm(f"board {arguments}", env={"COLUMNS": "120"})
    assert max(map(len, result.stdout.splitlines())) == 120


def test_stages_tell_what_their_deals_come_to(crm: Crm) -> None:
    stages = _stages(crm)
    assert list(stages) == ["lead", "qualified", "proposal", "negotiation", "won", "lost"]
    assert stages["lead"]["count"] == 2
    assert stages["lead"]["totals"] == [
        {
            "currency": "EUR",
            "count": 2,
            "amount": "1500.50",
            "weighted": "150.05",
            "without_amount": 0,
            "without_probability": 0,
        }
    ]
    assert [(t["currency"], t["amount"], t["weighted"]) for t in stages["proposal"]["totals"]] == [
        ("EUR", "0.00", "0.00"),
        ("JPY", "1000000.00", "0.00"),
    ]
    assert stages["proposal"]["totals"][0]["without_amount"] == 1


@pytest.mark.usefixtures("on_each_engine")
def test_won_and_lost_deals_stay_for_30_days(crm: Crm) -> None:
    stages = _stages(crm)
    assert _deals(stages["won"]) == ["New"]
    assert _deals(stages["lost"]) == ["Gone"]
    assert stages["won"]["totals"][0]["weighted"] is None


def test_a_closed_deal_has_no_probability_any_more(crm: Crm) -> None:
    assert crm("deal edit 1 --probability 60%").exit_code == 0
    assert _stages(crm)["lead"]["deals"][0]["effective_probability"] == "0.60"
    assert crm("deal win 1").exit_code == 0
    won = _stages(crm)["won"]["deals"]
    assert {deal["effective_probability"] for deal in won} == {None}
    assert {deal["weighted_amount"] for deal in won} == {None}


def test_a_field_means_the_same_on_the_board_and_in_a_list(crm: Crm) -> None:
    crm("deal edit 1 --probability 60%")
    listed = {deal["ref"]: deal for deal in crm("deal list --status all --json").json()}
    for stage in _stages(crm).values():
        for card in stage["deals"]:
            shared = set(card) & set(listed[card["ref"]])
            assert {"probability", "effective_probability", "weighted_amount"} < shared
            assert all(card[name] == listed[card["ref"]][name] for name in shared)


def test_deals_are_marked_that_need_someone(crm: Crm) -> None:
    rollout, pilot = _stages(crm)["lead"]["deals"]
    assert (rollout["rotting"], rollout["overdue"], rollout["no_next_step"]) == (True, True, True)
    assert (pilot["rotting"], pilot["overdue"], pilot["no_next_step"]) == (False, False, False)
    assert rollout["age_days"] == 53


def test_a_stage_without_a_probability_is_not_weighted(crm: Crm) -> None:
    assert crm("stage edit lead --clear probability").exit_code == 0
    assert crm("deal edit 2 --probability 50%").exit_code == 0
    lead = _stages(crm)["lead"]
    assert lead["totals"][0]["weighted"] == "250.00"
    assert lead["totals"][0]["without_probability"] == 1
    drawn = crm("board").stdout
    assert "1 without probability" in drawn
    assert "?%" in drawn


@pytest.mark.usefixtures("on_each_engine")
def test_deals_are_narrowed_to_an_owner_or_a_segment(crm: Crm) -> None:
    assert _deals(_stages(crm, "--owner bo")["lead"]) == ["Pilot"]
    assert _deals(_stages(crm, "--segment enterprise")["lead"]) == ["Rollout"]
    assert _deals(_stages(crm, "--owner none")["lead"]) == []
    assert _stages(crm, "--segment nobody")["lead"]["count"] == 0
    assert "owner Bo" in crm("board --owner bo").stdout


@pytest.mark.usefixtures("on_each_engine")
def test_cards_are_limited_and_the_rest_is_said(crm: Crm) -> None:
    result = crm("board --cards 1")
    assert "… and 1 more" in result.stdout
    assert result.stderr == ""
    records = crm("board --cards 1 --json")
    assert records.json()["stages"][0]["more"] == 1
    assert records.stderr == (
        "crmctl: note: 2 deals are not in the output (--cards 0 prints all)\n"
    )
    assert _stages(crm, "--cards 0")["lead"]["more"] == 0


def test_more_deals_than_the_wip_limit_are_marked(crm: Crm) -> None:
    assert crm("stage edit lead --wip-limit 1").exit_code == 0
    assert "2/1 over!" in crm("board").stdout
    assert _stages(crm)["lead"]["over_limit"] is True
    assert "over!" not in crm("board --owner bo").stdout


@pytest.mark.usefixtures("on_each_engine")
def test_another_pipeline_has_a_board_of_its_own(crm: Crm) -> None:
    assert crm("pipeline add hires --template recruiting --label Hires").exit_code == 0
    result = crm("board --pipeline hires")
    assert result.stdout.startswith("Hires  ")
    assert "Rollout" not in result.stdout


@pytest.mark.usefixtures("on_each_engine")
def test_sums_are_exact_beyond_64_bits(crm: Crm) -> None:
    for _ in range(12):
        assert (
            crm(f"deal add Huge --amount {LIMIT} --currency CLF --stage negotiation").exit_code == 0
        )
    total = _stages(crm, "--cards 0")["negotiation"]["totals"][0]
    assert total["amount"] == "1199999999999999.9988"
    assert total["weighted"] == "899999999999999.9991"
    assert crm("board").exit_code == 0


@pytest.mark.usefixtures("on_each_engine")
def test_the_board_of_a_past_time_is_the_one_of_then(crm: Crm) -> None:
    before = crm("board --width 100", now="2026-03-02T08:00:00Z")
    assert crm("deal move 1 2 negotiation", now="2026-03-03T10:00:00Z").exit_code == 0
    assert crm("customer edit Globex --name Initech", now="2026-03-04T10:00:00Z").exit_code == 0
    assert crm("stage edit lead --label Start", now="2026-03-04T11:00:00Z").exit_code == 0
    assert crm("deal remove 3", now="2026-03-05T10:00:00Z").exit_code == 0
    assert crm("undo", now="2026-03-05T12:00:00Z").exit_code == 0
    then = crm("board --width 100 --as-of 2026-03-02T08:00:00Z", now=NOW)
    assert then.stdout == before.stdout
    assert then.stdout != crm("board --width 100").stdout


@pytest.mark.usefixtures("on_each_engine")
def test_customers_are_in_the_segment_that_they_were_in_then(crm: Crm) -> None:
    then = "2026-03-02T08:00:00Z"
    screens = (
        "board --segment SMB",
        "board --segment Enterprise --cards 1",
        "forecast --by segment",
    )
    before = {screen: crm(screen, now=then).stdout for screen in screens}
    assert crm("customer edit Globex --segment SMB", now="2026-03-03T08:00:00Z").exit_code == 0
    assert crm("customer edit Müller --segment New", now="2026-03-03T09:00:00Z").exit_code == 0
    for screen in screens:
        assert crm(f"{screen} --as-of {then}").stdout == before[screen]
        assert crm(screen).stdout != before[screen]


@pytest.mark.parametrize(
    ("zone", "offset"),
    [("UTC", "Z"), ("America/New_York", "-05:00"), ("Pacific/Auckland", "+13:00")],
)
def test_past_day_means_its_end_in_the_companys_zone(crm: Crm, zone: str, offset: str) -> None:
    crm(f"company edit --timezone {zone}", now=f"2026-03-01T08:00:00{offset}")
    crm("deal add Late", now=f"2026-03-02T23:59:00{offset}")
    now = f"2026-03-09T08:00:00{offset}"

    def shown(as_of: str) -> bool:
        return '"Late"' in crm(f"board --as-of {as_of} --json", now=now).stdout

    said = ["2026-03-01", "2026-03-02T23:58", "2026-03-02", "2026-03-02T23:59", "2026-03-09"]
    assert [shown(each) for each in said] == [False, False, True, True, True]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("--pipeline nope", 3, "no pipeline is called 'nope' (there is default)"),
        ("--owner nobody", 3, "no user answers to 'nobody' (crmctl user list)"),
        ("--as-of 2026-03-15", 2, "--as-of: 2026-03-15 00:00 UTC has not come yet"),
        ("--as-of 2020-01-01", 3, "there was no pipeline yet at 2020-01-01 23:59 UTC"),
        ("--as-of soon", 2, "not a time: 'soon'"),
        ("--width 10", 2, "Invalid value for '--width': must be at least 24 (see"),
        ("--cards -1", 2, "Invalid value for '--cards'"),
        ("--html /no/such/folder/x.html", 2, "cannot write /no/such/folder/x.html: No such file"),
    ],
)
def test_what_cannot_be_shown_is_said_in_a_line(
    crm: Crm, arguments: str, code: int, said: str
) -> None:
    result = crm(f"board {arguments}")
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith("crmctl: error: ")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_files_are_written_instead_of_the_screen(crm: Crm, tmp_path: Path) -> None:
    html, svg = tmp_path / "board.html", tmp_path / "board.svg"
    html.write_text("old")
    result = crm(["board", "--html", str(html), "--svg", str(svg), "--force"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"Wrote {html}\nWrote {svg}\n"
    assert "Müller &amp; Söhne" in html.read_text(encoding="utf-8")
    assert "<title>Sales</title>" in html.read_text(encoding="utf-8")
    assert svg.read_text(encoding="utf-8").startswith("<svg")
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith("board")} == {
        "board.html",
        "board.svg",
    }
    assert not list(tmp_path.glob(".crmctl-*"))


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "table"])
def test_a_pipe_gets_every_card(crm: Crm, form: str) -> None:
    rows = "".join(f"Pier {number}\n" for number in range(25))
    assert crm("import deals -", input=f"title\n{rows}").exit_code == 0
    result = crm(f"board --output {form}")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [number for number in range(25) if f"Pier {number}" not in result.stdout] == []


def test_a_file_called_minus_is_stdout(crm: Crm, tmp_path: Path) -> None:
    page = crm("board --html -")
    assert (page.exit_code, page.stderr) == (0, "")
    assert "<title>Sales</title>" in page.stdout
    assert crm("board --svg -").stdout.startswith("<svg")
    both = crm("board --html - --svg -")
    assert (both.exit_code, both.stdout) == (2, "")
    assert "cannot both be written to -" in both.stderr


def test_a_file_that_cannot_be_written_leaves_the_old_one(crm: Crm, tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    result = crm(["board", "--html", str(folder)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"crmctl: error: cannot write {folder}: Is a directory\n"


def test_csv_has_a_row_for_each_deal(crm: Crm) -> None:
    lines = crm("board --output csv").stdout.splitlines()
    assert lines[0].startswith("stage,kind,ref,title,customer,amount,currency,owner,")
    assert len(lines) == 1 + 6
