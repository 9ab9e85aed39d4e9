# ruff: noqa: RUF001 - quotes of all kinds are signs, too.
"""What is hardly ever seen in a text: signs within words, and letters where they cannot stand."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from crmctl.domain.importing.files.code_pages.languages import is_letter, script

#: What a sign costs where it belongs, where it is seen at times, and where it never stands.
_USUAL, _SEEN, _UNUSUAL = 4.0, 8.0, 12.0
#: What no text has: control characters, and bytes that are no character in the page.
_IMPOSSIBLE = 25.0
_MIXED, _CAPITAL_INSIDE, _SMALL_AFTER_CAPITALS = 12.0, 7.0, 4.0
_ASCII, _BESIDE_DIGIT = 3.0, 5.0
#: Signs in ASCII that stand beside no letter, but are the second byte of many characters.
_BESIDE_NONE = re.compile(r"(?<=[^\x00-\x7f])[\\^\[\]{}~]|[\\^\[\]{}~](?=[^\x00-\x7f])")

# What stands before and after a sign: a border (b), a digit (d), a sign (s), up to two letters (i)
# or more (l). After a bar are the places in which it is seen at times.
_PLACES = {
    "’": "il ii li ib lb bd sl si ls is sb db ds bs | ll bl bi",
    "‘": "bl bi bb bs bd | sl lb ib",
    "“": "bl bi bd bb bs sb sl si ss lb ib db",
    "”": "lb ib db bb sb bs ss ls is | bl bi bd",
    "„": "bl bi bd bb bs sl si",
    "«": "bl bi bd bb bs sl si | lb",
    "»": "lb ib db bb sb ls is | bl bi",
    "‚": "bl bi bd",
    "‹": "bl bi bb",
    "›": "lb ib bb",
    "–—": "bb dd bd db | ll il li ii lb bl ib bi",
    "…": "lb ib bb db | bl bi",
    "•·": "bb bl bi bd | ll il li",
    "€": "bd db bb sd ds ib | lb bl",
    "£¥": "bd db bb sd ds | ib",
    "¢": "db bb",
    "°": "db di ib id bb | dl bi",
    "ºª": "db ib | lb di dl",
    "²³": "ib | lb db",
    "½¼¾": "db bb",
    "®™": "lb ib db | bb sb",
    "©": "bb bd | bl lb",
    "¿¡": "bl bi bd bs sl si bb",
    "×÷±": "bb dd bd db di",
    "µ": "bi di",
    "§¶": "bb bd",
    "№": "bb bd | bl",
    "´`": "il ii | ll li lb ib bl",
    "\xa0": "bb bd db dd di id ib bi is si sb bs | bl dl lb ld ll il li ii ds sd ls sl ss",
    "\xad": "ll",
    "‰": "db bb",
    "†‡": "| lb ib bb bl bi",
}
_COSTS = {
    (sign, place): cost
    for signs, places in _PLACES.items()
    for cost, named in zip((_USUAL, _SEEN), places.partition("|")[::2], strict=True)
    for sign in signs
    for place in named.split()
}
#: Quotes, and what it costs that one is opened or closed alone.
_QUOTES, _ALONE = "‘“”„«»‚‹›", 3.0
_MOST_ALONE = 10


class Run(NamedTuple):
    """Characters without a space: its words, and what all that is no word costs.

    `quotes` are those that it opens, less those that it closes. It is `odd` where a sign does not
    belong where it stands.
    """

    words: tuple[str, ...]
    cost: float
    quotes: int = 0
    odd: bool = False


@lru_cache(10_000)
def parse_run(text: str) -> Run:
    """Return the words of `text`, which has no space, and what its signs cost."""
    kinds = "".join(map(_kind, text))
    words = tuple(_words(text, kinds))
    cost = _ASCII * kinds.count("d") + sum(map(_shape_cost, words)) + _beside_digits(text, kinds)
    cost += _ASCII * len(_BESIDE_NONE.findall(text))
    if not kinds.count("s") and not kinds.count("x"):
        return Run(words, cost)
    places = [(each, _place(text, kinds, each)) for each, kind in enumerate(kinds) if kind in "sx"]
    signs = [_sign_cost(text[each], kinds[each], place) for each, place in places]
    quotes = [place for each, place in places if text[each] in _QUOTES]
    opened = sum((place[0] == "b") - (place[1] == "b") for place in quotes)
    return Run(words, cost + sum(signs), opened, max(signs) > _USUAL)


def _beside_digits(text: str, kinds: str) -> float:
    """Return what letters cost that are not ASCII and stand beside a digit."""
    pairs = zip(pairwise(text), pairwise(kinds), strict=True)
    beside = [pair for pair, two in pairs if set(two) == {"d", "l"}]
    return _BESIDE_DIGIT * sum(not (one + other).isascii() for one, other in beside)


def alone_cost(runs: Iterable[Run]) -> float:
    """Return what the quotes cost that are opened and not closed, or the reverse."""
    return _ALONE * min(_MOST_ALONE, abs(sum(run.quotes for run in runs)))


def _kind(character: str) -> str:
    if character.isascii():
        return "l" if character.isalpha() else "d" if character.isdigit() else "b"
    if is_letter(character):
        return "l"
    return "x" if unicodedata.category(character) in ("Cc", "Cn", "Co") else "s"


def _sign_cost(sign: str, kind: str, place: str) -> float:
    if kind == "x" or sign == "\ufffd":
        return _IMPOSSIBLE
    return _COSTS.get((sign, place), _UNUSUAL)


def _place(text: str, kinds: str, index: int) -> str:
    """Return what stands before and after the sign at `index`."""
    before, after = kinds[:index], kinds[index + 1 :]
    return _beside(text[:index][::-1], before[::-1]) + _beside(text[index + 1 :], after)


def _beside(text: str, kinds: str) -> str:
    if not text or text[0] == "\xa0":
        return "b"
    if kinds[0] == "l":
        return "i" if len(kinds) - len(kinds.lstrip("l")) <= 2 else "l"
    return kinds[0].replace("x", "s")


def _words(text: str, kinds: str) -> Iterator[str]:
    start = 0
    for place in range(len(text) + 1):
        if place == len(text) or kinds[place] != "l":
            if start < place:
                yield text[start:place]
            start = place + 1


def _shape_cost(word: str) -> float:
    """Return what capitals and scripts cost where they do not go together in a word."""
    cost = 0.0
    for before, here in pairwise(word):
        if before.isascii() and here.isascii():
            continue
        if script(before) != script(here):
            cost += _MIXED
        if before.islower() and here.isupper():
            cost += _CAPITAL_INSIDE
    for (first, before), here in zip(pairwise(word), word[2:], strict=False):
        if first.isupper() and before.isupper() and here.islower():
            cost += 0.0 if (first + before + here).isascii() else _SMALL_AFTER_CAPITALS
    return cost
