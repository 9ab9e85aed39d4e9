"""Passwords are masked where commands, reasons and the options of imports were recorded."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MASK = "***"
_NAMES = r"(?:ssl)?pass(?:word|wd)?|pwd|secret|client_secret|(?:access_|auth_)?token|api_?key"
_SECRETS = [
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"(\b(?:postgres|postgresql|mysql|mariadb|mssql|oracle|mongodb)(?:\+\w+)?://[^\s:@/]*:)"
        r"\S+(?=@)",
        r"(\b[a-z][a-z0-9+.-]*://[^\s/?#:@]*:)[^\s/?#]+(?=@)",
        rf"([?&](?:{_NAMES})=)[^\s&#'\"]+",
    )
]
_CONNECTION = re.compile(r"\b(?:host|hostaddr|dbname|user)\s*=", re.IGNORECASE)
_WORD = re.compile(r"(\b(?:ssl)?password\s*=\s*)(?:'.*|[^\s'\"]+)", re.IGNORECASE | re.DOTALL)
_Column = sa.ColumnClause[Any]
_Types = Mapping[str, sa.types.TypeEngine[Any]]
_JSON: sa.types.TypeEngine[Any] = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    _mask("changes", {"id": sa.Uuid()}, {"command": sa.Text(), "reason": sa.Text()})
    _mask("imports", {"id": sa.Uuid()}, {"file": sa.Text(), "options": _JSON})
    key: _Types = {"deal_id": sa.Uuid(), "position": sa.Integer()}
    _mask("deal_stage_history", key, {"reason": sa.Text()})


def downgrade() -> None:
    """Take the schema back to the revision before; what was masked stays so."""


def _mask(name: str, keys: _Types, texts: _Types) -> None:
    """Write the rows of a table again that have a password in one of `texts`, told by `keys`."""
    key = [sa.column(each, kind) for each, kind in {"company_id": sa.Uuid(), **keys}.items()]
    columns = [sa.column(each, kind) for each, kind in texts.items()]
    table = sa.table(name, *key, *columns)
    changed = list(_masked(table, key, columns))
    mine = [each == sa.bindparam(f"own_{each.name}", type_=each.type) for each in key]
    values = {each.name: sa.bindparam(f"new_{each.name}", type_=each.type) for each in columns}
    if changed:
        op.get_bind().execute(sa.update(table).where(*mine).values(values), changed)


def _masked(
    table: sa.TableClause, key: list[_Column], columns: list[_Column]
) -> Iterator[dict[str, object]]:
    """Yield the key and the new values of each row that has a password."""
    texts = [sa.func.lower(sa.cast(each, sa.Text)) for each in columns]
    suspect = sa.or_(*(text.contains(word) for text in texts for word in ("://", "password")))
    query = sa.select(table).where(suspect)
    for row in op.get_bind().execute(query, execution_options={"yield_per": 1000}).mappings():
        new = {each.name: _without_secrets(row[each.name]) for each in columns}
        if any(new[name] != row[name] for name in new):
            yield {
                **{f"own_{each.name}": row[each.name] for each in key},
                **{f"new_{name}": value for name, value in new.items()},
            }


def _without_secrets(value: object) -> object:
    if isinstance(value, str):
        for pattern in _SECRETS if "://" in value else ():
            value = pattern.sub(rf"\1{_MASK}", value)
        return _WORD.sub(rf"\1{_MASK}", value) if _CONNECTION.search(value) else value
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    if isinstance(value, dict):
        return {str(_without_secrets(key)): _without_secrets(item) for key, item in value.items()}
    return value
