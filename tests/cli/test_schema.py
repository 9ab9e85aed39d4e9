"""What programs get is what the schema says: the same fields, of these types, in this order."""

import re
from typing import Any

import pytest

from crmctl.render import schemas
from tests.crm import Crm

TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list,
    "object": dict, "null": type(None),
}  # fmt: skip

#: The commands that print records of each kind.
COMMANDS = {
    "deal": ["deal list --status all", "deal show D1", "deal edit D1 --next-step call"],
    "customer": ["customer list", "customer edit C1 --segment smb"],
    "activity": ["activity list", "activity show A1"],
    "stage": ["stage list"],
    "pipeline": ["pipeline list"],
    "template": ["pipeline templates"],
    "history": ["deal history D1", "deal history D2"],
    "field": ["field list"],
    "user": ["user list", "user show Ada"],
    "franchise": ["franchise list"],
    "company": ["company list", "company show"],
    "import": ["import list"],
    "mapping": ["import mappings"],
    "duplicate": ["customer duplicates"],
    "change": ["log"],
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
        "init Co --user Ada", "franchise add North", "field add deal size --type number",
        "customer add 'Tern Foods Ltd' --email a@x.example --score 5", "customer add 'Tern Foods'",
        "deal add Weir --customer C1 --amount 5.50 --currency EUR --owner Ada --close +9d"
        " --probability 12.5% --tag hot --custom size=2.5 --external-id crm:7",
        "deal add Lock", "deal lose D2 --lost-reason price", "activity add note Hi --deal D1",
        ("import deals - --save-mapping usual", "title\nPier\n"),
    )  # fmt: skip


def _wrong(value: Any, schema: dict[str, Any]) -> bool:
    """Return whether a value is not what its part of a JSON Schema says."""
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if not any(isinstance(value, TYPES[name]) for name in types):
        return True
    if isinstance(value, bool):
        return "boolean" not in types
    if isinstance(value, str) and schema.get("format") == "date-time":
        return not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value)
    return isinstance(value, str) and not re.search(schema.get("pattern", ""), value)


def test_records_are_what_their_schema_says(busy: Crm) -> None:
    assert list(COMMANDS) == schemas.kinds() == busy("schema").stdout.split()
    for kind, commands in COMMANDS.items():
        schema = busy(f"schema {kind}").json()
        for command in commands:
            printed = busy(f"{command} --json").json()
            records = printed if isinstance(printed, list) else [printed]
            assert records, command
            for record in records:
                known = list(record)[: len(schema["required"])]
                if command != "deal show D1":
                    assert known == schema["required"] == list(record), command
                wrong = [name for name, part in schema["properties"].items()
                         if _wrong(record[name], part)]  # fmt: skip
                assert wrong == [], (command, record)


def test_a_field_of_one_name_has_one_type(busy: Crm) -> None:
    found: dict[str, set[str]] = {}
    for kind in schemas.kinds():
        for name, part in schemas.schema(kind)["properties"].items():
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
