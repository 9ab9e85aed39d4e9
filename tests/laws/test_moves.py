"""Any move of any deal is judged alike, and leaves the same, by command, by file, by a removal."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import col, select

from crmctl.errors import Refused, UsageError
from crmctl.models.deals import Deal
from crmctl.models.session import ChangeSet, CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import (
    deals,
    moves,
    pipeline_files,
    pipelines,
    rules,
    stage_history,
    stages,
)
from crmctl.services.pipeline.moves import MoveOptions
from crmctl.services.tenancy import access
from crmctl.storage import db
from tests import engines
from tests.laws.moving import (
    DAY,
    Case,
    Stop,
    Way,
    by_command,
    by_file,
    by_its_own_command,
    by_removal,
)
from tests.services.company import START, Company, make
from tests.snapshots import once

#: The stages of two pipelines, each with two that mean won.
STAGES = {
    "default": ("lead", "qualified", "proposal", "won", "paid", "lost"),
    "saas": ("lead", "demo", "proposal", "won", "paid", "lost"),
}
#: The time of the move; the deal goes a day at a time until then.
NOW = START + timedelta(days=20, hours=5)
#: What a deal has after a move, and the row of its history that says so.
_LEFT = ("pipeline", "stage", "status", "stage_entered_at", "closed_at", "lost_reason", "entries")
_ENTRY = ("position", "pipeline", "from_stage", "stage", "status", "entered_at", "actor_id",
          "reason", "amount", "currency")  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What became of a move: why it was refused, or what the deal and its history are."""

    refused: tuple[str, ...] = ()
    deal: tuple[Any, ...] = ()
    entry: tuple[Any, ...] = ()
    overridden: bool = False


class _Undo(Exception):
    """Ends a session that is to leave nothing."""


def outcomes(engine: Engine, case: Case, ways: Sequence[Way]) -> list[Outcome]:
    """Return what becomes of `case` if the deal moves by each of `ways`; nothing is left of it."""
    found = []
    with suppress(_Undo), db.session(engine, write=True) as session:
        deal_id = _prepared(session, case)
        for way in ways:
            _begin(session, NOW, "it was agreed" if case.override else None)
            savepoint = session.begin_nested()
            found.append(_outcome(session, deal_id, case, way))
            savepoint.rollback()
            session.expunge_all()
        raise _Undo
    return found


def _outcome(session: CrmSession, deal_id: UUID, case: Case, way: Way) -> Outcome:
    chosen = select(Deal).where(col(Deal.id) == deal_id)
    try:
        way(session, session.exec(chosen).one(), case)
    except (Refused, UsageError) as error:
        return Outcome(refused=_reasons(str(error)))
    session.expunge_all()
    moved = session.exec(chosen).one()
    last = stage_history.entries(session, moved)[-1]
    return Outcome(
        deal=tuple(getattr(moved, name) for name in _LEFT),
        entry=tuple(getattr(last, name) for name in _ENTRY),
        overridden=session.change.overrides is not None,
    )


def _begin(session: CrmSession, at: datetime, reason: str | None = None) -> None:
    session.change = ChangeSet(at=at, actor="nobody", command="crmctl test", reason=reason)
    access.enter(session, None, None, None)


def _prepared(session: CrmSession, case: Case) -> UUID:
    """Return the id of the deal of `case`, where its past ends, under its rules."""
    _begin(session, START + DAY, "as it was")
    (pipeline, first), *rest = case.past
    values = {"title": "Deal", "amount": case.amount and Decimal(case.amount)}
    deal = deals.create(session, values, pipeline=pipeline, stage=first)
    for day, (into, key) in enumerate(rest, 2):
        _begin(session, START + DAY * day, "as it was")
        reason = "timing" if key == "lost" else None
        options = MoveOptions(lost_reason=reason, override=True)
        moves.move(session, [deal], key, options, pipeline=into)
    known = rules.sales_processes(session)
    for name, rule in case.rules.items():
        into, _, key = name.partition("/")
        process = known[into]
        row = process.find(key) if key else process.pipeline
        changes.edit(session, [row], rule)
    session.expunge_all()
    return deal.id


def _reasons(text: str) -> tuple[str, ...]:
    """Return what was said against a move, without what only one way adds to it."""
    if "has not come yet" in text:
        return ("has not come yet",)
    text = text.removeprefix("the deal ").removeprefix("D1: ").removeprefix("D1 ")
    text = re.sub(r" \((or --override --reason TEXT|crmctl deal move D\d+ .*)\)$", "", text)
    return tuple(text.split("; "))


def check(engine: Engine, case: Case) -> Outcome:
    """Raise AssertionError unless all ways say and do the same; return what it is."""
    ways: list[Way] = [by_command, by_its_own_command, by_file]
    # What a removal moves moves now.
    ways += [by_removal] if case.hours is None else []
    moved, own, imported, *removed = outcomes(engine, case, ways)
    assert own == moved
    assert imported == moved
    for each in removed:
        # It says for itself why.
        assert _unexplained(each) == _unexplained(moved)
    return moved


def _unexplained(found: Outcome) -> Outcome:
    index = _ENTRY.index("reason")
    return replace(found, entry=found.entry[:index] + found.entry[index + 1 :])


_ANY = sorted({key for keys in STAGES.values() for key in keys})
_OPEN = [key for key in _ANY if key not in ("won", "paid", "lost")]
_STOPS = st.sampled_from([(into, key) for into in STAGES for key in STAGES[into]])
_RARELY = st.sampled_from([False, False, False, True])
_REQUIRED = st.lists(st.sampled_from(["amount", "owner", "next_step"]), unique=True, max_size=1)


def _stops(pipelines: Sequence[str], keys: Sequence[str]) -> st.SearchStrategy[Stop]:
    return st.sampled_from(
        [(into, key) for into in pipelines for key in STAGES[into] if key in keys]
    )


@st.composite
def _ways(draw: st.DrawFn) -> tuple[tuple[Stop, ...], Stop]:
    """Return the past of a deal, and where it is to go: what is hard to judge as often as not."""
    here, there = draw(st.permutations(sorted(STAGES)))
    closed = draw(st.sampled_from([("won", "paid"), ("lost",)]))
    kind = draw(st.sampled_from(["any", "comes back", "stays closed"]))
    if kind == "comes back":
        past = [draw(_stops([there], _OPEN)), draw(_stops([here], _ANY))]
        to = draw(_stops([there], _ANY))
    elif kind == "stays closed":
        past = [draw(_STOPS), draw(_stops([here], closed))]
        to = draw(_stops([here, there], closed))
    else:
        past, to = draw(st.lists(_STOPS, min_size=1, max_size=5)), draw(_STOPS)
    past = [stop for n, stop in enumerate(past) if n == 0 or stop != past[n - 1]]
    return tuple(past), to if to != past[-1] else draw(_STOPS.filter(lambda stop: stop != past[-1]))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Return deals with any past, under any rules, that are to move anywhere else."""
    past, to = draw(_ways())
    drawn: dict[str, dict[str, Any]] = {
        pipeline: {
            "allow_skip": draw(_RARELY),
            "allow_back": draw(_RARELY),
            "lost_reason_required": draw(st.booleans()),
        }
        for pipeline in STAGES
    }
    for stop in {to, *past, draw(_STOPS)}:
        drawn["/".join(stop)] = {
            "can_create": not draw(_RARELY),
            "required_fields": draw(_REQUIRED),
        }
    return Case(
        past=past,
        to=to,
        rules=drawn,
        amount=draw(st.sampled_from([None, 100])),
        given_amount=draw(st.sampled_from([None, 250])),
        lost_reason="price" if draw(st.booleans() if to[1] == "lost" else _RARELY) else None,
        hours=draw(st.sampled_from([None, None, 3, 30, 0, -2, -30, 24 * 40])),
        whole_day=draw(st.booleans()),
        override=draw(_RARELY),
    )


def _two_pipelines(engine: Engine) -> None:
    company = make(engine)
    with company.writes() as session:
        pipelines.add(session, pipeline_files.template("saas"))
        for process in rules.sales_processes(session).values():
            paid = pipeline_files.complete({"key": "paid", "kind": "won"})
            stages.add(session, process, paid, process.index("won") + 1)
    with company.writes() as session:
        for key, process in rules.sales_processes(session).items():
            for stage in process.stages:
                if stage.key not in STAGES[key]:
                    stages.remove(session, rules.sales_processes(session)[key], stage)


@contextmanager
def _company(url: str) -> Iterator[Engine]:
    engine = engines.shared(url)
    once(url, _two_pipelines, lambda: _two_pipelines(engine))
    yield Company(engine).engine


@given(case=cases())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_move_is_judged_alike_whatever_the_way(sqlite_engine: Engine, case: Case) -> None:
    check(sqlite_engine, case)


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    """An engine on a company with two pipelines."""
    with _company(sqlite_url) as engine:
        yield engine


@pytest.fixture
def two(database_url: str) -> Iterator[Engine]:
    """An engine on a company with two pipelines, of one kind and then of the other."""
    with _company(database_url) as engine:
        yield engine


STRICT: Mapping[str, Mapping[str, Any]] = {
    "default": {"allow_skip": False, "allow_back": False, "lost_reason_required": True},
    "saas": {"allow_skip": False, "allow_back": False, "lost_reason_required": True},
}
BACK = Case(past=(("saas", "demo"), ("default", "lead")), to=("saas", "proposal"), rules=STRICT)


@pytest.mark.parametrize(
    ("case", "refused"),
    [
        (BACK, ()),
        (replace(BACK, to=("saas", "lead")),
         ("pipeline saas allows no way back from demo to lead",)),
        (replace(BACK, to=("saas", "won")), ("pipeline saas allows no skipping of proposal",)),
        (replace(BACK, to=("saas", "won"), override=True), ()),
        (replace(BACK, to=("saas", "lost")), ("a lost deal needs a reason (--lost-reason TEXT)",)),
        (replace(BACK, to=("saas", "lost"), lost_reason="price"), ()),
        (replace(BACK, hours=0, whole_day=True), ()),
        (replace(BACK, hours=-2), (
            "entered lead at 2026-03-03 09:00 UTC: it cannot leave it before that",)),
        (replace(BACK, hours=24 * 40), ("has not come yet",)),
        (replace(BACK, lost_reason="price"), (
            "a lost reason is for deals that are lost, and proposal is not",)),
    ],
)  # fmt: skip
def test_a_deal_goes_on_from_where_it_left_a_pipeline(
    two: Engine, case: Case, refused: tuple[str, ...]
) -> None:
    assert check(two, case).refused == refused


def test_a_deal_stays_won_when_it_was_in_another_won_stage(two: Engine) -> None:
    case = Case(past=(("default", "lead"), ("default", "won")), to=("default", "paid"), hours=30)
    left = dict(zip(_LEFT, check(two, case).deal, strict=True))
    assert (left["closed_at"], left["stage_entered_at"]) == (
        START + 2 * DAY, START + 2 * DAY + timedelta(hours=30),
    )  # fmt: skip


def test_a_required_field_may_come_with_the_move(two: Engine) -> None:
    required = {"default/proposal": {"required_fields": ["amount"]}}
    case = Case(past=(("default", "lead"),), to=("default", "proposal"), rules=required)
    assert check(two, case).refused == ("proposal needs amount",)
    assert check(two, replace(case, given_amount=5)).refused == ()


def test_a_lost_deal_keeps_its_reason_unless_another_is_given(two: Engine) -> None:
    case = Case(past=(("default", "lead"), ("default", "lost")), to=("saas", "lost"))
    assert "timing" in check(two, case).deal
    assert "price" in check(two, replace(case, lost_reason="price")).deal
