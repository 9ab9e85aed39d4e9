"""crmctl import: signs that stand for several currencies, in a column or beside amounts."""

import pytest

from tests.cli.imported import deals, findings, reasons, take
from tests.crm import Crm

WAY_OUT = "--currency-map '$=CODE' says it, or a code such as USD in a column of currencies"


def taken(crm: Crm, company: str, cells: str, options: str = "") -> tuple[list[str], list[str]]:
    """Return the currencies of the deals that come in, and what is wrong with the others."""
    crm(f"init Acme --currency {company} --user Ann")
    rows = [f"D{n},{cell}" for n, cell in enumerate(cells.split())]
    result = take(crm, "deals", "\n".join(["title,amount,currency", *rows]), options)
    return [each["currency"] for each in deals(crm)], reasons(result)


@pytest.mark.parametrize(
    ("company", "cells", "options", "currencies"),
    [
        ("CAD", "1,$ $2,", "", "CAD CAD"),
        ("EUR", "1,$ 2,CAD $5,", "", "CAD CAD CAD"),
        ("EUR", "1,$ US$2,", "", "USD USD"),
        ("EUR", "1,kr 2,SEK 3,kr.", "", "SEK SEK SEK"),
        ("NOK", "1,Kr kr2, 3,€", "", "NOK NOK EUR"),
        ("GBP", "1,£ £2,", "", "GBP GBP"),
        ("JPY", "1,¥ ¥2,", "", "JPY JPY"),
        ("CNY", "1,¥ ¥2,", "", "CNY CNY"),
        ("EUR", "1,¥ 2,JPY", "", "JPY JPY"),
        ("EUR", "1,₩ 2,Rs 3,INR", "--currency-map ₩=KRW", "KRW INR INR"),
        ("EUR", "1,$ $2,", "--currency-map $=usd", "USD USD"),
        ("USD", "1,$ 2,CAD $5,", "--currency-map $=USD", "USD CAD USD"),
        ("EUR", "1,Dollar 2,dollar 3,Mark", "--currency-map Dollar=AUD --currency-map mark=BAM",
         "AUD AUD BAM"),
    ],
)  # fmt: skip
def test_a_sign_is_the_one_currency_that_fits(
    crm: Crm, company: str, cells: str, options: str, currencies: str
) -> None:
    assert taken(crm, company, cells, options) == (currencies.split(), [])


@pytest.mark.parametrize(
    ("company", "readings"), [("EUR", "2 AUD or 2 CAD"), ("USD", "2 AUD or 2 CAD or 2 USD")]
)
def test_a_sign_of_several_that_fit_is_asked_about(crm: Crm, company: str, readings: str) -> None:
    assert taken(crm, company, "1,$ $2, 3,CAD 4,AUD") == (
        ["CAD", "AUD"],
        [
            f"2 currency: which currency is '$'? write {readings.replace('2 ', '')}; {WAY_OUT}",
            f"3 amount: which currency is '$2'? write {readings}; {WAY_OUT}",
        ],
    )


def test_what_decided_about_a_sign_is_said(crm: Crm) -> None:
    crm("init Acme --currency CAD --user Ann")
    content = "title,amount,currency\nA,1,$\nB,$2,\nC,3,kr\nD,4,SEK\n"
    assert findings(take(crm, "deals", content, "--dry-run"), "decided") == {
        "$ is CAD, the company's currency": 2,
        "kr is SEK, the only one of the file that fits": 1,
    }


@pytest.mark.parametrize("typed", ["$=EUR", "$=dollars", "$", "=USD"])
def test_what_is_typed_for_a_sign_must_be_one_of_its_currencies(crm: Crm, typed: str) -> None:
    crm("init Acme --currency EUR --user Ann")
    result = take(crm, "deals", "title,currency\nA,$\n", f"--currency-map {typed}")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_a_sign_in_the_name_of_a_column_or_alone_in_a_cell_means_what_the_deal_counts_in(
    crm: Crm,
) -> None:
    crm.begin("init Acme --currency EUR --user Ann", "deal add Weir --amount 9 --currency CAD")
    for content in (
        "title,Amount ($)\nWeir,{}\nDam,1\n",
        "title,amount,currency\nWeir,{},$\nDam,1,$\n",
    ):
        amount = len(content)
        result = take(crm, "deals", content.format(amount))
        assert [each.partition(":")[0] for each in reasons(result)] == [
            "3 Amount ($)" if "($)" in content else "3 currency"
        ]
        assert [each["amount"] for each in deals(crm)] == [f"{amount}.00"]
    added = take(crm, "deals", "title,Amount ($)\nDam,1\nPier,2\n", "--currency-map $=USD")
    assert [each["currency"] for each in deals(crm)] == ["CAD", "USD", "USD"]
    assert not [each for each in findings(added) if "no row has" in each]


def test_an_empty_column_of_currencies_and_a_word_have_a_way_out_that_works(crm: Crm) -> None:
    crm.begin("init Acme --currency EUR --user Ann")
    content = "title,amount,currency\nWeir,$9,\nDam,€8,\nPier,7,Taler\nQuay,€6,$\n"
    assert reasons(take(crm, "deals", content, "--dry-run")) == [
        f"2 amount: which currency is '$9'? {WAY_OUT}",
        "4 currency: not a currency code: 'Taler' (one of ISO 4217, such as EUR)"
        ' (--currency-map "Taler=CODE")',
        "5 amount: '€6' is no amount in $",
    ]
    options = "--currency-map $=CAD --currency-map Taler=USD"
    assert reasons(take(crm, "deals", content, options)) == ["5 amount: '€6' is no amount in CAD"]
    assert [each["currency"] for each in deals(crm)] == ["CAD", "EUR", "USD"]
