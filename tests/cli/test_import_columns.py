"""Columns whose names or cells show what they are go in, and what a file lacks is said first."""

import pytest

from tests.cli.imported import counts, customers, deals, findings, take
from tests.crm import Crm


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company in EUR with the default pipeline."""
    return crm.begin("init Acme --currency EUR --user Ada", "user use Ada")


@pytest.mark.parametrize("column", ["Status", "Deal status", "State", "Result", "Phase"])
def test_won_and_lost_deals_are_not_open(crm: Crm, column: str) -> None:
    content = f"Deal Name,Amount,{column}\nWeir,10,Won\nLock,10,LOST\nDam,10,Open\n"
    assert take(crm, "deals", content).exit_code == 0
    assert [(each["title"], each["status"]) for each in deals(crm)] == [
        ("Weir", "won"), ("Lock", "lost"), ("Dam", "open"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("Amount (EUR)", "1000", {"amount": "1000.00", "currency": "EUR"}),
        ("Amount in USD", "1000", {"amount": "1000.00", "currency": "USD"}),
        ("amount_cents", "120050", {"amount": "1200.50", "currency": "EUR"}),
        ("Umsatz (T€)", '"1,5"', {"amount": "1500.00", "currency": "EUR"}),
        ("Close date (dd/mm/yyyy)", "02/03/2027", {"expected_close": "2027-03-02"}),
        ("Expected close (mm/dd/yyyy)", "02/03/2027", {"expected_close": "2027-02-03"}),
        ("Probability (%)", "40", {"probability": "0.40"}),
        ("Created Time", "2026-01-05 10:00:00", {"created_at": "2026-01-05T10:00:00Z"}),
    ],
)
def test_units_in_the_name_of_a_column_hold_for_its_cells(
    crm: Crm, column: str, cell: str, expected: dict[str, str]
) -> None:
    result = take(crm, "deals", f"Deal Name,{column}\nWeir,{cell}\n", now="2026-09-15T09:00:00Z")
    assert result.exit_code == 0, result.stderr
    assert {name: deals(crm)[0][name] for name in expected} == expected


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (
            "deal_size_usd",
            ["amounts are in USD, as deal_size_usd says; deals without one are in EUR"],
        ),
        ("Amount (k€)", ["an amount of 1 is 1,000, as Amount (k€) says"]),
        ("Amount (EUR)", []),
        ("Amount (USD),Currency", []),
    ],
)
def test_what_a_header_says_of_amounts_is_said(crm: Crm, header: str, said: list[str]) -> None:
    rows = "Weir,5,USD\n" if "," in header else "Weir,5\n"
    result = take(crm, "deals", f"Deal Name,{header}\n{rows}", "--dry-run")
    assert [text for text in findings(result, "decided") if "amount" in text] == said


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("Amount (EUR)", "$5", "'$5' is no amount in EUR"),
        ("Amount (k€)", "12k", "'12k' in a column that counts in 1,000"),
        ("Amount (EUR),Currency", "5,USD", "'5' is no amount in USD"),
    ],
)
def test_an_amount_against_the_unit_of_its_column_is_refused(
    crm: Crm, column: str, cell: str, reason: str
) -> None:
    result = take(crm, "deals", f"Deal Name,{column}\nWeir,{cell}\n")
    assert [each["reason"] for each in result.json()["rejects"]] == [reason]


def test_amounts_without_cents_and_what_stands_for_none(crm: Crm) -> None:
    content = "Titel;Betrag\nWehr;1'200.50\nTor;12'000.-\nWand;--\n"
    assert take(crm, "deals", content, "--empty --").exit_code == 0
    assert [each["amount"] for each in deals(crm)] == ["1200.50", "12000.00", None]


def test_a_column_called_the_amount_is_asked_about_whatever_is_in_it(crm: Crm) -> None:
    result = take(crm, "deals", "Titel,Betrag\nWehr,viel\n")
    assert "is Betrag the amount?" in findings(result, "unknown")


@pytest.mark.parametrize(
    ("columns", "cells", "question"),
    [
        ("First Name,Last Name", "Nora,Birk", "are First Name and Last Name the customer?"),
        ("Members", "Ada", "is Members the owner?"),
        ("Billing period", "monthly", "are amounts paid again, as Billing period says?"),
        ("Etap", "somewhere", "is Etap the stage?"),
    ],
)
def test_what_stands_beside_deals_is_asked_about(
    crm: Crm, columns: str, cells: str, question: str
) -> None:
    result = take(crm, "deals", f"Deal,Amount,{columns}\nWeir,1,{cells}\n")
    assert result.exit_code == 0, result.stderr
    assert question in str(findings(result, "unknown"))


def test_cards_of_a_board_are_known_by_their_ids(crm: Crm) -> None:
    for name in ("Weir", "Lock"):
        take(crm, "deals", f"Card ID,Card Name,Amount,Stage\nab12,{name},1,Lead\n")
    assert [each["title"] for each in deals(crm)] == ["Lock"]


@pytest.mark.parametrize("cells", ["1200,,", ",900,", ",,x"])
def test_a_column_for_each_outcome_is_refused(crm: Crm, cells: str) -> None:
    content = f"Deal,Pending,Won,Lost\nWeir,{cells}\nLock,,,5\n"
    result = take(crm, "deals", content)
    assert (result.exit_code, deals(crm)) == (2, [])
    assert "which of Pending, Won and Lost has a cell" in result.stderr
    left_out = "--map Pending= --map Won= --map Lost="
    assert take(crm, "deals", content, left_out).exit_code == 0


@pytest.mark.parametrize(("stages", "field"), [("Won", "close date"), ("Lead", "expected close")])
def test_a_date_of_closed_deals_is_asked_about_as_theirs(crm: Crm, stages: str, field: str) -> None:
    result = take(crm, "deals", f"Deal,Amount,Stage,Quarter\nWeir,1,{stages},Q3 2026\n")
    assert f"is Quarter the {field}?" in findings(result, "unknown")


@pytest.mark.parametrize(
    ("columns", "cells", "way"),
    [
        ("Amount,amount_unit", "120050,cents", "as Amount (cents)"),
        ("Value,Einheit", "12,TEUR", "as Value (TEUR)"),
        ("Amount (minor units)", "120050", "call it Amount (cents)"),
    ],
)
def test_a_unit_that_is_no_part_of_a_name_is_refused(
    crm: Crm, columns: str, cells: str, way: str
) -> None:
    result = take(crm, "deals", f"Deal Name,{columns}\nWeir,{cells}\n")
    assert (result.exit_code, deals(crm)) == (2, [])
    assert way in result.stderr


@pytest.mark.parametrize(
    ("content", "lacking"),
    [
        ("Deal Name,Amount\nWeir,10\nLock,5\n", "deals begin in the first stage"),
        ("Deal Name,Stage\nWeir,Lead\nLock,Lead\n", "deals have no amount"),
    ],
)
def test_a_file_without_stage_or_amount_says_so_first(crm: Crm, content: str, lacking: str) -> None:
    shown = crm("import deals - --dry-run", input=content).stdout.splitlines()
    assert lacking in shown[1]
    assert findings(take(crm, "deals", content)) == {f"{lacking}: no column says theirs": 2}
    assert take(crm, "deals", content.replace("Weir", "Dam"), "--strict").exit_code == 1
    # Deals that are there keep what they have.
    assert take(crm, "deals", content, "--strict --update-only").exit_code == 0
    told = take(crm, "deals", content, "--strict --dry-run")
    assert (told.exit_code, findings(told)) == (0, {})
    assert take(crm, "deals", content, "--strict").exit_code == 0


def test_what_a_file_lacks_is_said_before_its_customers_are_there(crm: Crm) -> None:
    content = "Deal Name,Customer\nWeir,Fell\nLock,Birk\n"
    told = take(crm, "deals", content, "--dry-run")
    lacking = {text for text in findings(told) if "no column says theirs" in text}
    assert (counts(told)[3], len(lacking)) == (2, 2)
    assert all(text.startswith("new deals ") for text in lacking)
    # What is wrong with the rows of deals that are there creates none.
    take(crm, "deals", content, "--create-missing customers")
    told = take(crm, "deals", "Deal Name,Probability\nWeir,x\nLock,y\n", "--dry-run")
    assert (counts(told)[3], findings(told)) == (2, {})


def test_a_row_without_a_stage_is_counted(crm: Crm) -> None:
    told = findings(take(crm, "deals", "Deal Name,Amount,Stage\nWeir,1,Won\nLock,2,\n"), "assumed")
    assert told["deals begin in the first stage: their rows name none"] == 1


def test_a_column_that_is_left_out_on_purpose_is_not_asked_about(crm: Crm) -> None:
    content = "Deal Name,Stage,Amount,Status\nWeir,Lead,5,Won\n"
    assert take(crm, "deals", content, "--map Status= --strict").exit_code == 0
    assert deals(crm)[0]["status"] == "open"


@pytest.mark.parametrize(
    ("column", "lost_on"),
    [
        *(
            (name, "2026-06-30")
            for name in ("Close", "Closing date", "Closing of deal", "Abschluss")
        ),
        *((name, None) for name in ("Expected close", "Planned closing day", "Due")),
    ],
)
def test_a_day_of_closing_is_that_of_closed_deals_too(
    crm: Crm, column: str, lost_on: str | None
) -> None:
    content = f"Deal Name,Amount,Stage,{column}\nWeir,1,Lead,2026-12-31\nLock,2,Lost,2026-06-30\n"
    assert take(crm, "deals", content, now="2026-09-15T09:00:00Z").exit_code == 0
    weir, lock = sorted(deals(crm), key=lambda each: each["ref"])
    assert weir["expected_close"] == "2026-12-31"
    assert lock["closed_on"] == lost_on
    assert ("closed_at" in lock["assumed"]) == (lost_on is None)


@pytest.mark.parametrize(
    ("column", "cell", "finding"),
    [
        ("value_currency", "USD", "assumed: value_currency is read as the currency, by its cells"),
        ("Curr", "USD", "unknown: is Curr the currency?"),
        ("ISO", "€", "unknown: is ISO the currency?"),
    ],
)
def test_a_column_of_currencies_is_not_left_out_in_silence(
    crm: Crm, column: str, cell: str, finding: str
) -> None:
    content = f"Deal Name,Amount,Stage,{column}\nWeir,1,Lead,{cell}\n"
    found = take(crm, "deals", content).json()["findings"]
    assert finding in [f"{each['certainty']}: {each['text']}" for each in found]
    assert deals(crm)[0]["currency"] == ("USD" if "assumed" in finding else "EUR")


@pytest.mark.parametrize("head", ["First,Last,Email", "Forename,Surname,E-Mail"])
def test_names_in_two_columns_are_one(crm: Crm, head: str) -> None:
    assert take(crm, "customers", f"{head}\nNora,Birk,nora@birk.example\n").exit_code == 0
    assert customers(crm)[0]["name"] == "Nora Birk"


def test_what_one_column_shows_of_dates_holds_for_the_file(crm: Crm) -> None:
    content = "Deal Name,Close Date,Create Date\nWeir,31/12/2026,03/04/2026\n"
    result = take(crm, "deals", content, now="2026-09-15T09:00:00Z")
    assert deals(crm)[0]["created_at"] == "2026-04-03T00:00:00Z"
    told = "Create Date: the day comes first, as in '31/12/2026' (line 2) of Close Date"
    assert told in findings(result, "decided")
    dotted = "Deal Name,Close Date\nLock,01.02.2027\nDam,3.4.2027\n"
    assert take(crm, "deals", dotted).exit_code == 0
    assert [each["expected_close"] for each in deals(crm)[1:]] == ["2027-02-01", "2027-04-03"]
    against = "Deal Name,Close Date,Create Date\nPier,31/12/2026,12/31/2025\n"
    unclear = against.replace("Create Date\n", "Create Date,Expected close\n").replace(
        "2025\n", "2025,02/03/2027\n"
    )
    assert take(crm, "deals", against).exit_code == 0
    assert "day or month first" in take(crm, "deals", unclear).stderr
