"""A made-up company at work: every command that its people gave, each as a change set."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import ChangeSet, CrmSession
from crmctl.models.tenants import User
from crmctl.services import changes, setup
from crmctl.services.demo import cast
from crmctl.services.demo.story import Event, tell
from crmctl.services.pipeline import deals, moves
from crmctl.services.records import customers
from crmctl.services.records.references import ref
from crmctl.services.tenancy import users


@dataclass
class Played:
    """What a demo left in its database."""

    company: str
    people: int
    customers: int
    deals: int
    since: datetime


def play(session: CrmSession, count: int, seed: int, now: datetime) -> Played:
    """Create the company and let its people bring `count` deals to where they are at `now`."""
    events = tell(count, seed, now)
    since = events[0].at
    stage = _Stage(session, since - timedelta(days=1))
    for event in events:
        stage.act(event)
    return Played(cast.COMPANY, len(cast.PEOPLE), len(stage.customers), len(stage.deals), since)


class _Stage:
    """The company while the events happen: what there is of it so far."""

    def __init__(self, session: CrmSession, at: datetime) -> None:
        self.session = session
        self.customers: dict[int, Customer] = {}
        self.deals: dict[int, Deal] = {}
        self.people = self._found(at)

    def _found(self, at: datetime) -> list[User]:
        """Create the company, its pipeline and its people, as its first one would."""
        chief, *others = cast.PEOPLE
        self._begin(
            at, chief, None, ["init", cast.COMPANY, "--user", chief, "--email", _email(chief)]
        )
        company = {"name": cast.COMPANY, "currency": cast.CURRENCY}
        setup.add_company(
            self.session, company, {"name": chief, "email": _email(chief)}, cast.PIPELINE
        )
        people = users.search(self.session)
        for name in others:
            words = ["user", "add", name, "--email", _email(name)]
            self._begin(at, chief, people[0], words)
            people.append(users.add(self.session, {"name": name, "email": _email(name)}))
        return people

    def _begin(
        self,
        at: datetime,
        name: str,
        user: User | None,
        words: list[str],
        reason: str | None = None,
    ) -> None:
        """Begin the change set of a command that was given `at` that time."""
        self.session.change = ChangeSet(
            at=at,
            actor=name,
            actor_id=user.id if user else None,
            command=shlex.join(["crmctl", *words]),
            reason=reason,
        )

    def act(self, event: Event) -> None:
        """Carry out `event` by the service that its command would call."""
        user = self.people[event.who]
        words = self._words(event)
        if event.reason:
            words += ["--reason", event.reason]
        self._begin(event.at, user.name, user, words, event.reason)
        if event.verb == "meet":
            self.customers[event.customer] = customers.add(self.session, event.values)
        elif event.verb == "add":
            self.deals[event.deal] = deals.create(self.session, self._new_deal(event))
        elif event.verb == "edit":
            changes.edit(self.session, [self.deals[event.deal]], event.values)
        else:
            options = moves.MoveOptions(
                reason=event.reason, lost_reason=event.values.get("lost_reason")
            )
            moves.move(self.session, [self.deals[event.deal]], event.stage, options)

    def _new_deal(self, event: Event) -> dict[str, Any]:
        values = {name: value for name, value in event.values.items() if name != "owner"}
        owner = event.values["owner"]
        values["owner_id"] = None if owner is None else self.people[owner].id
        return {**values, "customer_id": self.customers[event.customer].id}

    def _words(self, event: Event) -> list[str]:
        """Return what was typed."""
        values = dict(event.values)
        if event.verb == "meet":
            return ["customer", "add", values.pop("name"), *_options(values)]
        if event.verb == "add":
            title, owner = values.pop("title"), values.pop("owner")
            theirs = ["--customer", ref(self.customers[event.customer])]
            owned = [] if owner is None else ["--owner", cast.PEOPLE[owner]]
            if values["currency"] == cast.CURRENCY:
                del values["currency"]
            return ["deal", "add", title, *theirs, *owned, *_options(values)]
        name = ref(self.deals[event.deal])
        place = [event.stage] if event.verb == "move" else []
        emptied = ["--clear", "next-step"] if values.get("next_step", "") is None else []
        return ["deal", event.verb, name, *place, *_options(values), *emptied]


def _options(values: Mapping[str, Any]) -> list[str]:
    """Return `values` as the options of a command."""
    given = {name: value for name, value in values.items() if value is not None}
    return [
        word
        for name, value in given.items()
        for word in (f"--{name.replace('_', '-')}", _typed(value))
    ]


def _typed(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:.0%}" if value < 1 else f"{value:.0f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _email(name: str) -> str:
    return f"{name.split()[0].lower()}@quillbrook.example.com"
