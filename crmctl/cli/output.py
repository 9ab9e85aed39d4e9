"""The only writer: what a command shows goes to stdout, what is said about it to stderr."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from crmctl.cli import invocation
from crmctl.domain.kinds import OutputFormat
from crmctl.domain.secrets import without_secrets
from crmctl.domain.text import safe
from crmctl.render.outcomes import did as did

if TYPE_CHECKING:
    from rich.console import Console

    from crmctl.render.views import View

#: The width of a drawing where neither COLUMNS nor a terminal says one.
WIDTH = 80
#: Wider than any table: on a pipe nothing is cut.
_ENDLESS = 100_000


def prepare() -> None:
    """Make stdin, stdout and stderr what can be used, whatever they were handed down as.

    One that is closed is replaced by one that fails when it is used. A file or a pipe gets UTF-8,
    and a terminal what it can show, the rest of it written out.
    """
    # The lowest number that is free is the one that is closed: a database file must not get it.
    if sys.stdin is None:
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_WRONLY), "r")
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def discard(stream: Any) -> None:
    """Let nothing more go to `stream`, so that the interpreter does not fail on it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def emit(view: "View", form: OutputFormat | None = None) -> None:
    """Print `view` in the form that was asked for."""
    from crmctl.render import views

    form = form or invocation.output_format()
    if form == OutputFormat.JSON:
        for piece in views.json_pieces(view.document):
            write(piece)
    elif form == OutputFormat.JSONL:
        for line in views.to_json_lines(view.records):
            write(line)
    elif form == OutputFormat.CSV:
        for line in views.to_csv(view.records, view.header):
            write(safe_on_terminal(line))
    else:
        terminal = sys.stdout.isatty()
        wide = view.width or (None if terminal else _ENDLESS)
        console(wide).print(view.draw(), soft_wrap=False)


def wants_records() -> bool:
    """Return whether a program reads what a write came to; a person is told by notes."""
    return invocation.output_format() != OutputFormat.TABLE


def has_terminal() -> bool:
    """Return whether a person reads what is shown, and not a program or a file."""
    return sys.stdout.isatty() and not wants_records()


def has_reader() -> bool:
    """Return whether a person sees both what is shown and what is said about it."""
    return sys.stdout.isatty() and sys.stderr.isatty() and not wants_records()


def emit_records(view: "View") -> None:
    """Print for a program what a write came to."""
    if wants_records():
        emit(view)


def write(text: str) -> None:
    """Write `text` to stdout as it is."""
    invocation.current().printed = True
    sys.stdout.write(text)


def safe_on_terminal(line: str) -> str:
    """Return a line of data unchanged for a file or a pipe, and made safe for a terminal."""
    return "".join(map(safe_line, line.splitlines(keepends=True))) if sys.stdout.isatty() else line


def safe_line(line: str) -> str:
    """Return a line made safe, its end kept."""
    body = line.rstrip("\r\n")
    return safe(body) + line[len(body) :]


def width() -> int:
    """Return how many cells a drawing may take: COLUMNS, the terminal's, or 80."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or WIDTH
    except (OSError, ValueError):
        return WIDTH


def console(wide: int | None = None) -> "Console":
    """Return a Rich console on stdout that takes nothing in the data for markup."""
    from rich.console import Console

    return Console(
        file=sys.stdout, width=wide or width(), markup=False, highlight=False, emoji=False,
        no_color=True if "NO_COLOR" in os.environ else None, legacy_windows=False,
    )  # fmt: skip


def note(text: str, *details: str) -> None:
    """Say on stderr what was done, with a line for each of its details."""
    _say(text, *details)


def tell_rest(more: bool, printed: "Sequence[Mapping[str, Any]]", total: str, noun: str) -> None:
    """Say that rows were cut, and how to go on; nothing where all of them were printed."""
    if more:
        last = printed[-1]["ref"]
        note(f"printed {len(printed)} of {total} {noun}; go on with --after {last}")


def note_if_dry(dry: bool) -> None:
    """Say, of a dry run, that nothing was written."""
    if dry:
        note("dry run: nothing was written")


def warn(text: str) -> None:
    """Say on stderr what the user should know."""
    _say(f"crmctl: note: {without_secrets(text)}")


def fail(text: str, *details: str) -> None:
    """Say on stderr what went wrong, with a line for each of its details, and no password."""
    _say(*map(without_secrets, (f"crmctl: error: {text}", *details)))


#: Shows how many rows are done, and at what position of how many the work is.
ProgressDisplay = Callable[[int, int, int], None]


@contextmanager
def progress(what: str) -> Iterator[ProgressDisplay]:
    """Yield what shows, on a terminal, how far the work has come.

    Nothing is shown where stderr is no terminal.
    """
    if not sys.stderr.isatty():
        yield lambda rows, position, size: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows, {task.fields[rate]:,.0f} a second"),
        TimeRemainingColumn(),
    )  # fmt: skip
    started = time.monotonic()
    console = Console(file=sys.stderr, no_color=True if "NO_COLOR" in os.environ else None)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None, rows=0, rate=0.0)

        def show(rows: int, position: int, size: int) -> None:
            taken = max(time.monotonic() - started, 0.001)
            bar.update(task, completed=position, total=size, rows=rows, rate=rows / taken)

        yield show


def _say(*lines: str) -> None:
    """Write each of `lines` as one line, though a name in it may hold what would make it two."""
    try:
        sys.stderr.write("".join(f"{safe(line)}\n" for line in lines))
        sys.stderr.flush()
    except OSError:
        # There is no other place to say it, and what was done is done.
        discard(sys.stderr)
