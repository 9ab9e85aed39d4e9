"""A value that nobody can read is found, and every command names the record that has it."""

import pytest
from sqlalchemy import text

from crmctl.config import normal_url
from crmctl.storage import db
from tests.crm import Crm


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with a deal of a customer."""
    return crm.begin(
        "init Acme --user Uma", "customer add Ada", "deal add Weir --customer C1 --amount 5"
    )


DAMAGE = {
    "deals.amount": ["'soon'", "1.5"],
    "deals.currency": ["'ZZZ'"],
    "deals.expected_close": ["'2026-02-30'", "20260101"],
    "deals.created_at": ["'yesterday'"],
    "deals.custom": ["'{\"a\": '", "'[]'"],
    "deals.status": ["'perhaps'"],
    "deals.owner_id": ["'nobody'"],
    "customers.tags": ["'[1'"],
    "users.active": ["'yes'"],
}


@pytest.mark.parametrize("column", DAMAGE)
def test_what_cannot_be_read_is_found_and_named(crm: Crm, column: str) -> None:
    table, name = column.split(".")
    record = {"deals": "D1", "customers": "C1", "users": "user Uma"}[table]
    engine = db.engine(normal_url(crm.database_url))
    for value in DAMAGE[column]:
        with engine.connect() as connection:
            for pragma in ("foreign_keys = OFF", "ignore_check_constraints = ON"):
                connection.connection.cursor().execute(f"PRAGMA {pragma}")
            connection.execute(text(f"UPDATE {table} SET {name} = {value}"))
            connection.commit()
        checked = crm("db check --json")
        assert checked.exit_code == 1, checked.stderr
        told = [each for each in checked.json() if each["invariant"] == "values can be read"]
        assert [each["record"].startswith(record) for each in told] == [True], checked.stdout
        assert told[0]["detail"].startswith(f"{name} cannot be read: ")
        for command in ("deal list", "customer list"):
            result = crm(command)
            assert "unexpected" not in result.stderr, result.stderr
            if result.exit_code:
                assert (result.exit_code, result.stderr.count("\n")) == (4, 1), result.stderr
                assert result.stderr.startswith(f"crmctl: error: {record}"), result.stderr
