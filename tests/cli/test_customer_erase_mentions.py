"""crmctl customer erase: what the records of others say of the person, and what only looks so."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from tests.crm import Crm

ZELDA = "Demo for Zelda Quackmire"


def _began(crm: Crm, *commands: str) -> Crm:
    crm.now = "2026-03-01T09:00:00Z"
    return crm.begin("init Co --user Ada", *commands)


def _deal(crm: Crm, ref: str = "D1") -> dict[str, Any]:
    found: dict[str, Any] = crm(f"deal show {ref} --json").json()
    return found


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Will", "Annual plan, will renew in May"),
        ("Europe", "Europe rollout"),
        ("Anne-Marie", "anne-marie street"),
        ("Inc.", "Beech Inc. renewal"),
        ("Müller", "müller, second phase"),
    ],
)
def test_a_name_of_one_word_stays_elsewhere_and_is_told(crm: Crm, name: str, title: str) -> None:
    _began(crm, f"customer add {name}", "customer add Other")
    crm(f"deal add '{title}' --customer C2 --next-step 'ask {name}'")
    planned = crm("customer erase C1 --dry-run").stderr.splitlines()
    assert [line for line in planned if "D1" in line] == [
        f"  D1 title: {title}",
        f"  D1 next_step: ask {name}",
    ]
    erased = crm("customer erase C1 --yes")
    assert "stays where it may mean something else: D1, log" in erased.stderr
    assert (_deal(crm)["title"], _deal(crm)["next_step"]) == (title, f"ask {name}")
    assert crm("db check").exit_code == 0


def test_a_name_of_one_word_goes_everywhere_if_asked(crm: Crm) -> None:
    _began(crm, "customer add Will", "customer add Other")
    crm("deal add 'Plan of Will' --customer C2")
    assert crm("customer erase C1 --everywhere --yes").exit_code == 0
    assert _deal(crm)["title"] == "Plan of [erased]"
    assert "Will" not in crm("log --json").stdout


def test_every_text_that_goes_is_listed_before(crm: Crm) -> None:
    _began(
        crm,
        "customer add 'Zelda Quackmire' --email z@quack.example --phone '+49 30 9876543'",
        "customer add Other --tag 'Zelda Quackmire' --source z@quack.example",
        f"deal add '{ZELDA}' --customer C2 --reason 'zelda quackmire asked'",
        "activity add note 'call +49 30 9876543' --customer C2",
        "deal add 'Zelda Quackmire' --customer C1",
    )
    planned = crm("customer erase C1 --dry-run").stderr.splitlines()
    listed = [line for line in planned if line.startswith("  ")]
    assert listed[:5] == [
        "  C2 source: z@quack.example",
        "  C2 tags: Zelda Quackmire",
        f"  D1 title: {ZELDA}",
        "  D1 stage history reason: zelda quackmire asked",
        "  A1 subject: call +49 30 9876543",
    ]
    assert {line.split()[0] for line in listed[5:]} == {"log"}
    assert len(listed) == 8
    assert _deal(crm)["title"] == ZELDA


def test_what_the_company_calls_its_own_stays_and_is_told_with_what_changes_it(
    crm: Crm, engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "deals.csv"
    file.write_text("Name\nWeir\n", encoding="utf-8")
    _began(
        crm,
        "customer add 'Zelda Quackmire'",
        "stage add legal --after lead --label 'Zelda Quackmire stage'",
        "stage edit legal --label Legal",
        "franchise add 'Zelda  Quackmire'",
        "customer add Other --segment 'Zelda Quackmire friends'",
        "user add 'Zelda Quackmire' --email zelda@quack.example",
        "field add deal pet --label 'pet of Zelda Quackmire'",
        f"import deals {file} --map Name=title --save-mapping 'zelda quackmire'",
    )
    planned = crm("customer erase C1 --dry-run").stderr
    for line in (
        "  franchise Zelda  Quackmire name: Zelda  Quackmire (crmctl franchise edit)",
        "  user Zelda Quackmire name: Zelda Quackmire (crmctl user edit)",
        "  deal field pet label: pet of Zelda Quackmire (crmctl field edit)",
        "  mapping zelda quackmire name: zelda quackmire",
        "  customers segment: Zelda Quackmire friends (crmctl customer edit --segment)",
    ):
        assert line in planned.splitlines()
    assert len(crm("import mappings --json").json()) == 1
    assert crm("field edit deal pet --label Pet").exit_code == 0
    erased = crm("customer erase C1 --yes")
    told = "franchise Zelda  Quackmire (crmctl franchise edit), user Zelda Quackmire"
    assert told in erased.stderr
    assert crm("import mappings --json").json() == []
    query = "SELECT before, after FROM change_rows WHERE table_name IN ('stages', 'custom_fields')"
    with engine.connect() as connection:
        left = connection.execute(text(query)).all()
    assert left
    assert "uackmire" not in str(left)
    assert crm("db check").exit_code == 0


def test_a_number_too_short_for_a_telephone_stays_elsewhere(crm: Crm) -> None:
    _began(crm, "customer add 'Zelda Quackmire' --phone 1000", "customer add Other")
    crm("deal add 'Order of 1000 units' --customer C2")
    assert crm("customer erase C1 --yes").exit_code == 0
    assert _deal(crm)["title"] == "Order of 1000 units"


@pytest.mark.usefixtures("on_each_engine")
def test_the_log_leads_to_what_an_erasure_wrote(crm: Crm) -> None:
    crm = _began(crm, "customer add 'Zelda Quackmire'", f"deal add '{ZELDA}' --customer C1")
    added = crm("log --json --limit 1").json()[0]["ref"]
    crm.now = "2026-03-02T09:00:00Z"
    crm("customer erase C1 --yes")
    erased = crm("log --json --limit 1").json()[0]["ref"]
    for record in ("D1", "C1"):
        assert crm(f"log {record} --json").json()[0]["ref"] == erased
    then, now = "--as-recorded --as-of 2026-03-01T12:00:00Z", ""
    seen = [crm(f"deal list --json {when}").json()[0]["customer_removed"] for when in (then, now)]
    assert seen == [False, True]
    assert crm(["undo", added]).stderr.startswith("Undid ")
    assert crm("db check").exit_code == 0
