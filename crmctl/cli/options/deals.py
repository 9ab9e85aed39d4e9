"""Options of commands on deals, and how what was typed becomes a request."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from crmctl.cli.completion import complete_deal_or_stage, complete_stage
from crmctl.cli.options import common

if TYPE_CHECKING:
    from crmctl.models.session import CrmSession
    from crmctl.services.pipeline.moves import MoveOptions


class Which(StrEnum):
    """Which deals a list is of."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"
    ALL = "all"


Title = Annotated[str, typer.Argument(metavar="TITLE", help="what it is about")]
NewTitle = Annotated[str | None, typer.Option("--title", metavar="TITLE", help="what it is about")]
NewCurrency = Annotated[str | None, typer.Option("--currency", metavar="CODE", help="ISO 4217")]
DealsToMove = Annotated[
    list[str],
    typer.Argument(
        metavar="DEAL",
        help="one or more deals, or - to read them from stdin",
        autocompletion=complete_deal_or_stage,
    ),
]
IfStage = Annotated[
    str | None,
    typer.Option(
        "--if-stage", metavar="STAGE", help="only if it is still in this stage; else exit code 5"
    ),
]
ToPipeline = Annotated[
    str | None,
    typer.Option(
        "--pipeline", metavar="PIPELINE", help="to a stage of this pipeline, if not of its own"
    ),
]
ReopenTo = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="STAGE",
        help="the stage to go to; the one it was closed from if not given",
        autocompletion=complete_stage,
    ),
]
StageFilter = Annotated[
    list[str] | None,
    typer.Option(
        "--stage",
        metavar="STAGE",
        help="in this stage; may be repeated",
        autocompletion=complete_stage,
    ),
]
StatusFilter = Annotated[
    Which | None, typer.Option("--status", help="open ones, if neither this nor a stage is given")
]
CurrencyFilter = Annotated[
    str | None, typer.Option("--currency", metavar="CODE", help="in this currency")
]
MinAmount = Annotated[
    str | None, typer.Option("--min-amount", metavar="AMOUNT", help="at least this")
]
MaxAmount = Annotated[
    str | None, typer.Option("--max-amount", metavar="AMOUNT", help="at most this")
]
CloseFrom = Annotated[
    str | None,
    typer.Option("--close-from", metavar="DAY", help="to close, or closed, on it or later"),
]
CloseTo = Annotated[
    str | None,
    typer.Option("--close-to", metavar="DAY", help="to close, or closed, on it or before"),
]
TextFilter = Annotated[
    str | None,
    typer.Option("--text", metavar="TEXT", help="in title, customer, next step, lost reason"),
]
Sort = Annotated[
    str,
    typer.Option(
        "--sort",
        metavar="FIELD",
        help="number, title, customer, owner, amount, stage, status, probability, close,"
        " closed, entered, created or updated; -FIELD goes down",
    ),
]
ByField = Annotated[
    bool, typer.Option("--fields", help="every change of a field instead of the stages")
]


def values(
    session: "CrmSession",
    *,
    amount: str | None,
    currency: str | None,
    expected_close: str | None,
    **plain: str | None,
) -> "common.Price":
    """Return the options that were given, read and checked, by column.

    Beside them stands the sign of an amount that only the deal says the currency of.
    """
    from crmctl.models.inputs import DealUpdate, validated

    given = common.given(expected_close=common.day(expected_close, session), **plain)
    price, sign = common.price(amount, currency, session.currency)
    return validated(DealUpdate, given | price), sign


@dataclass(frozen=True, kw_only=True)
class MoveArguments:
    """What was typed of how to move deals."""

    reason: str | None
    at: str | None
    override: bool
    keep_going: bool
    dry_run: bool
    lost_reason: str | None = None
    if_stage: str | None = None

    def options(self, zone: str) -> "MoveOptions":
        """Return what they mean in the company's `zone`."""
        from crmctl.services.pipeline.moves import MoveOptions

        return MoveOptions(
            at=common.moment(self.at, zone),
            day=common.whole_day(self.at, zone),
            reason=self.reason,
            lost_reason=self.lost_reason,
            if_stage=self.if_stage,
            override=self.override,
            keep_going=self.keep_going,
        )
