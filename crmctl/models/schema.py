"""Every table, by name: for the schema as a whole, for undo and for checks."""

from sqlalchemy import Index, text
from sqlmodel import SQLModel

from crmctl.domain.kinds import Entity
from crmctl.models.activities import Activity
from crmctl.models.base import Owned
from crmctl.models.changes import Change, ChangeRow, Counter
from crmctl.models.custom_fields import CustomField
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.external_ids import ExternalId
from crmctl.models.imports import ImportRun, SavedMapping
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.tenants import Company, Franchise, User

#: Tables in the order in which their rows can be inserted.
TABLES: tuple[type[Owned], ...] = (
    Company,
    Change,
    ChangeRow,
    Counter,
    Franchise,
    User,
    CustomField,
    Pipeline,
    Stage,
    Customer,
    Deal,
    StageEntry,
    Activity,
    ExternalId,
    SavedMapping,
    ImportRun,
)

metadata = SQLModel.metadata

# Declared here and not beside the models: an option of a dialect imports that dialect (18 ms for
# PostgreSQL), which every command would pay and only the making of a schema needs.
_OPEN = text("status = 'open' AND deleted_at IS NULL")
_CLOSED = text("status <> 'open' AND deleted_at IS NULL")
_deals = metadata.tables["deals"].c
# They hold all that boards and forecasts add up, and in the order in which cards are shown, so
# that few deals themselves are read: eight times faster where a company has many.
_counted = (_deals.currency, _deals.amount, _deals.owner_id, _deals.franchise_id)
Index("deal_open_idx", _deals.company_id, _deals.pipeline, _deals.stage, _deals.expected_close,
      _deals.number, _deals.probability, _deals.forecast_category, *_counted,
      sqlite_where=_OPEN, postgresql_where=_OPEN)  # fmt: skip
Index("deal_closed_idx", _deals.company_id, _deals.closed_at, _deals.closed_on,
      _deals.number, _deals.status, _deals.pipeline, _deals.stage, *_counted,
      sqlite_where=_CLOSED, postgresql_where=_CLOSED)  # fmt: skip
# A key names one row: indexes on the others would be as large, and full of nothing.
_keys = metadata.tables["external_keys"].c
for _entity in Entity:
    _row = _keys[f"{_entity}_id"]
    Index(f"external_key_{_entity}_idx", _keys.company_id, _row,
          sqlite_where=_row.is_not(None), postgresql_where=_row.is_not(None))  # fmt: skip
