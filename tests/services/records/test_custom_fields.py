"""Custom fields: declared, read by type, and found by value on both engines."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from crmctl.domain.kinds import Entity, FieldType
from crmctl.errors import NotFound, Refused, UsageError
from crmctl.models.custom_fields import CustomField
from crmctl.models.customers import Customer
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.records import custom_fields
from tests.services.company import START, Company

UTC = ZoneInfo("UTC")


def _declare(session: CrmSession) -> None:
    for key, kind in (
        ("seats", FieldType.NUMBER),
        ("renewal", FieldType.DATE),
        ("partner", FieldType.BOOLEAN),
        ("note", FieldType.TEXT),
    ):
        custom_fields.add(session, Entity.CUSTOMER, key, None, kind)


def _field(kind: FieldType) -> CustomField:
    values: dict[str, Any] = {"key": "size", "type": kind}
    return CustomField(**values)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (FieldType.TEXT, "  Ünïcode 🎉 ", "Ünïcode 🎉"),
        (FieldType.NUMBER, "12", 12),
        (FieldType.NUMBER, "1e3", 1000),
        (FieldType.NUMBER, "-0.10", -0.1),
        (FieldType.NUMBER, "1_000", 1000),
        (FieldType.NUMBER, "1.200,50", 1200.5),
        (FieldType.DATE, "2026-03-31", "2026-03-31"),
        (FieldType.DATE, "31.03.2026", "2026-03-31"),
        (FieldType.DATE, "tomorrow", "2026-03-02"),
        (FieldType.BOOLEAN, "Yes", True),
        (FieldType.BOOLEAN, "0", False),
        (FieldType.NUMBER, " ", None),
    ],
)
def test_a_value_is_read_by_the_type_of_its_field(kind: FieldType, text: str, value: Any) -> None:
    field = _field(kind)
    assert custom_fields.value_of(field, text, START, UTC, "EUR") == value
    assert type(custom_fields.value_of(field, text, START, UTC, "EUR")) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (FieldType.TEXT, "x" * 1001),
        (FieldType.TEXT, "a\x00b"),
        (FieldType.NUMBER, "twelve"),
        (FieldType.NUMBER, "NaN"),
        (FieldType.NUMBER, "inf"),
        (FieldType.NUMBER, "1234567890123456"),
        (FieldType.NUMBER, "1e999999"),
        (FieldType.NUMBER, "1." + "0" * 40 + "1"),
        (FieldType.NUMBER, "1.200"),
        (FieldType.NUMBER, "12k"),
        (FieldType.DATE, "01/03/2026"),
        (FieldType.BOOLEAN, "maybe"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_field(kind: FieldType, text: str) -> None:
    with pytest.raises(UsageError, match=r"^size: "):
        custom_fields.value_of(_field(kind), text, START, UTC, "EUR")


def test_only_declared_fields_are_read(company: Company) -> None:
    with company.writes() as session:
        _declare(session)
        assert custom_fields.parse(session, Entity.CUSTOMER, {"seats": "5", "Note": "hi"}) == {
            "seats": 5,
            "note": "hi",
        }
        with pytest.raises(NotFound, match=r"'size' \(there is note, partner, renewal, seats\)"):
            custom_fields.parse(session, Entity.CUSTOMER, {"size": "5"})
        with pytest.raises(NotFound, match="crmctl field add deal KEY"):
            custom_fields.parse(session, Entity.DEAL, {"seats": "5"})


def test_rows_are_found_by_their_values(company: Company) -> None:
    with company.writes() as session:
        _declare(session)
        ann, bob, cid = company.customers(session, "Ann", "Bob", "Cid")
        given = {"seats": "2.5", "renewal": "2026-03-31", "partner": "yes", "note": "Größe"}
        values = custom_fields.parse(session, Entity.CUSTOMER, given)
        changes.edit(session, [ann], {"custom": values})
        changes.edit(session, [bob], {"custom": {**values, "partner": False, "seats": 3}})

        def found(key: str, value: Any) -> list[str]:
            holds = custom_fields.holds(session, Customer, key, value)
            query = select(Customer.name).where(holds).order_by(col(Customer.number))
            return list(session.exec(query).all())

        assert found("seats", 2.5) == ["Ann"]
        assert found("seats", 3) == ["Bob"]
        assert found("partner", True) == ["Ann"]
        assert found("partner", False) == ["Bob"]
        assert found("partner", None) == [cid.name]
        assert found("renewal", "2026-03-31") == ["Ann", "Bob"]
        assert found("note", "GRöße") == ["Ann", "Bob"]
        assert found("note", "Größen") == []


def test_a_field_in_use_is_removed_with_its_values_or_not_at_all(company: Company) -> None:
    with company.writes() as session:
        _declare(session)
        ann, bob = company.customers(session, "Ann", "Bob")
        changes.edit(session, [ann], {"custom": {"seats": 5, "note": "hi"}})
        changes.edit(session, [bob], {"custom": {"seats": 6}, "deleted_at": company.now})
        seats = custom_fields.find(session, Entity.CUSTOMER, "seats")
        with pytest.raises(Refused, match="seats has a value in 2 customers"):
            custom_fields.remove(session, seats)
        assert custom_fields.remove(session, seats, empty=True).count == 2
    with company.reads() as session:
        rows = session.exec(select(Customer.custom).order_by(col(Customer.number))).all()
        assert list(rows) == [{"note": "hi"}, {}]
        assert list(custom_fields.known(session, Entity.CUSTOMER)) == ["note", "partner", "renewal"]


def test_a_key_is_declared_once_and_well_formed(company: Company) -> None:
    with company.writes() as session:
        _declare(session)
        with pytest.raises(Refused, match="have a custom field seats already"):
            custom_fields.add(session, Entity.CUSTOMER, "seats", None, FieldType.TEXT)
        with pytest.raises(UsageError, match="not a key"):
            custom_fields.add(session, Entity.CUSTOMER, 'a"b', None, FieldType.TEXT)
        assert (
            custom_fields.add(session, Entity.DEAL, "seats", None, FieldType.TEXT).label == "Seats"
        )
