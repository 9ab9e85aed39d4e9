"""crmctl import: signs that stand for several currencies, in a column or beside amounts."""

import pytest

from tests.cli.imported import deals, findings, reasons, take
from tests.crm import Crm


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
            "2 currency: '$' stands for more than one currency (--currency-map '$=CODE')",
            f"3 amount: which currency is '$2'? write {readings}; a column of codes such as"
            " USD says it (--map COLUMN=currency), or --currency-map SIGN=CODE",
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
