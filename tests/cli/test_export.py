"""crmctl export: everything comes out, and goes in again unchanged."""

import csv
import io
import json
from pathlib import Path

import pytest

from crmctl.render.views import csv_line
from tests.crm import Crm

NOW = "2026-03-10T12:00:00Z"
#: Texts that a spreadsheet would run, that CSV has to quote, and that look like other values.
ODD = ["=1+1", "'=1+1", "+49 30 1234", "-5", "@x", 'a "b", c;d', "two\nlines", "NA", "\ufeffx"]


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with customers and deals that hold every field, and odd texts."""
    crm.now = NOW
    return crm.begin(
        "init Acme --currency EUR --user Ann --email ann@acme.example",
        "franchise add North",
        "field add deal size --type number",
        "field add deal note --type text",
        "field add customer since --type date",
        "field add customer vip --type boolean",
        ("import customers -", _customers()),
        ("import deals - --create-missing users", _deals()),
        "deal move D2 won --at 2026-03-01 --as Ann",
        "deal remove D3",
    )


def _written(header: str, rows: list[list[str]]) -> str:
    return "".join(map(csv_line, [header.split(","), *rows]))


def _customers() -> str:
    header = "id,name,email,phone,website,country,segment,lead score,owner,tags,franchise,since,vip"
    odd = [[str(n), f"{text} {n}", *[""] * 11] for n, text in enumerate(ODD)]
    full = "100,Ada,ada@x.example,+4930123456,x.example,DE,big,7,Ann,a;b,North,2020-01-02,yes"
    return _written(header, [*odd, full.split(",")])


def _deals() -> str:
    header = (
        "id,title,amount,stage,probability,forecast category,expected close,next step,owner,"
        "customer,source,tags,size,note,created at,currency"
    )
    full = (
        "x:1,Full,1200.505,proposal,12.5%,commit,2026-04-01,call,Bo,ada@x.example,web,a;b,2.25,"
        "hm,2026-01-02 03:04:05.678,KWD"
    )
    lost = ",Lost,5,lost,,,,,,,,,,,2026-01-02,"
    gone = ",Gone,,,,,,,,,,,,,,"
    odd = [[f"o{n}", f"{text} {n}", *[""] * 11, text, "", ""] for n, text in enumerate(ODD)]
    return _written(header, [row.split(",") for row in (full, lost, gone)] + odd)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("what", ["customers", "deals"])
def test_exported_files_import_without_a_change(
    crm: Crm, what: str, form: str, tmp_path: Path
) -> None:
    file = tmp_path / f"out.{form}"
    result = crm(["export", what, str(file)])
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"written to {file}\n"
    result = crm(["import", what, str(file), "--json"])
    plan = result.json()
    assert (result.exit_code, plan["rejects"]) == (0, [])
    assert (plan["unchanged"], plan["created"], plan["updated"]) == (plan["rows"], 0, 0)
    assert plan["unmapped"] == []
    assert plan["rows"] == {"customers": 10, "deals": 11}[what]


@pytest.mark.usefixtures("on_each_engine")
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_exported_files_make_the_same_records_elsewhere(
    crm: Crm, form: str, tmp_path: Path
) -> None:
    files = [
        (what, crm(f"export {what} --format {form}").stdout) for what in ("customers", "deals")
    ]
    before = [crm(f"export {what}").stdout for what, _ in files]
    other = Crm(f"sqlite:///{tmp_path / 'other.db'}", NOW).begin(
        "init Other --currency EUR --user Zoe",
        "customer add 'Here before'",
        "franchise add North",
        "field add deal size --type number",
        "field add deal note",
        "field add customer since --type date",
        "field add customer vip --type boolean",
    )
    for what, content in files:
        # Rows of a transferred file are known by the ids that they bring along.
        for expected in ("created", "unchanged"):
            plan = other(f"import {what} - --json --create-missing users", input=content).json()
            assert (plan["rejects"], plan[expected]) == ([], plan["rows"]), expected
    for (what, _), content in zip(files, before, strict=True):
        there = {row["id"]: row for row in csv.DictReader(io.StringIO(content))}
        back = other(f"export {what}").stdout
        here = {row["id"]: row for row in csv.DictReader(io.StringIO(back)) if row["id"] in there}
        for row in (*there.values(), *here.values()):
            del row["updated_at"], row["ref"]
        assert here == there
    assert other("db check").exit_code == 0


def test_formulas_are_made_safe(crm: Crm) -> None:
    rows = {row["title"]: row for row in csv.DictReader(io.StringIO(crm("export deals").stdout))}
    assert rows["'=1+1 0"]["custom.note"] == "'=1+1"
    assert rows["''=1+1 1"]["custom.note"] == "''=1+1"
    assert rows["'-5 3"]["custom.note"] == "-5"
    assert rows["'@x 4"]["custom.note"] == "'@x"


def test_json_lines_hold_the_values_themselves(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "deals.jsonl"
    assert crm(["export", "deals", str(file)]).exit_code == 0
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    full = next(row for row in rows if row["title"] == "Full")
    assert full | {
        "ref": "D1", "external_ids": ["x:1"], "amount": "1200.505", "currency": "KWD",
        "stage": "proposal", "probability": "0.125", "forecast_category": "commit",
        "expected_close": "2026-04-01", "customer": "Ada", "customer_email": "ada@x.example",
        "owner": "Bo", "tags": ["a", "b"], "custom.size": 2.25,
        "created_at": "2026-01-02T03:04:05.678000Z", "closed_at": None,
    } == full  # fmt: skip
    assert "=1+1" in {row["custom.note"] for row in rows}
    assert crm("export deals --format jsonl").stdout == file.read_text("utf-8")
    assert crm("export deals --output jsonl").stdout == file.read_text("utf-8")


@pytest.mark.usefixtures("on_each_engine")
def test_history_has_every_stage_of_every_deal(crm: Crm) -> None:
    rows = list(csv.DictReader(io.StringIO(crm("export history").stdout)))
    assert [
        (row["from_stage"], row["stage"], row["entered_at"], row["left_at"], row["actor"])
        for row in rows
        if row["deal"] == "D2"
    ] == [
        ("", "lost", "2026-01-02T00:00:00Z", "2026-03-01T00:00:00Z", "Ann"),
        ("lost", "won", "2026-03-01T00:00:00Z", "", "Ann"),
    ]
    # D3 is removed.
    assert len(rows) == 2 + len(ODD) + 1
    assert "D3" not in {row["deal"] for row in rows}


@pytest.mark.usefixtures("on_each_engine")
def test_more_rows_than_a_page(crm: Crm) -> None:
    content = "id,title\n" + "".join(f"m{n},T{n}\n" for n in range(1200))
    assert crm(["import", "deals", "-"], input=content).exit_code == 0
    rows = list(csv.DictReader(io.StringIO(crm("export deals").stdout)))
    assert len({row["id"] for row in rows}) == len(rows) == 1200 + 11


def test_an_empty_database_exports_its_columns(sqlite_url: str) -> None:
    crm = Crm(sqlite_url)
    crm("init")
    for what, first in (("customers", "ref,"), ("deals", "ref,"), ("history", "deal,")):
        result = crm(f"export {what}")
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.startswith(first)
        assert result.stdout.count("\n") == 1
        assert crm(f"export {what} --format jsonl").stdout == ""


@pytest.mark.usefixtures("on_each_engine")
def test_franchise_exports_its_own(crm: Crm) -> None:
    rows = list(csv.DictReader(io.StringIO(crm("export customers --franchise North").stdout)))
    assert [row["name"] for row in rows] == ["Ada"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("import deals deals.csv --rejects -", "--rejects - would mix with what is printed"),
        ("customer duplicates --plan -", "--plan - would mix with what is printed"),
        ("demo --keep -", "--keep - would mix with what is printed"),
        ("export all -", "an archive is a folder of files: name one"),
    ],
)
def test_no_file_is_called_minus(
    crm: Crm, command: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("deals.csv").write_text("title\nOne\n")
    result = crm(command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert not Path("-").exists()


def test_other_formats_and_places_are_refused(crm: Crm, tmp_path: Path) -> None:
    result = crm("export deals --format table")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "crmctl: error: an export is csv or jsonl, not table\n"
    file = tmp_path / "none" / "deals.csv"
    result = crm(["export", "deals", str(file)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"crmctl: error: cannot write {file}: No such file or directory\n"


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_commands_take_goes_in_again_unchanged(crm: Crm, tmp_path: Path, form: str) -> None:
    for text in ("a\u200bb", "\ufeffx", "\u2060y", *ODD):
        added = crm(["deal", "add", "--custom", f"note={text}", f"--tag={text}", "--", text])
        assert added.exit_code == 0, added.stderr
    file = tmp_path / f"deals.{form}"
    assert crm(f"export deals {file}").exit_code == 0
    plan = crm(f"import deals {file} --json").json()
    assert (plan["unchanged"], plan["change"], plan["findings"]) == (plan["rows"], None, [])


@pytest.mark.parametrize("option", ["title", "next-step", "tag", "custom note", "lost-reason"])
def test_what_a_file_refuses_commands_refuse(crm: Crm, option: str) -> None:
    name, _, key = option.partition(" ")
    wanted = f"{key}=#ref!" if key else "#ref!"
    given = [] if name == "title" else [f"--{name}", wanted, "--stage", "lost"]
    refused = crm(["deal", "add", *given, "--", "Weir" if given else "#ref!"])
    assert refused.exit_code != 0
    assert "#ref! is an error of a spreadsheet, not a value" in refused.stderr
