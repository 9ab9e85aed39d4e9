"""Names and titles are found in any case; where the locale is C, in ASCII letters alone."""

import json
from collections.abc import Iterator

import pytest

from crmctl.storage import db, migrate
from tests.crm import Crm

#: Names as they are stored, and as other people type them.
NAMES = {
    "Ärzte Öl GmbH": "ÄRZTE öl gmbh",
    "ÉCOLE Été": "école ÉTÉ",
    "Ёлка Центр": "ёлка ЦЕНТР",
    "ΑΘΗΝΑ Travel": "αθηνα TRAVEL",
    "Straße 7": "STRAße 7",
}
#: Names whose small letters are not one for one, or not the same everywhere.
ODD = ["İstanbul Ltd", "ΟΔΟΣ Maps"]
FOLDING, ASCII_ONLY = ["sqlite", "postgresql"], "postgresql of the locale C"


def _begun(url: str) -> Crm:
    """Return what runs commands on the empty database at `url`, with a company of such names."""
    engine = db.engine(url)
    migrate.upgrade(engine)
    engine.dispose()
    crm = Crm(url)
    assert crm("init Acme --user 'Jürgen Öz'").exit_code == 0
    file = "".join(f"{name}\n" for name in [*NAMES, *ODD])
    assert crm("import customers -", input=f"name\n{file}").exit_code == 0
    deals = "".join(f"{name} deal,{name}\n" for name in [*NAMES, *ODD])
    assert crm("import deals -", input=f"title,customer\n{deals}").exit_code == 0
    return crm


@pytest.fixture(params=[*FOLDING, ASCII_ONLY])
def crm(request: pytest.FixtureRequest) -> Iterator[Crm]:
    """A company in each kind of database."""
    if request.param == "sqlite":
        yield _begun(request.getfixturevalue("sqlite_url"))
        return
    databases = request.getfixturevalue("postgres_databases")
    with databases.empty("C" if request.param == ASCII_ONLY else None) as name:
        yield _begun(databases.url(name))


def missed(crm: Crm, stored: str, typed: str) -> list[str]:
    """Return which ways to look for the customer `stored`, or its deal, do not find it alone."""
    part = typed[1:-1]
    deal = f"{typed} deal"
    looks = {
        "customer": ["customer", "show", typed],
        "part of a customer": ["customer", "show", part],
        "customers by text": ["customer", "list", "--text", part],
        "deal": ["deal", "show", deal],
        "deals by text": ["deal", "list", "--text", part],
        "deals of a customer": ["deal", "list", "--customer", typed],
    }
    found = []
    for way, arguments in looks.items():
        result = crm([*arguments, "--json"])
        rows = json.loads(result.stdout or "[]")
        names = [row.get("customer") or row["name"] for row in [rows] if isinstance(rows, dict)]
        names = names or [row.get("customer") or row["name"] for row in rows]
        found += [f"{way}: {names} {result.stderr}"] if names != [stored] else []
    plan = crm("import customers - --dry-run --json", input=f"name\n{typed}\n").json()
    found += ["import of the customer"] if plan["created"] else []
    lines = f"title,customer\nNew,{typed}\n"
    plan = crm("import deals - --dry-run --json", input=lines).json()
    return found + (["import of a deal"] if plan["created"] != 1 else [])


def test_what_is_typed_as_it_is_stored_is_found(crm: Crm) -> None:
    for stored in [*NAMES, *ODD]:
        assert missed(crm, stored, stored) == [], stored
    for user in ("Jürgen Öz", "ürg", "JüRGEN Öz"):
        assert crm(["deal", "list", "--owner", user]).exit_code == 0


@pytest.mark.parametrize("crm", FOLDING, indirect=True)
def test_letters_of_every_alphabet_are_found_in_any_case(crm: Crm) -> None:
    for stored, typed in NAMES.items():
        assert missed(crm, stored, typed) == [], typed
    for user in ("JÜRGEN ÖZ", "ÜRG"):
        assert crm(["deal", "list", "--owner", user]).exit_code == 0


@pytest.mark.parametrize("crm", [ASCII_ONLY], indirect=True)
def test_where_the_locale_is_c_only_ascii_letters_have_a_case(crm: Crm) -> None:
    assert missed(crm, "Straße 7", "sTRAße 7") == []
    result = crm("customer show 'éCOLE été'")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.startswith("crmctl: error: no customer answers to 'éCOLE été' (")
