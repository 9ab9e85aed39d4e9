"""What revision 0007 makes of what was there: nothing else than it was, and days from then on."""

from collections.abc import Callable

from sqlalchemy import Engine

from crmctl.storage import migrate
from tests.crm import Crm


def test_closed_deals_stay_as_they_are(empty: Callable[[], Engine]) -> None:
    engine = empty()
    migrate.upgrade(engine)
    crm = Crm(engine.url.render_as_string(hide_password=False), now="2026-09-15T09:00:00Z")
    crm("init Acme")
    for command in ("deal add Weir --at 2026-01-05", "deal win D1 --at 2026-03-10T10:00"):
        assert crm(command).exit_code == 0
    shown = [crm("deal list --status won --json").json(), crm("deal history D1 --json").json()]
    migrate.downgrade(engine, "0006")
    migrate.upgrade(engine)
    first = {**shown[1][0], "entered_on": None}
    shown[1][0] = first
    assert [
        crm("deal list --status won --json").json(),
        crm("deal history D1 --json").json(),
    ] == shown
    assert crm("db check").exit_code == 0
    assert crm("deal win D1 --at 2026-03-11").exit_code == 0
    assert crm("deal show D1 --json").json()["closed_on"] == "2026-03-11"
