"""crmctl import: options that nothing in a file has a use for are said, whatever becomes of it."""

import pytest

from tests.cli.imported import take
from tests.crm import Crm

DEALS = "title,amount,stage,expected close\nDam,100,lead,2027-01-02\nWeir,200,proposal,2027-01-03\n"
USED = (
    "id,title,amount,stage,outcome,currency,expected close,customer,owner,other\n"
    '7,Dam,$100,Ghost,geht,$,31/12/2027,C9,Ann,x\n8,Weir,"200,50",NA,offen,€,-,Acme,Ann,\n'
)
ACTIVITIES = "subject,kind,deal\nCall Ann,call,D1\n"


def unused(crm: Crm, what: str, content: str, options: str) -> list[str]:
    """Return what an import says of options, each with the option."""
    result = take(crm, what, content, f"--dry-run {options}")
    assert result.stdout, result.stderr
    found = [each for each in result.json()["findings"] if each["certainty"] == "decided"]
    return [f"{each['text']} ({each['option']})" for each in found if each["option"]]


@pytest.fixture
def company(crm: Crm) -> Crm:
    """A company with a deal."""
    return crm.begin("init Co --user Ann --currency EUR", "deal add Weir")


def test_options_that_nothing_has_a_use_for_are_said(company: Crm) -> None:
    options = (
        "--stage-map Ghost=lead --stage-map Lead=lead --stage-map Foo=won --status-map geht=won"
        " --currency-map $=USD --source hubspot --dates dmy --decimal , --country DE --empty NA"
        " --clear-with - --lost-reason price --create-missing users,customers --custom"
    )
    assert sorted(unused(company, "deals", DEALS, options)) == [
        "no cell is - (--clear-with)",
        "no cell is NA (--empty)",
        "no column is left for a custom field (--custom)",
        "no column is read for a status (--map COLUMN=outcome), and none has geht (--status-map)",
        "no column names customers (--create-missing customers)",
        "no column names users (--create-missing users)",
        "no date has its day or its month first (--dates)",
        "no number has decimals or divides thousands (--decimal)",
        "no phone number lacks its country (--country)",
        "no row has an external id (--source)",
        "no row has the currency $ (--currency-map)",
        "no row has the stage Ghost, Foo (--stage-map)",
        "no row makes a lost deal without a reason (--lost-reason)",
    ]
    assert take(company, "deals", DEALS, f"--strict --map stage= {options}").json()["aborted"]


def test_options_that_have_a_use_are_not_said(company: Crm) -> None:
    options = (
        "--stage-map Ghost=lost --status-map geht=lost --status-map offen=open --source hubspot"
        " --currency-map $=USD --dates dmy --decimal , --empty NA --clear-with -"
        " --lost-reason price --create-missing users,customers --custom"
    )
    assert not unused(company, "deals", USED, options)
    assert not unused(company, "activities", "subject,deal\nCall,D1\n", "--kind call --key subject")
    people = "name,phone\nAnn Moe,030 123456\n"
    assert not unused(company, "customers", people, "--country DE")


def test_a_column_that_has_the_words_is_asked_about(company: Crm) -> None:
    content = "title,amount,stage,Remarks\nDam,1,lead,geht\nWeir,2,lead,fast\n"
    result = take(company, "deals", content, "--status-map geht=won --status-map nie=lost")
    told = {each["text"]: each["option"] for each in result.json()["findings"]}
    assert told["is Remarks the outcome? It has geht, and is not read"] == (
        '--map "Remarks=outcome"'
    )
    assert any(text.endswith(", and none has nie") for text in told)


def test_options_of_activities_and_history_are_said(company: Crm) -> None:
    options = "--kind note --kind-map Ride=meeting --key subject"
    assert unused(company, "activities", ACTIVITIES, options) == [
        "no row has the kind Ride (--kind-map)",
        "no new row lacks a kind (--kind)",
    ]
    history = "deal,stage,entered at\nD1,lead,2026-01-01\n"
    told = unused(company, "history", history, "--stage-map Ghost=")
    assert told == ["no row has the stage Ghost (--stage-map)"]
    wide = 'Deal,Date entered "Ghost"\nD1,2026-01-01\n'
    assert not unused(company, "history", wide, "--stage-map Ghost=lead")


def test_force_without_rejects_is_refused(company: Crm) -> None:
    refused = company("import deals - --force", input=DEALS)
    assert (refused.exit_code, "say --rejects FILE" in refused.stderr) == (2, True)


def test_what_could_not_be_added_is_not_told_to_be_added(company: Crm) -> None:
    rows = "title,customer,amount\nDam,C99,5\n"
    plan = take(company, "deals", rows, "--create-missing customers").json()
    unknown = [each for each in plan["findings"] if each["certainty"] == "unknown"]
    assert [(each["count"], each["option"]) for each in unknown] == [(1, None)]
