"""A word of the user's choice empties a field; an empty cell changes nothing, and that is said."""

import pytest

from tests.cli.imported import counts, customers, deals, findings, reasons, take
from tests.crm import Crm

HEAD = "Deal ID,Deal Name,Amount,Next Step,Expected Close,Owner,Customer,Tags\n"
FULL = f"{HEAD}1,Weir,5.00,Call,2026-12-31,Ann,Fell,x;y\n"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with one user and one customer."""
    return crm.begin("init Acme --user Ann", "user use Ann", "customer add Fell")


def told(crm: Crm) -> list[object]:
    names = ("amount", "next_step", "expected_close", "owner", "customer", "tags")
    return [deals(crm)[0][name] for name in names]


@pytest.mark.parametrize("word", ["-", "none", "(leer)"])
def test_a_word_clears_fields_and_undo_brings_them_back(crm: Crm, word: str) -> None:
    take(crm, "deals", FULL)
    before = told(crm)
    content = f"{HEAD}1,Weir,{word},{word},,{word},{word},{word}\n"
    result = take(crm, "deals", content, f"--clear-with '{word}'")
    assert result.exit_code == 0, result.stdout
    assert told(crm) == [None, None, "2026-12-31", None, None, []]
    assert crm("undo").exit_code == 0
    assert told(crm) == before


def test_a_word_clears_fields_of_customers_and_custom_ones(crm: Crm) -> None:
    assert crm("field add customer size --type number").exit_code == 0
    take(crm, "customers", "Name,Email,Phone,size\nIna,i@moor.example,+493012345678,5\n")
    take(crm, "customers", "Name,Email,Phone,size\nIna,i@moor.example,-,-\n", "--clear-with -")
    found = next(each for each in customers(crm) if each["name"] == "Ina")
    assert (found["email"], found["phone"], found["custom"]) == ("i@moor.example", None, {})


def test_what_must_be_there_is_not_cleared(crm: Crm) -> None:
    take(crm, "deals", FULL)
    result = take(crm, "deals", "Deal ID,Deal Name,Stage\n1,-,-\n", "--clear-with -")
    assert reasons(result) == [
        "2 Deal Name: the title of a record cannot be cleared",
        "2 Stage: the stage of a record cannot be cleared",
    ]


def test_a_cleared_field_of_a_new_deal_is_empty(crm: Crm) -> None:
    take(crm, "deals", f"{HEAD}1,Weir,-,-,-,-,-,-\n", "--clear-with -")
    assert told(crm) == [None, None, None, None, None, []]


def test_an_empty_cell_is_not_said_to_agree(crm: Crm) -> None:
    take(crm, "deals", FULL)
    result = take(crm, "deals", f"{HEAD}1,Weir,,,,,,\n")
    assert "empty cells change nothing" in result.stderr
    kept = "empty cells of {} keep what is there"
    assert "the database says what the file says" not in result.stderr
    names = ("Amount", "Next Step", "Expected Close", "Owner", "Customer", "Tags")
    assert findings(result, "decided") == {kept.format(name): 1 for name in names}
    assert {each["option"] for each in result.json()["findings"]} == {"--clear-with ''"}


@pytest.mark.usefixtures("on_each_engine")
def test_empty_cells_clear_what_a_record_may_lack_if_that_is_said(crm: Crm) -> None:
    assert crm("field add deal size --type number").exit_code == 0
    head = f"{HEAD.strip()},Owner Email,Stage,Close Reason,size\n"
    take(crm, "deals", f"{head}1,Weir,5.00,Call,2026-12-31,Ann,Fell,x;y,,Lead,,4\n")
    before = told(crm)
    for expected in ((0, 1, 0, 0), (0, 0, 1, 0)):
        result = take(crm, "deals", f"{head}1,Weir,,,,,,,,,,\n", "--clear-with ''")
        assert (counts(result), findings(result)) == (expected, {})
        assert told(crm) == [None, None, None, None, None, []]
        assert deals(crm)[0]["custom"] == {}
    assert crm("undo").exit_code == 0
    assert told(crm) == before
