"""The forecast: what is won and what is expected, by period, owner, stage and more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crmctl.domain import times
from crmctl.domain.forecast.calendar import Calendar, NoPeriod, calendar
from crmctl.domain.forecast.lines import ForecastLine, LineKey, lines
from crmctl.domain.forecast.sums import DealGroup, chance
from crmctl.domain.kinds import Period, Status
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.tenants import Franchise, User
from crmctl.services.pipeline import rules
from crmctl.services.queries import deal_totals
from crmctl.services.queries.deal_totals import DealTotal, Selection
from crmctl.services.queries.snapshot import Snapshot

#: The periods that are stretches of time.
TIMED = (Period.MONTH, Period.QUARTER)


@dataclass(frozen=True)
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
    entries: list[ForecastRow]
    total: ForecastLine


@dataclass(frozen=True)
class Forecast:
    """A forecast as seen at the time `at`: a section a currency, and the deals not counted."""

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
    groups = _groups(snapshot, by, days, process.pipeline.key if process else None)
    found = lines(groups)
    name = _namer(snapshot, by, process is None)
    sections = [
        Section(code, _entries(by, days, found.by_currency.get(code, {}), name), total)
        for code, total in sorted(found.totals.items())
    ]
    if not sections:
        sections = [Section(company.currency, _entries(by, days, {}, name), ForecastLine())]
    return Forecast(
        snapshot.at, company.timezone, by, days, company.fiscal_month,
        process.pipeline if process else None,
        sections, found.omitted, found.before, found.after,
    )  # fmt: skip


def _groups(
    snapshot: Snapshot, by: Period, days: Calendar, pipeline: str | None
) -> list[DealGroup]:
    since, until = deal_totals.window(days, times.zone(snapshot.company.timezone))
    key = deal_totals.KEYS.get(by)
    open_ = Selection(status=Status.OPEN, pipeline=pipeline)
    won = Selection(status=Status.WON, pipeline=pipeline, since=since, until=until)
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


def _group(found: DealTotal, stage: Stage, by: Period) -> DealGroup:
    return DealGroup(
        found.currency,
        found.count,
        found.priced,
        found.amount,
        probability=chance(found.probability, stage.probability),
        category=found.category or stage.forecast_category,
        won=stage.kind == Status.WON,
        period=found.period,
        key=_key(found, by),
    )


def _key(found: DealTotal, by: Period) -> Any:
    if by == Period.PIPELINE:
        return found.pipeline
    if by == Period.STAGE:
        return found.pipeline, found.stage
    return found.key


#: What tells the name of a row's key: what sorts it, its label, and what programs call it.
Named = tuple[Any, str, str | None]


def _entries(
    by: Period, days: Calendar, found: dict[LineKey, ForecastLine], name: Callable[[Any], Named]
) -> list[ForecastRow]:
    """Return the rows of one currency in order: every period, or what has deals; then the rest."""
    if by in TIMED:
        entries = [
            ForecastRow(str(by), span.label, span.label, span.first, span.last,
                  found.get(LineKey(place), ForecastLine()))
            for place, span in enumerate(days.spans)
        ]  # fmt: skip
    else:
        named = [(name(row.key), line) for row, line in found.items() if row.period >= 0]
        entries = [
            ForecastRow(str(by), label, key, days.first, days.last, line)
            for (_, label, key), line in sorted(named, key=lambda item: item[0][0])
        ]
    for place in (NoPeriod.OVERDUE, NoPeriod.UNDATED):
        word = place.name.lower()
        entries.append(
            ForecastRow(word, word, None, None, None, found.get(LineKey(place), ForecastLine()))
        )
    return entries


def _namer(snapshot: Snapshot, by: Period, several: bool) -> Callable[[Any], Named]:
    """Return what names the keys of rows. `several` pipelines make a stage need its pipeline's."""
    processes = snapshot.processes
    if by in (Period.OWNER, Period.FRANCHISE):
        rows = snapshot.rows(User) if by == Period.OWNER else snapshot.rows(Franchise)
        names = {row.id: row.name for row in rows}
        return lambda id: _named(names.get(id), by, str(id) if id else None)
    if by == Period.SEGMENT:
        return lambda segment: _named(segment, by, segment)
    order = list(processes)
    if by == Period.PIPELINE:
        return lambda key: (order.index(key), processes[key].pipeline.label, key)

    def stage(place: tuple[str, str]) -> Named:
        process = processes[place[0]]
        found = process.stage(place[1])
        assert found is not None
        prefix = f"{process.pipeline.label}: " if several and len(processes) > 1 else ""
        position = order.index(place[0]), process.stages.index(found)
        return position, prefix + found.label, f"{place[0]}/{place[1]}"

    return stage


def _named(name: str | None, by: Period, key: str | None) -> Named:
    """Return the name of an owner, segment or franchise; those without one come last."""
    return (name is None, name or "", key or ""), name or f"no {by}", key
