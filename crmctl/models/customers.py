"""Customers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from crmctl.models.base import Dated, Json, recorded, reference


class Customer(Dated, table=True):
    """Someone to sell to: a person, an organisation, or a person at one.

    `merged_into` is the customer that a removed one turned out to be.
    """

    __tablename__ = "customers"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        reference("franchise_id", "franchises"),
        reference("owner_id", "users"),
        reference("merged_into", "customers"),
        *recorded(),
        Index("customer_idx", "company_id", "franchise_id", "created_at"),
        Index("customer_email_idx", "company_id", "email"),
        Index("customer_merged_idx", "company_id", "merged_into"),
        Index("customer_change_idx", "company_id", "created_in"),
    )

    id: UUID = Field(primary_key=True)
    franchise_id: UUID | None = None
    number: int
    name: str = Field(max_length=200)
    organisation: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=320)
    phone: str | None = Field(default=None, max_length=50)
    website: str | None = Field(default=None, max_length=300)
    country: str | None = Field(default=None, max_length=100)
    segment: str | None = Field(default=None, max_length=100)
    lead_score: int | None = None
    owner_id: UUID | None = None
    source: str | None = Field(default=None, max_length=100)
    lifecycle: str | None = Field(default=None, max_length=50)
    tags: list[str] = Field(default_factory=list, sa_type=Json)
    custom: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    deleted_at: datetime | None = None
    merged_into: UUID | None = None
