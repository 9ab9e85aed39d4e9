"""Entry point of `crmctl` and of `python -m crmctl`."""

import gc
import os
import sys


def main() -> None:
    """Run one command and exit with its code."""
    # Importing allocates many objects and frees few: collecting meanwhile costs a
    # tenth of the start-up and finds nothing. Opening a session turns it on again.
    gc.disable()
    if _is_misread(sys.argv[1:]):
        _begin_again_in_utf8()
    from crmctl.cli import main as run

    sys.exit(run(sys.argv[1:]))


def _is_misread(arguments: list[str]) -> bool:
    """Return whether `arguments` are UTF-8 that Python took for the encoding of the locale."""
    if sys.getfilesystemencoding() == "utf-8" or all(word.isascii() for word in arguments):
        return False
    try:
        b"".join(map(os.fsencode, arguments)).decode()
    except UnicodeDecodeError:
        return False
    return True


def _begin_again_in_utf8() -> None:
    """Put the same command in the place of this process, with names of files in UTF-8 too."""
    shown = getattr(sys.stdout, "encoding", None)
    if shown and "PYTHONIOENCODING" not in os.environ:
        # A terminal goes on to get what it can show.
        os.environ["PYTHONIOENCODING"] = shown
    os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


if __name__ == "__main__":
    main()
