"""Whatever is undone, in whichever order: nothing comes into what only has the key of another."""

from collections import Counter

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, and_, select
from sqlmodel import col

from crmctl.models.custom_fields import CustomField
from crmctl.models.deals import Deal
from crmctl.models.external_ids import ExternalId
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.services.history import undo as undoing
from crmctl.services.integrity import check
from crmctl.storage.scope import in_company, same_company
from tests import engines
from tests.crm import Crm
from tests.laws.world import Command, World

_UNDO = "undo"
#: What gives a key, takes it away, and has something under it.
_NAMES = ["deal add", "deal edit", "deal move", "deal key", "deal keyless", "field add",
          "field remove", "stage add", "stage remove", "stage move", "stage edit",
          "pipeline add", "pipeline remove"]  # fmt: skip
_NUMBER = st.integers(0, 3)
_STEP = st.one_of(
    st.tuples(st.sampled_from(_NAMES), _NUMBER, _NUMBER, _NUMBER),
    st.tuples(st.just(_UNDO), st.integers(0, 6), _NUMBER, _NUMBER),
)
#: A stage with a deal in it goes, comes again as another, and its removal is taken back.
_AGAIN: list[Command] = [
    ("stage add", 0, 1, 2),
    ("deal add", 0, 0, 0),
    ("deal move", 0, 2, 0),
    ("stage remove", 0, 2, 0),
    ("stage add", 0, 1, 2),
    (_UNDO, 1, 0, 0),
]
#: What is in what: each deal in a stage, with a value and an id, and by whom these were made.
Places = set[tuple[object, ...]]


def _places(session: CrmSession) -> Places:
    in_stage = and_(
        same_company(Deal, Stage),
        col(Deal.pipeline) == col(Stage.pipeline),
        col(Deal.stage) == col(Stage.key),
    )
    query = select(col(Deal.id), col(Stage.pipeline), col(Stage.key), col(Stage.created_in))
    found: Places = set(
        map(tuple, session.execute(query.join(Stage, in_stage).where(in_company(session, Deal))))
    )
    fields = {
        key: made
        for key, made in session.execute(
            select(col(CustomField.key), col(CustomField.created_in)).where(
                in_company(session, CustomField), col(CustomField.entity) == "deal"
            )
        )
    }
    held = select(col(Deal.id), col(Deal.custom)).where(in_company(session, Deal))
    for deal, custom in session.execute(held):
        found |= {(deal, key, value, fields[key]) for key, value in custom.items()}
    ids = select(col(ExternalId.external_id), col(ExternalId.deal_id), col(ExternalId.created_in))
    return found | set(map(tuple, session.execute(ids.where(in_company(session, ExternalId)))))


def law(engine: Engine, steps: list[Command], kept: Counter[str]) -> None:
    """Run `steps`; what an undo puts anywhere was there before. Count in `kept` what stayed."""
    world = World(engine)
    refs: list[str] = []
    seen: Places = set()
    for step in steps:
        if step[0] != _UNDO:
            ref = world.run(step)
        else:
            ref = _undo(world, refs[-1 - step[1] % len(refs)], kept) if refs else None
        with world.session() as session:
            places = _places(session)
            assert _gaps(session) == []
        if step[0] == _UNDO:
            assert places <= seen
        seen |= places
        refs += [ref] if ref else []
    with world.session() as session:
        assert check.run(session) == []


def _undo(world: World, ref: str, kept: Counter[str]) -> str | None:
    """Take a change back, if that can be; return the reference of the undo."""
    with world.session("crmctl undo") as session:
        plan = undoing.prepare(session, ref, lock=True)
        if isinstance(plan, str):
            return None
        undoing.carry_out(session, plan)
    kept.update(row.kept_because for row in plan.kept())
    return session.change.ref if session.change.written else None


def _gaps(session: CrmSession) -> list[str]:
    """Return the pipelines whose stages do not stand at 1, 2, 3."""
    query = select(col(Stage.pipeline), col(Stage.position)).where(in_company(session, Stage))
    places: dict[str, list[int]] = {}
    for pipeline, position in session.execute(query):
        places.setdefault(pipeline, []).append(position)
    return [name for name, held in places.items() if sorted(held) != [*range(1, len(held) + 1)]]


def test_nothing_comes_back_into_what_has_the_key_of_another(crm: Crm) -> None:
    crm("init First --user Uma")
    engine = engines.shared(crm.database_url)
    kept: Counter[str] = Counter()

    @example(steps=_AGAIN)
    @given(steps=st.lists(_STEP, min_size=4, max_size=14))
    @settings(
        max_examples=settings().max_examples // 7, suppress_health_check=[HealthCheck.too_slow]
    )
    def holds(steps: list[Command]) -> None:
        law(engine, steps, kept)

    holds()
    assert kept["another took its place"] >= 1
