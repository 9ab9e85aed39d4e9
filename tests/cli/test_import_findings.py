"""What an import decides, assumes and does not know: told alike by a dry run and by the run."""

import pytest

from tests.cli.imported import deals, findings, take
from tests.crm import Crm

SURE = "Deal Name,Amount,Stage\nWeir,10,Lead\n"
#: Files of which something is not certain, with how certain it is.
DOUBTFUL = {
    "a closing date is assumed": ("Deal Name,Amount,Stage\nWeir,10,Won\n", "assumed"),
    "a column's name is nearly a field's": ("Deal Name,Ammount,Stage\nWeir,10,Lead\n", "assumed"),
    "a column may be the customer": ("Id,Custmer,Deal Name,Stage\n1,A,Weir,Lead\n", "unknown"),
}


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline."""
    return crm.begin("init Acme --user Ann")


each_doubtful = pytest.mark.parametrize(("content", "certainty"), DOUBTFUL.values(), ids=DOUBTFUL)


@each_doubtful
def test_findings_of_a_dry_run_are_those_of_the_run(crm: Crm, content: str, certainty: str) -> None:
    planned = take(crm, "deals", content, "--dry-run").json()["findings"]
    assert certainty in [each["certainty"] for each in planned]
    assert all(each["text"] and each["option"] for each in planned)
    assert take(crm, "deals", content).json()["findings"] == planned


@each_doubtful
def test_findings_are_shown_to_people(crm: Crm, content: str, certainty: str) -> None:
    found = take(crm, "deals", content, "--dry-run").json()["findings"]
    shown = crm("import deals - --dry-run", input=content).stdout
    assert found
    for each in found:
        assert f"{each['certainty']}: " in shown
        assert f" ({each['option']})" in shown
        # Of one row, what is said of several is said in other words.
        assert each["count"] == 1 or f"{each['text']} ({each['option']})" in shown


@each_doubtful
@pytest.mark.parametrize("dry", ["", "--dry-run"])
def test_a_strict_import_writes_nothing_that_is_not_certain(
    crm: Crm, content: str, certainty: str, dry: str
) -> None:
    result = crm(f"import deals - --strict {dry}", input=content)
    assert result.exit_code == 1
    assert f"{certainty}: " in result.stdout
    assert "nothing was written (--" in result.stderr
    assert deals(crm) == []


def test_a_strict_import_takes_what_is_certain(crm: Crm) -> None:
    assert take(crm, "deals", SURE, "--strict").exit_code == 0
    assert len(deals(crm)) == 1


def test_a_strict_import_is_whole(crm: Crm) -> None:
    result = take(crm, "deals", SURE, "--strict --batch 1")
    assert result.exit_code == 2
    assert "--strict" in result.stderr


@pytest.mark.parametrize(
    ("cells", "text", "certainty"),
    [
        (("Close Date", "31/12/2026", "02/03/2026"),
         "the day comes first, as in '31/12/2026' (line 2)", "decided"),
        (("Close Date", "02/03/2026", "12/31/2026"),
         "the month comes first, as in '12/31/2026' (line 3)", "decided"),
        (("Amount", '"1.200,50"', '"1.200"'),
         "decimals follow a comma, as in '1.200,50' (line 2)", "decided"),
        (("Amount", '"1,200"', '"3,400"'),
         "commas divide thousands in '1,200' (line 2)", "assumed"),
    ],
)  # fmt: skip
def test_what_decided_how_a_column_is_written_is_told(
    crm: Crm, cells: tuple[str, str, str], text: str, certainty: str
) -> None:
    column, first, second = cells
    content = f"Deal Name,Stage,{column}\nWeir,Lead,{first}\nLock,Lead,{second}\n"
    told = findings(take(crm, "deals", content, "--dry-run"), certainty)
    assert told == {f"{column}: {text}": 0}


@pytest.mark.parametrize("cell", ["2026-12-31", "31/12/2026", "12.50", "'1,200.50'"])
def test_nothing_is_told_of_columns_with_one_reading(crm: Crm, cell: str) -> None:
    column = "Close Date" if "2026" in cell else "Amount"
    content = f"Deal Name,Stage,{column}\nWeir,Lead,{cell}\n"
    told = findings(take(crm, "deals", content, "--dry-run"))
    assert [text for text in told if column in text] == []


def test_a_name_that_columns_share_is_noted_where_one_is_read(crm: Crm) -> None:
    content = "Deal Name,Amount,Amount,Stage\nWeir,10,20,Lead\n"
    text = "Amount stands in the header more than once: the first is read"
    assert findings(take(crm, "deals", content, "--dry-run"), "assumed") == {text: 0}
    second = take(crm, "deals", content, "--map 'Amount (2)=amount'")
    assert not findings(second, "assumed")
    assert [deal["amount"] for deal in deals(crm)] == ["20.00"]


def test_a_delimiter_that_is_not_found_is_asked_for(crm: Crm) -> None:
    result = take(crm, "deals", "Deal Name^Amount\nWeir^10\n")
    assert result.exit_code == 2
    assert "--delimiter CHARACTER" in result.stderr
