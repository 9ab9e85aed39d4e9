"""What is corrected in a deal that is in its stage already: since when, and why it was lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from crmctl.domain import lost_reasons, times
from crmctl.domain.kinds import Status
from crmctl.errors import Refused
from crmctl.models.base import Columns, Values
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import rules, stage_history
from crmctl.services.records.references import ref


@dataclass(frozen=True, kw_only=True)
class Correction:
    """New `values` of a deal by column, with those `before`, and the `entry` that they are of.

    The entry of its stage history is None where no time is corrected.
    """

    deal: Deal
    values: Columns
    before: Columns
    entry: StageEntry | None = None


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
    entry = None
    if at is not None:
        rules.entry_time(session, at)
        zone = times.zone(session.timezone)
        present = deal.closed_at or deal.stage_entered_at
        if at != present and day != present.astimezone(zone).date():
            entries = stage_history.entries(session, deal)
            entry, at = _entry_at(deal, entries, at, day, zone)
            values |= {} if deal.status == Status.OPEN else {"closed_at": at}
            values |= {"stage_entered_at": at} if entry is entries[-1] else {}
    before = {name: getattr(deal, name) for name in values}
    new = {name: value for name, value in values.items() if value != before[name]}
    return Correction(deal=deal, values=new, before=before, entry=entry) if new else None


def _entry_at(
    deal: Deal, entries: Sequence[StageEntry], at: datetime, day: date | None, zone: ZoneInfo
) -> tuple[StageEntry, datetime]:
    """Return the entry that says since when `deal` is as it is, and the time that it may get.

    Raises Refused for one that is out of the order of the history.
    """
    index = len(entries) - 1
    while deal.status != Status.OPEN and index and entries[index - 1].status == deal.status:
        index -= 1
    if index:
        left = entries[index - 1]
        fitting = stage_history.not_before(at, day, left.entered_at, zone)
        if fitting is None:
            early = stage_history.too_early(left.stage, left.entered_at, zone)
            raise Refused(f"{ref(deal)} {early}")
        at = fitting
    later = entries[index + 1 :]
    if later and later[0].entered_at < at:
        entered = times.said(later[0].entered_at, zone)
        raise Refused(f"{ref(deal)} entered {later[0].stage} at {entered}: it was closed before")
    return entries[index], at


def write(session: CrmSession, corrections: Sequence[Correction]) -> None:
    """Write `corrections` in their deals and in the history of these."""
    changes.edit_each(session, [(one.deal, one.values) for one in corrections])
    entered = [
        (one.entry, {"entered_at": one.values.get("closed_at", one.deal.stage_entered_at)})
        for one in corrections
        if one.entry
    ]
    changes.edit_each(session, entered)
