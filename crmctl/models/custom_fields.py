"""The custom fields of a company."""

from sqlmodel import Field

from crmctl.domain.kinds import Entity, FieldType
from crmctl.models.base import Dated, recorded, words


class CustomField(Dated, table=True):
    """A field that a company declared for its customers or deals."""

    __tablename__ = "custom_fields"
    __table_args__ = (*recorded(),)

    entity: Entity = Field(primary_key=True, sa_type=words(Entity))
    key: str = Field(primary_key=True, max_length=40)
    label: str = Field(max_length=100)
    type: FieldType = Field(sa_type=words(FieldType))
