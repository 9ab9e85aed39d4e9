"""Pipelines and their stages."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from crmctl.domain.kinds import ForecastCategory, Status
from crmctl.models.base import Dated, Json, Probability, recorded, reference, words


class Pipeline(Dated, table=True):
    """A way of selling, with the rules that moves in it keep."""

    __tablename__ = "pipelines"
    __table_args__ = (*recorded(),)

    key: str = Field(primary_key=True, max_length=40)
    label: str = Field(max_length=100)
    position: int
    allow_skip: bool = True
    allow_back: bool = True
    lost_reason_required: bool = False


class Stage(Dated, table=True):
    """A step of a pipeline. The key is fixed and stands in deals; renaming changes the label.

    `probability` is None where it is not known; `forecast_category` says how open deals in it
    are counted. `required_fields` are names of deal fields, `custom.KEY` for custom ones.
    """

    __tablename__ = "stages"
    __table_args__ = (
        # Deals refer to this, so that a deal's status cannot differ from its stage's kind.
        UniqueConstraint("company_id", "pipeline", "key", "kind"),
        reference("pipeline", "pipelines", "key"),
        *recorded(),
        CheckConstraint("probability BETWEEN 0 AND 10000", name="probability"),
        CheckConstraint("rotting_days > 0", name="rotting_days"),
        CheckConstraint("wip_limit > 0", name="wip_limit"),
    )

    pipeline: str = Field(primary_key=True, max_length=40)
    key: str = Field(primary_key=True, max_length=40)
    label: str = Field(max_length=100)
    position: int
    kind: Status = Field(sa_type=words(Status))
    probability: Decimal | None = Field(default=None, sa_type=Probability)
    forecast_category: ForecastCategory = Field(sa_type=words(ForecastCategory))
    rotting_days: int | None = None
    wip_limit: int | None = None
    required_fields: list[str] = Field(sa_type=Json)
    can_create: bool = True
