"""A session that knows for whom it works: the company, and the change set it writes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine
from sqlmodel import Session

from crmctl.domain.kinds import Origin
from crmctl.models.base import new_id


@dataclass(kw_only=True)
class ChangeSet:
    """What one command is about to write: the row of `changes` before it is one.

    `irreversible` says that it cannot be undone, `dry` that rows are changed in memory only, to
    show what would be done. `written` says that the row is in the database; `rows` counts its
    change_rows.
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
    id: UUID = field(default_factory=new_id)
    written: bool = False
    rows: int = 0

    @property
    def ref(self) -> str:
        """What people call it by: the random end of its id."""
        return self.id.hex[-12:]


class CrmSession(Session):
    """A database session within one company.

    `franchise_id` narrows what is read and is given to what is created; None is the whole company.
    Whoever opens it sets `change`, and enters a company; a look across companies needs neither.
    """

    company_id: UUID
    currency: str
    timezone: str
    franchise_id: UUID | None
    change: ChangeSet

    def __init__(self, bind: Any, **options: Any) -> None:
        super().__init__(bind, expire_on_commit=False, autoflush=False, **options)
        self.currency = "USD"
        self.timezone = "UTC"
        self.franchise_id = None
        self._aside: Connection | None = None

    @property
    def aside(self) -> Connection:
        """A connection beside that of the session's transaction; it commits each statement.

        It waits for nothing that the session has under way, and sees nothing of it.
        """
        if self._aside is None:
            bind = self.get_bind().execution_options(isolation_level="AUTOCOMMIT")
            assert isinstance(bind, Engine)
            self._aside = bind.connect()
        return self._aside

    def close(self) -> None:
        """Close the session, and the connection beside it."""
        aside, self._aside = self._aside, None
        try:
            super().close()
        finally:
            if aside is not None:
                aside.close()
