"""An import says where it replaces what was typed here, of which its file may not know yet."""

import pytest

from tests.cli.imported import counts, customers, deals, findings, take
from tests.crm import Crm, Result

HEAD = "Deal Name,Record ID,Deal Stage,Amount,Next Step,Owner,Tags,Size\n"
FILE = f"{HEAD}Beta,7,Lead,100,Call,Ann,x,1\n"
LATER = f"{HEAD}Beta,7,Proposal,200,Sign,Ann,x,1\n"
TYPED = (
    ("deal move D1 qualified", "stage 1"),
    ("deal edit D1 --amount 130", "amount 1"),
    ("deal edit D1 --amount 120; deal edit D1 --amount 130; undo", "amount 1"),
    ("deal edit D1 --amount 130; undo; redo", "amount 1"),
    ("deal edit D1 --owner Bob --next-step Wait", "next_step 1, owner 1"),
    ("deal edit D1 --custom size=2 --tag y", "custom.size 1, tags 1"),
    ("deal edit D1 --amount 130; deal win D1", "amount 1, stage 1"),
)


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with a deal that an import has brought."""
    size = "field add deal size --type number"
    crm.begin("init Acme --user Ann", "user use Ann", "user add Bob", size)
    assert counts(take(crm, "deals", FILE))[0] == 1
    return crm


def _run(crm: Crm, commands: str) -> None:
    for command in commands.split("; "):
        newest = crm("log --json").json()[0]["ref"] if command == "redo" else ""
        result = crm(f"undo {newest}" if newest else command)
        assert result.exit_code == 0, result.stderr


def _assumed(result: Result) -> list[str]:
    """Return of which fields an import says so, with the counts of their values."""
    told = []
    for text, count in findings(result, "assumed").items():
        said, _, fields = text.partition(": ")
        if said == "values typed here give way to the file's":
            assert count == sum(int(each.split()[1]) for each in fields.split(", "))
            told.append(fields)
    return told


@pytest.mark.parametrize(("typed", "fields"), TYPED)
def test_what_gives_way_to_an_old_file_is_counted(crm: Crm, typed: str, fields: str) -> None:
    _run(crm, typed)
    before = deals(crm)
    assert _assumed(take(crm, "deals", FILE, "--dry-run")) == [fields]
    strict = take(crm, "deals", FILE, "--strict")
    assert (strict.exit_code, _assumed(strict), deals(crm)) == (1, [fields], before)
    filled = take(crm, "deals", FILE, "--strict --fill-empty")
    assert (filled.exit_code, _assumed(filled), deals(crm)) == (0, [], before)
    said = crm("import deals -", input=FILE)
    assert f"give way to the file's: {fields} (--fill-empty keeps" in said.stdout.replace(
        "gives", "give"
    )
    again = take(crm, "deals", FILE, "--strict")
    assert (again.exit_code, counts(again)) == (0, (0, 0, 1, 0))


@pytest.mark.parametrize(
    "typed",
    [
        "deal show D1",
        "deal edit D1 --amount 130; undo",
        "deal edit D1 --source Fair --close 2027-05-05",
        "deal edit D1 --clear next-step",
        "deal edit D1 --amount 130; IMPORT",
        "deal edit D1 --amount 130; undo; redo; IMPORT",
        "LATER; undo",
        "LATER; undo; redo",
        "deal move D1 proposal; LATER",
    ],
)
def test_what_an_import_set_or_nobody_is_no_loss(crm: Crm, typed: str) -> None:
    for command in typed.split("; "):
        if content := {"IMPORT": FILE, "LATER": LATER}.get(command):
            assert take(crm, "deals", content).exit_code == 0
        else:
            _run(crm, command)
    late = "Proposal" if typed.endswith("LATER") else "Lead"
    result = take(crm, "deals", f"{HEAD}Beta,7,{late},300,Sign,Ann,x,1\n", "--strict")
    assert (result.exit_code, _assumed(result)) == (0, [])
    assert deals(crm)[0]["amount"] == "300.00"


@pytest.mark.usefixtures("on_each_engine")
def test_customers_are_no_exception_and_values_add_up(crm: Crm) -> None:
    head = "ID,Name,Country,Phone\n"
    content = f"{head}1,Fell,DE,\n2,Moor,DE,\n3,Tarn,DE,+493012345678\n"
    take(crm, "customers", content)
    _run(crm, "customer edit C1 --country FR; customer edit C2 --country FR --phone +493012345679")
    result = take(crm, "customers", content)
    assert _assumed(result) == ["country 2"]
    assert [each["country"] for each in customers(crm)] == ["DE"] * 3
    assert _assumed(take(crm, "customers", content)) == []
