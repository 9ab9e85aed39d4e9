"""External ids, which tie records to other systems."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from crmctl.domain.kinds import Entity
from crmctl.models.base import Owned, reference, words


class ExternalId(Owned, table=True):
    """What another system (`source`) calls a record of ours, of any kind that Entity has.

    A record can carry several; within a company each names one record, in the column that is called
    after its kind. The partial indexes on these columns are declared in schema.py.
    """

    __tablename__ = "external_keys"
    __table_args__ = (
        reference("customer_id", "customers"),
        reference("deal_id", "deals"),
        reference("user_id", "users"),
        reference("activity_id", "activities"),
        reference("created_in", "changes"),
        CheckConstraint(
            " AND ".join(f"(entity = '{one}') = ({one}_id IS NOT NULL)" for one in Entity),
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
