"""Amounts, probabilities and currencies: read exactly or refused, and shown."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmctl.domain import money
from crmctl.errors import UsageError

amounts = st.decimals(-(money.LIMIT - 1), money.LIMIT - 1, places=4).map(lambda value: value + 0)
CODES = ("EUR", "JPY", "KWD", "CLF")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1200", "1200"),
        (" 1200.50 ", "1200.5"),
        ("1,200.50", "1200.5"),
        ("1,234,567", "1234567"),
        ("1 234 567", "1234567"),
        ("1\u00a0234\u202f567"[:5], "1234"),
        ("1_000", "1000"),
        ("12k", "12000"),
        ("1.5M", "1500000"),
        ("0.00005m", "50"),
        ("-5", "-5"),
        ("+5", "5"),
        ("99999999999999.9999", "99999999999999.9999"),
    ],
)
def test_an_amount_is_read(text: str, value: str) -> None:
    assert money.amount(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["", "-", "k", "1 2", "12 34", "1,23", "1,2345", "1.200,50", "1,000 000", "1e5", "nan", "inf",
     "12kk", "0x10", "\u0663", "\uff11\uff12", "$5", "1.", ".5", "--5", "1.5.5", "1\n2"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not an amount"):
        money.amount(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("100000000000000", "below"),
        ("1" + "0" * 400, "below"),
        ("100000000m", "below"),
        ("0.00001", "at most 4 decimals"),
        ("1." + "0" * 40 + "1", "at most 4 decimals"),
        ("1." + "0" * 40 + "1k", "at most 4 decimals"),
        ("99999999999999.99999", "at most 4 decimals"),
    ],
)
def test_an_amount_that_would_be_rounded_is_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        money.amount(text)


@given(amounts)
def test_an_amount_comes_back_as_it_was_written(value: Decimal) -> None:
    assert money.amount(f"{value:f}") == value
    assert money.amount(f"{value:,f}") == value
    assert money.amount(str(money.plain(value))) == value


@given(st.text(max_size=12))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    try:
        value = money.amount(text)
    except UsageError:
        return
    assert abs(value) < money.LIMIT
    assert value.as_tuple().exponent == -money.PLACES


def test_there_is_no_negative_zero() -> None:
    assert str(money.amount("-0")) == "0.0000"
    assert money.plain(money.amount("-0.00")) == "0.00"
    assert money.shown(Decimal("-0.001"), "EUR") == "0.00 EUR"
    assert money.short(Decimal("-0.4"), "EUR") == "0 EUR"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("60%", "0.6"), ("60 %", "0.6"), ("60", "0.6"), ("0.6", "0.6"), (".6", "0.6"),
        ("12.5%", "0.125"), ("12.5", "0.125"), ("1", "0.01"), ("1.0", "1"), ("100", "1"),
        ("100%", "1"), ("100.0", "1"), ("0", "0"), ("0.5%", "0.005"), ("0.01%", "0.0001"),
    ],
)  # fmt: skip
def test_a_probability_is_read(text: str, value: str) -> None:
    assert money.probability(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["", "%", "101", "101%", "-1", "1.00001", "0.001%", "0.12345", "nan", "sNaN", "inf", "1e2",
     "1e999999999999999999", "\uff16\uff10", "1_0", "half", "True"],
)  # fmt: skip
def test_what_is_no_probability_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        money.probability(text)


@given(st.integers(0, 10_000))
def test_a_probability_comes_back_in_either_form(hundredths: int) -> None:
    value = Decimal(hundredths).scaleb(-4)
    assert money.probability(f"{value * 100:f}%") == value
    assert money.probability(f"{value:.4f}") == value


@given(st.text(max_size=8))
def test_any_text_is_a_probability_or_refused(text: str) -> None:
    try:
        value = money.probability(text)
    except UsageError:
        return
    assert 0 <= value <= 1


@pytest.mark.parametrize("text", ["eur", " EUR ", "Eur"])
def test_a_currency_is_read(text: str) -> None:
    assert money.currency(text) == "EUR"


@pytest.mark.parametrize("text", ["", "EURO", "E1R", "€", "\ufb01a", "EU R", "XXY", "abc", "XTS"])
def test_what_is_no_currency_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a currency code"):
        money.currency(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [("UDS", "did you mean USD?"), ("eru", "did you mean EUR?"), ("GPB", "did you mean GBP?"),
     ("EUT", "did you mean EUR?"), ("USS", "did you mean USD?"),
     ("qqq", "one of ISO 4217, such as EUR")],
)  # fmt: skip
def test_a_slip_in_a_currency_is_told(text: str, hint: str) -> None:
    with pytest.raises(UsageError, match=re.escape(hint)):
        money.currency(text)


def test_the_currencies_are_those_of_iso_4217() -> None:
    codes = money.CODES.split()
    assert len(codes) == len(set(codes))
    assert set(money.MINOR_UNITS) <= set(codes)
    # Old deals are in currencies that are no more.
    assert {"USD", "XCG", "ZWG", "HRK", "BGN"} <= set(codes)


@given(amounts, st.sampled_from(CODES))
def test_rounding_is_to_the_nearest_minor_unit(value: Decimal, code: str) -> None:
    unit = Decimal(1).scaleb(-money.MINOR_UNITS.get(code, 2))
    rounded = money.rounded(value, code)
    assert abs(rounded - value) <= unit / 2
    assert money.rounded(rounded, code) == rounded


def test_halves_are_rounded_to_even() -> None:
    assert money.rounded(Decimal("0.125"), "EUR") == Decimal("0.12")
    assert money.rounded(Decimal("0.135"), "EUR") == Decimal("0.14")


def test_a_sum_larger_than_any_amount_is_shown() -> None:
    assert money.shown(money.LIMIT * 10**14, "EUR") == f"{10**28:,}.00 EUR"
    assert money.short(money.LIMIT * 10**14, "EUR").endswith("bn EUR")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0 EUR"), ("950", "950 EUR"), ("999.49", "999 EUR"), ("999.5", "1k EUR"),
        ("12500", "12.5k EUR"), ("999949", "999.9k EUR"), ("999950", "1m EUR"),
        ("10000000", "10m EUR"), ("2500000000", "2.5bn EUR"), ("-12500", "-12.5k EUR"),
    ],
)  # fmt: skip
def test_a_short_amount(value: str, text: str) -> None:
    assert money.short(Decimal(value), "EUR") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, None), ("1200", "1200.00"), ("1200.5000", "1200.50"), ("0.1234", "0.1234"),
     ("1E+3", "1000.00")],
)  # fmt: skip
def test_a_plain_amount(value: str | None, text: str | None) -> None:
    assert money.plain(None if value is None else Decimal(value)) == text
