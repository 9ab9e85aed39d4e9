"""TOML that people and programs wrote, whatever is in it."""

import re
import tomllib
from typing import Any

# A key of more parts than anything in a file of ours has, each of which costs as much as all
# before it.
_MANY = 100
_PART = r"""(?>[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*"""


def parse_toml(text: str) -> dict[str, Any]:
    """Return what `text` says in TOML; raises ValueError for what is none, or nested too deep."""
    if text.count(".") >= _MANY and re.search(rf"(?<![\w-])(?:{_PART}){{{_MANY}}}", text):
        raise ValueError("it is nested too deep")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
