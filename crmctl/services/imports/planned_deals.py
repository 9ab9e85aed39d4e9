"""A row of deals on its way: its deal, the stage of that, and what is written because of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crmctl.domain import lost_reasons
from crmctl.domain.importing.cells.values import When
from crmctl.domain.kinds import Status
from crmctl.models.base import Columns
from crmctl.services.imports.decisions import Decision, MatchedRow
from crmctl.services.imports.matching.stored_rows import DealRow
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.imports.stage_times import StageTimes, said_by_history
from crmctl.services.pipeline import closing, deals, rules
from crmctl.services.pipeline.rules import StageRef

#: The times of a row that says none.
_NO_TIMES = StageTimes()
#: What a deal has by columns that are called otherwise.
_REQUIRED = {
    "customer_email": "customer",
    "customer_domain": "customer",
    "customer_external_id": "customer",
    "customer_crmctl_id": "customer",
    "contact": "customer",
    "owner_email": "owner",
    "close_date": "expected_close",
}
#: What stands for a value that a row says and that cannot be read.
_UNREAD = "?"


@dataclass(slots=True, kw_only=True)
class PlannedDeal(MatchedRow[DealRow]):
    """A row with its deal and the stage of that, None where it is left as it is.

    One that `stays` leaves its deal's stage and times alone. `corrected` are the times that it
    corrects of a deal that does not move, by column; with `against_history` it says other ones than
    the history, which stays. `status_known` says that `status` is what the deal is afterwards,
    which may be in doubt where the row is refused. With `states_stage`, it says the stage of its
    deal, which was assumed until then.
    """

    stage: StageRef | None = None
    times: StageTimes = _NO_TIMES
    stays: bool = False
    status_known: bool = True
    corrected: Mapping[str, When] = field(default_factory=dict)
    against_history: bool = False
    moves: bool = field(init=False)
    states_stage: bool = field(init=False)
    status: Status = field(init=False)

    def __post_init__(self) -> None:
        """Find out whether the row has its deal enter another stage, and what it is after that."""
        deal = self.record
        self.moves = self.states_stage = False
        if self.stage is None:
            self.status = deal.status if deal else Status.OPEN
            return
        self.status = self.stage.kind
        if deal and not self.stays:
            there = (self.stage.key, self.stage.process.key)
            self.moves = (deal.stage, deal.pipeline) != there
            self.states_stage = closing.stage_is_assumed(deal.assumed)

    @property
    def entered(self) -> When | None:
        """When the row says that its deal enters another stage: a deal is closed when it does."""
        if self.record and self.stage and self.record.status == self.stage.kind:
            return self.times.entered
        return self.times.closed or self.times.entered

    @property
    def enters_early(self) -> bool:
        """Whether that is before the deal entered the stage that it leaves."""
        deal, entered = self.record, self.entered
        if deal is None or entered is None or self.states_stage or not self.moves:
            return False
        return entered.at < deal.stage_entered_at

    @property
    def needs_history(self) -> bool:
        """Whether the move of the deal changes what its history has."""
        return self.enters_early or (self.states_stage and self.moves)

    def correct(self, found: Mapping[str, When]) -> None:
        """Correct the times `found`, unless the history of the deal says since when it is so."""
        self.against_history = bool(found and self.record and said_by_history(self.record))
        self.corrected = {} if self.against_history else found


@dataclass(slots=True, kw_only=True)
class DealDecision(Decision[DealRow]):
    """What is written because of a row of deals; `left_stage` is the stage that one leaves, if any.

    `move_reason` is why it does.
    """

    left_stage: str | None = None
    move_reason: str | None = None


def assumes_stage(row: ParsedRow) -> bool:
    """Return whether `row`, which crmctl wrote, has a stage for its deal that nobody said."""
    return closing.stage_is_assumed(row.values.get("assumed"))


def with_unread(row: ParsedRow, deal: Columns) -> Columns:
    """Return `deal` with something in place of what `row` is refused for: no rule misses that."""
    if not row.refused:
        return deal
    names = [_REQUIRED.get(name, name) for name in row.refused]
    columns = (rules.REQUIRABLE[name] for name in names if name in rules.REQUIRABLE)
    keys = (name.removeprefix(rules.CUSTOM) for name in names if name.startswith(rules.CUSTOM))
    custom = {**deal["custom"], **dict.fromkeys(keys, _UNREAD)}
    return {**deal, **dict.fromkeys(columns, _UNREAD), "custom": custom}


def takes_lost_reason(planned: PlannedDeal) -> bool:
    """Return whether a deal takes the lost reason of its row; one that is not lost refuses it.

    One that stays has nothing there to fill where it is not lost.
    """
    row, deal, ref = planned.row, planned.record, planned.stage
    given = row.values["lost_reason"]
    if deal and planned.stays:
        return lost_reasons.allowed(deal.status)
    conflict = None
    if ref:
        conflict = lost_reasons.conflict(given, ref.stage.key, ref.stage.kind)
    elif deal and planned.status_known:
        conflict = lost_reasons.conflict(given, deal.stage, deal.status)
    if conflict:
        row.refuse("lost_reason", conflict)
    return conflict is None


def refuse_price(row: ParsedRow, deal: Columns, new: Columns) -> None:
    """Refuse a row that says an amount which there is not in the currency of its deal."""
    readable = not row.refused or {"amount", "currency"}.isdisjoint(row.refused)
    if readable and (why := deals.against_price(deal, new)):
        row.refuse("amount", why)
