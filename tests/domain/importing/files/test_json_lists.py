"""Lists of objects, and answers of systems that hold one, are read as JSON lines are."""

import json

import pytest

from crmctl.errors import UsageError
from tests.domain.importing.tables import cells, read

LIST = [{"title": "Weir", "amount": 1000.10}, {"title": "Lock", "amount": "2500"}]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "wrapped", [LIST, {"deals": LIST}, {"results": LIST, "paging": {"next": 2}, "total": 2}]
)
def test_list_of_objects_is_a_table(wrapped: object, indent: int | None) -> None:
    table = read(json.dumps(wrapped, indent=indent))
    assert table.header == ("title", "amount")
    assert cells(table) == [("Weir", "1000.1"), ("Lock", "2500")]


def test_object_with_a_list_among_its_fields_is_one_row() -> None:
    assert cells(read('{"title": "Weir", "contacts": [{"name": "A"}]}\n'))[0][0] == "Weir"


def test_what_is_no_object_in_a_list_is_a_row_in_trouble() -> None:
    rows = list(read('[{"title": "Weir"}, 5]').rows())
    assert [row.trouble for row in rows] == ["", "it is no JSON object"]


def test_list_that_is_cut_off_is_refused_in_one_line() -> None:
    with pytest.raises(UsageError, match=r"^deals\.csv line 1 is not JSON: "):
        read('[{"title": "Weir"},')


@pytest.mark.parametrize("name", ["properties", "attributes", "fields"])
def test_fields_of_a_record_may_stand_in_an_object(name: str) -> None:
    table = read(json.dumps({"id": 7, name: {"title": "Weir", "id": 8}}))
    assert dict(zip(table.header, cells(table)[0], strict=True)) == {
        "id": "7", "title": "Weir", f"{name}.id": "8",
    }  # fmt: skip
