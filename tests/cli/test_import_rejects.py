"""crmctl import: rows that are rejected and files that are refused, and what is said."""

from pathlib import Path

import pytest

from tests.cli.imported import changes, counts, customers, deals, reasons, take
from tests.crm import Crm

NOW = "2026-03-10T12:00:00Z"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline, on a fixed day."""
    crm.now = NOW
    return crm.begin("init Acme --user Ann")


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
    third = crm(f"import customers {second} --rejects {first} --force --json")
    assert third.json()["rejects"] == after.json()["rejects"]
    assert first.read_bytes() == second.read_bytes()
    assert customers(crm) == []


def test_file_of_rejects_is_there_when_nothing_is_rejected(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "rejects.csv"
    file.write_text("an older one")
    command = ["import", "deals", "-", "--rejects", str(file)]
    refused = crm(command, input="title\nA\n")
    assert refused.stderr == f"crmctl: error: {file} is there already (--force replaces it)\n"
    assert (refused.exit_code, deals(crm)) == (1, [])
    assert crm([*command, "--force"], input="title\nA\n").exit_code == 0
    assert file.read_text() == "title,line,column,reason\n"


def test_rejects_that_cannot_be_written_stop_the_import(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "none" / "rejects.csv"
    result = crm(["import", "deals", "-", "--rejects", str(file)], input="title\nA\n")
    assert result.exit_code == 2
    assert result.stderr == f"crmctl: error: cannot write {file}: No such file or directory\n"
    assert deals(crm) == []


def test_rejects_never_replace_the_file_that_is_imported(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    file.write_text("title,amount\nGood,5\nBad,five\n")
    for dry in ((), ("--dry-run",)):
        result = crm(["import", "deals", str(file), "--rejects", str(file), *dry])
        assert (result.exit_code, result.stdout) == (2, "")
        assert "is the file to import" in result.stderr
    assert file.read_text() == "title,amount\nGood,5\nBad,five\n"


@pytest.mark.usefixtures("on_each_engine")
def test_abort_writes_nothing(crm: Crm) -> None:
    result = take(crm, "deals", "title,amount\nA,1\nB,x\n", "--on-error abort")
    assert result.exit_code == 1
    assert result.json()["aborted"] is True
    assert "nothing was written (--on-error abort)" in result.stderr
    assert deals(crm) == []
    assert changes(crm) == 1


def test_unknown_names_say_the_way_out(crm: Crm) -> None:
    content = "title,stage,pipeline,owner,customer,franchise\nA,Maybe,,Zed,Nobody,North\nB,,P2,,,\n"
    result = take(crm, "deals", content)
    assert reasons(result) == [
        "2 customer: no customer answers to 'Nobody' (--create-missing customers adds them)",
        "2 stage: 'Maybe' is no stage of pipeline default, which has lead, qualified, proposal,"
        ' negotiation, won, lost (--stage-map "Maybe=STAGE")',
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


@pytest.mark.usefixtures("on_each_engine")
def test_one_bad_byte_late_in_a_file_undoes_all_of_it(crm: Crm) -> None:
    rows = "".join(f"{n},T{n}\n" for n in range(5000))
    result = take(crm, "deals", f"id,title\n{rows}x,".encode() + b"\xff\n", "--encoding utf-8")
    assert result.exit_code == 2
    assert "is not utf-8 text" in result.stderr
    assert deals(crm) == []


def test_all_that_is_wrong_with_a_row_is_told(crm: Crm) -> None:
    result = take(crm, "deals", "title,amount,currency,probability\nA,x,EUROS,7000%\n")
    assert [each["column"] for each in result.json()["rejects"]] == [
        "amount",
        "currency",
        "probability",
    ]
    assert result.json()["rejected"] == 1
