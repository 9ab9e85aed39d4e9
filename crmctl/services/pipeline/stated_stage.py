"""Deals whose stage was assumed, once somebody says it: they never were in the assumed one."""

from dataclasses import replace
from datetime import datetime

from crmctl.domain import lost_reasons
from crmctl.domain.kinds import Status
from crmctl.models.base import Columns, Values
from crmctl.services.pipeline import rules, verdicts
from crmctl.services.pipeline.verdicts import MoveRequest, Verdict


def judge(request: MoveRequest, *, now: datetime) -> Verdict:
    """Return whether a deal of which nobody said the stage may be where `request` has it.

    It has been there as long as it was taken to be where it is, unless that is said; one that is
    closed, since now. It is judged as one that is created there: no move led to it.
    """
    deal, stage = request.deal, request.to.stage
    if request.entered is None and stage.kind == Status.OPEN:
        since, day = deal["stage_entered_at"], deal["stage_entered_on"]
        request = replace(request, entered=since, day=day)
    values = verdicts.values_after(request, request.entered or now)
    values |= _beginning(deal, values)
    broken = rules.against_creation(request.to.process, stage, {**deal, **values})
    conflict = lost_reasons.conflict(request.lost_reason, stage.key, stage.kind)
    return Verdict(values=values, broken=broken, reason_conflict=conflict)


def _beginning(deal: Columns, values: Columns) -> Values:
    """Return what else `deal` has with its first stage: one entry, and not before its creation."""
    created = min(deal["created_at"], values["stage_entered_at"])
    return {"entries": deal["entries"], "created_at": created}
