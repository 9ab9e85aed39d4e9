"""crmctl deal add, show, edit, remove and restore."""

import pytest

from tests.crm import Crm

pytestmark = pytest.mark.usefixtures("company")
NOW = "2026-03-01T09:00:00Z"


@pytest.fixture
def company(crm: Crm) -> None:
    """A company with a user and a customer."""
    crm.now = NOW
    crm.begin(
        "init Acme --currency EUR --user Uma --email uma@acme.example",
        "customer add 'Ann Müller' --segment SMB",
    )


@pytest.mark.usefixtures("on_each_engine")
def test_a_deal_is_added_with_all_its_fields(crm: Crm) -> None:
    assert crm("field add deal seats --type number").exit_code == 0
    result = crm(
        "deal add 'Acme rollout' --amount 12.5k --currency usd --customer ann --owner uma"
        " --stage proposal --probability 60% --forecast-category commit --close +14d"
        " --next-step 'send offer' --source web --tag hot --tag big --external-id hubspot:9"
        " --custom seats=12 --at 2026-02-01 --reason 'they called' --json"
    )
    assert result.exit_code == 0
    assert result.stderr == "Added D1 Acme rollout in Proposal, 12,500.00 USD, closing 2026-03-15\n"
    record = result.json()
    assert record.pop("id")
    assert record == {
        "ref": "D1",
        "title": "Acme rollout",
        "customer": "Ann Müller",
        "customer_ref": "C1",
        "amount": "12500.00",
        "currency": "USD",
        "pipeline": "default",
        "stage": "proposal",
        "stage_label": "Proposal",
        "status": "open",
        "probability": "0.60",
        "forecast_category": "commit",
        "expected_close": "2026-03-15",
        "next_step": "send offer",
        "owner": "Uma",
        "source": "web",
        "lost_reason": None,
        "tags": ["hot", "big"],
        "external_ids": ["hubspot:9"],
        "custom": {"seats": 12},
        "franchise": None,
        "stage_entered_at": "2026-02-01T00:00:00Z",
        "closed_at": None,
        "created_at": "2026-03-01T09:00:00Z",
        "updated_at": "2026-03-01T09:00:00Z",
        "removed_at": None,
        "customer_removed": False,
        "effective_probability": "0.60",
        "weighted_amount": "7500.00",
        "stage_entered_on": "2026-02-01",
        "closed_on": None,
        "assumed": [],
    }


def test_a_person_is_told_on_stderr_and_stdout_stays_empty(crm: Crm) -> None:
    result = crm("deal add 'Acme rollout'")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Added D1 Acme rollout in Lead\n"


def test_show_prints_what_a_person_wants_to_know(crm: Crm) -> None:
    crm("deal add 'Acme rollout' --amount 12500 --customer C1 --probability 62.5%", now=NOW)
    result = crm("deal show D1", now="2026-03-13T10:00:00Z")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = {line[:13].strip(): line[13:].strip() for line in result.stdout.splitlines()}
    assert lines == {
        "ref": "D1",
        "title": "Acme rollout",
        "customer": "C1 Ann Müller",
        "amount": "12,500.00 EUR",
        "stage": "Lead, for 12d",
        "pipeline": "default",
        "status": "open",
        "probability": "62.5%",
        "created": "2026-03-01 09:00",
        "updated": "2026-03-01 09:00",
    }


@pytest.mark.parametrize("reference", ["D1", "d1", "1", "hubspot:9", "9", "acme rollout", "ROLL"])
def test_a_deal_answers_to_number_external_id_and_title(crm: Crm, reference: str) -> None:
    crm("deal add 'Acme rollout' --external-id hubspot:9")
    assert crm(["deal", "show", reference, "--json"]).json()["ref"] == "D1"


@pytest.mark.usefixtures("on_each_engine")
def test_an_ambiguous_title_lists_the_candidates(crm: Crm) -> None:
    crm("deal add 'Acme rollout'")
    crm("deal add 'Acme renewal'")
    result = crm("deal show acme")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == (
        "crmctl: error: 'acme' could be any of these:\n  D1 Acme rollout\n  D2 Acme renewal\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("deal add ''", 2, "title: must not be empty"),
        ("deal add x --amount twelve", 2, "not an amount: 'twelve'"),
        ("deal add x --amount 1.23456", 2, "at most 4 decimals"),
        ("deal add x --currency eux", 2, "not a currency code: 'eux'"),
        ("deal add x --amount 1.200", 2, "thousands or decimals in '1.200'? write 1200 or 1.2"),
        ("deal add x --amount '$5'", 2, "which currency is '$5'? say it by --currency"),
        ("deal add x --amount '$5' --currency EUR", 2, "'$5' is no amount in EUR"),
        ("deal add x --probability 1", 2, "probability: 1% or 100%? write it like 1% or 100%"),
        (
            "deal add x --close 02/03/2026",
            2,
            "day or month first in '02/03/2026'? write 2026-03-02 or 2026-02-03",
        ),
        ("deal add x --currency UDS", 2, "not a currency code: 'UDS' (did you mean USD?)"),
        ("deal add x --probability 101%", 2, "between 0% and 100%"),
        ("deal add x --close 31.2.2026", 2, "no such date: '31.2.2026'"),
        ("deal add x --customer bob", 3, "no customer answers to 'bob'"),
        ("deal add x --owner bob", 3, "no user answers to 'bob'"),
        ("deal add x --stage nope", 3, "'nope' is no stage of pipeline default"),
        ("deal add x --pipeline nope", 3, "no pipeline is called 'nope'"),
        ("deal add x --custom seats=1", 3, "crmctl field add deal KEY"),
        ("deal add x --custom seats", 2, "--custom is written KEY=VALUE: 'seats'"),
        ("deal add x --at 2026-03-02", 2, "has not come yet"),
        ("deal add x --forecast-category maybe", 2, "'maybe' is not one of"),
        ("deal add x --stage lost", 1, "a lost deal needs a reason (--lost-reason TEXT)"),
        ("deal add x --stage lost --override", 2, "--override needs --reason TEXT"),
        (["deal", "add", "x" * 301], 2, "title: is 301 characters long, at most 300 are kept"),
        (["deal", "add", "a\x00b"], 2, "not valid text: 'a\\x00b'"),
        (["deal", "add", "a\udcffb"], 2, "not valid text: 'a\\udcffb'"),
        (["deal", "add", "x", "--reason", "y" * 501], 2, "up to 500 characters"),
        (["deal", "add", "x", "--tag", "y" * 51], 2, "is 51 characters long"),
        (["deal", "add", "x", "--next-step", "y" * 501], 2, "next step: is 501 characters long"),
    ],
)
def test_what_cannot_be_is_refused_and_adds_nothing(
    crm: Crm, arguments: str, code: int, said: str
) -> None:
    if "lost" in arguments:
        crm("pipeline edit default --lost-reason")
    result = crm(arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert result.stderr.startswith("crmctl: error: ")
    assert result.stderr.count("\n") == 1
    assert crm("deal list --status all --json").json() == []


@pytest.mark.parametrize(
    "title",
    [
        "\x1b[2J\x1b]0;owned\x07 rollout",
        "[/] [red]markup[/red] :smile:",
        "\u202egnp.exe\u2069",
        "👩‍👩‍👧‍👦 家族 naïve",
        "=cmd|' /C calc'!A0",
        "x" * 300,
        "tab\there",
    ],
)
def test_hostile_text_is_kept_and_shown_but_never_acted_on(crm: Crm, title: str) -> None:
    assert crm(["deal", "add", title]).exit_code == 0
    assert crm("deal show 1 --json").json()["title"] == title
    for command in ("deal list", "deal show 1", "deal history 1", "deal edit 1 --amount 5"):
        result = crm(command)
        assert result.exit_code == 0
        for forbidden in ("\x1b", "\x07", "\u202e", "\u2069", "\t"):
            assert forbidden not in result.stdout + result.stderr
    if title.startswith(("[", "x", "👩")):
        assert title in crm("deal list").stdout


def test_edit_changes_fields_and_says_what(crm: Crm) -> None:
    crm("deal add 'Acme rollout' --amount 5 --tag hot --close 2026-04-01")
    result = crm("deal edit 1 --amount 7.5 --owner uma --tag big --untag hot --clear close")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        "D1 Acme rollout: amount 5.00 -> 7.50, expected close 2026-04-01 -> -, owner - -> Uma,"
        " tags hot -> big\n"
    )


def test_changing_nothing_is_said_and_no_error(crm: Crm) -> None:
    crm("deal add 'Acme rollout' --amount 5 --tag hot --external-id a:1")
    before = crm("log --json").json()
    result = crm("deal edit 1 --amount 5.00 --tag hot --external-id a:1 --title 'Acme rollout'")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "D1 Acme rollout: nothing to change\n"
    assert crm("log --json").json() == before


def test_many_deals_are_edited_at_once_or_not_at_all(crm: Crm) -> None:
    for title in "abc":
        crm(["deal", "add", title])
    result = crm("deal edit - --owner uma", input="D1\n\n 2 \n")
    assert result.exit_code == 0
    assert result.stderr == "D1 a: owner - -> Uma\nD2 b: owner - -> Uma\nedited 2\n"
    result = crm("deal edit 1 2 9 --amount 5")
    assert (result.exit_code, result.stderr) == (
        3,
        "crmctl: error: no deal answers to '9' (crmctl deal list --status all)\n",
    )
    assert {deal["amount"] for deal in crm("deal list --json").json()} == {None}


@pytest.mark.usefixtures("on_each_engine")
def test_a_dry_edit_shows_the_plan_and_writes_nothing(crm: Crm) -> None:
    crm("deal add a --amount 5")
    before = (crm("deal list --json").stdout, crm("log --json").stdout)
    result = crm("deal edit 1 --amount 7 --dry-run --json")
    assert (result.exit_code, result.json()[0]["amount"]) == (0, "7.00")
    assert result.stderr == ("Would edit D1 a: amount 5.00 -> 7.00\ndry run: nothing was written\n")
    assert (crm("deal list --json").stdout, crm("log --json").stdout) == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("deal edit 1 --clear amount --amount 4", 2, "amount is both set and cleared"),
        ("deal edit 1 --clear owner --owner uma", 2, "owner is both set and cleared"),
        ("deal edit 1 --tag new --tag a --untag a", 2, "tag a is both set and taken"),
        ("deal edit 1 --clear title", 2, "cannot clear 'title' (there is amount, customer"),
        ("deal edit 1 --lost-reason price", 1, "D1: a lost reason is for deals that are lost"),
        ("deal edit 1 2 --external-id a:1", 2, "an external id names one row"),
        ("deal edit 1 --external-id taken:1", 1, "belongs to another deal already"),
    ],
)
def test_an_edit_that_cannot_be_is_refused(crm: Crm, arguments: str, code: int, said: str) -> None:
    crm("deal add a")
    crm("deal add b --external-id taken:1")
    result = crm(arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.usefixtures("on_each_engine")
def test_custom_fields_are_set_changed_and_cleared(crm: Crm) -> None:
    crm("field add deal seats --type number")
    crm("field add deal region")
    crm("deal add a --custom seats=5 --custom region=EU")
    crm("deal edit 1 --custom seats=6")
    assert crm("deal show 1 --json").json()["custom"] == {"seats": 6, "region": "EU"}
    crm("deal edit 1 --clear custom.seats --custom region=")
    assert crm("deal show 1 --json").json()["custom"] == {}
    assert crm("deal edit 1 --custom seats=many").exit_code == 2


@pytest.mark.usefixtures("on_each_engine")
def test_external_ids_are_added_and_cleared(crm: Crm) -> None:
    crm("deal add a --external-id hubspot:1")
    crm("deal edit 1 --external-id 77")
    assert crm("deal show 77 --json").json()["external_ids"] == ["77", "hubspot:1"]
    crm("deal edit 1 --clear external-ids")
    assert crm("deal show 1 --json").json()["external_ids"] == []
    assert crm("deal show hubspot:1").exit_code == 3


def test_a_removed_deal_is_hidden_until_it_is_restored(crm: Crm) -> None:
    crm("deal add a --amount 5")
    crm("deal add b")
    result = crm("deal remove 1 --reason double")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Removed D1 a\n")
    assert [deal["ref"] for deal in crm("deal list --json").json()] == ["D2"]
    assert [deal["ref"] for deal in crm("deal list --removed --json").json()] == ["D1"]
    assert crm("deal show 1 --json").json()["removed_at"] == NOW
    assert crm("deal edit 1 --amount 6").exit_code == 3
    assert crm("deal remove 1").stderr == "D1 a is removed already\n"
    result = crm("deal restore 1 2")
    assert result.exit_code == 0
    assert result.stderr == "Restored D1 a\nD2 b is not removed\nrestored 1, unchanged 1\n"
    assert crm("deal show 1 --json").json()["amount"] == "5.00"


def test_an_amount_below_zero_lowers_the_total(crm: Crm) -> None:
    crm("deal add Order --amount 500")
    assert crm("deal add Refund --amount -120").exit_code == 0
    assert crm("deal show 2 --json").json()["amount"] == "-120.00"
    assert "380.00 EUR" in crm("board").stdout


@pytest.mark.usefixtures("on_each_engine")
def test_a_dry_removal_writes_nothing(crm: Crm) -> None:
    crm("deal add a")
    result = crm("deal remove 1 --dry-run")
    assert result.stderr == "Would remove D1 a\ndry run: nothing was written\n"
    assert len(crm("deal list --json").json()) == 1
