"""Text as it is compared, and text made safe to show: nothing in it is interpreted."""

import re
from functools import cache, lru_cache

# C0 and C1 controls, DEL, line and paragraph separators, and the marks that turn text around:
# a terminal would act on them instead of showing them. Lone surrogates cannot be written at all.
_UNSAFE_IN_JSON = "[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
_UNSAFE = f"[\x00-\x1f]|{_UNSAFE_IN_JSON}"
# What nobody sees: marks of format and direction, joiners, soft hyphens, tags, fillers.
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
#: A pattern of it, which PostgreSQL reads as Python does.
UNSEEN = f"[{_UNSEEN}]"
# Of it, what could make one text look like another. Emoji are joined, and flags of regions written,
# by some of these; a joiner between Latin letters says nothing.
_MISLEADING = (
    "(?P<flag>\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)"
    "|[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2060-\u2065\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
    "|(?<=[ -\u024f])[\u200c\u200d]|[\u200c\u200d](?=[ -\u024f]|\\Z)"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return `pattern` compiled, when it is first needed: most texts and commands need none."""
    return re.compile(pattern)


def folded(text: str) -> str:
    """Return `text` as names are compared: without regard to case and to what nobody sees.

    White space is one space, and of characters that look alike by Unicode (NFKC), one stands for
    all. A text of which nothing is seen is compared as it is.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    return _folded_letters(text)


@lru_cache(4096)
def _folded_letters(text: str) -> str:
    import unicodedata

    seen = compiled(UNSEEN).sub("", unicodedata.normalize("NFKC", text))
    # Engines make of these what they like: a sigma that ends a word, a capital I with its dot.
    small = seen.replace("\u0130", "i").lower().replace("\u03c2", "\u03c3")
    return " ".join(small.split()) or text


def letters_seen(text: str) -> list[str]:
    """Return what is seen of each character of `text` as names are compared, in either case.

    Nothing is seen of some, and several letters of others.
    """
    return [_letter_seen(each) for each in text]


@lru_cache(4096)
def _letter_seen(letter: str) -> str:
    import unicodedata

    if is_unseen(letter):
        return ""
    found = unicodedata.normalize("NFKC", letter)
    # A sign of several letters, such as that of a trade mark, ends a word.
    return found if len(found) == 1 or letter.isalnum() else letter


def is_unseen(text: str) -> bool:
    """Return whether nobody sees anything of `text`."""
    return not text or (not text.isascii() and not compiled(UNSEEN).sub("", text).strip())


def without_accents(text: str) -> str:
    """Return `text` without the accents of its letters."""
    if text.isascii():
        return text
    import unicodedata

    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def safe(text: object) -> str:
    """Return `text` with what would turn or mislead a reader written out, such as `\\x1b`."""
    shown = str(text)
    if shown.isascii():
        if shown.isprintable():
            return shown
    else:
        shown = compiled(_MISLEADING).sub(lambda match: match["flag"] or _written(match[0]), shown)
    return compiled(_UNSAFE).sub(lambda match: _written(match[0]), shown)


def safe_json(text: str) -> str:
    """Return JSON `text` with the unsafe characters that JSON leaves bare as its own escapes."""
    # JSON itself escapes what is below a space in texts; between them a new line is layout.
    return compiled(_UNSAFE_IN_JSON).sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _written(character: str) -> str:
    code = ord(character)
    long = f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 256 else long)
