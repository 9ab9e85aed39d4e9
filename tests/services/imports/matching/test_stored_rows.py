"""Rows as they were read have what records have."""

from typing import get_type_hints

import pytest

from crmctl.models.activities import Activity
from crmctl.models.base import Owned
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.services.imports.matching.stored_rows import (
    ActivityRow,
    CustomerRow,
    DealRow,
    row_class,
)
from crmctl.storage.tables import column_types

ASKED = {
    Customer: get_type_hints(CustomerRow),
    Deal: get_type_hints(DealRow),
    Activity: get_type_hints(ActivityRow),
}


@pytest.mark.parametrize("model", ASKED)
def test_a_stored_row_has_a_slot_for_each_column(model: type[Owned]) -> None:
    names = list(column_types(model))
    row = row_class(model)(*names)
    assert [getattr(row, name) for name in names] == names
    assert not hasattr(row, "__dict__")


@pytest.mark.parametrize("model", ASKED)
def test_what_is_asked_of_a_row_is_a_column_of_its_type(model: type[Owned]) -> None:
    of_model, columns = get_type_hints(model), column_types(model)
    asked = ASKED[model]
    assert asked.keys() <= columns.keys()
    assert {name: of_model[name] for name in asked} == asked
