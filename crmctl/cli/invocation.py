"""This invocation: its arguments, options and input, and the workspace that it works in."""

import errno
import gc
import os
import shlex
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO

# Typer carries its own Click, and hands on no other way to the context of the command that runs.
from typer._click.globals import get_current_context

from crmctl.config import Settings
from crmctl.domain.kinds import Origin, OutputFormat
from crmctl.domain.text import safe
from crmctl.errors import Refused, UsageError
from crmctl.workspace import Workspace

if TYPE_CHECKING:
    from crmctl.models.session import CrmSession

#: The largest text that is read as a whole: far above any plan, pipeline or list of references.
LARGEST_TEXT = 64 << 20


@dataclass(kw_only=True)
class Invocation:
    """One run of crmctl. `flags` are the shared options that were given, by name.

    `override` says that rules were to be passed. `printed` says that something went to stdout,
    after which it must not be run again, and
    `repeated` that it was run before, and came to nothing. `say` takes what has to be known at
    once, such as what is waited for.
    """

    arguments: list[str]
    flags: dict[str, str | None] = field(default_factory=dict)
    output: OutputFormat | None = None
    exit_code: int = 0
    printed: bool = False
    repeated: bool = False
    override: bool = False
    typed: str | None = None
    piped: BinaryIO | None = None
    say: Callable[[str], None] | None = None

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace that the flags, the environment and config.toml describe.

        What is wrong with how to print is refused here too: after a commit it would be too late.
        """
        self.output_format()
        typed = command_text(self.arguments)
        return Workspace.configured(self.flags, os.environ, typed, say=self.say)

    @property
    def change(self) -> str | None:
        """What people call the change, once all of it is committed."""
        change = self._opened.change if self._opened else None
        return change and change[:8]

    @property
    def saved(self) -> bool:
        """Whether part of a change is committed."""
        return self._opened is not None and self._opened.saved

    @property
    def repeatable(self) -> bool:
        """Whether it can be run again from its start, unseen."""
        return not (self.printed or self.saved or self.change)

    @property
    def _opened(self) -> Workspace | None:
        """The workspace, if the command came as far as to ask for it."""
        return self.__dict__.get("workspace")

    def output_format(self) -> OutputFormat:
        """Return how to print: as asked for, else CRMCTL_OUTPUT, else a table."""
        if self.output:
            return self.output
        named = os.environ.get("CRMCTL_OUTPUT") or OutputFormat.TABLE
        try:
            return OutputFormat(named)
        except ValueError:
            known = ", ".join(OutputFormat)
            raise UsageError(f"CRMCTL_OUTPUT: {named!r} is none of {known}") from None

    def restart(self) -> None:
        """Begin again: the arguments, the workspace with its clock, and stdin stay as they were."""
        self.flags = {}
        self.output = None
        self.exit_code = 0
        self.override = False
        self.repeated = True

    @property
    def notes(self) -> list[str]:
        """What the workspace found that a person should know."""
        return list(self._opened.notes) if self._opened else []

    def damage(self) -> str | None:
        """Return which record of the database that was opened cannot be read, if there is one."""
        return self._opened.damage() if self._opened else None

    def close(self) -> None:
        """Forget what was piped in."""
        if self.piped is not None:
            self.piped.close()


def command_text(arguments: list[str]) -> str:
    """Return the command as it was typed, without the database, whose URL may hold a password."""
    words = ["crmctl"]
    rest = iter(arguments)
    for word in rest:
        if word == "--database":
            next(rest, None)
        elif not word.startswith("--database="):
            words.append(word)
    # What is no text came in as surrogates, which no database takes.
    return shlex.join(words).encode("utf-8", "backslashreplace").decode()


def current() -> Invocation:
    """Return the invocation that runs, which the context of its command brings along."""
    found = get_current_context().find_object(Invocation)
    assert found is not None
    return found


def set_flag(name: str, value: str | None) -> None:
    """Keep the value of a shared option; one that was not given overwrites nothing."""
    if value is not None:
        current().flags[name] = value


def has_flag(name: str) -> bool:
    """Return whether a shared option was given."""
    return name in current().flags


def keep_override(value: bool) -> bool:
    """Keep whether the rules of the pipeline are to be passed, where there is an invocation."""
    if found := get_current_context().find_object(Invocation):
        found.override = value
    return value


def set_output(form: OutputFormat | None) -> None:
    """Keep the output format that was asked for."""
    invocation = current()
    invocation.output = form or invocation.output


def output_format() -> OutputFormat:
    """Return the output format of this invocation."""
    return current().output_format()


def workspace() -> Workspace:
    """Return the workspace of this invocation."""
    return current().workspace


def settings() -> Settings:
    """Return the settings of this invocation."""
    return workspace().settings


def now() -> datetime:
    """Return the time of this invocation, the same whenever asked."""
    return workspace().now


@contextmanager
def session(
    *,
    write: bool = False,
    dry: bool = False,
    origin: Origin = Origin.CLI,
    reason: str | None = None,
) -> Iterator["CrmSession"]:
    """Yield a session of the workspace within the company of the settings."""
    with workspace().session(write=write, dry=dry, origin=origin, reason=reason) as opened:
        _collect_garbage_again()
        yield opened
        if write and current().override and not opened.change.overrides:
            workspace().notes["no rule stood in the way (--override)"] = None


@contextmanager
def unscoped_session(
    *, write: bool = False, rehearse: bool = False, origin: Origin = Origin.CLI
) -> Iterator["CrmSession"]:
    """Yield a session of no company yet, for the few commands that work across companies."""
    with workspace().unscoped_session(write=write, rehearse=rehearse, origin=origin) as opened:
        _collect_garbage_again()
        yield opened


def _collect_garbage_again() -> None:
    """End the pause that __main__ made for the imports, which are done and will not be freed."""
    if not gc.isenabled():
        gc.freeze()
        # What a command reads and writes is kept to its end, or freed without being looked for:
        # looking often would find little, and look at all that is kept each time.
        gc.set_threshold(500_000)
        gc.enable()


def text() -> str:
    """Return what is on stdin, read once even if the command runs again."""
    invocation = current()
    if invocation.typed is None:
        require_end(sys.stdin.buffer, "stdin")
        try:
            invocation.typed = read_whole(sys.stdin.buffer, "stdin").decode()
        except UnicodeDecodeError:
            raise UsageError("stdin is not UTF-8 text") from None
        except OSError as error:
            raise _unreadable(error) from None
        if "\x00" in invocation.typed:
            raise UsageError("stdin is not text: it holds a NUL character")
    return invocation.typed


def read_whole(stream: BinaryIO, name: str) -> bytes:
    """Return what is in `stream`, called `name`; raises UsageError if that is too large."""
    found = stream.read(LARGEST_TEXT + 1)
    if len(found) > LARGEST_TEXT:
        raise UsageError(f"{name} is larger than {LARGEST_TEXT >> 20} MB: that is too large")
    return found


def lines() -> list[str]:
    """Return the lines of stdin that are not blank."""
    return [line.strip() for line in text().split("\n") if line.strip()]


def stdin_file(pipe: BinaryIO | None = None) -> BinaryIO:
    """Return stdin, or another `pipe`, as a file to read from its start whenever asked again.

    A command that the database wants run again can read a pipe only once.
    """
    invocation = current()
    if invocation.piped is None:
        import shutil
        import tempfile

        # It may be larger than memory, and lives as long as the invocation.
        require_end(pipe or sys.stdin.buffer, "stdin")
        invocation.piped = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            shutil.copyfileobj(pipe or sys.stdin.buffer, invocation.piped)
            invocation.piped.flush()
        except OSError as error:
            raise _unreadable(error) from None
    copy = os.fdopen(os.dup(invocation.piped.fileno()), "rb")
    copy.seek(0)
    return copy


def require_end(stream: BinaryIO, name: str) -> None:
    """Raise UsageError for what need not have an end, such as /dev/zero.

    Files, pipes, sockets and what is typed at a terminal have one.
    """
    try:
        kind = os.fstat(stream.fileno()).st_mode
        typed = stream.isatty()
    except (OSError, ValueError):
        # No file of the system, or one that is closed: whoever reads it says so.
        return
    ends = stat.S_ISREG(kind) or stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind)
    if not (ends or typed or _is_devnull(stream)):
        raise UsageError(f"cannot read {name}: it is neither a file nor a pipe")


def _is_devnull(stream: BinaryIO) -> bool:
    return os.path.samestat(os.fstat(stream.fileno()), os.stat(os.devnull))


def _unreadable(error: OSError) -> UsageError:
    why = "stdin is closed" if error.errno == errno.EBADF else error.strerror
    return UsageError(f"cannot read the input: {why}")


def confirm(
    action: str, *, yes: bool, forever: bool = False, details: Callable[[], Sequence[str]] = tuple
) -> None:
    """Ask before something is destroyed; `yes` answers, and without a terminal it has to.

    `action` says what is done, such as `Remove pipeline saas`; what is done `forever` has no undo.
    `details` are the lines to be read first, found when they are asked for.
    """
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        needed = f"{action[:1].lower()}{action[1:]}{', which cannot be undone' * forever}"
        raise UsageError(f"--yes is missing: without a terminal, it is needed to {needed}")
    for line in details():
        sys.stderr.write(f"{safe(line)}\n")
    sys.stderr.write(safe(f"{action}?{' This cannot be undone.' * forever} [y/N] "))
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Refused("nothing was changed")


def finish_with(code: int) -> None:
    """Let the command end with `code`, though it has done what it could."""
    current().exit_code = code
