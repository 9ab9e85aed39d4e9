"""Parameters that several commands share, and how their text becomes values."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmctl.cli import invocation, output
from crmctl.cli.completion import (
    complete_closed_deal,
    complete_customer,
    complete_deal,
    complete_pipeline,
    complete_removed_customer,
    complete_removed_deal,
    complete_stage,
    complete_template,
)
from crmctl.domain import money, times
from crmctl.domain.secrets import without_secrets
from crmctl.errors import UsageError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from crmctl.domain.amounts import CurrencySign
    from crmctl.domain.periods import DaySpan
    from crmctl.models.session import CrmSession

    #: Values by column, and the sign of an amount whose currency they do not say.
    Price = tuple[dict[str, Any], CurrencySign | None]

DealRef = Annotated[
    str,
    typer.Argument(
        metavar="DEAL", help="D42, 42, an external id or a title", autocompletion=complete_deal
    ),
]
DealRefs = Annotated[
    list[str],
    typer.Argument(
        metavar="DEAL",
        help="one or more deals, or - to read them from stdin",
        autocompletion=complete_deal,
    ),
]
ClosedDealRefs = Annotated[
    list[str],
    typer.Argument(
        metavar="DEAL",
        help="one or more deals, or - to read them from stdin",
        autocompletion=complete_closed_deal,
    ),
]
RemovedDealRefs = Annotated[
    list[str],
    typer.Argument(
        metavar="DEAL",
        help="one or more deals, or - to read them from stdin",
        autocompletion=complete_removed_deal,
    ),
]
CustomerRef = Annotated[
    str,
    typer.Argument(
        metavar="CUSTOMER",
        help="C17, 17, an external id, a name or an e-mail",
        autocompletion=complete_customer,
    ),
]
CustomerRefs = Annotated[
    list[str],
    typer.Argument(
        metavar="CUSTOMER",
        help="one or more customers, or - to read them from stdin",
        autocompletion=complete_customer,
    ),
]
RemovedCustomerRefs = Annotated[
    list[str],
    typer.Argument(
        metavar="CUSTOMER",
        help="one or more customers, or - to read them from stdin",
        autocompletion=complete_removed_customer,
    ),
]
StageName = Annotated[
    str,
    typer.Argument(metavar="STAGE", help="key or label of a stage", autocompletion=complete_stage),
]
PipelineOption = Annotated[
    str | None,
    typer.Option(
        "--pipeline",
        metavar="PIPELINE",
        help="key or label of a pipeline",
        autocompletion=complete_pipeline,
    ),
]
Template = Annotated[
    str,
    typer.Option(
        "--template",
        metavar="NAME",
        help="see crmctl pipeline templates",
        autocompletion=complete_template,
    ),
]
#: The longest reason that stage history holds.
_LONGEST_REASON = 500


def _reason(value: str | None) -> str | None:
    """Return a reason without spaces and passwords; one that is too long is refused, not cut."""
    text = without_secrets((value or "").strip())
    if len(text) > _LONGEST_REASON:
        raise UsageError(
            f"a reason is kept up to {_LONGEST_REASON} characters, this one has {len(text)}"
        )
    return text or None


Reason = Annotated[
    str | None,
    typer.Option("--reason", metavar="TEXT", help="why; kept in the log", callback=_reason),
]
LostReason = Annotated[
    str | None,
    typer.Option("--lost-reason", metavar="TEXT", help="why the deal was lost", callback=_reason),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="TIME", help="when it happened, such as 2026-03-01 or 3d; now if not given"
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="TIME", help="as it was then, such as 2026-03-01 (its end) or 2w"
    ),
]
AsRecorded = Annotated[
    bool,
    typer.Option(
        "--as-recorded", help="with --as-of: as it was shown then, without what was entered later"
    ),
]
Override = Annotated[
    bool,
    typer.Option(
        "--override",
        help="pass the rules of the pipeline; needs --reason, and is logged",
        callback=invocation.keep_override,
    ),
]
KeepGoing = Annotated[
    bool, typer.Option("--keep-going", help="do what can be done, and list the rest")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="show what would be done, and write nothing")
]
Force = Annotated[bool, typer.Option("--force", help="replace a file that is there")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="do not ask")]
Limit = Annotated[int, typer.Option("--limit", min=1, metavar="N", help="at most so many rows")]
Rows = Annotated[
    int, typer.Option("--limit", min=0, metavar="N", help="at most so many rows; 0 is all of them")
]
After = Annotated[str | None, typer.Option("--after", metavar="REF", help="go on behind this row")]


def moment(text: str | None, zone: str = "UTC", *, ahead: bool | None = False) -> datetime | None:
    """Return the time that an option names, in the company's `zone`; None if it was not given.

    A day of the week alone is one `ahead` or one that was; None says that it may be either.
    """
    from crmctl.domain import dates
    from crmctl.domain.day_words import Toward

    toward = None if ahead is None else Toward.AHEAD if ahead else Toward.BACK
    if text is None:
        return None
    tz = times.zone(zone)
    found = dates.read(text, now=invocation.now(), tz=tz, toward=toward)
    at = times.in_utc(found, tz) if isinstance(found, datetime) else None
    _say_understood(text, at or found, tz)
    return at or times.start_of_day(found, tz)


def _say_understood(text: str, found: date, tz: "ZoneInfo") -> None:
    """Say which day or time was `found` for a `text` that is not written as one."""
    understood = times.said(found, tz) if isinstance(found, datetime) else f"{found}"
    if not text.strip()[:4].isdecimal() and text.strip().lower() != "now":
        output.note(f"{text.strip()} is {understood}")


def whole_day(text: str | None, zone: str) -> date | None:
    """Return the day that an option for a past time names, if it names no time of it."""
    if text is None:
        return None
    from crmctl.domain import dates
    from crmctl.domain.day_words import Toward

    zoned = times.zone(zone)
    found = dates.read(text, now=invocation.now(), tz=zoned, toward=Toward.BACK)
    return None if isinstance(found, datetime) else found


def as_of(text: str | None, session: "CrmSession", *, recorded: bool = False) -> datetime | None:
    """Return the time that --as-of names: the end of a day or a period, or the time itself.

    None stands for now. Of today that is now; a day to come is not passed over. What was
    `recorded` then is asked of a time alone.
    """
    if text is None:
        if recorded:
            raise UsageError("--as-recorded is about a time: say --as-of TIME, or leave it out")
        return None
    from crmctl.domain import dates, periods
    from crmctl.domain.day_words import Toward

    now, tz = invocation.now(), times.zone(session.timezone)
    period = periods.read(text, session.fiscal_month, now.astimezone(tz).date())
    found = period.last if period else dates.read(text, now=now, tz=tz, toward=Toward.BACK)
    at = times.in_utc(found, tz) if isinstance(found, datetime) else None
    _say_understood(text, at or found, tz)
    return at or times.last_of(found, now, tz)


def day(text: str | None, session: "CrmSession") -> date | None:
    """Return the day that an option names, of a period the last; None if it was not given."""
    return None if text is None else _days(text, session).last


def days(
    first: str | None, last: str | None, session: "CrmSession"
) -> tuple[date | None, date | None]:
    """Return the first and the last day that two options name, None for one that was not given.

    Of a period, or a day in words, which either may name, it is said what days it was taken for.
    """
    begin, end = (None if text is None else _days(text, session) for text in (first, last))
    told = [
        *([f"from {begin.first}"] if begin and _is_in_words(first, begin) else []),
        *([f"to {end.last}"] if end and _is_in_words(last, end) else []),
    ]
    if told:
        output.note(" ".join(told))
    return begin and begin.first, end and end.last


def _is_in_words(text: str | None, read: "DaySpan") -> bool:
    return read.first != read.last or not (text or "").strip()[:4].isdecimal()


def _days(text: str, session: "CrmSession") -> "DaySpan":
    from crmctl.domain import periods

    zone = times.zone(session.timezone)
    return periods.days(text, invocation.now(), zone, session.fiscal_month)


def amount(text: str | None, default: str) -> Decimal | None:
    """Return the amount that an option writes to compare with; None if it was not given.

    It is read as people write it who count in the currency `default`.
    """
    from crmctl.domain import amounts

    if text is None:
        return None
    found = amounts.read_alone(text, default)
    if found.currencies:
        raise UsageError(f"an amount to compare with has no currency: {text!r} (say --currency)")
    return money.check_amount(found.value)


def price(amount: str | None, currency: str | None, default: str) -> "Price":
    """Return the amount and the currency that two options write, those of them that are given.

    The amount may name the currency, by a sign of several, too. It is read as people write it who
    count in the currency `default`.
    """
    from crmctl.domain import amounts

    named = None if currency is None else amounts.currency(currency)
    if amount is None:
        return given(currency=named), None
    found = amounts.read_alone(amount, default)
    chosen = amounts.currency_beside(amount, found, named)
    value = money.check_amount(found.value)
    if isinstance(chosen, amounts.CurrencySign):
        return given(amount=value), chosen
    return given(amount=value, currency=chosen), None


def given(**options: Any) -> dict[str, Any]:
    """Return the options that were given; None stands for one that was not."""
    return {name: value for name, value in options.items() if value is not None}


def references(texts: list[str]) -> list[str]:
    """Return the references that were typed; `-` stands for the lines of stdin."""
    return [ref for text in texts for ref in (invocation.lines() if text == "-" else [text])]


def pairs(texts: list[str] | None, option: str = "--custom") -> dict[str, str]:
    """Return the KEY=VALUE pairs that an option was given."""
    found = {}
    for text in texts or []:
        # A value may hold the sign; what a word of a file is mapped to does not, and the word may.
        key, sign, value = text.partition("=") if option == "--custom" else text.rpartition("=")
        if not sign or not key.strip():
            raise UsageError(f"{option} is written KEY=VALUE: {text!r}")
        found[key.strip()] = value
    return found
