"""Signs that stand for several currencies, beside amounts of deals that have a currency.

One rule for commands and imports: a sign is the one currency of the deal and the company that it
fits, and what is not certain is refused with each reading.
"""

import shlex

import pytest

from tests.cli.imported import counts, deals, findings, reasons, take
from tests.crm import Crm

_TABLE = [
    # company, the deal's currency, amount, the currency after (several are the readings)
    ("USD", "USD", "$600", "USD"),
    ("USD", "EUR", "$600", "USD"),
    ("USD", "EUR", "€600", "EUR"),
    ("USD", "EUR", "600", "EUR"),
    ("USD", "CAD", "600", "CAD"),
    ("USD", "CAD", "$600", "CAD USD"),
    ("USD", "CAD", "US$600", "USD"),
    ("USD", "CAD", "600 CAD", "CAD"),
    ("USD", "JPY", "¥600", "JPY"),
    ("USD", "GBP", "600 kr", ""),
    ("EUR", "CAD", "$600", "CAD"),
    ("EUR", "EUR", "$600", ""),
    ("EUR", "GBP", "$600", ""),
    ("CAD", "CAD", "$600", "CAD"),
    ("CAD", "USD", "$.6k", "CAD USD"),
    ("CAD", "EUR", "$600", "CAD"),
    ("NOK", "SEK", "kr 600", "NOK SEK"),
    ("NOK", "EUR", "kr 600", "NOK"),
    ("JPY", "CNY", "¥600", "CNY JPY"),
]
_by_table = pytest.mark.parametrize(("company", "present", "text", "expected"), _TABLE)


def _begin(crm: Crm, company: str, present: str) -> None:
    crm(f"init Acme --currency {company} --user Ann")
    crm(f"deal add Y --amount '100 {present}'")


def _price(crm: Crm) -> str:
    (deal,) = deals(crm)
    return f"{float(deal['amount']):.0f} {deal['currency']}"


def _check(crm: Crm, present: str, expected: str, refused: str) -> None:
    """Check what the deal is priced at; a refusal says each reading, and leaves it as it was."""
    readings = expected.split()
    assert _price(crm) == (f"600 {expected}" if len(readings) == 1 else f"100 {present}")
    assert bool(refused) == (len(readings) != 1)
    assert all(f"600 {code}" in refused for code in readings if refused)


@_by_table
def test_a_command_takes_the_one_currency_that_fits(
    crm: Crm, company: str, present: str, text: str, expected: str
) -> None:
    _begin(crm, company, present)
    result = crm(f"deal edit D1 --amount {shlex.quote(text)}")
    assert result.exit_code == (0 if len(expected.split()) == 1 else 2)
    _check(crm, present, expected, result.stderr if result.exit_code else "")
    changed = not result.exit_code and expected != present
    assert (f"{present} -> {expected}" in result.stderr) == changed, result.stderr


@_by_table
def test_an_import_takes_the_one_currency_that_fits(
    crm: Crm, company: str, present: str, text: str, expected: str
) -> None:
    _begin(crm, company, present)
    result = take(crm, "deals", f"Deal,Amount\nY,{text}\n", "--key title")
    _check(crm, present, expected, "".join(reasons(result)))


def test_each_deal_of_a_command_has_its_own_currency(crm: Crm) -> None:
    _begin(crm, "EUR", "CAD")
    crm("deal add Z --amount '1 AUD'")
    assert crm("deal edit D1 D2 --amount $600").exit_code == 0
    assert {(each["amount"], each["currency"]) for each in deals(crm)} == {
        ("600.00", "CAD"),
        ("600.00", "AUD"),
    }
    crm("deal add W --amount 5")
    result = crm("deal edit D1 D3 --amount $700")
    assert (result.exit_code, "D3: which currency is '$700'?" in result.stderr) == (2, True)
    assert "700.00" not in {each["amount"] for each in deals(crm)}


def test_what_is_typed_for_a_sign_is_certain(crm: Crm) -> None:
    _begin(crm, "USD", "CAD")
    take(crm, "deals", "Deal,Amount,Stage\nY,$600,lead\n", "--strict --currency-map $=USD")
    assert _price(crm) == "600 USD"


def test_a_sign_in_a_column_of_currencies_is_judged_alike(crm: Crm) -> None:
    _begin(crm, "USD", "CAD")
    result = take(crm, "deals", "Deal,Amount,Currency\nY,600,$\nN,5,$\n", "--key title")
    assert reasons(result) == [
        "2 Currency: which currency is '$'? write CAD or USD; --currency-map '$=CODE' says it,"
        " or a code such as USD in a column of currencies"
    ]
    assert findings(result, "decided")["$ is USD, the company's currency"] == 1


def test_what_keeps_its_amount_is_not_asked_about(crm: Crm) -> None:
    _begin(crm, "USD", "CAD")
    result = take(crm, "deals", "Deal,Amount\nY,$600\n", "--key title --fill-empty")
    assert (counts(result)[3], _price(crm)) == (0, "100 CAD")


def test_only_rows_that_are_written_are_counted(crm: Crm) -> None:
    crm("init Acme --currency USD --user Ann")
    content = "Deal,Amount,Stage\nA,$3.5k,lead\nB,$1,nowhere\nC,$2,lead\n"
    found = findings(take(crm, "deals", content, "--key title"), "decided")
    assert found["$ is USD, the company's currency"] == 2
    content = "Deal,Amount,Stage\nB,$1,nowhere\nA,$3.5k,lead\n"
    found = findings(take(crm, "deals", content, "--key title"), "decided")
    assert not [text for text in found if "company's currency" in text]


def test_the_history_of_a_deal_is_judged_alike(crm: Crm) -> None:
    _begin(crm, "USD", "CAD")
    content = "Deal,Stage,Entered at,Amount\nD1,lead,2020-01-01,{}\n"
    result = take(crm, "history", content.format("$600"))
    (reason,) = reasons(result)
    assert "which currency is '$600'? write 600 CAD or 600 USD" in reason
    assert counts(take(crm, "history", content.format("600 CAD")))[3] == 0
