"""Amounts as people write them: read exactly, or refused; nothing is guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmctl.domain import amounts, money
from crmctl.domain.kinds import DecimalMark
from crmctl.errors import UsageError

values = st.decimals(-(money.LIMIT - 1), money.LIMIT - 1, places=4).map(lambda value: value + 0)


def _amount(text: str, decimals: DecimalMark | None = None) -> Decimal:
    return money.check_amount(amounts.read(text, decimals).value)


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
        ("1.200,50", "1200.5"),
        ("1.200.000", "1200000"),
        ("12,5", "12.5"),
        ("1,2345", "1.2345"),
        ("1'200", "1200"),
        (".5", "0.5"),
        ("1,5m", "1500000"),
        ("12 K", "12000"),
        ("12'000.-", "12000"),
        ("1.200,--", "1200"),
        ("500.\u2013", "500"),
        ("-500,\u2014", "-500"),
        ("500.- CHF", "500"),
    ],
)
def test_an_amount_is_read(text: str, value: str) -> None:
    assert _amount(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["", "-", "k", "1 2", "12 34", "1,000 000", "1e5", "nan", "inf", "12kk", "12 km", "0x10",
     "\u0663", "\uff11\uff12", "1.", "--5", "1.5.5", "1\n2", "5 %", "1.200 XX", "1.200.-"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not an amount"):
        _amount(text)


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
        _amount(text)


@given(values)
def test_an_amount_comes_back_as_it_was_written(value: Decimal) -> None:
    assert _amount(f"{value:f}", DecimalMark.POINT) == value
    assert _amount(f"{value:,f}", DecimalMark.POINT) == value
    assert _amount(f"{value:f}".replace(".", ","), DecimalMark.COMMA) == value
    assert _amount(str(money.plain(value)), DecimalMark.POINT) == value


@given(st.text(max_size=12))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    try:
        value = _amount(text)
    except UsageError:
        return
    assert abs(value) < money.LIMIT
    assert value.as_tuple().exponent == -money.PLACES


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("1.200", "1200 or 1.2"),
        ("1.234", "1234 or 1.2340"),
        ("-1.200 EUR", "-1200 or -1.2"),
        ("1.500k", "1500000 or 1500"),
    ],
)
def test_what_could_be_two_amounts_is_refused_with_both(text: str, readings: str) -> None:
    with pytest.raises(UsageError) as error:
        amounts.read(text)
    assert str(error.value) == f"thousands or decimals in {text!r}? write {readings}"
    written = [amounts.read(each).value for each in readings.split(" or ")]
    assert written == [amounts.read(text, each).value for each in reversed(DecimalMark)]


@pytest.mark.parametrize(
    ("text", "named", "currency"),
    [
        ("5", None, None),
        ("5", "USD", "USD"),
        ("5 EUR", None, "EUR"),
        ("5 EUR", "EUR", "EUR"),
        ("$5", "USD", "USD"),
        ("US$5k", None, "USD"),
    ],
)
def test_the_currency_beside_an_amount(text: str, named: str | None, currency: str | None) -> None:
    assert amounts.currency_beside(text, amounts.read(text), named) == currency


def test_a_currency_that_is_not_clear_is_refused() -> None:
    with pytest.raises(UsageError, match="'5 EUR' is no amount in USD"):
        amounts.currency_beside("5 EUR", amounts.read("5 EUR"), "USD")


@pytest.mark.parametrize(
    ("text", "at_hand", "currency"),
    [
        ("$5", "USD EUR", "USD"),
        ("-$5k", "CAD CAD", "CAD"),
        ("5 kr", "EUR NOK GBP", "NOK"),
    ],
)
def test_a_sign_is_the_one_currency_at_hand_that_it_fits(
    text: str, at_hand: str, currency: str
) -> None:
    sign = amounts.currency_beside(text, amounts.read(text), None)
    assert isinstance(sign, amounts.CurrencySign)
    assert sign.meant(*at_hand.split(), way_out="say it") == currency


@pytest.mark.parametrize(
    ("text", "at_hand", "why"),
    [
        ("$5", "EUR", "which currency is '$5'? say it"),
        ("($3.5k)", "USD CAD", "which currency is '($3.5k)'? write -3500 CAD or -3500 USD; say it"),
        ("¥5", "JPY EUR CNY", "which currency is '¥5'? write 5 CNY or 5 JPY; say it"),
    ],
)
def test_a_sign_that_is_not_certain_is_refused_with_its_readings(
    text: str, at_hand: str, why: str
) -> None:
    sign = amounts.currency_beside(text, amounts.read(text), None)
    assert isinstance(sign, amounts.CurrencySign)
    with pytest.raises(amounts.OpenCurrency) as error:
        sign.meant(*at_hand.split(), way_out="say it")
    assert str(error.value) == why


@pytest.mark.parametrize(
    ("text", "sign"),
    [("$3.5k", "$"), ("(1,200 kr.)", "kr."), ("\u2212Kr 5", "Kr"), ("$", "$"), ("5", "")],
)
def test_what_stands_beside_the_digits(text: str, sign: str) -> None:
    assert amounts.sign_in(text) == sign
