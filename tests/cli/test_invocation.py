"""One run of crmctl: its clock, and what becomes of it where the command ends early."""

from datetime import UTC, datetime, timedelta

from tests.crm import Crm


def test_a_clock_that_is_fixed_dates_a_change(crm: Crm) -> None:
    crm("init Acme --user Uma", now="2026-03-01T09:00:00Z")
    (change,) = crm("log --json").json()
    assert change["at"].startswith("2026-03-01T09:00:00")
    before = datetime.now(UTC) - timedelta(seconds=1)
    crm("deal add One")
    assert datetime.fromisoformat(crm("log --json").json()[0]["at"]) > before
