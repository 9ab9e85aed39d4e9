"""A change that cannot be undone is called irreversible, as in the program."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    # Both engines rename in place; a batch would copy the table of all changes.
    op.execute("ALTER TABLE changes RENAME COLUMN final TO irreversible")


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.execute("ALTER TABLE changes RENAME COLUMN irreversible TO final")
