"""Adding deals up: exactly, by currency, and without guessing at what is not known."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from crmctl.domain.kinds import ForecastCategory

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DealGroup:
    """Deals that are alike in everything that matters to a sum.

    `count` deals, `priced` of them with an amount, which come to `amount`. `probability` is a
    fraction, None where it is not known. `period` says where they are in a calendar, and `key`
    what else they have in common.
    """

    currency: str
    count: int
    priced: int
    amount: Decimal
    probability: Decimal | None = None
    category: ForecastCategory = ForecastCategory.PIPELINE
    won: bool = False
    period: int = 0
    key: Hashable = None


@dataclass(slots=True, kw_only=True)
class Total:
    """What deals of one currency come to, unrounded.

    `weighted` is the sum of amount × probability. Deals without an amount add nothing to either
    sum, and deals without a probability nothing to `weighted`; both are counted.
    """

    deals: int = 0
    amount: Decimal = ZERO
    weighted: Decimal = ZERO
    without_amount: int = 0
    without_probability: int = 0

    def add(self, group: DealGroup) -> None:
        """Count the deals of `group` in."""
        self.deals += group.count
        self.amount += group.amount
        self.without_amount += group.count - group.priced
        if group.probability is None:
            self.without_probability += group.count
        else:
            self.weighted += group.amount * group.probability


def chance(own: Decimal | None, of_stage: Decimal | None) -> Decimal | None:
    """Return the probability of a deal: its own, else its stage's, else None for unknown."""
    return of_stage if own is None else own


def totals(groups: Iterable[DealGroup]) -> dict[str, Total]:
    """Return what `groups` come to in each currency: unlike currencies are never added."""
    found: dict[str, Total] = {}
    for group in groups:
        found.setdefault(group.currency, Total()).add(group)
    return dict(sorted(found.items()))


def weighted(amount: Decimal | None, probability: Decimal | None) -> Decimal | None:
    """Return an amount times its probability, unrounded; None where either is not known."""
    return None if amount is None or probability is None else amount * probability
