"""The order of texts as people read them: case and accents do not count, on any engine alike."""

import re
from functools import cache

#: Letters that no decomposition takes apart, and what they are put in order as.
LETTERS = dict(zip("øØłŁđĐðÐħĦŧŦ\u0131", "oollddddhhtti", strict=True))
#: Those that are put in order as two letters.
PAIRS = {"ß": "ss", "ẞ": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th", "Þ": "th"}
#: The marks that decomposition sets apart (Combining Diacritical Marks).
MARKS = "[\u0300-\u036f]"

_ALONE = str.maketrans({**LETTERS, **PAIRS})


def collation_key(text: str) -> str:
    """Return what `text` is put in order by, by code point; texts that are equal in it follow."""
    if text.isascii():
        return text.lower()
    import unicodedata

    return _marks().sub("", unicodedata.normalize("NFKD", text.translate(_ALONE))).lower()


@cache
def _marks() -> re.Pattern[str]:
    return re.compile(MARKS)
