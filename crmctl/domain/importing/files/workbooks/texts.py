"""The texts that the cells of a workbook share: as many as there are, in little memory."""

import re
import tempfile
import weakref
from array import array
from collections.abc import Iterator
from typing import BinaryIO, cast
from xml.etree.ElementTree import Element

from crmctl.domain.importing.files.workbooks.parts import local
from crmctl.errors import UsageError

#: How many letters of texts are held in memory, about; a text takes some bytes besides.
_LETTERS = 32 << 20
_TEXT = 64
LONGEST_CELL = 1_000_000
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class SharedTexts:
    """Texts by their number: the first in memory, and the others in a file without a name."""

    def __init__(self) -> None:
        self._held: list[str] = []
        self._room = _LETTERS
        self._ends = array("Q")
        self._file: BinaryIO | None = None

    def append(self, text: str) -> None:
        """Add a text, whose number is that of those before it."""
        self._room -= len(text) + _TEXT
        if self._room > 0:
            self._held.append(text)
            return
        self._room = 0
        if self._file is None:
            self._file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115
            weakref.finalize(self, self._file.close)
        written = text.encode("utf-8", "surrogatepass")
        self._file.write(written)
        self._ends.append((self._ends[-1] if self._ends else 0) + len(written))

    def __getitem__(self, number: int) -> str:
        """Return a text; raises IndexError where there is none of that number."""
        if number < 0:
            raise IndexError(number)
        if number < len(self._held):
            return self._held[number]
        place = number - len(self._held)
        start, end = (self._ends[place - 1] if place else 0), self._ends[place]
        assert self._file is not None
        self._file.seek(start)
        return self._file.read(end - start).decode("utf-8", "surrogatepass")


def text_of(element: Element | None) -> str:
    """Return the text of an element: all of it, in however many formats, but not how it is said."""
    if element is None:
        return ""
    pieces = list(_pieces(element))
    text = pieces[0] if len(pieces) == 1 else "".join(pieces)
    if len(text) > LONGEST_CELL:
        raise UsageError(f"a cell is longer than {LONGEST_CELL:,} characters")
    return unescaped(text)


def _pieces(element: Element) -> Iterator[str]:
    for child in element:
        name = local(child)
        if name == "t":
            yield child.text or ""
        elif name == "r":
            yield from _pieces(child)


def unescaped(text: str) -> str:
    """Return a text with the characters that XML cannot hold, but for NUL and surrogates."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: _character(int(match[1], 16)) or match[0], text)


def _character(code: int) -> str:
    return "" if code == 0 or 0xD800 <= code <= 0xDFFF else chr(code)
