"""Drawings kept as files, to be looked at and compared."""

import os
from pathlib import Path

from rich.cells import cell_len

FOLDER = Path(__file__).parent / "golden"


def check(name: str, text: str) -> None:
    """Compare `text` with the file `name`; UPDATE_GOLDEN=1 writes the file instead."""
    path = FOLDER / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def widest(text: str) -> int:
    """Return how many cells the longest line of `text` takes."""
    return max(cell_len(line) for line in text.splitlines())
