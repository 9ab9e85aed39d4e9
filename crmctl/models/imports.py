"""The record of imports, and the mappings that people keep for the next one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from crmctl.domain.kinds import ImportKind
from crmctl.models.base import Dated, Json, Owned, recorded, reference, words

#: Which options of a run are paths of files.
FILE_OPTIONS = ("file", "rejects")


class ImportRun(Owned, table=True):
    """One run of an import: of what file, by whom, and what became of its rows.

    Like a change set it is a record of what happened and is never taken back. `done` counts the
    rows of the file that are committed; `finished_at` is None until all are. `options` are
    those of services.imports.ImportRequest that were given, to go on with after a run was cut off.
    """

    __tablename__ = "imports"
    __table_args__ = (
        UniqueConstraint("company_id", "ref"),
        reference("", "companies", ""),
        reference("franchise_id", "franchises"),
        reference("change_id", "changes"),
        reference("actor_id", "users"),
        CheckConstraint("done >= 0", name="done"),
        Index("import_idx", "company_id", "at"),
    )

    id: UUID = Field(primary_key=True)
    ref: str = Field(max_length=12)
    at: datetime
    finished_at: datetime | None = None
    franchise_id: UUID | None = None
    actor_id: UUID | None = None
    actor: str = Field(max_length=320)
    kind: ImportKind = Field(sa_type=words(ImportKind))
    file: str = Field(max_length=1000)
    checksum: str = Field(max_length=64)
    options: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    done: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    rejected: int = 0
    change_id: UUID | None = None


class SavedMapping(Dated, table=True):
    """What the columns and stages of a kind of file mean, kept under a name.

    `columns` are pairs of column and field, `stages` pairs of a file's word and a stage.
    """

    __tablename__ = "mappings"
    __table_args__ = (*recorded(),)

    name: str = Field(primary_key=True, max_length=50)
    kind: ImportKind = Field(sa_type=words(ImportKind))
    columns: list[Any] = Field(default_factory=list, sa_type=Json)
    stages: list[Any] = Field(default_factory=list, sa_type=Json)
