"""What is damaged or absurd is told in one line, with the exit code that the README gives it."""

import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import text

from crmctl.config import normal_url
from crmctl.storage import db
from tests.crm import Crm, Result


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with a deal of a customer."""
    crm.now = "2026-03-10T12:00:00Z"
    return crm.begin(
        "init Acme --user Uma", "customer add Ada --email a@x.example",
        "deal add Weir --customer C1 --amount 5 --next-step call",
    )  # fmt: skip


def _told(result: Result, code: int) -> str:
    """Return the one line in which a command says what is wrong, as what was expected."""
    assert (result.exit_code, result.stdout) == (code, ""), result.stderr
    assert result.stderr.startswith("crmctl: error: ")
    assert "unexpected" not in result.stderr
    assert result.stderr.count("\n") == 1
    return result.stderr


def _damage(crm: Crm, statement: str) -> None:
    engine = db.engine(normal_url(crm.database_url))
    with engine.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("column", "commands"),
    [
        ("deals.title", ["deal list", "board", "deal show D1", "export deals", "deal move D1 won",
                         "board --as-of 2026-03-10T12:00Z", "deal show Weir"]),
        ("customers.name", ["customer list", "customer show C1", "export customers", "deal list",
                            "customer duplicates", "customer erase C1 --yes"]),
        ("changes.command", ["log", "undo"]),
        ("stages.label", ["board", "deal list", "stage list"]),
        ("companies.name", ["company list", "deal list"]),
    ],
)  # fmt: skip
def test_text_that_is_no_utf_8(crm: Crm, column: str, commands: list[str]) -> None:
    table, name = column.split(".")
    _damage(crm, f"UPDATE {table} SET {name} = CAST(x'ff41' AS TEXT)")
    for command in commands:
        result = crm(command)
        assert "unexpected" not in result.stderr
        assert result.exit_code in (0, 4), command
        assert result.stderr.count("error") == (result.exit_code > 0)
    checked = crm("db check --json")
    assert checked.exit_code
    assert column in checked.stdout + checked.stderr or "Could not decode" in checked.stderr


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000,
                                  "1" * 5000])  # fmt: skip
def test_what_is_nested_too_deep_or_too_long(crm: Crm, tmp_path: Path, deep: str) -> None:
    for words, content in [
        ("pipeline apply -", f"x = {deep}"),
        ("customer merge --plan -", f"[[group]]\nkeep = {deep}"),
        ("import deals -", f'{{"title": {deep}}}\n'),
    ]:
        result = crm(words, input=content)
        assert result.exit_code in (1, 2)
        assert "unexpected" not in result.stderr
        assert len(result.stderr) < 500
    config = tmp_path / "config.toml"
    config.write_text(f"x = {deep}", "utf-8")
    _told(crm("deal list", env={"CRMCTL_CONFIG": str(config)}), 2)


@pytest.mark.parametrize(
    "value", ["~nobody9/x", "/dev/null/x", "\x01", "/proc/self/mem", "/", "x" * 5000]
)
def test_an_odd_path_of_the_settings(crm: Crm, value: str) -> None:
    result = crm("deal list", env={"CRMCTL_CONFIG": value})
    if result.exit_code:
        _told(result, 2)
    if value != "\x01":
        _told(crm("user use Uma", env={"CRMCTL_CONFIG": value}), 2)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("deals", "number", 10**25), ("deals", "number", 1.5), ("deals", "amount", "1e999"),
     ("deals", "amount", "NaN"), ("deals", "amount", float("inf")), ("deals", "amount", [1]),
     ("deals", "probability", "7"), ("deals", "created_at", "yesterday"),
     ("deals", "status", "lost?"),
     ("deals", "created_at", 10**25), ("deals", "id", "x"), ("deals", "title", 5),
     ("deals", "title", {"a": 1}), ("deals", "custom", "x"), ("counters", "next", 10**30),
     ("counters", "next", float("nan")), ("changes", "irreversible", "perhaps"),
     ("deals", "title", "a\x00b"), ("deals", "title", "\ud800")],
)  # fmt: skip
def test_an_odd_value_in_an_archive(
    crm: Crm, tmp_path: Path, table: str, column: str, value: object
) -> None:
    folder = tmp_path / "out"
    assert crm(["export", "all", str(folder), "--format", "jsonl"]).exit_code == 0
    path, manifest = folder / f"{table}.jsonl", folder / "manifest.json"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    first, *others = map(json.loads, path.read_text("utf-8").splitlines())
    path.write_text("".join(json.dumps(row) + "\n" for row in [first | {column: value}, *others]))
    after = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(manifest.read_text("utf-8").replace(before, after), "utf-8")
    other = Crm(f"sqlite:///{tmp_path / 'other.db'}", crm.now).begin("db init")
    told = _told(other(["import", "all", str(folder)]), 1)
    assert f"{path}: row 1 cannot be read" in told or f"{path}: a row does not fit" in told
