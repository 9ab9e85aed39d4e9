"""crmctl deal move, win, lose, reopen and history."""

import pytest

from tests.crm import Crm

pytestmark = pytest.mark.usefixtures("company")
DAY = "2026-03-{:02}T09:00:00Z"


@pytest.fixture
def company(crm: Crm) -> None:
    """A company with three deals in the first stage."""
    Crm(crm.database_url, now=DAY.format(1)).begin(
        "init Acme --currency EUR --user Uma",
        "deal add 'Acme rollout' --amount 100",
        "deal add 'Bolt renewal' --amount 100",
        "deal add 'Cog trial' --amount 100",
    )


def _stages(crm: Crm) -> dict[str, str]:
    found = crm("deal list --status all --json").json()
    return {deal["ref"]: deal["stage"] for deal in found}


def test_a_move_is_told_and_recorded(crm: Crm) -> None:
    result = crm("deal move D1 proposal --reason 'they asked'", now=DAY.format(3))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "D1 Acme rollout: Lead -> Proposal\n"
    assert _stages(crm) == {"D1": "proposal", "D2": "lead", "D3": "lead"}


def test_a_program_gets_the_moved_deals(crm: Crm) -> None:
    result = crm("deal move 1 2 won --json", now=DAY.format(3))
    assert result.exit_code == 0
    assert [(row["ref"], row["from_stage"], row["stage"]) for row in result.json()] == [
        ("D1", "lead", "won"),
        ("D2", "lead", "won"),
    ]
    assert result.json()[0]["closed_at"] == DAY.format(3)
    lines = crm("deal move 3 won --output csv").stdout.splitlines()
    assert lines[0].startswith("ref,title,customer,")
    assert lines[1].startswith("D3,Cog trial,")


def test_moving_to_where_it_is_changes_nothing(crm: Crm) -> None:
    result = crm("deal move 1 lead")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "D1 Acme rollout is in lead already\n"
    assert len(crm("deal history 1 --json").json()) == 1


def test_references_are_read_from_stdin(crm: Crm) -> None:
    result = crm("deal move - 2 won", input="D3\n\nrollout\n")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "D3 Cog trial: Lead -> Won",
        "D1 Acme rollout: Lead -> Won",
        "D2 Bolt renewal: Lead -> Won",
        "moved 3",
    ]


def test_no_references_is_nothing_to_do(crm: Crm) -> None:
    result = crm("deal move - won", input="\n")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "nothing to do: no reference was given\n"


@pytest.mark.parametrize("input", [b"\xff\xfe\n", b"D1\x00\n"])
def test_stdin_that_is_no_text_is_refused(crm: Crm, input: bytes) -> None:
    result = crm("deal move - won", input=input)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("crmctl: error: stdin is not ")
    assert set(_stages(crm).values()) == {"lead"}


def test_all_move_or_none_does(crm: Crm) -> None:
    result = crm("deal move 1 99 won")
    assert (result.exit_code, result.stderr) == (
        3,
        "crmctl: error: no deal answers to '99' (crmctl deal list --status all)\n",
    )
    crm("pipeline edit default --no-skip")
    crm("deal move 2 qualified")
    result = crm("deal move 2 1 proposal")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "crmctl: error: D1: pipeline default allows no skipping of qualified"
        " (or --override --reason TEXT)\n"
    )
    assert _stages(crm) == {"D1": "lead", "D2": "qualified", "D3": "lead"}


def test_with_keep_going_each_is_moved_on_its_own(crm: Crm) -> None:
    crm("pipeline edit default --no-skip")
    crm("deal move 2 qualified")
    result = crm("deal move 1 2 99 proposal --keep-going --json")
    assert result.exit_code == 1
    assert [row["ref"] for row in result.json()] == ["D2"]
    assert result.stderr.splitlines() == [
        "D2 Bolt renewal: Qualified -> Proposal",
        "not moved: D1: pipeline default allows no skipping of qualified"
        " (or --override --reason TEXT)",
        "not found: no deal answers to '99' (crmctl deal list --status all)",
        "moved 1, refused 2",
    ]
    assert _stages(crm) == {"D1": "lead", "D2": "proposal", "D3": "lead"}


def test_a_rule_is_passed_by_override_with_a_reason(crm: Crm) -> None:
    crm("pipeline edit default --no-skip")
    result = crm("deal move 1 proposal --override")
    assert (result.exit_code, result.stderr) == (
        2,
        "crmctl: error: --override needs --reason TEXT\n",
    )
    assert crm("deal move 1 proposal --override --reason 'boss said so'").exit_code == 0
    assert "boss said so" in crm("log --json").stdout


@pytest.mark.usefixtures("on_each_engine")
@pytest.mark.parametrize("command", ["move 1 2 won", "win 1 2", "lose 1 2", "reopen 3"])
def test_a_dry_run_shows_the_same_plan_and_writes_nothing(crm: Crm, command: str) -> None:
    crm.now = DAY.format(9)
    crm("deal win 3")
    before = [crm(f"{what} --json").stdout for what in ("deal list", "log", "deal history 1")]
    dry = crm(f"deal {command} --dry-run")
    assert (dry.exit_code, dry.stdout) == (0, "")
    after = [crm(f"{what} --json").stdout for what in ("deal list", "log", "deal history 1")]
    assert after == before
    real = crm(f"deal {command}")
    told = [
        line.replace("moved", "would move") if line.startswith("moved ") else f"Would move {line}"
        for line in real.stderr.splitlines()
    ]
    assert dry.stderr.splitlines() == [*told, "dry run: nothing was written"]


def test_a_deal_that_left_the_stage_meanwhile_is_not_moved(crm: Crm) -> None:
    assert crm("deal move 1 qualified --if-stage lead").exit_code == 0
    result = crm("deal move 1 proposal --if-stage lead")
    assert (result.exit_code, result.stdout) == (5, "")
    assert result.stderr == "crmctl: error: D1 is in qualified by now, not in lead\n"


def test_keeping_going_says_that_deals_had_left_the_stage(crm: Crm) -> None:
    crm("deal move 1 qualified")
    command = "deal move 1 2 proposal --if-stage lead --keep-going"
    result = crm(f"{command} --dry-run")
    assert result.exit_code == 5
    result = crm(command)
    assert result.exit_code == 5
    assert result.stderr.splitlines() == [
        "D2 Bolt renewal: Lead -> Proposal",
        "not moved: D1 is in qualified by now, not in lead",
        "moved 1, refused 1",
    ]
    # Whatever else was in the way is nothing that trying again would help with.
    assert crm("deal move 1 99 proposal --if-stage lead --keep-going").exit_code == 1
    crm("stage edit won --required owner")
    assert crm("deal move 1 3 won --if-stage lead --keep-going").exit_code == 1


def test_a_move_can_lie_in_the_past_but_not_before_the_last_or_ahead(crm: Crm) -> None:
    assert crm("deal move 1 won --at 2026-03-05", now=DAY.format(9)).exit_code == 0
    assert crm("deal show 1 --json").json()["closed_at"] == "2026-03-05T00:00:00Z"
    result = crm("deal move 2 won --at 2026-02-01", now=DAY.format(9))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot leave it before that" in result.stderr
    result = crm("deal move 2 won --at 2026-03-10", now=DAY.format(9))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "has not come yet" in result.stderr


def test_a_day_without_a_time_holds_when_the_deal_was_there_already(crm: Crm) -> None:
    result = crm("deal move 1 won --at 2026-03-01T08:00", now=DAY.format(9))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "D1 entered lead at 2026-03-01 09:00 UTC: it cannot leave it" in result.stderr
    assert "(crmctl deal move D1 lead --at TIME corrects when it did)" in result.stderr
    crm("company edit --timezone Europe/Berlin")
    result = crm("deal move D1 qualified --at 2026-02-01")
    assert "D1 entered lead at 2026-03-01 10:00 Europe/Berlin: it cannot leave" in result.stderr
    assert crm("deal move 1 won --at 2026-03-01", now=DAY.format(9)).exit_code == 0
    assert crm("deal show 1 --json").json()["closed_at"] == DAY.format(1)


def test_winning_losing_and_reopening(crm: Crm) -> None:
    crm("deal move 1 proposal", now=DAY.format(2))
    assert crm("deal win 1 2", now=DAY.format(3)).stderr == (
        "D1 Acme rollout: Proposal -> Won\nD2 Bolt renewal: Lead -> Won\nmoved 2\n"
    )
    assert crm("deal win 1").stderr == "D1 Acme rollout is in won already\n"
    assert crm("deal lose 3 --lost-reason price").exit_code == 0
    assert crm("deal show 3 --json").json()["lost_reason"] == "price"
    result = crm("deal reopen 1 3")
    assert result.stderr == (
        "D1 Acme rollout: Won -> Proposal\nD3 Cog trial: Lost -> Lead\nmoved 2\n"
    )
    reopened = crm("deal show 3 --json").json()
    assert (reopened["status"], reopened["closed_at"], reopened["lost_reason"]) == (
        "open",
        None,
        None,
    )
    assert crm("deal reopen 3").stderr == "D3 Cog trial is in lead already\n"
    assert crm("deal reopen 2 --to negotiation").exit_code == 0
    assert crm("deal reopen 2 --to won").exit_code == 1
    crm("deal win 2")
    assert crm("deal reopen 2 --to lost").exit_code == 2


def test_a_lost_reason_is_asked_for_where_the_pipeline_wants_one(crm: Crm) -> None:
    crm("pipeline edit default --lost-reason")
    result = crm("deal lose 1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "D1: a lost deal needs a reason (--lost-reason TEXT)" in result.stderr
    assert crm("deal lose 1 --lost-reason price").exit_code == 0


@pytest.mark.parametrize("command", ["move 1 won --lost-reason price", "add x --lost-reason price"])
def test_only_a_lost_deal_has_a_lost_reason(crm: Crm, command: str) -> None:
    result = crm(f"deal {command}")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "a lost reason is for deals that are lost" in result.stderr
    assert _stages(crm) == {"D1": "lead", "D2": "lead", "D3": "lead"}


def test_history_tells_every_stage(crm: Crm) -> None:
    crm("deal move 1 proposal --reason 'they asked'", now=DAY.format(3))
    crm("deal edit 1 --amount 150", now=DAY.format(4))
    crm("deal move 1 won", now=DAY.format(8))
    rows = crm("deal history 1 --json", now=DAY.format(20)).json()
    assert all(len(row.pop("change")) == 12 for row in rows)
    shared = {
        "deal": "D1",
        "pipeline": "default",
        "currency": "EUR",
        "actor": "Uma",
        "entered_on": None,
    }
    assert rows == [
        shared
        | {
            "position": 1,
            "from_stage": None,
            "stage": "lead",
            "status": "open",
            "entered_at": DAY.format(1),
            "left_at": DAY.format(3),
            "seconds": 2 * 86400,
            "reason": None,
            "amount": "100.00",
        },
        shared
        | {
            "position": 2,
            "from_stage": "lead",
            "stage": "proposal",
            "status": "open",
            "entered_at": DAY.format(3),
            "left_at": DAY.format(8),
            "seconds": 5 * 86400,
            "reason": "they asked",
            "amount": "100.00",
        },
        shared
        | {
            "position": 3,
            "from_stage": "proposal",
            "stage": "won",
            "status": "won",
            "entered_at": DAY.format(8),
            "left_at": None,
            "seconds": None,
            "reason": None,
            "amount": "150.00",
        },
    ]
    table = crm("deal history 1", now=DAY.format(20)).stdout.splitlines()
    assert [line.split()[0] for line in table] == ["stage", table[1], "Lead", "Proposal", "Won"]
    assert "5d" in table[3]
    assert "they asked" in table[3]


def test_a_move_to_another_pipeline_names_both(crm: Crm) -> None:
    crm("pipeline add renewals --template saas")
    result = crm("deal move 1 lead --pipeline renewals", now=DAY.format(3))
    assert result.stderr == "D1 Acme rollout: default/Lead -> renewals/Lead\n"
    table = crm("deal history 1", now=DAY.format(4)).stdout.splitlines()[2:]
    assert [line.split()[0] for line in table] == ["default/Lead", "renewals/Lead"]


def test_an_open_deal_ages_until_now(crm: Crm) -> None:
    row = crm("deal history 2 --json", now=DAY.format(4)).json()[0]
    assert (row["left_at"], row["seconds"]) == (None, 3 * 86400)


@pytest.mark.usefixtures("on_each_engine")
def test_history_tells_every_change_of_a_field(crm: Crm) -> None:
    crm("field add deal seats --type number")
    crm("customer add Ann")
    crm("deal edit 1 --amount 150 --owner uma --customer ann --custom seats=5 --reason grew")
    crm("deal edit 1 --probability 60% --close 2026-04-01")
    crm("deal edit 1 --clear owner --custom seats=6")
    crm("deal move 1 won")
    rows = crm("deal history 1 --fields --json").json()
    assert {row["actor"] for row in rows} == {"Uma"}
    assert [(row["field"], row["before"], row["after"]) for row in rows[:-2]] == [
        ("amount", "100.00", "150.00"),
        ("custom.seats", None, 5),
        ("customer", None, "Ann"),
        ("owner", None, "Uma"),
        ("expected_close", None, "2026-04-01"),
        ("probability", None, "0.60"),
        ("custom.seats", 5, 6),
        ("owner", "Uma", None),
    ]
    assert [row["field"] for row in rows[-2:]] == ["closed_at", "stage"]
    assert list(rows[0]) == ["at", "actor", "field", "before", "after", "change", "reason"]
    assert rows[0]["reason"] == "grew"
    assert len({row["change"] for row in rows}) == 4
    shown = crm("deal history 1 --fields")
    assert shown.exit_code == 0
    assert "60%" in shown.stdout
    assert f"  {rows[0]['change'][:8]}  " in shown.stdout
    assert rows[0]["change"] not in shown.stdout


def test_a_deal_without_changes_has_no_history_of_fields(crm: Crm) -> None:
    assert crm("deal history 2 --fields --json").json() == []
    assert crm("deal history 2 --fields").stdout.strip() == "no field was changed yet"


def test_a_deal_that_is_there_already_is_left_alone_with_if_stage_too(crm: Crm) -> None:
    result = crm("deal move D1 lead --if-stage lead", now=DAY.format(2))
    assert (result.exit_code, result.stderr) == (0, "D1 Acme rollout is in lead already\n")
    assert len(crm("deal history D1 --json").json()) == 1
    assert crm("deal move D1 lead --if-stage proposal").exit_code == 5


def test_if_stage_is_a_stage_of_the_pipeline_that_the_deal_is_in(crm: Crm) -> None:
    assert crm("pipeline add renewals --template saas").exit_code == 0
    first = crm("stage list --pipeline renewals --json").json()[0]["key"]
    moved = crm(f"deal move D1 {first} --pipeline renewals --if-stage lead")
    assert moved.exit_code == 0, moved.stderr
    assert crm("deal show D1 --json").json()["pipeline"] == "renewals"


def test_keeping_going_passes_deals_whose_pipeline_has_no_such_stage(crm: Crm) -> None:
    assert crm("pipeline add renewals --template saas").exit_code == 0
    assert crm("deal add Trial --pipeline renewals").exit_code == 0
    refused = crm("deal move D1 D4 negotiation")
    assert (refused.exit_code, refused.stdout) == (3, "")
    result = crm("deal move D4 D1 negotiation --keep-going")
    assert result.exit_code == 1
    assert "not moved: 'negotiation' is no stage of pipeline renewals" in result.stderr
    assert _stages(crm)["D1"] == "negotiation"
