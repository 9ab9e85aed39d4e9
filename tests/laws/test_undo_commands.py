"""The same law from the command line: every command of a day undone in reverse."""

import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from crmctl.models.tables import metadata
from tests.crm import Crm

_MEMORY = {"changes", "change_rows", "counters"}
_CSV = "id,title,amount,stage,customer\n1,First,10,lead,Ann\n2,Second,20,won,Bob\n"
_MORE = "id,title,amount,stage,customer\n1,First,15,lead,Ann\n3,Third,30,lost,Cyd\n"
_IMPORT = "import deals - --map id=external_id --create-missing customers"

COMMANDS: list[tuple[str, str]] = [
    ("deal add Big --amount 1200 --tag hot", ""),
    ("deal add Small --stage proposal", ""),
    ("deal edit 1 --amount 900 --next-step call", ""),
    ("deal move - won --keep-going", "1\n2\n3\n4\n"),
    ("deal move 1 2 proposal --keep-going", ""),
    ("deal lose 2 --lost-reason price", ""),
    ("deal reopen 1 2 --keep-going", ""),
    ("deal remove 1 3", ""),
    ("deal restore 1 3", ""),
    (_IMPORT, _CSV),
    (_IMPORT, _MORE),
    ("import customers -", "name,email\nAnn,ann@example.com\nDan,dan@example.com\n"),
    ("customer add Eve --email eve@example.com", ""),
    ("customer edit C1 --name Anna", ""),
    ("customer remove C1", ""),
    ("user add Bob --email bob@example.com", ""),
    ("user edit Bob --email rob@example.com", ""),
    ("franchise add North", ""),
    ("field add deal size --type number", ""),
    ("deal edit 2 --custom size=3", ""),
    ("field remove deal size --yes", ""),
    ("stage add demo --label Demo --after proposal", ""),
    ("stage edit proposal --label Offer", ""),
    ("stage move lead --after qualified", ""),
    ("stage remove proposal --move-to lead", ""),
    ("pipeline add second --template saas", ""),
    ("pipeline remove second --yes", ""),
    ("company edit --currency USD", ""),
]


def rows(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, but for what remembers."""
    kept = [table for table in metadata.sorted_tables if table.name not in _MEMORY]
    with engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in kept
        }


def last(crm: Crm) -> str:
    """Return the reference of the newest change set."""
    return str(crm("log --limit 1 --json --as Uma").json()[0]["ref"])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_command_undone_in_reverse_gives_back_the_same_rows(
    crm: Crm, engine: Engine, tmp_path: Path, seed: int
) -> None:
    chosen = random.Random(seed)
    crm("init Acme --user Uma")
    states, refs = [rows(engine)], [last(crm)]
    for command, typed in chosen.choices(COMMANDS, k=25):
        crm(f"{command} --as Uma", input=typed)
        if (ref := last(crm)) != refs[-1]:
            refs.append(ref)
            states.append(rows(engine))
    assert len(refs) > 8
    assert crm("db check").exit_code == 0
    undone = []
    for place in range(len(refs) - 1, 0, -1):
        result = crm(["undo", refs[place], "--as", "Uma"])
        assert result.exit_code == 0, result.stderr
        undone.append(last(crm))
        assert rows(engine) == states[place - 1]
    assert crm("undo --as Uma").stderr == "Uma has no change left to undo (crmctl log)\n"
    for place, ref in enumerate(reversed(undone), 1):
        assert crm(["undo", ref, "--as", "Uma"]).exit_code == 0
        assert rows(engine) == states[place]
    assert crm("db check").exit_code == 0
