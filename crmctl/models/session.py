"""A session that knows for whom it works: the company, and the change set it writes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from crmctl.domain.kinds import Entity, Origin
from crmctl.models.base import new_id


@dataclass(kw_only=True)
class ChangeSet:
    """What one command is about to write: the row of `changes` before it is one.

    `irreversible` says that it cannot be undone, `dry` that rows are changed in memory only, to
    show what would be done. `unnamed` says that nothing names which of the users writes: `actor` is
    what the operating system says then. `written` says that the row is in the database; `rows`
    counts its change_rows. `committed` says that an earlier transaction has written the row: others
    follow.
    """

    at: datetime
    actor: str
    command: str
    origin: Origin = Origin.CLI
    actor_id: UUID | None = None
    reason: str | None = None
    overrides: str | None = None
    undoes: UUID | None = None
    irreversible: bool = False
    dry: bool = False
    unnamed: bool = False
    id: UUID = field(default_factory=new_id)
    written: bool = False
    committed: bool = False
    rows: int = 0

    @property
    def ref(self) -> str:
        """What people call it by: the random end of its id."""
        return self.id.hex[-12:]


class CrmSession(Session):
    """A database session within one company.

    `franchise_id` narrows what is read and is given to what is created; None is the whole company.
    Whoever opens it sets `change`, and enters a company; a look across companies needs neither.
    `numbers` are those that services.records.numbers has claimed for records of this transaction.
    """

    company_id: UUID
    currency: str
    timezone: str
    fiscal_month: int
    franchise_id: UUID | None
    change: ChangeSet

    def __init__(self, bind: Any, **options: Any) -> None:
        super().__init__(bind, expire_on_commit=False, autoflush=False, **options)
        self.currency = "USD"
        self.timezone = "UTC"
        self.fiscal_month = 1
        self.franchise_id = None
        self.numbers: dict[Entity, range] = {}
        self.at_commit: list[Callable[[], None]] = []

    def commit(self) -> None:
        """Write what `at_commit` says comes last, as others may wait for it, and commit."""
        while self.at_commit:
            self.at_commit.pop(0)()
        super().commit()

    def rollback(self) -> None:
        """Roll back, and forget what would have come last."""
        self.at_commit.clear()
        self.numbers.clear()
        super().rollback()
