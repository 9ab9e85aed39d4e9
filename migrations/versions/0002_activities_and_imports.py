"""Activities, imports, saved mappings, merged customers, and the franchise of a change set."""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OLD = ("customer", "deal", "user")
_NEW = (*_OLD, "activity")


def upgrade() -> None:
    """Bring the schema to this revision."""
    _create_mappings()
    _create_imports()
    _create_activities()
    # Added by ALTER TABLE on SQLite too: it costs nothing, and leaves partial indexes alone.
    op.add_column("changes", sa.Column("franchise_id", sa.Uuid(), nullable=True))
    op.add_column("deals", sa.Column("history_from", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("customers") as batch:
        batch.add_column(sa.Column("merged_into", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_customers_company_id_merged_into"),
            "customers",
            ["company_id", "merged_into"],
            ["company_id", "id"],
        )
        batch.create_index("customer_merged_idx", ["company_id", "merged_into"])
    with op.batch_alter_table("external_keys") as batch:
        batch.add_column(sa.Column("activity_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_external_keys_company_id_activity_id"),
            "activities",
            ["company_id", "activity_id"],
            ["company_id", "id"],
        )
        batch.create_index("external_key_activity_idx", ["company_id", "activity_id"])
        _let_keys_name(batch, _NEW)
    with op.batch_alter_table("custom_fields") as batch:
        _replace_check(batch, "ck_custom_fields_entity", _one_of(_NEW))
    op.execute(
        "INSERT INTO counters (company_id, kind, next) SELECT company_id, 'activity', 1 FROM companies"
    )


def _create_mappings() -> None:
    op.create_table(
        "mappings",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("created_in", sa.Uuid(), nullable=False),
        sa.Column("changed_in", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "customers",
                "deals",
                "activities",
                "history",
                name="importkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "columns", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "stages", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "changed_in"],
            ["changes.company_id", "changes.id"],
            name=op.f("fk_mappings_company_id_changed_in"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "created_in"],
            ["changes.company_id", "changes.id"],
            name=op.f("fk_mappings_company_id_created_in"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.company_id"], name=op.f("fk_mappings_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "name", name=op.f("pk_mappings")),
    )


def _create_imports() -> None:
    op.create_table(
        "imports",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.String(12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("franchise_id", sa.Uuid(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(320), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "customers",
                "deals",
                "activities",
                "history",
                name="importkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("file", sa.String(1000), nullable=False),
        sa.Column("checksum", sa.String(64), nullable=False),
        sa.Column(
            "arguments", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("done >= 0", name=op.f("ck_imports_done")),
        sa.ForeignKeyConstraint(
            ["company_id", "actor_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_imports_company_id_actor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "change_id"],
            ["changes.company_id", "changes.id"],
            name=op.f("fk_imports_company_id_change_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "franchise_id"],
            ["franchises.company_id", "franchises.id"],
            name=op.f("fk_imports_company_id_franchise_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.company_id"], name=op.f("fk_imports_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_imports")),
        sa.UniqueConstraint("company_id", "ref", name=op.f("uq_imports_company_id_ref")),
    )
    op.create_index("import_idx", "imports", ["company_id", "at"])


def _create_activities() -> None:
    op.create_table(
        "activities",
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("created_in", sa.Uuid(), nullable=False),
        sa.Column("changed_in", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("franchise_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "call",
                "email",
                "meeting",
                "note",
                "task",
                name="activitykind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("body", sa.String(20000), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("deal_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "customer_id IS NOT NULL OR deal_id IS NOT NULL", name=op.f("ck_activities_about")
        ),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_activities_minutes")),
        sa.ForeignKeyConstraint(
            ["company_id", "changed_in"],
            ["changes.company_id", "changes.id"],
            name=op.f("fk_activities_company_id_changed_in"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "created_in"],
            ["changes.company_id", "changes.id"],
            name=op.f("fk_activities_company_id_created_in"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "customer_id"],
            ["customers.company_id", "customers.id"],
            name=op.f("fk_activities_company_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "deal_id"],
            ["deals.company_id", "deals.id"],
            name=op.f("fk_activities_company_id_deal_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "franchise_id"],
            ["franchises.company_id", "franchises.id"],
            name=op.f("fk_activities_company_id_franchise_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "owner_id"],
            ["users.company_id", "users.id"],
            name=op.f("fk_activities_company_id_owner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.company_id"], name=op.f("fk_activities_company_id")
        ),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_activities")),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_activities_company_id_number")),
    )
    op.create_index("activity_change_idx", "activities", ["company_id", "created_in"])
    op.create_index("activity_customer_idx", "activities", ["company_id", "customer_id", "at"])
    op.create_index("activity_deal_idx", "activities", ["company_id", "deal_id", "at"])
    op.create_index("activity_idx", "activities", ["company_id", "franchise_id", "at"])


def _let_keys_name(batch: BatchOperations, entities: tuple[str, ...]) -> None:
    row = " AND ".join(f"(entity = '{one}') = ({one}_id IS NOT NULL)" for one in entities)
    _replace_check(batch, "ck_external_keys_entity", _one_of(entities))
    _replace_check(batch, "ck_external_keys_row", row)


def _one_of(entities: tuple[str, ...]) -> str:
    return f"entity IN ({', '.join(repr(one) for one in entities)})"


def _replace_check(batch: BatchOperations, name: str, condition: str) -> None:
    batch.drop_constraint(op.f(name), type_="check")
    batch.create_check_constraint(op.f(name), sa.text(condition))


def downgrade() -> None:
    """Take the schema back to the revision before."""
    _forget_activities_and_mappings()
    with op.batch_alter_table("custom_fields") as batch:
        _replace_check(batch, "ck_custom_fields_entity", _one_of(_OLD))
    with op.batch_alter_table("external_keys") as batch:
        _let_keys_name(batch, _OLD)
        batch.drop_index("external_key_activity_idx")
        batch.drop_constraint(op.f("fk_external_keys_company_id_activity_id"), type_="foreignkey")
        batch.drop_column("activity_id")
    with op.batch_alter_table("customers") as batch:
        batch.drop_index("customer_merged_idx")
        batch.drop_constraint(op.f("fk_customers_company_id_merged_into"), type_="foreignkey")
        batch.drop_column("merged_into")
    op.drop_column("deals", "history_from")
    op.drop_column("changes", "franchise_id")
    op.drop_table("activities")
    op.drop_table("imports")
    op.drop_table("mappings")


def _forget_activities_and_mappings() -> None:
    """Delete the rows about them, which the revision before has no words for."""
    op.execute("DELETE FROM external_keys WHERE entity = 'activity'")
    op.execute("DELETE FROM custom_fields WHERE entity = 'activity'")
    op.execute("DELETE FROM counters WHERE kind = 'activity'")
    op.execute(
        "DELETE FROM change_rows WHERE table_name IN ('activities', 'mappings')"
        " OR table_name IN ('external_keys', 'custom_fields') AND row_key LIKE 'activity/%'"
    )
