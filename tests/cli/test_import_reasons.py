"""crmctl import: all that is wrong with a row is said at once, and nothing that only follows."""

import pytest

from tests.cli.imported import deals, reasons, take
from tests.crm import Crm

NOBODY = "no customer answers to"
NO_STAGE = "is no stage of pipeline default"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company whose proposals need an amount, and a deal of Bob's."""
    crm.now = "2026-03-10T12:00:00Z"
    return crm.begin(
        "init Acme --user Ann",
        "stage edit proposal --required amount",
        "customer add Bob",
        "deal add Old --customer Bob --amount 5",
    )


def told(crm: Crm, row: str, options: str = "") -> list[tuple[str, str]]:
    """Return the columns and the beginnings of what is wrong with a row."""
    header = "title,customer,amount,currency,stage,status,won on,lost on,lost reason"
    maps = '--map "won on=closed_at" --map status=outcome'
    result = take(crm, "deals", f"{header}\n{row}\n", f"{maps} {options}")
    found = [each.removeprefix("2 ").split(": ", 1) for each in reasons(result)]
    return [(column, reason) for column, reason in found]


@pytest.mark.parametrize("options", ["", "--dry-run", "--create-missing customers"])
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # A closing of a deal of whose stage nothing is known, or that is known to be lost.
        ("A,Bob,1,,Sketching,,2026-02-20,,", [("stage", NO_STAGE)]),
        ("A,Bob,1,,lead,Dunno,2026-02-20,,", [("status", "not open, won or lost")]),
        ("A,Nix,1,,lead,lost,2026-02-20,,", [("customer", NOBODY)]),
        ("A,Nix,1,,Sketching,,2026-02-20,,", [("customer", NOBODY), ("stage", NO_STAGE)]),
        ("A,Bob,1,,lead,open,2026-02-20,,", [("won on", "the deal is in an open stage")]),
        # A reason of a deal that may be lost.
        ("A,Bob,1,,Sketching,,,,dear", [("stage", NO_STAGE)]),
        ("Old,Bob,1,,Sketching,,,,dear", [("stage", NO_STAGE)]),
        # What a stage needs is there, though it cannot be read; what is not there is missed.
        ("A,Bob,1x,,proposal,,,,", [("amount", "not an amount")]),
        ("Old,Bob,1x,,proposal,,,,", [("amount", "not an amount")]),
        ("A,Nix,,,proposal,,,,", [("customer", NOBODY), ("stage", "proposal needs amount")]),
        # An amount is too fine in a currency that is known.
        ("A,Bob,1.5,JPX,lead,,,,", [("currency", "not a currency code")]),
        (
            ",Bob,1x,,Sketching,,,,",
            [("amount", "not an amount"), ("title", "nothing tells"), ("stage", NO_STAGE)],
        ),
        (
            "A,Bob,1x,,won,,soon,,dear",
            [
                ("amount", "not an amount"),
                ("won on", "not a time"),
                ("lost reason", "a lost reason is for"),
            ],
        ),
        ("Total,,1x,,,,,,", [("", "it looks like a total")]),
    ],
)
def test_a_row_is_told_all_that_is_wrong_and_nothing_that_follows(
    crm: Crm, row: str, options: str, expected: list[tuple[str, str]]
) -> None:
    found = told(crm, row, options)
    wanted = [each for each in expected if each[1] != NOBODY or "create" not in options]
    assert [column for column, _ in found] == [column for column, _ in wanted], found
    for (_, reason), (_, words) in zip(found, wanted, strict=True):
        assert words in reason


def test_the_column_is_the_one_that_holds_the_cell(crm: Crm) -> None:
    content = (
        "Deal - Title,Deal - Status,Deal - Stage,Deal - Won time,Deal - Lost time\n"
        "A,Lost,Lead,,soon\nB,Won,Lead,later,\nC,Open,Lead,,2026-02-20 15:30:00\n"
        "D,Won,Proposal,2026-02-20,\n"
    )
    crm("stage edit won --required amount")
    assert [each.split(": ")[0] for each in reasons(take(crm, "deals", content))] == [
        "2 Deal - Lost time",
        "3 Deal - Won time",
        "3 Deal - Status",
        "4 Deal - Lost time",
        "5 Deal - Status",
    ]


def test_what_is_refused_corrects_nothing_of_the_history(crm: Crm) -> None:
    """A closing that could be corrected stays where another cell of its row is refused."""
    take(crm, "deals", "title,id,stage,closed at,created at\nA,1,won,2026-02-20,2026-02-01\n")
    before = deals(crm)
    content = "title,id,stage,closed at,stage entered at,lost reason\nA,1,won,2026-02-22,,dear\n"
    assert take(crm, "deals", content).exit_code == 1
    assert deals(crm) == before
    assert "2026-02-22" not in crm("deal show A --json").stdout


def test_customers_and_activities_are_told_all_as_well(crm: Crm) -> None:
    assert reasons(take(crm, "customers", "id,name,lead score\n7,,y\n")) == [
        "2 lead score: not a whole number: 'y'",
        "2 name: a customer needs a name or an e-mail address",
    ]
    found = reasons(take(crm, "activities", "id,subject,at,deal\n7,A,soon,Nix\n"))
    assert [each.split(": ")[0] for each in found] == ["2 at", "2 deal", "2 kind"]
