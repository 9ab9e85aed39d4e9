"""Conditions on deals that the partial indexes answer."""

from sqlalchemy import literal_column
from sqlmodel import col

from crmctl.models.deals import Deal

# Written out, because a parameter would keep SQLite from using those indexes.
IS_OPEN = col(Deal.status) == literal_column("'open'")
IS_CLOSED = col(Deal.status) != literal_column("'open'")
