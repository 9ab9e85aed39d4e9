"""The board: the open stages of a pipeline, and what was lately won and lost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from crmctl.domain import times
from crmctl.domain.forecast.sums import DealGroup, Total, chance, totals, weighted
from crmctl.domain.kinds import Status
from crmctl.models.base import Columns
from crmctl.models.customers import Customer
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.tenants import User
from crmctl.services.pipeline import closing
from crmctl.services.queries import deal_totals
from crmctl.services.queries.deal_totals import Selection, ShownDeal
from crmctl.services.queries.snapshot import Snapshot

#: How long a closed deal stays on the board, in days.
CLOSED_DAYS = 30
#: Stands for the owner of deals that nobody owns.
NOBODY = "none"
_KINDS = (Status.OPEN, Status.WON, Status.LOST)


@dataclass(frozen=True, kw_only=True)
class Card:
    """A deal on the board.

    `probability` is its own, `effective_probability` that or its stage's; None is not known. What
    is `assumed` are its stage, or when it was closed.
    """

    number: int
    title: str
    customer: str | None
    customer_removed: bool
    amount: Decimal | None
    currency: str
    owner: str | None
    probability: Decimal | None
    effective_probability: Decimal | None
    expected_close: date | None
    next_step: str | None
    entered: datetime
    closed: datetime | None
    age: timedelta
    rotting: bool
    overdue: bool
    no_next_step: bool
    assumed: Sequence[str] = ()

    @property
    def weighted_amount(self) -> Decimal | None:
        """The amount times the probability, unrounded, where both are known."""
        return weighted(self.amount, self.effective_probability)


@dataclass(frozen=True, kw_only=True)
class BoardColumn:
    """A stage with what its deals come to, and the first of them."""

    stage: Stage
    totals: dict[str, Total]
    cards: list[Card]
    limited: bool

    @property
    def count(self) -> int:
        """How many deals are in it."""
        return sum(total.deals for total in self.totals.values())

    @property
    def more(self) -> int:
        """How many of them have no card."""
        return self.count - len(self.cards)

    @property
    def limit(self) -> int | None:
        """The WIP limit, where it can be compared with the count: where no deal is left out."""
        return self.stage.wip_limit if self.limited else None

    @property
    def over(self) -> bool:
        """Whether there are more deals than the stage should hold."""
        return self.limit is not None and self.count > self.limit


@dataclass(frozen=True, kw_only=True)
class Board:
    """A pipeline at the time `at`, in the company's time zone."""

    pipeline: Pipeline
    main: bool
    at: datetime
    zone: str
    currency: str
    columns: list[BoardColumn]
    owner: str | None = None
    segment: str | None = None


def board(
    snapshot: Snapshot,
    pipeline: str | None = None,
    *,
    owner: str | None = None,
    segment: str | None = None,
    cards: int = 0,
) -> Board:
    """Return the board of a pipeline, narrowed to an owner and a segment of customers.

    Each column has its first `cards` deals, or all of them for 0.
    """
    from crmctl.services.pipeline import rules

    process = rules.choose(snapshot.processes, pipeline)
    unowned = owner is not None and owner.strip().lower() == NOBODY
    user = snapshot.find_user(owner) if owner and not unowned else None
    whose = Selection(
        pipeline=process.pipeline.key,
        owner=user.id if user else None,
        unowned=unowned,
        segment=segment.strip() if segment is not None else None,
    )
    whole = not (owner or segment or snapshot.session.franchise_id)
    return Board(
        pipeline=process.pipeline,
        main=process is next(iter(snapshot.processes.values())),
        at=snapshot.at,
        zone=snapshot.company.timezone,
        currency=snapshot.company.currency,
        columns=_columns(snapshot, process.stages, whose, cards, whole),
        owner=user.name if user else owner and NOBODY,
        segment=whose.segment,
    )


def _columns(
    snapshot: Snapshot, stages: Iterable[Stage], whose: Selection, cards: int, whole: bool
) -> list[BoardColumn]:
    ordered = sorted(stages, key=lambda stage: _KINDS.index(stage.kind))
    opened = replace(whose, status=Status.OPEN)
    closed = replace(whose, since=snapshot.at - timedelta(days=CLOSED_DAYS))
    sums = deal_totals.deal_totals(snapshot, opened) + deal_totals.deal_totals(snapshot, closed)
    chosen = [
        replace(opened if stage.kind == Status.OPEN else closed, stage=stage.key)
        for stage in ordered
    ]
    deals = deal_totals.top_deals(snapshot, chosen, cards)
    shown_deals = [deal for shown in deals for deal in shown]
    customers = snapshot.fields(
        Customer, (deal.customer_id for deal in shown_deals), ["name", "deleted_at"]
    )
    owners = snapshot.fields(User, (deal.owner_id for deal in shown_deals), ["name"])
    return [
        BoardColumn(
            stage=stage,
            totals=totals(_group(found, stage) for found in sums if found.stage == stage.key),
            cards=[_card(snapshot, stage, deal, customers, owners) for deal in shown],
            limited=whole,
        )
        for stage, shown in zip(ordered, deals, strict=True)
    ]


def _group(found: deal_totals.DealTotal, stage: Stage) -> DealGroup:
    return DealGroup(
        currency=found.currency,
        count=found.count,
        priced=found.priced,
        amount=found.amount,
        probability=chance(found.probability, stage.probability),
    )


def _card(
    snapshot: Snapshot,
    stage: Stage,
    deal: ShownDeal,
    customers: Mapping[UUID, Columns],
    owners: Mapping[UUID, Columns],
) -> Card:
    age = max(snapshot.at - deal.stage_entered_at, timedelta())
    today = snapshot.at.astimezone(times.zone(snapshot.company.timezone)).date()
    open_ = stage.kind == Status.OPEN
    customer = customers.get(deal.customer_id, {}) if deal.customer_id else {}
    owner = owners.get(deal.owner_id, {}) if deal.owner_id else {}
    expected, days = deal.expected_close, stage.rotting_days
    return Card(
        number=deal.number,
        title=deal.title,
        customer=customer.get("name"),
        customer_removed=customer.get("deleted_at") is not None,
        amount=deal.amount,
        currency=deal.currency,
        owner=owner.get("name"),
        probability=deal.probability,
        effective_probability=chance(deal.probability, stage.probability) if open_ else None,
        expected_close=expected,
        next_step=deal.next_step,
        entered=deal.stage_entered_at,
        closed=deal.closed_at,
        age=age,
        rotting=open_ and days is not None and age > timedelta(days=days),
        overdue=open_ and expected is not None and expected < today,
        no_next_step=open_ and not deal.next_step,
        assumed=closing.shown(deal.assumed),
    )
