"""A company that random commands are run on, and what its database holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, bindparam, select
from sqlmodel import col
from sqlmodel import select as rows_of

from crmctl.domain.kinds import Entity, Status
from crmctl.errors import CrmError
from crmctl.models.base import new_id
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.pipelines import Stage
from crmctl.models.schema import TABLES
from crmctl.models.session import ChangeSet, CrmSession
from crmctl.services import setup
from crmctl.services.history import undo as undoing
from crmctl.services.pipeline import deals, moves, pipelines, rules, stages
from crmctl.services.records import (
    custom_fields,
    customers,
    editing,
    external_ids,
    merging,
    references,
)
from crmctl.services.records.editing import Edit
from crmctl.services.tenancy import access, users
from crmctl.storage import db
from crmctl.storage.tables import table_of
from tests.laws.setting_up import SETTING_UP, pick
from tests.services.company import START

#: A command of the law: its name and three numbers that say on what and how.
Command = tuple[str, int, int, int]
#: Tables that remember what was undone, so that no undo takes them back.
_MEMORY = {"changes", "change_rows", "counters", "imports"}
#: The rows of a company, by table.
_ROWS = {
    table.name: select(table).where(table.c.company_id == bindparam("company"))
    for table in map(table_of, TABLES)
    if table.name not in _MEMORY
}
_SPARE: dict[str, Any] = {
    "forecast_category": "pipeline",
    "required_fields": [],
    "probability": None,
}


class World:
    """A company of its own in the database of `engine`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.now = START
        self.name = f"Acme {new_id()}"
        company = {"name": self.name, "currency": "EUR", "timezone": "UTC", "fiscal_month": 1}
        with db.session(engine, write=True) as session:
            session.change = ChangeSet(at=START, actor="nobody", command="crmctl init")
            setup.add_company(session, company, {"name": "Uma"}, "b2b")
            self.user = users.search(session)[0].name
            self._id = session.company_id

    @contextmanager
    def session(self, command: str = "") -> Iterator[CrmSession]:
        """Yield a session of the company's first user, a minute after the one before."""
        self.now += timedelta(minutes=1)
        with db.session(self.engine, write=True) as session:
            session.change = ChangeSet(at=self.now, actor="nobody", command=command)
            access.enter(session, self.name, None, "Uma")
            yield session

    def run(self, command: Command) -> str | None:
        """Run `command`; return the reference of its change set, or None if it wrote nothing."""
        name, *numbers = command
        try:
            with self.session(f"crmctl {name}") as session:
                COMMANDS[name](session, *numbers)
        except CrmError:
            return None
        return session.change.ref if session.change.written else None

    def undo(self, ref: str) -> tuple[str, list[str]]:
        """Take a change set back; return the undo's reference and what it kept."""
        with self.session("crmctl undo") as session:
            plan = undoing.plan(session, undoing.find_change(session, ref, lock=True), lock=True)
            undoing.carry_out(session, plan)
        return session.change.ref, [f"{e.name}: {e.kept_because}" for e in plan.kept()]

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of the company, by table, but for what remembers."""
        mine = {"company": self._id}
        with self.engine.connect() as connection:
            return {
                name: sorted(map(tuple, connection.execute(query, mine)), key=repr)
                for name, query in _ROWS.items()
            }


def _deals(session: CrmSession, *, hidden: bool = False) -> list[Deal]:
    found = rows_of(Deal).where(col(Deal.company_id) == session.company_id)
    rows = session.exec(found.order_by(col(Deal.number)).with_for_update()).all()
    return [deal for deal in rows if bool(deal.deleted_at) is hidden]


def _customers(session: CrmSession) -> list[Customer]:
    found = rows_of(Customer).where(col(Customer.company_id) == session.company_id)
    return list(session.exec(found.order_by(col(Customer.number))).all())


def _process(session: CrmSession, number: int = 0) -> rules.SalesProcess:
    return pick(list(rules.sales_processes(session).values()), number)  # type: ignore[no-any-return]


def _stage(session: CrmSession, pipeline: str, number: int) -> str:
    process = rules.sales_processes(session)[pipeline]
    return str(pick(list(process.stages), number).key)


def _lost_reason(to: Stage) -> str | None:
    return "price" if to.kind == Status.LOST else None


def _deal_add(session: CrmSession, a: int, b: int, c: int) -> None:
    values: dict[str, Any] = {
        "title": f"Deal {a}",
        "amount": None,
        "custom": dict.fromkeys(custom_fields.known(session, Entity.DEAL), a),
        "tags": ["new"],
    }
    if people := _customers(session):
        values["customer_id"] = people[b % len(people)].id
    process = _process(session, c)
    deals.create(session, values, pipeline=process.pipeline.key)


def _deal_edit(session: CrmSession, a: int, b: int, c: int) -> None:
    deal = pick(_deals(session), a)
    keys_known = list(custom_fields.known(session, Entity.DEAL))
    edits: list[dict[str, Any]] = [
        {"title": f"Title {c}"},
        {"custom": {**deal.custom, **dict.fromkeys(keys_known[:1], c)}},
        {"custom": {**deal.custom, **dict.fromkeys(keys_known, c)}},
        {"tags": [f"tag {c}"], "next_step": "call"},
        {"owner_id": pick(users.search(session), c).id},
    ]
    editing.apply(session, [deal], Edit(edits[b % len(edits)]))


def _deal_move(session: CrmSession, a: int, b: int, c: int) -> None:
    deal = pick(_deals(session), a)
    process = _process(session, c)
    to = pick(list(process.stages), b)
    options = moves.MoveOptions(lost_reason=_lost_reason(to))
    moves.move(session, [deal], to.key, options, pipeline=process.pipeline.key)


def _bulk_move(session: CrmSession, a: int, b: int, c: int) -> None:
    process = _process(session)
    mine = [deal for deal in _deals(session) if deal.pipeline == process.pipeline.key]
    to = pick(list(process.stages), a)
    options = moves.MoveOptions(keep_going=True, lost_reason=_lost_reason(to))
    moves.move(session, mine, to.key, options)


def _deal_reopen(session: CrmSession, a: int, b: int, c: int) -> None:
    moves.reopen(session, _deals(session)[a % 3 :][: 1 + b % 3], moves.MoveOptions())


def _deal_remove(session: CrmSession, a: int, b: int, c: int) -> None:
    editing.remove(session, _deals(session)[: 1 + a % 3])


def _deal_restore(session: CrmSession, a: int, b: int, c: int) -> None:
    editing.restore(session, _deals(session, hidden=True))


def _deal_key(session: CrmSession, a: int, b: int, c: int) -> None:
    deal = pick(_deals(session), a)
    external_ids.attach(session, Entity.DEAL, "hubspot", [(str(b), deal.id)])


def _deal_keyless(session: CrmSession, a: int, b: int, c: int) -> None:
    external_ids.detach(session, Entity.DEAL, [pick(_deals(session), a).id])


def _customer_add(session: CrmSession, a: int, b: int, c: int) -> None:
    customers.create(session, {"name": f"Customer {a}"})


def _customer_edit(session: CrmSession, a: int, b: int, c: int) -> None:
    editing.apply(session, [pick(_customers(session), a)], Edit({"name": f"Name {b}"}))


def _customer_remove(session: CrmSession, a: int, b: int, c: int) -> None:
    editing.remove(session, [pick(_customers(session), a)])


def _customer_key(session: CrmSession, a: int, b: int, c: int) -> None:
    external_ids.attach(
        session, Entity.CUSTOMER, "crm", [(str(b), pick(_customers(session), a).id)]
    )


def _customer_merge(session: CrmSession, a: int, b: int, c: int) -> None:
    shown = [references.ref(row) for row in _customers(session) if row.deleted_at is None]
    kept = pick(shown, a)
    gone = pick([name for name in shown if name != kept], b)
    merging.carry_out(
        session, merging.prepare(session, [merging.MergeRequest(keep=kept, merge=[gone])])
    )


def _user_add(session: CrmSession, a: int, b: int, c: int) -> None:
    users.add(session, {"name": f"User {a}", "email": f"user{a}@example.com"})


def _user_edit(session: CrmSession, a: int, b: int, c: int) -> None:
    people = [user for user in users.search(session) if user.name != "Uma"]
    users.edit(session, pick(people, a), {"email": f"user{b}@example.com"})


def _stage_add(session: CrmSession, a: int, b: int, c: int) -> None:
    values = {"key": f"step{b}", "label": f"Step {b}", "kind": "open", **_SPARE}
    stages.add(session, _process(session, a), values, c)


def _stage_edit(session: CrmSession, a: int, b: int, c: int) -> None:
    process = _process(session, a)
    stage = pick(list(process.stages), b)
    edits: list[dict[str, Any]] = [
        {"label": f"Label {c}"},
        {"rotting_days": c + 1},
        {"kind": "lost"},
        {"kind": "open"},
    ]
    stages.edit(session, process, stage, edits[c % len(edits)])


def _stage_move(session: CrmSession, a: int, b: int, c: int) -> None:
    process = _process(session, a)
    stages.move(session, process, pick(list(process.stages), b), c)


def _stage_remove(session: CrmSession, a: int, b: int, c: int) -> None:
    process = _process(session, a)
    all_stages = list(process.stages)
    stages.remove(session, process, pick(all_stages, b), pick(all_stages, c))


def _pipeline_add(session: CrmSession, a: int, b: int, c: int) -> None:
    from crmctl.services.pipeline import pipeline_files

    names = sorted(pipeline_files.templates())
    pipelines.add(session, pipeline_files.template(names[a % len(names)]))


def _pipeline_remove(session: CrmSession, a: int, b: int, c: int) -> None:
    known = list(rules.sales_processes(session))
    if len(known) > 1:
        to = f"{known[0]}/{_stage(session, known[0], a)}"
        pipelines.remove(session, known[-1], to)


COMMANDS = {
    "deal add": _deal_add,
    "deal edit": _deal_edit,
    "deal move": _deal_move,
    "deal move -": _bulk_move,
    "deal reopen": _deal_reopen,
    "deal remove": _deal_remove,
    "deal restore": _deal_restore,
    "deal key": _deal_key,
    "deal keyless": _deal_keyless,
    "customer add": _customer_add,
    "customer edit": _customer_edit,
    "customer key": _customer_key,
    "customer merge": _customer_merge,
    "customer remove": _customer_remove,
    "user add": _user_add,
    "user edit": _user_edit,
    "stage add": _stage_add,
    "stage edit": _stage_edit,
    "stage move": _stage_move,
    "stage remove": _stage_remove,
    "pipeline add": _pipeline_add,
    "pipeline remove": _pipeline_remove,
    **SETTING_UP,
}
