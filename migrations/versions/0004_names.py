"""An irreversible change is called so, and an import keeps its options instead of a command."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    # Both engines rename in place; a batch would copy the table of all changes.
    op.execute("ALTER TABLE changes RENAME COLUMN final TO irreversible")
    # What was kept is a command line: nothing of it is to be run again.
    op.execute("ALTER TABLE imports RENAME COLUMN arguments TO options")
    op.execute("UPDATE imports SET options = '{}'")


def downgrade() -> None:
    """Take the schema back to the revision before."""
    op.execute("UPDATE imports SET options = '[]'")
    op.execute("ALTER TABLE imports RENAME COLUMN options TO arguments")
    op.execute("ALTER TABLE changes RENAME COLUMN irreversible TO final")
