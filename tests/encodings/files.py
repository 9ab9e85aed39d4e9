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


def files(language: Language, page: str, count: int) -> Iterator[EncodedFile]:
    """Yield `count` files of `language` in `page`, each with a letter that is not ASCII."""
    for number in range(count):
        chance = random.Random(f"{language.name} {page} {number}")
        text = _text(chance, language, page)
        yield EncodedFile(language=language.name, page=page, number=number, text=text)


def _text(chance: random.Random, language: Language, page: str) -> str:
    while True:
        text = _draft(chance, language, page)
        if not text.isascii():
            return text


def _draft(chance: random.Random, language: Language, page: str) -> str:
    divider = chance.choice(",;")
    columns = chance.choice((2, 3, 4))
    capitals = chance.randrange(100) < _CAPITALS
    lines = [divider.join(("Name", "City", "Note", "Email")[:columns])]
    for number in range(chance.choice(_ROWS)):
        cells = (*_words(chance, language, page), f"a{number}@mail.example")[:columns]
        lines.append(divider.join(map(_capitals, cells) if capitals else cells))
    return chance.choice(("\n", "\r\n")).join([*lines, ""])


def _words(chance: random.Random, language: Language, page: str) -> tuple[str, str, str]:
    given, family, places, notes = _known(language, page)
    return (
        f"{chance.choice(given)} {chance.choice(family)}",
        chance.choice(places),
        _note(chance, notes),
    )


def _note(chance: random.Random, notes: tuple[str, ...]) -> str:
    return chance.choice(notes) if chance.random() < 0.6 else ""


@cache
def _known(language: Language, page: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of `language` that `page` can write."""
    lists = (language.given.split(), language.family.split(), language.places.split())
    words = (*lists, language.notes.split("|"))
    return tuple(tuple(word for word in each if _writes(page, word)) for each in words)


def _writes(page: str, word: str) -> bool:
    try:
        (word + _capitals(word)).encode(page)
    except UnicodeEncodeError:
        return False
    return True


def _capitals(word: str) -> str:
    if any(letter in word for letter in "ığşİŞĞ"):
        word = word.replace("i", "İ")
    return word if "@" in word else word.upper()
