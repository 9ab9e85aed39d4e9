# ruff: noqa: RUF001 - signs and letters that look like others are what this is about.
"""Texts that were damaged before they came here: read in a wrong encoding, and saved again."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

from crmctl.domain.importing.files.tables import TableRow
from crmctl.domain.importing.findings import Certainty, Finding

#: In what UTF-8 is read by mistake; in those of the second line, words have such pairs of letters.
_LATIN = ("cp1252", "cp1250", "cp1254", "mac-roman", "cp437", "cp850")
_OTHERS = ("cp1251", "cp1253", "koi8-r")
_LOST = "\ufffd"
_TOKEN = re.compile(r"[^ \t\r\n]+")
# In words in capitals, a letter and an apostrophe before one or two last letters are just that.
_APOSTROPHE = re.compile(r"’\w{0,2}$")
#: What a text may have that is no letter of one of the scripts below.
_SIGNS = frozenset("“”‘’‚„–—…•€£¥°®™©«»¿¡ºª²³½§·№\xa0")
_LETTERS = (
    "A-Za-z\xc0-\u017fȘ-ț\u1e00-\u1eff", "Ά-ώ", "Ѐ-џҐґ", "א-ת", "ء-ي",
    "\u3005\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3",
)  # fmt: skip


class _Page(NamedTuple):
    """A page: its characters as bytes, and two of them that are the beginning of one of UTF-8."""

    codes: dict[str, int]
    pair: re.Pattern[str]


@cache
def _scripts() -> list[re.Pattern[str]]:
    """Return the patterns of a letter of each script: hardly any file needs them."""
    return [re.compile(f"[{letters}]") for letters in _LETTERS]


@cache
def _page(name: str) -> _Page:
    # Programs take bytes that are no character in a page for control characters.
    text = [bytes([byte]).decode(name, "ignore") or chr(byte) for byte in range(256)]
    first, following = ("".join(map(re.escape, each)) for each in (text[194:245], text[128:192]))
    codes = {each: code for code, each in enumerate(text)}
    return _Page(codes, re.compile(f"[{first}][{following}]"))


@cache
def _any_pair() -> re.Pattern[str]:
    """Return a pattern of two characters that may be one of UTF-8: most texts have none.

    It is the beginning of a character in one page and what follows in another that makes it wide.
    """
    pages = [list(_page(name).codes) for name in (*_LATIN, *_OTHERS)]
    first = "".join({each for page in pages for each in page[194:245]})
    following = "".join({each for page in pages for each in page[128:192]})
    return re.compile(f"[{re.escape(first)}][{re.escape(following)}]")


def repaired(text: str) -> str | None:
    """Return what `text` was before its UTF-8 was read in a code page; None where it was not."""
    if text.isascii() or not _any_pair().search(text):
        return None
    found = [_repaired_in(text, name) for name in (*_LATIN, *_OTHERS)]
    # What is read in the wrong page is made shorter by putting that right.
    best = min(found, key=len)
    return best if best != text else None


def _repaired_in(text: str, name: str) -> str:
    if not _page(name).pair.search(text):
        return text
    return _TOKEN.sub(lambda match: _restored(match[0], name) or match[0], text)


def _restored(token: str, name: str) -> str | None:
    """Return `token` as the UTF-8 that it is in a page, if it makes sense as such alone."""
    page = _page(name)
    if not page.pair.search(token):
        return None
    if len(page.pair.findall(token)) < 2 and (
        _APOSTROPHE.search(token) or (name in _OTHERS and not _scripts()[0].search(token))
    ):
        return None
    try:
        found = bytes([page.codes[each] for each in token]).decode()
    except (KeyError, UnicodeDecodeError):
        return None
    return found if found != token and (_makes_sense(found) or repaired(found)) else None


def _makes_sense(text: str) -> bool:
    """Return whether `text` has letters of one script, and signs that texts have."""
    others = [each for each in text if not each.isascii() and each not in _SIGNS]
    known = all(any(script.match(each) for script in _scripts()) for each in others)
    return known and sum(bool(script.search(text)) for script in _scripts()) <= 1


def is_damaged(text: str) -> bool:
    """Return whether letters of `text` were lost, or read in a wrong encoding."""
    return not text.isascii() and (_LOST in text or repaired(text) is not None)


def spoils(before: object, after: object) -> bool:
    """Return whether `after` is a damaged text in place of one that is whole."""
    if not isinstance(before, str) or not isinstance(after, str) or before.isascii():
        return False
    return (is_damaged(after) and not is_damaged(before)) or _without_letters(before, after)


def _without_letters(before: str, after: str) -> bool:
    """Return whether `after` is `before` with question marks in place of letters."""
    if len(before) != len(after) or before == after:
        return False
    differing = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    return all(new in f"?{_LOST}" and not old.isascii() for old, new in differing)


class DamagedTexts:
    """Counts the damaged cells of a file, and remembers the first of each kind."""

    def __init__(self) -> None:
        self._misread = self._lost = 0
        self._example = ""
        self._line = 0

    def look(self, rows: Sequence[TableRow]) -> None:
        """Look at the cells of `rows`."""
        # All at once: most files have no other letters.
        if "".join(chain.from_iterable(map(attrgetter("cells"), rows))).isascii():
            return
        for row in rows:
            if not "".join(row.cells).isascii():
                for cell in row.cells:
                    if not cell.isascii():
                        self._look_at(cell, row.line)

    def _look_at(self, cell: str, line: int) -> None:
        if _LOST in cell:
            self._lost += 1
            self._line = self._line or line
        elif was := repaired(cell):
            self._misread += 1
            self._example = self._example or f"{cell[:40]} for {was[:40]} on line {line}"

    @property
    def findings(self) -> Iterator[Finding]:
        """What was found: nobody here knows what the file should say."""
        if self._misread:
            how = "UTF-8 that was read in another encoding"
            yield Finding(
                certainty=Certainty.UNKNOWN,
                text=f"cells are {how}, such as {self._example}",
                one=f"cell is {how}: {self._example}",
                count=self._misread,
            )
        if self._lost:
            yield Finding(
                certainty=Certainty.UNKNOWN,
                text=f"cells have {_LOST} where letters were lost, the first on line {self._line}",
                one=f"cell has {_LOST} where letters were lost, on line {self._line}",
                count=self._lost,
            )
