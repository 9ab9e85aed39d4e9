"""Yes and no as people write them."""

from crmctl.errors import UsageError

#: The words for each, those of forms and lists among them.
WORDS = {
    **dict.fromkeys(("true", "yes", "y", "1", "on", "x", "t", "checked"), True),
    **dict.fromkeys(("false", "no", "n", "0", "off", "f", "unchecked"), False),
}


def read(text: str) -> bool:
    """Return whether `text` says yes; raises UsageError if it says neither."""
    found = WORDS.get(text.strip().lower())
    if found is None:
        raise UsageError(f"neither yes nor no: {text!r}")
    return found
