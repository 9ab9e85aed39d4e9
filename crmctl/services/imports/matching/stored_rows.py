"""Rows of records as they were read, for those that are only compared with a file."""

from collections.abc import Callable
from dataclasses import make_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Protocol, TypeVar
from uuid import UUID

from crmctl.domain.kinds import Status
from crmctl.models.activities import Activity
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.storage.tables import table_of


class RecordRow(Protocol):
    """The row of a record of any kind: one of the session's, or a stored row (see row_class)."""

    id: UUID
    number: int
    franchise_id: UUID | None
    created_in: UUID
    changed_in: UUID
    deleted_at: datetime | None


class CustomerRow(RecordRow, Protocol):
    """The row of a customer."""

    name: str
    website: str | None
    owner_id: UUID | None
    merged_into: UUID | None


class DealRow(RecordRow, Protocol):
    """The row of a deal."""

    customer_id: UUID | None
    owner_id: UUID | None
    pipeline: str
    stage: str
    status: Status
    lost_reason: str | None
    amount: Decimal | None
    currency: str
    created_at: datetime
    closed_at: datetime | None
    closed_on: date | None
    stage_entered_at: datetime
    stage_entered_on: date | None
    entries: int
    history_from: datetime | None
    assumed: list[str] | None


class ActivityRow(RecordRow, Protocol):
    """The row of an activity."""

    deal_id: UUID | None
    customer_id: UUID | None
    owner_id: UUID | None
    at: datetime
    done_at: datetime | None


Row = TypeVar("Row", bound=RecordRow)
#: The models whose records are imported.
RecordModel = type[Customer | Deal | Activity]


@cache
def row_class(model: RecordModel) -> Callable[..., Any]:
    """Return the class of stored rows of `model`: made of its columns in order, with a slot each.

    It takes a third of the time of a record of the session, which a file of a million rows feels.
    """
    names = table_of(model).columns.keys()
    return make_dataclass(f"Stored{model.__name__}", names, slots=True, eq=False)
