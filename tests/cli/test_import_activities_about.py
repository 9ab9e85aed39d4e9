"""Activities of a file that are about nothing: told once, where no column could say it."""

import pytest

from tests.cli.imported import counts, reasons, take
from tests.crm import Crm

TASKS = "Task ID,Subject,Due Date,Status\n"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with one user, who is remembered, and a deal."""
    return crm.begin("init Acme --user Ada", "user use Ada", "deal add Weir")


@pytest.mark.parametrize("rows", [1, 2100])
@pytest.mark.parametrize("options", ["", "--dry-run"])
def test_a_file_without_a_column_for_it_is_refused_in_one_line(
    crm: Crm, rows: int, options: str
) -> None:
    content = TASKS + "".join(f"{n},Call back,2026-10-01,Completed\n" for n in range(rows))
    result = take(crm, "activities", content, f"--kind task {options}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"crmctl: error: no column of stdin says which deal or customer its {rows:,} activities"
        " are about (--map COLUMN=deal or --map COLUMN=customer)\n"
    )


def test_a_row_about_nothing_beside_others_is_named(crm: Crm) -> None:
    content = "Task ID,Subject,Deal Name\n1,Call,Weir\n2,Mail,\n"
    plan = take(crm, "activities", content, "--kind task")
    assert counts(plan) == (1, 0, 0, 1)
    assert "is about a deal or a customer" in reasons(plan)[0]


def test_activities_that_are_there_are_changed_without_it(crm: Crm) -> None:
    take(crm, "activities", "Task ID,Subject,Deal Name\n1,Call,Weir\n", "--kind task")
    content = "Task ID,Subject\n1,Call again\n"
    assert counts(take(crm, "activities", content, "--kind task")) == (0, 1, 0, 0)


def test_activities_without_ids_are_known_by_what_the_error_says(crm: Crm) -> None:
    content = (
        "Type,Subject,Date,Start time,Related to\n"
        "Call,Intro,2026-11-02,09:30,Weir\nMeeting,Demo,2026-11-05,14:00,Weir\n"
    )
    refused = take(crm, "activities", content)
    assert refused.exit_code == 2
    assert refused.stderr.endswith(", or --key at,subject,deal (not read: Start time)\n")
    plans = [take(crm, "activities", content, "--key at,subject,deal") for _ in range(2)]
    assert [counts(plan) for plan in plans] == [(2, 0, 0, 0), (0, 0, 2, 0)]
    # A column of times of day is no column of days.
    days = [each["at"][:10] for each in crm("activity list --json").json()]
    assert sorted(days) == ["2026-11-02", "2026-11-05"]
