"""Whether a deal may enter another stage, and what it is afterwards, for every way in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from crmctl.domain import lost_reasons
from crmctl.domain.kinds import Status
from crmctl.models.base import Columns, Values
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services.pipeline import closing, rules, stage_history
from crmctl.services.pipeline.rules import StageRef
from crmctl.services.pipeline.stage_history import OpenStages


@dataclass(frozen=True, kw_only=True, slots=True)
class MoveRequest:
    """That a deal is to enter a stage, and what is said of it; see `judge`.

    `deal` has its columns, with whatever else changes along with the move. `entered` is when it
    enters, and `day` the whole day that this begins, where no time of it is known. It is closed
    when it enters. What is not said follows: it enters now, which `assumed` says is no fact.
    `past` has what `past_of` finds.
    """

    deal: Columns
    to: StageRef
    past: OpenStages
    entered: datetime | None = None
    day: date | None = None
    lost_reason: str | None = None
    reason: str | None = None
    assumed: bool = False

    @property
    def why(self) -> str | None:
        """Why the deal moves, as its stage history says."""
        return self.reason or self.lost_reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """Whether a deal may move, and the columns that this changes: `values`.

    Nothing passes `not_yet`, a time that is still ahead, nor `too_early`, one before the deal
    entered the stage that it leaves, nor `reason_conflict`, a lost reason where it is not lost.
    What is `broken` are rules of the pipeline, which can be overridden. Each is a text;
    `too_early` begins with a verb, as its subject is the deal.
    """

    values: Values = field(default_factory=dict)
    broken: Sequence[str] = ()
    not_yet: str | None = None
    too_early: str | None = None
    reason_conflict: str | None = None


def past_of(session: CrmSession, moving: Iterable[tuple[Deal, str]]) -> OpenStages:
    """Return the last open stages of the deals `moving`, each with the pipeline that it goes to.

    Those whose present tells all are left out: they are open, and stay in their pipeline.
    """
    return stage_history.last_open_stages(
        session,
        [
            deal.id
            for deal, pipeline in moving
            if deal.status != Status.OPEN or deal.pipeline != pipeline
        ],
    )


def judge(request: MoveRequest, *, now: datetime, zone: ZoneInfo) -> Verdict:
    """Return whether the deal may move, and what it is afterwards."""
    deal, stage = request.deal, request.to.stage
    if request.entered and (ahead := rules.entered_ahead(request.entered, now, zone)):
        return Verdict(not_yet=ahead)
    entered = _entry_time(request, now, zone)
    if entered is None:
        left = stage_history.too_early(deal["stage"], deal["stage_entered_at"], zone)
        return Verdict(too_early=left)
    conflict = lost_reasons.conflict(request.lost_reason, stage.key, stage.kind)
    values = values_after(request, entered)
    left_from = request.past.get((deal["id"], deal["pipeline"]))
    broken = rules.against_move(
        request.to.process,
        deal,
        stage,
        left_from=deal["stage"] if deal["status"] == Status.OPEN else left_from,
        lost_reason=values["lost_reason"],
        was_in=request.past.get((deal["id"], stage.pipeline)),
    )
    return Verdict(values=values, broken=broken, reason_conflict=conflict)


def _entry_time(request: MoveRequest, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when the deal enters; None if that would be before it entered where it is."""
    earliest: datetime = request.deal["stage_entered_at"]
    if request.entered is None:
        # Two people may move a deal at once. The second waits for the first, so its clock may be
        # a little behind the first one's entry, which history must not be.
        return max(now, earliest)
    return stage_history.not_before(request.entered, request.day, earliest, zone)


def values_after(request: MoveRequest, entered: datetime) -> Values:
    """Return the columns that change in a deal that enters its stage at the time `entered`."""
    deal, stage = request.deal, request.to.stage
    lost_reason = request.lost_reason or deal["lost_reason"]
    # That a deal was won is nobody's opinion of what becomes of it when it is open again.
    reopened = deal["status"] != Status.OPEN and stage.kind == Status.OPEN
    certain = {"probability": None} if reopened and deal["probability"] in (0, 1) else {}
    on = request.day if request.entered else None
    return {
        **certain,
        "pipeline": stage.pipeline,
        "stage": stage.key,
        "status": stage.kind,
        "stage_entered_at": entered,
        "stage_entered_on": on,
        **_closing(request, entered, on),
        "lost_reason": lost_reason if lost_reasons.allowed(stage.kind) else None,
        "entries": deal["entries"] + 1,
    }


def _closing(request: MoveRequest, entered: datetime, on: date | None) -> Values:
    """Return when the deal is closed after it `entered` its stage, perhaps `on` a whole day."""
    deal, kind = request.deal, request.to.stage.kind
    known = closing.without_stage(deal["assumed"])
    # Between two stages that both mean won, say, the deal was won when it first was.
    if kind != Status.OPEN and deal["status"] == kind:
        return {"closed_at": deal["closed_at"], "closed_on": deal["closed_on"], "assumed": known}
    known = closing.without_date(known)
    if kind == Status.OPEN:
        return {"closed_at": None, "closed_on": None, "assumed": known}
    assumed = request.assumed and request.entered is None
    return {
        "closed_at": entered,
        "closed_on": on,
        "assumed": closing.with_date(known) if assumed else known,
    }
