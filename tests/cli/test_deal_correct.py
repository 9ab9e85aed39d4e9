"""What is asked of a deal that is in its stage already is done or refused, never dropped."""

import pytest

from tests.crm import Crm

WON = "deal win D1 --at 2026-07-01"


@pytest.fixture
def weir(crm: Crm) -> Crm:
    """A company with one deal, in Lead since June."""
    crm.now = "2026-08-01T12:00:00Z"
    return crm.begin("init Co --user Ada", "deal add Weir --at 2026-06-01")


def _closed(crm: Crm) -> tuple[str, str]:
    deal = crm("deal show D1 --json").json()
    return deal["closed_at"], deal["stage_entered_at"]


def _history(crm: Crm) -> list[tuple[str, str]]:
    rows = crm("deal history D1 --json").json()
    return [(row["stage"], row["entered_at"]) for row in rows]


@pytest.mark.usefixtures("on_each_engine")
@pytest.mark.parametrize("at", ["2026-06-28", "2026-07-05", "2026-06-28T10:00"])
@pytest.mark.parametrize(
    ("closing", "again"),
    [("win", "win D1"), ("win", "move D1 won"), ("lose", "lose D1"), ("lose", "move D1 lost")],
)
def test_a_closing_date_is_corrected_with_its_history(
    weir: Crm, closing: str, again: str, at: str
) -> None:
    assert weir(f"deal {closing} D1 --at 2026-07-01").exit_code == 0
    result = weir(f"deal {again} --at {at}")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"D1 Weir: closed 2026-07-01 -> {at.replace('T', ' ')}\n"
    time = f"{at}:00Z" if "T" in at else f"{at}T00:00:00Z"
    assert _closed(weir) == (time, time)
    stage = "won" if closing == "win" else "lost"
    assert _history(weir) == [("lead", "2026-06-01T00:00:00Z"), (stage, time)]
    assert weir("db check").exit_code == 0
    assert weir("undo").exit_code == 0
    assert _history(weir)[-1] == (stage, "2026-07-01T00:00:00Z")
    assert _closed(weir) == ("2026-07-01T00:00:00Z", "2026-07-01T00:00:00Z")


def test_a_dry_run_says_so_and_writes_nothing(weir: Crm) -> None:
    weir(WON)
    result = weir("deal win D1 --at 2026-06-28 --dry-run")
    assert result.stderr == (
        "Would correct D1 Weir: closed 2026-07-01 -> 2026-06-28\ndry run: nothing was written\n"
    )
    assert _closed(weir)[0] == "2026-07-01T00:00:00Z"


def test_why_a_deal_was_lost_is_corrected(weir: Crm) -> None:
    weir("deal lose D1 --lost-reason price")
    result = weir("deal lose D1 --lost-reason timing --json")
    assert result.stderr == "D1 Weir: lost reason price -> timing\n"
    assert [(row["ref"], row["lost_reason"]) for row in result.json()] == [("D1", "timing")]


def _why(crm: Crm, deal: str) -> str | None:
    reason: str | None = crm(f"deal history {deal} --json").json()[-1]["reason"]
    return reason


@pytest.mark.usefixtures("on_each_engine")
def test_the_history_says_why_a_deal_was_lost_as_it_is_corrected(weir: Crm) -> None:
    weir("deal lose D1 --lost-reason price")
    weir("deal add Dam --stage lost --lost-reason price")
    weir("deal add Pier --stage lost --reason 'by phone'")
    for command in ("deal lose D1 D2 D3", "deal edit D1 D2 D3"):
        assert weir(f"{command} --lost-reason '{command}'").exit_code == 0
        assert [_why(weir, each) for each in ("D1", "D2", "D3")] == [command, command, "by phone"]
    rows = "title,stage,lost reason\nWeir,lost,file\nDam,,file\nPier,lost,file\n"
    assert weir("import deals -", input=rows).exit_code == 0
    assert [_why(weir, each) for each in ("D1", "D2", "D3")] == ["file", "file", "by phone"]
    weir("undo")
    assert [_why(weir, each) for each in ("D1", "D2", "D3")] == [command, command, "by phone"]
    assert weir("db check").exit_code == 0


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("win D1 --at 2026-06-10", "entered proposal at 2026-06-20 00:00 UTC: it cannot leave it"),
        ("win D1 --at 2026-09-01", "has not come yet"),
        ("move D1 won --lost-reason timing", "a lost reason is for deals that are lost"),
    ],
)
def test_what_cannot_be_is_refused(weir: Crm, command: str, why: str) -> None:
    weir("deal move D1 proposal --at 2026-06-20")
    weir(WON)
    before = weir("deal show D1 --json").stdout
    result = weir(f"deal {command}")
    assert result.exit_code in (1, 2)
    assert why in result.stderr
    assert weir("deal show D1 --json").stdout == before


def test_the_time_of_an_open_stage_is_corrected(weir: Crm) -> None:
    weir("deal move D1 proposal --at 2026-07-01")
    result = weir("deal move D1 proposal --at 2026-07-02")
    assert result.stderr == "D1 Weir: entered 2026-07-01 -> 2026-07-02\n"
    assert _history(weir)[-1] == ("proposal", "2026-07-02T00:00:00Z")
    assert weir("deal move D1 proposal --lost-reason price").exit_code == 1
    assert weir("db check").exit_code == 0


def test_of_two_stages_that_mean_won_the_first_says_when(weir: Crm) -> None:
    weir("stage add paid --kind won")
    weir(WON)
    weir("deal move D1 paid --at 2026-07-10")
    assert weir("deal win D1 --at 2026-07-12").exit_code == 1
    assert weir("deal win D1 --at 2026-06-28").exit_code == 0
    assert _closed(weir) == ("2026-06-28T00:00:00Z", "2026-07-10T00:00:00Z")
    assert _history(weir)[1:] == [
        ("won", "2026-06-28T00:00:00Z"),
        ("paid", "2026-07-10T00:00:00Z"),
    ]


@pytest.mark.parametrize("options", ["--at 2026-06-02", "--to proposal"])
def test_an_open_deal_is_not_reopened_in_another_way(weir: Crm, options: str) -> None:
    result = weir(f"deal reopen D1 {options}")
    assert (result.exit_code, result.stderr) == (
        1,
        "crmctl: error: D1 is open already, in lead (crmctl deal move)\n",
    )


@pytest.mark.parametrize("command", ["win D1", "win D1 --at 2026-07-01", "move D1 won --reason x"])
def test_what_is_so_already_is_nothing_to_do(weir: Crm, command: str) -> None:
    weir("deal win D1 --at 2026-07-01T09:00")
    result = weir(f"deal {command}")
    assert (result.exit_code, result.stderr) == (0, "D1 Weir is in won already\n")
    assert len(weir("log --json").json()) == 3
