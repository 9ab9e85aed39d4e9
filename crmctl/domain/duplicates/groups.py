"""From customers that may be the same, two by two, to groups that would be one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from crmctl.domain.duplicates import blocks, scores
from crmctl.domain.duplicates.contacts import Contact, phone_key
from crmctl.domain.duplicates.scores import Score

#: The two that stand for two groups must be one at least as likely as not, or they stay apart.
_EVEN = 0.5


@dataclass(frozen=True)
class DuplicateGroup:
    """Customers that may be one, by number: the one to keep, and what ties each other to them."""

    keep: int
    merge: dict[int, Score]

    @property
    def confidence(self) -> float:
        """The confidence in the weakest of its ties."""
        return min(score.confidence for score in self.merge.values())


@dataclass(frozen=True)
class DuplicateGroups:
    """The groups, the surest first, how many pairs were compared, and names of too many."""

    groups: list[DuplicateGroup]
    compared: int
    crowded: Counter[str]


def find(contacts: Sequence[Contact], least: float) -> DuplicateGroups:
    """Return the groups of customers that are one with a confidence of `least` or more.

    The oldest of a group, which has the smallest number, is the one to keep.
    """
    borne = Counter(one.ordered for one in contacts)
    made = blocks.build(contacts, borne)
    bearers = _different(contacts, borne)
    likely: list[tuple[Score, int, int]] = []
    compared = 0
    for one, other in blocks.pairs(contacts, made, bearers, least):
        compared += 1
        score = scores.compare(contacts[one], contacts[other], bearers)
        if score.confidence >= least:
            likely.append((score, one, other))
    most = scores.most_bearers(least)
    # A name of more than that would be of no use in any case.
    crowded = Counter({name: n for name, n in made.common.items() if n <= most})
    return DuplicateGroups(_joined(contacts, likely, bearers), compared, crowded)


def _different(contacts: Sequence[Contact], borne: Counter[str]) -> Counter[str]:
    """Return how many customers have each name, as a measure of how common it is.

    The duplicates of one do not make its name common. They are that where no two of them have
    another address, phone number, website, organisation or country.
    """
    known: dict[str, tuple[set[str], ...]] = {}
    for one in contacts:
        if borne[one.ordered] > 2:
            kinds = known.setdefault(one.ordered, (set(), set(), set(), set(), set()))
            values = (one.email, phone_key(one.phone), one.website, one.organisation, one.country)
            for kind, value in zip(kinds, values, strict=True):
                kind.add(value)
    same = [name for name, kinds in known.items() if all(len(k - {""}) <= 1 for k in kinds)]
    return Counter({**borne, **dict.fromkeys(same, 2)})


def _joined(
    contacts: Sequence[Contact], likely: list[tuple[Score, int, int]], bearers: Counter[str]
) -> list[DuplicateGroup]:
    """Return the groups that the `likely` pairs make, joined from the surest on."""
    numbers = [one.number for one in contacts]
    likely.sort(key=lambda pair: (-pair[0].confidence, numbers[pair[1]], numbers[pair[2]]))
    head: dict[int, int] = {}
    ties: dict[int, Score] = {}
    for score, one, other in likely:
        first, second = sorted((_first(head, one), _first(head, other)), key=numbers.__getitem__)
        if first == second:
            continue
        heads = scores.compare(contacts[first], contacts[second], bearers)
        if {first, second} == {one, other} or heads.confidence >= _EVEN:
            head[second] = first
            ties[second] = score
    return _groups(numbers, head, ties)


def _first(head: dict[int, int], index: int) -> int:
    """Return the index of the customer that stands for the group of another's."""
    while index in head:
        index = head[index]
    return index


def _groups(
    numbers: Sequence[int], head: dict[int, int], ties: dict[int, Score]
) -> list[DuplicateGroup]:
    found: dict[int, dict[int, Score]] = {}
    for gone in sorted(head, key=numbers.__getitem__):
        found.setdefault(numbers[_first(head, gone)], {})[numbers[gone]] = ties[gone]
    groups = [DuplicateGroup(keep, merge) for keep, merge in found.items()]
    return sorted(groups, key=lambda group: (-group.confidence, group.keep))
