"""External keys are found by what they name; that they name nothing else is not kept."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ENTITIES = ("customer", "deal", "user", "activity")


def upgrade() -> None:
    """Bring the schema to this revision."""
    for entity in _ENTITIES:
        named = sa.text(f"{entity}_id IS NOT NULL")
        op.drop_index(f"external_key_{entity}_idx", "external_keys")
        op.create_index(
            f"external_key_{entity}_idx",
            "external_keys",
            ["company_id", f"{entity}_id"],
            sqlite_where=named,
            postgresql_where=named,
        )


def downgrade() -> None:
    """Take the schema back to the revision before."""
    for entity in _ENTITIES:
        op.drop_index(f"external_key_{entity}_idx", "external_keys")
        op.create_index(
            f"external_key_{entity}_idx", "external_keys", ["company_id", f"{entity}_id"]
        )
