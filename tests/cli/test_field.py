"""crmctl field."""

import pytest
from sqlalchemy import Engine

from crmctl.cli.field import RecordKind
from crmctl.services.records import types
from tests.crm import Crm
from tests.processes.programs import blocked


@pytest.fixture(autouse=True)
def company(crm: Crm) -> None:
    """A company."""
    crm.now = "2026-03-01T09:00:00Z"
    crm.begin("init Acme")


def test_fields_are_declared_listed_renamed_and_removed(crm: Crm) -> None:
    result = crm("field add deal seats --type number --label 'Seats sold' --json")
    assert (result.exit_code, result.stderr) == (0, "Added seats (number) to deals\n")
    record = {
        "entity": "deal",
        "key": "seats",
        "label": "Seats sold",
        "type": "number",
        "created_at": "2026-03-01T09:00:00Z",
    }
    assert result.json() == record
    crm("field add customer tier")
    assert [row["key"] for row in crm("field list --json").json()] == ["seats", "tier"]
    assert crm("field list deal --json").json() == [record]
    assert crm("field edit deal seats --label Seats").stderr == "seats is called Seats\n"
    assert crm("field edit deal seats --label Seats").stderr == "seats is called Seats already\n"
    assert crm("field list deal --json").json()[0]["label"] == "Seats"
    result = crm("field remove deal seats")
    assert (result.exit_code, result.stdout) == (0, "")
    assert crm("field list deal --json").json() == []
    assert crm("field list deal").stdout.strip() == "no custom fields"


@pytest.mark.usefixtures("on_each_engine")
def test_a_field_in_use_is_removed_with_yes_only(crm: Crm) -> None:
    crm("field add deal seats --type number")
    crm("deal add a --custom seats=5")
    for yes in ("", "--yes"):
        dry = crm(f"field remove deal seats --dry-run {yes}")
        assert (dry.exit_code, dry.stdout) == (0, "")
        assert dry.stderr == (
            "Would remove seats from deals, with 1 value (D1)\ndry run: nothing was written\n"
        )
    assert crm("deal show 1 --json").json()["custom"] == {"seats": 5}
    done = crm("field remove deal seats --yes")
    assert (done.exit_code, done.stderr) == (0, "Removed seats from deals, with 1 value (D1)\n")
    assert crm("deal show 1 --json").json()["custom"] == {}


@pytest.mark.usefixtures("on_each_engine")
def test_what_a_removal_would_take_is_counted_while_others_write(crm: Crm, engine: Engine) -> None:
    crm("field add customer tier")
    crm("deal add Weir")
    names = "".join(f"Ann {n},gold\n" for n in range(35))
    assert crm("import customers -", input=f"name,custom.tier\n{names}").exit_code == 0
    with blocked(engine):
        dry = crm("field remove customer tier --dry-run")
    assert dry.exit_code == 0
    assert "with 35 values (C1, C2, " in dry.stderr
    assert ", C30 and 5 more)" in dry.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("field add deal Seats!", 2, "not a key: 'Seats!'"),
        ("field add user x", 2, "'user' is not one of"),
        ("field add deal x --type list", 2, "'list' is not one of"),
        ("field add deal seats", 1, "deals have a custom field seats already"),
        ("field remove deal size", 3, "'size' (there is seats)"),
        ("field edit customer seats --label x", 3, "crmctl field add customer KEY"),
    ],
)
def test_what_cannot_be_is_refused(crm: Crm, arguments: str, code: int, said: str) -> None:
    crm("field add deal seats")
    result = crm(arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert len(crm("field list --json").json()) == 1


def test_what_can_have_fields_is_what_the_registry_says() -> None:
    assert {str(kind) for kind in RecordKind} == {
        str(one.entity) for one in types.with_custom_fields()
    }
