"""crmctl init."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.crm import Crm
from tests.postgres import Databases


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_databases: Databases
) -> Iterator[Crm]:
    """Runs commands on a database that is not there yet, or has no tables."""
    if request.param == "sqlite":
        yield Crm(f"sqlite:///{tmp_path}/new folder/crm.db")
    else:
        with postgres_databases.empty() as name:
            yield Crm(postgres_databases.url(name))


def test_it_makes_the_database_a_company_you_and_a_pipeline(empty: Crm) -> None:
    made = empty("init Acme --currency eur --timezone Europe/Berlin --fiscal-month 4 --user Uma")
    assert (made.exit_code, made.stdout) == (0, "")
    assert made.stderr.startswith("Created Acme in ")
    company = empty("company show --json").json()
    assert {**company, "id": 0, "created_at": 0} == {
        "id": 0, "name": "Acme", "currency": "EUR", "timezone": "Europe/Berlin",
        "fiscal_month": 4, "current": True, "created_at": 0,
    }  # fmt: skip
    assert [user["name"] for user in empty("user list --json").json()] == ["Uma"]
    pipelines = empty("pipeline list --json").json()
    assert [(p["key"], p["label"]) for p in pipelines] == [("default", "Sales")]
    assert pipelines[0]["stages"] == [
        "lead", "qualified", "proposal", "negotiation", "won", "lost",
    ]  # fmt: skip


def test_running_it_twice_is_harmless(empty: Crm) -> None:
    assert empty("init Acme --user Uma").exit_code == 0
    again = empty("init Beta --user Bo --template saas")
    assert (again.exit_code, again.stdout) == (0, "")
    assert again.stderr.endswith(
        " is ready already, with company Acme (crmctl company add adds another)\n"
    )
    assert [row["name"] for row in empty("company list --json").json()] == ["Acme"]
    assert [row["name"] for row in empty("user list --json").json()] == ["Uma"]


def test_running_it_again_counts_several_companies(empty: Crm) -> None:
    for command in ("init Acme --user Uma", "company add Beta"):
        assert empty(command).exit_code == 0
    again = empty("init")
    assert again.stderr.endswith(
        " is ready already, with 2 companies (crmctl company add adds another)\n"
    )
    assert (again.exit_code, again.stderr.count("\n")) == (0, 1)


def test_it_names_you_as_the_system_does(empty: Crm) -> None:
    assert empty("init", env={"USER": "uma"}).exit_code == 0
    assert empty("user list --json").json()[0]["name"] == "uma"
    assert empty("company list --json").json()[0]["name"] == "My company"


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        ("Acme --template nope", 3, "no template is called 'nope' (there is agency, b2b,"),
        ("Acme --currency EUX", 2, "currency: not a currency code: 'EUX'"),
        ("Acme --timezone Mars", 2, "timezone: no time zone is called 'Mars'"),
        (
            "Acme --fiscal-month 13",
            2,
            "'--fiscal-month': must be at most 12 (see crmctl init --help)",
        ),
        ("Acme --email nobody", 2, "email: not an e-mail address: 'nobody'"),
        ("Acme --user ''", 2, "name: must not be empty"),
        ("''", 2, "name: must not be empty"),
        ("x" * 201, 2, "name: is 201 characters long, at most 200 are kept"),
    ],
)
def test_a_wrong_value_is_refused_before_anything_is_made(
    tmp_path: Path, arguments: str, code: int, why: str
) -> None:
    path = tmp_path / "folder" / "crm.db"
    refused = Crm(str(path))(f"init {arguments}", env={"USER": "uma"})
    assert (refused.exit_code, refused.stdout) == (code, "")
    assert why in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not path.parent.exists()


def test_a_database_file_that_is_made_is_its_owners_alone(tmp_path: Path) -> None:
    made, there = tmp_path / "made.db", tmp_path / "there.db"
    there.touch(0o640)
    modes = []
    for path in (made, there):
        assert Crm(str(path))("init Acme").exit_code == 0
        with closing(sqlite3.connect(path)) as reader:
            reader.execute("SELECT name FROM companies").fetchall()
            files = path.parent.glob(f"{path.name}*")
            modes.append({stat.S_IMODE(each.stat().st_mode) for each in files})
    assert modes == [{0o600}, {0o640}]


def test_a_database_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    path.write_text("This is a letter, and no database at all." * 100)
    refused = Crm(str(path))("init Acme")
    assert (refused.exit_code, refused.stdout) == (4, "")
    assert refused.stderr == f"crmctl: error: {path} is not a crmctl database\n"
    assert "letter" in path.read_text()


def test_a_password_is_never_shown() -> None:
    refused = Crm("postgres://uma:secret@127.0.0.1:1/crm")("init Acme")
    assert refused.exit_code == 4
    assert "secret" not in refused.stderr
    assert "PostgreSQL 127.0.0.1/crm" in refused.stderr


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:a@b:geheim@h/db", "postgresql://u:a@b/geheim@h/db", "postgresql://u:x@h:geheim",
     "postgresql://u:a@geheim@h/db"],
)  # fmt: skip
def test_a_password_that_must_be_escaped_is_not_shown_either(url: str) -> None:
    refused = Crm(url)("init Acme")
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert "geheim" not in refused.stderr
