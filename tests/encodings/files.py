"""Makes files of customers in the code pages of many languages, the same for the same seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.encodings.languages import Language

#: Rows of a file; most files that are imported by hand are short.
_ROWS = (3, 3, 5, 8, 15, 40, 120, 300)
#: How many of a hundred files are in capitals throughout, as old systems write them.
_CAPITALS = 12
#: In which part of a sparse file there may be letters that are not ASCII, and of any the notes.
_PARTS, _NOTED = (0.03, 0.1, 0.3), 0.6

_Lists = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class EncodedFile:
    """A file of customers: its text, and the language and the code page that it is in."""

    language: str
    page: str
    number: int
    text: str

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        return self.text.encode(self.page)

    def __str__(self) -> str:
        return f"{self.language} {self.page} {self.number}"


def files(
    language: Language, page: str, count: int, *, sparse: bool = False
) -> Iterator[EncodedFile]:
    """Yield `count` files of `language` in `page`, each with a letter that is not ASCII.

    Those that are `sparse` have few of these, and some only a column of surnames.
    """
    for number in range(count):
        chance = random.Random(f"{'sparse ' * sparse}{language.name} {page} {number}")
        text = _text(chance, language, page, sparse=sparse)
        yield EncodedFile(language=language.name, page=page, number=number, text=text)


def _text(chance: random.Random, language: Language, page: str, *, sparse: bool) -> str:
    while True:
        part = chance.choice(_PARTS) if sparse else 1.0
        text = _draft(chance, _known(language, page), language, part)
        if not text.isascii():
            return text


def _draft(chance: random.Random, known: _Lists, language: Language, part: float) -> str:
    divider = chance.choice(",;")
    columns = chance.choice((2, 3, 4) if part == 1 else (1, 2, 3, 4))
    capitals = chance.randrange(100) < _CAPITALS
    lines = [divider.join(("Name", "City", "Note", "Email")[:columns])]
    for number in range(chance.choice(_ROWS)):
        words = _words(chance, known, part, columns)
        cells = (*words, f"a{number}@mail.example")[:columns]
        lines.append(
            divider.join(_capitals(each, language) if capitals else each for each in cells)
        )
    return chance.choice(("\n", "\r\n")).join([*lines, ""])


def _words(chance: random.Random, known: _Lists, part: float, columns: int) -> tuple[str, str, str]:
    given, family, places, notes = (_some(chance, each, part) for each in known)
    name = chance.choice(family)
    return (
        name if columns == 1 else f"{chance.choice(given)} {name}",
        chance.choice(places),
        chance.choice(notes) if chance.random() < _NOTED else "",
    )


def _some(chance: random.Random, words: tuple[str, ...], part: float) -> tuple[str, ...]:
    """Return `words` for a part of the rows, and those that are ASCII for the others."""
    plain = tuple(word for word in words if word.isascii())
    return words if part == 1 or chance.random() < part else plain or ("-",)


@cache
def _known(language: Language, page: str) -> _Lists:
    """Return the words of `language` that `page` can write."""
    lists = (language.given.split(), language.family.split(), language.places.split())
    words = (*lists, language.notes.split("|"))
    return tuple(tuple(word for word in each if _writes(page, word, language)) for each in words)


def _writes(page: str, word: str, language: Language) -> bool:
    try:
        (word + _capitals(word, language)).encode(page)
    except UnicodeEncodeError:
        return False
    return True


def _capitals(word: str, language: Language) -> str:
    if language.name == "turkish":
        word = word.replace("i", "İ")
    return word if "@" in word else word.upper()
