"""Change sets: one command's writes, and what each row was before and after."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from crmctl.domain.kinds import Origin
from crmctl.models.base import Json, Owned, reference, words


class Change(Owned, table=True):
    """A change set: who wrote, when, by which command, why, and which way it came in.

    `ref` is what people call it by: hexadecimal, shown cut to its first eight digits.
    `franchise_id` is the franchise that it was made in, None the whole company. It is no foreign
    key: franchises refer to change sets, and one whose creation was undone is still known here.
    `overrides` are the rules that it passed by `--override`, for which `reason` is then given.
    `undoes` is the change set that this one took back, `undone_in` the one that took this back.
    `irreversible` is one that cannot be undone, such as an erasure.
    """

    __tablename__ = "changes"
    __table_args__ = (
        UniqueConstraint("company_id", "ref"),
        reference("", "companies", ""),
        reference("undoes", "changes"),
        reference("undone_in", "changes"),
        Index("change_at_idx", "company_id", "at"),
    )

    id: UUID = Field(primary_key=True)
    ref: str = Field(max_length=16)
    at: datetime
    franchise_id: UUID | None = None
    actor_id: UUID | None = None
    actor: str = Field(max_length=320)
    origin: Origin = Field(sa_type=words(Origin))
    command: str
    reason: str | None = None
    overrides: str | None = None
    undoes: UUID | None = None
    undone_in: UUID | None = None
    irreversible: bool = False


class ChangeRow(Owned, table=True):
    """One row's fields before and after; None stands for a row that was not there.

    Rows that a change set created are not listed: they carry its id in `created_in`.
    `row_key` is the primary key without company_id, its parts divided by a slash.
    """

    __tablename__ = "change_rows"
    __table_args__ = (
        reference("change_id", "changes"),
        Index("change_row_idx", "company_id", "table_name", "row_key"),
    )

    change_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    table_name: str = Field(max_length=40)
    row_key: str = Field(max_length=800)
    before: dict[str, Any] | None = Field(default=None, sa_type=Json)
    after: dict[str, Any] | None = Field(default=None, sa_type=Json)


class Counter(Owned, table=True):
    """The next free number of a kind of record. Gaps are fine; a number never comes twice."""

    __tablename__ = "counters"
    __table_args__ = (reference("", "companies", ""),)

    kind: str = Field(primary_key=True, max_length=20)
    next: int = 1
