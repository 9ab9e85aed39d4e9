"""Deals and their way through the stages."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from crmctl.domain.kinds import ForecastCategory, Status
from crmctl.models.base import Dated, Json, Money, Owned, Probability, recorded, reference, words


class Deal(Dated, table=True):
    """A sale in the making, or made, or lost.

    `probability` and `forecast_category` are the deal's own; None means its stage's.
    `status` always equals the kind of the stage. `entries` counts its rows of stage history.
    `history_from` is since when imported history tells where the deal was before it was recorded.
    `closed_on` and `stage_entered_on` are the days of what is known of a day alone: whatever the
    time zone, it stays that day, whose beginning is kept as the time. `assumed` names the columns
    that nobody said, and that any fact replaces; `entered_at` among them is that of the last entry
    of its history, for which a file of deals alone stands.
    The partial indexes on open and closed deals are declared in schema.py.
    """

    __tablename__ = "deals"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        reference("franchise_id", "franchises"),
        reference("customer_id", "customers"),
        reference("owner_id", "users"),
        reference("pipeline stage status", "stages", "pipeline key kind"),
        *recorded(),
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed_at"),
        CheckConstraint("probability BETWEEN 0 AND 10000", name="probability"),
        CheckConstraint("length(currency) = 3", name="currency"),
        Index("deal_idx", "company_id", "franchise_id", "customer_id", "created_at"),
        Index("deal_customer_idx", "company_id", "customer_id"),
        Index("deal_change_idx", "company_id", "created_in"),
    )

    id: UUID = Field(primary_key=True)
    franchise_id: UUID | None = None
    customer_id: UUID | None = None
    number: int
    title: str = Field(max_length=300)
    amount: Decimal | None = Field(default=None, sa_type=Money)
    currency: str = Field(max_length=3)
    pipeline: str = Field(max_length=40)
    stage: str = Field(max_length=40)
    status: Status = Field(sa_type=words(Status))
    probability: Decimal | None = Field(default=None, sa_type=Probability)
    forecast_category: ForecastCategory | None = Field(
        default=None, sa_type=words(ForecastCategory)
    )
    expected_close: date | None = None
    next_step: str | None = Field(default=None, max_length=500)
    owner_id: UUID | None = None
    source: str | None = Field(default=None, max_length=100)
    lost_reason: str | None = Field(default=None, max_length=500)
    closed_at: datetime | None = None
    closed_on: date | None = None
    stage_entered_at: datetime
    stage_entered_on: date | None = None
    entries: int = 1
    history_from: datetime | None = None
    assumed: list[str] | None = Field(default=None, sa_type=Json)
    tags: list[str] = Field(default_factory=list, sa_type=Json)
    custom: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    deleted_at: datetime | None = None


class StageEntry(Owned, table=True):
    """One row of stage history: a deal entered a stage. Its last row equals the deal's stage.

    `entered_on` is the day, where no time of it is known.
    `pipeline` and `stage` are plain keys, so that history outlives a stage that was removed.
    """

    __tablename__ = "deal_stage_history"
    __table_args__ = (
        reference("deal_id", "deals"),
        reference("created_in", "changes"),
        reference("actor_id", "users"),
        CheckConstraint("(position = 1) = (from_stage IS NULL)", name="from_stage"),
        Index("stage_entry_change_idx", "company_id", "created_in"),
    )

    deal_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    pipeline: str = Field(max_length=40)
    from_stage: str | None = Field(default=None, max_length=40)
    stage: str = Field(max_length=40)
    status: Status = Field(sa_type=words(Status))
    entered_at: datetime
    entered_on: date | None = None
    actor_id: UUID | None = None
    reason: str | None = Field(default=None, max_length=500)
    amount: Decimal | None = Field(default=None, sa_type=Money)
    currency: str = Field(max_length=3)
    created_in: UUID
