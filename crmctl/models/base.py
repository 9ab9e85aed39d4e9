"""What all tables share: column types, naming of constraints, ids, and who wrote a row."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Dialect, Enum, ForeignKeyConstraint, Integer, Numeric
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
}
# Tables never validate themselves, so building their validators at import would be wasted.
SQLModel.model_config["defer_build"] = True


#: The columns of a row by name, with their values; the second is not to be changed.
Values = dict[str, Any]
Columns = Mapping[str, Any]


def _json_default(value: Any) -> str:
    """Return how a change set keeps a value that JSON has no form for; see changes.decode."""
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


# Made once: json.dumps would make an encoder for every value.
to_json = json.JSONEncoder(default=_json_default, ensure_ascii=False, separators=(",", ":")).encode
_read_json = json.JSONDecoder().decode


def from_json(text: str | bytes) -> Any:
    """Return what `text` writes in JSON, UTF-8 if it is bytes: json.loads would look for others."""
    # As nearly all custom fields and tags are.
    if len(text) == 2:
        if text in ("{}", b"{}"):
            return {}
        if text in ("[]", b"[]"):
            return []
    return _read_json(text if isinstance(text, str) else str(text, "utf-8"))


class Json(TypeDecorator[Any]):
    """JSONB on PostgreSQL and JSON text on SQLite."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of the engine at hand."""
        if dialect.name != "postgresql":
            return JSON(none_as_null=True)
        # Imported here because the dialect costs 15 ms, and SQLite users would pay it too.
        from sqlalchemy.dialects.postgresql import JSONB

        return JSONB(none_as_null=True)


class Money(TypeDecorator[Decimal]):
    """NUMERIC(19,4) on PostgreSQL and a count of ten-thousandths on SQLite: exact on both."""

    impl = Numeric(19, 4)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of the engine at hand."""
        return BigInteger() if dialect.name == "sqlite" else Numeric(19, 4)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Return `value` as the engine stores it."""
        return int(value.scaleb(4)) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Return what the engine stored, with four decimals."""
        if value is None:
            return None
        return Decimal(value).scaleb(-4) if dialect.name == "sqlite" else Decimal(value)


class Probability(TypeDecorator[Decimal]):
    """A fraction from 0 to 1, stored as hundredths of a percent on both engines."""

    impl = Integer
    cache_ok = True

    @property
    def python_type(self) -> type[Decimal]:
        """What a value is in Python, which the integer that is stored does not tell."""
        return Decimal

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Return `value` as a whole number from 0 to 10000."""
        return None if value is None else int(value.scaleb(4))

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Return the fraction that was stored."""
        return None if value is None else Decimal(value).scaleb(-4)


def words(kind: type[StrEnum], length: int = 20) -> Enum:
    """Return a text column type that holds the words of `kind`, guarded by a CHECK."""
    return Enum(
        kind,
        name=kind.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=length,
        values_callable=lambda members: [member.value for member in members],
    )


def reference(columns: str, table: str, targets: str = "id") -> ForeignKeyConstraint:
    """Return a foreign key within one company, from `columns` to `targets` of `table`.

    Both are names divided by spaces, company_id left out.
    """
    own = ["company_id", *columns.split()]
    theirs = [f"{table}.{name}" for name in ["company_id", *targets.split()]]
    return ForeignKeyConstraint(own, theirs)


def recorded() -> tuple[ForeignKeyConstraint, ...]:
    """Return the foreign keys of a Recorded row: its company, and the change sets it carries."""
    return (
        reference("", "companies", ""),
        reference("created_in", "changes"),
        reference("changed_in", "changes"),
    )


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562, section 5.7): milliseconds since 1970, then 74 random bits."""
    return next(new_ids(1))


def new_ids(most: int) -> Iterator[UUID]:
    """Yield as many ids as are asked for, `most` at the most; the system is asked for entropy once.

    Whoever begins to take some takes them before the process forks: the rest would be given twice.
    """
    entropy = os.urandom(10 * most)
    for start in range(0, len(entropy), 10):
        stamp = time.time_ns() // 1_000_000
        random = int.from_bytes(entropy[start : start + 10], "big")
        high = (stamp << 16) | 0x7000 | (random >> 68)
        low = (0b10 << 62) | (random & ((1 << 62) - 1))
        yield UUID(int=(high << 64) | low)


class Owned(SQLModel):
    """A row of one company."""

    company_id: UUID = Field(primary_key=True)


class Recorded(Owned):
    """A row that carries the change sets that created it and last changed it."""

    created_in: UUID
    changed_in: UUID


class Dated(Recorded):
    """A recorded row with the times of its creation and last change."""

    created_at: datetime
    updated_at: datetime
