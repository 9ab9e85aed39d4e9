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


ARCHIVED_LOSSES = {
    "names of fields": (
        "id,name,expected_revenue,stage_id,date_closed,active,probability,lost_reason_id\n",
        "x.lead_{0},{1},{2},{3},{4},{5},{6},{7}\n",
    ),
    "labels": (
        "External ID,Opportunity,Expected Revenue,Stage,Closed Date,Active,Probability,"
        "Lost Reason\n",
        "x.lead_{0},{1},{2},{3},{4},{5},{6},{7}\n",
    ),
    "Spanish": (
        "Oportunidad,Importe,Etapa,Activo,Motivo de pérdida\n", "{1},{2},{3},{5},{7}\n",
    ),
    "German": ("Titel,Betrag,Phase,Aktiv,Verlustgrund\n", "{1},{2},{3},{5},{7}\n"),
    "French": ("Titre,Montant,Étape,Actif,Motif de perte\n", "{1},{2},{3},{5},{7}\n"),
    "archived": ("Deal Name,Amount,Stage,Active,Lost Reason\n", "{1},{2},{3},{5},{7}\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", ARCHIVED_LOSSES)
def test_what_is_archived_to_say_that_it_is_lost_is_lost(crm: Crm, name: str) -> None:
    head, row = ARCHIVED_LOSSES[name]
    rows = (
        (1, "Open", 5, "Proposal", "", "True", 35, ""),
        (2, "Sold", 6, "Won", "2026-01-10 09:00:00", "True", 100, ""),
        (3, "Gone", 7, "Proposal", "2026-01-12 09:00:00", "False", 0, "Too dear"),
        (4, "Archived", 8, "Proposal", "", "False", 35, ""),
    )
    result = take(crm, "deals", head + "".join(row.format(*cells) for cells in rows))
    assert (result.exit_code, result.json()["skipped"]) == (0, 1), result.stderr
    assert {each["title"]: each["status"] for each in deals(crm)} == {
        "Open": "open", "Sold": "won", "Gone": "lost",
    }  # fmt: skip
    assert deals(crm)[-1]["lost_reason"] == "Too dear"
    texts = [text for text in findings(result, "decided") if text.startswith("deals are lost, as")]
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("name", "cells", "status"),
    [
        ("Closed Date", "False,0,2026-01-12 09:00:00,", "lost"),
        ("Lost Reason", "False,0,,", "lost"),
        ("won_status", "False,0,lost,", "lost"),
        ("won_status", "True,10,pending,", "open"),
        ("Closed Date", "False,100,2026-01-12 09:00:00,", None),
        ("Owner", "False,0,,", None),
    ],
)
def test_what_shows_that_an_archived_deal_was_lost(
    crm: Crm, name: str, cells: str, status: str | None
) -> None:
    head = f"External ID,Opportunity,Expected Revenue,Active,Probability,{name},X\n"
    result = take(crm, "deals", f"{head}x.lead_1,Old,5,{cells}\nx.lead_2,New,5,True,10,,\n")
    assert result.exit_code == 0, result.stderr
    found = {each["title"]: each["status"] for each in deals(crm)}
    assert found == {"New": "open"} | ({"Old": status} if status else {})


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
