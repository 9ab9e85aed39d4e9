"""The same law from the command line: every command of a day undone in reverse.

On SQLite alone: what an undo is on each engine is the point of the law of services.
"""

import shlex
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlmodel import col

from crmctl.models.base import new_id
from crmctl.models.changes import Change
from crmctl.models.schema import metadata
from tests import engines
from tests.crm import Crm

_MEMORY = {"changes", "change_rows", "counters", "imports"}
_CSV = "id,title,amount,stage,customer\n1,First,10,lead,Ann\n2,Second,20,won,Bob\n"
_MORE = "id,title,amount,stage,customer\n1,First,15,lead,Ann\n3,Third,30,lost,Cyd\n"
_PIPELINE = """\
key = "second"
label = "Another"
stages = [
    {key = "start", probability = "10%"},
    {key = "won", kind = "won"},
    {key = "lost", kind = "lost"},
]
"""
_IMPORT = "import deals - --map id=external_id --create-missing customers"

#: What is typed, and what is piped into it. Each writes when all are run in this order.
COMMANDS: list[tuple[str, str]] = [
    ("deal add Big --amount 1200 --tag hot --external-id crm:7", ""),
    ("deal add Small --stage proposal", ""),
    ("deal edit 1 --amount 900 --next-step call", ""),
    ("deal move 1 2 qualified --keep-going", ""),
    ("deal win 1", ""),
    ("deal lose 2 --lost-reason price", ""),
    ("deal reopen 1 2 --keep-going", ""),
    ("deal move - won --keep-going", "1\n2\n3\n4\n"),
    ("deal remove 1 2", ""),
    ("deal restore 1 2", ""),
    (_IMPORT, _CSV),
    (_IMPORT, _MORE),
    ("import customers -", "name,email\nAnn,ann@example.com\nDan,dan@example.com\n"),
    ("customer add Eve --email eve@example.com --owner Uma", ""),
    ("customer edit C1 --name Anna --tag vip", ""),
    ("customer remove C1", ""),
    ("customer restore C1", ""),
    ("customer add Eva --email eva@example.com --external-id crm:8 --tag vip", ""),
    ("deal add Late --customer eva@example.com", ""),
    ("customer merge C1 Eva", ""),
    ("user add Bob --email bob@example.com", ""),
    ("user edit Bob --email rob@example.com", ""),
    ("franchise add North", ""),
    ("franchise edit North --name South", ""),
    ("field add deal size --type number", ""),
    ("deal edit 2 --custom size=3", ""),
    ("field edit deal size --label Seats", ""),
    ("field remove deal size --yes", ""),
    ("stage add demo --label Demo --after proposal", ""),
    ("stage edit proposal --label Offer --required amount", ""),
    ("stage move lead --after qualified", ""),
    ("stage remove proposal --move-to lead", ""),
    ("pipeline add second --template saas", ""),
    ("pipeline edit second --first --no-skip", ""),
    ("pipeline apply -", _PIPELINE),
    ("pipeline remove second --yes --move-to default/lead", ""),
    ("company edit --currency USD --fiscal-month 4", ""),
]


def rows(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, but for what remembers."""
    kept = [table for table in metadata.sorted_tables if table.name not in _MEMORY]
    with engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in kept
        }


def last(engine: Engine) -> str:
    """Return the reference of the newest change set."""
    newest = select(col(Change.ref)).order_by(col(Change.at).desc(), col(Change.id).desc())
    with engine.connect() as connection:
        return str(connection.execute(newest.limit(1)).scalar_one())


def law(crm: Crm, engine: Engine, commands: list[tuple[str, str]], wrote: Counter[str]) -> None:
    """Run `commands` in a new company, undo and redo them; count in `wrote` those that wrote."""
    name = f"Acme {new_id()}"
    assert crm(["company", "add", name, "--user", "Uma"]).exit_code == 0
    own = ["--company", name, "--as", "Uma"]
    states, refs = [rows(engine)], [last(engine)]
    for command, typed in commands:
        crm([*shlex.split(command), *own], input=typed)
        if (ref := last(engine)) != refs[-1]:
            wrote[command] += 1
            refs.append(ref)
            states.append(rows(engine))
    undone = []
    for place in range(len(refs) - 1, 0, -1):
        result = crm(["undo", refs[place], *own])
        assert result.exit_code == 0, result.stderr
        undone.append(last(engine))
        assert rows(engine) == states[place - 1]
    assert crm(["undo", *own]).stderr == "Uma has no change left to undo (crmctl log)\n"
    for place, ref in enumerate(reversed(undone), 1):
        assert crm(["undo", ref, *own]).exit_code == 0
        assert rows(engine) == states[place]
    assert crm(["db", "check", *own]).exit_code == 0


def test_every_command_undone_in_reverse_gives_back_the_same_rows(crm: Crm) -> None:
    crm("init First --user Uma")
    engine = engines.shared(crm.database_url)
    wrote: Counter[str] = Counter()

    @example(commands=COMMANDS)
    @given(commands=st.lists(st.sampled_from(COMMANDS), min_size=2, max_size=7))
    @settings(
        max_examples=settings().max_examples // 10, suppress_health_check=[HealthCheck.too_slow]
    )
    def holds(commands: list[tuple[str, str]]) -> None:
        law(crm, engine, commands, wrote)

    holds()
    assert [command for command, _ in COMMANDS if not wrote[command]] == []
    # Or every command would fail but in the example.
    assert wrote.total() > len(COMMANDS) + 4
