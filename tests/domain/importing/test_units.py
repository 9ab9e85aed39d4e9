"""What the name of a column says of its cells."""

from decimal import Decimal

import pytest

from crmctl.domain.importing.units import shorter_names, unit_of
from crmctl.domain.kinds import Entity


@pytest.mark.parametrize(
    ("name", "currency", "factor"),
    [
        ("Amount (EUR)", "EUR", 1), ("Amount [CHF]", "CHF", 1), ("Amount in USD", "USD", 1),
        ("Value (€)", "EUR", 1), ("Amount USD", "USD", 1), ("deal_size_usd", "USD", 1),
        ("AMOUNT_EUR", "EUR", 1), ("select_all", None, 1), ("is_top", None, 1),
        ("Umsatz (T€)", "EUR", 1000),
        ("Amount (kEUR)", "EUR", 1000), ("Amount (in thousands)", None, 1000),
        ("Revenue (USD 000s)", "USD", 1000), ("Volumen (Mio. EUR)", "EUR", 1_000_000),
        ("Amount (TRY)", "TRY", 1), ("Amount (converted)", None, 1), ("Amount", None, 1),
        ("Amount (cents)", None, "0.01"), ("Amount in cents", None, "0.01"),
        ("amount_cents", None, "0.01"), ("valueInCents", None, "0.01"),
        ("price_eur_cents", "EUR", "0.01"), ("Belopp öre", None, "0.01"),
        ("Amount k", None, 1000), ("Amount USD k", "USD", 1000), ("Amount k (USD)", "USD", 1000),
        ("Betrag TEUR", "EUR", 1000), ("Price per m", None, 1), ("Sales rep k", None, 1),
        ("amount.cents", None, "0.01"), ("Montant en milliers", None, 1000),
        ("Amount USD (thousands)", "USD", 1000), ("Amount in thousands of USD", "USD", 1000),
        ("Amount (x 1,000)", None, 1000), ("Amount in 1,000 EUR", "EUR", 1000),
        ("Amount (INR lakhs)", "INR", 100_000), ("Value in crore", None, 10_000_000),
        ("Revenue (USD bn)", "USD", 1_000_000_000), ("MRR €/m", None, 1), ("Price 1000", None, 1),
        ("Size M", None, 1), ("Company in Use", None, 1), ("Deal Name", None, 1),
    ],
)  # fmt: skip
def test_units_of_amounts(name: str, currency: str | None, factor: int | str) -> None:
    assert (unit_of(name).currency, unit_of(name).factor) == (currency, Decimal(factor))


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("Close (dd.mm.yyyy)", "dmy"), ("Close (MM/DD/YYYY)", "mdy"), ("Close (yyyy-mm-dd)", None),
        ("Close [D/M/YY]", "dmy"), ("Close date", None),
    ],
)  # fmt: skip
def test_orders_of_dates(name: str, order: str | None) -> None:
    assert unit_of(name).dates == order


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("Amount (EUR)", "amount"), ("Probability (%)", "probability"), ("Primary Email", "email"),
        ("Contact Phone 1", "phone"), ("Notes/Description", "notes"), ("Owner (ID)", "ownerid"),
        ("Close date (dd.mm.yyyy)", "closedate"), ("Téléphone (bureau)", "telephone"),
    ],
)  # fmt: skip
def test_what_is_no_part_of_a_name(name: str, word: str) -> None:
    assert word in {each for words in shorter_names(name, Entity.CUSTOMER) for each in words}
