"""Which customers are compared: those with something in common, never every two.

An e-mail, a phone number, a domain, and some keys of a name each make a block. Names that differ
by a slip share a key, because the slip is at one place: the name's start, its end, its consonants
and its rarest word are all keys. What a block brings up by its name alone is looked at closely only
if the names are alike.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from crmctl.domain.duplicates.contacts import Contact, phone_key
from crmctl.domain.duplicates.scores import least_likeness, most_bearers

#: Customers in a block; of more, only those that have more in common are compared.
LARGEST = 200
#: Letters at the start and at the end of a name that make a block. One slip leaves the one or the
#: other as it is in a name of twice as many; of a short name, fewer are taken as well.
_ENDS, _SHORT_ENDS = 5, 4
#: Letters of the name by which a block that is too large is divided, again and again.
_DIVISIONS = (3, 6, 10, 1000)


@dataclass(kw_only=True)
class Blocks:
    """Customers by their index in a list, in blocks: of one address, one domain, or alike names.

    `common` are names that too many customers have to compare these by it alone.
    """

    sure: list[list[int]] = field(default_factory=list)
    hosted: list[list[int]] = field(default_factory=list)
    named: list[list[int]] = field(default_factory=list)
    common: Counter[str] = field(default_factory=Counter)


def build(contacts: Sequence[Contact], bearers: Counter[str]) -> Blocks:
    """Return the blocks of `contacts`; `bearers` counts the customers of each name."""
    found = Blocks()
    for keys in (_emails, _phones):
        for block in _gather(contacts, keys):
            found.sure += _divided(contacts, block)
    common = Counter(word for one in contacts for word in set(one.name.words))
    name_keys = (_names, _starts, _ends, _consonants, lambda one: _rarest(one, common))
    for block in _gather(contacts, lambda one: one.hosts):
        found.hosted += _divided(contacts, block)
    for keys in name_keys:
        for block in _gather(contacts, keys):
            found.named += _of_names(contacts, block)
    found.common = Counter({name: n for name, n in bearers.items() if name and n > LARGEST})
    return found


def pairs(
    contacts: Sequence[Contact], blocks: Blocks, bearers: Counter[str], least: float
) -> Iterator[tuple[int, int]]:
    """Yield the indexes of every two customers that may be one with `least` confidence, once."""
    sure, hosted, named = (
        _neighbours(contacts, made) for made in (blocks.sure, blocks.hosted, blocks.named)
    )
    at_host = least_likeness(least, at_host=True)
    by_name = least_likeness(least, at_host=False)
    most = most_bearers(least)
    for index, contact in enumerate(contacts):
        found = sure(index)
        found.update(_alike(contacts, index, hosted(index) - found, at_host))
        for other in _alike(contacts, index, named(index) - found, by_name):
            # As many as have this name cannot be told apart by it.
            if contacts[other].ordered != contact.ordered or bearers[contact.ordered] <= most:
                found.add(other)
        yield from ((index, other) for other in sorted(found))


def _alike(contacts: Sequence[Contact], index: int, among: set[int], likeness: float) -> list[int]:
    """Return those of `among` whose names are as alike as `likeness`, or spelled the same."""
    from rapidfuzz.fuzz import ratio
    from rapidfuzz.process import extract

    if not among:
        return []
    others = list(among)
    choices = [contacts[other].ordered for other in others]
    name = contacts[index].ordered
    alike = extract(name, choices, scorer=ratio, score_cutoff=likeness, limit=None)
    spelled = contacts[index].spelled
    same = [other for other in others if contacts[other].spelled == spelled]
    return list(dict.fromkeys([*(others[at] for _, _, at in alike), *same]))


def _neighbours(
    contacts: Sequence[Contact], blocks: Sequence[list[int]]
) -> Callable[[int], set[int]]:
    """Return what finds the customers that stand behind one in a block."""
    found: list[list[int]] = [[] for _ in contacts]
    for number, block in enumerate(blocks):
        for index in block:
            found[index].append(number)
    return lambda index: {
        other for number in found[index] for other in blocks[number] if other > index
    }


def _gather(
    contacts: Sequence[Contact], keys: Callable[[Contact], Iterable[str]]
) -> Iterator[list[int]]:
    """Yield the indexes of the customers that share a key, key by key."""
    found: dict[str, list[int]] = {}
    for index, contact in enumerate(contacts):
        for key in keys(contact):
            if key:
                found.setdefault(key, []).append(index)
    yield from (block for block in found.values() if len(block) > 1)


def _divided(contacts: Sequence[Contact], block: list[int], step: int = 0) -> Iterator[list[int]]:
    """Yield `block`, or where it is too large, its parts of those with alike starts of names.

    Of too many that are alike to the last letter, each is compared with the first.
    """
    if len(block) <= LARGEST:
        yield block
    elif step == len(_DIVISIONS):
        yield from ([block[0], other] for other in block[1:])
    else:
        for part in _parts(contacts, block, _DIVISIONS[step]):
            yield from _divided(contacts, part, step + 1)


def _of_names(contacts: Sequence[Contact], block: list[int], step: int = 0) -> Iterator[list[int]]:
    """Yield `block` or its parts, as _divided does, without names that too many bear."""
    if len(block) <= LARGEST:
        yield block
    elif step < len(_DIVISIONS):
        for part in _parts(contacts, block, _DIVISIONS[step]):
            yield from _of_names(contacts, part, step + 1)


def _parts(contacts: Sequence[Contact], block: list[int], letters: int) -> Iterator[list[int]]:
    found: dict[str, list[int]] = {}
    for index in block:
        found.setdefault(contacts[index].ordered[:letters], []).append(index)
    yield from (part for part in found.values() if len(part) > 1)


def _emails(one: Contact) -> Iterable[str]:
    return (one.email,)


def _phones(one: Contact) -> Iterable[str]:
    return (phone_key(one.phone),)


def _names(one: Contact) -> Iterable[str]:
    return {one.ordered, one.spelled}


def _starts(one: Contact) -> Iterable[str]:
    letters = one.ordered.replace(" ", "")
    return [f"{count}{letters[:count]}" for count in _counts(letters)]


def _ends(one: Contact) -> Iterable[str]:
    letters = one.ordered.replace(" ", "")
    return [f"{count}{letters[-count:]}" for count in _counts(letters)]


def _counts(letters: str) -> tuple[int, ...]:
    if len(letters) < _SHORT_ENDS:
        return ()
    return (_ENDS, _SHORT_ENDS) if len(letters) <= 2 * _ENDS else (_ENDS,)


def _consonants(one: Contact) -> Iterable[str]:
    """Return the name without its vowels, and without doubled letters."""
    return (re.sub(r"(.)\1+", r"\1", re.sub(r"[aeiouy ]", "", one.ordered)),)


def _rarest(one: Contact, common: Counter[str]) -> Iterable[str]:
    """Return the word of the name that the fewest names have."""
    words = [word for word in one.name.words if len(word) > 2]
    return (min(words, key=lambda word: (common[word], word)),) if words else ()
