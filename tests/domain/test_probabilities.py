"""Probabilities as people write them: percents or fractions, and never a guess."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmctl.domain import probabilities
from crmctl.domain.probabilities import Scale
from crmctl.errors import UsageError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("60%", "0.6"), ("60 %", "0.6"), ("60", "0.6"), ("0.6", "0.6"), (".6", "0.6"),
        ("12.5%", "0.125"), ("12.5", "0.125"), ("0,6", "0.6"), ("12,5 %", "0.125"),
        ("100", "1"),
        ("100%", "1"), ("100.0", "1"), ("0", "0"), ("0.5%", "0.005"), ("0.01%", "0.0001"),
    ],
)  # fmt: skip
def test_a_probability_is_read(text: str, value: str) -> None:
    assert probabilities.read(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["", "%", "101", "101%", "-1", "1.00001", "0.001%", "0.12345", "nan", "sNaN", "inf", "1e2",
     "1e999999999999999999", "\uff16\uff10", "1_0", "half", "True"],
)  # fmt: skip
def test_what_is_no_probability_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        probabilities.read(text)


@given(st.integers(0, 10_000))
def test_a_probability_comes_back_in_either_form(hundredths: int) -> None:
    value = Decimal(hundredths).scaleb(-4)
    assert probabilities.read(f"{value * 100:f}%") == value
    assert probabilities.read(f"{value:.4f}", Scale.FRACTION) == value


@given(st.text(max_size=8))
def test_any_text_is_a_probability_or_refused(text: str) -> None:
    try:
        value = probabilities.read(text)
    except UsageError:
        return
    assert 0 <= value <= 1


@pytest.mark.parametrize("text", ["1", "01", " 1 ", "1.0", "1.00", "1,0"])
def test_a_bare_one_is_refused_with_both_readings(text: str) -> None:
    with pytest.raises(UsageError, match=r"^1% or 100%\? write it like 1% or 100%$"):
        probabilities.read(text)


@pytest.mark.parametrize(
    ("fraction", "text"),
    [("0.5000", "50%"), ("0.6250", "62.5%"), ("1", "100%"), ("0", "0%"), ("0.0001", "0.01%")],
)
def test_a_fraction_is_shown_in_percent_without_zeros(fraction: str, text: str) -> None:
    assert probabilities.percent(Decimal(fraction)) == text
