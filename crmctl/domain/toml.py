"""TOML that people and programs wrote, whatever is in it."""

import tomllib
from typing import Any


def parse_toml(text: str) -> dict[str, Any]:
    """Return what `text` says in TOML; raises ValueError for what is none, or nested too deep."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
