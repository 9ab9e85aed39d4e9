"""The session of a command."""

from datetime import UTC, datetime, timedelta

import pytest

from crmctl.cli import invocation
from crmctl.services.pipeline import deals
from tests.crm import Crm


def test_what_was_not_committed_at_a_time_is_not_in_a_look_at_it(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm("init Acme --user Uma", now="2026-03-01T09:00:00Z")
    crm("deal add One", now="2026-03-01T09:01:00Z")
    monkeypatch.setenv("CRMCTL_DATABASE_URL", crm.database_url)
    invocation.start(["deal", "add", "Two"])
    with invocation.session(write=True) as session:
        deals.create(session, {"title": "Two"})
        shown = [row["title"] for row in crm("deal list --json").json()]
        at = datetime.now(UTC)
    assert shown == ["One"]
    then = crm(f"board --json --as-of {at.isoformat()}")
    assert (then.exit_code, "One" in then.stdout, "Two" in then.stdout) == (0, True, False)
    assert len(crm("deal list --json").json()) == 2


def test_a_clock_that_is_fixed_dates_a_change(crm: Crm) -> None:
    crm("init Acme --user Uma", now="2026-03-01T09:00:00Z")
    (change,) = crm("log --json").json()
    assert change["at"].startswith("2026-03-01T09:00:00")
    before = datetime.now(UTC) - timedelta(seconds=1)
    crm("deal add One")
    assert datetime.fromisoformat(crm("log --json").json()[0]["at"]) > before
