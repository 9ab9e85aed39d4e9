"""crmctl customer erase: nothing of the person stays anywhere, and nothing else is lost."""

from typing import Any

import pytest
from sqlalchemy import Engine, text

from tests.crm import Crm

pytestmark = pytest.mark.usefixtures("on_each_engine", "company")
START = "2026-03-01T09:00:00Z"
TRACES = ("ann", "müller", "x.example", "y.example", "1234567", "hs-4711", "musterstr")


@pytest.fixture
def company(crm: Crm) -> None:
    """A company with a person whose data went everywhere, and one who must stay."""
    crm.now = START
    crm.begin(
        "init Acme --currency EUR --user Uma",
        "field add customer address",
        "field add deal note",
        "customer add 'Ann Müller' --email ann@x.example --phone '+49 1234567' --segment SMB"
        " --external-id hubspot:hs-4711 --custom 'address=Musterstr. 1' --tag Ann",
        "customer add 'Bob Bolt' --email bob@b.example --reason 'a friend of Ann Müller'",
        "deal add 'Müller rollout' --customer ann --amount 100 --reason 'ann@X.example asked'"
        " --next-step 'call +49 1234567' --custom 'note=MÜLLER is in a hurry'",
        "deal add 'Bolt renewal' --customer bob --amount 50",
        "customer edit hubspot:hs-4711 --email ann@y.example",
        "deal edit 1 --title 'Rollout for Ann' --reason 'Ann said so'",
        "deal move 1 won --reason 'Ann Müller signed'",
        "deal edit 1 --title Rollout",
        "deal move 2 proposal",
    )


def _everything(engine: Engine) -> str:
    """Return all text in the database, in small letters."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            listed = "SELECT name FROM sqlite_master WHERE type = 'table'"
        else:
            listed = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        tables = connection.execute(text(listed)).scalars().all()
        rows = [connection.execute(text(f"SELECT * FROM {name}")).all() for name in tables]
    return str(rows).encode().decode("unicode_escape", "replace").lower() + str(rows).lower()


def _totals(crm: Crm) -> list[Any]:
    deals = crm("deal list --status all --json").json()
    fields = ("ref", "amount", "currency", "stage", "status", "closed_at", "stage_entered_at")
    return [tuple(deal[name] for name in fields) for deal in deals]


def _found(engine: Engine) -> set[str]:
    everything = _everything(engine)
    return {trace for trace in TRACES if trace in everything}


def test_nothing_of_the_person_stays(crm: Crm, engine: Engine) -> None:
    assert _found(engine) == set(TRACES)
    before = _totals(crm)
    result = crm("customer erase 'Ann Müller' --yes")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.splitlines() == [
        "Erased C1 from its record, 1 external id, 1 deal, 2 stage entries, 9 log entries."
        " This cannot be undone.",
        "crmctl: note: copies outside of this database, such as exports and backups,"
        " are not reached",
    ]
    assert _found(engine) == set()
    assert _totals(crm) == before


def test_others_keep_their_data(crm: Crm) -> None:
    bob, deal = crm("customer show 2 --json").json(), crm("deal show 2 --json").json()
    assert crm("customer erase 1 --yes").exit_code == 0
    assert crm("customer show 2 --json").json() == bob
    assert crm("deal show 2 --json").json() == deal
    log = crm("log --json --limit 100").stdout
    assert "customer add 'Bob Bolt' --email bob@b.example --reason 'a friend of [erased]'" in log
    assert "deal add 'Bolt renewal' --customer bob --amount 50" in log


@pytest.fixture
def talk(crm: Crm, company: None) -> None:
    """What was written about a person in the records of another."""
    for command in (
        "customer add 'Li Wu' --email li.wu@foo.example --phone '+49 7654321'",
        "customer add Bo --email bo@foo.example --source 'sent by Li Wu' --tag 'LI WU'"
        " --custom 'address=c/o Li Wu'",
        "deal add 'Bowling with Li Wu' --customer Bo --amount 7 --custom 'note=ask \"Li Wu\"'",
        "deal edit D3 --next-step 'mail LI.WU@foo.example' --tag 'li wu'",
        "activity add note 'talk with Li Wu' --deal D3 --body 'Li Wu called from +49 7654321'",
        "activity add task 'write to li.wu@foo.example' --customer Bo",
        "deal move D3 proposal --reason 'Li Wu vouched'",
        "deal move D3 lost --lost-reason 'Li Wu said no'",
        "deal add 'Liwu Wulian and Li' --customer Bo",
    ):
        result = crm(command)
        assert result.exit_code == 0, result.stderr
    assert crm("import deals -", input="title,note\nImported,of LI WU\n").exit_code == 0


@pytest.mark.usefixtures("talk")
def test_nothing_stays_in_the_records_of_others(
    crm: Crm, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each row is a batch, so that what comes after one is looked at, too.
    monkeypatch.setattr("crmctl.services.history.erase.BATCH", 1)
    before = _totals(crm)
    result = crm("customer erase 'Li Wu' --yes")
    assert result.exit_code == 0
    assert result.stderr.splitlines()[0] == (
        "Erased C3 from its record, 1 other customer, 2 deals, 2 stage entries, 2 activities,"
        " 10 log entries. This cannot be undone."
    )
    everything = _everything(engine)
    for trace in ("li wu", "li.wu", "7654321"):
        assert trace not in everything
    assert _totals(crm) == before
    deal = crm("deal show D3 --json").json()
    names = ("title", "next_step", "lost_reason", "tags", "custom")
    assert [deal[name] for name in names] == [
        "Bowling with [erased]",
        "mail [erased]",
        "[erased] said no",
        ["[erased]"],
        {"note": 'ask "[erased]"'},
    ]
    activities = {
        row["ref"]: (row["subject"], row["body"]) for row in crm("activity list --json").json()
    }
    assert activities["A1"] == ("talk with [erased]", "[erased] called from [erased]")
    assert activities["A2"] == ("write to [erased]", None)
    bo = crm("customer show C4 --json").json()
    assert (bo["name"], bo["email"], bo["source"]) == ("Bo", "bo@foo.example", "sent by [erased]")
    assert crm("deal show D4 --json").json()["title"] == "Liwu Wulian and Li"
    assert crm("db check").exit_code == 0


@pytest.mark.usefixtures("talk")
def test_no_undo_brings_it_back_in_the_records_of_others(crm: Crm, engine: Engine) -> None:
    crm("customer erase 'Li Wu' --yes")
    for entry in crm("log --json --limit 100").json():
        crm(["undo", entry["ref"]])
        assert "li wu" not in _everything(engine)
    assert crm("db check").exit_code == 0


def test_a_name_of_two_letters_is_left_in_the_records_of_others(crm: Crm, engine: Engine) -> None:
    crm("customer add Al --email al@z.example")
    crm("deal edit D2 --next-step 'ask Al, al@z.example'")
    assert crm("customer erase C3 --yes").exit_code == 0
    assert crm("deal show D2 --json").json()["next_step"] == "ask Al, [erased]"


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize("customer", ["C1", "C3"])
def test_a_dry_run_tells_what_would_go_and_writes_nothing(
    crm: Crm, engine: Engine, customer: str
) -> None:
    before = _everything(engine)
    planned = crm(f"customer erase {customer} --dry-run")
    assert (planned.exit_code, planned.stdout) == (0, "")
    first, *_, last = planned.stderr.splitlines()
    assert last == "dry run: nothing was written"
    assert _everything(engine) == before
    done = crm(f"customer erase {customer} --yes").stderr.splitlines()[0]
    assert done == first.replace("Would erase", "Erased").replace("could not", "cannot")


def test_a_shell_stays_for_the_deals(crm: Crm) -> None:
    crm("customer erase 1 --yes")
    shell = crm("customer show C1 --json").json()
    assert [shell[name] for name in ("name", "email", "phone", "external_ids", "tags")] == [
        "erased",
        None,
        None,
        [],
        [],
    ]
    assert (shell["segment"], shell["custom"]) == ("SMB", {})
    assert crm("customer list --json").json()[0]["ref"] == "C2"
    deal = crm("deal show 1 --json").json()
    assert (deal["customer"], deal["customer_ref"], deal["title"]) == ("erased", "C1", "Rollout")
    assert deal["next_step"] == "call [erased]"
    assert [row["reason"] for row in crm("deal history 1 --json").json()] == [
        "[erased] asked",
        "[erased] signed",
    ]


def test_it_is_logged_without_the_data_and_cannot_be_undone(crm: Crm, engine: Engine) -> None:
    crm("customer erase ann@y.example --yes")
    latest = crm("log --json").json()[0]
    assert latest["command"] == "crmctl customer erase C1"
    assert latest["actor"] == "Uma"
    result = crm(["undo", latest["ref"]])
    assert result.exit_code == 1
    assert _found(engine) == set()


def test_no_undo_and_no_look_at_the_past_brings_it_back(crm: Crm, engine: Engine) -> None:
    crm("customer erase 1 --yes")
    entries = crm("log --json --limit 100").json()
    assert len(entries) == 13
    for entry in entries:
        crm(["undo", entry["ref"]])
        assert _found(engine) == set()
    crm("board --as-of 2026-03-01T09:00:00Z --json")
    assert crm("db check").exit_code == 0


def test_a_customer_whose_creation_was_undone_can_be_erased(crm: Crm, engine: Engine) -> None:
    crm("customer add 'Cyd Unseen' --email cyd@c.example --external-id crm:cyd-0815")
    crm("deal add 'Unseen deal' --customer cyd")
    assert crm("undo").exit_code == 0
    assert crm("undo").exit_code == 0
    assert crm("customer show cyd").exit_code == 3
    assert "cyd" in _everything(engine)
    assert crm("customer erase cyd@c.example --yes").exit_code == 0
    everything = _everything(engine)
    for trace in ("cyd", "unseen", "c.example"):
        assert trace not in everything
    assert crm("db check").exit_code == 0


def test_nobody_is_not_found(crm: Crm) -> None:
    result = crm("customer erase nobody --yes")
    assert (result.exit_code, result.stdout) == (3, "")
    way_out = "crmctl customer list --text WORD"
    assert result.stderr == f"crmctl: error: no customer answers to 'nobody' ({way_out})\n"


def test_a_removed_customer_can_be_erased(crm: Crm, engine: Engine) -> None:
    crm("customer remove 1")
    removed_at = crm("customer show C1 --json").json()["removed_at"]
    assert crm("customer erase 'Ann Müller' --yes", now="2026-03-02").exit_code == 0
    assert crm("customer show C1 --json").json()["removed_at"] == removed_at
    assert _found(engine) == set()


def test_those_that_were_merged_into_it_are_erased_too(crm: Crm, engine: Engine) -> None:
    crm("customer add 'Müller, Ann' --email old@x.example --external-id 'crm:hs-4711'")
    crm("deal add 'Müller again' --customer C3")
    crm("customer merge C1 C3 --reason 'Müller twice'")
    assert crm("customer erase 1 --yes").exit_code == 0
    assert _found(engine) == set()
    assert crm("db check").exit_code == 0


def test_what_a_merge_that_was_undone_left_in_the_log_is_erased_too(
    crm: Crm, engine: Engine
) -> None:
    crm("customer add 'Cid Moe'")
    assert crm("customer merge C3 C1").exit_code == 0
    assert crm("undo").exit_code == 0
    assert crm("customer erase 1 --yes").exit_code == 0
    assert _found(engine) == set()
    assert crm("customer show C3 --json").json()["name"] == "Cid Moe"


def test_what_was_erased_is_not_restored(crm: Crm) -> None:
    crm("customer remove 1")
    removed = crm("log --json").json()[0]["ref"]
    crm("customer erase 1 --yes")
    entries = crm("log --json").json()
    for command in ("customer restore C1", "customer restore 1 --dry-run"):
        result = crm(command)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == ("crmctl: error: C1 was erased: nothing of it is left to restore\n")
    assert crm("log --json").json() == entries
    undone = crm(["undo", removed])
    assert undone.exit_code == 1
    assert "kept C1 erased: it was erased since\n" in undone.stderr
    assert crm("customer edit C1 --segment SMB").stderr == "crmctl: error: C1 was erased\n"
    assert crm("customer merge C2 C1").stderr == "crmctl: error: C1 was erased\n"
    assert crm("customer list --json").json()[0]["ref"] == "C2"


def test_a_customer_that_is_called_erased_is_restored(crm: Crm) -> None:
    crm("customer add erased")
    crm("customer remove C3")
    assert crm("customer restore C3").stderr == "Restored C3 erased\n"
