"""What edits, undo, redo and log print of changes: names and words, no ids and no columns."""

import re
from uuid import UUID

import pytest

from crmctl.models.schema import TABLES
from crmctl.services.changes import BOOKKEEPING
from crmctl.services.history.row_changes import PARTS
from crmctl.services.records import types
from crmctl.storage.tables import column_types, key_columns
from tests.crm import Crm

#: Ids, and names of columns; custom fields are called by their keys, which have none of these.
_INTERNAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|\b[a-z]+_[a-z]+\b|custom\b")
DEALS = "Deal ID,Deal Name,Amount,Stage,Customer\n9,Harbour,20,won,Newco\n"


@pytest.fixture
def company(crm: Crm) -> Crm:
    """A company in which something of each kind can be changed."""
    crm.now = "2026-03-02T09:00:00Z"
    return crm.begin(
        "init Co --user Ada",
        "user add Bob",
        "franchise add North",
        "field add deal budget --type number --label 'Annual budget'",
        "field add customer vip --type boolean",
        "customer add Acme --email a@acme.example",
        "customer add Beech",
        "deal add Harbour --customer C1 --amount 100 --external-id 9",
        "activity add note Hello --deal D1",
    )


KINDS = {
    "deal edit D1 --custom budget=5": ("budget: - -> 5", "budget -", "budget 5"),
    "deal edit D1 --customer C2": ("customer: Acme -> Beech", "customer Acme", "customer Beech"),
    "deal edit D1 --owner Bob": ("owner: - -> Bob", "owner -", "owner Bob"),
    "deal edit D1 --next-step Call": ("next step: - -> Call", "next step -", "next step Call"),
    "deal edit D1 --tag hot": ("tags: - -> hot", "tags -", "tags hot"),
    "deal edit D1 --external-id hubspot:7": ("", "hubspot:7", "hubspot:7"),
    "deal move D1 proposal": ("stage: lead -> proposal", "stage lead", "stage proposal"),
    "deal win D1": ("closed at: - -> 2026-03-02 09:00", "closed at -", "closed at 2026-03-02"),
    "deal remove D1": ("removed at: - -> 2026-03-02", "removed at -", "removed at 2026-03-02"),
    "customer edit C1 --custom vip=yes": ("vip: - -> yes", "vip -", "vip yes"),
    "customer edit C1 --score 5": ("lead score: - -> 5", "lead score -", "lead score 5"),
    "customer merge C1 C2": ("merged into: - -> Acme", "merged into -", "merged into Acme"),
    "activity edit A1 --customer C2": ("customer: - -> Beech", "customer -", "customer Beech"),
    "user edit Bob --email bob@co.example": ("email: - -> bob@", "email -", "email bob@"),
    "franchise edit North --name South": ("name: North -> South", "name North", "name South"),
    "company edit --fiscal-month 4": ("fiscal month: 1 -> 4", "fiscal month 1", "fiscal month 4"),
    "stage edit lead --required custom.budget": (
        "required fields: - -> budget", "required fields -", "required fields budget",
    ),
    "stage add legal": ("stage default/legal", "remove", "bring back"),
    "pipeline edit default --no-skip": ("allow skip: yes -> no", "allow skip yes", "allow skip no"),
    "field edit deal budget --label Yearly": (
        "label: Annual budget -> Yearly", "label Annual budget", "label Yearly",
    ),
    "import deals - --create-missing customers": (
        "customer: Acme -> Newco", "customer Acme", "customer Newco",
    ),
}  # fmt: skip


def _ref(crm: Crm) -> str:
    found: str = crm("log --limit 1 --json").json()[0]["ref"]
    return found


def _said(crm: Crm, command: str) -> str:
    """Return the table that `command` prints, without its heads."""
    done = crm(command)
    assert done.exit_code == 0, done
    table = done.stdout.partition("──\n")[2]
    assert not _INTERNAL.search(table), table
    return table


@pytest.mark.parametrize("command", KINDS)
def test_log_undo_and_redo_speak_of_names(company: Crm, command: str) -> None:
    logged, back, again = KINDS[command]
    assert company(command, input=DEALS).exit_code == 0
    change = _ref(company)
    assert logged in _said(company, f"log {change}")
    assert back in _said(company, f"undo {change}")
    undo = _ref(company)
    assert again in _said(company, f"undo {undo} --dry-run")
    assert again in _said(company, f"undo {undo}")


def test_programs_get_the_fields_of_undo_as_those_of_log(company: Crm) -> None:
    company("deal edit D1 --customer C2 --owner Bob --custom budget=5 --amount 7")
    logged = company(f"log {_ref(company)} --json").json()["rows"][0]["fields"]
    taken = company("undo --json").json()["rows"][0]["fields"]
    assert taken == {name: pair["before"] for name, pair in logged.items()}
    assert taken == {"amount": "100.00", "customer": "Acme", "custom.budget": None, "owner": None}


def test_what_is_gone_is_called_what_it_was_called_when_it_went(company: Crm) -> None:
    company("customer add Cedar")
    company("deal edit D1 --customer Cedar")
    company("deal edit D1 --customer C2")
    cedar = company("log --json").json()[2]["ref"]
    assert company(f"undo {cedar}").exit_code == 0
    assert "customer: Cedar -> Beech" in _said(company, "log D1").replace("  ", " ")


def test_every_column_with_an_id_is_known_to_name_a_record() -> None:
    for model in TABLES:
        kind = types.of(model)
        ids = {name for name, held in column_types(model).items() if held is UUID}
        ids -= {*BOOKKEEPING, *key_columns(model), "company_id", "created_in"}
        if not kind.bookkeeping and model not in PARTS:
            assert ids <= kind.relations.keys(), kind.table
