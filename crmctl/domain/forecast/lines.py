"""The lines of a weighted forecast."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from crmctl.domain.forecast.calendar import NoPeriod
from crmctl.domain.forecast.sums import ZERO, DealGroup, Total
from crmctl.domain.kinds import ForecastCategory


@dataclass(frozen=True)
class LineKey:
    """What a line is about: a period or NoPeriod, and what its deals have in common."""

    period: int
    key: Hashable = None


@dataclass(slots=True, kw_only=True)
class ForecastLine:
    """One line of a forecast in one currency. Each deal is in exactly one of the four totals."""

    closed: Total = field(default_factory=Total)
    committed: Total = field(default_factory=Total)
    best: Total = field(default_factory=Total)
    rest: Total = field(default_factory=Total)

    def add(self, group: DealGroup) -> None:
        """Count the deals of `group` in; those that are omitted must not come here."""
        self._total(group).add(group)

    def _total(self, group: DealGroup) -> Total:
        if group.won:
            return self.closed
        if group.category == ForecastCategory.COMMIT:
            return self.committed
        return self.best if group.category == ForecastCategory.BEST_CASE else self.rest

    @property
    def _open(self) -> tuple[Total, Total, Total]:
        return (self.committed, self.best, self.rest)

    @property
    def deals(self) -> int:
        """How many deals are counted."""
        return self.closed.deals + sum(total.deals for total in self._open)

    @property
    def won(self) -> Decimal:
        """The amount won."""
        return self.closed.amount

    @property
    def commit(self) -> Decimal:
        """The amount of open deals in category commit, and in no other."""
        return self.committed.amount

    @property
    def best_case(self) -> Decimal:
        """The amount of open deals in category best case, and in no other."""
        return self.best.amount

    @property
    def pipeline(self) -> Decimal:
        """The amount of open deals in category pipeline, and in no other."""
        return self.rest.amount

    @property
    def weighted(self) -> Decimal:
        """The sum of amount × probability over the open deals; what is won is not in it."""
        return sum((total.weighted for total in self._open), ZERO)

    @property
    def expected(self) -> Decimal:
        """won + weighted: what the period comes to if the probabilities are right."""
        return self.won + self.weighted

    @property
    def without_amount(self) -> int:
        """How many of the deals have no amount: counted, but adding nothing."""
        return self.closed.without_amount + sum(total.without_amount for total in self._open)

    @property
    def without_probability(self) -> int:
        """How many of the open deals have no probability: not in `weighted`."""
        return sum(total.without_probability for total in self._open)


@dataclass(kw_only=True)
class ForecastLines:
    """A forecast: by currency its lines and their total, and how many deals are not in it.

    `omitted` deals are in that category; `before` and `after` are expected outside the calendar.
    """

    by_currency: dict[str, dict[LineKey, ForecastLine]] = field(default_factory=dict)
    totals: dict[str, ForecastLine] = field(default_factory=dict)
    omitted: int = 0
    before: int = 0
    after: int = 0

    def _add(self, row: LineKey, group: DealGroup) -> None:
        lines = self.by_currency.setdefault(group.currency, {})
        lines.setdefault(row, ForecastLine()).add(group)
        self.totals.setdefault(group.currency, ForecastLine()).add(group)


def lines(groups: Iterable[DealGroup]) -> ForecastLines:
    """Return the forecast of `groups`.

    A group is in the row of its period and key; overdue and undated deals are in rows of their
    own, whatever their key. So every counted deal is in one row, and the total of all rows is
    the same whatever the rows are by.
    """
    found = ForecastLines()
    for group in groups:
        if not group.won and group.category == ForecastCategory.OMITTED:
            found.omitted += group.count
        elif group.period == NoPeriod.BEFORE:
            found.before += group.count
        elif group.period == NoPeriod.AFTER:
            found.after += group.count
        else:
            found._add(LineKey(group.period, group.key if group.period >= 0 else None), group)
    return found
