"""What is known of a day alone is kept as a day, and what was assumed of a deal is known as such."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_CLOSED = sa.text("status <> 'open' AND deleted_at IS NULL")
_COUNTED = ("number", "status", "pipeline", "stage", "currency", "amount", "owner_id")
_JSON: sa.types.TypeEngine[Any] = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("deals", sa.Column("closed_on", sa.Date(), nullable=True))
    op.add_column("deals", sa.Column("stage_entered_on", sa.Date(), nullable=True))
    op.add_column("deals", sa.Column("assumed", _JSON, nullable=True))
    op.add_column("deal_stage_history", sa.Column("entered_on", sa.Date(), nullable=True))
    _index_closed("closed_at", "closed_on")


def downgrade() -> None:
    """Take the schema back to the revision before."""
    _index_closed("closed_at")
    op.drop_column("deal_stage_history", "entered_on")
    for name in ("assumed", "stage_entered_on", "closed_on"):
        op.drop_column("deals", name)


def _index_closed(*times: str) -> None:
    """Make the index of closed deals anew, by these columns first."""
    op.drop_index("deal_closed_idx", "deals")
    op.create_index(
        "deal_closed_idx",
        "deals",
        ["company_id", *times, *_COUNTED, "franchise_id"],
        sqlite_where=_CLOSED,
        postgresql_where=_CLOSED,
    )
