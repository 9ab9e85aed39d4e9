"""What crmctl import takes the columns of a file for: presets, guesses, mappings, new fields."""

from typing import Any

import pytest

from tests.crm import Crm, Result

NOW = "2026-03-10T12:00:00Z"
HUBSPOT = """\
Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Region
11,First,Closed Won,2026-02-01 10:00,Ann,900,North
12,Second,closedlost,2026-02-02 10:00,Ann,100,South
"""


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline, on a fixed day."""
    crm.now = NOW
    return crm.begin("init Acme --user Ann")


def take(crm: Crm, content: str, options: str = "", what: str = "deals") -> Result:
    """Import `content` from stdin and print the plan as JSON."""
    return crm(f"import {what} - --json {options}", input=content)


def plan(crm: Crm, content: str, options: str = "", what: str = "deals") -> dict[str, Any]:
    result = take(crm, content, options, what)
    assert result.exit_code == 0, result.stdout + result.stderr
    found: dict[str, Any] = result.json()
    return found


def columns(found: dict[str, Any]) -> list[str]:
    return [f"{each['column']}: {each['field']} {each['how']}" for each in found["columns"]]


def deals(crm: Crm) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = crm("deal list --status all --json").json()
    return found


def changes(crm: Crm) -> int:
    return len(crm("log --json").json())


def test_an_export_is_recognised(crm: Crm) -> None:
    found = plan(crm, HUBSPOT)
    assert (found["preset"], found["created"]) == ("hubspot", 2)
    assert "Deal Name: title preset" in columns(found)
    assert found["unmapped"] == ["Region"]
    first, second = deals(crm)
    assert (first["status"], first["external_ids"]) == ("won", ["hubspot:11"])
    assert (second["status"], second["external_ids"]) == ("lost", ["hubspot:12"])
    again = plan(crm, HUBSPOT)
    assert (again["unchanged"], again["change"]) == (2, None)


def test_no_preset_and_another_source(crm: Crm) -> None:
    refused = take(crm, HUBSPOT, "--preset none")
    assert refused.exit_code == 1
    assert refused.json()["preset"] is None
    assert "'Closed Won' is no stage" in refused.json()["rejects"][0]["reason"]
    plan(crm, HUBSPOT, "--source old")
    assert deals(crm)[0]["external_ids"] == ["old:11"]
    wrong = crm("import deals - --preset sugar", input=HUBSPOT)
    assert wrong.exit_code == 2
    assert "sugar" in wrong.stderr


def test_a_stage_of_that_name_goes_before_what_a_preset_says(crm: Crm) -> None:
    assert crm("stage add closed-won --label 'Closed Won' --before won").exit_code == 0
    plan(crm, HUBSPOT.replace("closedlost", "lead"))
    assert deals(crm)[0]["stage"] == "closed-won"


PIPEDRIVE = """\
Deal - Title,Deal - Value,Deal - Stage,Deal - Status,Deal - Won time,Deal - Lost time
Open,1,Proposal,Open,,
Won,2,Proposal,Won,2026-02-01 10:00:00,
Lost,3,Lead,Lost,,2026-02-02 10:00:00
"""


def test_an_outcome_closes_a_deal_whatever_its_stage(crm: Crm) -> None:
    assert plan(crm, PIPEDRIVE)["findings"] == []
    assert [(row["stage"], row["closed_at"]) for row in deals(crm)] == [
        ("proposal", None),
        ("won", "2026-02-01T10:00:00Z"),
        ("lost", "2026-02-02T10:00:00Z"),
    ]
    assert plan(crm, PIPEDRIVE)["unchanged"] == 3
    assert crm("db check").exit_code == 0


def test_an_outcome_that_is_none_is_refused(crm: Crm) -> None:
    content = "title,stage,outcome\nA,lead,gone\nB,won,open\n"
    result = take(crm, content)
    assert result.exit_code == 1
    assert [each["reason"] for each in result.json()["rejects"]] == [
        "not open, won or lost: 'gone' (--status-map \"gone=STATUS\", STATUS is open, won or lost)",
        "an open deal in won, a stage of won ones",
    ]


def test_the_mapping_is_shown_with_its_guesses(crm: Crm) -> None:
    content = "Deal Nr,Title,Ammount,Stage,Notes\n1,A,5,lead,x\n"
    shown = crm('import deals - --dry-run --map "Deal Nr=number"', input=content)
    assert shown.stdout.splitlines()[:7] == [
        "stdin: 1 row, known by title",
        '  assumed: Ammount is read as the amount (--map "Ammount=" leaves it out)',
        "  Deal Nr -> number  --map",
        "  Title   -> title",
        "  Ammount -> amount  a guess",
        "  Stage   -> stage",
        "  not imported: Notes",
    ]
    found = plan(crm, content, '--map "Ammount="')
    assert columns(found) == ["Deal Nr: external_id name", "Title: title name", "Stage: stage name"]
    assert deals(crm)[0]["amount"] is None


def test_a_name_that_is_not_guessed_is_asked_for(crm: Crm) -> None:
    shown = crm("import deals - --dry-run", input="Id,Deal Titlle,Custmer,Amount,Stage\n1,A,B,5,\n")
    assert shown.stdout.splitlines()[1:7] == [
        '  unknown: is Deal Titlle the title? (--map "Deal Titlle=title")',
        '  unknown: is Custmer the customer? (--map "Custmer=customer")',
        "  Id     -> external_id",
        "  Amount -> amount",
        "  Stage  -> stage",
        "  not imported: Deal Titlle, Custmer",
    ]
    refused = crm("import deals -", input="Deal Titlle,Amont\nA,5\n")
    assert refused.exit_code == 2
    assert "is 'Deal Titlle' the title? (--map \"Deal Titlle=title\"" in refused.stderr


PLAIN = "What,Worth,Phase\nA,100,Talk\nB,200,Over\n"
TYPED = "--map What=title --map Worth=amount --map Phase=stage --stage-map Talk=proposal"


def test_a_mapping_is_kept_and_used(crm: Crm) -> None:
    found = plan(crm, PLAIN, f"{TYPED} --stage-map Over=lost --save-mapping Ours")
    assert found["created"] == 2
    again = plan(crm, PLAIN, "--mapping ours")
    assert (again["unchanged"], again["mapping"], again["change"]) == (2, "ours", None)
    assert columns(again) == ["What: title saved", "Worth: amount saved", "Phase: stage saved"]
    kept = crm("import mappings --json").json()
    assert kept == [
        {
            "name": "Ours",
            "kind": "deals",
            "columns": [
                {"column": "What", "field": "title"},
                {"column": "Worth", "field": "amount"},
                {"column": "Phase", "field": "stage"},
            ],
            "stages": [{"name": "Talk", "stage": "proposal"}, {"name": "Over", "stage": "lost"}],
        }
    ]
    shown = crm("import mappings").stdout
    assert "What=title, Worth=amount, Phase=stage" in shown


def test_what_is_typed_goes_before_a_mapping(crm: Crm) -> None:
    plan(crm, PLAIN, f"{TYPED} --stage-map Over=lost --save-mapping ours --dry-run")
    assert crm("import mappings --json").json() == []
    plan(crm, PLAIN, f"{TYPED} --stage-map Over=lost --save-mapping ours")
    found = plan(crm, PLAIN, "--mapping ours --stage-map Over=won --map Worth=")
    assert columns(found) == ["What: title saved", "Phase: stage saved"]
    assert found["updated_fields"]["stage"] == 1


def test_columns_that_a_mapping_has_and_a_file_has_not_are_named(crm: Crm) -> None:
    plan(crm, PLAIN, f"{TYPED} --stage-map Over=lost --save-mapping ours")
    shown = crm("import deals - --mapping ours", input="What,Phase\nC,Talk\n")
    assert shown.exit_code == 0
    assert "  not in the file: Worth (mapping ours)\n" in shown.stdout


@pytest.mark.usefixtures("on_each_engine")
def test_a_mapping_is_written_once_replaced_and_undone(crm: Crm) -> None:
    plan(crm, PLAIN, f"{TYPED} --stage-map Over=lost --save-mapping ours")
    before = changes(crm)
    same = plan(crm, PLAIN, "--mapping ours --save-mapping ours")
    assert (same["change"], changes(crm)) == (None, before)
    assert plan(crm, "What\nA\n", "--map What=title --save-mapping ours")["change"]
    assert [len(each["columns"]) for each in crm("import mappings --json").json()] == [1]
    undone = crm("undo")
    assert undone.exit_code == 0
    assert "mapping ours" in undone.stdout
    assert [len(each["columns"]) for each in crm("import mappings --json").json()] == [3]
    assert crm("undo").exit_code == 0
    assert crm("import mappings --json").json() == []
    assert deals(crm) == []
    assert crm("db check").exit_code == 0


def test_nothing_is_kept_of_an_import_that_is_called_off(crm: Crm) -> None:
    result = take(crm, PLAIN, f"{TYPED} --save-mapping ours --on-error abort")
    assert result.exit_code == 1
    assert crm("import mappings --json").json() == []


def test_wrong_mappings_are_told(crm: Crm) -> None:
    result = crm("import deals - --mapping ours", input=PLAIN)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "no mapping is called 'ours' (--save-mapping NAME keeps one)" in result.stderr
    plan(crm, PLAIN, f"{TYPED} --stage-map Over=lost --save-mapping ours")
    result = crm("import deals - --mapping other", input=PLAIN)
    assert result.exit_code == 3
    assert "no mapping is called 'other' (there is ours)" in result.stderr
    result = crm("import customers - --mapping ours", input=PLAIN)
    assert result.exit_code == 2
    assert "mapping ours is one for deals, and this imports customers" in result.stderr
    result = crm(f"import deals - {TYPED} --save-mapping '{'x' * 51}'", input=PLAIN)
    assert result.exit_code == 2


CUSTOM = """\
Title,Plan Size,Signed,Renewal,Région,Empty,Code
A,3,yes,2026-05-01,Nord,,007
B,2.5,no,,Süd,,8
"""


def test_columns_become_custom_fields(crm: Crm) -> None:
    planned = plan(crm, CUSTOM, "--custom --dry-run")
    assert crm("field list deal --json").json() == []
    types = {"Plan Size": "number", "Signed": "boolean", "Renewal": "date", "Région": "text",
             "Code": "text"}  # fmt: skip
    assert planned["custom_fields"] == types
    found = plan(crm, CUSTOM, "--custom")
    assert found["custom_fields"] == types
    assert "Plan Size: custom.plan_size custom" in columns(found)
    assert found["unmapped"] == ["Empty"]
    declared = crm("field list deal --json").json()
    assert {row["key"]: (row["label"], row["type"]) for row in declared} == {
        "plan_size": ("Plan Size", "number"),
        "signed": ("Signed", "boolean"),
        "renewal": ("Renewal", "date"),
        "region": ("Région", "text"),
        "code": ("Code", "text"),
    }
    first, second = deals(crm)
    assert first["custom"] == {"code": "007", "plan_size": 3, "region": "Nord",
                               "renewal": "2026-05-01", "signed": True}  # fmt: skip
    assert second["custom"] == {"code": "8", "plan_size": 2.5, "region": "Süd", "signed": False}
    again = plan(crm, CUSTOM, "--custom")
    assert (again["unchanged"], again["custom_fields"], again["change"]) == (2, {}, None)


@pytest.mark.usefixtures("on_each_engine")
def test_new_fields_are_shown_and_undone_with_the_import(crm: Crm) -> None:
    shown = crm("import deals - --custom --dry-run", input=CUSTOM).stdout
    assert "  Plan Size -> custom.plan_size  new custom field: number\n" in shown
    shown = crm("import deals - --custom", input=CUSTOM).stdout
    assert "  Signed    -> custom.signed     new custom field: boolean\n" in shown
    assert crm("undo").exit_code == 0
    assert crm("field list deal --json").json() == []
    assert deals(crm) == []
    assert crm("db check").exit_code == 0


def test_a_new_field_takes_no_key_that_is_taken(crm: Crm) -> None:
    assert crm("field add customer segment_2 --type text").exit_code == 0
    content = "name,Sector,Segment\nAcme,A,B\n"
    found = plan(crm, content, "--map Sector=segment --custom", what="customers")
    assert "Segment: custom.segment_3 custom" in columns(found)


def test_columns_without_names_and_with_the_same_name(crm: Crm) -> None:
    content = "Title,,Amount,Amount\nA,x@example.com,5,North\n"
    options = '--map "column 2=next_step" --map "Amount (2)=source"'
    found = plan(crm, content, options)
    assert columns(found) == [
        "Title: title name",
        "column 2: next_step typed",
        "Amount: amount name",
        "Amount (2): source typed",
    ]
    assert deals(crm)[0]["source"] == "North"
