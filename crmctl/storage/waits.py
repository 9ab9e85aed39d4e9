"""Locks that others have: what is waited for is said, so that nobody wonders what goes on."""

import threading
import time
from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, event
from sqlalchemy import Engine as AnyEngine
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import SQLAlchemyError

#: Takes a line that a person should read now.
Say = Callable[[str], None]
#: How long nothing is said, in seconds, and how long where nobody can be asked who has the lock.
SILENT_SECONDS = 1.0
_UNKNOWN_SECONDS = 3.0
#: The option of a connection with what takes such lines.
OPTION = "crmctl_say"

# Whether a server process waits for a lock, of what kind, and who has it. Behind a pooler, what
# the driver takes for the process may be none, or that of someone else.
_BLOCKERS = """
    SELECT waiting.wait_event_type, waiting.wait_event, other.pid, other.application_name,
        other.usename
    FROM pg_stat_activity waiting
    LEFT JOIN pg_stat_activity other ON other.pid = ANY (pg_blocking_pids(waiting.pid))
    WHERE waiting.pid = %s AND waiting.datname = current_database()
        AND waiting.usename = session_user
    ORDER BY other.pid LIMIT 1
"""


#: Kind and name of what is waited for, and the process, program and user that has it.
_Wait = tuple[str | None, str | None, int | None, str | None, str | None]


class _Watch:
    """Watches one connection to PostgreSQL for a statement that waits, in a thread of its own."""

    def __init__(self, connection: Connection, say: Say, seconds: int, turn_seconds: int) -> None:
        self.began: float | None = None
        self.ended = threading.Event()
        self._say = say
        self._limits = (seconds, turn_seconds)
        self._dialect = connection.dialect
        self._url = connection.engine.url
        driver = connection.connection.driver_connection
        self._pid = driver.info.backend_pid if driver else 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        pause = SILENT_SECONDS / 2
        while not self.ended.wait(pause):
            began = self.began
            if began is None or time.monotonic() - began < SILENT_SECONDS:
                continue
            line = self._line(time.monotonic() - began)
            if line and self.began == began:
                self._say(line)
                return
            # It works, and does not wait: to ask often would be in its way.
            pause = min(2 * pause, 30)

    def _line(self, seconds: float) -> str | None:
        """Return what is to be said of a statement that takes so long already."""
        found = self._asked()
        if found is None:
            if seconds < _UNKNOWN_SECONDS:
                return None
            return "no answer yet, and no second connection to ask what for"
        if not found or found[0][0] != "Lock":
            return None
        _, lock, pid, program, user = found[0]
        limit = self._limits[lock == "advisory"]
        who = f"process {pid} ({program or 'unknown'}, {user})" if pid else "another"
        return f"{who} has locked what this is about; at most {limit} seconds"

    def _asked(self) -> Sequence[_Wait] | None:
        """Return what the server says of the connection, on another; None where none can be had.

        Where it does not know the process, that is nothing.
        """
        arguments, options = self._dialect.create_connect_args(self._url)
        try:
            asking = self._dialect.connect(*arguments, **{**options, "connect_timeout": 2})
        except (SQLAlchemyError, self._dialect.loaded_dbapi.Error):
            return None
        try:
            cursor = asking.cursor()
            cursor.execute(_BLOCKERS, (self._pid,))
            rows: Sequence[_Wait] = cursor.fetchall()
            return rows
        except self._dialect.loaded_dbapi.Error:
            return None
        finally:
            asking.close()


def watch(engine: AnyEngine, seconds: int, turn_seconds: int) -> None:
    """Have connections of an engine on PostgreSQL say when they wait, if they know to whom.

    They wait for rows so many `seconds` at most, and for a turn `turn_seconds`.
    """

    # Not in `Connection.info`: that which SQLAlchemy looks around with, on a new engine, has none.
    watches: WeakKeyDictionary[Connection, _Watch] = WeakKeyDictionary()

    def begin(connection: Connection) -> None:
        if say := connection.get_execution_options().get(OPTION):
            watches[connection] = _Watch(connection, say, seconds, turn_seconds)

    def start(connection: Connection, *_: object) -> None:
        if watching := watches.get(connection):
            watching.began = time.monotonic()

    def stop(connection: Connection, *_: object) -> None:
        if watching := watches.get(connection):
            watching.began = None

    def fail(context: ExceptionContext) -> None:
        if context.connection is not None:
            (end if context.is_disconnect else stop)(context.connection)

    def end(connection: Connection) -> None:
        if watching := watches.pop(connection, None):
            watching.ended.set()

    event.listen(engine, "begin", begin)
    event.listen(engine, "before_cursor_execute", start)
    event.listen(engine, "after_cursor_execute", stop)
    event.listen(engine, "handle_error", fail)
    for how in ("commit", "rollback"):
        event.listen(engine, how, end)
