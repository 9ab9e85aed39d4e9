"""The arithmetic of the board and of the forecast."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from crmctl.domain.forecast.calendar import NoPeriod
from crmctl.domain.forecast.lines import ForecastLine, LineKey, lines
from crmctl.domain.forecast.sums import DealGroup, chance, totals
from crmctl.domain.kinds import ForecastCategory

_AMOUNTS = st.decimals(Decimal("-99999999999999"), Decimal("99999999999999"), places=4)
_CHANCES = st.none() | st.decimals(Decimal(0), Decimal(1), places=4)


@st.composite
def _group(draw: st.DrawFn) -> DealGroup:
    count = draw(st.integers(1, 50))
    priced = draw(st.integers(0, count))
    return DealGroup(
        currency=draw(st.sampled_from(["EUR", "JPY", "USD"])),
        count=count,
        priced=priced,
        amount=draw(_AMOUNTS) if priced else Decimal(0),
        probability=draw(_CHANCES),
        category=draw(st.sampled_from(ForecastCategory)),
        won=draw(st.booleans()),
        period=draw(st.sampled_from([0, 1, 2, *NoPeriod])),
        key=draw(st.sampled_from([None, "a", "b"])),
    )


#: One deal of 100 EUR.
ONE = DealGroup(currency="EUR", count=1, priced=1, amount=Decimal(100))
_GROUPS = st.lists(_group(), max_size=12)


def _numbers(line: ForecastLine) -> tuple[object, ...]:
    return (
        line.deals, line.won, line.commit, line.best_case, line.pipeline, line.weighted,
        line.expected, line.without_amount, line.without_probability,
    )  # fmt: skip


def _added(found: list[ForecastLine]) -> tuple[object, ...]:
    return tuple(sum(column) for column in zip(*map(_numbers, found), strict=True))


def test_a_deals_own_probability_goes_before_its_stages_even_where_it_is_zero() -> None:
    assert chance(Decimal(0), Decimal("0.5")) == 0
    assert chance(None, Decimal("0.5")) == Decimal("0.5")
    assert chance(None, None) is None


def test_an_unknown_probability_is_not_weighted_and_not_certain() -> None:
    found = totals(
        [
            ONE,
            replace(ONE, count=2, amount=Decimal(40), probability=Decimal("0.5")),
        ]
    )
    total = found["EUR"]
    assert [total.deals, total.amount, total.weighted] == [3, 140, 20]
    assert (total.without_amount, total.without_probability) == (1, 1)


def test_each_deal_is_in_one_column_and_the_won_ones_are_not_weighted() -> None:
    one = replace(ONE, probability=Decimal("0.5"))
    found = lines(
        [
            replace(one, won=True, category=ForecastCategory.OMITTED, probability=Decimal(1)),
            replace(one, category=ForecastCategory.COMMIT),
            replace(one, category=ForecastCategory.BEST_CASE),
            one,
            replace(one, category=ForecastCategory.OMITTED),
            replace(one, period=NoPeriod.AFTER),
            replace(one, period=NoPeriod.BEFORE),
        ]
    )
    line = found.by_currency["EUR"][LineKey(0)]
    assert [line.won, line.commit, line.best_case, line.pipeline] == [100, 100, 100, 100]
    assert [line.deals, line.weighted, line.expected] == [4, 150, 250]
    assert (found.omitted, found.after, found.before) == (1, 1, 1)


def test_overdue_and_undated_deals_have_rows_of_their_own_whatever_rows_are_by() -> None:
    group = replace(ONE, period=NoPeriod.OVERDUE, key="ann")
    found = lines([group, replace(group, period=NoPeriod.UNDATED)]).by_currency["EUR"]
    assert set(found) == {LineKey(NoPeriod.OVERDUE), LineKey(NoPeriod.UNDATED)}


@given(groups=_GROUPS)
def test_sums_are_exact_and_unlike_currencies_are_never_added(groups: list[DealGroup]) -> None:
    found = totals(groups)
    for code, total in found.items():
        mine = [group for group in groups if group.currency == code]
        assert total.amount == sum(Fraction(group.amount) for group in mine)
        assert total.weighted == sum(
            Fraction(group.amount) * Fraction(group.probability)
            for group in mine
            if group.probability is not None
        )
    assert set(found) == {group.currency for group in groups}


@given(groups=_GROUPS)
def test_the_total_is_the_sum_of_the_rows_whatever_they_are_by(groups: list[DealGroup]) -> None:
    by_key = lines(groups)
    by_period = lines(replace(group, key=None) for group in groups)
    as_one = lines(replace(group, key=None, period=min(group.period, 0)) for group in groups)
    for found in (by_key, by_period, as_one):
        assert set(found.totals) == set(by_key.totals)
        for code, total in found.totals.items():
            assert _added(list(found.by_currency[code].values())) == _numbers(total)
            assert _numbers(total) == _numbers(by_key.totals[code])


@given(groups=_GROUPS)
def test_every_deal_is_counted_once_or_is_said_not_to_be(groups: list[DealGroup]) -> None:
    found = lines(groups)
    counted = Counter({code: total.deals for code, total in found.totals.items()})
    left_out = found.omitted + found.before + found.after
    assert counted.total() + left_out == sum(group.count for group in groups)
