"""Deals: added, one or many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from crmctl.domain import lost_reasons, money
from crmctl.domain.kinds import Entity, Status
from crmctl.errors import Refused, UsageError
from crmctl.models.base import Columns, Values, new_id
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.pipelines import Stage
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.pipeline import rules, stage_history
from crmctl.services.records import editing, numbers, record_values
from crmctl.services.records.editing import Edit
from crmctl.services.records.references import ref
from crmctl.storage.tables import defaults

if TYPE_CHECKING:
    from crmctl.domain.amounts import CurrencySign


@dataclass(frozen=True, kw_only=True)
class NewDeal:
    """A deal to add: valid `values` by column, and what else it has, as people write it.

    `owner` and `customer` are references, `custom` texts by key. Without a `stage`, it is where
    its pipeline starts; without a `pipeline`, in the first one; and since `at`, or now, where `day`
    is the whole day if no time is known. `override` passes the rules of the pipeline. A `sign`
    beside the amount means the company's currency.
    """

    values: Columns
    sign: "CurrencySign | None" = None
    owner: str | None = None
    customer: str | None = None
    tags: Sequence[str] = ()
    custom: Mapping[str, str] = field(default_factory=dict)
    external_ids: Sequence[str] = ()
    stage: str | None = None
    pipeline: str | None = None
    at: datetime | None = None
    day: date | None = None
    override: bool = False


def add(session: CrmSession, request: NewDeal) -> Deal:
    """Add a deal; raises Refused, before anything is written, where a rule is against it."""
    columns = record_values.initial(
        session,
        Deal,
        {**request.values, **_currency_meant(request.sign, session.currency)},
        owner=request.owner,
        customer=request.customer,
        tagged=request.tags,
        custom=request.custom,
    )
    if why := record_values.against_owner(session, columns, session.franchise_id):
        name = f"deal {columns['title']!r}"
        rules.enforce(session, name, why, override=request.override)
    deal = create(
        session,
        columns,
        stage=request.stage,
        pipeline=request.pipeline,
        at=request.at,
        day=request.day,
        override=request.override,
    )
    record_values.attach(session, deal, request.external_ids)
    return deal


def edit(
    session: CrmSession,
    rows: Sequence[Deal],
    wanted: Edit,
    *,
    override: bool = False,
    sign: "CurrencySign | None" = None,
) -> list[Deal]:
    """Carry out `wanted` on `rows`, which are locked; return those that it changed.

    A `sign` beside the amount means the currency of the deal or of the company, whichever it fits.
    Raises Refused where one would lose what its stage needs, unless `override` passes the rules.
    """
    known = rules.sales_processes(session)

    def check(planned: tuple[Deal, Values]) -> None:
        deal, values = planned
        stage = known[deal.pipeline].find(deal.stage)
        called = f"{ref(deal)}: " if len(rows) > 1 else ""
        values |= _currency_meant(sign, session.currency, deal.currency, called=called)
        if why := against_price(changes.loaded_values(deal), values):
            raise UsageError(f"{called}amount: {why}")
        broken = rules.against_emptying(stage, changes.loaded_values(deal), values)
        if why := record_values.against_owner(session, values, deal.franchise_id):
            broken.append(why)
        rules.enforce(session, ref(deal), "; ".join(broken), override=override)

    before = {deal.id: deal.lost_reason for deal in rows}
    changed = editing.apply(session, rows, wanted, check)
    if "lost_reason" in wanted.values:
        follow = {
            deal.id: (before[deal.id], deal.lost_reason) for deal in changed if deal.id in before
        }
        stage_history.follow_lost_reasons(session, follow)
    return changed


def _currency_meant(sign: "CurrencySign | None", *at_hand: str, called: str = "") -> Columns:
    """Return the currency that `sign` means by those `at_hand`, by column; nothing without one."""
    if sign is None:
        return {}
    try:
        return {"currency": sign.meant(*at_hand, way_out="say it by --currency")}
    except UsageError as error:
        raise UsageError(f"{called}{error}") from None


def _check_price(deal: Columns, new: Columns) -> None:
    """Raise UsageError if `deal` with `new` values has an amount that its currency has not."""
    if why := against_price(deal, new):
        raise UsageError(f"amount: {why}")


def against_price(deal: Columns, new: Columns) -> str | None:
    """Return why `deal` cannot have its amount in its currency after `new` are set; None if it can.

    What it has already, it keeps.
    """
    amount = new.get("amount", deal["amount"])
    currency = new.get("currency", deal["currency"])
    if amount is None or (amount == deal["amount"] and currency == deal["currency"]):
        return None
    return money.too_fine(amount, currency)


def create(
    session: CrmSession,
    values: Columns,
    *,
    stage: str | None = None,
    pipeline: str | None = None,
    at: datetime | None = None,
    day: date | None = None,
    override: bool = False,
) -> Deal:
    """Create a deal from valid `values` by column in `stage`, or where its pipeline starts."""
    process = rules.choose(rules.sales_processes(session), pipeline)
    entered = process.find(stage) if stage else process.first()
    since = rules.entry_time(session, at)
    on = {"stage_entered_on": day, "closed_on": None if entered.kind == Status.OPEN else day}
    deal = new(session, {"title": "", **on, **values}, entered, since)
    name = f"deal {deal['title']!r}"
    if conflict := lost_reasons.conflict(deal["lost_reason"], entered.key, entered.kind):
        raise Refused(f"{name}: {conflict}")
    _check_price({**deal, "amount": None}, {"amount": deal["amount"]})
    broken = rules.against_creation(process, entered, deal)
    rules.enforce(session, name, "; ".join(broken), override=override)
    # First, as whoever merges customers may wait for one who waits for a number.
    changes.keep_customers(session, Deal, [deal])
    deal["number"] = numbers.take(session, Entity.DEAL)
    return Deal(**insert_new(session, [deal])[0])


def new(
    session: CrmSession,
    values: Columns,
    stage: Stage,
    entered: datetime,
    number: int | None = None,
) -> Values:
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


def blank(session: CrmSession, stage: Stage) -> Values:
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


def insert_new(session: CrmSession, deals: Sequence[Columns]) -> list[Values]:
    """Insert deals such as `new` makes, each with the first row of its stage history.

    Returns all of their columns.
    """
    rows = changes.stamped(session, Deal, deals)
    reason = session.change.reason
    changes.insert_values(session, Deal, rows)
    changes.insert_values(
        session,
        StageEntry,
        [stage_history.entry(session, row, None, reason or row["lost_reason"]) for row in rows],
    )
    return rows
