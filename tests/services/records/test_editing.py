"""What may be cleared: what people set and a record can be without, and nothing else."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crmctl.domain.kinds import ActivityKind, Entity, FieldType, ForecastCategory
from crmctl.errors import UsageError
from crmctl.models.activities import Activity
from crmctl.models.base import Values
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import deals
from crmctl.services.records import (
    activities,
    custom_fields,
    editing,
    external_ids,
    record_values,
    types,
)
from crmctl.services.records.customers import NewCustomer
from crmctl.services.records.customers import add as add_customer
from crmctl.services.records.editing import Edit
from crmctl.services.records.references import Record
from crmctl.storage.tables import table_of
from tests.services.company import Company

CLEARABLE: dict[type[Record], str] = {
    Customer: "organisation email phone website country segment lead_score source lifecycle"
    " owner_id tags external_ids",
    Deal: "amount probability forecast_category expected_close next_step source owner_id"
    " customer_id tags external_ids",
    Activity: "body minutes owner_id customer_id deal_id external_ids",
}
#: Other names for them, as people would say.
ALSO = {
    "owner": "owner_id",
    "customer": "customer_id",
    "deal": "deal_id",
    "close": "expected_close",
    "score": "lead_score",
    "tag": "tags",
    "external-id": "external_ids",
    "next-step": "next_step",
}
FULL: dict[type[Record], Values] = {
    Customer: {
        "organisation": "Acme", "email": "a@x.example", "phone": "1", "website": "x.example",
        "country": "DE", "segment": "SMB", "lead_score": 5, "source": "fair",
        "lifecycle": "lead", "tags": ["vip"], "custom": {"size": 5},
    },
    Deal: {
        "amount": Decimal(5), "probability": Decimal("0.5"),
        "forecast_category": ForecastCategory.COMMIT, "expected_close": date(2026, 4, 1),
        "next_step": "call", "source": "fair", "tags": ["vip"],
        "custom": {"size": 5},
    },
    Activity: {"body": "hello", "minutes": 5},
}  # fmt: skip


def _rows(session: CrmSession) -> dict[type[Record], Record]:
    """Return a record of each kind that has a value in every field that people set."""
    for entity in (Entity.CUSTOMER, Entity.DEAL):
        custom_fields.add(session, entity, "size", None, FieldType.NUMBER)
    customer = add_customer(session, NewCustomer(name="Ann", owner="Uma")).customer
    owner = {"owner_id": customer.owner_id, "customer_id": customer.id}
    deal = deals.create(session, {"title": "Deal", "currency": "EUR", "custom": {}, **owner})
    values = {"kind": ActivityKind.NOTE, "subject": "Talk", "owner_id": customer.owner_id}
    activity = activities.create(session, values, deal="D1", customer="C1")
    rows: dict[type[Record], Record] = {Customer: customer, Deal: deal, Activity: activity}
    for model, row in rows.items():
        record_values.attach(session, row, [f"crm:{row.number}"])
        changes.edit(session, [row], FULL[model])
    return rows


def _value(session: CrmSession, row: Record, name: str) -> Any:
    if name != "external_ids":
        return getattr(row, name)
    return external_ids.of(session, types.entity_of(type(row)), [row.id]).get(row.id)


@pytest.mark.parametrize("model", [Customer, Deal, Activity])
def test_what_may_be_cleared_is_what_people_set(model: type[Record]) -> None:
    assert editing.clearable(model) == set(CLEARABLE[model].split())


def test_each_of_it_is_emptied(company: Company) -> None:
    with company.writes() as session:
        rows = _rows(session)
        for model, row in rows.items():
            for name in CLEARABLE[model].split():
                if model is Activity and name in ("customer_id", "deal_id"):
                    continue
                assert _value(session, row, name), name
                assert editing.apply(session, [row], Edit(clear=[name.replace("_", "-")])) == [row]
                assert not _value(session, row, name), name
        activity = rows[Activity]
        editing.apply(session, [activity], Edit(clear=["deal"]))
        with pytest.raises(UsageError, match="needs a customer or a deal"):
            editing.apply(session, [activity], Edit(clear=["customer"]))
        deal = rows[Deal]
        assert isinstance(deal, Deal)
        editing.apply(session, [deal], Edit(clear=["custom.size"]))
        assert deal.custom == {}


def test_nothing_else_can_be_cleared(company: Company) -> None:
    with company.writes() as session:
        for model, row in _rows(session).items():
            known = {*CLEARABLE[model].split(), *ALSO}
            for name in {*table_of(model).columns.keys(), "stage", "nothing"} - known:
                with pytest.raises(UsageError, match="cannot clear"):
                    editing.apply(session, [row], Edit(clear=[name]))


def test_short_names_are_known(company: Company) -> None:
    with company.writes() as session:
        for model, row in _rows(session).items():
            for name, column in ALSO.items():
                if column in CLEARABLE[model].split() and (model, name) != (Activity, "customer"):
                    editing.apply(session, [row], Edit(clear=[name]))
                    assert not _value(session, row, column)


def test_what_is_set_is_not_cleared_as_well(company: Company) -> None:
    with company.writes() as session:
        row = _rows(session)[Deal]
        assert isinstance(row, Deal)
        with pytest.raises(UsageError, match="owner is both set and cleared"):
            editing.apply(session, [row], Edit(owner="Uma", clear=["owner"]))
        with pytest.raises(UsageError, match="external_ids is both set and cleared"):
            editing.apply(session, [row], Edit(external_ids=["x:1"], clear=["external-id"]))
