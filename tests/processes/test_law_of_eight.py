"""Eight at once move, edit, import, merge, erase, remove stages and undo: the law holds.

Longer, and with other seeds: python -m tests.at_once --minutes 10.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.at_once import law
from tests.at_once.checker import Stored, find_faults
from tests.at_once.law import Answer
from tests.at_once.workload import Command, Workload
from tests.crm import Crm
from tests.processes.programs import Forks


def test_what_eight_are_told_is_stored_once_and_nothing_else(
    database_url: str, forks: Forks, tmp_path: Path
) -> None:
    seed = 7
    workload = Workload(seed, tmp_path, length=6)
    answers = law.run(workload, database_url, forks, seed)
    assert law.check(database_url, workload, answers) == []
    assert len([answer for answer in answers if not answer.code]) > len(answers) / 2


@pytest.fixture
def acme(crm: Crm) -> Crm:
    """A company with a little of everything, in which the check finds nothing."""
    return crm.begin(
        "init Acme --user Uma",
        "customer add Ann --email ann@example.com",
        "customer add Ben --email ben@example.com",
        "customer add Cyd --external-id crm:3",
        "deal add Weir --customer C1 --amount 10",
        "deal add Lock --customer C2 --amount 20",
        "deal edit D1 --amount 15",
        "deal move D1 D2 won",
        "customer merge C1 C3",
    )


def _set(table: str, values: str, where: str) -> str:
    return f"UPDATE {table} SET {values} WHERE {where}"


_MERGED = "(SELECT id FROM customers WHERE number = 3)"
_D1 = "(SELECT id FROM deals WHERE number = 1)"
#: Rows that are wrong, and what the check then says.
BROKEN = {
    "of a merged customer": (_set("deals", f"customer_id = {_MERGED}", "number = 2"), "merged"),
    "an external id of one": (
        _set("external_keys", f"customer_id = {_MERGED}", "external_id = '3'"),
        "an external id of a customer that is merged",
    ),
    "merged, and shown": (_set("customers", "deleted_at = NULL", "number = 3"), "not removed"),
    "another stage": (_set("deals", "stage = 'lead', status = 'open', closed_at = NULL",
                           "number = 1"), "and its history in won"),
    "no history": (f"DELETE FROM deal_stage_history WHERE deal_id = {_D1} AND position = 2",
                   "has 2 entries"),
    "another way": (_set("deal_stage_history", "from_stage = 'lost'",
                         f"deal_id = {_D1} AND position = 2"), "came from lost"),
    "another closing date": (_set("deals", "closed_at = created_at", "number = 1"), "closed at"),
    "another amount": (_set("deals", "amount = amount + 10000", "number = 1"), "amount is"),
    "an edit that is not told": (_set("deals", "changed_in = (SELECT created_in FROM deals"
                                      " WHERE number = 2)", "number = 1"), "changed_in is"),
    "an address twice": (_set("customers", "email = 'ann@example.com'", "number = 2"), "e-mail"),
    "a deal twice": (_set("deals", "title = 'Import 1'", "number < 3"), "a file that is there"),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "told"), BROKEN.values(), ids=BROKEN)
@pytest.mark.usefixtures("on_each_engine")
def test_a_row_that_is_wrong_is_found(acme: Crm, engine: Engine, statement: str, told: str) -> None:
    stored = Stored(acme.database_url)
    try:
        assert [*find_faults(stored)] == []
    finally:
        stored.close()
    with engine.begin() as connection:
        connection.execute(text(statement))
    stored = Stored(acme.database_url)
    try:
        assert any(told in fault for fault in find_faults(stored))
    finally:
        stored.close()


ADDED = Command(reason="w0-0", words=("deal", "add", "Deal w0-0", "--amount", "12"))
EDITED = Command(reason="w0-1", words=("deal", "edit", "D1", "--amount", "15"))
ERASED = Command(reason="w0-2", words=("customer", "erase", "Ann Other", "--yes"))
#: What was told of commands, and what is against that.
TOLD: dict[str, tuple[Answer, str]] = {
    "not stored": (Answer(replace(ADDED, reason="w0-9"), 0, "", "Added D9"), "told, and not"),
    "stored though it failed": (Answer(ADDED, 5, "", "error"), "failed, and is stored"),
    "failed for no reason": (Answer(ADDED, 4, "", "error"), "it failed"),
    "another amount": (
        Answer(EDITED, 0, "", "D1 Deal w0-0: amount 11.00 -> 15.00\n"), "D1 told"
    ),
    "an erased name": (Answer(ERASED, 0, "", "Erased"), "was erased, and stands in customers"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "told"), TOLD.values(), ids=TOLD)
def test_an_answer_that_is_not_true_is_found(
    crm: Crm, tmp_path: Path, answer: Answer, told: str
) -> None:
    crm.begin(
        "init Acme --user Uma",
        "deal add 'Deal w0-0' --amount 12 --reason w0-0",
        "deal edit D1 --amount 15 --reason w0-1",
        "customer add 'Ann Other'",
    )
    workload = Workload(1, tmp_path, length=1)
    workload.lists[0] = [ADDED, EDITED]
    true = [
        Answer(ADDED, 0, "", "Added D1 Deal w0-0 in Lead, 12.00 USD\n"),
        Answer(EDITED, 0, "", "D1 Deal w0-0: amount 12.00 -> 15.00\n"),
    ]
    assert law.check(crm.database_url, workload, true) == []
    assert any(told in fault for fault in law.check(crm.database_url, workload, [answer]))
