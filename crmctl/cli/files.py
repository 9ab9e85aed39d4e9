"""Files that a command writes: whole, or not at all."""

import os
from pathlib import Path

from crmctl.errors import UsageError


def write(path: Path, text: str) -> None:
    """Write `text` to `path`, which holds what it held if this fails; raises UsageError."""
    # What a link points to is replaced, not the link.
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            # A pipe or a terminal cannot be replaced.
            target.write_text(text, encoding="utf-8")
        else:
            _replace(target, text)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error


def _replace(target: Path, text: str) -> None:
    draft = target.with_name(f".crmctl-{os.getpid()}.new")
    try:
        draft.write_text(text, encoding="utf-8")
        if target.exists():
            draft.chmod(target.stat().st_mode)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
