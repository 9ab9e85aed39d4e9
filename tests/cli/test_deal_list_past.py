"""The list of deals of a day is what the board of that day has."""

from typing import Any

import pytest

from tests.cli.imported import take
from tests.crm import Crm

DAYS = ["2026-01-31", "2026-02-05", "2026-02-12", "2026-02-28", "2026-03-11", "2026-03-20",
        "2026-03-31", "2026-04-04", "2026-04-30"]  # fmt: skip
HISTORY = "Deal ID,Deal Name,Amount,Stage,Owner,Close Date\n7,Old,70,Won,Ann,2026-03-25\n"
#: The fields that a deal has both on the board and in a list.
SAME = ("ref", "title", "customer", "amount", "currency", "owner", "probability",
        "expected_close", "next_step", "stage_entered_at", "closed_at", "customer_removed",
        "effective_probability", "weighted_amount")  # fmt: skip


@pytest.fixture
def past(crm: Crm) -> Crm:
    """Some months of deals that came, moved, changed hands and went, some told later."""
    for day, commands in {
        "2026-01-01": ["init Acme --currency EUR --user Ann", "user add Ben",
                       "customer add Tern --segment smb"],
        "2026-02-01": ["deal add Weir --amount 10 --customer Tern --owner Ann --close 2026-05-01",
                       "deal add Lock --amount 20.5 --owner Ben --probability 35"],
        "2026-02-10": ["deal move Weir qualified", "deal add Gone --amount 5"],
        "2026-02-20": ["deal edit Weir --amount 12 --owner Ben --next-step call",
                       "customer edit Tern --name 'Tern Foods' --segment large"],
        "2026-03-10": ["deal win Lock --override", "deal remove Gone", "deal add Pier"],
        "2026-03-15": ["deal reopen Lock", "stage edit lead --label Fresh --probability 15"],
        "2026-04-02": ["deal add Late --amount 30 --at 2026-02-03",
                       "deal move Late proposal --at 2026-03-18 --override --reason told",
                       "user edit Ben --name Benno", "customer remove Tern --override"],
        "2026-04-03": ["deal lose Pier --lost-reason price --at 2026-03-30"],
    }.items():  # fmt: skip
        crm.now = f"{day}T09:00:00Z"
        for command in commands:
            crm(command)
    take(crm, "deals", HISTORY)
    crm.now = "2026-06-01T09:00:00Z"
    return crm


def _on_board(crm: Crm, options: str) -> dict[str, tuple[Any, ...]]:
    stages = crm(f"board --json {options}").json()["stages"]
    return {
        deal["ref"]: (stage["key"], *(deal[name] for name in SAME))
        for stage in stages
        for deal in stage["deals"]
    }


def _listed(crm: Crm, options: str) -> dict[str, tuple[Any, ...]]:
    deals = crm(f"deal list --limit 0 --json {options}").json()
    return {deal["ref"]: (deal["stage"], *(deal[name] for name in SAME)) for deal in deals}


@pytest.mark.usefixtures("on_each_engine")
def test_deals_of_a_day_are_those_of_its_board(past: Crm) -> None:
    seen = set()
    # All days tell what time does, and three of them what the engine does.
    days = DAYS if past.database_url.startswith("sqlite") else DAYS[::3]
    for day in days:
        for shown in ("", "--as-recorded", "--owner Ann", "--owner none", "--segment smb"):
            options = f"--as-of {day} {shown}"
            board = _on_board(past, options)
            open_ = {ref: deal for ref, deal in board.items() if deal[0] not in ("won", "lost")}
            assert _listed(past, options) == open_, options
            # Closed ones are on the board for some time, and in the list for ever.
            listed = _listed(past, f"{options} --status all")
            assert {ref: listed.get(ref) for ref in board} == board, options
            assert all(listed[ref][0] in ("won", "lost") for ref in listed.keys() - board.keys())
            seen.add(tuple(sorted(board)))
    assert len(seen) > len(days) / 2


def test_filters_are_about_the_deals_as_they_were(past: Crm) -> None:
    for options, titles in {
        "--as-of 2026-02-12 --stage qualified": ["Weir"],
        "--as-of 2026-02-12 --stage Lead --stage Qualified": ["Weir", "Lock", "Gone", "Late"],
        "--as-of 2026-02-05 --owner Ben": ["Lock"],
        "--as-of 2026-02-28 --owner Ben": ["Weir", "Lock"],
        "--as-of 2026-03-20 --stage Fresh": ["Lock", "Pier"],
        "--as-of 2026-03-11 --status won": ["Lock"],
        "--as-of 2026-03-31 --status closed": ["Pier", "Old"],
        "--as-of 2026-03-31 --status closed --close-from 2026-03-28": ["Pier"],
        "--as-of 2026-02-12 --close-to 2026-06-01": ["Weir"],
        "--as-of 2026-02-12 --customer C1": ["Weir"],
        "--as-of 2026-02-12 --min-amount 11": ["Lock", "Late"],
        "--as-of 2026-02-28 --min-amount 11 --max-amount 20": ["Weir"],
        "--as-of 2026-02-12 --currency USD": [],
        "--as-of 2026-02-12 --pipeline default": ["Weir", "Lock", "Gone", "Late"],
        "--as-of 2026-02-12 --sort -amount": ["Late", "Lock", "Weir", "Gone"],
        "--as-of 2026-03-20 --sort amount": ["Weir", "Lock", "Late", "Pier"],
        "--as-of 2026-02-12 --sort entered --limit 2": ["Lock", "Late"],
        "--as-of 2026-06-01 --sort -number": ["Late", "Lock", "Weir"],
    }.items():
        deals = past(f"deal list --json {options}").json()
        assert [deal["title"] for deal in deals] == titles, options


def test_names_are_those_of_the_time(past: Crm) -> None:
    (deal,) = past("deal list --as-of 2026-02-12 --stage qualified --json").json()
    assert (deal["customer"], deal["customer_ref"], deal["owner"]) == ("Tern", "C1", "Ann")
    (deal,) = past("deal list --as-of 2026-02-28 --stage qualified --json").json()
    assert (deal["customer"], deal["amount"], deal["owner"]) == ("Tern Foods", "12.00", "Ben")


def test_what_was_cut_is_told(past: Crm) -> None:
    result = past("deal list --as-of 2026-02-12 --limit 1")
    assert "printed 1 of 4 deals; --limit 0 lists all" in result.stderr


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ("--text Weir --tag hot", 2, "--text and --tag and --as-of: deals are found by that only"),
        ("--removed", 2, "--removed and --as-of: deals are found by that only as they are now"),
        ("--custom a=b", 2, "--custom and --as-of"),
        ("--after D1", 2, "--after goes on in a list of now"),
        ("--sort title", 2, "cannot sort by 'title' with --as-of (there is number, amount"),
        ("--owner Benno", 3, "no user answered to 'Benno' at 2026-02-12"),
        ("--stage Fresh", 3, "'Fresh' is no stage of pipeline default"),
        ("--as-of 2026-07-01", 2, "has not come yet"),
        ("--as-of 2020-01-01", 3, "there was no"),
    ],
)
def test_what_cannot_be_known_is_refused(past: Crm, options: str, code: int, said: str) -> None:
    result = past(f"deal list --as-of 2026-02-12 {options}")
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
