"""The registry of records: no table, and no text column, is said nothing of."""

from collections.abc import Iterator

import pytest

from crmctl.domain.kinds import Entity, ImportKind
from crmctl.models.external_ids import ExternalId
from crmctl.models.schema import TABLES, metadata
from crmctl.services.records import types
from crmctl.services.records.record_type import RecordType
from crmctl.storage.tables import column_types, table_of

each_type = pytest.mark.parametrize("kind", types.ALL, ids=lambda kind: kind.table)


def _texts(kind: RecordType) -> Iterator[str]:
    """Yield the columns that hold text, or JSON with text in it, and refer to no other table.

    Words of a closed set are an enum in Python.
    """
    columns = table_of(kind.model).columns
    for name, held in column_types(kind.model).items():
        if held in (str, dict, list) and not columns[name].foreign_keys:
            yield name


def test_every_table_is_known() -> None:
    assert sorted(one.table for one in types.ALL) == sorted(metadata.tables)
    assert {one.model for one in types.ALL} == set(TABLES)
    assert all(types.of(model).model is model for model in TABLES)


@each_type
def test_it_is_a_record_or_a_part_of_one_or_neither(kind: RecordType) -> None:
    record = bool(kind.prefix or kind.title) and not kind.part_of
    assert [record, bool(kind.part_of), kind.bookkeeping].count(True) == 1
    assert set(kind.part_of) <= kind.relations.keys()


@each_type
def test_every_text_is_personal_or_free_or_said_to_be_neither(kind: RecordType) -> None:
    telling = {*kind.personal, *kind.free_texts}
    assert set(_texts(kind)) <= {*telling, *kind.impersonal}
    assert not telling & kind.impersonal.keys()
    assert {*telling, *kind.impersonal} <= column_types(kind.model).keys()
    assert set(kind.naming) <= kind.personal.keys()


@each_type
def test_the_room_of_a_free_text_is_that_of_its_column(kind: RecordType) -> None:
    for name, room in kind.free_texts.items():
        if column_types(kind.model)[name] is str:
            assert room == getattr(table_of(kind.model).columns[name].type, "length", None), name


@each_type
def test_its_columns_are_there(kind: RecordType) -> None:
    named = {*kind.reference_columns, *kind.derived, *kind.taken_over}
    assert named <= column_types(kind.model).keys()
    assert bool(kind.prefix) == kind.has("number") == (kind in types.NUMBERED)


def test_every_entity_has_a_column_for_its_external_ids() -> None:
    columns = {types.of_entity(entity).key_column for entity in Entity}
    assert columns == set(types.EXTERNAL_ID.part_of)
    for entity in Entity:
        kind = types.of_entity(entity)
        assert types.of(ExternalId).relations[kind.key_column] == kind.table
        assert (kind.noun, kind.plural) == (entity.value, entity.plural)


def test_every_kind_of_file_says_how_its_rows_are_read() -> None:
    for kind in ImportKind:
        rows = types.imported(kind)
        assert rows.kind is kind
        owner = next(one for one in types.ALL if one.imported is rows)
        assert set(rows.stored) <= column_types(owner.model).keys()
        assert rows.decided <= rows.input_model.model_fields.keys()
        assert types.imported(owner.entity or kind) is rows


def test_a_merge_takes_over_all_that_an_erasure_empties() -> None:
    # What is called otherwise, or is a list, is put together and not taken over whole.
    told = {*types.CUSTOMER.taken_over, "name", "tags", "custom"}
    assert types.CUSTOMER.personal.keys() <= told


@pytest.mark.parametrize(
    ("kind", "values", "name"),
    [
        (types.DEAL, {"number": 42, "title": "Rollout"}, "D42 Rollout"),
        (types.CUSTOMER, {"number": 7}, "C7"),
        (types.ACTIVITY, {"subject": "Call"}, "A? Call"),
        (types.USER, {"name": "Ann"}, "user Ann"),
        (types.STAGE, {"pipeline": "default", "key": "won"}, "stage default/won"),
        (types.CUSTOM_FIELD, {"entity": Entity.DEAL, "key": "size"}, "deal field size"),
        (types.EXTERNAL_ID, {"source": "crm", "external_id": "1"}, "external id crm:1"),
        (types.STAGE_ENTRY, {"position": 2}, "deal_stage_history 2"),
        (types.COMPANY, {}, "company ?"),
    ],
)
def test_what_a_row_is_called(kind: RecordType, values: dict[str, object], name: str) -> None:
    assert kind.name_of(values) == name
