"""crmctl log."""

import csv
import io

import pytest

from tests.crm import Crm


@pytest.fixture
def acme(crm: Crm) -> Crm:
    """A company with a customer and a deal that was edited and won."""
    crm("init Acme --user Uma --timezone Europe/Berlin", now="2026-03-01T09:00:00Z")
    crm("customer add Ann", now="2026-03-02T09:00:00Z")
    crm("deal add Big --amount 100 --customer C1", now="2026-03-03T09:00:00Z")
    crm("deal edit D1 --amount 250 --owner Uma", now="2026-03-04T09:00:00Z")
    assert crm("deal move D1 won --reason signed", now="2026-03-05T09:00:00Z").exit_code == 0
    return crm


def test_the_log_lists_changes_newest_first(acme: Crm) -> None:
    log = acme("log --json").json()
    assert [line["command"] for line in log] == [
        "crmctl deal move D1 won --reason signed",
        "crmctl deal edit D1 --amount 250 --owner Uma",
        "crmctl deal add Big --amount 100 --customer C1",
        "crmctl customer add Ann",
        "crmctl init Acme --user Uma --timezone Europe/Berlin",
    ]
    assert log[0] == {
        "ref": log[0]["ref"],
        "at": "2026-03-05T09:00:00Z",
        "actor": "Uma",
        "origin": "cli",
        "command": "crmctl deal move D1 won --reason signed",
        "reason": "signed",
        "overrides": None,
        "irreversible": False,
        "created": 0,
        "updated": 1,
        "removed": 0,
        "undoes": None,
        "undone_in": None,
    }
    assert [(line["created"], line["updated"]) for line in log[1:4]] == [(0, 1), (1, 0), (1, 0)]


def test_the_log_for_people_is_in_the_companys_time(acme: Crm) -> None:
    shown = acme("log --limit 1")
    ref = acme("log --json").json()[0]["ref"]
    assert (shown.exit_code, shown.stdout.splitlines()[2].split()) == (
        0,
        f"{ref[:8]} 2026-03-05 10:00 Uma ~1 crmctl deal move D1 won --reason signed signed".split(),
    )
    full = acme("log --json").json()[0]["ref"]
    assert shown.stderr == f"printed 1 of 5 changes; go on with --after {full}\n"


@pytest.mark.usefixtures("on_each_engine")
def test_the_log_goes_on_where_it_was_cut(acme: Crm) -> None:
    for what in ("log", "log D1"):
        whole = acme(f"{what} --limit 0 --json")
        lines = whole.json()
        assert (whole.stderr, acme(f"{what} --json").json()) == ("", lines)
        read, after = [], ""
        while True:
            page = acme(f"{what} --limit 2 {after} --json")
            read += page.json()
            if not page.stderr:
                break
            told = f"printed 2 of {len(lines)} changes; go on with "
            assert page.stderr.startswith(told)
            after = page.stderr.removeprefix(told)
        assert read == lines
    assert len(acme("log --limit 2 --since 2026-03-04 --json").json()) == 2


def test_one_change_of_a_record_is_one_row_of_a_page(acme: Crm) -> None:
    acme("customer add Ann --email a@x.example", now="2026-03-06T09:00:00Z")
    acme("deal add Other --customer C2", now="2026-03-07T09:00:00Z")
    acme("customer merge C1 C2", now="2026-03-08T09:00:00Z")
    lines = acme("log C1 --json").json()
    first = acme("log C1 --limit 1 --json").json()
    after = first[-1]["ref"]
    assert first + acme(["log", "C1", "--after", after, "--json"]).json() == lines


@pytest.mark.parametrize(
    ("what", "code", "why"),
    [
        ("log --after abcdef", 3, "--after names a change of this list by its ref: 'abcdef' is"),
        ("log C1 --after {ref}", 3, "--after names a change of this list by its ref"),
        ("log {ref} --after {ref}", 2, "--after goes on in a list of changes, and this is one"),
    ],
)
def test_only_a_change_of_the_list_can_be_gone_on_from(
    acme: Crm, what: str, code: int, why: str
) -> None:
    ref = acme("log --json").json()[0]["ref"]
    refused = acme(what.format(ref=ref))
    assert (refused.exit_code, refused.stdout) == (code, "")
    assert why in refused.stderr


@pytest.mark.usefixtures("on_each_engine")
def test_since_and_actor_choose(acme: Crm) -> None:
    acme("user add Bob", now="2026-03-06T09:00:00Z")
    acme("deal edit D1 --title Bigger --as Bob", now="2026-03-07T09:00:00Z")
    by_bob = acme("log --actor bob --json --as Uma").json()
    assert [line["command"] for line in by_bob] == ["crmctl deal edit D1 --title Bigger --as Bob"]
    recent = acme("log --since 3d --json --as Uma", now="2026-03-07T10:00:00Z").json()
    assert [line["at"][:10] for line in recent] == ["2026-03-07", "2026-03-06", "2026-03-05"]
    assert acme("log --actor Eve --as Uma").exit_code == 3
    assert acme("log --since soon --as Uma").exit_code == 2


@pytest.mark.usefixtures("on_each_engine")
def test_a_records_log_has_every_field_before_and_after(acme: Crm) -> None:
    log = acme("log D1 --json").json()
    assert [(line["action"], line["fields"]) for line in log] == [
        ("changed", {
            "closed_at": {"before": None, "after": "2026-03-05T09:00:00Z"},
            "stage": {"before": "lead", "after": "won"},
        }),
        ("changed", {
            "amount": {"before": "100.00", "after": "250.00"},
            "owner": {"before": None, "after": "Uma"},
        }),
        ("created", {}),
    ]  # fmt: skip
    shown = acme("log D1").stdout
    assert "amount: 100.00 -> 250.00" in shown
    assert "closed at: - -> 2026-03-05 10:00" in shown


def test_a_removed_record_still_has_its_log(acme: Crm) -> None:
    acme("deal remove D1", now="2026-03-06T09:00:00Z")
    first = acme("log D1 --json").json()[0]
    assert first["fields"] == {"removed_at": {"before": None, "after": "2026-03-06T09:00:00Z"}}


def test_a_changes_log_shows_everything_in_it(acme: Crm) -> None:
    ref = acme("log --json").json()[2]["ref"]
    document = acme(["log", ref, "--json"]).json()
    assert document["ref"] == ref
    assert [(row["record"], row["action"]) for row in document["rows"]] == [("D1 Big", "created")]
    shown = acme(["log", ref[:8]])
    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[:3] == [
        f"change {ref}",
        "2026-03-03 10:00 by Uma (cli)",
        "crmctl deal add Big --amount 100 --customer C1",
    ]


@pytest.mark.usefixtures("on_each_engine")
def test_an_undone_change_still_says_what_it_created(acme: Crm) -> None:
    acme("deal add Small", now="2026-03-06T09:00:00Z")
    ref = acme("log --json").json()[0]["ref"]
    acme("undo", now="2026-03-07T09:00:00Z")
    undo, added = acme("log --json").json()[:2]
    assert (undo["undoes"], undo["removed"], undo["origin"]) == (ref, 1, "undo")
    assert (added["undone_in"], added["created"]) == (undo["ref"], 1)
    rows = acme(["log", ref, "--json"]).json()["rows"]
    assert [(row["record"], row["action"]) for row in rows] == [("D2 Small", "created")]


def test_an_unknown_reference_is_not_found(acme: Crm) -> None:
    missing = acme("log D99")
    assert (missing.exit_code, missing.stdout) == (3, "")
    assert missing.stderr == (
        "crmctl: error: no deal, customer, activity, user or change answers to 'D99' (crmctl log)\n"
    )


def test_csv_has_a_line_for_each_change(acme: Crm) -> None:
    rows = list(csv.DictReader(io.StringIO(acme("log --output csv").stdout)))
    assert len(rows) == 5
    assert rows[0]["updated"] == "1"


def test_the_log_has_no_password_in_it(acme: Crm) -> None:
    url = acme.database_url
    acme(["deal", "add", "Two", "--database", url])
    acme(["deal", "add", "Three", f"--database={url}"])
    commands = [line["command"] for line in acme("log --json").json()[:2]]
    assert commands == ["crmctl deal add Three", "crmctl deal add Two"]


@pytest.mark.parametrize(
    "option", ["--title=postgresql://u:geheim@h/db", "--next-step=https://u:geheim@x.example/",
               "--title=host=h user=u password='ge heim'", "--reason=from postgres://u:geheim@h/d"],
)  # fmt: skip
def test_a_password_in_any_argument_is_masked(acme: Crm, option: str) -> None:
    done = acme(["deal", "edit", "D1", option, "--probability", "21%", "--json"])
    assert done.exit_code == 0, done.stderr
    newest = acme("log --json").json()[0]
    assert "***" in newest["command"]
    assert "heim" not in newest["command"] + (newest["reason"] or "")
    refused = acme(["deal", "show", "https://u:geheim@x.example/"])
    assert (refused.exit_code, "geheim" in refused.stderr) == (3, False)


def test_escape_sequences_in_the_log_are_shown(acme: Crm) -> None:
    acme(["deal", "add", "\x1b[31mred"], now="2026-03-06T09:00:00Z")
    shown = acme("log")
    assert "\x1b" not in shown.stdout
    assert "\\x1b[31mred" in shown.stdout


@pytest.mark.usefixtures("on_each_engine")
def test_the_log_of_a_franchise_lists_what_was_changed_in_it(acme: Crm) -> None:
    acme("franchise add North", now="2026-03-06T09:00:00Z")
    acme("deal add Small --franchise North", now="2026-03-07T09:00:00Z")
    acme("deal edit D2 --title Smaller", now="2026-03-08T09:00:00Z")
    edited, added = (line["ref"] for line in acme("log --json").json()[:2])
    assert [line["ref"] for line in acme("log --json --franchise North").json()] == [added]
    record = acme("log D2 --json --franchise North").json()
    assert [line["ref"] for line in record] == [edited, added]
    for hidden in ("D1", edited):
        missing = acme(["log", hidden, "--franchise", "North"])
        assert (missing.exit_code, missing.stdout) == (3, "")
        assert missing.stderr == (
            "crmctl: error: no deal, customer, activity, user or change answers to"
            f" {hidden!r} (crmctl log)\n"
        )
    assert acme(["log", added, "--franchise", "North"]).exit_code == 0
    assert acme(["log", edited, "--franchise", "none"], env={"CRMCTL_FRANCHISE": "North"}).stdout


@pytest.mark.usefixtures("on_each_engine")
def test_numbers_of_custom_fields_are_numbers(acme: Crm) -> None:
    acme("field add deal size --type number")
    acme("deal edit D1 --custom size=2.5", now="2026-03-06T09:00:00Z")
    assert acme("log D1 --json").json()[0]["fields"] == {
        "custom.size": {
            "before": None,
            "after": acme("deal show D1 --json").json()["custom"]["size"],
        }
    }
