"""Ids and phones that a spreadsheet has rounded are refused row by row, and by commands."""

import pytest

from tests.cli.imported import counts, customers, deals, reasons, take
from tests.crm import Crm

WHY = "was rounded by a spreadsheet: export it with this column as text"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with one user, who is remembered, and a deal."""
    return crm.begin("init Acme --user Ada", "user use Ada", "deal add Pier --external-id 1")


@pytest.mark.parametrize(
    ("what", "content", "options", "text"),
    [
        ("deals", "Deal ID,Deal Name\n{},Weir\n", "", "1.23457E+11"),
        ("deals", "Deal ID,Deal Name\n{},Weir\n", "", "123456789012345000"),
        ("deals", "Deal Name,customer_external_id\nWeir,{}\n", "", "1.23457E+11"),
        ("deals", "Deal Name,Customer\nWeir,{}\n", "--create-missing customers", "6E+11"),
        ("customers", "Contact ID,Name\n{},Nora\n", "", "1.23457E+11"),
        ("customers", 'Name,Phone\nNora,"{}"\n', "", "4,91512E+12"),
        ("customers", "Name,Phone\nNora,{}\n", "--country DE", "1.20255E+10"),
        ("activities", "Call ID,Subject,Deal ID\n{},Call,1\n", "--kind call", "1.23457E+11"),
        ("history", "Deal ID,Stage,Entered at\n{},Lead,2026-01-05T10:00\n", "", "1.23457E+11"),
    ],
)
def test_what_is_rounded_is_refused(
    crm: Crm, what: str, content: str, options: str, text: str
) -> None:
    plan = take(crm, what, content.format(text), options)
    assert plan.exit_code == 1
    assert [reason.partition(": ")[2] for reason in reasons(plan)] == [f"{text} {WHY}"]
    assert (len(deals(crm)), customers(crm)) == (1, [])


def test_rows_beside_one_that_is_rounded_go_in(crm: Crm) -> None:
    content = "Deal ID,Deal Name,Amount\n1.23450E+11,Bad,1\n219E01,Good,2\n1.23451E+11,Bad,3\n"
    assert counts(take(crm, "deals", content)) == (1, 0, 0, 2)
    assert crm("deal show 219E01 --json").json()["title"] == "Good"


@pytest.mark.parametrize(
    "command",
    ["deal add Weir --external-id acme:1.23457E+11", "deal edit D1 --external-id 4.5e+10",
     "customer add Nora --phone 4.91512E+12"],
)  # fmt: skip
def test_commands_refuse_what_is_rounded(crm: Crm, command: str) -> None:
    result = crm(command)
    assert result.exit_code == 2
    assert WHY in result.stderr
