"""crmctl import: what is written, what is rejected, and what is said about it."""

from importlib import import_module
from pathlib import Path

import pytest

from crmctl.config import normal_url
from crmctl.storage import db
from tests.cli.imported import changes, counts, customers, deals, reasons, take
from tests.crm import Crm

NOW = "2026-03-10T12:00:00Z"
DEALS = """\
Deal Id,Deal Name,Amount,Stage,Company,Owner,Close Date,Create Date
1,First,"1,200.50",Proposal,Acme,Ann,2026-04-30,2026-01-05
2,Second,900,Closed Won,Acme,Ann,2026-02-01,2026-01-06
3,Third,,,,,,
"""


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline, on a fixed day."""
    crm.now = NOW
    return crm.begin("init Acme --user Ann")


IMPORTED = '--stage-map "Closed Won=won" --create-missing customers,users'


def test_deals_arrive_with_stage_dates_owner_and_customer(crm: Crm) -> None:
    result = take(crm, "deals", DEALS, IMPORTED)
    assert (result.exit_code, counts(result)) == (0, (3, 0, 0, 0)), result.stderr
    assert result.json()["created_missing"] == {"customers": 1}
    first, second, third = deals(crm)
    assert first | {
        "title": "First", "amount": "1200.50", "stage": "proposal", "customer": "Acme",
        "owner": "Ann", "expected_close": "2026-04-30", "created_at": "2026-01-05T00:00:00Z",
        "stage_entered_at": "2026-01-05T00:00:00Z", "external_ids": ["1"], "closed_at": None,
    } == first  # fmt: skip
    assert second | {
        "status": "won", "closed_at": "2026-02-01T00:00:00Z", "expected_close": None,
        "stage_entered_at": "2026-02-01T00:00:00Z", "created_at": "2026-01-06T00:00:00Z",
    } == second  # fmt: skip
    assert third | {"stage": "lead", "amount": None, "created_at": NOW} == third
    assert [row["name"] for row in customers(crm)] == ["Acme"]
    assert crm("db check").exit_code == 0


def test_second_run_changes_nothing_and_makes_no_change_set(crm: Crm) -> None:
    take(crm, "deals", DEALS, IMPORTED)
    before = changes(crm)
    result = take(crm, "deals", DEALS, IMPORTED)
    assert (result.exit_code, counts(result)) == (0, (0, 0, 3, 0))
    assert result.stderr == "nothing to do: the database says what the file says\n"
    assert changes(crm) == before


def test_undo_takes_an_import_back(crm: Crm) -> None:
    take(crm, "deals", DEALS, IMPORTED)
    result = take(crm, "deals", "Deal Id,Amount,Stage\n1,1300,won\n2,950,\n4,,\n")
    assert (result.exit_code, counts(result)) == (1, (0, 2, 0, 1))
    assert crm("undo").exit_code == 0
    assert [row["amount"] for row in deals(crm)] == ["1200.50", "900.00", None]
    assert crm("undo").exit_code == 0
    assert (deals(crm), customers(crm)) == ([], [])
    assert crm("db check").exit_code == 0


def test_dry_run_shows_the_plan_and_writes_nothing(crm: Crm) -> None:
    planned = take(crm, "deals", DEALS, f"{IMPORTED} --dry-run").json()
    assert deals(crm) == []
    assert changes(crm) == 1
    done = take(crm, "deals", DEALS, IMPORTED).json()
    assert planned.pop("dry_run") is True
    assert done.pop("dry_run") is False
    assert planned.pop("change") is None
    assert done.pop("change")
    assert planned == done


def test_dry_run_of_updates_names_the_values(crm: Crm) -> None:
    take(crm, "deals", DEALS, IMPORTED)
    content = "Deal Id,Amount,Stage,Owner\n1,1300,won,Bo\n2,900,,\n"
    result = take(crm, "deals", content, "--dry-run --create-missing users")
    assert result.json()["updates"] == [
        {
            "line": 2,
            "ref": "D1",
            "fields": {
                "amount": {"before": "1200.50", "after": "1300.00"},
                "owner": {"before": "Ann", "after": "Bo"},
                "stage": {"before": "proposal", "after": "won"},
                "closed_at": {"before": None, "after": NOW},
            },
        }
    ]
    assert result.json()["updated_fields"] == {"amount": 1, "owner": 1, "stage": 1, "closed_at": 1}


def test_people_are_shown_the_plan(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    file.write_text(DEALS + "5,,1,won,,,,\n6,Six,x,,,,,\n7,Seven,x,,,,,\n", "utf-8")
    result = crm(f"import deals {file} {IMPORTED} --map 'Close Date='")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"{file}: 6 rows, known by external id, title",
        "  Deal Id     -> external_id",
        "  Deal Name   -> title",
        "  Amount      -> amount",
        "  Stage       -> stage",
        "  Company     -> customer",
        "  Owner       -> owner",
        "  Create Date -> created_at",
        "",
        "created   3",
        "updated   0",
        "unchanged 0",
        "rejected  3",
        "created   1 missing customer",
        "1 closed with no closing date: that of their creation is taken",
        "",
        "lines 6, 7: Amount: not an amount: 'x' (write it like 1200.50)",
        "line 5: Deal Name: a new deal needs a title (--map COLUMN=title)",
    ]
    said = result.stderr.splitlines()
    assert said[0].startswith("imported as change ")
    assert said[1:] == ["crmctl: note: 3 of 6 rows were rejected (--rejects FILE keeps them)"]


def test_each_reason_is_told_once_with_the_lines_that_have_it(crm: Crm) -> None:
    rows = [f"D{n},x,{'' if n < 3 else 'soon'},{'' if n % 2 else '?'}" for n in range(5)]
    content = "\n".join(["title,amount,expected_close,probability", *rows])
    shown = crm(["import", "deals", "-"], input=content).stdout.splitlines()
    told = [line.split(": ") for line in shown[shown.index("rejected  5") + 2 :]]
    assert [(lines, column) for lines, column, *_ in told] == [
        ("lines 2, 3, 4 and 2 more", "amount"),
        ("lines 2, 4, 6", "probability"),
        ("lines 5, 6", "expected_close"),
    ]


def test_rejects_can_be_corrected_and_imported(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "rejects.csv"
    content = 'id,title,amount,note\n1,A,12,\n2,"=B, ""x""\n\'y",zwölf,"a\nb"\n3,C,x,\n1,D,5,\n'
    result = crm(["import", "deals", "-", "--rejects", str(file)], input=content)
    assert result.exit_code == 1
    assert file.read_bytes().decode() == (
        "id,title,amount,note,line,column,reason\r\n"
        '2,"\'=B, ""x""\n\'y",zwölf,"a\nb",3,amount,'
        "amount: not an amount: 'zwölf' (write it like 1200.50)\r\n"
        "3,C,x,,6,amount,amount: not an amount: 'x' (write it like 1200.50)\r\n"
        "1,D,5,,7,id,id: line 2 is about the same deal\r\n"
    )
    corrected = file.read_bytes().replace("zwölf".encode(), b"12").replace(b",x,", b",13,")
    result = take(crm, "deals", corrected)
    assert counts(result) == (2, 1, 0, 0)
    assert [row["title"] for row in deals(crm)] == ["D", '=B, "x"\n\'y', "C"]
    assert result.json()["unmapped"] == ["note"]


@pytest.mark.parametrize(
    "content",
    [
        "name,email\nAda,ada@x.example,extra\n",
        'name,email\n"Ada,ada@x.example\n',
        '{"name": "Ada", "email": "no address"}\nnot json\n',
        "name,email\nAda,no address\n",
        "name,email\nAda,no address\n\nTotal: 1 record\n",
    ],
)
def test_rejects_that_nobody_corrected_are_rejected_again(
    crm: Crm, tmp_path: Path, content: str
) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    before = take(crm, "customers", content, f"--rejects {first}")
    after = crm(f"import customers {first} --rejects {second} --json")
    assert counts(after) == counts(before) == (0, 0, 0, len(before.json()["rejects"]))
    assert second.read_text().partition("\n")[0] == "name,email,line,column,reason"
    third = crm(f"import customers {second} --rejects {first} --json")
    assert third.json()["rejects"] == after.json()["rejects"]
    assert first.read_bytes() == second.read_bytes()
    assert customers(crm) == []


def test_file_of_rejects_is_there_when_nothing_is_rejected(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "rejects.csv"
    file.write_text("an older one")
    assert crm(["import", "deals", "-", "--rejects", str(file)], input="title\nA\n").exit_code == 0
    assert file.read_text() == "title,line,column,reason\n"


def test_rejects_that_cannot_be_written_stop_the_import(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "none" / "rejects.csv"
    result = crm(["import", "deals", "-", "--rejects", str(file)], input="title\nA\n")
    assert result.exit_code == 2
    assert result.stderr == f"crmctl: error: cannot write {file}: No such file or directory\n"
    assert deals(crm) == []


def test_abort_writes_nothing(crm: Crm) -> None:
    result = take(crm, "deals", "title,amount\nA,1\nB,x\n", "--on-error abort")
    assert result.exit_code == 1
    assert result.json()["aborted"] is True
    assert "nothing was written (--on-error abort)" in result.stderr
    assert deals(crm) == []
    assert changes(crm) == 1


def test_empty_cells_change_nothing(crm: Crm) -> None:
    take(crm, "deals", "id,title,amount,next step,tags\n1,A,5,call,x;y\n")
    result = take(crm, "deals", "id,title,amount,next step,tags\n1,,,,\n")
    assert counts(result) == (0, 0, 1, 0)
    assert take(crm, "deals", "id,title\n1,NA\n", "--empty NA").json()["unchanged"] == 1


def test_removed_records_stay_removed(crm: Crm) -> None:
    take(crm, "deals", "id,title\n1,A\n")
    assert crm("deal remove D1").exit_code == 0
    result = take(crm, "deals", "id,title\n1,A\n")
    assert reasons(result) == ["2 id: D1 is removed (crmctl deal restore D1)"]


def test_people_without_a_name_are_called_by_their_address(crm: Crm) -> None:
    content = (
        "First Name,Last Name,Email,Company\nAda,,ada@x.example,X\n,,info@y.example,Y\n,,,Z\n,,,\n"
        ",,not an address,\n"
    )
    result = take(crm, "customers", content)
    assert [(row["name"], row["organisation"]) for row in customers(crm)] == [
        ("Ada", "X"),
        ("info@y.example", "Y"),
    ]
    assert len(reasons(result)) == 2
    assert reasons(result)[1] == "6 Email: not an e-mail address: 'not an address'"
    result = take(crm, "customers", "First Name,Email\n,ada@x.example\nIna,info@y.example\n")
    assert counts(result) == (0, 1, 1, 0)


def test_unknown_names_say_the_way_out(crm: Crm) -> None:
    content = "title,stage,pipeline,owner,customer,franchise\nA,Maybe,,Zed,Nobody,North\nB,,P2,,,\n"
    result = take(crm, "deals", content)
    assert reasons(result) == [
        "2 customer: no customer answers to 'Nobody' (--create-missing customers adds them)",
        "2 owner: no user answers to 'Zed' (--create-missing users adds them)",
        "2 franchise: no franchise is called 'North' (crmctl franchise add)",
        "3 pipeline: no pipeline is called 'P2' (there is default; --pipeline KEY chooses one for"
        " the whole file)",
    ]
    assert result.stderr.splitlines() == [
        "nothing was changed",
        "crmctl: note: 2 of 2 rows were rejected (--rejects FILE keeps them)",
    ]
    result = take(crm, "deals", "title,stage\nA,Maybe\n")
    assert reasons(result) == [
        "2 stage: 'Maybe' is no stage of pipeline default, which has lead, qualified, proposal,"
        ' negotiation, won, lost (--stage-map "Maybe=STAGE")'
    ]


def test_an_address_tells_people_of_one_name_apart(crm: Crm) -> None:
    take(crm, "customers", "name,email\nAda,ada@x.example\nIna,\n")
    assert crm("user edit Ann --email ann@x.example").exit_code == 0
    header = "title,customer,customer email,owner,owner email\n"
    content = (
        f"{header}A,Ada,ada@x.example,Ann,ann@x.example\nB,Ada,ada@y.example,Ann,b@x.example\n"
    )
    result = take(crm, "deals", f"{content}C,Ina,ina@x.example,,\n")
    assert reasons(result) == [
        "3 customer: no customer answers to 'ada@y.example' (--create-missing customers adds them)",
        "3 owner: no user answers to 'b@x.example' (--create-missing users adds them)",
    ]
    result = take(crm, "deals", content, "--create-missing customers,users")
    assert result.json()["created_missing"] == {"customers": 1, "users": 1}
    assert [row["name"] for row in customers(crm)] == ["Ada", "Ina", "Ada"]
    assert [row["customer_ref"] for row in deals(crm)] == ["C1", "C2", "C3"]


def test_wrong_options_are_refused_before_anything_is_read(crm: Crm) -> None:
    for options, told in (
        ("--create-missing deals", "--create-missing deals: it adds customers and users"),
        ("--override", "--override needs --reason TEXT"),
        ("--stage-map won", "such as \"Closed Won=won\", not only 'won'"),
        ("--stage-map x=nowhere", "'nowhere' is no stage of pipeline default"),
        ("--key colour", "--key colour: 'colour' is not one of"),
        ("--map nope=title", "there is no column 'nope' (there is title)"),
    ):
        result = crm(f"import deals - {options}", input="title\nA\n")
        assert (result.exit_code, result.stdout) == (2, ""), result.stderr
        assert told in result.stderr
        assert result.stderr.count("\n") == 1
    assert deals(crm) == []


def test_header_that_names_no_field_says_the_way_out(crm: Crm) -> None:
    result = take(crm, "deals", "Report,Year,\nOpen,New,\nTitle,Amount,Stage\nA,1,won\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "crmctl: error: no column of stdin is called as a field of deals: it has Report, Year"
        " (--map COLUMN=FIELD, or --header LINE if it is not line 1 that names the columns)\n"
    )


def test_files_that_are_no_table_are_refused(crm: Crm, tmp_path: Path) -> None:
    page = tmp_path / "page.csv"
    page.write_text("<html></html>")
    for argument, told in (
        (str(page), f"{page} is a web page or XML, not CSV"),
        (str(tmp_path / "none.csv"), f"cannot read {tmp_path}/none.csv: No such file or directory"),
        (str(tmp_path), f"cannot read {tmp_path}: Is a directory"),
    ):
        result = crm(["import", "deals", argument])
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"crmctl: error: {told}\n"


def test_one_bad_byte_late_in_a_file_undoes_all_of_it(crm: Crm) -> None:
    rows = "".join(f"{n},T{n}\n" for n in range(5000))
    result = take(crm, "deals", f"id,title\n{rows}x,".encode() + b"\xff\n", "--encoding utf-8")
    assert result.exit_code == 2
    assert "is not utf-8 text" in result.stderr
    assert deals(crm) == []


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
    assert "allows no skipping of qualified, proposal (1 deals)" in newest["overrides"]
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


def test_times_in_a_stage_can_be_corrected_and_history_follows(crm: Crm) -> None:
    take(crm, "deals", "id,title,stage,closed at\n1,A,won,2026-03-01\n")
    assert counts(take(crm, "deals", "id,closed at\n1,2026-03-02 09:00\n")) == (0, 1, 0, 0)
    row = deals(crm)[0]
    assert row["closed_at"] == row["stage_entered_at"] == "2026-03-02T09:00:00Z"
    assert crm("deal history D1 --json").json()[0]["entered_at"] == "2026-03-02T09:00:00Z"
    assert crm("db check").exit_code == 0
    assert crm("undo").exit_code == 0
    assert crm("deal history D1 --json").json()[0]["entered_at"] == "2026-03-01T00:00:00Z"


@pytest.mark.parametrize("column", ["created at", "stage entered at", "closed at", "close date"])
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


def test_all_that_is_wrong_with_a_row_is_told(crm: Crm) -> None:
    result = take(crm, "deals", "title,amount,currency,probability\nA,x,EUROS,7000%\n")
    assert [each["column"] for each in result.json()["rejects"]] == [
        "amount",
        "currency",
        "probability",
    ]
    assert result.json()["rejected"] == 1


def test_franchise_sees_and_writes_its_own(crm: Crm) -> None:
    crm("franchise add North")
    crm("franchise add South")
    take(crm, "deals", "id,title\n1,A\n", "--franchise North")
    result = take(crm, "deals", "id,title\n1,B\n", "--franchise South")
    assert reasons(result) == ["2 id: belongs to a deal of another franchise"]
    result = take(crm, "deals", "id,title,franchise\n2,B,South\n3,C,North\n", "--franchise South")
    assert reasons(result) == ["3 franchise: is not the one that this import works for"]
    assert [row["franchise"] for row in deals(crm)] == ["North", "South"]


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


def test_large_files_come_in_batches(crm: Crm) -> None:
    rows = [f"{n},T{n},K{n % 700},U{n % 9}" for n in range(4500)]
    content = "\n".join(["id,title,customer,owner", *rows, "7,again,,", ""])
    plan = take(crm, "deals", content, "--create-missing customers,users --dry-run").json()
    assert (plan["created"], plan["created_missing"]) == (4500, {"customers": 700, "users": 9})
    result = take(crm, "deals", content, "--create-missing customers,users")
    assert counts(result) == (4500, 0, 0, 1)
    assert reasons(result) == ["4502 id: line 9 is about the same deal"]
    found = deals(crm)
    assert len({row["ref"] for row in found}) == 4500
    assert len({row["customer_ref"] for row in found}) == 700
    assert crm("deal add One").exit_code == 0
    assert counts(take(crm, "deals", content)) == (0, 0, 4500, 1)


@pytest.mark.parametrize("first", ["won,", "lead,call"])
@pytest.mark.parametrize("second", ["won,", "lead,write", "qualified,"])
def test_rows_of_other_batches_about_one_deal_are_refused(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, first: str, second: str
) -> None:
    monkeypatch.setattr(import_module("crmctl.services.imports.run"), "BATCH", 1)
    assert crm("deal add One").exit_code == 0
    content = f"title,stage,next_step\nOne,{first}\nOne,{second}\n"
    for options in ("--dry-run", ""):
        result = take(crm, "deals", content, options)
        assert reasons(result) == ["3 title: line 2 is about the same deal"]
        assert counts(result) == (0, 1, 0, 1)


def test_postgres_learns_how_large_the_tables_became(postgres_url: str, tmp_path: Path) -> None:
    """Else it checks the foreign keys of each new row by reading all rows of the company."""
    crm = Crm(postgres_url)
    crm("init")
    rows = "".join(f"{n},T{n},K{n}\n" for n in range(1500))
    result = take(crm, "deals", f"id,title,customer\n{rows}", "--create-missing customers")
    assert counts(result) == (1500, 0, 0, 0)
    engine = db.engine(normal_url(postgres_url))
    with engine.connect() as connection:
        sizes = "SELECT relname, reltuples FROM pg_class WHERE relname IN ('deals', 'customers')"
        assert dict(connection.exec_driver_sql(sizes).all()) == {"deals": 1500, "customers": 1500}
    engine.dispose()


def test_stdin_with_semicolons_and_a_byte_order_mark(crm: Crm) -> None:
    content = "\ufeffDeal Name;Amount\r\nÉtude;12\r\n".encode()
    assert counts(take(crm, "deals", content)) == (1, 0, 0, 0)
    assert counts(take(crm, "deals", "deal_name|amount\nÉTUDE|12\n", "--delimiter '|'"))[3] == 0
    assert deals(crm)[0]["title"] == "ÉTUDE"


def test_rejects_never_replace_the_file_that_is_imported(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    file.write_text("title,amount\nGood,5\nBad,five\n")
    for dry in ((), ("--dry-run",)):
        result = crm(["import", "deals", str(file), "--rejects", str(file), *dry])
        assert (result.exit_code, result.stdout) == (2, "")
        assert "is the file to import" in result.stderr
    assert file.read_text() == "title,amount\nGood,5\nBad,five\n"
