"""Undoing every command of a sequence in reverse gives back what was there before it."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from tests.laws.world import COMMANDS, Command, World

_NUMBER = st.integers(0, 7)
_COMMANDS = st.lists(
    st.tuples(st.sampled_from(sorted(COMMANDS)), _NUMBER, _NUMBER, _NUMBER),
    min_size=1,
    max_size=12,
)
# The engine is shared by all examples; each works in a company of its own.
_SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@given(commands=_COMMANDS)
@settings(suppress_health_check=_SHARED)
def test_undoing_in_reverse_gives_back_every_state_and_redoing_too(
    engine: Engine, commands: list[Command]
) -> None:
    world = World(engine)
    states = [world.rows()]
    refs = []
    for command in commands:
        if ref := world.run(command):
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
