"""The forecast: what is won and what is expected, by period, owner, stage and more."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from crmctl.domain import times
from crmctl.domain.forecast.calendar import Calendar, NoPeriod, calendar
from crmctl.domain.forecast.lines import ForecastLine, LineKey, lines
from crmctl.domain.forecast.sums import DealGroup, chance
from crmctl.domain.kinds import Period, Status
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.tenants import Franchise, User
from crmctl.services.pipeline import rules
from crmctl.services.queries import deal_totals
from crmctl.services.queries.assumed_deals import count_assumed
from crmctl.services.queries.closing_days import ClosingDays
from crmctl.services.queries.deal_totals import DealTotal, Selection
from crmctl.services.queries.snapshot import Snapshot

#: The periods that are stretches of time.
TIMED = (Period.MONTH, Period.QUARTER)


@dataclass(frozen=True, kw_only=True)
class ForecastRow:
    """A row of a forecast: what it is about, as people and as programs call it, and its line.

    `kind` is a Period, or overdue or undated. `key` is the reference of what `kind` names.
    """

    kind: str
    label: str
    key: str | None
    first: date | None
    last: date | None
    line: ForecastLine


@dataclass(frozen=True)
class Section:
    """The rows of one currency, and their total."""

    currency: str
    rows: list[ForecastRow]
    total: ForecastLine


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """A forecast as seen at the time `at`: a section a currency, and the deals not counted.

    Of the deals that are won, `assumed` have a closing date that nobody said.
    """

    at: datetime
    zone: str
    by: Period
    calendar: Calendar
    fiscal_month: int
    pipeline: Pipeline | None
    sections: list[Section]
    omitted: int
    before: int
    after: int
    assumed: int = 0


def forecast(
    snapshot: Snapshot,
    by: Period = Period.MONTH,
    *,
    first: date | None = None,
    last: date | None = None,
    pipeline: str | None = None,
) -> Forecast:
    """Return the forecast of the days `first` to `last`, by `by`, of one pipeline or of all."""
    company = snapshot.company
    today = snapshot.at.astimezone(times.zone(company.timezone)).date()
    days = calendar(by, today, first=first, last=last, fiscal_month=company.fiscal_month)
    process = rules.choose(snapshot.processes, pipeline) if pipeline is not None else None
    key = process.pipeline.key if process else None
    groups = _groups(snapshot, by, days, key)
    found = lines(groups)
    names = _row_names(snapshot, by, several=process is None)
    sections = [
        Section(code, _rows(by, days, found.by_currency.get(code, {}), names), total)
        for code, total in sorted(found.totals.items())
    ]
    if not sections:
        sections = [Section(company.currency, _rows(by, days, {}, names), ForecastLine())]
    return Forecast(
        at=snapshot.at,
        zone=company.timezone,
        by=by,
        calendar=days,
        fiscal_month=company.fiscal_month,
        pipeline=process.pipeline if process else None,
        sections=sections,
        omitted=found.omitted,
        before=found.before,
        after=found.after,
        assumed=count_assumed(snapshot, _won(snapshot, days, key)),
    )


def _groups(
    snapshot: Snapshot, by: Period, days: Calendar, pipeline: str | None
) -> list[DealGroup]:
    key = deal_totals.KEYS.get(by)
    open_ = Selection(status=Status.OPEN, pipeline=pipeline)
    won = _won(snapshot, days, pipeline)
    stages = {
        (process.pipeline.key, stage.key): stage
        for process in snapshot.processes.values()
        for stage in process.stages
    }
    return [
        _group(found, stages[found.pipeline, found.stage], by)
        for chosen in (open_, won)
        for found in deal_totals.deal_totals(snapshot, chosen, days, key)
    ]


def _won(snapshot: Snapshot, days: Calendar, pipeline: str | None) -> Selection:
    """Return the selection of the deals that were won in `days`."""
    closed = ClosingDays(days.first, days.last, times.zone(snapshot.company.timezone))
    return Selection(status=Status.WON, pipeline=pipeline, days=closed)


def _group(found: DealTotal, stage: Stage, by: Period) -> DealGroup:
    return DealGroup(
        currency=found.currency,
        count=found.count,
        priced=found.priced,
        amount=found.amount,
        probability=chance(found.probability, stage.probability),
        category=found.category or stage.forecast_category,
        won=stage.kind == Status.WON,
        period=found.period,
        key=_key(found, by),
    )


def _key(found: DealTotal, by: Period) -> Hashable:
    if by == Period.PIPELINE:
        return found.pipeline
    if by == Period.STAGE:
        return found.pipeline, found.stage
    return found.key


@dataclass(frozen=True, slots=True)
class RowName:
    """What a row is called by people, and by programs, and what sorts it among the others."""

    label: str
    key: str | None
    order: tuple[int | str, ...]


#: The names of rows, by what their deals have in common.
RowNames = Mapping[Hashable, RowName]
Lines = Mapping[LineKey, ForecastLine]


def _rows(by: Period, days: Calendar, found: Lines, names: RowNames) -> list[ForecastRow]:
    """Return the rows of one currency in order: every period, or what has deals; then the rest."""
    rows = _timed_rows(by, days, found) if by in TIMED else _named_rows(by, days, found, names)
    for period in (NoPeriod.OVERDUE, NoPeriod.UNDATED):
        word, line = period.name.lower(), found.get(LineKey(period), ForecastLine())
        rows.append(ForecastRow(kind=word, label=word, key=None, first=None, last=None, line=line))
    return rows


def _timed_rows(by: Period, days: Calendar, found: Lines) -> list[ForecastRow]:
    return [
        ForecastRow(
            kind=str(by),
            label=span.label,
            key=span.label,
            first=span.first,
            last=span.last,
            line=found.get(LineKey(number), ForecastLine()),
        )
        for number, span in enumerate(days.spans)
    ]


def _named_rows(by: Period, days: Calendar, found: Lines, names: RowNames) -> list[ForecastRow]:
    named = [
        (names.get(row.key) or _name(row.key if by == Period.SEGMENT else None, by, row.key), line)
        for row, line in found.items()
        if row.period >= 0
    ]
    return [
        ForecastRow(
            kind=str(by),
            label=name.label,
            key=name.key,
            first=days.first,
            last=days.last,
            line=line,
        )
        for name, line in sorted(named, key=lambda item: item[0].order)
    ]


def _row_names(snapshot: Snapshot, by: Period, *, several: bool) -> RowNames:
    """Return the names of the rows that have one; a segment is its own.

    Where there are `several` pipelines, a stage is called by its pipeline as well.
    """
    if by in (Period.OWNER, Period.FRANCHISE):
        rows = snapshot.rows(User) if by == Period.OWNER else snapshot.rows(Franchise)
        return {row.id: _name(row.name, by, row.id) for row in rows}
    if by == Period.PIPELINE:
        return {
            key: RowName(process.pipeline.label, key, (number,))
            for number, (key, process) in enumerate(snapshot.processes.items())
        }
    return _stage_names(snapshot, several=several) if by == Period.STAGE else {}


def _stage_names(snapshot: Snapshot, *, several: bool) -> RowNames:
    several = several and len(snapshot.processes) > 1
    return {
        (key, stage.key): RowName(
            f"{process.pipeline.label}: {stage.label}" if several else stage.label,
            f"{key}/{stage.key}",
            (number, position),
        )
        for number, (key, process) in enumerate(snapshot.processes.items())
        for position, stage in enumerate(process.stages)
    }


def _name(name: Hashable, by: Period, key: Hashable) -> RowName:
    """Return the name of an owner, segment or franchise; those without one come last."""
    label = "" if name is None else str(name)
    reference = None if key is None else str(key)
    return RowName(label or f"no {by}", reference, (name is None, label, reference or ""))
