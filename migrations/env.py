"""Runs the migrations on the connection that crmctl hands over, or on that of the settings."""

import os
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from crmctl import config
from crmctl.models.schema import metadata
from crmctl.storage import db

_RENDERED = {
    "UTCDateTime": "sa.DateTime(timezone=True)",
    "Money": "sa.Numeric(19, 4).with_variant(sa.BigInteger(), 'sqlite')",
    "Probability": "sa.Integer()",
    "Json": "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')",
}


def render(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write our column types as the plain ones below them, so that a migration never changes."""
    name = type(item).__name__
    if kind != "type":
        return False
    if name == "AutoString":
        return f"sa.String({item.impl.length or ''})"
    if name == "Json":
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
    return _RENDERED.get(name, False)


def run(connection: Connection) -> None:
    """Run the migrations that were asked for in the transaction of `connection`."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render,
        transactional_ddl=True,
    )
    context.run_migrations()


if handed := context.config.attributes.get("connection"):
    run(handed)
else:
    settings = config.load({}, os.environ)
    with db.engine(settings.database_url).begin() as own:
        run(own)
