"""crmctl pipeline."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crm import Crm


@pytest.fixture
def acme(crm: Crm) -> Crm:
    """Runs commands in a company with its default pipeline."""
    return crm.begin("init Acme --user Uma")


def keys(crm: Crm, pipeline: str = "") -> list[str]:
    stages = crm(f"pipeline show {pipeline} --json").json()["stages"]
    return [stage["key"] for stage in stages]


def test_the_records_of_pipelines_have_these_fields(acme: Crm) -> None:
    acme("deal add One")
    acme("deal add Two")
    acme("deal add Three --stage won")
    assert acme("deal remove 2").exit_code == 0
    listed = acme("pipeline list --json")
    assert (listed.exit_code, listed.stderr) == (0, "")
    assert listed.json() == [
        {
            "key": "default", "label": "Sales", "position": 1, "allow_skip": True,
            "allow_back": True, "lost_reason_required": False, "open_deals": 1,
            "stages": ["lead", "qualified", "proposal", "negotiation", "won", "lost"],
        }
    ]  # fmt: skip
    shown = acme("pipeline show --json").json()
    assert {**shown, "stages": 0} == {**listed.json()[0], "stages": 0}
    assert shown["stages"][0] == {
        "pipeline": "default", "key": "lead", "label": "Lead", "position": 1, "kind": "open",
        "probability": "0.10", "forecast_category": "pipeline", "rotting_days": 14,
        "wip_limit": None, "required_fields": [], "can_create": True, "open_deals": 1,
    }  # fmt: skip


def test_a_pipeline_is_shown_for_people(acme: Crm) -> None:
    shown = acme("pipeline show sales")
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert "label                 Sales" in shown.stdout
    lead = next(line for line in shown.stdout.splitlines() if line.startswith("lead"))
    assert lead.split() == ["lead", "Lead", "open", "10%", "pipeline", "14", "-", "-", "yes", "0"]
    csv = acme("pipeline show --output csv").stdout.splitlines()
    assert csv[0].startswith("pipeline,key,label,position,kind,probability,")
    assert len(csv) == 7


def test_the_templates_are_listed_without_a_database() -> None:
    listed = Crm("/nowhere/crm.db")("pipeline templates --json")
    assert (listed.exit_code, listed.stderr) == (0, "")
    assert [row["template"] for row in listed.json()] == [
        "agency", "b2b", "fundraising", "real-estate", "recruiting", "saas",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "template", ["agency", "b2b", "fundraising", "real-estate", "recruiting", "saas"]
)
def test_a_pipeline_is_added_from_a_template(acme: Crm, template: str) -> None:
    added = acme(f"pipeline add second-one --template {template}")
    assert (added.exit_code, added.stdout) == (0, "")
    assert added.stderr == f"Added pipeline second-one: {', '.join(keys(acme, 'second-one'))}\n"
    assert acme("pipeline show 'Second one' --json").json()["position"] == 2
    assert acme("deal add Deal --pipeline second-one").exit_code == 0


def test_a_pipeline_is_added_from_what_another_exports(acme: Crm, tmp_path: Path) -> None:
    acme("stage edit lead --required amount --wip-limit 5 --no-create")
    file = tmp_path / "sales.toml"
    wrote = acme(["pipeline", "export", "default", str(file)])
    assert (wrote.exit_code, wrote.stdout) == (0, "")
    assert wrote.stderr == f"Wrote pipeline default to {file}\n"
    added = acme(["pipeline", "add", "copy", "--file", str(file), "--label", "A copy"])
    assert added.exit_code == 0
    exported = acme("pipeline export copy").stdout
    assert exported == file.read_text().replace('"default"', '"copy"').replace("Sales", "A copy")


def test_a_pipeline_is_exported_as_json_for_programs(acme: Crm, tmp_path: Path) -> None:
    exported = acme("pipeline export --json")
    assert (exported.exit_code, exported.stderr) == (0, "")
    known = exported.json()
    assert (known["key"], known["allow_skip"]) == ("default", True)
    assert [stage["key"] for stage in known["stages"]] == keys(acme, "default")
    assert known["stages"][0] == {
        "key": "lead", "label": "Lead", "kind": "open", "probability": "0.10",
        "forecast_category": "pipeline", "rotting_days": 14, "wip_limit": None,
        "required_fields": [], "can_create": True,
    }  # fmt: skip
    file = tmp_path / "sales.json"
    assert acme(["pipeline", "export", "default", str(file), "--json"]).exit_code == 0
    assert file.read_text() == exported.stdout
    refused = acme("pipeline export --output csv")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == "crmctl: error: a pipeline is exported as TOML or json, not csv\n"


def test_an_export_replaces_a_file_whole_or_not_at_all(
    acme: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sales.toml"
    file.write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        refused = acme(["pipeline", "export", "default", str(file), "--force"])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == f"crmctl: error: cannot write {file}: No space left on device\n"
    assert [(path.name, path.read_text()) for path in tmp_path.glob("*.*")
            if path.suffix != ".db"] == [("sales.toml", "before")]  # fmt: skip
    assert acme(["pipeline", "export", "default", str(file), "--force"]).exit_code == 0
    assert file.read_text() == acme("pipeline export").stdout


def test_export_and_apply_go_through_a_pipe(acme: Crm) -> None:
    exported = acme("pipeline export")
    assert (exported.exit_code, exported.stderr) == (0, "")
    again = acme("pipeline apply -", input=exported.stdout)
    assert (again.exit_code, again.stdout) == (0, "no difference\n")
    assert again.stderr == "Pipeline default is like that already\n"
    changed = exported.stdout.replace('"10%"', '"12.5%"').replace("allow_skip = true", "")
    assert acme("pipeline apply -", input=changed).exit_code == 0
    assert acme("pipeline export").stdout == exported.stdout.replace('"10%"', '"12.5%"')


def test_apply_shows_the_difference_and_dry_runs_write_nothing(acme: Crm, tmp_path: Path) -> None:
    for stage in ("lead", "proposal", "proposal"):
        acme(f"deal add Deal --stage {stage}")
    file = tmp_path / "p.toml"
    text = acme("pipeline export").stdout
    start, end = text.index('[[stages]]\nkey = "proposal"'), text.index('[[stages]]\nkey = "neg')
    text = text[:start] + text[end:].replace("allow_skip = true", "allow_skip = false")
    file.write_text(text.replace('label = "Lead"', 'label = "First"'))
    before = acme("pipeline export").stdout
    # Without a place for the deals, the difference is shown, and the refusal.
    shown = acme(["pipeline", "apply", str(file), "--dry-run", "--json"])
    assert shown.exit_code == 1
    assert "stage proposal holds 2 deals: say where they go with --move-to" in shown.stderr
    refused = acme(["pipeline", "apply", str(file)])
    assert (refused.exit_code, refused.stdout) == (1, "")
    dry = acme(["pipeline", "apply", str(file), "--dry-run", "--move-to", "negotiation", "--json"])
    assert (dry.exit_code, dry.stderr) == (
        0,
        "deals in lead: D1\ndeals in proposal: D2, D3, which go to negotiation\n"
        "Would apply to pipeline default: 2 differences, moving 2 deals\n"
        "dry run: nothing was written\n",
    )  # fmt: skip
    assert dry.json() == [
        {"pipeline": "default", "change": "changed", "stage": "lead", "field": "label",
         "before": "Lead", "after": "First", "deals": 1, "refs": ["D1"]},
        {"pipeline": "default", "change": "removed", "stage": "proposal", "field": None,
         "before": "Proposal", "after": "deals to negotiation", "deals": 2,
         "refs": ["D2", "D3"]},
    ]  # fmt: skip
    assert acme("pipeline export").stdout == before
    done = acme(["pipeline", "apply", str(file), "--move-to", "negotiation", "--json"])
    assert (done.exit_code, done.json()) == (0, dry.json())
    assert done.stderr.splitlines()[-1] == (
        "Applied to pipeline default: 2 differences, moving 2 deals"
    )
    assert acme("pipeline export").stdout == file.read_text()
    history = acme("deal history 2 --json").json()[-1]
    assert (history["from_stage"], history["stage"]) == ("proposal", "negotiation")
    assert history["reason"] == "stage proposal was removed"
    again = acme(["pipeline", "apply", str(file), "--move-to", "negotiation"])
    assert again.stderr == "Pipeline default is like that already\n"
    assert acme("undo --as Uma").exit_code == 0
    assert acme("pipeline export").stdout == before
    assert acme("deal show 2 --json").json()["stage"] == "proposal"


def test_moves_in_the_file_say_where_deals_go(acme: Crm) -> None:
    acme("deal add Deal --stage lead")
    text = acme("pipeline export").stdout
    text = text.replace('key = "lead"', 'key = "prospect"') + '\n[moves]\nlead = "prospect"\n'
    for said in ("Applied to pipeline default: 2 differences, moving 1 deal",
                 "Pipeline default is like that already"):  # fmt: skip
        done = acme("pipeline apply -", input=text)
        assert (done.exit_code, done.stderr.splitlines()[-1]) == (0, said)
    assert acme("deal show 1 --json").json()["stage"] == "prospect"


def test_apply_adds_a_pipeline_that_is_not_there(acme: Crm) -> None:
    text = acme("pipeline export").stdout
    text = text.replace('"default"', '"renewals"').replace('"Sales"', '"Renewals"')
    dry = acme("pipeline apply - --dry-run --output csv", input=text)
    assert dry.stdout.splitlines()[1] == "renewals,added,,,,Renewals,0,"
    assert len(acme("pipeline list --json").json()) == 1
    assert acme("pipeline apply -", input=text).exit_code == 0
    assert keys(acme, "renewals") == keys(acme, "default")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("rotting_days", "rotten_days", "unknown key 'rotten_days' in stage lead (did you mean"),
        ("label = ", "lable = ", "unknown key 'lable' (did you mean label?)"),
        ('"10%"', '"110%"', "stage lead: a probability is between 0% and 100%"),
        ('key = "lead"', 'key = "won"', "there are two stages won"),
        ("[[stages]]", "[[stages", "is not valid TOML"),
        ('kind = "open"', 'kind = "won"\nprobability = "100%"', "is not valid TOML"),
    ],
)
def test_a_wrong_file_is_one_clear_line(acme: Crm, old: str, new: str, why: str) -> None:
    text = acme("pipeline export").stdout
    for command in ("pipeline apply -", "pipeline apply - --dry-run", "pipeline add x --file -"):
        refused = acme(command, input=text.replace(old, new))
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert refused.stderr.startswith("crmctl: error: stdin")
        assert why in refused.stderr
        assert refused.stderr.count("\n") == 1
    assert acme("pipeline export").stdout == text


def test_a_file_that_cannot_be_read_or_written_is_told(acme: Crm, tmp_path: Path) -> None:
    missing = tmp_path / "none" / "p.toml"
    for command in (["apply", str(missing)], ["add", "x", "--file", str(missing)]):
        refused = acme(["pipeline", *command])
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert (
            refused.stderr == f"crmctl: error: cannot read {missing}: No such file or directory\n"
        )
    refused = acme(["pipeline", "export", "default", str(missing)])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == f"crmctl: error: cannot write {missing}: No such file or directory\n"
    odd = tmp_path / "odd.toml"
    odd.write_bytes(b"key = '\xff'")
    refused = acme(["pipeline", "apply", str(odd)])
    assert (refused.exit_code, refused.stderr) == (2, f"crmctl: error: {odd} is not UTF-8 text\n")


def test_rules_are_edited(acme: Crm) -> None:
    edited = acme("pipeline edit sales --label 'New sales' --no-skip --no-back --lost-reason")
    assert (edited.exit_code, edited.stdout) == (0, "")
    assert edited.stderr == "Changed pipeline default\n"
    shown = acme("pipeline list --json").json()[0]
    rules = (shown["allow_skip"], shown["allow_back"], shown["lost_reason_required"])
    assert (shown["label"], rules) == ("New sales", (False, False, True))
    again = acme("pipeline edit default --no-skip")
    assert (again.exit_code, again.stderr) == (0, "Nothing to change in pipeline default\n")
    acme("pipeline edit default --allow-skip --allow-back --no-lost-reason")
    shown = acme("pipeline list --json").json()[0]
    assert (shown["allow_skip"], shown["lost_reason_required"]) == (True, False)


def test_the_first_pipeline_is_meant_where_none_is_named(acme: Crm) -> None:
    acme("pipeline add saas --template saas")
    assert acme("pipeline edit saas --first").exit_code == 0
    assert [row["key"] for row in acme("pipeline list --json").json()] == ["saas", "default"]
    acme("deal add Deal")
    assert acme("deal show 1 --json").json()["pipeline"] == "saas"


def test_a_pipeline_is_removed_with_its_deals_moved(acme: Crm) -> None:
    acme("pipeline add saas --template saas")
    acme("deal add Deal --pipeline saas")
    refused = acme("pipeline remove saas")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--yes" in refused.stderr
    refused = acme("pipeline remove saas --yes")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        "crmctl: error: pipeline saas holds 1 deal: --move-to PIPELINE/STAGE says where they go\n"
    )
    removed = acme("pipeline remove saas --yes --move-to default/proposal")
    assert (removed.exit_code, removed.stdout) == (0, "")
    assert removed.stderr == "Removed pipeline saas, moving 1 deal: D1\n"
    shown = acme("deal show 1 --json").json()
    assert (shown["pipeline"], shown["stage"]) == ("default", "proposal")
    refused = acme("pipeline remove default --yes")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == "crmctl: error: default is the only pipeline, and one is needed\n"
    assert acme("undo --as Uma").exit_code == 0
    assert acme("deal show 1 --json").json()["pipeline"] == "saas"


@pytest.mark.parametrize(
    "command",
    ["pipeline remove saas --yes --move-to default/lost", "pipeline apply - --move-to lost"],
)
def test_the_rules_hold_for_deals_that_a_pipeline_moves(acme: Crm, command: str) -> None:
    acme("pipeline add saas --template saas")
    acme("deal add Deal --pipeline saas --stage demo")
    text = acme("pipeline export saas").stdout
    start, end = text.index('[[stages]]\nkey = "demo"'), text.index('[[stages]]\nkey = "trial"')
    file = text[:start] + text[end:]
    file = file.replace("lost_reason_required = false", "lost_reason_required = true")
    acme("pipeline edit default --lost-reason")
    said = "crmctl: error: D1: a lost deal needs a reason (--lost-reason TEXT) (or --override"
    for dry in ("--dry-run", ""):
        refused = acme(f"{command} {dry}", input=file)
        assert refused.exit_code == 1
        assert refused.stderr.splitlines()[-1].startswith(said)
    assert acme("deal show 1 --json").json()["stage"] == "demo"
    assert acme(f"{command} --override", input=file).exit_code == 2
    assert acme(f"{command} --override --reason cleaning", input=file).exit_code == 0
    assert acme("log --json").json()[0]["overrides"].startswith("D1: a lost deal needs a reason")
    assert acme("undo --as Uma").exit_code == 0
    assert acme(f"{command} --lost-reason 'no demos'", input=file).exit_code == 0
    shown = acme("deal show 1 --json").json()
    assert (shown["status"], shown["lost_reason"]) == ("lost", "no demos")


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        ("add b2b", 2, "--template NAME or --file FILE, one of the two"),
        ("add b2b --template b2b --file x", 2, "--template NAME or --file FILE, one of the two"),
        ("add b2b --template nope", 3, "no template is called 'nope'"),
        ("add 'Not a key' --template b2b", 2, "key: not a key: 'Not a key'"),
        ("add default --template b2b", 1, "there is a pipeline default already"),
        ("add b2b --template b2b --label sales", 1, "pipeline default is called 'sales' already"),
        ("add sales --template b2b --label B2B", 1, "pipeline default is called 'sales' already"),
        ("edit default", 2, "nothing to change was given"),
        ("edit default --label ''", 2, "label: must not be empty"),
        ("edit nope --no-skip", 3, "no pipeline is called 'nope' (there is default)"),
        ("show nope", 3, "no pipeline is called 'nope'"),
        ("export nope", 3, "no pipeline is called 'nope'"),
        ("remove nope --yes", 3, "no pipeline is called 'nope'"),
    ],
)
def test_what_is_wrong_is_refused(acme: Crm, arguments: str, code: int, why: str) -> None:
    before = acme("pipeline list --json").json()
    refused = acme(f"pipeline {arguments}")
    assert (refused.exit_code, refused.stdout) == (code, "")
    assert why in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert acme("pipeline list --json").json() == before


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (b"n\n", 1, "crmctl: error: nothing was changed"),
        (b"\n", 1, "crmctl: error: nothing was changed"),
        (b"\x04", 1, "crmctl: error: nothing was changed"),
        (b"y\n", 0, "Removed pipeline saas"),
    ],
)
def test_on_a_terminal_it_asks(acme: Crm, answer: bytes, code: int, said: str) -> None:
    acme("pipeline add saas --template saas")
    ours, theirs = os.openpty()
    environment = {**os.environ, "CRMCTL_DATABASE_URL": acme.database_url}
    command = [sys.executable, "-m", "crmctl", "pipeline", "remove", "saas"]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, env=environment
    )
    os.close(theirs)
    os.write(ours, answer)
    stdout, _ = process.communicate()
    stderr = os.read(ours, 10_000).decode()
    os.close(ours)
    assert (process.returncode, stdout) == (code, b"")
    assert "Remove pipeline saas? [y/N] " in stderr
    assert said in stderr
    assert len(acme("pipeline list --json").json()) == (1 if code == 0 else 2)
