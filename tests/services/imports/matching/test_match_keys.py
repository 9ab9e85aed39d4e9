"""What rows are known by, and where records hold it."""

from uuid import UUID

import pytest

from crmctl.domain.importing.columns.mapping import map_columns
from crmctl.domain.importing.files.tables import TableRow
from crmctl.domain.kinds import Entity
from crmctl.errors import UsageError
from crmctl.models.base import Values
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.services.imports.matching.match_keys import (
    choose_keys,
    match_keys_of,
    missing_field,
    stored_key,
    sufficient_keys,
)
from crmctl.services.imports.parsed_row import ParsedRow

COLUMNS = map_columns(["id", "email", "name", "website"], Entity.CUSTOMER)


def parsed(**values: object) -> ParsedRow:
    """Return a row of customers with `values`."""
    return ParsedRow(TableRow(2, ()), COLUMNS, values=dict(values))


def test_keys_are_those_that_the_file_has_columns_for() -> None:
    assert choose_keys(Entity.CUSTOMER, COLUMNS, None, "f") == ("external_id", "email", "name")
    assert choose_keys(Entity.CUSTOMER, COLUMNS, " Email,NAME,email ", "f") == ("email,name",)
    with pytest.raises(UsageError, match="no column of f is phone"):
        choose_keys(Entity.CUSTOMER, COLUMNS, "phone", "f")


def test_a_key_that_every_row_has_is_enough() -> None:
    chain = ("crmctl_id", "external_id", "name")
    assert sufficient_keys(chain, {"external_id"}) == chain[:2]
    assert sufficient_keys(chain, {"crmctl_id"}) == chain


def test_a_row_is_known_by_each_of_its_values() -> None:
    row = parsed(external_ids=[("a", "1"), ("b", "2")], email="X@y.com")
    keys = [(key, key.split(",")) for key in ("external_id", "email", "external_id,email")]
    assert match_keys_of(row, keys, Customer) == [
        ("external_id", ("a", "1")),
        ("external_id", ("b", "2")),
        ("email", "x@y.com"),
        ("external_id,email", (("a", "1"), "x@y.com")),
        ("external_id,email", (("b", "2"), "x@y.com")),
    ]
    assert missing_field(row, "email,name", Customer) == "name"


def test_a_related_record_is_meant_by_its_id() -> None:
    row, ids = parsed(), [UUID(int=1), UUID(int=2)]
    row.related["customer"] = frozenset(ids)
    assert match_keys_of(row, [("customer", ["customer"])], Deal) == [
        ("customer", row_id) for row_id in ids
    ]


def test_several_columns_hold_a_key_together() -> None:
    key = stored_key("name,domain,custom.tier", Customer)
    assert [column.key for column in key.columns] == ["name", "website", "email", "custom"]
    held: Values = {"name": " Ann ", "email": "ann@acme.com", "custom": {"tier": "Gold"}}
    assert key.value_in(held) == ("ann", "acme.com", "gold")
    assert key.value_in({**held, "custom": {}}) is None
    assert key.value_of(Customer(**held, website=None)) == ("ann", "acme.com", "gold")


def test_without_a_key_the_columns_that_may_be_one_are_named() -> None:
    columns = map_columns(["amount", "Objekt A", *(f"c{n}" for n in range(30))], Entity.DEAL)
    with pytest.raises(UsageError, match=r"COLUMN=title \(not read: Objekt A, c0, .* 11 more\)"):
        choose_keys(Entity.DEAL, columns, None, "f")
