"""crmctl activity."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from crmctl.cli import invocation, output
from crmctl.cli.completion import (
    complete_activity,
    complete_customer,
    complete_deal,
    complete_removed_activity,
)
from crmctl.cli.options import common, fields
from crmctl.domain import times
from crmctl.domain.kinds import ActivityKind
from crmctl.errors import UsageError

if TYPE_CHECKING:
    from crmctl.models.session import CrmSession

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Refs = Annotated[
    list[str],
    typer.Argument(
        metavar="ACTIVITY",
        help="one or more activities, or - to read them from stdin",
        autocompletion=complete_activity,
    ),
]
Deal = Annotated[
    str | None,
    typer.Option(
        "--deal", metavar="DEAL", help="the deal it is about", autocompletion=complete_deal
    ),
]
Customer = Annotated[
    str | None,
    typer.Option(
        "--customer",
        metavar="CUSTOMER",
        help="the customer it is about",
        autocompletion=complete_customer,
    ),
]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="when it takes place, such as 2026-03-01T14:30"),
]
Due = Annotated[
    str | None,
    typer.Option("--due", metavar="TIME", help="when a task is due, such as 2026-03-01 or +2d"),
]
Minutes = Annotated[
    str | None, typer.Option("--minutes", metavar="N", help="how long it takes: 90 or 1:30")
]
Body = Annotated[str | None, typer.Option("--body", metavar="TEXT", help="what there is to say")]


@app.command()
def add(
    kind: Annotated[ActivityKind, typer.Argument(metavar="KIND", help=", ".join(ActivityKind))],
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="in a few words")],
    deal: Deal = None,
    customer: Customer = None,
    at: At = None,
    due: Due = None,
    minutes: Minutes = None,
    body: Body = None,
    owner: fields.Owner = None,
    done: Annotated[bool, typer.Option("--done", help="it is done already")] = False,
    external_id: fields.ExternalIds = None,
    reason: common.Reason = None,
) -> None:
    """Add a call, an e-mail, a meeting, a note or a task, about a deal, a customer or both."""
    from crmctl.cli import bulk
    from crmctl.render import outcomes
    from crmctl.render.views import detail
    from crmctl.services.records import activities

    with invocation.session(write=True, reason=reason) as session:
        new = activities.NewActivity(
            kind=kind, subject=subject, at=_time_of(session, kind, at, due), minutes=minutes,
            body=body, done=done, owner=owner, deal=deal, customer=customer,
            external_ids=external_id or (),
        )  # fmt: skip
        activity = activities.add(session, new)
        record = bulk.records_of(session, [activity])[0]
    output.note(f"Added {outcomes.called(activity)}")
    output.emit_records(detail(record))


def _time_of(
    session: "CrmSession", kind: ActivityKind | None, at: str | None, due: str | None
) -> datetime | None:
    """Return when it takes place or is due; `kind` is None if it is not known."""
    if at is not None and due is not None:
        raise UsageError("--at and --due are the same time: give one of them")
    if due is not None and kind not in (None, ActivityKind.TASK):
        raise UsageError(f"a {kind} is not due: say when by --at")
    if due is not None:
        return common.moment(due, session.timezone, ahead=True)
    return common.moment(at, session.timezone, ahead=None)


@app.command("list")
def list_(
    deal: Deal = None,
    customer: Annotated[
        str | None,
        typer.Option(metavar="CUSTOMER", help="about this customer or one of its deals"),
    ] = None,
    kind: Annotated[
        list[ActivityKind] | None,
        typer.Option(metavar="KIND", help=f"{', '.join(ActivityKind)}; may be repeated"),
    ] = None,
    owner: fields.OwnerFilter = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="on this day or later")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="on this day or before")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="tasks that are not done")] = False,
    text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="in subject, body, deal or customer")
    ] = None,
    removed: fields.Removed = False,
    sort: Annotated[
        str,
        typer.Option(
            metavar="FIELD",
            help="number, at, kind, subject, deal, customer, owner, done, created or updated;"
            " -FIELD goes down",
        ),
    ] = "-at",
    limit: common.Rows = 50,
    after: common.After = None,
) -> None:
    """List activities, the latest first."""
    from crmctl.render import activities as render
    from crmctl.services.queries import activities

    with invocation.session() as session:
        zone = times.zone(session.timezone)
        if open_ and kind and ActivityKind.TASK not in kind:
            raise UsageError(f"--open lists tasks, and a {kind[0]} is none: leave one of them out")
        begin, end = common.days(first, last, session)
        wanted = activities.ActivityFilter(
            deal=deal, customer=customer, kinds=kind or (), owner=owner,
            open=open_, text=text, removed=removed,
            since=times.start_of_day(begin, zone) if begin else None,
            until=times.end_of_day(end, zone) if end else None,
        )  # fmt: skip
        page = activities.search(session, wanted, sort=sort, limit=limit or None, after=after)
    view = render.list_view(page.rows, zone)
    output.emit(view)
    output.tell_rest(page.more, view.rows, page.count, "activities")


@app.command()
def show(
    activity: Annotated[
        str,
        typer.Argument(
            metavar="ACTIVITY",
            help="A12, 12, an external id or a subject",
            autocompletion=complete_activity,
        ),
    ],
) -> None:
    """Show an activity."""
    from crmctl.models.activities import Activity
    from crmctl.render import activities as render
    from crmctl.services.queries import activities
    from crmctl.services.records import references

    with invocation.session() as session:
        found = references.find_any(session, Activity, activity)
        named = activities.name(session, [found])[0]
        zone = times.zone(session.timezone)
    output.emit(render.view(named, zone))


@app.command()
def edit(
    activities: Refs,
    kind: Annotated[
        ActivityKind | None, typer.Option(metavar="KIND", help=", ".join(ActivityKind))
    ] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="TEXT", help="in a few words")
    ] = None,
    deal: Deal = None,
    customer: Customer = None,
    at: At = None,
    due: Due = None,
    minutes: Minutes = None,
    body: Body = None,
    owner: fields.Owner = None,
    done: Annotated[
        bool | None, typer.Option("--done/--not-done", help="it is done, or not")
    ] = None,
    external_id: fields.ExternalIds = None,
    clear: fields.Clear = None,
    reason: common.Reason = None,
    dry_run: common.DryRun = False,
) -> None:
    """Change fields of activities."""
    from crmctl.cli import bulk
    from crmctl.models.activities import Activity
    from crmctl.models.inputs import ActivityUpdate, validated
    from crmctl.services.records.editing import Edit

    values = validated(ActivityUpdate, common.given(subject=subject, minutes=minutes, body=body))
    with invocation.session(write=True, dry=dry_run, reason=reason) as session:
        values |= common.given(kind=kind, at=_time_of(session, kind, at, due))
        values |= {} if done is None else {"done_at": session.change.at if done else None}
        wanted = Edit(
            values, owner=owner, customer=customer, deal=deal, external_ids=external_id or (),
            clear=clear or (),
        )  # fmt: skip
        outcome = bulk.edit(session, Activity, common.references(activities), wanted)
    outcome.tell()


@app.command()
def remove(activities: Refs, reason: common.Reason = None, dry_run: common.DryRun = False) -> None:
    """Remove activities; crmctl activity restore brings them back."""
    from crmctl.cli import bulk
    from crmctl.models.activities import Activity

    with invocation.session(write=True, dry=dry_run, reason=reason) as session:
        outcome = bulk.remove(session, Activity, common.references(activities))
    outcome.tell()


@app.command()
def restore(
    activities: Annotated[
        list[str],
        typer.Argument(
            metavar="ACTIVITY",
            help="one or more activities, or - to read them from stdin",
            autocompletion=complete_removed_activity,
        ),
    ],
    reason: common.Reason = None,
    dry_run: common.DryRun = False,
) -> None:
    """Bring removed activities back."""
    from crmctl.cli import bulk
    from crmctl.models.activities import Activity

    with invocation.session(write=True, dry=dry_run, reason=reason) as session:
        outcome = bulk.restore(session, Activity, common.references(activities))
    outcome.tell()
