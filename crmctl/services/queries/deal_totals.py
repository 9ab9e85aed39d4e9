"""Deals as they stand, or stood: chosen, counted and added up for the board and the forecast."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlmodel import col

from crmctl.domain import times
from crmctl.domain.forecast.calendar import Calendar, NoPeriod
from crmctl.domain.kinds import ForecastCategory, Period, Status
from crmctl.models.base import Values
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services.queries.closing_days import ClosingDays, closed_before, closing_day
from crmctl.services.queries.snapshot import Snapshot
from crmctl.storage.dialects import equals, exact_sum, summed
from crmctl.storage.scope import IS_CLOSED, IS_OPEN, in_company, same_company, sees, visible
from crmctl.storage.tables import Query, QueryColumn, table_of


@dataclass(slots=True, kw_only=True)
class ShownDeal:
    """What is read of each deal that is shown, as it stands or stood."""

    number: int
    title: str
    customer_id: UUID | None
    amount: Decimal | None
    currency: str
    owner_id: UUID | None
    stage: str
    probability: Decimal | None
    expected_close: date | None
    next_step: str | None
    stage_entered_at: datetime
    closed_at: datetime | None
    assumed: list[str] | None


_SHOWN = tuple(field.name for field in fields(ShownDeal))


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which deals: open ones, or those closed at the time `since` or later, or on the `days`.

    `owner` is a user's id. `unowned` chooses the deals of nobody. None narrows nothing.
    """

    status: Status | None = None
    since: datetime | None = None
    days: ClosingDays | None = None
    pipeline: str | None = None
    stage: str | None = None
    owner: UUID | None = None
    unowned: bool = False
    segment: str | None = None

    @property
    def open(self) -> bool:
        """Whether open deals are meant."""
        return self.status == Status.OPEN

    def includes(self, session: CrmSession, deal: Values) -> bool:
        """Return whether `deal`, with its customer's `segment`, is chosen: what _chosen says."""
        closed = deal["closed_at"]
        status = deal["status"] == self.status if self.status else closed is not None
        return (
            status
            and deal["deleted_at"] is None
            and sees(session, deal["franchise_id"])
            and (self.since is None or (closed is not None and closed >= self.since))
            and (self.days is None or self.days.include(deal))
            and (self.pipeline is None or deal["pipeline"] == self.pipeline)
            and (self.stage is None or deal["stage"] == self.stage)
            and (self.owner is None or deal["owner_id"] == self.owner)
            and not (self.unowned and deal["owner_id"])
            and (self.segment is None or _same_text(deal["segment"], self.segment))
        )


@dataclass(slots=True, kw_only=True)
class DealTotal:
    """Deals of one stage that are alike, and what they come to.

    `probability` and `category` are their own. `period` says where they are in a calendar. `key` is
    their owner, franchise or segment, where that is asked for. `priced` of them have an amount.
    """

    pipeline: str
    stage: str
    currency: str
    probability: Decimal | None
    category: ForecastCategory | None
    period: int
    key: UUID | str | None
    count: int
    priced: int
    amount: Decimal


#: The fields of a DealTotal but for the amount, in the order in which they are read.
_GROUPED = tuple(field.name for field in fields(DealTotal) if field.name != "amount")
_NULL: ColumnElement[None] = literal_column("NULL")
#: What a forecast can have rows for that deals do not carry in their stage.
KEYS = {Period.OWNER: "owner_id", Period.FRANCHISE: "franchise_id", Period.SEGMENT: "segment"}


def deal_totals(
    snapshot: Snapshot,
    chosen: Selection,
    calendar: Calendar | None = None,
    key: str | None = None,
) -> list[DealTotal]:
    """Return what the `chosen` deals come to, by stage, currency, probability and category.

    Also by their period of `calendar` and by `key`, one of KEYS, where these are given.
    """
    zone = times.zone(snapshot.company.timezone)
    found = [
        _sum_of(deal, _period(deal, calendar, zone), key)
        for deal in changed_since(snapshot, chosen, key)
    ]
    query = _grouped(snapshot, chosen, _period_column(chosen, calendar, zone), key)
    for row in snapshot.session.execute(query):
        *values, high, low = row
        grouped = dict(zip(_GROUPED, values, strict=True))
        found.append(DealTotal(**grouped, amount=summed(high, low)))
    return found


def top_deals(snapshot: Snapshot, chosen: Sequence[Selection], limit: int) -> list[list[ShownDeal]]:
    """Return the first `limit` deals of each of `chosen`, stages of one pipeline; 0 is all.

    Open ones by expected close, the soonest first; closed ones by their time, the latest first.
    """
    found: dict[str | None, list[ShownDeal]] = {selection.stage: [] for selection in chosen}
    for row in snapshot.session.execute(_top(snapshot, chosen, limit)) if chosen else ():
        deal = ShownDeal(**dict(zip(_SHOWN, row, strict=True)))
        found[deal.stage].append(deal)
    shown = []
    for selection in chosen:
        deals = found[selection.stage]
        for values in changed_since(snapshot, selection):
            deals.append(ShownDeal(**{name: values[name] for name in _SHOWN}))
        if selection.open:
            deals.sort(key=_by_expected_close)
        else:
            deals.sort(key=_by_time_closed, reverse=True)
        shown.append(deals[:limit] if limit else deals)
    return shown


def _top(snapshot: Snapshot, chosen: Sequence[Selection], limit: int) -> Query:
    """Return a query for the top deals; by their numbers, which the indexes alone tell."""
    number = col(Deal.number)
    parts = []
    for selection in chosen:
        query = unchanged_since(snapshot, selection, number)
        if limit:
            query = query.order_by(*_order(selection)).limit(limit)
        parts.append(select(query.subquery().c.number))
    return select(*(col(getattr(Deal, name)) for name in _SHOWN)).where(
        in_company(snapshot.session, Deal), number.in_(union_all(*parts))
    )


def _order(chosen: Selection) -> tuple[QueryColumn, QueryColumn]:
    number = col(Deal.number)
    if chosen.open:
        return col(Deal.expected_close).nulls_last(), number
    return col(Deal.closed_at).desc(), number.desc()


def _by_expected_close(deal: ShownDeal) -> tuple[date, int]:
    return deal.expected_close or date.max, deal.number


def _by_time_closed(deal: ShownDeal) -> tuple[datetime, int]:
    assert deal.closed_at is not None
    return deal.closed_at, deal.number


def changed_since(snapshot: Snapshot, chosen: Selection, key: str | None = None) -> list[Values]:
    """Return the chosen deals that changed since, as they were; none in the present.

    Those that were recorded since, but that imported history knows of, are among them. Where their
    customers' segments matter, so are deals whose customer changed.
    """
    if not snapshot.past:
        return []
    deals = [each for each in snapshot.touched(Deal).values() if each and snapshot.has_stage(each)]
    deals += snapshot.backfilled
    if _segmented(chosen, key):
        table = table_of(Deal)
        query = _plain(snapshot, chosen, *table.c).where(
            table.c.customer_id.in_(snapshot.keys(Customer))
        )
        deals += [dict(row._mapping) for row in snapshot.session.execute(query)]
        customers = snapshot.fields(Customer, (deal["customer_id"] for deal in deals), ["segment"])
    else:
        customers = {}
    with_segment = (
        {**deal, "segment": customers.get(deal["customer_id"], {}).get("segment")} for deal in deals
    )
    return [deal for deal in with_segment if chosen.includes(snapshot.session, deal)]


def _segmented(chosen: Selection, key: str | None) -> bool:
    return chosen.segment is not None or key == "segment"


def _same_text(value: str | None, text: str) -> bool:
    return value is not None and (value == text or value.lower() == text.lower())


def _plain(snapshot: Snapshot, chosen: Selection, *columns: QueryColumn) -> Query:
    """Return a query for `columns` of the chosen deals that did not change, whatever segment."""
    conditions = [*visible(snapshot.session, Deal), *_chosen(chosen)]
    return select(*columns).where(*conditions, *snapshot.untouched(Deal))


def _chosen(chosen: Selection) -> list[ColumnElement[bool]]:
    """Return what Selection.includes says as conditions, but for scope and segments."""
    conditions = [IS_OPEN if chosen.open else IS_CLOSED]
    if chosen.status and not chosen.open:
        conditions.append(col(Deal.status) == chosen.status)
    wanted = {
        "pipeline": chosen.pipeline,
        "stage": chosen.stage,
        "owner_id": chosen.owner,
    }
    conditions += [col(getattr(Deal, name)) == value for name, value in wanted.items() if value]
    if chosen.unowned:
        conditions.append(col(Deal.owner_id).is_(None))
    if chosen.since:
        conditions.append(col(Deal.closed_at) >= chosen.since)
    if chosen.days:
        conditions += chosen.days.conditions()
    return conditions


def unchanged_since(
    snapshot: Snapshot, chosen: Selection, *columns: QueryColumn, key: str | None = None
) -> Query:
    """Return a query for `columns` of the chosen deals, without those of changed_since.

    The deals of now are all of these.
    """
    query = _plain(snapshot, chosen, *columns)
    if not _segmented(chosen, key):
        return query
    same = and_(
        same_company(Customer, Deal),
        col(Customer.id) == col(Deal.customer_id),
    )
    query = query.outerjoin_from(Deal, Customer, same)
    if chosen.segment is not None:
        query = query.where(equals(snapshot.session, col(Customer.segment), chosen.segment))
    if snapshot.past:
        unchanged = col(Deal.customer_id).not_in(snapshot.keys(Customer))
        query = query.where(or_(col(Deal.customer_id).is_(None), unchanged))
    return query


def _grouped(
    snapshot: Snapshot, chosen: Selection, period: ColumnElement[int], key: str | None
) -> Query:
    """Return the query for the fields of _GROUPED and the two columns of the amount."""
    alike: list[QueryColumn] = [col(Deal.pipeline), col(Deal.stage), col(Deal.currency)]
    unread: list[QueryColumn] = []
    # Of closed deals neither matters any more, and the index that is read does not hold them.
    for name in ("probability", "forecast_category"):
        if chosen.open:
            alike.append(col(getattr(Deal, name)))
        else:
            unread.append(_NULL.label(name))
    # Grouped by name: PostgreSQL takes an expression with parameters for another one each time.
    named = [period.label("period"), *([_key_column(key).label("row_key")] if key else [])]
    unnamed = [] if key else [_NULL.label("row_key")]
    columns = [*alike, *unread, *named, *unnamed]
    counts = [
        func.count(),
        func.count(col(Deal.amount)),
        *exact_sum(snapshot.session, col(Deal.amount)),
    ]
    query = unchanged_since(snapshot, chosen, *columns, *counts, key=key)
    return query.group_by(*alike, *(column.name for column in named))


def _key_column(key: str) -> QueryColumn:
    """Return the column of `key`, one of KEYS."""
    return col(Customer.segment) if key == "segment" else col(getattr(Deal, key))


def _sum_of(deal: Values, period: int, key: str | None) -> DealTotal:
    amount = deal["amount"]
    return DealTotal(
        pipeline=deal["pipeline"],
        stage=deal["stage"],
        currency=deal["currency"],
        probability=deal["probability"],
        category=deal["forecast_category"],
        period=period,
        key=deal[key] if key else None,
        count=1,
        priced=int(amount is not None),
        amount=amount or Decimal(0),
    )


def _period(deal: Values, calendar: Calendar | None, zone: ZoneInfo) -> int:
    if calendar is None:
        return 0
    if deal["status"] == Status.OPEN:
        return calendar.period_of(deal["expected_close"])
    return calendar.period_closed(closing_day(deal, zone))


def _period_column(
    chosen: Selection, calendar: Calendar | None, zone: ZoneInfo
) -> ColumnElement[int]:
    """Return what _period says of a deal as a column; closed ones are all in the calendar."""
    if calendar is None:
        return literal_column("0")
    later = [(number, span.first) for number, span in enumerate(calendar.spans)][1:]
    last = _period_code(len(calendar.spans) - 1)
    if not chosen.open:
        ends = [(closed_before(day, zone), _period_code(n - 1)) for n, day in later]
        return case(*ends, else_=last) if ends else last
    expected = col(Deal.expected_close)
    return case(
        (expected.is_(None), _period_code(NoPeriod.UNDATED)),
        (expected < calendar.today, _period_code(NoPeriod.OVERDUE)),
        (expected < calendar.first, _period_code(NoPeriod.BEFORE)),
        *((expected < day, _period_code(number - 1)) for number, day in later),
        (expected <= calendar.last, last),
        else_=_period_code(NoPeriod.AFTER),
    )


def _period_code(period: int) -> ColumnElement[int]:
    return literal_column(str(int(period)))
