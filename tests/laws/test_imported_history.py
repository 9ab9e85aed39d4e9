"""Whatever way deals are said to have gone, the board of a past time shows them on it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from crmctl.domain.importing.files.sources import read_table
from crmctl.domain.importing.files.tables import Options
from crmctl.domain.kinds import Entity, Status
from crmctl.models.session import ChangeSet, CrmSession
from crmctl.services import imports
from crmctl.services.forecasting.forecast import forecast
from crmctl.services.integrity import check
from crmctl.services.queries.board import board
from crmctl.services.queries.snapshot import Snapshot
from crmctl.services.tenancy import access
from crmctl.storage import db
from tests.laws.world import World

STAGES = ("lead", "qualified", "proposal", "negotiation", "won", "lost")
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
#: A deal's way: a stage, and how many days it was in the one before.
Way = list[tuple[str, int]]
_SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
_WAYS = st.lists(
    st.lists(st.tuples(st.sampled_from(STAGES), st.integers(0, 40)), min_size=1, max_size=6),
    min_size=1,
    max_size=4,
)


def _entries(way: Way) -> list[tuple[str, datetime]]:
    """Return the stages of `way` that are entered, and when."""
    at = FIRST
    found: list[tuple[str, datetime]] = []
    for stage, days in way:
        at += timedelta(days=days)
        if not found or found[-1][0] != stage:
            found.append((stage, at))
    return found


def _take(world: World, folder: Path, text: str, *, history: bool) -> str:
    """Import `text` and return the reference of its change set."""
    file = folder / "file.csv"
    file.write_text(text)
    order = imports.ImportOptions(
        entity=Entity.DEAL, source="old", lost_reason="x", history=history
    )
    with (
        file.open("rb") as stream,
        read_table(stream, "file.csv", Options()) as table,
        world.session() as session,
    ):
        plan = imports.run(session, table, order)
    assert list(plan.rejects) == []
    return session.change.ref


def _kept(world: World) -> list[list[tuple[Any, ...]]]:
    """Return all rows of deals and of their history."""
    rows = world.rows()
    return [rows["deals"], rows["deal_stage_history"]]


def _stages_at(session: CrmSession, now: datetime, at: datetime) -> dict[str, str]:
    """Return the stage of each deal on the board of the time `at`."""
    snapshot = Snapshot(session, now, at)
    shown = board(snapshot)
    return {card.title: column.stage.key for column in shown.columns for card in column.cards}


def _expected(ways: Sequence[Way], at: datetime) -> dict[str, str]:
    """Return where each deal was at the time `at`; closed ones leave the board after 30 days."""
    found = {}
    for number, way in enumerate(ways):
        entered = [(stage, time) for stage, time in _entries(way) if time <= at]
        if not entered:
            continue
        stage, time = entered[-1]
        if stage not in (Status.WON, Status.LOST) or time >= at - timedelta(days=30):
            found[f"deal {number}"] = stage
    return found


@given(ways=_WAYS)
@settings(suppress_health_check=_SHARED, max_examples=settings().max_examples // 9)
def test_the_past_is_as_the_file_tells_it(engine: Engine, tmp_path: Path, ways: list[Way]) -> None:
    world = World(engine)
    paths = [_entries(way) for way in ways]
    rows = [
        f"{number},{stage},{at.isoformat()}"
        for number, path in enumerate(paths)
        for stage, at in path
    ]
    present = (f"{n},deal {n},{path[-1][0]}" for n, path in enumerate(paths))
    _take(world, tmp_path, "\n".join(["id,title,stage", *present]), history=False)
    before = _kept(world)
    text = "\n".join(["deal_id,stage,entered_at", *rows])
    ref = _take(world, tmp_path, text, history=True)
    after = _kept(world)
    assert len(after[1]) == len(rows)

    with db.session(engine) as session:
        assert check.run(session) == []
        session.change = ChangeSet(at=world.now, actor="nobody", command="")
        access.enter(session, world.name, None, "Uma")
        moments = sorted({at for path in paths for _, at in path})
        between = [one + (other - one) / 2 for one, other in pairwise(moments)]
        for at in [*moments, *between, moments[-1] + timedelta(days=20)]:
            assert _stages_at(session, world.now, at) == _expected(ways, at)
        for at in moments:
            forecast(Snapshot(session, world.now, at))

    _take(world, tmp_path, text, history=True)
    assert _kept(world) == after
    assert world.undo(ref)[1] == []
    assert _kept(world) == before


def _deals(way: Way, entries: int, day: str) -> str:
    """Return a file of a deal as it is after so many `entries` of its `way`, with a typed `day`."""
    return f"id,title,stage,close date\n1,deal,{_entries(way)[entries - 1][0]},{day}\n"


def _history(way: Way, entries: int) -> str:
    rows = (f"1,{stage},{at.isoformat()}" for stage, at in _entries(way)[:entries])
    return "\n".join(["deal_id,stage,entered_at", *rows])


@given(
    opened=st.lists(st.tuples(st.sampled_from(STAGES[:4]), st.integers(0, 40)), max_size=3),
    closed=st.sampled_from(STAGES[4:]),
    known=st.integers(0, 2),
    typed=st.none() | st.integers(-60, 40),
    ended=st.booleans(),
    history_first=st.booleans(),
)
@settings(suppress_health_check=_SHARED, max_examples=settings().max_examples // 9)
def test_files_of_deals_and_of_history_come_again(
    engine: Engine,
    tmp_path: Path,
    opened: Way,
    closed: str,
    known: int,
    typed: int | None,
    ended: bool,
    history_first: bool,
) -> None:
    """Whatever day people typed, and whichever file is first: the second time changes nothing."""
    world, way = World(engine), [*opened, (closed, 9)]
    entries = len(_entries(way))
    day = "" if typed is None else f"{_entries(way)[-1][1] + timedelta(days=typed):%Y-%m-%d}"
    told = entries if ended or entries == 1 else entries - 1
    files = [(_deals(way, entries, day), False), (_history(way, told), True)]
    if 0 < known < entries:
        _take(world, tmp_path, _deals(way, known, ""), history=False)
        _take(world, tmp_path, _history(way, known), history=True)
        files = files[::-1] if history_first else files
    for text, is_history in files:
        _take(world, tmp_path, text, history=is_history)
    after = _kept(world)
    for text, is_history in [*files, *files[::-1]]:
        _take(world, tmp_path, text, history=is_history)
        assert _kept(world) == after
    with db.session(engine) as session:
        assert check.run(session) == []
