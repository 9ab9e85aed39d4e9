"""The ways in which a deal can be moved, each as its command does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from crmctl.domain import times
from crmctl.domain.importing.files.sources import read_table
from crmctl.domain.kinds import Entity, Status
from crmctl.errors import Refused
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services import imports
from crmctl.services.pipeline import moves, rules, stages
from crmctl.services.pipeline.moves import MoveOptions
from crmctl.services.records import editing
from crmctl.services.records.editing import Edit
from tests.services.company import START

DAY = timedelta(days=1)

Stop = tuple[str, str]
Way = Callable[[CrmSession, Deal, "Case"], None]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A deal with a past, the rules of the pipelines, and the move that it is to make.

    `rules` are those that differ from what is usual, of a pipeline or, by its key, of a stage.
    `at` is when it moves: a time, a day, or as a number the hours since it entered where it is.
    """

    past: tuple[Stop, ...]
    to: Stop
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    amount: int | None = None
    given_amount: int | None = None
    lost_reason: str | None = None
    hours: int | None = None
    whole_day: bool = False
    override: bool = False

    @property
    def time(self) -> datetime | None:
        """When the deal is said to move, if it is; of a day, the beginning."""
        if self.hours is None:
            return None
        entered = START + DAY * len(self.past)
        at = entered + timedelta(hours=self.hours)
        return times.start_of_day(at.date()) if self.whole_day else at

    @property
    def day(self) -> date | None:
        """The day on which it is said to move, where no time is said."""
        return self.time.date() if self.time and self.whole_day else None


def by_command(session: CrmSession, deal: Deal, case: Case) -> None:
    """Do as `deal move` does."""
    _set_amount(session, deal, case)
    moves.move(session, [deal], case.to[1], _options(session, case), pipeline=case.to[0])


def by_its_own_command(session: CrmSession, deal: Deal, case: Case) -> None:
    """Do as `deal win`, `lose` or `reopen` do, where one of them goes to that stage."""
    pipeline, key = case.to
    _set_amount(session, deal, case)
    process = rules.sales_processes(session)[deal.pipeline]
    to = rules.sales_processes(session)[pipeline].find(key)
    options = _options(session, case)
    if pipeline != deal.pipeline or (to.kind == deal.status):
        moves.move(session, [deal], key, options, pipeline=pipeline)
    elif to.kind == Status.OPEN:
        moves.reopen(session, [deal], options, to=key)
    elif process.of_kind(to.kind) is to:
        moves.close(session, [deal], to.kind, options)
    else:
        moves.move(session, [deal], key, options)


def _set_amount(session: CrmSession, deal: Deal, case: Case) -> None:
    if case.given_amount is not None:
        editing.apply(session, [deal], Edit(values={"amount": Decimal(case.given_amount)}))


def _options(session: CrmSession, case: Case) -> MoveOptions:
    return MoveOptions(
        at=case.time,
        day=case.day,
        reason=session.change.reason,
        lost_reason=case.lost_reason,
        override=case.override,
    )


def by_file(session: CrmSession, deal: Deal, case: Case) -> None:
    """Do as `import deals` does."""
    at = case.day or case.time
    cells = {
        "number": f"D{deal.number}",
        "pipeline": case.to[0],
        "stage": case.to[1],
        "lost reason": case.lost_reason or "",
        "stage entered at": at.isoformat() if at else "",
        "amount": "" if case.given_amount is None else str(case.given_amount),
    }
    file = BytesIO("\n".join([",".join(cells), ",".join(cells.values())]).encode())
    options = imports.ImportOptions(entity=Entity.DEAL, key="number", override=case.override)
    with read_table(file, "file.csv") as table:
        plan = imports.run(session, table, options)
    if plan.rejects:
        raise Refused("; ".join(problem.reason for problem in next(iter(plan.rejects)).problems))


def by_removal(session: CrmSession, deal: Deal, case: Case) -> None:
    """Do as `stage remove` does with the stage that the deal is in."""
    _set_amount(session, deal, case)
    known = rules.sales_processes(session)
    process, goal = known[deal.pipeline], known[case.to[0]].find(case.to[1])
    options = MoveOptions(lost_reason=case.lost_reason, override=case.override)
    stages.remove(session, process, process.find(deal.stage), goal, options)
