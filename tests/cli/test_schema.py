"""What programs get is what the schema says: the same fields, of these types, in this order."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crmctl.errors import NotFound
from crmctl.render import json_schema, schemas
from tests.crm import Crm
from tests.test_docs import every_command

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
#: A stage more in the file of a pipeline.
CHANGED = '\n[[stages]]\nkey = "later"\nprobability = 10\n'

TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list,
    "object": dict, "null": type(None),
}  # fmt: skip

#: Each command that prints records: how it is run, in this order, in a company that is busy.
RUNS = {
    "board": ["board", "board --owner Ada --cards 1"],
    "forecast": ["forecast", "forecast --by owner", "forecast --by stage --pipeline saas"],
    "demo": ["demo --deals 3"],
    "log": ["log", "log D1", "log {change}"],
    "undo": ["undo {change} --dry-run", "undo {change}"],
    "deal add": ["deal add Pond --stage qualified"],
    "deal list": ["deal list --status all", "deal list --stage lead"],
    "deal show": ["deal show D1", "deal show D2"],
    "deal edit": ["deal edit D1 --next-step call"],
    "deal move": ["deal move D1 qualified"],
    "deal win": ["deal win D1 --override"],
    "deal lose": ["deal lose D4 --lost-reason price"],
    "deal reopen": ["deal reopen D1"],
    "deal remove": ["deal remove D4"],
    "deal restore": ["deal restore D4"],
    "deal history": ["deal history D1", "deal history D2", "deal history D1 --fields"],
    "customer add": ["customer add Mill --segment smb"],
    "customer list": ["customer list"],
    "customer show": ["customer show C1", "customer show C3"],
    "customer edit": ["customer edit C1 --segment smb"],
    "customer duplicates": ["customer duplicates"],
    "customer merge": ["customer merge C1 C2 --dry-run"],
    "customer remove": ["customer remove C3"],
    "customer restore": ["customer restore C3"],
    "activity add": ["activity add call Ring --deal D1 --minutes 5"],
    "activity list": ["activity list"],
    "activity show": ["activity show A1"],
    "activity edit": ["activity edit A1 --body more"],
    "activity remove": ["activity remove A1"],
    "activity restore": ["activity restore A1"],
    "pipeline list": ["pipeline list"],
    "pipeline show": ["pipeline show saas"],
    "pipeline templates": ["pipeline templates"],
    "pipeline export": ["pipeline export saas"],
    "pipeline apply": ["pipeline apply - --dry-run"],
    "pipeline remove": ["pipeline remove saas --yes --dry-run"],
    "stage list": ["stage list"],
    "stage add": ["stage add trying --pipeline default --probability 30"],
    "stage edit": ["stage edit default/trying --rotting-days 5"],
    "stage move": ["stage move default/trying --after lead"],
    "stage remove": ["stage remove default/trying"],
    "import customers": ["import customers -", "import customers - --dry-run"],
    "import deals": ["import deals - --dates dmy --save-mapping usual"],
    "import activities": ["import activities - --map id=external_id"],
    "import history": ["import history -"],
    "import all": ["import all {archive} --database {archive}.db"],
    "import mappings": ["import mappings"],
    "import list": ["import list"],
    "import show": ["import show {import}"],
    "field add": ["field add customer colour"],
    "field list": ["field list"],
    "field edit": ["field edit deal size --label Size"],
    "company list": ["company list"],
    "company show": ["company show"],
    "company edit": ["company edit --fiscal-month 4"],
    "franchise list": ["franchise list"],
    "franchise add": ["franchise add South"],
    "franchise show": ["franchise show North"],
    "franchise edit": ["franchise edit North --name Nord"],
    "user list": ["user list"],
    "user add": ["user add Ben --email b@x.example"],
    "user show": ["user show Ada"],
    "user edit": ["user edit Ada --email a@x.example"],
    "db status": ["db status"],
    "company add": ["company add Other"],
}
TYPED = {
    "import customers": "name,email,lead_score\nTern,a@x.example,9\nNew,n@x.example,high\n",
    "import deals": "title,stage,amount,close\nQuay,Lead,5,1/2/2026\nBad,Lead,many,1/2/2026\n",
    "import activities": "id,subject,kind,at,deal\n1,Rang,call,2026-03-01,Weir\n2,No,shout,,\n",
    "import history": "deal,stage,entered_at\nD2,lead,2026-01-01\nD9,lead,2026-01-01\n",
}
#: Each command that prints no records, and why.
SILENT = {
    "init": "it says in words what it made",
    "customer erase": "what is erased is not printed",
    "pipeline add": "it says in words what it made",
    "pipeline edit": "it says in words what it changed",
    "field remove": "what is removed has no record",
    "company use": "it says in words what is remembered",
    "franchise use": "it says in words what is remembered",
    "user use": "it says in words what is remembered",
    "export customers": "files of columns that an import reads",
    "export deals": "files of columns that an import reads",
    "export activities": "files of columns that an import reads",
    "export history": "files of columns that an import reads",
    "export all": "it writes files",
    "schema": "a JSON Schema is what it prints",
    "db init": "it says in words what it made",
    "db migrate": "it says in words what it changed",
}
EMPTY = {
    "deal": "deal list", "customer": "customer list", "activity": "activity list",
    "field": "field list", "franchise": "franchise list", "import": "import list",
    "mapping": "import mappings", "duplicate": "customer duplicates",
}  # fmt: skip


@pytest.fixture
def busy(crm: Crm) -> Crm:
    """A company with some of everything."""
    return crm.begin(
        "init Co --user Ada", "pipeline add saas --template saas", "franchise add North",
        "field add deal size --type number",
        "customer add 'Tern Foods Ltd' --email a@x.example --score 5", "customer add 'Tern Foods'",
        "deal add Weir --customer C1 --amount 5.50 --currency EUR --owner Ada --close +9d"
        " --probability 12.5% --tag hot --custom size=2.5 --external-id crm:7",
        "deal add Lock", "deal lose D2 --lost-reason price", "activity add note Hi --deal D1",
        ("import deals -", "title\nPier\n"),
    )  # fmt: skip


def _wrong(value: Any, schema: dict[str, Any], at: str = "") -> Iterator[str]:
    """Yield where a value is not what its part of a JSON Schema says."""
    if "anyOf" in schema:
        found = [list(_wrong(value, one, at)) for one in schema["anyOf"]]
        yield from [] if [] in found else found[0]
        return
    types = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", TYPES)
    fits = (isinstance(value, TYPES[name]) for name in types if name != "boolean")
    if not any(fits) if not isinstance(value, bool) else "boolean" not in types:
        yield f"{at} is {value!r}"
    elif isinstance(value, str):
        time = schema.get("format") == "date-time" and not TIME.fullmatch(value)
        if time or not re.search(schema.get("pattern", ""), value):
            yield f"{at} is {value!r}"
    elif isinstance(value, list) and "items" in schema:
        for each in value:
            yield from _wrong(each, schema["items"], f"{at}[]")
    elif isinstance(value, dict) and "properties" in schema:
        yield from _wrong_fields(value, schema, at)


def _wrong_fields(value: dict[str, Any], schema: dict[str, Any], at: str) -> Iterator[str]:
    """Yield what is wrong with an object: its names, their order, and each of its values."""
    known, needed = list(schema["properties"]), schema["required"]
    if [name for name in value if name in needed] != needed:
        yield f"{at} has {list(value)}, not {needed}"
    yield from (f"{at}.{name} is unknown" for name in value if name not in known)
    for name in known:
        if name in value:
            yield from _wrong(value[name], schema["properties"][name], f"{at}.{name}")


def test_every_command_has_a_schema_or_prints_no_records() -> None:
    assert sorted([*RUNS, *SILENT, "db check"]) == sorted(words for words, _ in every_command())
    for words in SILENT:
        with pytest.raises(NotFound):
            json_schema.kinds_of(words)
    printed = {kind for words in [*RUNS, "db check"] for kind in json_schema.kinds_of(words)}
    assert printed == set(json_schema.kinds())


def test_what_commands_print_is_what_their_schema_says(busy: Crm, tmp_path: Path) -> None:
    assert busy("schema").stdout.split() == json_schema.kinds()
    assert busy(f"export all {tmp_path / 'all'}").exit_code == 0
    assert busy(f"db init --database {tmp_path / 'all.db'}").exit_code == 0
    names = {
        "change": busy("log --json").json()[0]["ref"], "archive": tmp_path / "all",
        "import": busy("import list --json").json()[0]["ref"],
    }  # fmt: skip
    typed = {**TYPED, "pipeline apply": busy("pipeline export default").stdout + CHANGED}
    for words, commands in RUNS.items():
        schema = busy(f"schema {words}").json()
        for command in commands:
            result = busy(f"{command.format(**names)} --json", input=typed.get(words, ""))
            assert result.stdout, (command, result)
            printed = result.json()
            records = printed if isinstance(printed, list) else [printed]
            assert records, command
            for record in records:
                assert list(_wrong(record, schema)) == [], (command, record)


def test_what_breaks_an_invariant_is_what_its_schema_says(busy: Crm) -> None:
    with sqlite3.connect(busy.database_url.removeprefix("sqlite:///")) as database:
        database.execute("UPDATE deals SET amount = 'many'")
    records = busy("db check --json").json()
    schema = json_schema.schema("db check")
    assert records
    assert [list(_wrong(record, schema)) for record in records] == [[]] * len(records)


def test_a_field_of_one_name_has_one_type() -> None:
    found: dict[str, set[str]] = {}
    for kind in schemas.RECORDS:
        for name, part in json_schema.schema(kind)["properties"].items():
            types = part["type"] if isinstance(part["type"], list) else [part["type"]]
            found.setdefault(name, set()).update({*types} - {"null"})
    assert {name: types for name, types in found.items() if len(types) > 1} == {}


def test_an_empty_list_has_the_header_of_a_full_one(crm: Crm) -> None:
    crm.begin("init Co --user Ada")
    for kind, command in EMPTY.items():
        result = crm(f"{command} --output csv")
        assert (result.exit_code, result.stdout) == (0, ",".join(schemas.fields(kind)) + "\r\n")
        assert crm(f"{command} --json").json() == []


def test_a_kind_that_there_is_not_is_told(crm: Crm) -> None:
    result = crm("schema deals")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "no record is called 'deals' (there is deal, customer" in result.stderr
