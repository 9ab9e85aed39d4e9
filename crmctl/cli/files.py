"""Text files that a command reads, or writes: whole, or not at all."""

import os
from collections.abc import Iterable
from pathlib import Path

from crmctl.cli import invocation, output
from crmctl.errors import UsageError

#: What stands for standard output where a file is named.
STDOUT = Path("-")


def read(file: str) -> tuple[str, str]:
    """Return the text of a file, or of stdin for `-`, and what it is called; raises UsageError."""
    where = "stdin" if file == "-" else file
    try:
        text = invocation.text() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise UsageError(f"{where} is not UTF-8 text") from None
    return text.removeprefix("\ufeff"), where


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
