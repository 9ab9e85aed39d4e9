"""Deals: added, one or many at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crmctl.domain.kinds import Entity, Status
from crmctl.models.base import new_id
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import rules, stage_history
from crmctl.storage.tables import defaults


def add(
    session: CrmSession,
    values: Mapping[str, Any],
    *,
    stage: str | None = None,
    pipeline: str | None = None,
    at: datetime | None = None,
    override: bool = False,
) -> Deal:
    """Create a deal from valid `values` in `stage`, or where its pipeline starts."""
    from crmctl.services.records import numbers

    process = rules.choose(rules.sales_processes(session), pipeline)
    place = process.find(stage) if stage else process.first()
    entered = rules.entry_time(session, at)
    deal = new(session, {"title": "", **values}, place, entered)
    broken = rules.against_creation(process, place, deal)
    rules.enforce(session, f"deal {deal['title']!r}", "; ".join(broken), override=override)
    deal["number"] = numbers.take(session, Entity.DEAL)
    return Deal(**insert_new(session, [deal])[0])


def new(
    session: CrmSession,
    values: Mapping[str, Any],
    stage: Stage,
    entered: datetime,
    number: int | None = None,
) -> dict[str, Any]:
    """Return a deal for insert_new, by column; a `number` may be filled in later."""
    deal = {
        **blank(session, stage),
        "number": number,
        "stage_entered_at": entered,
        "closed_at": None if stage.kind == Status.OPEN else entered,
        **values,
    }
    if "id" not in deal:
        deal["id"] = new_id()
    return deal


def blank(session: CrmSession, stage: Stage) -> dict[str, Any]:
    """Return what new deals in `stage` have in common, by column; its values are not to be changed.

    It has no id, title and stamps, and no time of closing, which a stage for closed deals needs.
    """
    return {
        **defaults(Deal),
        "franchise_id": session.franchise_id,
        "number": None,
        "currency": session.currency,
        "pipeline": stage.pipeline,
        "stage": stage.key,
        "status": stage.kind,
    }


def insert_new(session: CrmSession, deals: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Insert deals such as `new` makes, each with the first row of its stage history.

    Returns all of their columns.
    """
    rows = changes.stamped(session, Deal, deals)
    reason = session.change.reason
    changes.insert_values(session, Deal, rows)
    changes.insert_values(
        session, StageEntry, [stage_history.entry(session, row, None, reason) for row in rows]
    )
    return rows
