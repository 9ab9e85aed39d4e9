"""What every entry point opens: settings, engine, session, tenant, change set, clock and retry."""

import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from crmctl import config
from crmctl.config import Settings
from crmctl.domain.kinds import Origin
from crmctl.errors import CrmError, NotFound, Refused, Retry

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from crmctl.models.session import ChangeSet, CrmSession
    from crmctl.services.integrity.check import DatabaseStatus

T = TypeVar("T")
Clock = Callable[[], datetime]

#: How often what the database wants retried is begun, and the longest wait between, in seconds.
ATTEMPTS = 6
_LONGEST_WAIT = 5.0


def login() -> str:
    """Return what the operating system calls the person at the keyboard."""
    return os.environ.get("USER") or os.environ.get("USERNAME") or "unknown"


def clock(environ: Mapping[str, str]) -> Clock:
    """Return the system's clock, or one that CRMCTL_NOW has stopped; raises UsageError."""
    if not (fixed := environ.get("CRMCTL_NOW")):
        return lambda: datetime.now(UTC)
    # Reading dates takes patterns that no other command needs so early.
    from crmctl.domain import dates

    stopped = dates.moment(fixed, datetime.now(UTC))
    return lambda: stopped


def retrying(work: Callable[[int], T], repeatable: Callable[[], bool] = lambda: True) -> T:
    """Return what `work` returns, begun again where the database wants that and it is `repeatable`.

    `work` is given the number of the attempt, from 1. Raises Retry where the last one fails too.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return work(attempt)
        except Retry:
            if attempt == ATTEMPTS or not repeatable():
                raise
            # Back off with some chance in it, so that those who collided do not collide again.
            time.sleep(min(_LONGEST_WAIT, 0.05 * 2**attempt) * random.uniform(0.5, 1))
    raise AssertionError("unreachable")


def _is_there(session: "CrmSession", company: str | None) -> bool:
    """Return whether the database has the company that was asked for."""
    from crmctl.services.tenancy import companies

    try:
        companies.find(session, company)
    except NotFound:
        return False
    return True


@dataclass(kw_only=True)
class Workspace:
    """Where one command, request or keystroke is carried out, and what of it is committed.

    `actor` is what the operating system calls who gave the `command`, as the log shows it, and
    `origin` the entry point. `saved` says that part of a change is committed, and `change` is the
    reference of the last change that is committed whole. `say` takes what has to be known at
    once, and `notes` are what a person should know, each once.
    """

    settings: Settings
    command: str
    clock: Clock
    actor: str = field(default_factory=login)
    origin: Origin = Origin.CLI
    say: Callable[[str], None] | None = None
    saved: bool = field(default=False, init=False)
    change: str | None = field(default=None, init=False)
    notes: dict[str, None] = field(default_factory=dict, init=False)

    @classmethod
    def configured(
        cls,
        flags: Mapping[str, str | None],
        environ: Mapping[str, str],
        command: str,
        origin: Origin = Origin.CLI,
        say: Callable[[str], None] | None = None,
    ) -> "Workspace":
        """Return the workspace that `flags`, `environ` and config.toml describe, in that order."""
        return cls(
            settings=config.load(flags, environ),
            command=command,
            clock=clock(environ),
            origin=origin,
            say=say,
        )

    def on(self, database_url: str) -> "Workspace":
        """Return a workspace on another database, for nobody in particular."""
        return replace(self, settings=Settings(database_url=database_url))

    @cached_property
    def now(self) -> datetime:
        """The time of the command, the same whenever asked."""
        return self.clock()

    @cached_property
    def engine(self) -> "Engine":
        """The engine of the database that the settings name."""
        from crmctl.storage import db

        return db.engine(self.settings.database_url)

    @property
    def location(self) -> str:
        """What messages call the database: its file, or its host and name, never a password."""
        from crmctl.storage import db

        return db.label(self.settings.database_url)

    @property
    def schema(self) -> str:
        """The schema that this program needs."""
        from crmctl.storage import migrate

        return migrate.head()

    def upgrade(self, *, new: bool = False) -> str | None:
        """Bring the schema of the database up to date, and return what it was at.

        With `new`, one that has an older schema is refused.
        """
        from crmctl.storage import migrate

        return migrate.upgrade(self.engine, new=new, say=self.say)

    def sweep(self) -> bool:
        """Overwrite what erasures left in the file of the database; return if nothing is left.

        What others read at the moment is left as it is.
        """
        from crmctl.storage import sweeping

        return sweeping.sweep(self.engine)

    def status(self) -> "DatabaseStatus":
        """Return the state of the database, of whatever schema it is."""
        from crmctl.services.integrity import check
        from crmctl.storage import dialects, migrate

        with self.bare_session() as session:
            connection = session.connection()
            engine, version = dialects.engine_of(connection)
            found = migrate.current(connection)
            state = migrate.state(found)
            return check.DatabaseStatus(
                engine=engine,
                version=version,
                location=self.location,
                schema=found,
                head=migrate.head(),
                state=state,
                rows=check.counts(session) if state == migrate.CURRENT else {},
            )

    def damage(self) -> str | None:
        """Return which record of the database cannot be read, and why; None where all can.

        It explains an error that nobody expected, and that may come of anything.
        """
        from crmctl.services.integrity import values

        try:
            with self.bare_session() as session:
                found = values.first_unreadable(session)
        except Exception:
            return None
        return f"{found.record}: {found.detail}" if found else None

    @contextmanager
    def session(
        self,
        *,
        write: bool = False,
        dry: bool = False,
        origin: Origin | None = None,
        reason: str | None = None,
    ) -> Iterator["CrmSession"]:
        """Yield a session within the company of the settings, on a database of the right schema.

        It commits on a clean exit and rolls back on any exception. What a `write` session writes
        is one change set. A `dry` one changes rows in memory only, in a transaction that cannot
        write where the engine has such.
        """
        with self.unscoped_session(
            write=write and not dry, origin=origin, reason=reason
        ) as session:
            session.change.dry = dry
            self._enter(session)
            yield session
        self._note_who(session.change)

    def _note_who(self, change: "ChangeSet") -> None:
        """Note what was written by nobody who is known, unless it is noted that they are gone."""
        if change.written and change.unnamed and not self.settings.user:
            note = f"it is not known who you are: {change.ref[:8]} is logged as by {change.actor}"
            self.notes[f"{note} (--as USER says it, and crmctl user use USER remembers it)"] = None

    def _enter(self, session: "CrmSession") -> None:
        """Enter the company of the settings, without what was remembered and is not there.

        It was typed at another time, or of a database that was replaced: it must not be in the way.
        A franchise that is gone is refused, because without it more would be in reach.
        """
        from crmctl.services.tenancy import access

        chosen, change = self.settings, session.change
        before = change.actor, change.actor_id, session.franchise_id
        first: CrmError | None = None
        found = True
        for gone in (set(), {"user"}, set(config.REMEMBERED)):
            kept = {
                name: None if name in gone & chosen.remembered else getattr(chosen, name)
                for name in config.REMEMBERED
            }
            if "company" in gone and ("company" not in chosen.remembered or found):
                break
            try:
                access.enter(session, **kept)
            except (NotFound, Refused) as error:
                found = _is_there(session, chosen.company)
                change.actor, change.actor_id, session.franchise_id = before
                first = first or error
                continue
            for name in sorted(gone & chosen.remembered):
                note = f"no {name} {getattr(chosen, name)!r} here, which config.toml remembers"
                self.notes[f"{note} (crmctl {name} use chooses another)"] = None
            return
        assert first is not None
        raise first

    @contextmanager
    def unscoped_session(
        self,
        *,
        write: bool = False,
        rehearse: bool = False,
        origin: Origin | None = None,
        reason: str | None = None,
    ) -> Iterator["CrmSession"]:
        """Yield a session of no company yet, for what works across companies.

        With `rehearse`, what it writes is rolled back in the end.
        """
        from crmctl.models.session import ChangeSet
        from crmctl.storage import migrate

        with self.bare_session(write=write) as session:
            migrate.require_current(session)
            change = session.change = ChangeSet(
                at=self.now,
                actor=self.actor,
                command=self.command,
                origin=origin or self.origin,
                reason=reason,
            )
            yield session
            if rehearse:
                session.rollback()
                return
            self._stamp_commit_time(session, change)
        if change.written:
            self.change = change.ref

    @contextmanager
    def bare_session(self, *, write: bool = False) -> Iterator["CrmSession"]:
        """Yield a session of no company and without a change set, whatever the schema is."""
        from crmctl.storage import db

        db.require_file(self.engine)
        with db.session(self.engine, write=write, say=self.say) as session:
            yield session

    def save(self, session: "CrmSession") -> None:
        """Commit what `session` wrote so far, and let it go on with the same change set.

        Raises Retry where it is committed, but the session lost its connection with that.
        """
        from crmctl.storage import db

        self._stamp_commit_time(session, session.change)
        goes_on = db.commit(session)
        self.saved = True
        if not goes_on:
            raise Retry(f"{self.location}: the connection was lost")

    def person(self, session: "CrmSession") -> dict[str, str | None]:
        """Return name and e-mail of who gives the command, as far as the database knows them."""
        from crmctl.services.tenancy import access, users

        try:
            access.enter(session, self.settings.company, None, self.settings.user)
        except CrmError:
            return {"name": session.change.actor, "email": None}
        user = users.get(session, session.change.actor_id)
        return {"name": session.change.actor, "email": user.email if user else None}

    def retrying(self, work: Callable[[int], T]) -> T:
        """Return what `work` returns, begun again where the database wants it retried.

        What has committed something is not begun again.
        """
        return retrying(work, lambda: not self.committed)

    @property
    def committed(self) -> bool:
        """Whether something was committed."""
        return self.saved or self.change is not None

    def _stamp_commit_time(self, session: "CrmSession", change: "ChangeSet") -> None:
        """Date `change` now: it may have waited and worked for long, unseen by anyone."""
        from crmctl.services import changes

        if (now := self.clock()) != change.at:
            changes.stamp_commit_time(session, change, now)
