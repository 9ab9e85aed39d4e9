"""crmctl forecast."""

from decimal import Decimal
from typing import Any

import pytest

from crmctl.domain.kinds import Period
from tests.crm import Crm

pytestmark = pytest.mark.usefixtures("company")
NOW = "2026-03-14T09:00:00Z"
AMOUNTS = ("won", "commit", "best_case", "pipeline", "weighted", "expected")
#: Title and options of each deal; what is not said is as its stage has it.
DEALS = (
    "Soon --amount 1000 --owner Ann --close 2026-03-31 --customer Globex",
    "Best --amount 2000.50 --owner Bo --close 2026-04-15 --stage proposal --customer Müller",
    "Sure --amount 4000 --close 2026-04-20 --stage negotiation --franchise North",
    "Yen --amount 300000 --currency JPY --close 2026-08-31 --stage negotiation",
    "Late --amount 50 --close 2026-03-13",
    "Undated --amount 60",
    "Far --amount 70 --close 2026-09-01",
    "Omitted --amount 80 --close 2026-04-01 --forecast-category omitted",
    "Unpriced --close 2026-05-01",
    "Won --amount 500 --stage won --at 2026-03-02 --owner Ann",
    "Before --amount 600 --stage won --at 2026-02-28T22:59:00Z",
    "Lost --amount 700 --stage lost --at 2026-03-03 --lost-reason price",
)


@pytest.fixture
def company(crm: Crm) -> None:
    """A company in Berlin with a deal for every way to be counted."""
    crm.now = "2026-03-10T09:00:00Z"
    commands = (
        "user add Bo",
        "franchise add North",
        "customer add Globex --segment Enterprise",
        "customer add Müller --segment SMB",
        *(f"deal add {deal}" for deal in DEALS),
    )
    crm.begin(
        "init Acme --currency EUR --user Ann --timezone Europe/Berlin",
        *(f"{command} --as Ann" for command in commands),
    )
    crm.now = NOW


def _rows(crm: Crm, arguments: str = "") -> dict[tuple[str, str], dict[str, Any]]:
    result = crm(f"forecast --json {arguments}")
    assert (result.exit_code, result.stderr) == (0, "")
    return {(row["label"], row["currency"]): row for row in result.json()["rows"]}


def _numbers(row: dict[str, Any]) -> list[str]:
    return [row[name] for name in AMOUNTS]


def test_the_forecast_is_plain_text_of_80_cells_for_a_mail(crm: Crm) -> None:
    result = crm("forecast", env={"COLUMNS": ""})
    assert (result.exit_code, result.stderr) == (0, "")
    assert (
        result.stdout
        == """\
Forecast by month, 2026-03-01 to 2026-08-31
as of 2026-03-14 10:00 Europe/Berlin

EUR
         deals        won     commit  best case   pipeline   weighted   expected
2026-03      2     500.00          -          -   1,000.00     100.00     600.00
2026-04      2          -   4,000.00   2,000.50          -   4,000.25   4,000.25
2026-05      1          -          -          -          -          -          -
2026-06      -          -          -          -          -          -          -
2026-07      -          -          -          -          -          -          -
2026-08      -          -          -          -          -          -          -
overdue      1          -          -          -      50.00       5.00       5.00
undated      1          -          -          -      60.00       6.00       6.00
--------------------------------------------------------------------------------
total        7     500.00   4,000.00   2,000.50   1,110.00   4,111.25   4,611.25

JPY
         deals        won     commit  best case   pipeline   weighted   expected
2026-03      -          -          -          -          -          -          -
2026-04      -          -          -          -          -          -          -
2026-05      -          -          -          -          -          -          -
2026-06      -          -          -          -          -          -          -
2026-07      -          -          -          -          -          -          -
2026-08      1          -    300,000          -          -    225,000    225,000
overdue      -          -          -          -          -          -          -
undated      -          -          -          -          -          -          -
--------------------------------------------------------------------------------
total        1          -    300,000          -          -    225,000    225,000

Won: closed in these days. Commit, best case and pipeline: open deals by the day
  they are expected to close, each in one of the three.
Weighted: the sum of amount x probability of the open deals. Expected: won +
  weighted.
Overdue: open and expected before 2026-03-14. Undated: open, without a day.
1 deal expected to close after 2026-08-31: not counted.
1 deal in forecast category omitted: not counted.
1 deal without an amount: counted, adding nothing.
"""
    )


@pytest.mark.usefixtures("on_each_engine")
@pytest.mark.parametrize("by", Period)
def test_the_total_is_the_same_whatever_the_rows_are_by(crm: Crm, by: Period) -> None:
    days = "--from 2026-03-01 --to 2026-08-31"
    document = crm(f"forecast --by {by} {days} --json").json()
    assert document["totals"] == crm(f"forecast {days} --json").json()["totals"]
    for total in document["totals"]:
        mine = [row for row in document["rows"] if row["currency"] == total["currency"]]
        for name in AMOUNTS:
            assert sum(Decimal(row[name]) for row in mine) == Decimal(total[name])
        assert sum(row["deals"] for row in mine) == total["deals"]
    assert [total["currency"] for total in document["totals"]] == ["EUR", "JPY"]


def test_rows_by_who_and_what(crm: Crm) -> None:
    def labels(by: str) -> list[str]:
        rows = crm(f"forecast --by {by} --json").json()["rows"]
        return [row["label"] for row in rows if row["currency"] == "EUR"]

    rest = ["overdue", "undated"]
    assert labels("owner") == ["Ann", "Bo", "no owner", *rest]
    assert labels("segment") == ["Enterprise", "SMB", "no segment", *rest]
    assert labels("franchise") == ["North", "no franchise", *rest]
    assert labels("stage") == ["Lead", "Proposal", "Negotiation", "Won", *rest]
    assert labels("pipeline") == ["Sales", *rest]
    assert labels("quarter") == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4", *rest]


@pytest.mark.usefixtures("on_each_engine")
def test_stages_of_several_pipelines_are_told_apart(crm: Crm) -> None:
    assert crm("pipeline add hires --template recruiting --label Hires").exit_code == 0
    assert ("Sales: Lead", "EUR") in _rows(crm, "--by stage")
    assert ("Lead", "EUR") in _rows(crm, "--by stage --pipeline default")
    assert _rows(crm, "--pipeline hires")["2026-03", "EUR"]["deals"] == 0


def test_quarters_begin_with_the_fiscal_year(crm: Crm) -> None:
    assert crm("company edit --fiscal-month 2").exit_code == 0
    rows = _rows(crm, "--by quarter")
    first = rows["FY2027-Q1", "EUR"]
    assert (first["from"], first["to"]) == ("2026-02-01", "2026-04-30")
    assert _numbers(first) == ["1100.00", "4000.00", "2000.50", "1000.00", "4100.25", "5200.25"]


@pytest.mark.usefixtures("on_each_engine")
def test_a_day_is_one_of_the_companys_time_zone(crm: Crm) -> None:
    # 22:59 UTC on the last of February is 23:59 in Berlin; a minute later it is March there.
    assert crm("deal add Later --amount 9 --stage won --at 2026-02-28T23:00:00Z").exit_code == 0
    assert _rows(crm)["2026-03", "EUR"]["won"] == "509.00"
    assert _rows(crm, "--from 2026-02-28 --to 2026-02-28")["2026-02", "EUR"]["won"] == "600.00"


def test_deals_outside_the_days_are_not_counted_and_told(crm: Crm) -> None:
    document = crm("forecast --from 2026-04-01 --to 2026-04-30 --json").json()
    assert document["not_counted"] == {"omitted": 1, "before": 1, "after": 3}
    assert "1 deal expected to close before 2026-04-01: not counted." in document["notes"]
    assert [row["label"] for row in document["rows"]] == ["2026-04", "overdue", "undated"]


def test_a_deal_without_a_probability_is_not_weighted(crm: Crm) -> None:
    assert crm("stage edit lead --clear probability").exit_code == 0
    row = _rows(crm)["2026-03", "EUR"]
    assert (row["pipeline"], row["weighted"]) == ("1000.00", "0.00")
    assert "4 deals without a probability: not in weighted." in crm("forecast").stdout


@pytest.mark.usefixtures("on_each_engine")
def test_the_board_and_the_forecast_agree(crm: Crm) -> None:
    stages = crm("board --json").json()["stages"]
    weighted = {
        total["currency"]: sum(
            Decimal(other["weighted"])
            for stage in stages
            for other in stage["totals"]
            if stage["kind"] == "open" and other["currency"] == total["currency"]
        )
        for total in stages[0]["totals"]
    }
    document = crm("forecast --to 2027-01-31 --json").json()
    # The board shows what is omitted from forecasts, too.
    assert Decimal(document["totals"][0]["weighted"]) == weighted["EUR"] - 8


def test_rows_are_listed_as_csv(crm: Crm) -> None:
    lines = crm("forecast --output csv").stdout.splitlines()
    assert lines[0] == (
        "kind,label,key,from,to,currency,deals,won,commit,best_case,pipeline,weighted,expected,"
        "without_amount,without_probability"
    )
    assert len(lines) == 1 + 2 * 8


def test_the_forecast_of_an_empty_company_has_its_currency(crm: Crm) -> None:
    assert crm("pipeline add hires --template recruiting --label Hires").exit_code == 0
    document = crm("forecast --pipeline hires --json").json()
    assert [total["currency"] for total in document["totals"]] == ["EUR"]
    assert document["totals"][0]["deals"] == 0


@pytest.mark.usefixtures("on_each_engine")
def test_the_forecast_of_a_past_time_is_the_one_of_then(crm: Crm) -> None:
    then = "2026-03-14T09:00:00Z"
    before = {by: crm(f"forecast --by {by}", now=then).stdout for by in Period}
    for day, command in enumerate(
        (
            "deal move 1 2 won",
            "customer edit Globex --segment SMB",
            "user edit Bo --name Zoe",
            "stage edit lead --probability 90%",
            "deal edit 3 --amount 1 --close 2027-01-01",
            "company edit --timezone Asia/Tokyo --fiscal-month 4",
            "deal remove 5",
            "undo",
        ),
        15,
    ):
        result = crm(f"{command} --as Ann", now=f"2026-03-{day}T09:00:00Z")
        assert result.exit_code == 0, result.stderr
    crm.now = "2026-04-10T09:00:00Z"
    for by in Period:
        assert crm(f"forecast --by {by} --as-of {then}").stdout == before[by]
        assert crm(f"forecast --by {by}").stdout != before[by]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("--to 2026-01-01", 2, "a forecast from 2026-03-01 to 2026-01-01 ends before it begins"),
        ("--from 1950-01-01 --to 2026-01-01", 2, "a forecast has at most 120 months"),
        ("--to 9999-12-31", 2, "a forecast is of the years 1900 to 2999"),
        ("--from someday", 2, "not a date: 'someday'"),
        ("--by week", 2, "Invalid value for '--by': 'week' is not one of 'month', "),
        ("--pipeline nope", 3, "no pipeline is called 'nope'"),
        ("--as-of 2027-01-01", 2, "has not come yet"),
    ],
)
def test_what_cannot_be_shown_is_said_in_a_line(
    crm: Crm, arguments: str, code: int, said: str
) -> None:
    result = crm(f"forecast {arguments}")
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith("crmctl: error: ")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
