"""What revision 0004 makes of what was there."""

from collections.abc import Callable

from sqlalchemy import Engine, text

from crmctl.storage import migrate
from tests.crm import Crm


def test_a_command_that_an_import_kept_is_not_run(empty: Callable[[], Engine]) -> None:
    old = empty()
    migrate.upgrade(old)
    crm = Crm(old.url.render_as_string(hide_password=False))
    assert crm("init Acme").exit_code == 0
    assert crm("import deals -", input="title\nBig\n").exit_code == 0
    migrate.downgrade(old, "0003")
    with old.begin() as connection:
        kept = """'["customer", "add", "Eve"]'"""
        connection.execute(text(f"UPDATE imports SET arguments = {kept}, finished_at = NULL"))
    migrate.upgrade(old)
    (run,) = crm("import list --json").json()
    assert (run["state"], run["options"]) == ("cut off", {})
    result = crm("import --resume")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"crmctl: error: import {run['ref'][:8]} of stdin was begun by an earlier crmctl "
        "or in another database, and cannot go on: import the file again\n"
    )
    assert crm("customer list --json").json() == []
