"""Taking names out of texts."""

import re
import shlex
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from crmctl.domain.contacts import phone_digits, phone_spellings
from crmctl.domain.duplicates.names import LEGAL_FORMS
from crmctl.domain.text import letters_seen

#: What stands in a text for what was taken out.
MARK = "[erased]"
# The words of a command itself, such as "crmctl customer edit", are no names.
_VERB = re.compile(r"[a-z]+")
# With what joins the parts of a word, and a full stop: "Anne-Marie", "O'Hara", "Inc.".
_ONE_WORD = re.compile(r"[\w'’&-]+\.?")
_LONG_NUMBER = re.compile(r"\d{6,}")


@dataclass(frozen=True)
class NamePattern:
    """What finds names in texts, as they are written and as they are seen."""

    expression: re.Pattern[str]

    def subn(self, mark: str, text: str) -> tuple[str, int]:
        """Return `text` with `mark` in place of each name, and how many there were."""
        found, count = self.expression.subn(mark, text)
        if found.isascii():
            return found, count
        kept, at = [], 0
        for start, end in self._disguised(found):
            kept += [found[at:start], mark]
            at, count = end, count + 1
        return "".join([*kept, found[at:]]), count

    def sub(self, mark: str, text: str) -> str:
        """Return `text` with `mark` in place of each name."""
        return self.subn(mark, text)[0]

    def search(self, text: str) -> bool:
        """Return whether `text` holds a name."""
        return bool(self.subn("", text)[1])

    def _disguised(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where names are in `text` that show only in what is seen of it."""
        letters = letters_seen(text)
        shown = "".join(letters)
        if shown == text:
            return
        ends = [*accumulate(map(len, letters))]
        for match in self.expression.finditer(shown):
            yield bisect_right(ends, match.start()), bisect_left(ends, match.end()) + 1


def pattern(names: Iterable[str]) -> NamePattern:
    """Return what finds `names` as whole words in any case, the longest first.

    A telephone number is found however it is written, and a name of several words as in the name
    of a file, or turned round with a comma and in capitals: `Quackenbush, Zebulon`. Full-width
    letters are letters, and what nobody sees divides none.
    """
    written = {name for name in names if name.strip()}
    written |= {"".join(letters_seen(name)) for name in written if not name.isascii()} - {""}
    ordered = sorted(written, key=lambda name: (-len(name), name))
    anyone = "|".join(spelling for name in ordered for spelling in _spellings(name))
    found = rf"(?<![^\W_])(?:{anyone})(?![^\W_])" if ordered else r"(?!)"
    return NamePattern(re.compile(found, re.IGNORECASE))


def _spellings(name: str) -> list[str]:
    """Return the regular expressions of the ways to write `name` that mean nothing else."""
    if phone := phone_spellings(name):
        return [phone]
    parts = name.split()
    if len(parts) < 2:
        return [_letters(name.strip())]
    straight = r"[\s_.-]+".join(map(_letters, parts))
    turned = [
        rf"{_capitals(behind)},\s*{_capitals(before)}" for before, behind in _divisions(parts)
    ]
    return (
        [straight, *turned] if "," not in name else [straight, *map(_letters, turned_round(name))]
    )


def _letters(text: str) -> str:
    """Return the regular expression of `text`, whose accents may be characters of their own."""
    composed = unicodedata.normalize("NFC", text)
    pairs = ((one, unicodedata.normalize("NFD", one)) for one in composed)
    return "".join(
        re.escape(one) if one == apart else f"(?:{re.escape(one)}|{re.escape(apart)})"
        for one, apart in pairs
    )


def _capitals(parts: list[str]) -> str:
    """Return the regular expression of words that are written as names are: `de la Cruz`."""
    lower = " ".join(parts).islower()
    written = (
        {part.upper(), part[:1].upper() + part[1:].lower(), part.capitalize() if lower else part}
        for part in parts
    )
    return r"\s+".join(f"(?-i:{'|'.join(map(_letters, sorted(forms)))})" for forms in written)


def _divisions(parts: list[str]) -> list[tuple[list[str], list[str]]]:
    return [(parts[:end], parts[end:]) for end in range(1, len(parts))]


def turned_round(name: str) -> list[str]:
    """Return `name` with its last words first, in each way to divide it: `Quackenbush Zebulon`."""
    if phone_spellings(name):
        return []
    parts = name.replace(",", " ").split()
    return [" ".join([*behind, *before]) for before, behind in _divisions(parts)]


def joined(name: str) -> list[str]:
    """Return `name` of several words as one word, in both directions."""
    return ["".join(one.split()) for one in (name, *turned_round(name)) if " " in name.strip()]


def telling_words(name: str) -> set[str]:
    """Return the words of `name` that may mean the person alone: no numbers, no legal forms."""
    found = {word for word in words(name) if word.isalpha() and word.casefold() not in LEGAL_FORMS}
    return found if len(name.split()) > 1 else set()


def is_word(name: str) -> bool:
    """Return whether `name` is a single word or a short number, which may mean something else.

    An address, a host name and a telephone number mean one thing only.
    """
    number = _LONG_NUMBER.fullmatch(name) or phone_spellings(name)
    return bool(_ONE_WORD.fullmatch(name)) and not number


def likeness(name: str) -> str:
    """Return a pattern of SQL's LIKE that fits every text, and JSON text, which holds `name`.

    Only letters and digits of ASCII are asked for: of others, engines differ in what is the same
    letter in capitals, and JSON may have escaped them.
    """
    # The digits of a telephone number may be divided anywhere.
    parts = phone_digits(name) or re.findall(r"[a-z0-9]+", name.lower())
    return "%".join(["", *parts, ""])


def fewest(patterns: Iterable[str]) -> list[str]:
    """Return those of the `patterns` of likeness that fit all that any of them fits."""
    found: list[str] = []
    for one in sorted(patterns, key=lambda one: (len(one), one)):
        if not any(shorter.strip("%") in one for shorter in found):
            found.append(one)
    return found


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
