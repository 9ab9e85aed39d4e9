"""`1,200` and `1.200`: decided by the column or the currency, else refused with both readings."""

import pytest

from tests.cli.imported import deals, take
from tests.crm import Crm

#: Currencies of countries that write decimals after a comma, and others.
CURRENCIES = {"EUR": False, "CHF": False, "BRL": False, "USD": True, "JPY": True, "GBP": True}


def _company(crm: Crm, currency: str) -> Crm:
    return crm.begin(
        f"init Co --currency {currency} --user Ada",
        "field add deal size --type number",
        "field add customer seats --type number",
        "deal add Weir",
        "customer add Fell",
    )


@pytest.mark.parametrize("currency", CURRENCIES)
def test_a_number_alone_is_read_as_in_the_country(crm: Crm, currency: str) -> None:
    company, commas = _company(crm, currency), CURRENCIES[currency]
    for command in (
        "deal edit D1 --custom size=1,200",
        "deal add Dam --custom size=1,200",
        "deal list --custom size=1,200",
        "customer edit C1 --custom seats=1,200",
        "customer add Birk --custom seats=1,200",
    ):
        result = company(command)
        assert result.exit_code == (0 if commas else 2), (command, result)
        if not commas:
            assert "thousands or decimals in '1,200'? write 1200 or 1.2" in result.stderr
    if commas:
        assert company("deal edit D1 --custom size=2,400").stderr == (
            "D1 Weir: size 1200 -> 2400\n"
        )
    refused = company("deal edit D1 --custom size=1.200")
    assert (refused.exit_code, refused.stderr) == (
        2,
        "crmctl: error: size: thousands or decimals in '1.200'? write 1200 or 1.2\n",
    )


@pytest.mark.parametrize("text", ["1200", "1200.5", "1.200,50", "1,200.50", "1,200,000", "1,5"])
def test_a_number_with_one_reading_is_taken_and_told(crm: Crm, text: str) -> None:
    company = _company(crm, "EUR")
    value = {"1200": "1200", "1,200,000": "1200000", "1,5": "1.5"}.get(text, "1200.5")
    done = company(["deal", "edit", "D1", "--custom", f"size={text}"])
    assert (done.exit_code, done.stderr) == (0, f"D1 Weir: size - -> {value}\n")


@pytest.mark.parametrize("column", ["amount", "size"])
@pytest.mark.parametrize("currency", CURRENCIES)
def test_a_column_that_nothing_decides_is_refused(crm: Crm, currency: str, column: str) -> None:
    company = _company(crm, currency)
    content = f'title,{column}\nDam,"1,200"\nPier,"3,400"\nQuay,800\n'
    for mark in "" if CURRENCIES[currency] else (",", "."):
        refused = take(company, "deals", content)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert refused.stderr == (
            f"crmctl: error: {column}: thousands or decimals in '1,200' (line 2)?"
            " say --decimal . or --decimal ,\n"
        )
        dry = take(company, "deals", content, f"--decimal {mark} --dry-run")
        assert (dry.exit_code, dry.json()["created"]) == (0, 3)
    assert len(deals(company)) == 1
    taken = take(company, "deals", content, "" if CURRENCIES[currency] else "--decimal .")
    assert taken.exit_code == 0
    found = {deal["title"]: deal for deal in deals(company)}["Dam"]
    assert float(found["amount"] or found["custom"]["size"]) == 1200


@pytest.mark.parametrize("cell", ['"1,200,000"', '"1,200.50"', '"7,5"', '"0,250"', "12.5"])
def test_a_cell_that_decides_is_enough(crm: Crm, cell: str) -> None:
    company = _company(crm, "EUR")
    content = f'title,size\nDam,"1,200"\nPier,{cell}\n'
    assert take(company, "deals", content).exit_code == 0


def test_what_the_amounts_are_in_decides(crm: Crm) -> None:
    company = _company(crm, "EUR")
    content = 'title,Amount (USD)\nDam,"1,200"\n'
    assert take(company, "deals", content).exit_code == 0
    assert float(deals(company)[-1]["amount"]) == 1200
