"""What is corrected in a deal that is in its stage already: since when, and why it was lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from crmctl.domain import lost_reasons, times
from crmctl.domain.kinds import Status
from crmctl.errors import Refused
from crmctl.models.base import Columns, Values
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import closing, rules, stage_history
from crmctl.services.records.references import ref


@dataclass(frozen=True, kw_only=True)
class Correction:
    """New `values` of a deal by column, with those `before`, and the `entry` that they are of.

    `entered` are the new values of that entry, which is None where no time is corrected.
    """

    deal: Deal
    values: Columns
    before: Columns
    entry: StageEntry | None = None
    entered: Columns = field(default_factory=dict)


def plan(
    session: CrmSession, deal: Deal, *, at: datetime | None, day: date | None, reason: str | None
) -> Correction | None:
    """Return what is corrected in `deal`, which is locked; None for nothing.

    It entered its stage, or was closed, at the time `at`, of which `day` is the whole day if no
    time is known; and it was lost for the `reason`. Raises Refused for what cannot be.
    """
    if conflict := lost_reasons.conflict(reason, deal.stage, deal.status):
        raise Refused(f"{ref(deal)}: {conflict}")
    values: Values = {} if reason is None else {"lost_reason": reason}
    if closing.stage_is_assumed(deal.assumed):
        values["assumed"] = closing.without_stage(deal.assumed)
    entry, entered = None, {}
    if at is not None:
        rules.entry_time(session, at)
        zone = times.zone(session.timezone)
        if _is_news(deal, at, day, zone):
            entries = stage_history.entries(session, deal)
            last = len(entries) - 1
            statuses = [each.status for each in entries]
            index = last if deal.status == Status.OPEN else closing.closing_index(statuses)
            entry = entries[index]
            try:
                at = fitting(entries, index, at, day, zone)
            except Refused as error:
                raise Refused(f"{ref(deal)} {error}") from None
            entered = {"entered_at": at, "entered_on": day}
            values |= _times_of(deal, at, day, last=index == last)
    before = {name: getattr(deal, name) for name in values}
    new = {name: value for name, value in values.items() if value != before[name]}
    if not new:
        return None
    return Correction(deal=deal, values=new, before=before, entry=entry, entered=entered)


def _times_of(deal: Deal, at: datetime, day: date | None, *, last: bool) -> Values:
    """Return what changes in `deal` with the time of the entry that says since when it is so.

    That is when it was closed, and if it is its `last` entry, when it entered its stage.
    """
    values: Values = {"stage_entered_at": at, "stage_entered_on": day} if last else {}
    if deal.status != Status.OPEN:
        values |= {"closed_at": at, "closed_on": day}
    values["assumed"] = closing.without_date(closing.without_stage(deal.assumed))
    return values


def _is_news(deal: Deal, at: datetime, day: date | None, zone: ZoneInfo) -> bool:
    """Return whether `deal` is as it is since another time, or since one that was assumed."""
    if deal.closed_at is not None and closing.is_assumed(deal.assumed):
        return True
    present = deal.closed_at or deal.stage_entered_at
    on = deal.closed_on if deal.closed_at else deal.stage_entered_on
    if day is not None:
        return day != times.on_day(present, on, zone)
    return at != present or on is not None


def fitting(
    entries: Sequence[StageEntry], index: int, at: datetime, day: date | None, zone: ZoneInfo
) -> datetime:
    """Return the time that the entry with this index may get: `at`, or later on the whole `day`.

    Raises Refused for one that is out of the order of `entries`, in words that begin with a verb,
    as their subject is the deal.
    """
    if index:
        left = entries[index - 1]
        found = stage_history.not_before(at, day, left.entered_at, zone)
        if found is None:
            raise Refused(stage_history.too_early(left.stage, left.entered_at, zone))
        at = found
    later = entries[index + 1 :]
    if later and later[0].entered_at < at:
        entered = times.said(later[0].entered_at, zone)
        raise Refused(f"entered {later[0].stage} at {entered}: it was closed before")
    return at


def write(session: CrmSession, corrections: Sequence[Correction]) -> None:
    """Write `corrections` in their deals and in the history of these."""
    changes.edit_each(session, [(one.deal, one.values) for one in corrections])
    changes.edit_each(session, [(one.entry, one.entered) for one in corrections if one.entry])
    stage_history.follow_lost_reasons(
        session,
        {
            one.deal.id: (one.before["lost_reason"], one.values["lost_reason"])
            for one in corrections
            if "lost_reason" in one.values
        },
    )
