"""How likely words are in the languages that files are written in, by pairs of their letters.

`letters.json` has the costs of each pair of letters, for each language; the costs are negative
logarithms of probabilities. `tests/encodings/derive.py` makes it, and says what from.
"""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log

#: What one step of a cost in the file stands for.
UNIT = 0.2
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES = {digit: value for value, digit in enumerate(DIGITS)}
# The first two letters of a language are the border of a word, and any letter it has not.
_BORDER, _FOREIGN = 0, 1
#: What a letter costs that the language has not: it is one of many, of its own script or not.
_STRANGE, _OF_ANOTHER_SCRIPT = 5.0, 14.0

_SCRIPTS = {
    "latin": ((0x41, 0x24F), (0x1E00, 0x1EFF)),
    "greek": ((0x370, 0x3FF),),
    "cyrillic": ((0x400, 0x52F),),
    "hebrew": ((0x590, 0x5FF),),
    "arabic": ((0x600, 0x6FF),),
    "thai": ((0xE00, 0xE7F),),
}


@cache
def script(letter: str) -> str:
    """Return the script of `letter`, an empty text where it is none of those known here."""
    code = ord(letter)
    return next(
        (name for name, spans in _SCRIPTS.items() for low, high in spans if low <= code <= high), ""
    )


def folded(word: str) -> str:
    """Return `word` in small letters, as many as it has."""
    return word.lower().replace("i\u0307", "İ")


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language that is written in letters: what each letter costs after each other one."""

    name: str
    core: str
    script: str
    index: dict[str, int]
    costs: Sequence[Sequence[int]]

    def cost(self, word: str) -> float:
        """Return what `word`, in small letters, costs as one of this language."""
        total, before, strange = 0, _BORDER, 0.0
        for letter in word:
            here = self.index.get(letter, _FOREIGN)
            if here == _FOREIGN:
                strange += _STRANGE if script(letter) == self.script else _OF_ANOTHER_SCRIPT
            total += self.costs[before][here]
            before = here
        return (total + self.costs[before][_BORDER]) * UNIT + strange


@dataclass(frozen=True, kw_only=True)
class Ideographs:
    """A language that is written in characters: what its commonest cost."""

    name: str
    costs: dict[str, int]


@cache
def _data() -> dict[str, dict[str, dict[str, object]]]:
    text = files(__package__).joinpath("letters.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, dict[str, object]]] = json.loads(text)
    return found


@cache
def alphabetic() -> dict[str, Language]:
    """Return the languages that are written in letters, by their codes."""
    return {code: _language(entry) for code, entry in _data()["alphabetic"].items()}


def _language(entry: dict[str, object]) -> Language:
    letters, rows = str(entry["letters"]), entry["costs"]
    assert isinstance(rows, list)
    return Language(
        name=str(entry["name"]),
        core=str(entry["core"]),
        script=script(str(entry["core"])[0]),
        index={letter: place for place, letter in enumerate(letters, 2)},
        costs=[[_VALUES[digit] for digit in row] for row in rows],
    )


@cache
def ideographic(code: str) -> Ideographs:
    """Return the language `code`, one that is written in characters."""
    entry = _data()["ideographic"][code]
    bands = entry["costs"]
    assert isinstance(bands, dict)
    costs = {each: int(cost) for cost, band in bands.items() for each in band}
    return Ideographs(name=str(entry["name"]), costs=costs)


def mixture(
    words: Iterable[str],
    languages: Sequence[Language],
    expected: Sequence[float],
    foreign: float = 0.0,
) -> tuple[float, list[float]]:
    """Return what `words` cost as a text in some of `languages`, and how many are in each of them.

    A text has words of other languages among those of its own, above all names: each word is as
    likely in a language as there were words of it before. `expected` is how
    many words of each language are known to be there besides, and `foreign` how many of others.
    """
    counts = list(expected)
    total = 0.0
    for word in words:
        costs = [language.cost(folded(word)) for language in languages]
        least, whole = min(costs), sum(counts)
        parts = [count * exp(least - cost) for count, cost in zip(counts, costs, strict=True)]
        likely = sum(parts)
        total += least - log(likely / (whole + foreign))
        counts = [count + part / likely for count, part in zip(counts, parts, strict=True)]
    return total, [count - before for count, before in zip(counts, expected, strict=True)]


def is_letter(character: str) -> bool:
    """Return whether `character` is part of a word; ª, º and µ are signs."""
    return unicodedata.category(character)[0] in "LM" and character not in "ªºµ"
