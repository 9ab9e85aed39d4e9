"""crmctl customer duplicates and merge: finding, a plan to edit, merging, and finding the kept."""

import tomllib
from pathlib import Path

import pytest

from tests.crm import Crm

pytestmark = pytest.mark.usefixtures("company")
NOW = "2026-03-01T09:00:00Z"
DRY = "dry run: nothing was written\n"


@pytest.fixture
def company(crm: Crm) -> None:
    """A company with a customer that is there twice, another one, and one that is alone."""
    crm.now = NOW
    crm.begin(
        "init Acme --currency EUR --user Uma",
        "customer add 'Ann Lee' --email ann@x.example --tag old",
        "customer add 'Lee, Ann' --email ann@x.example --phone '+49 30 1234567' --owner uma"
        " --tag new --external-id hubspot:7",
        "customer add 'Harbour Hotel Ltd' --website harbour.example --country DE",
        "customer add 'Harbor Hotel' --email info@harbour.example",
        "customer add 'Bob Ray' --email bob@harbour.example",
        "deal add Big --customer C2 --amount 100",
    )


def refs(crm: Crm) -> list[str]:
    return [row["ref"] for row in crm("customer list --json").json()]


@pytest.mark.usefixtures("on_each_engine")
def test_duplicates_are_listed_with_the_reasons(crm: Crm) -> None:
    result = crm("customer duplicates --json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.json() == [
        {
            "keep": "C1",
            "keep_name": "Ann Lee",
            "merge": "C2",
            "merge_name": "Lee, Ann",
            "confidence": 0.99,
            "evidence": ["same e-mail", "same name"],
            "against": [],
            "group_confidence": 0.99,
        },
        {
            "keep": "C3",
            "keep_name": "Harbour Hotel Ltd",
            "merge": "C4",
            "merge_name": "Harbor Hotel",
            "confidence": 0.95,
            "evidence": ["same domain harbour.example", "names 96% alike"],
            "against": [],
            "group_confidence": 0.95,
        },
    ]
    cut = crm("customer duplicates --limit 1")
    assert cut.stderr == "printed 1 of 2 groups (--limit 0 is all)\n"
    assert "Lee, Ann" in cut.stdout
    assert "Harbor" not in cut.stdout
    assert crm("customer duplicates --min-confidence 0.97 --limit 1").stderr == ""
    assert crm("customer duplicates --min-confidence 2").exit_code == 2


@pytest.mark.usefixtures("on_each_engine")
def test_a_plan_is_edited_and_carried_out(crm: Crm, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    result = crm(["customer", "duplicates", "--plan", str(plan)])
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"Wrote 2 groups to {plan}\n"
    text = plan.read_text(encoding="utf-8")
    blocks = tomllib.loads(text)["merge"]
    assert [(block["keep"], block["merge"]) for block in blocks] == [("C1", ["C2"]), ("C3", ["C4"])]
    assert blocks[0]["confidence"] == 0.99
    assert blocks[0]["evidence"] == ["C2 0.99: same e-mail, same name"]
    assert "# C2 Lee, Ann, ann@x.example, +49301234567\n" in text
    head, first, _ = text.split("\n[[merge]]\n")
    edited = f"{head}\n[[merge]]\n{first}".replace('keep = "C1"', 'keep = "C2"')
    plan.write_text(edited.replace('merge = ["C2"]', 'merge = ["C1"]'), encoding="utf-8")

    dry = crm(["customer", "merge", "--plan", str(plan), "--dry-run"])
    assert refs(crm) == ["C1", "C2", "C3", "C4", "C5"]
    done = crm(["customer", "merge", "--plan", str(plan)])
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == (
        "Merged C1 Ann Lee into C2 Lee, Ann: takes over tags\n"
        "  name stays Lee, Ann; C1 had Ann Lee\n"
    )
    assert dry.stderr == done.stderr.replace("Merged", "Would merge") + DRY
    assert refs(crm) == ["C2", "C3", "C4", "C5"]


def test_a_plan_holds_names_of_any_kind(crm: Crm, tmp_path: Path) -> None:
    for name in ('Eve\x1b[31m "X"', 'eve\x1b[31m "x"', "Zoë\nLee 👩‍💻", "ZOË\nlee 👩‍💻"):
        assert crm(["customer", "add", name, "--phone", "+1 202 555 0199"]).exit_code == 0
    plan = tmp_path / "plan.toml"
    assert crm(["customer", "duplicates", "--plan", str(plan)]).exit_code == 0
    assert "\x1b" not in plan.read_text(encoding="utf-8")
    assert crm(["customer", "merge", "--plan", str(plan)]).exit_code == 0
    assert refs(crm) == ["C1", "C3", "C5", "C6", "C8"]


def test_merging_tells_what_follows_and_one_undo_takes_it_back(crm: Crm) -> None:
    before = [crm(f"customer show {ref} --json").stdout for ref in ("C1", "C2", "C3", "C4")]
    result = crm("customer merge C1 C2 --reason 'the same' --json")
    assert result.stderr == (
        "Merged C2 Lee, Ann into C1 Ann Lee: 1 deal; 1 external id; takes over phone, owner, tags\n"
        "  name stays Ann Lee; C2 had Lee, Ann\n"
    )
    (record,) = result.json()
    assert record == {
        "ref": "C1",
        "name": "Ann Lee",
        "merged": ["C2"],
        "deals": 1,
        "activities": 0,
        "external_ids": 1,
        "filled": {"phone": "+49301234567", "owner": "Uma", "tags": ["old", "new"]},
        "conflicts": [{"field": "name", "kept": "Ann Lee", "dropped": "Lee, Ann", "of": "C2"}],
    }
    kept = crm("customer show hubspot:7 --json").json()
    assert (kept["ref"], kept["phone"], kept["owner"]) == ("C1", "+49301234567", "Uma")
    assert [deal["ref"] for deal in kept["deals"]] == ["D1"]
    assert crm("log C2 --json").json()[0]["reason"] == "the same"
    assert crm("db check").exit_code == 0
    assert crm("undo").exit_code == 0
    after = [crm(f"customer show {ref} --json").stdout for ref in ("C1", "C2", "C3", "C4")]
    assert after == before


def test_values_that_differ_are_told(crm: Crm) -> None:
    crm("user add Bob --email bob@acme.example")
    crm("field add customer seats --type number")
    crm("customer edit C1 --owner bob --custom seats=3 --phone 12")
    crm("customer edit C2 --custom seats=4")
    result = crm("customer merge C1 C2 --dry-run")
    assert result.stderr.splitlines()[1:] == [
        "  name stays Ann Lee; C2 had Lee, Ann",
        "  phone stays 12; C2 had +49301234567",
        "  owner stays Bob; C2 had Uma",
        "  custom.seats stays 3; C2 had 4",
        "dry run: nothing was written",
    ]


def test_a_merged_customer_says_where_it_went(crm: Crm) -> None:
    crm("customer merge C1 C2")
    shown = crm("customer show C2")
    assert "C1 Ann Lee" in shown.stdout
    assert crm("customer show C2 --json").json()["merged_into"] == "C1"
    assert crm("customer show C1 --json").json()["merged_into"] is None
    for command in ("deal add More --customer C2", "customer merge C3 C2"):
        result = crm(command)
        assert (result.exit_code, result.stdout) == (3, "")
        assert result.stderr == "crmctl: error: C2 was merged into C1 Ann Lee\n"
    result = crm("customer restore C2")
    assert result.exit_code == 1
    assert result.stderr == (
        "crmctl: error: C2 was merged into C1 Ann Lee: undoing that brings it back"
        " (crmctl log C2)\n"
    )
    erased = crm("customer erase C2 --yes")
    assert (erased.exit_code, erased.stderr) == (
        1,
        "crmctl: error: C2 was merged into C1 Ann Lee (crmctl customer erase C1)\n",
    )


@pytest.mark.parametrize(
    ("plan", "code", "said"),
    [
        ("merge = 1", 2, "a plan holds [[merge]] blocks alone"),
        ("x = 1", 2, "a plan holds [[merge]] blocks alone, not x"),
        ("[[merge]]\nkeep = 'C1'", 2, 'block 1: it needs keep = "C1" and merge = ["C2"]'),
        ("[[merge]]\nkeep = 'C1'\nmerge = [2]", 2, "block 1: it needs keep"),
        ("[[merge]]\nkeep = 'C1'\nmerge = ['C2']\nwith = 1", 2, "block 1: 'with' is none of"),
        ("[[merge]]\nkeep = 'C1'\nmerge = ['C2']\nversions = 1", 2, "block 1: versions is"),
        ("[[merge]", 2, "stdin: "),
        ("[[merge]]\nkeep = 'C1'\nmerge = ['C1']", 2, "block 1: C1 Ann Lee is named twice"),
        ("[[merge]]\nkeep = 'C1'\nmerge = ['C9']", 3, "block 1: no customer answers to 'C9'"),
        (
            "[[merge]]\nkeep = 'C1'\nmerge = ['C2']\n[[merge]]\nkeep = 'C3'\nmerge = ['C2']",
            2,
            "stdin, block 2: C2 Lee, Ann is in stdin, block 1 already",
        ),
    ],
)
def test_a_plan_that_is_none_is_refused_whole(crm: Crm, plan: str, code: int, said: str) -> None:
    result = crm("customer merge --plan -", input=plan)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert refs(crm) == ["C1", "C2", "C3", "C4", "C5"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("customer merge", "name the customer to keep and those to merge into it, or --plan FILE"),
        ("customer merge C1", "name the customer to keep and those to merge into it"),
        ("customer merge C1 --plan x.toml", "--plan says which customers to merge"),
        ("customer merge --plan /nowhere/x.toml", "cannot read /nowhere/x.toml"),
        ("customer duplicates --plan /nowhere/x.toml", "cannot write /nowhere/x.toml"),
    ],
)
def test_what_is_not_said_right_is_refused(crm: Crm, command: str, said: str) -> None:
    result = crm(command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_plan_that_is_out_of_date_is_refused(crm: Crm, tmp_path: Path) -> None:
    plan = str(tmp_path / "plan.toml")
    crm(["customer", "duplicates", "--plan", plan])
    crm("customer edit C3 --segment hotels")
    result = crm(["customer", "merge", "--plan", plan])
    assert result.exit_code == 5
    assert "block 2: C3 Harbour Hotel Ltd was changed since the plan was made" in result.stderr
    crm(["customer", "duplicates", "--plan", plan, "--force"])
    crm("customer remove C4")
    result = crm(["customer", "merge", "--plan", plan])
    assert result.exit_code == 1
    assert "block 2: C4 Harbor Hotel is removed (crmctl customer restore C4)" in result.stderr
    assert refs(crm) == ["C1", "C2", "C3", "C5"]


def test_a_deal_of_the_merged_one_comes_to_the_kept_one(crm: Crm) -> None:
    crm("customer merge C4 C5")
    text = "title,customer_email,customer\nFirst,bob@harbour.example,\nSecond,,Bob Ray\n"
    assert crm("import deals - --create-missing customers", input=text).exit_code == 0
    rows = crm("deal list --json").json()
    assert {row["title"]: row["customer_ref"] for row in rows if row["title"] != "Big"} == {
        "First": "C4",
        "Second": "C4",
    }
    assert refs(crm) == ["C1", "C2", "C3", "C4"]


@pytest.mark.usefixtures("on_each_engine")
def test_a_plan_without_groups_merges_nothing(crm: Crm, tmp_path: Path) -> None:
    plan = str(tmp_path / "plan.toml")
    crm("customer remove C2 C4")
    assert crm(["customer", "duplicates", "--plan", plan]).stderr.startswith("Wrote 0 groups")
    assert crm("customer duplicates").stdout == "no duplicates\n"
    result = crm(["customer", "merge", "--plan", plan])
    assert (result.exit_code, result.stderr) == (0, "nothing to do: the plan has no groups\n")


@pytest.mark.usefixtures("on_each_engine")
def test_many_are_merged_by_one_plan_and_one_undo_takes_them_back(crm: Crm, tmp_path: Path) -> None:
    plan = str(tmp_path / "plan.toml")
    crm(["customer", "duplicates", "--plan", plan])
    done = crm(["customer", "merge", "--plan", plan])
    assert done.stderr.endswith("\nmerged 2 customers into 2\n")
    assert refs(crm) == ["C1", "C3", "C5"]
    assert crm("undo").exit_code == 0
    assert refs(crm) == ["C1", "C2", "C3", "C4", "C5"]


def test_one_that_is_there_comes_before_one_that_was_merged(crm: Crm) -> None:
    crm("customer merge C4 C5")
    crm("customer add 'Bob Ray' --email bob@harbour.example")
    crm("import customers -", input="email,segment\nbob@harbour.example,S1\n")
    assert crm("customer show C6 --json").json()["segment"] == "S1"
    assert crm("customer show C4 --json").json()["segment"] is None


@pytest.mark.usefixtures("on_each_engine")
def test_a_franchise_finds_and_merges_its_own(crm: Crm) -> None:
    crm("franchise add North")
    for name in ("'Cid Moe'", "'Moe, Cid'"):
        assert crm(f"customer add {name} --email cid@y.example --franchise North").exit_code == 0
    found = crm("customer duplicates --franchise North --json").json()
    assert [(row["keep"], row["merge"]) for row in found] == [("C6", "C7")]
    assert crm("customer merge C1 C2 --franchise North").exit_code == 3
    assert crm("customer merge C6 C7 --franchise North").exit_code == 0
    assert crm("undo --franchise North").exit_code == 0
