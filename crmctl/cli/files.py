"""Text files that a command reads, or writes: whole, or not at all."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from crmctl.cli import invocation, output
from crmctl.errors import UsageError

#: What stands for standard output where a file is named.
STDOUT = Path("-")
#: The largest text that is read as a whole: far above any plan or pipeline.
LARGEST_TEXT = 64 << 20


def read(file: str) -> tuple[str, str]:
    """Return the text of a file, or of stdin for `-`, and what it is called; raises UsageError."""
    where = "stdin" if file == "-" else file
    try:
        text = invocation.text() if file == "-" else _read(file).decode()
    except UnicodeDecodeError:
        raise UsageError(f"{where} is not UTF-8 text") from None
    return text.removeprefix("\ufeff"), where


def _read(file: str) -> bytes:
    with open_input(file) as stream:
        found = stream.read(LARGEST_TEXT + 1)
    if len(found) > LARGEST_TEXT:
        raise UsageError(f"{file} is larger than {LARGEST_TEXT >> 20} MB: it is no such file")
    return found


def open_input(file: str) -> BinaryIO:
    """Return `file` opened for reading; raises UsageError for what is neither a file nor a pipe."""
    try:
        stream = Path(file).open("rb")  # noqa: SIM115 (the caller closes it)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from None
    try:
        invocation.require_end(stream, file)
    except UsageError:
        stream.close()
        raise
    return stream


def require_named(path: Path | None, option: str) -> None:
    """Raise UsageError for `-` where stdout holds something else."""
    if path == STDOUT:
        raise UsageError(f"{option} - would mix with what is printed: name a file")


def write(path: Path, text: str) -> None:
    """Write `text` to `path`, which holds what it held if this fails, or to stdout for `-`.

    Raises UsageError where it cannot be written.
    """
    write_lines(path, [text])


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write `lines`, which bring their ends along, to `path` as they come; else as write does."""
    if path == STDOUT:
        for line in lines:
            output.write(output.safe_on_terminal(line))
        return
    # What a link points to is replaced, not the link.
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            # A pipe or a terminal cannot be replaced.
            _fill(target, lines)
        else:
            _replace(target, lines)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error


def _fill(target: Path, lines: Iterable[str]) -> None:
    with target.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)


def _replace(target: Path, lines: Iterable[str]) -> None:
    draft = target.with_name(f".crmctl-{os.getpid()}.new")
    try:
        _fill(draft, lines)
        if target.exists():
            draft.chmod(target.stat().st_mode)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
