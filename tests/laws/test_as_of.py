"""The board, the forecast and the list of deals of a past time are those that were printed then."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from sqlalchemy import Engine
from sqlmodel import col, select

from crmctl.domain.kinds import ForecastCategory, Period
from crmctl.errors import CrmError
from crmctl.models.base import new_id
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import ChangeSet, CrmSession
from crmctl.models.tenants import Company, Franchise
from crmctl.render import board as board_drawing
from crmctl.render import deals as deal_drawing
from crmctl.render import forecast as forecast_drawing
from crmctl.render.views import View, to_json
from crmctl.services import changes
from crmctl.services.forecasting.forecast import forecast
from crmctl.services.pipeline import moves, pipelines, rules, stage_history, stages
from crmctl.services.queries.board import board
from crmctl.services.queries.filters import DealFilter
from crmctl.services.queries.past_deals import past_deals
from crmctl.services.queries.snapshot import Snapshot
from crmctl.services.records import editing
from crmctl.services.records.editing import Edit
from crmctl.services.tenancy import access, users
from crmctl.storage import db
from tests.laws.world import COMMANDS, Command, World

_SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
_CATEGORIES = [None, *ForecastCategory]


def _rows(session: CrmSession, model: Any) -> list[Any]:
    mine = select(model).where(col(model.company_id) == session.company_id)
    return list(session.exec(mine.order_by(col(model.id))).all())


def _pick(rows: list[Any], number: int) -> Any:
    if not rows:
        raise CrmError("nothing to choose from")
    return rows[number % len(rows)]


def _deal_price(session: CrmSession, a: int, b: int, c: int) -> None:
    values = {
        "amount": None if b == 0 else Decimal(b) * Decimal("1000.33"),
        "currency": "JPY" if c == 1 else "EUR",
        "probability": None if c < 3 else Decimal(c) / 10,
        "forecast_category": _CATEGORIES[(b + c) % len(_CATEGORIES)],
    }
    editing.apply(session, [_pick(_rows(session, Deal), a)], Edit(values))


def _deal_date(session: CrmSession, a: int, b: int, c: int) -> None:
    values = {
        "expected_close": None if b == 0 else date(2026, b, 1 + 3 * c),
        "next_step": "call" if c % 2 else None,
        "owner_id": _pick([None, *(user.id for user in users.search(session))], c),
    }
    editing.apply(session, [_pick(_rows(session, Deal), a)], Edit(values))


def _deal_won_before(session: CrmSession, a: int, b: int, c: int) -> None:
    deal = _pick([deal for deal in _rows(session, Deal) if not deal.deleted_at], a)
    at = deal.stage_entered_at + (session.change.at - deal.stage_entered_at) / (2 + b)
    to, reason = (("won", None), ("lost", "price"), ("proposal", None))[c % 3]
    options = moves.MoveOptions(at=at, lost_reason=reason, override=True)
    moves.move(session, [deal], to, options)


def _deal_gone(session: CrmSession, a: int, b: int, c: int) -> None:
    deal = _pick(_rows(session, Deal), a)
    changes.remove(session, stage_history.entries(session, deal))
    changes.remove(session, [deal])


def _customer_segment(session: CrmSession, a: int, b: int, c: int) -> None:
    row = _pick(_rows(session, Customer), a)
    changes.edit(session, [row], {"segment": (None, "SMB", "smb", "Large")[b % 4]})


def _user_rename(session: CrmSession, a: int, b: int, c: int) -> None:
    people = [user for user in users.search(session) if user.name != "Uma"]
    users.edit(session, _pick(people, a), {"name": f"User {b}"})


def _company_edit(session: CrmSession, a: int, b: int, c: int) -> None:
    mine = select(Company).where(col(Company.company_id) == session.company_id)
    company = session.exec(mine).one()
    zone = ("UTC", "Asia/Tokyo", "America/Los_Angeles")[a % 3]
    changes.edit(session, [company], {"timezone": zone, "fiscal_month": 1 + b, "currency": "EUR"})


def _stage_numbers(session: CrmSession, a: int, b: int, c: int) -> None:
    process = next(iter(rules.sales_processes(session).values()))
    values = {
        "probability": None if b == 0 else Decimal(b) / 10,
        "forecast_category": _CATEGORIES[1:][c % 4],
        "rotting_days": 1 + c,
        "wip_limit": 1 + b,
    }
    stages.edit(session, process, _pick(list(process.stages), a), values)


def _pipeline_label(session: CrmSession, a: int, b: int, c: int) -> None:
    pipelines.edit(session, None, {"label": f"Label {a}"})


def _franchise(session: CrmSession, a: int, b: int, c: int) -> None:
    franchise = _pick(_rows(session, Franchise), a)
    editing.apply(session, [_pick(_rows(session, Deal), b)], Edit({"franchise_id": franchise.id}))


def _nothing(session: CrmSession, a: int, b: int, c: int) -> None:
    raise CrmError("undone by the law itself")


OWN: dict[str, Callable[[CrmSession, int, int, int], None]] = {
    "deal price": _deal_price,
    "deal date": _deal_date,
    "deal won before": _deal_won_before,
    "deal gone": _deal_gone,
    "customer segment": _customer_segment,
    "user rename": _user_rename,
    "company edit": _company_edit,
    "stage numbers": _stage_numbers,
    "pipeline label": _pipeline_label,
    "franchise": _franchise,
    "undo": _nothing,
}
ALL = {**COMMANDS, **OWN}
_NUMBER = st.integers(0, 7)
_NAMES = st.one_of(st.sampled_from(["deal add", "deal price"]), st.sampled_from(sorted(ALL)))
_COMMANDS = st.lists(st.tuples(_NAMES, _NUMBER, _NUMBER, _NUMBER), min_size=2, max_size=10)


def _drawn(view: View) -> str:
    console = Console(file=StringIO(), width=view.width, markup=False, emoji=False, no_color=True)
    console.print(view.draw())
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue() + to_json(view.document) + to_json(view.rows)


def _board(**options: Any) -> Callable[[Snapshot], View]:
    return lambda snapshot: board_drawing.view(board(snapshot, **options), 120)


def _forecast(by: Period) -> Callable[[Snapshot], View]:
    return lambda snapshot: forecast_drawing.view(forecast(snapshot, by), 80)


def _list(snapshot: Snapshot) -> View:
    """Return the list of deals but for their external ids, which are those of now."""
    rows = past_deals(snapshot, DealFilter(), sort="-amount").rows
    found = [replace(row, external_ids=()) for row in rows]
    return replace(deal_drawing.list_view(found, ZoneInfo("UTC")), width=120)


SCREENS = {
    "deal list": _list,
    "deal list --franchise": _list,
    "board": _board(cards=2),
    "board --owner user": _board(owner="user", cards=1),
    "board --owner none": _board(owner="none"),
    "board --segment SMB": _board(segment="SMB", cards=1),
    "board --franchise": _board(cards=1),
    **{f"forecast --by {by}": _forecast(by) for by in Period},
}


def printed(world: World, names: set[str], as_of: datetime | None = None) -> dict[str, str]:
    """Return what each screen shows, or the kind of error that it ends with."""
    shown = {}
    with db.session(world.engine) as session:
        session.change = ChangeSet(at=world.now, actor="nobody", command="")
        access.enter(session, world.name, None, "Uma")
        franchise = _rows(session, Franchise)[0].id
        snapshot = Snapshot(session, world.now, as_of, recorded=True)
        for name in sorted(names):
            session.franchise_id = franchise if name.endswith("franchise") else None
            try:
                shown[name] = _drawn(SCREENS[name](snapshot))
            except CrmError as error:
                shown[name] = type(error).__name__
    return shown


def _run(world: World, command: Command, refs: list[str]) -> None:
    name, *numbers = command
    world.now += timedelta(days=numbers[-1] * 3)
    if name == "undo" and refs:
        try:
            ref, _ = world.undo(refs[numbers[0] % len(refs)])
        except CrmError:
            return
        refs.append(ref)
        return
    try:
        with world.session(f"crmctl {name}") as session:
            ALL[name](session, *numbers)
    except CrmError:
        return
    if session.change.written:
        refs.append(session.change.ref)


@given(commands=_COMMANDS, names=st.sets(st.sampled_from(sorted(SCREENS)), min_size=2, max_size=3))
@settings(suppress_health_check=_SHARED, max_examples=settings().max_examples // 6)
def test_a_past_screen_is_the_one_that_was_printed(
    engine: Engine, commands: list[Command], names: set[str]
) -> None:
    world = World(engine)
    with world.session() as session:
        changes.create(session, Franchise, [{"id": new_id(), "name": name} for name in "AB"])
    refs: list[str] = []
    seen = [(world.now, printed(world, names))]
    for command in commands:
        _run(world, command, refs)
        world.now += timedelta(seconds=30)
        seen.append((world.now, printed(world, names)))
    world.now += timedelta(days=40)
    for at, shown in seen:
        assert printed(world, names, at) == shown
