"""Taking names out of texts."""

import re
import shlex
from collections.abc import Iterable

from crmctl.domain.contacts import phone_spellings

#: What stands in a text for what was taken out.
MARK = "[erased]"
# The words of a command itself, such as "crmctl customer edit", are no names.
_VERB = re.compile(r"[a-z]+")
# With what joins the parts of a word, and a full stop: "Anne-Marie", "O'Hara", "Inc.".
_ONE_WORD = re.compile(r"[\w'’&-]+\.?")
_LONG_NUMBER = re.compile(r"\d{6,}")

NamePattern = re.Pattern[str]


def pattern(names: Iterable[str]) -> NamePattern:
    """Return what finds `names` as whole words in any case, the longest first.

    A telephone number is found however it is written.
    """
    ordered = sorted({name for name in names if name.strip()}, key=lambda name: (-len(name), name))
    anyone = "|".join(phone_spellings(name) or re.escape(name) for name in ordered)
    return re.compile(rf"(?<!\w)(?:{anyone})(?!\w)" if ordered else r"(?!)", re.IGNORECASE)


def is_word(name: str) -> bool:
    """Return whether `name` is a single word or a short number, which may mean something else.

    An address, a host name and a telephone number mean one thing only.
    """
    return bool(_ONE_WORD.fullmatch(name)) and not _LONG_NUMBER.fullmatch(name)


def likeness(name: str) -> str:
    """Return a pattern of SQL's LIKE that fits every text, and JSON text, which holds `name`.

    Only letters and digits of ASCII are asked for: of others, engines differ in what is the same
    letter in capitals, and JSON may have escaped them.
    """
    if phone_spellings(name):
        # Its digits may be divided anywhere, and are written before those of an extension.
        parts = re.findall("[0-9]", name.partition(" ")[0])
    else:
        parts = re.findall(r"[a-z0-9]+", name.lower())
    return "%".join(["", *parts, ""])


def words(name: str, shortest: int = 3) -> set[str]:
    """Return the words of `name` that are long enough to tell of someone."""
    return {word for word in re.findall(r"\w+", name) if len(word) >= shortest}


def redacted(names: NamePattern, value: object, room: int | None = None) -> object:
    """Return `value`, a text or what holds texts, with every name in it replaced by the mark.

    A text that would then need more than `room` characters is replaced whole.
    """
    if isinstance(value, str):
        found = names.sub(MARK, value)
        return MARK if room is not None and len(found) > max(room, len(value)) else found
    if isinstance(value, list):
        return [redacted(names, one, room) for one in value]
    if isinstance(value, dict):
        return {key: redacted(names, one, room) for key, one in value.items()}
    return value


def redacted_command(names: NamePattern, command: str) -> str:
    """Return a shell `command` with the names in its arguments replaced."""
    try:
        typed = shlex.split(command)
    except ValueError:
        return names.sub(MARK, command)
    kept = [
        word if position < 3 and _VERB.fullmatch(word) else names.sub(MARK, word)
        for position, word in enumerate(typed)
    ]
    return command if kept == typed else shlex.join(kept)


def without_arguments(command: str) -> str | None:
    """Return a command that writes texts about a person without them; None for another."""
    found = re.search(r"\b(customer|activity) (add|edit)\b", command)
    return f"crmctl {found[0]} {MARK}" if found else None
