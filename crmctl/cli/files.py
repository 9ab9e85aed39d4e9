"""Files that a command writes: whole, or not at all."""

import os
from collections.abc import Iterable
from pathlib import Path

from crmctl.errors import UsageError


def write(path: Path, text: str) -> None:
    """Write `text` to `path`, which holds what it held if this fails; raises UsageError."""
    write_lines(path, [text])


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write `lines`, which bring their ends along, to `path` as they come; else as write does."""
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
