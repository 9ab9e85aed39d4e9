"""crmctl import: cells as people write them, from the file to the database."""

from pathlib import Path
from typing import Any

import pytest

from tests.crm import Crm, Result


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company that counts in euros."""
    crm.now = "2026-03-10T12:00:00Z"
    return crm.begin("init Acme --user Ann --currency EUR")


def take(crm: Crm, what: str, content: str, options: str = "") -> Result:
    """Import `content` from stdin."""
    return crm(f"import {what} - --json {options}", input=content)


def reasons(result: Result) -> list[str]:
    return [
        f"{each['line']} {each['column']}: {each['reason']}" for each in result.json()["rejects"]
    ]


def amounts(crm: Crm) -> list[tuple[Any, Any]]:
    found = crm("deal list --status all --json").json()
    return [(deal["amount"], deal["currency"]) for deal in found]


def test_amounts_as_europe_writes_them(crm: Crm) -> None:
    content = (
        "title;amount;expected close\nA;€ 1.200,50;31.12.2026\nB;1.200;01.02.2026\n"
        "C;(1 200,50 Kč);2 Mar 2026\nD;1 200,50 TL;2026-03-01\n"
    )
    result = take(crm, "deals", content)
    assert reasons(result) == [
        "5 amount: not an amount: '1 200,50 TL' (write it like 1200,50, as its column is)"
    ]
    assert amounts(crm) == [("1200.50", "EUR"), ("1200.00", "EUR"), ("-1200.50", "CZK")]
    days = [deal["expected_close"] for deal in crm("deal list --json").json()]
    assert days == ["2026-12-31", "2026-02-01", "2026-03-02"]
    again = take(crm, "deals", content)
    assert (again.json()["unchanged"], again.json()["rejected"]) == (3, 1)


def test_cells_that_contradict_their_column_are_rejected(crm: Crm) -> None:
    content = (
        "title;amount;expected close\nA;1,50;13/02/2026\nB;2,50;14/02/2026\nC;3.50;03/13/2026\n"
        "D;1.200;01/02/2026\nE;1.200,00;01/01/2026\n"
    )
    assert reasons(take(crm, "deals", content)) == [
        "4 amount: not an amount: '3.50' (write it like 1200,50, as its column is)",
        "4 expected close: no such date: '03/13/2026' with the day first",
        "5 amount: thousands or decimals in '1.200'? say --decimal . or --decimal ,",
        "5 expected close: day or month first in '01/02/2026'? say --dates dmy or --dates mdy",
    ]
    assert reasons(take(crm, "deals", content, "--decimal , --dates dmy")) == [
        "4 amount: not an amount: '3.50' (write it like 1200,50, as its column is)",
        "4 expected close: no such date: '03/13/2026' with the day first",
    ]


def test_undecided_amounts_are_asked_for_and_nothing_is_written(crm: Crm) -> None:
    content = "title,amount\nA,5\nB,1.200\n"
    result = take(crm, "deals", content)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "crmctl: error: amount: thousands or decimals in '1.200' (line 3)?"
        " say --decimal . or --decimal ,\n"
    )
    assert amounts(crm) == []
    take(crm, "deals", content, "--decimal ,")
    assert amounts(crm) == [("5.00", "EUR"), ("1200.00", "EUR")]
    take(crm, "deals", content, "--decimal .")
    assert amounts(crm) == [("5.00", "EUR"), ("1.20", "EUR")]


def test_rejects_alone_do_not_decide_how_they_are_written(crm: Crm, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    content = (
        "title,amount,expected close,probability\nA,5.5,2/24/2026,60\nB,5.5,3/24/2026,70\n"
        "C,5.5,3/25/2026,80\nD,five,24/3/2026,0.5\nE,five,1/2/2026,1\n"
        'F,"1,200",13/2/2026,70\n'
    )
    assert take(crm, "deals", content, f"--rejects {rejects}").json()["created"] == 3
    assert reasons(take(crm, "deals", rejects.read_text())) == [
        "2 amount: not an amount: 'five' (write it like 1200.50)",
        "2 probability: is 0.5 below 1% or not? write it with a percent sign",
        "3 amount: not an amount: 'five' (write it like 1200.50)",
        "3 expected close: day or month first in '1/2/2026'? say --dates dmy or --dates mdy",
        "3 probability: 1% or 100%? write it like 1% or 100%",
        "4 amount: thousands or decimals in '1,200'? say --decimal . or --decimal ,",
    ]
    corrected = (
        rejects.read_text().replace("five,", "5,").replace("0.5,", "50%,").replace("26,1,", "26,,")
    )
    assert reasons(take(crm, "deals", corrected, "--dates mdy --decimal .")) == [
        f"{line} expected close: no such date: '{written}' with the month first"
        for line, written in ((2, "24/3/2026"), (4, "13/2/2026"))
    ]
    corrected = corrected.replace("24/3/", "3/24/").replace("13/2/", "2/13/")
    result = take(crm, "deals", corrected, "--dates mdy --decimal .")
    assert (result.json()["created"], reasons(result)) == (2, [])
    days = [deal["expected_close"] for deal in crm("deal list --json").json()]
    assert sorted(days)[:3] == ["2026-01-02", "2026-02-13", "2026-02-24"]


def test_currency_beside_an_amount(crm: Crm) -> None:
    content = (
        "title,amount,currency\nA,€ 5,USD\nB,$5,USD\nC,$5,EUR\nD,£5,\nE,$5,\nF,USD 5,$\nG,5,€\n"
    )
    result = take(crm, "deals", content)
    assert reasons(result) == [
        "2 amount: '€ 5' is no amount in USD",
        "4 amount: '$5' is no amount in EUR",
    ]
    assert [currency for _, currency in amounts(crm)] == ["USD", "GBP", "USD", "USD", "EUR"]


@pytest.mark.usefixtures("on_each_engine")
def test_own_export_comes_back_as_it_was(crm: Crm) -> None:
    assert crm("field add deal size --type number").exit_code == 0
    assert crm("deal add A --amount 1.2340 --currency CLF --custom size=1.5").exit_code == 0
    assert crm("customer add Bo --phone '030 123' --email bo@x.example").exit_code == 0
    for what in ("deals", "customers"):
        exported = crm(f"export {what} -").stdout
        result = take(crm, what, exported, "--country DE")
        assert (result.json()["unchanged"], result.json()["rejected"]) == (1, 0), result.stdout


def test_contacts(crm: Crm) -> None:
    content = (
        "name,email,phone\nA,Ann <A@X.example>,030 123456\nB,,+1 212 555 0123 ext. 5\n"
        "C,c@x.example; b@x.example,\nD,,12\n"
    )
    result = take(crm, "customers", content, "--country de")
    assert reasons(result) == [
        "5 phone: not a phone number in DE: '12' (write it like +49 30 123456)",
    ]
    found = [(row["email"], row["phone"]) for row in crm("customer list --json").json()]
    assert found == [
        ("a@x.example", "+4930123456"), (None, "+12125550123 x5"), ("c@x.example", None),
    ]  # fmt: skip
    assert take(crm, "customers", "name,phone\nE,12\n").json()["created"] == 1
    result = take(crm, "customers", "name,phone\nE,12\n", "--country Germany")
    assert result.exit_code == 2
    assert result.stderr == (
        "crmctl: error: no country has the code 'Germany' (two letters, such as DE)\n"
    )


def test_probabilities_and_truths(crm: Crm) -> None:
    assert crm("field add deal vip --type boolean").exit_code == 0
    content = "title,probability,vip\nA,1,x\nB,60,unchecked\nC,,maybe\n"
    result = take(crm, "deals", content)
    assert reasons(result) == [
        "4 vip: neither yes nor no: 'maybe'",
    ]
    found = [
        (deal["probability"], deal["custom"]["vip"]) for deal in crm("deal list --json").json()
    ]
    assert found == [("0.01", True), ("0.60", False)]
    result = take(crm, "deals", "title,probability\nD,1\nE,60\nF,0.5\n", "--key title")
    assert reasons(result) == [
        "2 probability: 1% or 100%? write it like 1% or 100%",
        "4 probability: 0.5 among percents: write it with a percent sign",
    ]


def test_what_stands_for_nothing_names_its_option(crm: Crm) -> None:
    content = "title,amount\nA,5\nB,NA\n"
    assert reasons(take(crm, "deals", content)) == [
        "3 amount: not an amount: 'NA' (write it like 1200.50), or as an empty cell (--empty NA)"
    ]
    assert reasons(take(crm, "deals", content, "--empty NA")) == []
