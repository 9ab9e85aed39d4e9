"""No deal has an amount that there is not in its currency, and none is shown rounded."""

import pytest

from tests.cli.imported import counts, deals, reasons, take
from tests.crm import Crm


@pytest.fixture
def company(crm: Crm) -> Crm:
    """A company that counts in dollars."""
    return crm.begin("init Co --currency USD --user Ada")


@pytest.mark.parametrize(
    ("amount", "code", "why"),
    [
        ("10.5", "JPY", "JPY has no decimals: 10.50"),
        ("1.5", "KRW", "KRW has no decimals: 1.50"),
        ("1.2345", "USD", "USD has 2 decimals: 1.2345"),
        ("0.0001", "EUR", "EUR has 2 decimals: 0.0001"),
        ("0.0005", "KWD", "KWD has 3 decimals: 0.0005"),
    ],
)
def test_what_is_finer_than_the_smallest_unit_is_refused(
    company: Crm, amount: str, code: str, why: str
) -> None:
    assert company("deal add Weir --amount 7 --currency GBP").exit_code == 0
    for command in ("deal add Dam", "deal edit D1"):
        result = company(f"{command} --amount {amount} --currency {code}")
        assert (result.exit_code, result.stderr) == (2, f"crmctl: error: amount: {why}\n")
    plan = take(company, "deals", f"title,amount,currency\nDam,{amount},{code}\nPier,10,{code}\n")
    assert reasons(plan) == [f"2 amount: {why}"]
    assert [deal["title"] for deal in deals(company)] == ["Weir", "Pier"]


@pytest.mark.parametrize(
    ("amount", "code"), [("10.00", "JPY"), ("10.50", "EUR"), ("1.2345", "CLF"), ("0.005", "KWD")]
)
def test_what_there_is_is_kept(company: Crm, amount: str, code: str) -> None:
    assert company(f"deal add Weir --amount {amount} --currency {code}").exit_code == 0
    assert float(deals(company)[0]["amount"]) == float(amount)


def test_another_currency_is_judged_with_the_amount(company: Crm) -> None:
    company("deal add Weir --amount 10.50")
    result = company("deal edit D1 --currency JPY")
    assert (result.exit_code, result.stderr) == (
        2,
        "crmctl: error: amount: JPY has no decimals: 10.50\n",
    )
    assert company("deal edit D1 --currency JPY --amount 10").exit_code == 0
    assert company("deal edit D1 --amount 10.5").exit_code == 2


def test_what_a_deal_has_already_it_keeps(company: Crm) -> None:
    take(company, "deals", "id,title,amount\n1,Weir,10.50\n")
    result = take(company, "deals", "id,title,amount\n1,Dam,10.50\n")
    assert counts(result) == (0, 1, 0, 0)


@pytest.mark.parametrize(
    ("text", "readings"),
    [("1.200", "1200 or 1.2"), ("-12,500", "-12500 or -12.5"), ("1,234", "1234 or 1.2340")],
)
def test_amount_of_two_readings_is_refused_with_both(crm: Crm, text: str, readings: str) -> None:
    crm.begin("init Co --currency EUR --user Ada", "deal add Weir --amount 7")
    commands = ["deal edit D1 --amount", "deal add Dam --amount"]
    commands += ["deal list --min-amount", "deal list --max-amount"]
    for command in commands:
        result = crm(f"{command}={text}")
        assert (result.exit_code, result.stderr) == (
            2,
            f"crmctl: error: thousands or decimals in {text!r}? write {readings}\n",
        )
    assert [deal["amount"] for deal in deals(crm)] == ["7.00"]


@pytest.mark.parametrize("text", ["1,200.00", "1.200,00", "1.2k", "1200"])
def test_what_was_read_of_an_amount_is_told(crm: Crm, text: str) -> None:
    crm.begin("init Co --currency EUR --user Ada")
    assert crm(f"deal add Weir --amount {text}").stderr == "Added D1 Weir in Lead, 1,200.00 EUR\n"
    assert crm("deal edit D1 --amount 7").stderr == "D1 Weir: amount 1200.00 -> 7.00\n"
    edited = crm(f"deal edit D1 --amount {text}").stderr
    assert edited == "D1 Weir: amount 7.00 -> 1200.00\n"


def test_comma_is_for_thousands_where_decimals_follow_a_point(company: Crm) -> None:
    assert company("deal add Weir --amount 1,200").stderr == "Added D1 Weir in Lead, 1,200.00 USD\n"
