"""Options that set or choose by the fields of customers and deals."""

from typing import Annotated

import typer

from crmctl.cli.completion import complete_customer, complete_stage, complete_user
from crmctl.domain.kinds import ForecastCategory

Amount = Annotated[
    str | None, typer.Option("--amount", metavar="AMOUNT", help="such as 1200.50, 12k or $1.5m")
]
Currency = Annotated[
    str | None,
    typer.Option("--currency", metavar="CODE", help="ISO 4217; the company's if not given"),
]
Customer = Annotated[
    str | None,
    typer.Option(
        "--customer",
        metavar="CUSTOMER",
        help="C17, a name or an e-mail",
        autocompletion=complete_customer,
    ),
]
Owner = Annotated[
    str | None,
    typer.Option(
        "--owner",
        metavar="USER",
        help="name or e-mail of a user",
        autocompletion=complete_user,
    ),
]
OwnerFilter = Annotated[
    str | None,
    typer.Option(
        "--owner",
        metavar="USER",
        help="of this user; none is nobody's",
        autocompletion=complete_user,
    ),
]
Stage = Annotated[
    str | None,
    typer.Option(
        "--stage",
        metavar="STAGE",
        help="where it starts; the first stage if not given",
        autocompletion=complete_stage,
    ),
]
Probability = Annotated[
    str | None,
    typer.Option("--probability", metavar="PERCENT", help="such as 60%; its stage's if not given"),
]
Category = Annotated[
    ForecastCategory | None,
    typer.Option("--forecast-category", help="its stage's if not given"),
]
Close = Annotated[
    str | None,
    typer.Option(
        "--expected-close",
        "--close",
        metavar="DAY",
        help="2026-03-31, 31 Mar 2026, +2w, Q1 2027",
    ),
]
NextStep = Annotated[str | None, typer.Option("--next-step", metavar="TEXT", help="what to do")]
Source = Annotated[str | None, typer.Option("--source", metavar="TEXT", help="where it came from")]
Tags = Annotated[
    list[str] | None, typer.Option("--tag", metavar="TAG", help="a tag; may be repeated")
]
Untag = Annotated[
    list[str] | None, typer.Option("--untag", metavar="TAG", help="take a tag; may be repeated")
]
TagFilter = Annotated[
    list[str] | None, typer.Option("--tag", metavar="TAG", help="with this tag; may be repeated")
]
ExternalIds = Annotated[
    list[str] | None,
    typer.Option(
        "--external-id", metavar="[SOURCE:]ID", help="what another system calls it; repeatable"
    ),
]
Custom = Annotated[
    list[str] | None,
    typer.Option("--custom", metavar="KEY=VALUE", help="a custom field; may be repeated"),
]
CustomFilter = Annotated[
    list[str] | None,
    typer.Option("--custom", metavar="KEY=VALUE", help="with this in a custom field; repeatable"),
]
Clear = Annotated[
    list[str] | None,
    typer.Option("--clear", metavar="FIELD", help="empty a field; may be repeated"),
]
Removed = Annotated[bool, typer.Option("--removed", help="those that were removed")]
Segment = Annotated[str | None, typer.Option("--segment", metavar="TEXT", help="market segment")]
SegmentFilter = Annotated[
    str | None, typer.Option("--segment", metavar="TEXT", help="of customers in this segment")
]
Organisation = Annotated[
    str | None, typer.Option("--organisation", metavar="TEXT", help="where they work")
]
Email = Annotated[str | None, typer.Option("--email", metavar="ADDRESS", help="e-mail address")]
Phone = Annotated[str | None, typer.Option("--phone", metavar="NUMBER", help="phone number")]
Website = Annotated[str | None, typer.Option("--website", metavar="URL", help="website")]
Country = Annotated[str | None, typer.Option("--country", metavar="TEXT", help="country")]
Score = Annotated[str | None, typer.Option("--score", metavar="N", help="lead score")]
Lifecycle = Annotated[
    str | None, typer.Option("--lifecycle", metavar="TEXT", help="such as lead or customer")
]
