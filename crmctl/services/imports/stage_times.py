"""When the deals of a file entered their stage and were closed: read, checked, and corrected."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crmctl.domain.importing.cells.values import When
from crmctl.domain.importing.columns.column_mapping import ColumnMapping
from crmctl.domain.importing.findings import Certainty, Finding, mapping_option
from crmctl.domain.kinds import Status
from crmctl.domain.times import not_yet, start_of_day
from crmctl.models.base import Columns, Values
from crmctl.services.imports.matching.stored_rows import DealRow
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.pipeline import closing, stage_history
from crmctl.services.pipeline.verdicts import MoveRequest

#: What says that something has happened.
_PAST = ("created_at", "stage_entered_at")
#: What says when deals were closed; of a column that open ones have as well, when they will be.
_CLOSED_AT, _CLOSE = "--map COLUMN=closed_at", "--map COLUMN=close_date"
#: The fields that say when a stage was entered, the first of a row that has one.
ENTERED = ("stage_entered_at", "closed_at", "close_date")
#: The commands that say since when a deal is in its stage.
_BY_COMMAND = {
    Status.OPEN: "crmctl deal move REF STAGE --at TIME",
    Status.WON: "crmctl deal win REF --at TIME",
    Status.LOST: "crmctl deal lose REF --at TIME",
}

#: What is found of a deal that a file has closed before it was in the stage that it left.
CLOSED_EARLY = Finding(
    certainty=Certainty.ASSUMED,
    text="closed with a closing date before the last open stage: that of this stage is taken",
    count=1,
    option=_BY_COMMAND[Status.WON],
)

_CREATED_LATER = Finding(
    certainty=Certainty.DECIDED,
    text="rows have deals created after their history begins, which stays",
    one="row has its deal created after its history begins, which stays",
    count=1,
)

#: What is assumed of a new deal that its file says is closed, with a day and without.
_BY_FILE, _WITHOUT_DATE = closing.with_file(None), closing.with_date(None)


class StageTimes(NamedTuple):
    """When a deal entered its stage and when it was closed, as far as a file says.

    Both may be `assumed`, by crmctl when it wrote the file, of a closing of which the month is all
    that is known, or for one that is `ahead`.
    """

    entered: When | None = None
    closed: When | None = None
    assumed: bool = False
    ahead: When | None = None


def times_of(row: ParsedRow, status: Status, now: datetime, zone: ZoneInfo) -> StageTimes:
    """Return when `row` entered its stage, whose kind is `status`, and when it was closed.

    A closed deal entered its stage when it was closed, or later, never before.
    """
    entered = _when(row, "stage_entered_at", "stage_entered_day", zone)
    if status == Status.OPEN:
        if "closed_at" in row.values:
            row.refuse("closed_at", "the deal is in an open stage")
        return StageTimes(entered, None)
    closed = _when(row, "closed_at", "closed_day", zone) or row.values.get("close_date")
    if closed and closed.at > now:
        return StageTimes(entered, ahead=closed)
    if closed and (entered is None or entered.at < closed.at):
        entered = closed
    assumed = closing.is_assumed(row.values.get("assumed")) or bool(closed and closed.assumed)
    return StageTimes(entered, closed, assumed=assumed)


def _when(row: ParsedRow, name: str, of_day: str, zone: ZoneInfo) -> When | None:
    """Return the time `name` of `row`, of which the field `of_day` has the day if that is all."""
    values = row.values
    at: When | None = values.get(name)
    day: date | None = values.get(of_day)
    if day is None:
        return at
    return When(at.at if at else start_of_day(day, zone), day)


def created_time(row: ParsedRow, deal: DealRow | None) -> When | None:
    """Return when `row` says that `deal`, None for a new one, was created.

    It is not taken where history that was imported begins before that.
    """
    created: When | None = row.values.get("created_at")
    if created and deal and deal.history_from and created.at > deal.history_from:
        row.findings = (*row.findings, _CREATED_LATER)
        return None
    return created


def refuse_future(row: ParsedRow, now: datetime) -> None:
    """Refuse times of `row` that say what has happened and have not come yet.

    A closing that is ahead is none of them: a system may have closed what it expects.
    """
    for name in _PAST:
        when = row.values.get(name)
        if when is not None and when.at > now:
            row.refuse(name, f"{not_yet(when.at, now)}, and says what has happened")


def refuse_too_early(row: ParsedRow, why: str) -> None:
    """Refuse `row` for when it says its deal entered a stage; see stage_history.too_early."""
    row.refuse(next(name for name in ENTERED if name in row.values), f"the deal {why}")


def first_times(row: ParsedRow, times: StageTimes, status: Status, now: datetime) -> Values:
    """Return when a new deal was created, entered its stage and was closed, by column.

    What the file does not say follows from what it does: nothing is in a stage before it is
    created. A deal is closed when it says, else when it entered its stage, else when it was
    created, else now, as one whose closing is ahead; the last two are assumed.
    """
    created: When | None = row.values.get("created_at")
    stated = times.closed or times.entered
    entered = stated or (None if times.ahead else created) or When(now)
    found: Values = {
        "stage_entered_at": entered.at,
        "stage_entered_on": entered.day,
        "created_at": created.at if created else entered.at,
    }
    if status != Status.OPEN:
        found |= {"closed_at": entered.at, "closed_on": entered.day}
        said = stated and not times.assumed
        found["assumed"] = _BY_FILE if said else _WITHOUT_DATE
    return found


def corrected_times(
    row: ParsedRow, times: StageTimes, deal: DealRow, zone: ZoneInfo
) -> dict[str, When]:
    """Return the times of `deal`, in the stage where it stays, about which `row` says otherwise.

    They are given by column. What was assumed is corrected by what says the same, too: it is
    assumed no more.
    """
    entered, closed = times.entered, times.closed
    found: dict[str, When] = {}
    if times.assumed:
        return found
    assumed = deal.closed_at is not None and closing.is_assumed(deal.assumed)
    if closed and (assumed or not closed.same(deal.closed_at, zone, deal.closed_on)):
        found["closed_at"] = closed
    # When it was closed is when it entered its stage, unless it moved on between closed ones.
    if closed and deal.closed_at == deal.stage_entered_at:
        return found
    if entered and "stage_entered_at" in row.values:
        same = entered.same(deal.stage_entered_at, zone, deal.stage_entered_on)
        if assumed or not same:
            found["stage_entered_at"] = entered
    return found


def said_by_history(deal: DealRow) -> bool:
    """Return whether the history of `deal` says since when it is in its stage: no file of deals."""
    if deal.status == Status.OPEN:
        return deal.history_from is not None and not closing.by_file(deal.assumed)
    return not closing.is_unsure(deal.assumed)


def not_before_history(entered: When | None, deal: Columns, zone: ZoneInfo) -> When | None:
    """Return when `deal` enters another stage, of which a file says that it is `entered` then.

    Before the end of history that was imported, that is not so: it is when that ends.
    """
    earliest: datetime = deal["stage_entered_at"]
    if entered is None or deal["history_from"] is None:
        return entered
    if stage_history.not_before(entered.at, entered.day, earliest, zone) is not None:
        return entered
    return When(earliest, deal["stage_entered_on"])


def with_times(times: StageTimes, request: MoveRequest, moved: Columns) -> list[str] | None:
    """Return what is assumed of a deal that `moved` by `request`, of which a row says `times`."""
    assumed: list[str] | None = moved.get("assumed", request.deal["assumed"])
    closed = request.to.stage.kind != Status.OPEN
    if closed and request.deal["status"] == request.to.stage.kind:
        return assumed
    early = times.closed and request.entered and times.closed.at < request.entered
    if closed and (times.assumed or early):
        return closing.with_date(assumed)
    return closing.with_file(assumed) if request.entered else assumed


@cache
def history_stays(status: Status) -> Finding:
    """Return what is found of a deal of this `status` about whose times its history says better."""
    return Finding(
        certainty=Certainty.DECIDED,
        text=f"rows say another day than the history of their {status} deals, which stays",
        one=f"row says another day than the history of its {status} deal, which stays",
        count=1,
        option=_BY_COMMAND[status],
    )


def closing_findings(
    row: ParsedRow, times: StageTimes, deal: Columns, *, new: bool
) -> Sequence[Finding]:
    """Return what is assumed of when `deal`, perhaps a `new` one, was closed by its row."""
    if not closing.is_assumed(deal.get("assumed")) or times.assumed:
        return ()
    if times.closed:
        return (CLOSED_EARLY,)
    if times.ahead:
        return (_assumed_closing("a closing date ahead", "this import", _CLOSED_AT),)
    created = new and "created_at" in row.values
    taken = "their creation" if created else "this import"
    expected: date | None = row.values.get("expected_close")
    passed = expected is not None and (created or expected <= deal["closed_at"].date())
    return (_assumed_closing("no closing date", taken, _closing_option(row.columns, passed)),)


def _closing_option(columns: ColumnMapping, passed: bool) -> str:
    """Return the option that says when a deal was closed: open ones have such a date, too.

    `passed` tells whether it was expected to close on a day that is over.
    """
    if "close_date" in columns.fields:
        return _CLOSED_AT
    return mapping_option("--map", columns.of("expected_close"), "close_date") if passed else _CLOSE


@cache
def _assumed_closing(what: str, since: str, option: str) -> Finding:
    return Finding(
        certainty=Certainty.ASSUMED,
        text=f"closed with {what}: that of {since} is taken",
        count=1,
        option=option,
    )
