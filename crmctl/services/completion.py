"""What can be completed on a command line: records, changes, stages, people and templates."""

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import col, or_, select

from crmctl.models.activities import Activity
from crmctl.models.changes import Change
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise
from crmctl.services.pipeline import pipeline_files, rules
from crmctl.services.records import types
from crmctl.services.records.references import Numbered, name_of, number_of, ref
from crmctl.services.tenancy import companies as known_companies
from crmctl.services.tenancy import users as known_users
from crmctl.storage.scope import IS_CLOSED, IS_OPEN, in_company, in_scope, is_removed

Offer = list[tuple[str, str]]


#: What deals to offer: those that a command can do something with.
OPEN, CLOSED = "open", "closed"


def deals(session: CrmSession, begun: str, most: int, which: str | None = None) -> Offer:
    """Return deals, newest first, whose number or title begins with `begun`: number, title.

    `which` are the OPEN or the CLOSED ones alone.
    """
    conditions = {None: [], OPEN: [IS_OPEN], CLOSED: [IS_CLOSED]}[which]
    return _begun(session, Deal, begun, most, *conditions)


def customers(session: CrmSession, begun: str, most: int) -> Offer:
    """Return customers, newest first, whose number or name begins with `begun`: number, name."""
    return _begun(session, Customer, begun, most)


def activities(session: CrmSession, begun: str, most: int) -> Offer:
    """Return activities, newest first, whose number or subject begins so: number, subject."""
    return _begun(session, Activity, begun, most)


def removed(session: CrmSession, model: type[Numbered], begun: str, most: int) -> Offer:
    """Return removed rows of `model`, newest first, that begin with `begun`: number, name."""
    return _begun(session, model, begun, most, deleted=True)


def changes(session: CrmSession, begun: str, most: int, *, undoable: bool = False) -> Offer:
    """Return changes, newest first, whose reference begins with `begun`: reference, command."""
    query = select(Change).where(
        *in_scope(session, Change), col(Change.ref).startswith(begun.lower())
    )
    if undoable:
        query = query.where(col(Change.irreversible).is_(False), col(Change.undone_in).is_(None))
    newest = query.order_by(col(Change.at).desc(), col(Change.id).desc()).limit(most)
    return [(row.ref[:8], row.command) for row in session.exec(newest).all()]


def users(session: CrmSession, begun: str) -> Offer:
    """Return the active users whose name or e-mail address begins with `begun`: both."""
    active = [row for row in known_users.search(session) if row.active]
    return [(row.name, row.email or "") for row in active if _begins(begun, row.name, row.email)]


def franchises(session: CrmSession, begun: str) -> Offer:
    """Return the franchises whose name begins with `begun`: name, nothing."""
    mine = select(Franchise).where(in_company(session, Franchise))
    return [(row.name, "") for row in session.exec(mine).all() if _begins(begun, row.name)]


def companies(session: CrmSession, begun: str) -> Offer:
    """Return the companies whose name begins with `begun`: name, nothing."""
    return [(row.name, "") for row in known_companies.list_all(session) if _begins(begun, row.name)]


def templates(begun: str) -> Offer:
    """Return the templates of pipelines whose name begins with `begun`: name, label."""
    known = pipeline_files.templates().items()
    return [(name, str(one.head["label"])) for name, one in known if _begins(begun, name)]


def _begun(
    session: CrmSession,
    model: type[Numbered],
    begun: str,
    most: int,
    *conditions: ColumnElement[bool],
    deleted: bool = False,
) -> Offer:
    called = types.of(model)
    name = called.column(called.name_column)
    readings = [name.istartswith(begun, autoescape=True)]
    if (number := number_of(model, begun)) is not None:
        readings.append(_begins_with(col(model.number), number))
    if begun.upper() in ("", called.prefix):
        readings.append(col(model.number) > 0)
    query = select(model).where(
        *in_scope(session, model), is_removed(model, deleted), or_(*readings), *conditions
    )
    rows = session.exec(query.order_by(col(model.number).desc()).limit(most)).all()
    return [(ref(row), name_of(row)) for row in rows]


def _begins_with(column: Mapped[int], number: int) -> ColumnElement[bool]:
    """Return the condition that the digits of `column` begin with those of `number`."""
    spans = []
    scale = 1
    while number * scale < 2**31:
        spans.append(column.between(number * scale, min((number + 1) * scale, 2**31) - 1))
        scale *= 10
    return or_(*spans)


def stages(session: CrmSession, begun: str) -> Offer:
    """Return the stages whose key or label begins with `begun`, each once: key, label."""
    found: dict[str, str] = {}
    for process in rules.sales_processes(session).values():
        for stage in process.stages:
            if _begins(begun, stage.key, stage.label):
                found.setdefault(stage.key, stage.label)
    return list(found.items())


def pipelines(session: CrmSession, begun: str) -> Offer:
    """Return the pipelines whose key or label begins with `begun`: key, label."""
    known = (process.pipeline for process in rules.sales_processes(session).values())
    return [(one.key, one.label) for one in known if _begins(begun, one.key, one.label)]


def _begins(begun: str, *names: str | None) -> bool:
    return any((name or "").lower().startswith(begun.lower()) for name in names)
