"""What revision 0005 makes of what was there."""

import json
from collections.abc import Callable

from sqlalchemy import Engine, text

from crmctl.storage import migrate
from crmctl.storage.db import sqlite_file
from tests.crm import Crm

SECRET = "postgresql://u:geheim@db.example/sales"
MASKED = "postgresql://u:***@db.example/sales"


def test_passwords_are_masked(empty: Callable[[], Engine]) -> None:
    old = empty()
    migrate.upgrade(old)
    url = old.url.render_as_string(hide_password=False)
    crm = Crm(url)
    assert crm("init Acme").exit_code == 0
    assert crm("deal add Weir").exit_code == 0
    assert crm("import deals -", input="title\nBig\n").exit_code == 0
    migrate.downgrade(old, "0004")
    kept = {"entity": "deal", "file": "-", "source": SECRET, "columns": [f"a={SECRET}"]}
    with old.begin() as connection:
        for command in (f"crmctl import deals - --source {SECRET}", "crmctl deal add Weir"):
            edit = "UPDATE changes SET command = :new, reason = :reason WHERE command LIKE :old"
            values = {"new": command, "reason": f"of {command}", "old": f"{command[:15]}%"}
            connection.execute(text(edit), values)
        connection.execute(
            text("UPDATE deal_stage_history SET reason = :reason"), {"reason": f"of {SECRET}"}
        )
        connection.execute(
            text("UPDATE imports SET file = :file, options = :options"),
            {"file": SECRET, "options": json.dumps(kept)},
        )
    before = _recorded(old)
    migrate.upgrade(old)
    assert _recorded(old) == [tuple(each.replace(SECRET, MASKED) for each in row) for row in before]
    (run,) = crm("import list --json").json()
    assert run["file"] == MASKED
    assert run["options"] == kept | {"source": MASKED, "columns": [f"a={MASKED}"]}
    if path := sqlite_file(url):
        old.dispose()
        for file in path.parent.glob(f"{path.name}*"):
            assert b"geheim" not in file.read_bytes()


def _recorded(engine: Engine) -> list[tuple[str, ...]]:
    """Return the command and the reason of each change, and the reasons of stage history."""
    with engine.connect() as connection:
        query = text(
            "SELECT command, coalesce(reason, '') FROM changes"
            " UNION ALL SELECT '', reason FROM deal_stage_history ORDER BY 1"
        )
        return [tuple(row) for row in connection.execute(query)]
