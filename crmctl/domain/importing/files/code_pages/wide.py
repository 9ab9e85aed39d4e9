"""UTF-16 and UTF-32 that no byte order mark announces."""

import unicodedata
from collections import Counter

_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_WIDTHS = {"utf-32": 4, "utf-16": 2}
#: How much is looked at, in characters, and how much of it must be what texts are made of.
_ENOUGH, _MOST = 2000, 0.98
#: Below which part NUL bytes are few, and what damaged ASCII is made of.
_FEW, _TEXT = 0.3, frozenset(b"\0\t\r\n" + bytes(range(0x20, 0x7F)))
#: How many characters have the same higher byte: roughly, those of one script.
_BLOCK = 256


def find_wide(head: bytes) -> str | None:
    """Return in which of UTF-16 and UTF-32 `head`, which holds NUL bytes, is text, if in any.

    In the wrong one, the ends of lines are characters of a faraway script. ASCII with a few NUL
    bytes is damaged.
    """
    if head.count(0) < _FEW * len(head) and all(each in _TEXT for each in head):
        return None
    likely = {encoding: _likeness(head, encoding) for encoding in _WIDE}
    best = max(likely, key=lambda encoding: likely[encoding])
    return best if likely[best] > _MOST else None


def _likeness(head: bytes, encoding: str) -> float:
    """Return which part of `head` is ASCII or of the commonest script, as text in `encoding`."""
    width = _WIDTHS[encoding[:6]]
    whole = head[: min(len(head), width * _ENOUGH) // width * width]
    if len(whole) < 2 * width or (len(head) < width * _ENOUGH and len(head) % width):
        return 0.0
    text = whole.decode(encoding, "replace")
    blocks = Counter(_block(letter) for letter in text)
    ascii_part = blocks.pop(0, 0)
    # Of ASCII, a text has at least spaces, or what divides its cells and lines.
    if not ascii_part or blocks.pop(-1, 0):
        return 0.0
    scripts = sum(count for _, count in blocks.most_common(2))
    ideographs = sum(count for block, count in blocks.items() if 0x2E <= block <= 0xD7)
    return (ascii_part + max(scripts, ideographs)) / len(text)


def _block(letter: str) -> int:
    """Return which block of characters `letter` is in, -1 if no text has it."""
    if letter in "\t\r\n":
        return 0
    if letter == "\ufffd" or unicodedata.category(letter) in ("Cc", "Cn", "Co"):
        return -1
    return ord(letter) // _BLOCK if ord(letter) >= 0x80 else 0
