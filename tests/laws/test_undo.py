"""Undoing every command of a sequence in reverse gives back what was there before it."""

from collections import Counter

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from tests.laws.world import COMMANDS, Command, World

_NUMBER = st.integers(0, 7)
_COMMANDS = st.lists(
    st.tuples(st.sampled_from(sorted(COMMANDS)), _NUMBER, _NUMBER, _NUMBER),
    min_size=1,
    max_size=12,
)


def _rank(name: str) -> tuple[int, str]:
    """Return a key that sorts what others need first, what takes it away late, and back last."""
    needed = ("deal add", "customer add", "user add", "field add", "franchise add", "pipeline add")
    late = 1 + name.endswith("remove") + 2 * name.endswith("restore")
    return (0 if name in needed else late, name)


#: Every command, with numbers with which it writes.
_EVERY: list[Command] = [
    ("customer add", 0, 0, 0),
    ("deal add", 0, 0, 0),
    ("deal move", 0, 5, 0),
    ("deal reopen", 0, 0, 0),
    ("deal move -", 1, 0, 0),
    *((name, 0, 2, 1) for name in sorted(COMMANDS, key=_rank)),
]


def law(engine: Engine, commands: list[Command], wrote: Counter[str]) -> None:
    """Run `commands`, undo them in reverse and redo them; count in `wrote` those that wrote."""
    world = World(engine)
    states = [world.rows()]
    refs = []
    for command in commands:
        if ref := world.run(command):
            wrote[command[0]] += 1
            refs.append(ref)
            states.append(world.rows())
    undone = []
    for place in range(len(refs) - 1, -1, -1):
        ref, kept = world.undo(refs[place])
        undone.append(ref)
        assert kept == []
        assert world.rows() == states[place]
    for place, ref in enumerate(reversed(undone), 1):
        _, kept = world.undo(ref)
        assert kept == []
        assert world.rows() == states[place]


def test_undoing_in_reverse_gives_back_every_state_and_redoing_too(engine: Engine) -> None:
    wrote: Counter[str] = Counter()

    @example(commands=_EVERY)
    @given(commands=_COMMANDS)
    @settings(
        # The commands, and what is done to which rows, are the same on either engine.
        max_examples=settings().max_examples // (3 if engine.dialect.name == "sqlite" else 6),
        suppress_health_check=[HealthCheck.too_slow],
    )
    def holds(commands: list[Command]) -> None:
        law(engine, commands, wrote)

    holds()
    assert set(wrote) == set(COMMANDS)
    # Or every command would fail but in the example.
    assert wrote.total() > len(_EVERY) + 8
