"""crmctl deal list: filters, order and pages, alike on both engines."""

import re

import pytest

from tests.crm import Crm

pytestmark = pytest.mark.usefixtures("on_each_engine", "company")
NOW = "2026-03-10T09:00:00Z"

DEALS = """
Alpha --amount 100 --customer Ann --owner uma --close 2026-04-01 --tag hot --custom seats=5
beta  --amount 250.50 --customer Bob --owner viv --stage proposal --close 2026-05-01
Gamma --customer Bob --stage negotiation --next-step 'call Ann' --custom seats=2.5
delta --amount 100 --currency USD --owner uma --stage won --at 2026-02-10
Echo  --amount 75 --stage lost --lost-reason 'too 100% dear' --at 2026-02-20
Zwölf --amount 9000000000 --tag hot --tag 'big one' --probability 90%
"""

FILTERS = {
    "": "D1 D2 D3 D6",
    "--status all": "D1 D2 D3 D4 D5 D6",
    "--status won": "D4",
    "--status lost": "D5",
    "--status closed": "D4 D5",
    "--stage won": "D4",
    "--stage Proposal --stage negotiation": "D2 D3",
    "--stage proposal --status won": "",
    "--pipeline default --status won": "D4",
    "--owner uma": "D1",
    "--owner uma --status all": "D1 D4",
    "--owner none": "D3 D6",
    "--customer bob": "D2 D3",
    "--segment smb": "D1",
    "--currency usd --status all": "D4",
    "--min-amount 100": "D1 D2 D6",
    "--max-amount 250.50": "D1 D2",
    "--min-amount 100.01 --max-amount 1k": "D2",
    "--close-from 2026-04-01 --close-to 2026-04-01": "D1",
    "--close-from 2026-04-02": "D2",
    "--status all --close-from 2026-02-10 --close-to 2026-02-19": "D4",
    "--status closed --close-to 2026-02-20": "D4 D5",
    "--text bolt": "D2 D3",
    "--text ALPHA": "D1",
    "--text 'call ann'": "D3",
    "--text 100% --status all": "D5",
    "--text _": "",
    "--tag hot": "D1 D6",
    "--tag hot --tag 'big one'": "D6",
    "--tag ho": "",
    "--custom seats=5.0": "D1",
    "--custom seats=2.5": "D3",
    "--custom seats=": "D2 D6",
    "--removed": "",
}

ORDERS = {
    "number": "D1 D2 D3 D4 D5 D6",
    "-number": "D6 D5 D4 D3 D2 D1",
    "title": "D1 D2 D4 D5 D3 D6",
    "-title": "D6 D3 D5 D4 D2 D1",
    "amount": "D5 D1 D4 D2 D6 D3",
    "-amount": "D6 D2 D1 D4 D5 D3",
    "customer": "D1 D2 D3 D4 D5 D6",
    "owner": "D1 D4 D2 D3 D5 D6",
    "stage": "D1 D6 D2 D3 D4 D5",
    "status": "D5 D1 D2 D3 D6 D4",
    "probability": "D5 D1 D2 D3 D6 D4",
    "close": "D1 D2 D3 D4 D5 D6",
    "-close": "D2 D1 D3 D4 D5 D6",
    "closed": "D4 D5 D1 D2 D3 D6",
    "-closed": "D5 D4 D1 D2 D3 D6",
    "entered": "D4 D5 D1 D2 D3 D6",
    "created": "D1 D2 D3 D4 D5 D6",
}

WRONG = {
    "--sort size": (2, "cannot sort by 'size' (there is number, title"),
    "--stage nope": (3, "'nope' is no stage of pipeline default"),
    "--pipeline nope": (3, "no pipeline is called 'nope'"),
    "--status maybe": (2, "'maybe' is not one of"),
    "--owner nobody": (3, "no user answers to 'nobody'"),
    "--customer nobody": (3, "no customer answers to 'nobody'"),
    "--after D99": (3, "--after names a row by its number"),
    "--after alpha": (3, "--after names a row by its number"),
    "--limit -1": (2, "must be at least 0"),
    "--custom size=1": (3, "no custom field of deals is called 'size' (there is seats)"),
    "--custom seats=many": (2, "seats: not a number: 'many'"),
    "--close-to 9999-12-31": (2, "out of range"),
    "--min-amount x": (2, "not an amount"),
    "--currency Euro": (2, "not a currency code"),
}


@pytest.fixture
def company(crm: Crm) -> None:
    """A company with two users, two customers and six deals."""
    crm.now = NOW
    crm.begin(
        "init Acme --currency EUR --user Uma",
        "user add Viv",
        "field add deal seats --type number",
        "customer add Ann --segment SMB --as Uma",
        "customer add Bob --segment Enterprise --organisation 'Bolt Ltd' --as Uma",
        *(f"deal add {line} --as Uma" for line in DEALS.strip().splitlines()),
    )


def _refs(crm: Crm, arguments: str) -> list[str]:
    result = crm(f"deal list {arguments} --json --as Uma")
    assert result.exit_code == 0, result.stderr
    return [deal["ref"] for deal in result.json()]


def test_a_filter_finds_the_deals_that_fit(crm: Crm) -> None:
    assert {filter: " ".join(_refs(crm, filter)) for filter in FILTERS} == FILTERS


def test_the_order_is_the_same_in_one_list_and_over_pages(crm: Crm) -> None:
    assert {sort: " ".join(_refs(crm, f"--status all --sort {sort}")) for sort in ORDERS} == ORDERS
    assert {sort: " ".join(_paged(crm, sort)) for sort in ORDERS} == ORDERS


def _paged(crm: Crm, sort: str) -> list[str]:
    arguments = f"--status all --sort {sort} --limit 4"
    first = _refs(crm, arguments)
    return first + _refs(crm, f"{arguments} --after {first[-1]}")


def test_what_is_cut_is_told(crm: Crm) -> None:
    result = crm("deal list --limit 2 --json --as Uma")
    assert (result.exit_code, len(result.json())) == (0, 2)
    assert result.stderr == "printed 2 of 4 deals; go on with --after D2\n"
    result = crm("deal list --limit 2 --after D2 --as Uma")
    assert (result.exit_code, result.stderr) == (0, "")
    assert crm("deal list --limit 4 --as Uma").stderr == ""
    assert len(_refs(crm, "--limit 0")) == 4


def test_a_page_goes_on_where_its_last_deal_was_though_it_left_the_list(crm: Crm) -> None:
    crm("deal win 2 --as Uma")
    assert _refs(crm, "--limit 2 --after D2") == ["D3", "D6"]


def test_a_wrong_filter_is_named(crm: Crm) -> None:
    for arguments, (code, said) in WRONG.items():
        result = crm(f"deal list {arguments} --as Uma")
        assert (result.exit_code, result.stdout) == (code, ""), arguments
        assert said in result.stderr
        assert result.stderr.count("\n") == 1


def test_a_person_reads_a_table(crm: Crm) -> None:
    result = crm("deal list --stage proposal --stage won --sort -number --as Uma")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.split("  ") for line in _squeezed(result.stdout)] == [
        ["ref", "title", "customer", "amount", "stage", "owner", "close"],
        ["D4", "delta", "-", "100.00 USD", "Won", "Uma", "2026-02-10"],
        ["D2", "beta", "Bob", "250.50 EUR", "Proposal", "Viv", "2026-05-01"],
    ]


def _squeezed(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if not set(line) <= set("─ ")]
    return [re.sub(r" {2,}", "  ", line) for line in lines]


def test_no_deals_is_no_error(crm: Crm) -> None:
    result = crm("deal list --segment nobody --as Uma")
    assert (result.exit_code, result.stdout.strip(), result.stderr) == (0, "no deals", "")
    assert crm("deal list --segment nobody --json --as Uma").stdout == "[]\n"
    header = crm("deal list --segment nobody --output csv --as Uma").stdout
    assert header == crm("deal list --output csv --as Uma").stdout.splitlines(keepends=True)[0]


def test_a_franchise_sees_its_own_deals_only(crm: Crm) -> None:
    crm("franchise add North --as Uma")
    crm("deal add Nordic --franchise North --as Uma")
    assert _refs(crm, "--franchise North") == ["D7"]
    assert "D7" in _refs(crm, "")
    result = crm("deal show 1 --franchise North --as Uma")
    assert (result.exit_code, result.stderr) == (
        3,
        "crmctl: error: no deal answers to '1' (crmctl deal list --status all)\n",
    )
