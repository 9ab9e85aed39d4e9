"""What can be completed on a command line: deals, customers, activities, stages, pipelines."""

from typing import Any

from sqlmodel import col, or_, select

from crmctl.models.activities import Activity
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services import rules
from crmctl.services.conditions import IS_OPEN
from crmctl.services.references import PREFIX, number_of, ref

Offer = list[tuple[str, str]]


def deals(session: CrmSession, begun: str, most: int) -> Offer:
    """Return open deals, newest first, whose number or title begins with `begun`: number, title."""
    rows = _begun(session, Deal, col(Deal.title), begun, most, IS_OPEN)
    return [(ref(row), row.title) for row in rows]


def customers(session: CrmSession, begun: str, most: int) -> Offer:
    """Return customers, newest first, whose number or name begins with `begun`: number, name."""
    rows = _begun(session, Customer, col(Customer.name), begun, most)
    return [(ref(row), row.name) for row in rows]


def activities(session: CrmSession, begun: str, most: int) -> Offer:
    """Return activities, newest first, whose number or subject begins so: number, subject."""
    rows = _begun(session, Activity, col(Activity.subject), begun, most)
    return [(ref(row), row.subject) for row in rows]


def _begun(
    session: CrmSession, model: type[Any], name: Any, begun: str, most: int, *conditions: Any
) -> list[Any]:
    readings = [name.istartswith(begun, autoescape=True)]
    if (number := number_of(model, begun)) is not None:
        readings.append(_begins_with(col(model.number), number))
    if begun.upper() in ("", PREFIX[model]):
        readings.append(col(model.number) > 0)
    query = select(model).where(
        col(model.company_id) == session.company_id,
        col(model.deleted_at).is_(None),
        or_(*readings),
        *conditions,
    )
    if session.franchise_id:
        query = query.where(col(model.franchise_id) == session.franchise_id)
    return list(session.exec(query.order_by(col(model.number).desc()).limit(most)).all())


def _begins_with(column: Any, number: int) -> Any:
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
    for process in rules.processes(session).values():
        for stage in process.stages:
            if _begins(begun, stage.key, stage.label):
                found.setdefault(stage.key, stage.label)
    return list(found.items())


def pipelines(session: CrmSession, begun: str) -> Offer:
    """Return the pipelines whose key or label begins with `begun`: key, label."""
    known = (process.pipeline for process in rules.processes(session).values())
    return [(one.key, one.label) for one in known if _begins(begun, one.key, one.label)]


def _begins(begun: str, *names: str) -> bool:
    return any(name.lower().startswith(begun.lower()) for name in names)
