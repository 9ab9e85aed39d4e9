"""Text files that a command reads, or writes: whole, or not at all."""

import os
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from crmctl.cli import invocation, output
from crmctl.errors import Refused, UsageError

#: What stands for standard output where a file is named.
STDOUT = Path("-")
#: What the names of drafts begin with, which archives have too; then comes the process.
DRAFT = ".crmctl-"
_PROCESS = re.compile(re.escape(DRAFT) + r"([1-9][0-9]{0,9})[-.]")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


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
        return invocation.read_whole(stream, file)


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


def require_free(path: Path | None, *, force: bool) -> None:
    """Raise Refused where `path` is a file that holds something, unless `force` may replace it.

    Asked before the work is done. What is no file, such as a pipe or a device, is written to.
    """
    if path is None or path == STDOUT or force:
        return
    try:
        taken = path.is_file() and path.stat().st_size > 0
    except OSError:
        return
    # What is there when a command is run again, it may have written itself.
    if taken and not invocation.current().repeated:
        raise Refused(f"{path} is there already (--force replaces it)")


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
            with target.open("w", encoding="utf-8", newline="") as file:
                file.writelines(lines)
        else:
            _replace(target, lines)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error


def _replace(target: Path, lines: Iterable[str]) -> None:
    sweep(target.parent)
    # Nobody can put a link, or a file of their own, where nobody foresees the name.
    draft = target.with_name(f"{DRAFT}{os.getpid()}-{os.urandom(8).hex()}.new")
    # Until it is whole, nobody else may read what others may not read in the end.
    opened = os.open(draft, _NEW, 0o600)
    try:
        with os.fdopen(opened, "w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
        draft.chmod(target.stat().st_mode if target.exists() else 0o666 & ~_umask())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _umask() -> int:
    """Return the mask of the process, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def sweep(folder: Path) -> None:
    """Remove the drafts that commands left in `folder` when they were killed.

    Each has the number of its process in its name; those of processes that go on are let be.
    """
    try:
        left = [path for path in folder.iterdir() if path.name.startswith(DRAFT)]
    except OSError:
        return
    for path in left:
        process = _PROCESS.match(path.name)
        if process and int(process[1]) != os.getpid() and _has_ended(int(process[1])):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with suppress(OSError):
                    path.unlink()


def _has_ended(process: int) -> bool:
    if os.name != "posix":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False
