"""External ids, which tie records to other systems."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from crmctl.domain.kinds import Entity
from crmctl.models.base import Owned, reference, words


class ExternalId(Owned, table=True):
    """What another system (`source`) calls a customer, a deal, a user or an activity of ours.

    A row can carry several; within a company each names one row. The partial indexes on what they
    name are declared in schema.py.
    """

    __tablename__ = "external_keys"
    __table_args__ = (
        reference("customer_id", "customers"),
        reference("deal_id", "deals"),
        reference("user_id", "users"),
        reference("activity_id", "activities"),
        reference("created_in", "changes"),
        CheckConstraint(
            "(entity = 'customer') = (customer_id IS NOT NULL)"
            " AND (entity = 'deal') = (deal_id IS NOT NULL)"
            " AND (entity = 'user') = (user_id IS NOT NULL)"
            " AND (entity = 'activity') = (activity_id IS NOT NULL)",
            name="row",
        ),
        Index("external_key_change_idx", "company_id", "created_in"),
    )

    entity: Entity = Field(primary_key=True, sa_type=words(Entity))
    source: str = Field(primary_key=True, max_length=50)
    external_id: str = Field(primary_key=True, max_length=200)
    customer_id: UUID | None = None
    deal_id: UUID | None = None
    user_id: UUID | None = None
    activity_id: UUID | None = None
    created_in: UUID
