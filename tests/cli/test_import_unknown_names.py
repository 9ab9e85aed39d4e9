"""Names in a file that are not there are told at once, each with how many rows have it."""

import pytest

from tests.cli.imported import findings, take
from tests.crm import Crm, Result


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with one user and the default pipeline."""
    return crm.begin("init Acme --user Ann", "user use Ann")


def options(result: Result) -> list[str]:
    return [each["option"] for each in result.json()["findings"] if each["certainty"] == "unknown"]


#: A row for each of several names: of what they are, and what is told of them.
NAMED = {
    "stages": ("Stage", "Sketching,Demo,Sketching", "Sketching (2), Demo (1)"),
    "users": ("Owner", "Bob,Eve,Eve", "Eve (2), Bob (1)"),
    "pipelines": ("Pipeline", "North,South,North", "North (2), South (1)"),
    "currencies": ("Currency", "Taler,Taler,Gulden", "Taler (2), Gulden (1)"),
    "customers": ("Customer", "Moss,Fell,Moss", "Moss (2), Fell (1)"),
    "statuses": ("Deal status", "Frozen,Frozen,Asleep", "Frozen (2), Asleep (1)"),
    "franchises": ("Franchise", "North,South,South", "South (2), North (1)"),
}


@pytest.mark.parametrize("kind", NAMED)
def test_names_of_each_kind_are_told_with_their_counts(crm: Crm, kind: str) -> None:
    column, cells, told = NAMED[kind]
    rows = "".join(f"{n},Deal {n},5,{cell}\n" for n, cell in enumerate(cells.split(",")))
    field = {"Deal status": "outcome"}.get(column, column.lower())
    options = f"--dry-run --map '{column}={field}'"
    result = take(crm, "deals", f"Deal ID,Deal Name,Amount,{column}\n{rows}", options)
    assert findings(result, "unknown") == {f"rows name {kind} that are not there: {told}": 3}
    assert (
        take(
            crm, "deals", f"Deal ID,Deal Name,Amount,{column}\n1,A,5,Odd\n", f"{options} --strict"
        ).exit_code
        == 1
    )


def test_rows_that_are_refused_for_something_else_tell_theirs(crm: Crm) -> None:
    content = "Deal Name,Amount,Customer,Stage,Owner\nA,much,Moss,Demo,Eve\nB,2,Fell,Demo,Bob\n"
    result = take(crm, "deals", content)
    assert sorted(findings(result, "unknown")) == [
        "rows name customers that are not there: Moss (1), Fell (1)",
        "rows name stages that are not there: Demo (2)",
        "rows name users that are not there: Eve (1), Bob (1)",
    ]
    assert options(result) == [
        '--stage-map "Demo=STAGE"', "--create-missing users", "--create-missing customers",
    ]  # fmt: skip


EVENTS = """Deal ID,Stage,Entered at
1,Lead,2026-01-05T10:00
1,Demo booked,2026-01-20T10:00
1,Contract viewed,2026-01-21T10:00
2,Demo booked,2026-01-20T10:00
2,Lead,never
"""


def test_all_unknown_stages_of_a_history_are_told_at_once(crm: Crm) -> None:
    take(crm, "deals", "Deal ID,Deal Name,Amount\n1,Weir,10\n2,Pier,10\n")
    result = take(crm, "history", EVENTS)
    text = "rows name stages that are not there: Demo booked (2), Contract viewed (1)"
    assert findings(result, "unknown") == {text: 3}
    assert options(result) == [
        '--stage-map "Demo booked=STAGE" --stage-map "Contract viewed=STAGE";'
        ' "NAME=" leaves its events out'
    ]
    reasons = {each["line"]: each["reason"] for each in result.json()["rejects"]}
    assert reasons[2] == "line 3, about the same deal, is rejected"
    left_out = "--stage-map 'Demo booked=' --stage-map 'Contract viewed='"
    assert not findings(take(crm, "history", EVENTS, left_out), "unknown")


def test_many_names_are_told_by_the_most_common(crm: Crm) -> None:
    rows = "".join(f"Deal {n},5,Odd {n}\n" for n in range(1100))
    [text] = findings(take(crm, "deals", f"Deal Name,Amount,Stage\n{rows}"), "unknown")
    assert text.endswith("Odd 19 (1) and at least 980 more")


def test_one_name_is_told_as_one(crm: Crm) -> None:
    shown = crm("import deals - --dry-run", input="Deal Name,Amount,Stage\nA,5,Odd\n").stdout
    assert "unknown: 1 row names a stage that is not there: Odd (--stage-map" in shown


def test_an_unknown_currency_is_told_with_the_option_that_says_its_code(crm: Crm) -> None:
    content = "Deal Name,Amount,Currency\nA,5,ZZZ\nB,5,$\nC,5,kr\nD,5,#N/A\nE,5,ZZZ\n"
    result = take(crm, "deals", content)
    assert findings(result, "unknown") == {
        "rows name currencies that are not there: ZZZ (2)": 2, **findings(result, "unknown"),
    }  # fmt: skip
    assert '--currency-map "ZZZ=CODE"' in options(result)
    shown = take(crm, "deals", content, '--currency-map "ZZZ=NOK"').json()
    assert (shown["created"], shown["rejected"]) == (2, 2)


@pytest.mark.parametrize(
    "name",
    ['The "big" one', "Cash $USD", "It's `here`", "So soon!", "C:\\x", f"Long {'x' * 90}", "1 = 2"],
)
def test_the_option_of_a_name_can_be_pasted(crm: Crm, name: str) -> None:
    cell = name.replace('"', '""')
    content = f'Deal ID,Deal Name,Amount,Stage\n1,A,5,"{cell}"\n'
    result = take(crm, "deals", content)
    [option] = [each for each in options(result) if "STAGE" in each]
    assert f"({option})" in result.json()["rejects"][0]["reason"]
    done = take(crm, "deals", content, option.replace("=STAGE", "=proposal"))
    assert done.json()["created"] == 1


def test_a_long_name_is_cut_where_it_is_told_alone(crm: Crm) -> None:
    content = f"Deal Name,Amount,Stage\nA,5,{'x' * 600}\n"
    shown = take(crm, "deals", content).json()["findings"]
    [told] = [each for each in shown if each["certainty"] == "unknown"]
    assert len(told["text"]) < 120
    assert told["option"] == '--stage-map "NAME=STAGE"'


def test_a_word_that_holds_the_sign_is_mapped_as_it_is_told(crm: Crm) -> None:
    content = "Deal Name,Amount,Currency\nA,5,x=y\n"
    [option] = [each for each in options(take(crm, "deals", content)) if "CODE" in each]
    done = take(crm, "deals", content, option.replace("=CODE", "=NOK"))
    assert done.json()["created"] == 1
