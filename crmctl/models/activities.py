"""What was done, or is to be done, about a customer or a deal."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from crmctl.domain.kinds import ActivityKind
from crmctl.models.base import Dated, recorded, reference, words


class Activity(Dated, table=True):
    """A call, an e-mail, a meeting, a note or a task, about a customer, a deal or both.

    `at` is when it takes place, or when a task is due; `done_at` is when a task, or what was
    planned, was done.
    """

    __tablename__ = "activities"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        reference("franchise_id", "franchises"),
        reference("customer_id", "customers"),
        reference("deal_id", "deals"),
        reference("owner_id", "users"),
        *recorded(),
        CheckConstraint("customer_id IS NOT NULL OR deal_id IS NOT NULL", name="about"),
        CheckConstraint("minutes >= 0", name="minutes"),
        Index("activity_idx", "company_id", "franchise_id", "at"),
        Index("activity_customer_idx", "company_id", "customer_id", "at"),
        Index("activity_deal_idx", "company_id", "deal_id", "at"),
        Index("activity_change_idx", "company_id", "created_in"),
    )

    id: UUID = Field(primary_key=True)
    franchise_id: UUID | None = None
    number: int
    kind: ActivityKind = Field(sa_type=words(ActivityKind))
    subject: str = Field(max_length=300)
    body: str | None = Field(default=None, max_length=20_000)
    at: datetime
    minutes: int | None = None
    done_at: datetime | None = None
    customer_id: UUID | None = None
    deal_id: UUID | None = None
    owner_id: UUID | None = None
    deleted_at: datetime | None = None
