"""A command on many records that may not go through names all that are against it."""

import pytest

from tests.crm import Crm


@pytest.fixture
def company(crm: Crm) -> Crm:
    """A company with three deals, of which the first and the third have no amount."""
    return crm.begin(
        "init Acme --user Uma",
        "deal add One",
        "deal add Two --amount 5",
        "deal add Three",
        "stage edit proposal --required amount",
        "stage edit won --required amount",
        "customer add Fell",
    )


MANY = {
    "deal move D1 D2 D3 proposal": (1, ["D1: proposal needs amount", "D3: proposal needs amount"]),
    "deal win D1 D2 D3": (1, ["D1: won needs amount", "D3: won needs amount"]),
    "deal edit D2 D1 D3 --lost-reason price": (1, ["D1: ", "D2: ", "D3: "]),
    "deal move D1 D8 D9 proposal": (3, ["'D8'", "'D9'"]),
    "deal remove D1 D8 D9": (3, ["'D8'", "'D9'"]),
    "deal edit D8 D2 D9 --amount 7": (3, ["'D8'", "'D9'"]),
    "customer remove C7 C1 C8": (3, ["'C7'", "'C8'"]),
    "deal edit D1 D2 D3 --amount 10.1234": (2, ["D1: amount: USD", "D2: ", "D3: "]),
    "deal move D1 D2 nowhere": (3, ["no stage"]),
}


@pytest.mark.parametrize("command", MANY)
def test_all_that_is_against_it_is_named_once(company: Crm, command: str) -> None:
    before = company("log --json").json()
    exit_code, named = MANY[command]
    result = company(command)
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert [result.stderr.count(each) for each in named] == [1] * len(named), result.stderr
    assert result.stderr.startswith("crmctl: error: ")
    assert len(result.stderr.splitlines()) == (len(named) + 1 if len(named) > 1 else 1)
    assert company("log --json").json() == before


def test_very_many_are_named_in_part_and_counted(company: Crm) -> None:
    refs = " ".join(f"D{number}" for number in range(100, 150))
    lines = company(f"deal remove {refs}").stderr.splitlines()
    assert (len(lines), lines[-1]) == (32, "  and 20 more")
