"""This invocation: its arguments, settings, clock and session."""

import errno
import gc
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

from crmctl.config import Settings, load
from crmctl.domain.kinds import Origin, OutputFormat
from crmctl.errors import Refused, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from crmctl.models.imports import ImportRun
    from crmctl.models.session import CrmSession


@dataclass
class Invocation:
    """One run of crmctl. `flags` are the shared options that were given, by name.

    `printed` says that something went to stdout, after which it must not be run again, and `saved`
    that some of what it does is committed already; `change` is what people call the change once
    all of it is. `resumed` is the import that it goes on with, and `repeated` says that it was run
    before, and came to nothing.
    """

    arguments: list[str] = field(default_factory=list)
    flags: dict[str, str | None] = field(default_factory=dict)
    output: OutputFormat | None = None
    reason: str | None = None
    exit_code: int = 0
    printed: bool = False
    typed: str | None = None
    piped: BinaryIO | None = None
    now: datetime | None = None
    resumed: "ImportRun | None" = None
    saved: bool = False
    change: str | None = None
    repeated: bool = False


_current = Invocation()


def start(arguments: list[str]) -> Invocation:
    """Begin an invocation with these `arguments`, and forget the one before."""
    global _current
    if _current.piped is not None:
        _current.piped.close()
    _current = Invocation(arguments=arguments)
    return _current


def current() -> Invocation:
    """Return the invocation that runs."""
    return _current


def set_flag(name: str, value: str | None) -> None:
    """Keep the value of a shared option; one that was not given overwrites nothing."""
    if value is not None:
        _current.flags[name] = value


def has_flag(name: str) -> bool:
    """Return whether a shared option was given."""
    return name in _current.flags


def set_output(form: OutputFormat | None) -> None:
    """Keep the output format that was asked for."""
    _current.output = form or _current.output


def output_format() -> OutputFormat:
    """Return the output format: as asked for, else CRMCTL_OUTPUT, else a table."""
    if _current.output:
        return _current.output
    named = os.environ.get("CRMCTL_OUTPUT") or OutputFormat.TABLE
    try:
        return OutputFormat(named)
    except ValueError:
        raise UsageError(f"CRMCTL_OUTPUT: {named!r} is none of {', '.join(OutputFormat)}") from None


def settings() -> Settings:
    """Return the settings of this invocation."""
    return load(_current.flags, os.environ)


def now() -> datetime:
    """Return the time of this invocation, the same whenever asked: CRMCTL_NOW, or the clock's."""
    if _current.now is None:
        _current.now = datetime.now(UTC)
        if fixed := os.environ.get("CRMCTL_NOW"):
            from crmctl.domain import dates

            _current.now = dates.moment(fixed, _current.now)
    return _current.now


def login() -> str:
    """Return what the operating system calls the person at the keyboard."""
    return os.environ.get("USER") or os.environ.get("USERNAME") or "unknown"


def text() -> str:
    """Return what is on stdin, read once even if the command runs again."""
    if _current.typed is None:
        try:
            _current.typed = sys.stdin.buffer.read().decode()
        except UnicodeDecodeError:
            raise UsageError("stdin is not UTF-8 text") from None
        except OSError as error:
            raise _unreadable(error) from None
        if "\x00" in _current.typed:
            raise UsageError("stdin is not text: it holds a NUL character")
    return _current.typed


def stdin_file(pipe: BinaryIO | None = None) -> BinaryIO:
    """Return stdin, or another `pipe`, as a file to read from its start whenever asked again.

    A command that the database wants run again can read a pipe only once.
    """
    if _current.piped is None:
        import shutil
        import tempfile

        # It may be larger than memory, and lives as long as the process.
        _current.piped = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            shutil.copyfileobj(pipe or sys.stdin.buffer, _current.piped)
            _current.piped.flush()
        except OSError as error:
            raise _unreadable(error) from None
    copy = os.fdopen(os.dup(_current.piped.fileno()), "rb")
    copy.seek(0)
    return copy


def _unreadable(error: OSError) -> UsageError:
    why = "stdin is closed" if error.errno == errno.EBADF else error.strerror
    return UsageError(f"cannot read the input: {why}")


def lines() -> list[str]:
    """Return the lines of stdin that are not blank."""
    return [line.strip() for line in text().split("\n") if line.strip()]


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is destroyed; `yes` answers, and without a terminal it has to."""
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(f"{question} Without a terminal, --yes answers")
    from crmctl.cli import output

    if output.ask(f"{question} [y/N] ").lower() not in ("y", "yes"):
        raise Refused("nothing was changed")


def finish_with(code: int) -> None:
    """Let the command end with `code`, though it has done what it could."""
    _current.exit_code = code


def engine() -> "Engine":
    """Return the engine of the database that the settings name."""
    from crmctl.storage import db

    return db.engine(settings().database_url)


@contextmanager
def session(
    *,
    write: bool = False,
    dry: bool = False,
    origin: Origin = Origin.CLI,
    reason: str | None = None,
) -> Iterator["CrmSession"]:
    """Yield a session within the company of the settings, on a database of the right schema.

    It commits on a clean exit and rolls back on any exception. What `write` sessions write is
    one change set. A `dry` one changes rows in memory only, in a transaction that cannot write
    where the engine has such.
    """
    from crmctl.services.tenancy import access

    with unscoped_session(write=write and not dry, origin=origin, reason=reason) as opened:
        opened.change.dry = dry
        chosen = settings()
        access.enter(opened, chosen.company, chosen.franchise, chosen.user)
        yield opened


@contextmanager
def unscoped_session(
    *, write: bool = False, origin: Origin = Origin.CLI, reason: str | None = None
) -> Iterator["CrmSession"]:
    """Yield a session of no company yet, for the few commands that work across companies."""
    from crmctl.models.session import ChangeSet
    from crmctl.storage import db, migrate

    bind = engine()
    db.require_file(bind)
    with db.session(bind, write=write) as opened:
        migrate.require_current(opened)
        _collect_garbage_again()
        opened.change = ChangeSet(now(), login(), _typed(), origin=origin, reason=reason)
        yield opened
        _date(opened)
    if opened.change.written:
        _current.change = opened.change.ref[:8]


def _date(session: "CrmSession") -> None:
    """Date the change set now: it may have waited and worked for long, unseen by anyone."""
    from crmctl.services import changes

    if not os.environ.get("CRMCTL_NOW"):
        changes.stamp_commit_time(session, session.change, datetime.now(UTC))


def save(session: "CrmSession") -> None:
    """Commit what `session` wrote so far, and let it go on with the same change set."""
    from crmctl.storage import db

    _date(session)
    db.commit(session)
    _current.saved = True


def _collect_garbage_again() -> None:
    """End the pause that __main__ made for the imports, which are done and will not be freed."""
    if not gc.isenabled():
        gc.freeze()
        # What a command reads and writes is kept to its end, or freed without being looked for:
        # looking often would find little, and look at all that is kept each time.
        gc.set_threshold(500_000)
        gc.enable()


def _typed() -> str:
    """Return the command as it was typed, without the database, whose URL may hold a password."""
    words = ["crmctl"]
    arguments = iter(_current.arguments)
    for word in arguments:
        if word == "--database":
            next(arguments, None)
        elif not word.startswith("--database="):
            words.append(word)
    # What is no text came in as surrogates, which no database takes.
    return shlex.join(words).encode("utf-8", "backslashreplace").decode()


def restart() -> Invocation:
    """Begin the same invocation again: its arguments, clock and stdin stay as they were."""
    global _current
    _current = Invocation(
        arguments=_current.arguments,
        typed=_current.typed,
        piped=_current.piped,
        now=_current.now,
        repeated=True,
    )
    return _current
