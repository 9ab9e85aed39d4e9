"""Finding deals as they were: the deals of the board of a time, as a list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import col

from crmctl.domain import times
from crmctl.domain.kinds import Entity, Status
from crmctl.errors import NotFound, UsageError
from crmctl.models.base import Values
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.tenants import Franchise, User
from crmctl.services.pipeline import rules
from crmctl.services.queries.closing_days import ClosingDays
from crmctl.services.queries.deal_totals import Selection, changed_since, unchanged_since
from crmctl.services.queries.filters import DealFilter
from crmctl.services.queries.paging import COUNTED, NOBODY, Page
from crmctl.services.queries.search import NamedDeal
from crmctl.services.queries.snapshot import Snapshot
from crmctl.services.records import external_ids, references
from crmctl.storage.dialects import in_order
from crmctl.storage.tables import table_of

#: What a list of the past can be sorted by: what deals themselves say.
_SORTS = {
    "number": "number",
    "amount": "amount",
    "close": "expected_close",
    "closed": "closed_at",
    "entered": "stage_entered_at",
    "created": "created_at",
}


@dataclass(frozen=True)
class _Condition:
    """One and the same condition on a row of the table and on a row as it was."""

    holds: ColumnElement[bool]
    fits: Callable[[Values], bool]


@dataclass(frozen=True)
class _Chosen:
    """Deals to find: what the board chooses by, and conditions beside it."""

    selection: Selection
    conditions: Sequence[_Condition]


def past_deals(
    snapshot: Snapshot, wanted: DealFilter, *, sort: str = "number", limit: int | None = None
) -> Page[NamedDeal]:
    """Return the deals that fitted `wanted` at the time of `snapshot`, in the order of `sort`.

    At most `limit` of them. Users, stages and names are those of that time.
    """
    _require_known(wanted)
    name, descending = _order(sort)
    found: list[Values] = []
    total = 0
    for chosen in _chosen(snapshot, wanted):
        deals = changed_since(snapshot, chosen.selection)
        changed = [deal for deal in deals if all(one.fits(deal) for one in chosen.conditions)]
        unchanged = _unchanged(snapshot, chosen, name, descending, limit)
        cut = limit is not None and len(unchanged) > limit
        total += len(changed) + (_count(snapshot, chosen) if cut else len(unchanged))
        found += changed + unchanged
    ordered = _sorted(found, name, descending)
    return Page(_named(snapshot, ordered[:limit]), total, len(ordered) > (limit or len(ordered)))


def _require_known(wanted: DealFilter) -> None:
    """Raise UsageError for what is only asked of deals as they are."""
    asked = {
        "--text": wanted.text,
        "--tag": wanted.tags,
        "--custom": wanted.custom,
        "--removed": wanted.removed,
    }
    if options := [name for name, value in asked.items() if value]:
        named = " and ".join(options)
        raise UsageError(f"{named} and --as-of: deals are found by that only as they are now")


def _order(sort: str) -> tuple[str, bool]:
    """Return the column to sort by, and whether it descends."""
    name = sort.removeprefix("-").replace("_", "-").lower()
    if name not in _SORTS:
        raise UsageError(f"cannot sort by {name!r} with --as-of (there is {', '.join(_SORTS)})")
    return _SORTS[name], sort.startswith("-")


def _chosen(snapshot: Snapshot, wanted: DealFilter) -> list[_Chosen]:
    """Return what to look for: open deals and closed ones are found each in their own way."""
    unowned = wanted.owner is not None and wanted.owner.strip().lower() == NOBODY
    user = snapshot.find_user(wanted.owner) if wanted.owner and not unowned else None
    process = rules.choose(snapshot.processes, wanted.pipeline) if wanted.pipeline else None
    everyone = Selection(
        pipeline=process.pipeline.key if process else None,
        owner=user.id if user else None,
        unowned=unowned,
        segment=wanted.segment.strip() if wanted.segment else None,
    )
    known = {process.pipeline.key: process} if process else snapshot.processes
    beside = list(_conditions(snapshot, wanted, known))
    found = []
    if wanted.status in ("all", Status.OPEN):
        opened = replace(everyone, status=Status.OPEN)
        found.append(_Chosen(opened, [*beside, *_expected(wanted)]))
    if wanted.status != Status.OPEN:
        status = None if wanted.status in ("all", "closed") else Status(wanted.status)
        found.append(
            _Chosen(replace(everyone, status=status, days=_days(snapshot, wanted)), beside)
        )
    return found


def _conditions(
    snapshot: Snapshot, wanted: DealFilter, known: dict[str, rules.SalesProcess]
) -> Sequence[_Condition]:
    found = []
    if wanted.stages:
        found.append(_in_stages(known, wanted.stages))
    if wanted.customer:
        customer = references.find_any(snapshot.session, Customer, wanted.customer).id
        found.append(_is("customer_id", customer))
    if wanted.currency:
        found.append(_is("currency", wanted.currency))
    found += _between("amount", wanted.min_amount, wanted.max_amount)
    return found


def _in_stages(known: dict[str, rules.SalesProcess], texts: Sequence[str]) -> _Condition:
    """Return the condition for the stages that were called `texts` in any pipeline `known`."""
    pairs: set[tuple[str, str]] = set()
    for text in texts:
        found, error = set(), None
        for key, process in known.items():
            try:
                found.add((key, process.find(text).key))
            except NotFound as missing:
                error = missing
        if error and not found:
            raise error
        pairs |= found
    return _Condition(
        or_(
            *(
                and_(col(Deal.pipeline) == key, col(Deal.stage) == stage)
                for key, stage in sorted(pairs)
            )
        ),
        lambda deal: (deal["pipeline"], deal["stage"]) in pairs,
    )


def _is(name: str, value: object) -> _Condition:
    return _Condition(col(getattr(Deal, name)) == value, lambda deal: deal[name] == value)


def _between(
    name: str, first: date | Decimal | None, last: date | Decimal | None
) -> list[_Condition]:
    """Return the conditions that a column has a value from `first` to `last`, both included."""
    column = col(getattr(Deal, name))
    found = []
    if first is not None:
        found.append(
            _Condition(column >= first, lambda deal: _has(deal, name) and deal[name] >= first)
        )
    if last is not None:
        found.append(
            _Condition(column <= last, lambda deal: _has(deal, name) and deal[name] <= last)
        )
    return found


def _has(deal: Values, name: str) -> bool:
    return deal[name] is not None


def _expected(wanted: DealFilter) -> list[_Condition]:
    return _between("expected_close", wanted.close_from, wanted.close_to)


def _days(snapshot: Snapshot, wanted: DealFilter) -> ClosingDays | None:
    if wanted.close_from is None and wanted.close_to is None:
        return None
    zone = times.zone(snapshot.company.timezone)
    return ClosingDays(wanted.close_from, wanted.close_to, zone)


def _unchanged(
    snapshot: Snapshot, chosen: _Chosen, name: str, descending: bool, limit: int | None
) -> list[Values]:
    """Return the deals that are as they were: the first ones, and one more than `limit`."""
    table = table_of(Deal)
    keys = in_order(snapshot.session, table.c[name])
    order = [(key.desc() if descending else key.asc()).nulls_last() for key in keys]
    query = unchanged_since(snapshot, chosen.selection, *table.c)
    query = query.where(*(one.holds for one in chosen.conditions)).order_by(*order, table.c.number)
    rows = snapshot.session.execute(query.limit(limit + 1) if limit else query)
    return [dict(row._mapping) for row in rows]


def _count(snapshot: Snapshot, chosen: _Chosen) -> int:
    """Return how many deals that are as they were fit, up to COUNTED and one."""
    query = unchanged_since(snapshot, chosen.selection, col(Deal.id))
    query = query.where(*(one.holds for one in chosen.conditions)).limit(COUNTED + 1)
    counted = select(func.count()).select_from(query.subquery())
    number: int = snapshot.session.execute(counted).scalar_one()
    return number


def _sorted(deals: Sequence[Values], name: str, descending: bool) -> list[Values]:
    """Return `deals` by a column; those without a value come last, and equal ones by number."""
    numbered = sorted(deals, key=lambda deal: deal["number"])
    valued = [deal for deal in numbered if _has(deal, name)]
    valued.sort(key=lambda deal: deal[name], reverse=descending)
    return [*valued, *(deal for deal in numbered if not _has(deal, name))]


def _named(snapshot: Snapshot, deals: Sequence[Values]) -> list[NamedDeal]:
    """Return `deals` with what they refer to as it was called; their external ids are today's."""
    names = {
        model: snapshot.fields(model, (deal[column] for deal in deals), fields)
        for model, column, fields in (
            (Customer, "customer_id", ("number", "name", "deleted_at")),
            (User, "owner_id", ("name",)),
            (Franchise, "franchise_id", ("name",)),
        )
    }
    labels, chances = rules.labels(snapshot.processes), rules.chances(snapshot.processes)
    external = external_ids.of(snapshot.session, Entity.DEAL, [deal["id"] for deal in deals])

    def named(deal: Values) -> NamedDeal:
        customer = names[Customer].get(deal["customer_id"], {})
        stage = (deal["pipeline"], deal["stage"])
        return NamedDeal(
            Deal(**deal),
            customer_number=customer.get("number"),
            customer=customer.get("name"),
            owner=names[User].get(deal["owner_id"], {}).get("name"),
            franchise=names[Franchise].get(deal["franchise_id"], {}).get("name"),
            stage=labels.get(stage),
            customer_removed=customer.get("deleted_at") is not None,
            stage_probability=chances.get(stage),
            external_ids=external.get(deal["id"], []),
        )

    return [named(deal) for deal in deals]
