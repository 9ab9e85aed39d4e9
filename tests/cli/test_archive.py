"""crmctl export all and import all: a company goes out, and comes back the same elsewhere."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crmctl.models.schema import TABLES
from crmctl.storage import db
from crmctl.storage.tables import table_of
from tests.crm import Crm

pytestmark = pytest.mark.usefixtures("on_each_engine")

NOW = "2026-03-10T12:00:00Z"
ODD = ["=1+1", "'=1+1", "'", "''", "-5", "@x", 'a "b", c;d', "two\nlines", "cr\rx", "\u2028x"]


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company in which something is in every table, with odd texts, a merge and an undo."""
    crm.now = NOW
    lines = [f'o{n},"{text.replace(chr(34), chr(34) * 2)}"' for n, text in enumerate(ODD)]
    content = "\n".join(["id,title", *lines, ""])
    crm.begin(
        "init Acme --currency EUR --user Ann --email ann@acme.example",
        "franchise add North",
        "field add deal size --type number",
        "customer add Ada --email ada@x.example",
        "customer add Ada --email ada@y.example",
        ("import deals - --save-mapping own", content),
        "deal add Big --customer C1 --amount 1200.505 --currency KWD --custom size=2.25",
        "deal edit D1 --amount 12",
        "activity add call 'Rang them' --deal D1 --at 2026-03-01",
        "customer merge C1 C2",
        "deal move D1 qualified",
        "undo",
    )
    assert crm("deal move D1 proposal", now="2026-03-20T12:00:00Z").exit_code == 0
    return crm


@pytest.fixture
def other(crm: Crm, request: pytest.FixtureRequest, tmp_path: Path) -> Crm:
    """Runs commands on an empty database of the other engine."""
    if crm.database_url.startswith("sqlite"):
        return Crm(request.getfixturevalue("postgres_url"), NOW)
    return Crm(f"sqlite:///{tmp_path / 'other.db'}", NOW).begin("db init")


def _rows(crm: Crm) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of all tables, by key."""
    engine, found = db.engine(crm.database_url), {}
    with engine.connect() as connection:
        for model in TABLES:
            table = table_of(model)
            keys = [column.name for column in table.primary_key]
            rows = [dict(row) for row in connection.execute(select(table)).mappings()]
            found[table.name] = sorted(rows, key=lambda row: [str(row[key]) for key in keys])
    engine.dispose()
    return found


def _sealed(folder: Path, file: str, edit: Callable[[str], str]) -> None:
    """Edit a file of an archive, and let the manifest say that it should be so."""
    path, manifest = folder / file, folder / "manifest.json"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    changed = edit(path.read_bytes().decode())
    path.write_bytes(changed.encode())
    after = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(manifest.read_text("utf-8").replace(before, after), "utf-8")


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_the_other_engine_gets_the_same_rows(
    crm: Crm, other: Crm, form: str, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    before = _rows(crm)
    assert [name for name, rows in before.items() if not rows] == []
    count = sum(map(len, before.values()))
    result = crm(["export", "all", str(folder), "--format", form])
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"written to {folder}: Acme, {count} rows\n"
    result = other(["import", "all", str(folder), "--dry-run"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"Acme, {count} rows: all is well; nothing was written\n"
    assert not any(_rows(other).values())
    result = other(["import", "all", str(folder)])
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"Imported company Acme, {count} rows; every invariant holds\n"
    assert _rows(other) == before


def test_log_undo_and_the_past_go_on(crm: Crm, other: Crm, tmp_path: Path) -> None:
    crm(["export", "all", str(tmp_path / "out")])
    result = other(["import", "all", str(tmp_path / "out"), "--json"])
    assert {row["table"]: row["rows"] for row in result.json()}["customers"] == 2
    for words in ("log --json --limit 100", "board --as-of 2026-03-15 --json", "board --json"):
        assert other(words).stdout == crm(words).stdout, words
    merge = next(row for row in other("log --json").json() if "merge" in row["command"])
    for one in (crm, other):
        assert one(f"undo {merge['ref']}").exit_code == 0
        assert one("undo", now="2026-03-21T12:00:00Z").exit_code == 0
    listed = "deal list --json", "customer list --json"
    for words in listed:
        drop = [{**row, "updated_at": None} for row in crm(words).json()]
        assert [{**row, "updated_at": None} for row in other(words).json()] == drop
    assert other("deal add Next --json").json()["ref"] == crm("deal add Next --json").json()["ref"]
    assert other("db check").exit_code == 0


def test_an_empty_text_is_not_nothing(crm: Crm, other: Crm, tmp_path: Path) -> None:
    from crmctl.models.deals import Deal

    engine, table = db.engine(crm.database_url), table_of(Deal)
    with engine.begin() as connection:
        connection.execute(table.update().where(table.c.number == 1).values(next_step=""))
    engine.dispose()
    crm(["export", "all", str(tmp_path / "out")])
    assert other(["import", "all", str(tmp_path / "out")]).exit_code == 0
    steps = [row["next_step"] for row in _rows(other)["deals"]]
    assert sorted(map(str, steps)) == ["", *["None"] * (len(steps) - 1)]


def test_a_company_that_is_there_is_refused(crm: Crm, other: Crm, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    crm(["export", "all", str(folder)])
    result = crm(["import", "all", str(folder)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "crmctl: error: company Acme is in this database already\n"
    other("init acme")
    result = other(["import", "all", str(folder)])
    assert result.exit_code == 1
    assert "another company is called 'Acme' in this database" in result.stderr
    assert other("company edit --name Else").exit_code == 0
    result = other(["import", "all", str(folder)])
    assert result.exit_code == 0, result.stderr
    assert "crmctl company use 'Acme'" in result.stderr
    assert len(other("deal list --company Acme --json").json()) == len(ODD) + 1


def test_what_is_not_whole_is_refused(crm: Crm, other: Crm, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    crm(["export", "all", str(folder)])
    deals, manifest = folder / "deals.csv", folder / "manifest.json"
    told = manifest.read_text("utf-8")

    def refusal(code: int = 1) -> str:
        result = other(["import", "all", str(folder)])
        assert (result.exit_code, result.stdout) == (code, "")
        assert result.stderr.count("\n") == 1
        assert not any(_rows(other).values())
        return result.stderr

    kept = deals.read_bytes()
    deals.write_bytes(kept.replace(b"Big", b"Bog"))
    assert f"{deals} was changed since it was exported" in refusal()
    deals.unlink()
    assert f"{deals} is missing" in refusal()
    deals.write_bytes(kept)
    (folder / "notes.txt").write_text("mine")
    assert f"{folder / 'notes.txt'} is no part of the archive" in refusal()
    (folder / "notes.txt").unlink()
    schema = json.loads(told)["schema"]
    manifest.write_text(told.replace(f'"schema": "{schema}"', '"schema": "9999"'), "utf-8")
    assert f"is of schema 9999, this crmctl has {schema}" in refusal()
    manifest.unlink()
    assert "it has no manifest.json" in refusal(2)


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("deals.csv", "1200.5050", "a lot", "cannot be read"),
        ("deals.csv", "1200.5050", "1200.50501", "cannot be read"),
        ("companies.csv", ",UTC,", ",Mars/Base,", "of the archive break"),
        ("deals.csv", "default,lead", "default,nowhere", "a row does not fit the others"),
        ("deals.csv", ",1200.5050,", ",", "cannot be read"),
        ("deals.csv", "title", "name", "does not have the columns"),
        ("counters.csv", ",deal,", ",customers,", "of the archive break"),
    ],
)
def test_what_contradicts_itself_is_refused(
    crm: Crm, other: Crm, tmp_path: Path, file: str, old: str, new: str, told: str
) -> None:
    folder = tmp_path / "out"
    crm(["export", "all", str(folder)])
    _sealed(folder, file, lambda text: text.replace(old, new))
    result = other(["import", "all", str(folder)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert told in result.stderr
    assert not any(_rows(other).values())


def test_where_it_may_be_written(crm: Crm, sqlite_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    result = crm(["export", "all", str(folder)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "holds notes.txt, which is no part of an archive" in result.stderr
    (folder / "notes.txt").unlink()
    assert crm(["export", "all", str(folder)]).exit_code == 0
    assert crm(["export", "all", str(folder), "--format", "jsonl"]).exit_code == 0
    assert {path.suffix for path in folder.iterdir()} == {".json", ".jsonl"}
    third = Crm(f"sqlite:///{tmp_path / 'third.db'}").begin("init Third")
    assert "holds the archive of Acme" in third(["export", "all", str(folder)]).stderr
    result = crm(["export", "all", str(tmp_path / "part"), "--franchise", "North"])
    assert (result.exit_code, (tmp_path / "part").exists()) == (1, False)
    assert "add --franchise none" in result.stderr
    assert crm(["export", "all", str(folder), "--format", "table"]).exit_code == 2


def test_a_failed_export_leaves_the_earlier_one(
    crm: Crm, other: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crmctl.services.exports import archive

    folder = tmp_path / "out"
    crm(["export", "all", str(folder)])
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(archive, "_put", full)
        result = crm(["export", "all", str(folder), "--format", "jsonl"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"crmctl: error: cannot write {folder}: No space left on device\n"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert other(["import", "all", str(folder)]).exit_code == 0
