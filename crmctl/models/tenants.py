"""Companies, their franchises and their users."""

from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from crmctl.models.base import Dated, recorded, reference


class Company(Dated, table=True):
    """A tenant. Its change sets refer to it, so it alone has no foreign key to them."""

    __tablename__ = "companies"
    __table_args__ = (
        CheckConstraint("length(currency) = 3", name="currency"),
        CheckConstraint("fiscal_month BETWEEN 1 AND 12", name="fiscal_month"),
    )

    name: str = Field(max_length=200)
    currency: str = Field(max_length=3)
    timezone: str = Field(max_length=64)
    fiscal_month: int = 1


class Franchise(Dated, table=True):
    """A part of a company that works its own customers and deals, and rolls up to it."""

    __tablename__ = "franchises"
    __table_args__ = (
        UniqueConstraint("company_id", "name"),
        *recorded(),
    )

    id: UUID = Field(primary_key=True)
    name: str = Field(max_length=200)


class User(Dated, table=True):
    """Someone who owns deals and makes changes."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("company_id", "email"),
        reference("franchise_id", "franchises"),
        *recorded(),
    )

    id: UUID = Field(primary_key=True)
    franchise_id: UUID | None = None
    name: str = Field(max_length=200)
    email: str | None = Field(default=None, max_length=320)
    active: bool = True
