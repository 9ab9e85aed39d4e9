"""The readings of a sample of text in all code pages, the likeliest first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import add

from crmctl.domain.importing.files.code_pages.hints import foreign_cost, weigh
from crmctl.domain.importing.files.code_pages.ideographs import text_cost
from crmctl.domain.importing.files.code_pages.languages import alphabetic, ideographic, mixture
from crmctl.domain.importing.files.code_pages.pages import ABROAD, MULTIPLE, SINGLE, home, languages
from crmctl.domain.importing.files.code_pages.signs import alone_cost, parse_run

#: Bytes without a space or a sign that may divide words, with one that is not ASCII. A second byte
#: of Chinese, Japanese or Korean is none of these.
_RUN = re.compile(rb"[^\x00-\x2f\x3a-\x3f]*[\x80-\xff][^\x00-\x2f\x3a-\x3f]*")
#: How many different runs are looked at: in all pages, and in those that are left after that.
_FIRST, _ALL = 40, 500
#: How much worse than the best a page may be to be looked at again.
_LEFT = 40.0
_EVEN = 1.0


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A sample in one of the pages in which it reads like this.

    `cost` is the higher the less likely it is; that of two differs by the logarithm of how much
    likelier one is. It is `odd` where signs stand where they do not belong, or
    quotes alone.
    """

    page: str
    language: str
    cost: float
    runs: tuple[str, ...]
    odd: bool = False


def runs_of(sample: bytes) -> list[bytes]:
    """Return the different runs of `sample` that are not ASCII.

    Those with a byte that is in none before come first: together they have all that there are.
    """
    seen: set[int] = set()
    first: list[bytes] = []
    others: list[bytes] = []
    for run in dict.fromkeys(_RUN.findall(sample)):
        (others if seen.issuperset(run) else first).append(run)
        seen.update(run)
    return first + others


def readings(runs: Sequence[bytes], hints: Mapping[str, float]) -> list[Reading]:
    """Return the different readings of `runs`, the likeliest first.

    `hints` are how many words there are besides of each language, by its code.
    """
    pages: Sequence[str] = [*SINGLE, *MULTIPLE]
    for count in (_FIRST, _ALL):
        found = sorted(
            (_read(page, runs[:count], hints) for page in pages), key=lambda each: each.cost
        )
        if len(runs) <= count:
            break
        pages = [each.page for each in found if each.cost <= found[0].cost + _LEFT]
    distinct: dict[tuple[str, ...], Reading] = {}
    for each in found:
        distinct.setdefault(each.runs, each)
    return list(distinct.values())


def chance_reading(runs: Sequence[bytes]) -> Reading | None:
    """Return how `runs`, which are UTF-8, read in another encoding if they are no words in theirs.

    A character or two of Chinese, Japanese or Korean may be UTF-8 by chance, which are letters that
    make up no word then.
    """
    other = min((_read(page, runs, {}) for page in MULTIPLE), key=lambda each: each.cost)
    return other if other.cost < _cost_in_utf8(runs) else None


def gain_in_page(runs: Sequence[bytes]) -> float:
    """Return how much likelier `runs`, which are UTF-8, are in the best page of 256 characters."""
    found = (_read(page, runs, {}) for page in SINGLE)
    costs = [each.cost for each in found if not each.odd]
    return _cost_in_utf8(runs) - min(costs) if costs else 0.0


def _cost_in_utf8(runs: Sequence[bytes]) -> float:
    known = [*alphabetic().values()]
    parsed = [parse_run(run.decode()) for run in runs]
    words = [word for each in parsed for word in each.words]
    cost = mixture(words, known, [_EVEN / len(known)] * len(known))[0]
    return cost + sum(each.cost for each in parsed)


def _read(page: str, runs: Sequence[bytes], hints: Mapping[str, float]) -> Reading:
    texts = tuple(b"\n".join(runs).decode(page, "replace").split("\n"))
    if page in MULTIPLE:
        prior, code = MULTIPLE[page]
        characters = ideographic(code)
        cost = sum(text_cost(text, characters) for text in texts) + foreign_cost(hints, code)
        return Reading(page=page, language=characters.name, cost=prior + cost, runs=texts)
    parsed = [parse_run(text) for text in texts]
    words = [word for each in parsed for word in each.words]
    codes = languages(page)
    expected, foreign = weigh(hints, codes)
    known = [alphabetic()[code] for code in codes]
    cost, counts = mixture(words, known, expected, foreign)
    likeliest = max(zip(map(add, counts, expected), codes, strict=True))[1]
    alone = alone_cost(parsed)
    cost += SINGLE[page][0] + sum(each.cost for each in parsed) + alone
    cost += 0.0 if likeliest in home(page) else ABROAD
    odd = alone > 0 or any(each.odd for each in parsed)
    language = alphabetic()[likeliest].name
    return Reading(page=page, language=language, cost=cost, runs=texts, odd=odd)
