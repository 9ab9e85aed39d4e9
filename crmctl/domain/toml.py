"""TOML that people and programs wrote, whatever is in it."""

import re
import tomllib
from typing import Any

#: A key of more parts than anything in a file of ours has, each of which costs as much as all
#: before it.
_DEEP = re.compile(r"""(?<![\w-])(?:(?>[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){100}""")


def parse_toml(text: str) -> dict[str, Any]:
    """Return what `text` says in TOML; raises ValueError for what is none, or nested too deep."""
    if _DEEP.search(text):
        raise ValueError("it is nested too deep")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
