"""What happened at the demo's company: a list of events, the same for the same seed and day."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from crmctl.domain import times
from crmctl.domain.kinds import Status
from crmctl.models.base import Values
from crmctl.services.demo import cast

OPEN_STAGES = ("lead", "qualified", "proposal", "negotiation")
#: How many days ago the oldest of the closed deals was closed.
_CLOSED_WITHIN = 240


@dataclass(frozen=True, kw_only=True)
class Event:
    """One command that someone gave: `who` of the cast did `verb` to a customer or deal.

    `deal` and `customer` are their indexes in the story. `stage` is where a move goes.
    """

    at: datetime
    verb: str
    who: int
    deal: int = -1
    customer: int = -1
    values: Values = field(default_factory=dict)
    stage: str = ""
    reason: str | None = None


@dataclass(frozen=True)
class DealPath:
    """The way of one deal: days ago at which it entered each stage, and where it ended."""

    steps: list[tuple[int, str]]
    status: Status


def tell(deals: int, seed: int, now: datetime) -> list[Event]:
    """Return the events that led to `deals` deals, in order, all before the day of `now`."""
    chance = Random(seed)
    paths = _paths(deals, chance)
    titles = chance.sample(cast.TITLES, len(cast.TITLES))
    today = times.start_of_day(now.date())
    events: list[Event] = []
    met: dict[int, datetime] = {}
    for number, path in enumerate(paths):
        customer = _customer(number, deals, chance)
        title = titles[number % len(titles)]
        for event in _deal(number, customer, title, path, today, chance):
            if event.verb == "add" and (customer not in met or event.at < met[customer]):
                met[customer] = event.at
            events.append(event)
    events += [_meeting(customer, at, chance) for customer, at in sorted(met.items())]
    # A customer is there before its first deal: of two events at one time, it goes first.
    return sorted(events, key=lambda event: (event.at, event.verb != "meet", event.deal))


def _customer(number: int, deals: int, chance: Random) -> int:
    """Return whose the deal is: everyone has one before someone has several."""
    some = min(len(cast.CUSTOMERS), max(1, deals // 2))
    return number if number < some else chance.randrange(some)


def _paths(deals: int, chance: Random) -> list[DealPath]:
    """Return the ways of all deals: three in eight are open, and of the others most are won."""
    opened = round(deals * 3 / 8)
    won = round((deals - opened) * 0.6)
    paths = [_open_path(number, chance) for number in range(opened)]
    paths += [
        _closed_path(number, deals - opened, Status.WON if number < won else Status.LOST, chance)
        for number in range(deals - opened)
    ]
    chance.shuffle(paths)
    return paths


def _open_path(number: int, chance: Random) -> DealPath:
    """Return the way of a deal that is open now, in each stage in turn; every fifth one rots."""
    here = number % len(OPEN_STAGES)
    stayed = chance.randint(36, 60) if number % 5 == 4 else chance.randint(1, 13)
    return DealPath(_way(stayed, list(OPEN_STAGES[: here + 1]), chance), Status.OPEN)


def _closed_path(number: int, count: int, status: Status, chance: Random) -> DealPath:
    """Return the way of a closed deal: more of them lately, as the company grows."""
    ago = 1 + int(_CLOSED_WITHIN * chance.random() ** 1.4)
    reached = len(OPEN_STAGES) if status == Status.WON else chance.randint(1, len(OPEN_STAGES))
    passed = list(OPEN_STAGES[:reached])
    if len(passed) > 2 and number % 6 == 0:
        del passed[1]
    if passed[-1] == "negotiation" and number % 9 == 0:
        passed += ["proposal", "negotiation"]
    return DealPath([*_way(ago + chance.randint(3, 16), passed, chance), (ago, status)], status)


def _way(last: int, stages: list[str], chance: Random) -> list[tuple[int, str]]:
    """Return how many days ago each of `stages` was entered, if the last one was `last` ago."""
    steps: list[tuple[int, str]] = []
    for stage in reversed(stages):
        steps.append((last, stage))
        last += chance.randint(3, 17)
    return steps[::-1]


def _deal(
    number: int, customer: int, title: str, path: DealPath, today: datetime, chance: Random
) -> Iterator[Event]:
    """Yield what happened to one deal."""
    _, _, segment, currency = cast.CUSTOMERS[customer]
    amount = _amount(segment, chance)
    owner = 1 + chance.randrange(len(cast.PEOPLE) - 1)
    closing = _closing(path, today, chance)
    at = _at_work(today, path.steps[0][0], chance)
    unclaimed = len(path.steps) == 1 and chance.random() < 0.35
    values: Values = {
        "title": title,
        "amount": amount,
        "currency": currency,
        "expected_close": closing,
        "next_step": _next_step("lead", path, 0, chance),
        "source": chance.choice(cast.SOURCES),
    }
    who = 0 if unclaimed else owner
    values["owner"] = None if unclaimed else owner
    yield Event(at=at, verb="add", who=who, deal=number, customer=customer, values=values)
    for step, (ago, stage) in enumerate(path.steps[1:], 1):
        at = max(_at_work(today, ago, chance), at + timedelta(minutes=25))
        yield _step(at, owner, number, stage, path.steps[step - 1][1], chance)
        edits = _edits(step, stage, path, values, today, chance)
        if edits:
            later = at + timedelta(minutes=7)
            yield Event(at=later, verb="edit", who=owner, deal=number, values=edits)


def _step(at: datetime, owner: int, number: int, stage: str, left: str, chance: Random) -> Event:
    if stage == Status.WON:
        return Event(at=at, verb="win", who=owner, deal=number, stage=stage)
    if stage == Status.LOST:
        lost = {"lost_reason": chance.choice(cast.LOST_REASONS)}
        return Event(at=at, verb="lose", who=owner, deal=number, values=lost, stage=stage)
    back = OPEN_STAGES.index(stage) < OPEN_STAGES.index(left)
    reason = chance.choice(cast.BACK_REASONS) if back else None
    return Event(at=at, verb="move", who=owner, deal=number, stage=stage, reason=reason)


def _edits(
    step: int, stage: str, path: DealPath, values: Values, today: datetime, chance: Random
) -> Values:
    """Return what was learnt on entering `stage`: a next step, another amount, a later close."""
    if stage not in OPEN_STAGES:
        return {}
    edits: Values = {"next_step": _next_step(stage, path, step, chance)}
    if stage == "proposal" and chance.random() < 0.4:
        lower = chance.choice((Decimal("0.8"), Decimal("0.9"), Decimal("1.2")))
        edits["amount"] = values["amount"] * lower
    if stage == "negotiation" and chance.random() < 0.25:
        edits["probability"] = chance.choice((Decimal("0.6"), Decimal("0.9")))
    close: date | None = values["expected_close"]
    if stage == "proposal" and close and close > today.date() and chance.random() < 0.3:
        edits["expected_close"] = close + timedelta(days=chance.randint(5, 20))
    return {name: value for name, value in edits.items() if value != values.get(name)}


def _next_step(stage: str, path: DealPath, step: int, chance: Random) -> str | None:
    """Return what to do next; some open deals have nothing planned, which the board marks."""
    if path.status == Status.OPEN and step == len(path.steps) - 1 and chance.random() < 0.25:
        return None
    return chance.choice(cast.NEXT_STEPS[stage])


def _closing(path: DealPath, today: datetime, chance: Random) -> date | None:
    """Return when the deal was expected to close: open ones also never said, or by now overdue."""
    if path.status != Status.OPEN:
        return today.date() - timedelta(days=path.steps[-1][0] + chance.randint(-12, 15))
    kind = chance.random()
    if kind < 0.12:
        return None
    if kind < 0.35 and path.steps[0][0] > 25:
        return today.date() - timedelta(days=chance.randint(2, 20))
    ahead = (len(OPEN_STAGES) - len(path.steps)) * 22
    return today.date() + timedelta(days=chance.randint(1, 40) + ahead)


def _amount(segment: str, chance: Random) -> Decimal:
    least, most, unit = cast.AMOUNTS[segment]
    return Decimal(round(chance.uniform(least, most) / unit) * unit)


def _at_work(today: datetime, ago: int, chance: Random) -> datetime:
    """Return a time within office hours so many days ago, before the weekend if on one."""
    day = today - timedelta(days=ago)
    day -= timedelta(days=max(0, day.weekday() - 4))
    hours = time(chance.randint(8, 16), chance.randrange(60))
    return datetime.combine(day.date(), hours, today.tzinfo)


def _meeting(customer: int, first_deal: datetime, chance: Random) -> Event:
    """Return the event of a customer coming in, shortly before its first deal."""
    name, domain, segment, currency = cast.CUSTOMERS[customer]
    contact = chance.choice(cast.CONTACTS).lower()
    values = {
        "name": name,
        "email": f"{contact}@{domain}.example.com",
        "segment": segment,
        "country": chance.choice(cast.COUNTRIES[currency]),
    }
    at = first_deal - timedelta(minutes=4)
    return Event(at=at, verb="meet", who=0, customer=customer, values=values)
