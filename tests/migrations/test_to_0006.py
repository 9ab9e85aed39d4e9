"""What revision 0006 makes of what was there."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from crmctl.storage import migrate
from tests.crm import Crm

OLD = ["0065g00000AbCdE", "0065G00000ABCDFAAV", "0065g00000xyZAB", "zcrm_55", "7.0", "8"]


@pytest.fixture
def migrated(empty: Callable[[], Engine]) -> Crm:
    """A database brought to this revision with a deal for each of OLD, and one that is doubled."""
    old = empty()
    migrate.upgrade(old)
    crm = Crm(old.url.render_as_string(hide_password=False))
    assert crm("init Acme").exit_code == 0
    sources = ["salesforce"] * 3 + ["zoho", "hubspot", "acme"]
    ids = [*zip(sources, OLD, strict=True), ("salesforce", "0065g00000AbCdEAAV")]
    for number in range(len(ids)):
        assert crm(f"deal add Weir --external-id new:{number}").exit_code == 0
    migrate.downgrade(old, "0005")
    with old.begin() as connection:
        for number, (source, external_id) in enumerate(ids):
            connection.execute(
                text("UPDATE external_keys SET source = :source, external_id = :id"
                     " WHERE external_id = :number AND source = 'new'"),
                {"source": source, "id": external_id, "number": str(number)},
            )  # fmt: skip
    migrate.upgrade(old)
    return crm


def test_ids_get_the_form_of_their_system(migrated: Crm) -> None:
    found = migrated("deal list --json").json()
    assert sorted(deal["external_ids"][0] for deal in found) == [
        # What was doubled is not made one.
        "acme:8", "hubspot:7", "salesforce:0065g00000AbCdE", "salesforce:0065g00000AbCdEAAV",
        "salesforce:0065g00000AbCdFAAV", "salesforce:0065g00000xyZABAA2", "zoho:55",
    ]  # fmt: skip
    result = migrated("db check --json")
    assert [row["record"] for row in result.json()] == ["external id salesforce:0065g00000AbCdE"]
