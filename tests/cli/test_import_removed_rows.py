"""Rows about what is deleted or archived elsewhere, and lists of something else, stay out."""

import pytest

from tests.cli.imported import counts, customers, deals, findings, take
from tests.crm import Crm

SALESFORCE = "Id,IsDeleted,AccountId,Name,StageName,Amount,Probability,CloseDate,ForecastCategory\n"
ODOO = "id,active,name,email_from,type,probability,expected_revenue,date_deadline,stage_id\n"
FILES = {
    "salesforce": SALESFORCE
    + "006A,1,,Old,lead,1000,10,2026-12-31,Pipeline\n006B,0,,New,lead,9,10,2026-12-31,Pipeline\n",
    "data loader": SALESFORCE
    + "6A,true,,Old,lead,1,10,2026-12-31,Pipeline\n6B,false,,New,lead,9,10,2026-12-31,Pipeline\n",
    "odoo": ODOO
    + "x.lead_1,False,Old,,Opportunity,0,1000,,Lead\nx.lead_2,True,New,,Opportunity,10,9,,Lead\n",
    "archived": "Deal Name,Amount,Archived\nOld,5,yes\nNew,6,no\n",
    "is archived": "Deal Name,Amount,Is Archived\nOld,5,TRUE\nNew,6,FALSE\n",
    "deleted at": "Deal Name,Amount,deleted_at\nOld,5,2026-01-01 10:00\nNew,6,\n",
}


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline."""
    return crm.begin("init Acme --user Ann", "user use Ann")


@pytest.mark.parametrize("name", FILES)
def test_rows_of_what_is_removed_are_left_out_and_counted(crm: Crm, name: str) -> None:
    result = take(crm, "deals", FILES[name])
    assert result.exit_code == 0, result.stderr
    assert [each["title"] for each in deals(crm)] == ["New"]
    assert (counts(result)[0], result.json()["skipped"]) == (1, 1)
    told = {
        text: count
        for text, count in findings(result, "decided").items()
        if text.startswith("rows left out as deleted or archived, as ")
    }
    assert list(told.values()) == [1]


def test_what_is_not_active_is_asked_about(crm: Crm) -> None:
    content = "Name,Email,Active\nOld,o@a.example,no\nNew,n@a.example,yes\n"
    result = take(crm, "customers", content, "--dry-run")
    assert list(findings(result, "unknown")) == ["are rows archived that Active says no of?"]
    take(crm, "customers", content, "--map Active=active")
    assert [each["name"] for each in customers(crm)] == ["New"]


def test_a_deal_that_is_not_active_may_be_closed(crm: Crm) -> None:
    content = "Deal Name,Amount,Stage,is_active\nOld,5,Won,FALSE\nNew,6,Lead,TRUE\n"
    result = take(crm, "deals", content)
    assert (counts(result)[0], findings(result, "unknown")) == (2, {})


@pytest.mark.parametrize("cells", [("gold", "silver"), ("yes", "maybe")])
def test_a_column_that_says_something_else_is_not_read(crm: Crm, cells: tuple[str, str]) -> None:
    result = take(crm, "customers", f"Name,Active\nIna,{cells[0]}\nBo,{cells[1]}\n")
    assert counts(result)[0] == 2


def test_a_stage_may_be_called_archived(crm: Crm) -> None:
    content = "Deal Name,Stage\nOld,Archived\nNew,Lead\n"
    take(crm, "deals", content, "--stage-map Archived=lost --lost-reason old")
    assert [each["stage"] for each in deals(crm)] == ["lost", "lead"]


@pytest.mark.parametrize("what", ["customers", "deals"])
def test_a_list_of_something_else_is_refused_in_one_line(crm: Crm, what: str) -> None:
    content = "Name,Product Code,Stock\nGate,G1,5\n"
    result = take(crm, what, content)
    assert result.exit_code == 2
    assert f"stdin looks like a list of products, not {what}" in result.stderr
    assert take(crm, what, content, "--preset none").exit_code == 0
