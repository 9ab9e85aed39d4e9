"""crmctl import deals: the rules for moves, times, custom fields, and franchises."""

import pytest

from tests.cli.imported import counts, deals, reasons, take
from tests.crm import Crm

NOW = "2026-03-10T12:00:00Z"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline, on a fixed day."""
    crm.now = NOW
    return crm.begin("init Acme --user Ann")


def test_rules_hold(crm: Crm) -> None:
    crm("pipeline edit default --no-skip --lost-reason")
    content = "id,title,stage,lost reason\n1,A,lead,\n2,B,lost,\n3,C,lost,price\n"
    result = take(crm, "deals", content)
    assert counts(result) == (2, 0, 0, 1)
    assert reasons(result)[0].startswith("3 stage: a lost deal needs a reason")
    result = take(crm, "deals", "id,stage\n1,negotiation\n")
    assert counts(result) == (0, 0, 0, 1)
    assert "allows no skipping of qualified, proposal" in reasons(result)[0]
    result = take(crm, "deals", "id,stage\n1,negotiation\n", '--override --reason "moved over"')
    assert counts(result) == (0, 1, 0, 0)
    newest = crm("log --json").json()[0]
    assert newest["reason"] == "moved over"
    assert "allows no skipping of qualified, proposal (1 deal)" in newest["overrides"]
    history = crm("deal history D1 --json").json()
    assert [(row["from_stage"], row["stage"]) for row in history] == [
        (None, "lead"),
        ("lead", "negotiation"),
    ]


def test_required_fields_may_come_in_the_same_row(crm: Crm) -> None:
    assert crm("stage edit proposal --required amount").exit_code == 0
    take(crm, "deals", "id,title\n1,A\n")
    result = take(crm, "deals", "id,stage,amount\n1,proposal,\n")
    assert reasons(result) == ["2 stage: proposal needs amount"]
    assert counts(take(crm, "deals", "id,stage,amount\n1,proposal,5\n")) == (0, 1, 0, 0)


def test_moves_keep_their_order_in_time(crm: Crm) -> None:
    take(crm, "deals", "id,title,stage,stage entered at\n1,A,lead,2026-03-01 10:00\n")
    result = take(crm, "deals", "id,stage,close date\n1,won,2026-02-28\n")
    assert reasons(result) == [
        "2 close date: the deal entered lead at 2026-03-01 10:00 UTC:"
        " it cannot leave it before that"
    ]
    # A day without a time holds the time at which the deal was there already.
    assert counts(take(crm, "deals", "id,stage,close date\n1,won,2026-03-01\n")) == (0, 1, 0, 0)
    assert deals(crm)[0]["closed_at"] == "2026-03-01T10:00:00Z"
    assert counts(take(crm, "deals", "id,stage,close date\n1,won,2026-03-01\n")) == (0, 0, 1, 0)
    assert crm("db check").exit_code == 0


@pytest.mark.usefixtures("on_each_engine")
def test_times_in_a_stage_can_be_corrected_and_history_follows(crm: Crm) -> None:
    take(crm, "deals", "id,title,stage,closed at\n1,A,won,2026-03-01\n")
    assert counts(take(crm, "deals", "id,closed at\n1,2026-03-02 09:00\n")) == (0, 1, 0, 0)
    row = deals(crm)[0]
    assert row["closed_at"] == row["stage_entered_at"] == "2026-03-02T09:00:00Z"
    assert crm("deal history D1 --json").json()[0]["entered_at"] == "2026-03-02T09:00:00Z"
    assert crm("db check").exit_code == 0
    assert crm("undo").exit_code == 0
    assert crm("deal history D1 --json").json()[0]["entered_at"] == "2026-03-01T00:00:00Z"


@pytest.mark.parametrize("column", ["created at", "stage entered at"])
def test_what_has_happened_has_come(crm: Crm, column: str) -> None:
    result = take(crm, "deals", f"title,stage,{column}\nA,won,2026-03-11\n")
    assert reasons(result) == [f"2 {column}: has not come yet, and says what has happened"]


def test_open_deals_are_not_closed_at_any_time(crm: Crm) -> None:
    result = take(crm, "deals", "title,stage,closed at\nA,lead,2026-03-01\n")
    assert reasons(result) == ["2 closed at: the deal is in an open stage"]


def test_dates_in_the_order_that_is_said(crm: Crm) -> None:
    content = "title,expected close\nA,02/03/26\n"
    result = take(crm, "deals", content)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "crmctl: error: expected close: day or month first in '02/03/26' (line 2)?"
        " say --dates dmy or --dates mdy\n"
    )
    take(crm, "deals", content, "--dates mdy")
    assert deals(crm)[0]["expected_close"] == "2026-02-03"


@pytest.mark.usefixtures("on_each_engine")
def test_custom_fields(crm: Crm) -> None:
    for key, kind in (("size", "number"), ("since", "date"), ("vip", "boolean"), ("kind", "text")):
        assert crm(f"field add deal {key} --type {kind}").exit_code == 0
    content = "id,title,size,Since,custom.vip,kind\n1,A,2.5,01/02/26,TRUE,x\n2,B,big,,,\n"
    result = take(crm, "deals", content, "--dates mdy")
    assert reasons(result) == ["3 size: not a number: 'big' (write it like 1200.50)"]
    custom = {"kind": "x", "since": "2026-01-02", "size": 2.5, "vip": True}
    assert deals(crm)[0]["custom"] == custom
    assert counts(take(crm, "deals", content, "--dates mdy")) == (0, 0, 1, 1)
    result = take(crm, "deals", "id,kind\n1,y\n")
    assert result.json()["updated_fields"] == {"custom.kind": 1}
    assert deals(crm)[0]["custom"] == custom | {"kind": "y"}


def test_too_long_texts_are_refused_not_cut(crm: Crm) -> None:
    longest = "ü" * 300
    result = take(crm, "deals", f"title\n{longest}\n{longest}x\n")
    assert [row["title"] for row in deals(crm)] == [longest]
    assert "is 301 characters long, at most 300 are kept" in reasons(result)[0]


@pytest.mark.usefixtures("on_each_engine")
def test_franchise_sees_and_writes_its_own(crm: Crm) -> None:
    crm("franchise add North")
    crm("franchise add South")
    take(crm, "deals", "id,title\n1,A\n", "--franchise North")
    result = take(crm, "deals", "id,title\n1,B\n", "--franchise South")
    assert reasons(result) == ["2 id: belongs to a deal of another franchise"]
    result = take(crm, "deals", "id,title,franchise\n2,B,South\n3,C,North\n", "--franchise South")
    assert reasons(result) == ["3 franchise: is not the one that this import works for"]
    assert [row["franchise"] for row in deals(crm)] == ["North", "South"]


@pytest.mark.usefixtures("on_each_engine")
def test_customers_out_of_reach_are_not_made_again(crm: Crm) -> None:
    crm("franchise add North")
    take(crm, "customers", "id,name\n1,South\n2,Gone\n")
    crm("customer remove C2")
    content = "title,customer,customer external id\nA,South,1\nB,Gone,2\n"
    result = take(crm, "deals", content, "--create-missing customers --franchise North")
    assert reasons(result) == [
        "2 customer: belongs to a customer of another franchise",
        "3 customer: belongs to a customer of another franchise",
    ]
    result = take(crm, "deals", content, "--create-missing customers")
    assert reasons(result) == ["3 customer: C2 is removed (crmctl customer restore C2)"]
    # By name alone it is another one.
    assert counts(take(crm, "deals", "title,customer\nB,Gone\n", "--create-missing customers"))[0]


def test_exported_rows_of_another_franchise_are_out_of_reach(crm: Crm) -> None:
    crm("franchise add North")
    take(crm, "deals", "title,customer\nA,Acme\n", "--create-missing customers")
    content = crm("export deals").stdout
    result = take(crm, "deals", content, "--franchise North --create-missing customers")
    assert result.exit_code == 1
    assert reasons(result)[0] == "2 id: belongs to a deal of another franchise"
    result = take(crm, "customers", crm("export customers").stdout, "--franchise North")
    assert reasons(result) == ["2 id: belongs to a customer of another franchise"]
    crm("customer remove C1")
    assert counts(take(crm, "deals", content)) == (0, 0, 1, 0)


def test_a_lost_reason_is_for_lost_deals(crm: Crm) -> None:
    take(crm, "deals", "id,title,stage\n1,A,lead\n2,B,lead\n")
    rows = "1,A,won,price\n2,B,lead,price\n3,C,lead,price\n4,D,lost,price\n"
    result = take(crm, "deals", f"id,title,stage,lost reason\n{rows}")
    assert counts(result) == (1, 0, 0, 3)
    assert reasons(result) == [
        f"{line} lost reason: a lost reason is for deals that are lost, and {stage} is not"
        for line, stage in ((2, "won"), (3, "lead"), (4, "lead"))
    ]


@pytest.mark.parametrize(
    ("name", "pipeline"),
    [
        ("Sales Pipeline", "default"),
        ("sales  pipeline", "default"),
        ("Pipeline: Sales", None),
        ("Renewals", "renewals"),
        ("Pipeline", None),
        ("Pipelines", None),
        ("Sales", "default"),
    ],
)
def test_a_pipeline_is_known_without_that_word(crm: Crm, name: str, pipeline: str | None) -> None:
    crm("pipeline add renewals --template saas --label 'Renewals Pipeline'")
    content = f"ID,Title,Stage,Pipeline\n1,A,Lead,{name}\n"
    result = take(crm, "deals", content)
    assert [each["pipeline"] for each in deals(crm)] == ([pipeline] if pipeline else [])
    assert counts(take(crm, "deals", content))[2] == int(pipeline is not None), result.stdout


def test_a_pipeline_called_so_alone_is_the_only_one(crm: Crm) -> None:
    content = "ID,Title,Stage,Pipeline\n1,A,Lead,Pipeline\n2,B,Lead,Renewals\n"
    assert [each[0] for each in reasons(take(crm, "deals", content))] == ["3"]
