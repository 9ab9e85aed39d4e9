"""Ids and times on SQLite, which keeps them as text: read and written faster than by SQLAlchemy."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Dialect, Uuid
from sqlalchemy.types import TypeEngine
from sqlmodel.sql.sqltypes import UTCDateTime


class StoredId(Uuid[UUID]):
    """An id on SQLite, where it is text to be read, and most rows carry ids that others do too."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], UUID | None]:
        """Return the reader of ids; each id is read once."""
        return _read_id


class StoredTime(DateTime):
    """A time on SQLite, stored as SQLAlchemy stores it, which writes one field after the other.

    It stands in for UTCDateTime as a whole, which would go over each time once more.
    """

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        """Return the writer of times, without their zone, which is always UTC."""
        return _write_time

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None]:
        """Return the reader of times."""
        return _read_time


def _write_time(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is not UTC:
        if value.utcoffset() is None:
            raise ValueError(f"a time without a zone is none that is stored: {value}")
        value = value.astimezone(UTC)
    return value.replace(tzinfo=None).isoformat(" ", "microseconds")


def _read_time(text: str | None) -> datetime | None:
    # With its zone, which is always UTC: to put it there afterwards would take as long again.
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


@lru_cache(maxsize=50_000)
def _read_id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


#: What stands in for the types of columns.
STORED: dict[type[TypeEngine[Any]], type[TypeEngine[Any]]] = {
    Uuid: StoredId,
    UTCDateTime: StoredTime,
}
