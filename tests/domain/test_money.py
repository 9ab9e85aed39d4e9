"""Amounts and currencies: kept exactly or refused, rounded once, and shown."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmctl.domain import money
from crmctl.errors import UsageError

amounts = st.decimals(-(money.LIMIT - 1), money.LIMIT - 1, places=4).map(lambda value: value + 0)
CODES = ("EUR", "JPY", "KWD", "CLF")


def test_there_is_no_negative_zero() -> None:
    assert str(money.check_amount(Decimal("-0"))) == "0.0000"
    assert money.plain(money.check_amount(Decimal("-0.00"))) == "0.00"
    assert money.shown(Decimal("-0.001"), "EUR") == "0.00 EUR"
    assert money.short(Decimal("-0.4"), "EUR") == "0 EUR"


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
