"""What people type for a record: a number means the record with that number, and no other."""

import pytest

from tests.crm import Crm

pytestmark = pytest.mark.usefixtures("on_each_engine", "company")


@pytest.fixture
def company(crm: Crm) -> None:
    """A company whose names and titles hold digits, and with removed records."""
    crm.now = "2026-03-01T09:00:00Z"
    crm.begin(
        "init Acme --user Uma",
        "deal add 'Plan, 120 seats' --amount 100",
        "deal add Gone",
        "deal add 2027 --external-id crm:0042",
        "customer add 'Studio 54' --email c7@x.example",
        "customer add Leaving",
        "activity add note 'Call 2 of 5' --customer C1",
        "deal remove D2",
        "customer remove C2",
    )


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("deal win 2", "D2 Gone is removed (crmctl deal restore D2)"),
        ("deal win D2", "D2 Gone is removed (crmctl deal restore D2)"),
        ("deal edit d2 --amount 5", "D2 Gone is removed (crmctl deal restore D2)"),
        ("deal move 120 won", "no deal answers to '120' (crmctl deal list --status all)"),
        ("deal move 0 won", "no deal answers to '0' (crmctl deal list --status all)"),
        (
            "deal move 12000000000 won",
            "no deal answers to '12000000000' (crmctl deal list --status all)",
        ),
        ("deal remove 20", "no deal answers to '20' (crmctl deal list --status all)"),
        ("deal restore 20", "no deal answers to '20' (crmctl deal list --status all)"),
        ("deal add x --customer 54", "no customer answers to '54' (crmctl customer list)"),
        ("deal add x --customer C2", "C2 Leaving is removed (crmctl customer restore C2)"),
        ("deal list --customer 54", "no customer answers to '54' (crmctl customer list)"),
        ("customer edit c7 --segment SMB", "no customer answers to 'c7' (crmctl customer list)"),
        ("customer erase 54 --yes", "no customer answers to '54' (crmctl customer list)"),
        ("activity edit 5 --done", "no activity answers to '5' (crmctl activity list)"),
        ("log 120", "no deal, customer, activity, user or change answers to '120' (crmctl log)"),
    ],
)
def test_a_number_is_no_part_of_a_name(crm: Crm, command: str, told: str) -> None:
    before = crm("log --json").json()
    result = crm(command)
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == f"crmctl: error: {told}\n"
    assert crm("log --json").json() == before


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (
            "deal show 'Plan 120 seat'",
            "no deal answers to 'Plan 120 seat' (the nearest is D1 Plan, 120 seats)",
        ),
        ("deal win Plam", "no deal answers to 'Plam' (crmctl deal list --status all --text WORD)"),
        (
            "customer show Stdio54",
            "no customer answers to 'Stdio54' (crmctl customer list --text WORD)",
        ),
        (
            "customer show c7@y.example",
            "no customer answers to 'c7@y.example' (the nearest is C1 Studio 54)",
        ),
        (
            'deal add x --customer "O\'Neil"',
            'no customer answers to "O\'Neil" (crmctl customer list --text WORD, or',
        ),
        ("undo D1", "no change answers to 'D1' (crmctl log D1 shows those of it)"),
    ],
)
def test_what_names_nothing_has_a_way_out(crm: Crm, command: str, told: str) -> None:
    result = crm(command)
    assert result.exit_code == 3
    assert result.stderr.startswith(f"crmctl: error: {told}")


def test_a_list_reads_numbers_alike(crm: Crm) -> None:
    result = crm("deal move - won --keep-going", input="1\n2\n120\n")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "D1 Plan, 120 seats: Lead -> Won",
        "not found: D2 Gone is removed (crmctl deal restore D2)",
        "not found: no deal answers to '120' (crmctl deal list --status all)",
        "moved 1, refused 2",
    ]


@pytest.mark.parametrize("text", ["3", "D3", "2027", "0042", "crm:0042"])
def test_digits_are_a_number_an_external_id_or_a_whole_title(crm: Crm, text: str) -> None:
    assert crm(["deal", "show", text, "--json"]).json()["ref"] == "D3"


def test_a_part_with_digits_and_words_still_answers(crm: Crm) -> None:
    assert crm("deal show '120 seats' --json").json()["ref"] == "D1"
    assert crm("customer show 'o 54' --json").json()["ref"] == "C1"


@pytest.mark.parametrize("command", ["show", "restore", "erase --yes"])
def test_a_removed_record_comes_before_others_that_its_number_names(crm: Crm, command: str) -> None:
    crm("customer add Other --external-id crm:2")
    before = crm("customer show Other --json").json()
    verb, *options = command.split()
    result = crm(["customer", verb, "2", *options])
    assert result.exit_code == 0
    assert "C2" in result.stdout + result.stderr
    assert crm("customer show Other --json").json() == before
