"""crmctl undo."""

import pytest

from tests.crm import Crm


@pytest.fixture
def acme(crm: Crm) -> Crm:
    """A company with three deals, added one by one."""
    crm.now = "2026-03-01T09:00:00Z"
    return crm.begin(
        "init Acme --user Uma",
        *(f"deal add 'Deal {number}' --amount 100" for number in (1, 2, 3)),
    )


def changes(crm: Crm) -> list[dict[str, object]]:
    """Return the log, the newest change first."""
    found: list[dict[str, object]] = crm("log --json").json()
    return found


def stages(crm: Crm) -> list[str]:
    """Return the stage of every deal, by number."""
    deals = crm("deal list --status all --json").json()
    return [deal["stage"] for deal in sorted(deals, key=lambda deal: deal["ref"])]


def test_undo_takes_the_last_change_back_and_says_how_to_redo_it(acme: Crm) -> None:
    acme("deal move 1 2 3 won", now="2026-03-02T09:00:00Z")
    moved = changes(acme)[0]["ref"]
    done = acme("undo", now="2026-03-03T09:00:00Z")
    undo = changes(acme)[0]["ref"]
    assert done.exit_code == 0
    assert done.stderr == (
        f"Undid {str(moved)[:8]} by Uma: crmctl deal move 1 2 3 won\n"
        f"To redo it: crmctl undo {str(undo)[:8]}\n"
    )
    assert done.stdout == (
        "action        record      to                     \n"
        "─────────────────────────────────────────────────\n"
        "change back   D1 Deal 1   closed at -, stage lead\n"
        "change back   D2 Deal 2   closed at -, stage lead\n"
        "change back   D3 Deal 3   closed at -, stage lead\n"
    )
    assert stages(acme) == ["lead", "lead", "lead"]
    assert acme(f"undo {str(undo)[:8]}", now="2026-03-04T09:00:00Z").exit_code == 0
    assert stages(acme) == ["won", "won", "won"]


def test_undo_goes_back_step_by_step_until_nothing_is_left(acme: Crm) -> None:
    for left in (2, 1, 0):
        assert acme("undo").exit_code == 0
        assert len(stages(acme)) == left
    done = acme("undo")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "Uma has no change left to undo (crmctl log)\n"


@pytest.mark.usefixtures("on_each_engine")
def test_what_was_edited_since_is_kept_named_and_told_by_the_exit_code(acme: Crm) -> None:
    acme("deal move 1 2 3 proposal", now="2026-03-02T09:00:00Z")
    moved = str(changes(acme)[0]["ref"])
    acme("deal move 2 won", now="2026-03-03T09:00:00Z")
    later = str(changes(acme)[0]["ref"])
    done = acme(["undo", moved, "--json"], now="2026-03-04T09:00:00Z")
    assert done.exit_code == 1
    assert (
        f"crmctl: note: kept D2 Deal 2: stage changed since by Uma in {later[:8]}\n" in done.stderr
    )
    document = done.json()
    assert document["kept"] == 1
    assert document["change"]["ref"] == moved
    assert document["undo"] == changes(acme)[0]["ref"]
    assert document["rows"] == [
        {"action": "change back", "record": "D1 Deal 1", "reason": None,
         "fields": {"stage": "lead"}},
        {"action": "change back", "record": "D3 Deal 3", "reason": None,
         "fields": {"stage": "lead"}},
        {"action": "keep", "record": "D2 Deal 2", "fields": {},
         "reason": f"stage changed since by Uma in {later[:8]}"},
    ]  # fmt: skip
    assert stages(acme) == ["lead", "won", "lead"]


def test_a_dry_run_shows_the_plan_and_writes_nothing(acme: Crm) -> None:
    acme("deal move 1 2 3 won", now="2026-03-02T09:00:00Z")
    before = changes(acme)
    planned = acme("undo --dry-run", now="2026-03-03T09:00:00Z")
    assert planned.exit_code == 0
    assert planned.stderr.splitlines() == [
        f"Would undo {str(before[0]['ref'])[:8]} by Uma: {before[0]['command']}",
        "dry run: nothing was written",
    ]
    assert changes(acme) == before
    assert acme("undo", now="2026-03-03T09:00:00Z").stdout == planned.stdout


def test_undoing_it_twice_is_a_note(acme: Crm) -> None:
    ref = str(changes(acme)[0]["ref"])
    acme(["undo", ref])
    undo = str(changes(acme)[0]["ref"])
    again = acme(["undo", ref])
    assert (again.exit_code, again.stdout) == (0, "")
    assert again.stderr == (
        f"{ref[:8]} is undone already (crmctl deal add 'Deal 3' --amount 100);"
        f" to redo it: crmctl undo {undo[:8]}\n"
    )


def test_a_change_of_which_every_row_is_kept_is_not_undone(acme: Crm) -> None:
    acme("deal move 1 qualified", now="2026-03-02T09:00:00Z")
    first = str(changes(acme)[0]["ref"])
    acme("deal move 1 proposal", now="2026-03-03T09:00:00Z")
    second = str(changes(acme)[0]["ref"])
    before = changes(acme)
    for options in (["--dry-run"], []):
        refused = acme(["undo", first, *options, "--json"], now="2026-03-04T09:00:00Z")
        assert refused.exit_code == 1
        assert (refused.json()["undo"], refused.json()["kept"]) == (None, 1)
        assert refused.stderr.splitlines() == [
            f"Nothing can be taken back of {first[:8]} by Uma: crmctl deal move 1 qualified",
            "To take another change back: crmctl undo CHANGE (crmctl log)",
            f"crmctl: note: kept D1 Deal 1: stage changed since by Uma in {second[:8]}",
        ]
        assert changes(acme) == before
    assert acme(["undo", second], now="2026-03-05T09:00:00Z").exit_code == 0
    assert acme(["undo", first], now="2026-03-06T09:00:00Z").exit_code == 0
    assert stages(acme) == ["lead", "lead", "lead"]


def test_what_an_undo_kept_is_undone_after_redoing_it(acme: Crm) -> None:
    acme("deal move 1 2 qualified", now="2026-03-02T09:00:00Z")
    first = str(changes(acme)[0]["ref"])
    acme("deal move 2 proposal", now="2026-03-03T09:00:00Z")
    second = str(changes(acme)[0]["ref"])
    partly = acme(["undo", first], now="2026-03-04T09:00:00Z")
    undo = str(changes(acme)[0]["ref"])
    assert partly.exit_code == 1
    assert partly.stderr.splitlines()[1:3] == [
        f"To redo it: crmctl undo {undo[:8]}",
        f"To undo what is kept, once it can be: redo it, then crmctl undo {first[:8]}",
    ]
    assert stages(acme) == ["lead", "proposal", "lead"]
    for day, ref in enumerate((second, undo, first), 5):
        assert acme(["undo", ref], now=f"2026-03-{day:02}T09:00:00Z").exit_code == 0
    assert stages(acme) == ["lead", "lead", "lead"]


def test_the_creation_of_the_company_is_refused(acme: Crm) -> None:
    ref = str(changes(acme)[-1]["ref"])
    refused = acme(["undo", ref])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"crmctl: error: {ref[:8]} (crmctl init Acme --user Uma) created the company: no undo\n"
    )


def test_an_unknown_change_is_not_found(acme: Crm) -> None:
    missing = acme("undo 0000")
    assert (missing.exit_code, missing.stdout) == (3, "")
    assert missing.stderr == "crmctl: error: no change answers to '0000' (crmctl log)\n"


@pytest.mark.usefixtures("on_each_engine")
def test_the_last_change_is_that_of_the_user_who_asks(acme: Crm) -> None:
    assert acme("user add Bob").exit_code == 0
    assert acme("deal add Bobs --as Bob").exit_code == 0
    done = acme("undo --as Uma")
    assert "by Uma: crmctl user add Bob" in done.stderr
    assert done.exit_code == 1
    assert "kept user Bob: " in done.stderr
    assert "by Bob: crmctl deal add Bobs --as Bob" in acme("undo --as Bob").stderr


def test_names_from_the_database_are_shown_and_not_interpreted(acme: Crm) -> None:
    acme(["deal", "add", "[red]\x1b[2Jhi[/]"])
    done = acme("undo --dry-run")
    assert "\x1b" not in done.stdout + done.stderr
    assert "[red]\\x1b[2Jhi[/]" in done.stdout


@pytest.mark.usefixtures("on_each_engine")
def test_an_erasure_has_no_undo_and_stays_through_that_of_others(acme: Crm) -> None:
    acme("customer add Ann --email ann@example.com")
    created = str(changes(acme)[0]["ref"])
    acme("customer edit C1 --phone +4930123456")
    edited = str(changes(acme)[0]["ref"])
    assert acme("customer erase C1 --yes").exit_code == 0
    erased = str(changes(acme)[0]["ref"])
    assert acme("db check").exit_code == 0
    refused = acme("undo")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"crmctl: error: {erased[:8]} (crmctl customer erase C1) removed data for good: no undo;"
        f" the one before it: crmctl undo {edited[:8]} (crmctl customer edit [erased])\n"
    )
    acme(["undo", edited])
    kept = acme(["undo", created])
    assert kept.exit_code == 1
    assert "kept C1 erased: it was erased since\n" in kept.stderr
    shown = acme("log --json").stdout + acme("customer list --removed --json").stdout
    assert "Ann" not in shown
    assert "+4930123456" not in acme("customer list --removed --json").stdout
    assert acme("db check").exit_code == 0


def test_an_undo_that_can_take_nothing_back_names_the_one_before(acme: Crm) -> None:
    acme("user add Bob")
    before = str(changes(acme)[0]["ref"])
    acme("deal add Big --as Uma", now="2026-03-02T09:00:00Z")
    acme("deal edit Big --title Bigger --as Bob", now="2026-03-03T09:00:00Z")
    told = acme("undo --as Uma", now="2026-03-04T09:00:00Z").stderr.splitlines()
    assert told[1].startswith(f"To take the one before it back: crmctl undo {before[:8]} (")


@pytest.mark.usefixtures("on_each_engine")
def test_a_franchise_takes_back_what_was_changed_in_it(acme: Crm) -> None:
    acme("franchise add North")
    acme("deal add Small --franchise North")
    acme("deal edit D4 --title Smaller")
    by_all, by_north = (str(change["ref"]) for change in changes(acme)[:2])
    refused = acme(["undo", by_all, "--franchise", "North"])
    assert (refused.exit_code, refused.stdout) == (3, "")
    assert refused.stderr == (
        f"crmctl: error: no change made in franchise North answers to '{by_all}'"
        " (crmctl log, or --franchise none)\n"
    )
    done = acme("undo --franchise North")
    assert done.stderr.startswith(f"Nothing can be taken back of {by_north[:8]} by Uma: ")
    assert done.exit_code == 1
    assert f"kept D4 Smaller: changed since by Uma in {by_all[:8]}\n" in done.stderr
    assert acme(["undo", by_all]).exit_code == 0
    assert acme("undo --franchise North").stderr.startswith(f"Undid {by_north[:8]} by Uma: ")
    nothing = acme("undo --franchise North")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert nothing.stderr == (
        "Uma has no change made in franchise North left to undo (crmctl log, or --franchise none)\n"
    )


def test_the_company_takes_back_what_was_changed_in_a_franchise(acme: Crm) -> None:
    acme("franchise add North")
    acme("deal add Small --franchise North")
    added = str(changes(acme)[0]["ref"])
    assert acme("undo").stderr.startswith(f"Undid {added[:8]} by Uma: ")
    again = acme(["undo", added, "--franchise", "North"])
    assert (again.exit_code, again.stderr.partition(" (")[0]) == (
        0,
        f"{added[:8]} is undone already",
    )


def test_who_is_no_user_is_told_whose_change_the_last_is(acme: Crm) -> None:
    assert acme("user add Bob").exit_code == 0
    assert acme("deal edit 1 --amount 5 --as Bob", now="2026-03-02").exit_code == 0
    last = str(changes(acme)[0]["ref"])[:8]
    before = changes(acme)
    refused = acme("undo", env={"USER": "eve"})
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == (
        "crmctl: error: it is not known who you are (--as USER): the last change is"
        f" {last} by Bob (crmctl deal edit 1 --amount 5 --as Bob),"
        f" which crmctl undo {last} takes back\n"
    )
    assert changes(acme) == before
    done = acme(f"undo {last}", env={"USER": "eve"})
    assert done.stderr.startswith(f"Undid {last} by Bob: ")


def test_what_nobody_known_changed_last_is_taken_back_and_named(acme: Crm) -> None:
    eve = {"USER": "eve"}
    assert acme("user add Bob").exit_code == 0
    assert acme("deal edit 1 --amount 5", now="2026-03-02", env=eve).exit_code == 0
    last = str(changes(acme)[0]["ref"])[:8]
    done = acme("undo", now="2026-03-03", env=eve)
    assert (done.exit_code, done.stderr.splitlines()[0]) == (
        0,
        f"Undid {last} by eve: crmctl deal edit 1 --amount 5",
    )


def test_a_user_takes_back_their_own_last_change(acme: Crm) -> None:
    assert acme("user add Bob").exit_code == 0
    acme("deal edit 1 --amount 5 --as Uma", now="2026-03-02")
    acme("deal edit 2 --amount 5 --as Bob", now="2026-03-03")
    assert " by Uma: crmctl deal edit 1" in acme("undo --as Uma", now="2026-03-04").stderr


def test_which_change_is_the_last_is_not_guessed_when_the_clock_went_back(acme: Crm) -> None:
    acme("deal edit 1 --amount 5", now="2026-03-05T12:00:00Z")
    acme("deal edit 2 --amount 5", now="2026-03-05T11:59:00Z")
    before = changes(acme)
    refused = acme("undo", now="2026-03-05T11:59:30Z")
    assert refused.exit_code == 2
    assert "the clock went back: " in refused.stderr
    assert "(crmctl deal edit 1 --amount 5) is of 2026-03-05 12:00 UTC" in refused.stderr
    assert changes(acme) == before


def test_an_empty_reference_is_refused(acme: Crm) -> None:
    missing = acme(["undo", ""])
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert len(stages(acme)) == 3
