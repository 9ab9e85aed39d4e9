"""crmctl deal."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmctl.cli import invocation, output
from crmctl.cli.completion import complete_deal_or_stage, complete_stage
from crmctl.cli.options import common, fields
from crmctl.domain import money, times
from crmctl.domain.kinds import Status
from crmctl.errors import UsageError

if TYPE_CHECKING:
    from crmctl.models.deals import Deal
    from crmctl.models.session import CrmSession
    from crmctl.render.views import View
    from crmctl.services.pipeline.deals import MoveOptions, Moves
    from crmctl.services.queries.paging import Page
    from crmctl.services.queries.search import NamedDeal

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


class Which(StrEnum):
    """Which deals a list is of."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"
    ALL = "all"


IfStage = Annotated[
    str | None,
    typer.Option(
        "--if-stage", metavar="STAGE", help="only if it is still in this stage; else exit code 5"
    ),
]


@app.command()
def add(
    title: Annotated[str, typer.Argument(metavar="TITLE", help="what it is about")],
    amount: fields.Amount = None,
    currency: fields.Currency = None,
    customer: fields.Customer = None,
    owner: fields.Owner = None,
    stage: fields.Stage = None,
    pipeline: common.PipelineOption = None,
    probability: fields.Probability = None,
    forecast_category: fields.Category = None,
    expected_close: fields.Close = None,
    next_step: fields.NextStep = None,
    source: fields.Source = None,
    tag: fields.Tags = None,
    external_id: fields.ExternalIds = None,
    custom: fields.Custom = None,
    lost_reason: common.LostReason = None,
    at: common.At = None,
    override: common.Override = False,
    reason: common.Reason = None,
) -> None:
    """Add a deal."""
    from crmctl.cli import bulk
    from crmctl.models.deals import Deal
    from crmctl.render import records
    from crmctl.render.views import detail
    from crmctl.services.pipeline import deals
    from crmctl.services.queries import search
    from crmctl.services.records import editing

    with invocation.session(write=True, reason=reason) as session:
        values = _values(
            session, title=title, amount=amount, currency=currency, probability=probability,
            forecast_category=forecast_category, expected_close=expected_close,
            next_step=next_step, source=source, lost_reason=lost_reason,
        )  # fmt: skip
        wanted = editing.Edit(
            values, owner=owner, customer=customer, tags=tag or (), custom=common.pairs(custom)
        )
        started = common.moment(at, session.timezone)
        columns = editing.initial(session, Deal, wanted)
        deal = deals.add(
            session, columns, stage=stage, pipeline=pipeline, at=started, override=override
        )
        _only_lost([deal], lost_reason)
        editing.attach(session, deal, external_id or ())
        named = search.name_deals(session, [deal])[0]
    output.note(f"Added {bulk.called(deal)} in {named.stage}")
    output.emit_records(detail(records.deal(named)))


def _values(
    session: "CrmSession",
    *,
    amount: str | None,
    currency: str | None,
    expected_close: str | None,
    **plain: Any,
) -> dict[str, Any]:
    """Return the options that were given, read and checked."""
    from crmctl.models.inputs import DealUpdate, validated

    given = common.given(expected_close=common.day(expected_close, session.timezone), **plain)
    return validated(DealUpdate, given | common.price(amount, currency, session.currency))


@app.command("list")
def list_(
    stage: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STAGE", help="in this stage; may be repeated", autocompletion=complete_stage
        ),
    ] = None,
    pipeline: common.PipelineOption = None,
    status: Annotated[
        Which | None, typer.Option(help="open ones, if neither this nor a stage is given")
    ] = None,
    owner: fields.OwnerFilter = None,
    customer: fields.Customer = None,
    segment: fields.SegmentFilter = None,
    currency: Annotated[str | None, typer.Option(metavar="CODE", help="in this currency")] = None,
    min_amount: Annotated[str | None, typer.Option(metavar="AMOUNT", help="at least this")] = None,
    max_amount: Annotated[str | None, typer.Option(metavar="AMOUNT", help="at most this")] = None,
    close_from: Annotated[
        str | None, typer.Option(metavar="DAY", help="to close, or closed, on it or later")
    ] = None,
    close_to: Annotated[
        str | None, typer.Option(metavar="DAY", help="to close, or closed, on it or before")
    ] = None,
    text: Annotated[
        str | None, typer.Option(metavar="TEXT", help="in title, customer, next step, lost reason")
    ] = None,
    tag: fields.TagFilter = None,
    custom: fields.CustomFilter = None,
    removed: fields.Removed = False,
    sort: Annotated[
        str,
        typer.Option(
            metavar="FIELD",
            help="number, title, customer, owner, amount, stage, status, probability, close,"
            " closed, entered, created or updated; -FIELD goes down",
        ),
    ] = "number",
    limit: common.Rows = 50,
    after: common.After = None,
) -> None:
    """List deals, the open ones if nothing else is asked for."""
    from crmctl.services.queries import search

    which = status or (Which.ALL if stage or removed else Which.OPEN)
    wanted = search.DealFilter(
        which, stage or (), pipeline, owner, customer, segment, text=text, tags=tag or (),
        currency=None if currency is None else money.currency(currency), removed=removed,
        min_amount=common.amount(min_amount), max_amount=common.amount(max_amount),
        custom=common.pairs(custom),
    )  # fmt: skip
    with invocation.session() as session:
        first, last = (common.day(day, session.timezone) for day in (close_from, close_to))
        wanted = replace(wanted, close_from=first, close_to=last)
        page = search.deals(session, wanted, sort=sort, limit=limit or None, after=after)
    _print(page, session.timezone)


def _print(page: "Page[NamedDeal]", timezone: str) -> None:
    from crmctl.render import people, records
    from crmctl.render.views import listing

    zone = times.zone(timezone)
    lines = [people.deal_line(row, zone) for row in page.rows]
    found = [records.deal(row) for row in page.rows]
    output.emit(listing(found, people.DEAL_COLUMNS, "no deals", lines))
    output.tell_rest(page.more, found, page.total, "deals")


@app.command()
def show(deal: common.DealRef) -> None:
    """Show a deal with its latest activities."""
    from crmctl.models.deals import Deal
    from crmctl.render import activities as render
    from crmctl.render import people, records
    from crmctl.render.views import detail
    from crmctl.services.queries import activities, search
    from crmctl.services.records import references

    with invocation.session() as session:
        found = references.find_any(session, Deal, deal)
        named = search.name_deals(session, [found])[0]
        latest = activities.of_deal(session, found)
        zone = times.zone(session.timezone)
    shown = detail(records.deal(named), shown=people.deal(named, zone, invocation.now()))
    output.emit(render.with_activities(shown, latest, zone))


@app.command()
def edit(
    deals: common.DealRefs,
    title: Annotated[str | None, typer.Option(metavar="TITLE", help="what it is about")] = None,
    amount: fields.Amount = None,
    currency: Annotated[str | None, typer.Option(metavar="CODE", help="ISO 4217")] = None,
    customer: fields.Customer = None,
    owner: fields.Owner = None,
    probability: fields.Probability = None,
    forecast_category: fields.Category = None,
    expected_close: fields.Close = None,
    next_step: fields.NextStep = None,
    source: fields.Source = None,
    lost_reason: common.LostReason = None,
    tag: fields.Tags = None,
    untag: fields.Untag = None,
    external_id: fields.ExternalIds = None,
    custom: fields.Custom = None,
    clear: fields.Clear = None,
    reason: common.Reason = None,
    dry_run: common.DryRun = False,
) -> None:
    """Change fields of deals; the stage is changed by crmctl deal move."""
    from crmctl.cli import bulk
    from crmctl.models.deals import Deal
    from crmctl.services.records.editing import Edit

    with invocation.session(write=True, dry=dry_run, reason=reason) as session:
        values = _values(
            session, title=title, amount=amount, currency=currency, probability=probability,
            forecast_category=forecast_category, expected_close=expected_close,
            next_step=next_step, source=source, lost_reason=lost_reason,
        )  # fmt: skip
        wanted = Edit(
            values, owner=owner, customer=customer, tags=tag or (), untag=untag or (),
            custom=common.pairs(custom), external_ids=external_id or (), clear=clear or (),
        )  # fmt: skip
        outcome = bulk.edit(session, Deal, common.references(deals), wanted)
    outcome.tell()


@app.command()
def move(
    deals: Annotated[
        list[str],
        typer.Argument(
            metavar="DEAL",
            help="one or more deals, or - to read them from stdin",
            autocompletion=complete_deal_or_stage,
        ),
    ],
    stage: common.StageName,
    reason: common.Reason = None,
    lost_reason: common.LostReason = None,
    at: common.At = None,
    if_stage: IfStage = None,
    pipeline: Annotated[
        str | None,
        typer.Option(metavar="PIPELINE", help="to a stage of this pipeline, if not of its own"),
    ] = None,
    override: common.Override = False,
    keep_going: common.KeepGoing = False,
    dry_run: common.DryRun = False,
) -> None:
    """Move deals to a stage: all of them, or none.

    With --keep-going, those that may move do, and the others are told. It ends with 5 if
    nothing but --if-stage refused one of these, and else with 1.
    """

    def act(session: "CrmSession", rows: "Sequence[Deal]", order: "MoveOptions") -> "Moves":
        from crmctl.services.pipeline import deals as service

        return service.move(session, rows, stage, order, pipeline=pipeline)

    _move(
        deals, act, reason=reason, lost_reason=lost_reason, at=at, if_stage=if_stage,
        override=override, keep_going=keep_going, dry_run=dry_run,
    )  # fmt: skip


@app.command()
def win(
    deals: common.DealRefs,
    reason: common.Reason = None,
    at: common.At = None,
    override: common.Override = False,
    keep_going: common.KeepGoing = False,
    dry_run: common.DryRun = False,
) -> None:
    """Move deals to the won stage of their pipeline."""
    _move(
        deals, _closing(Status.WON), reason=reason, at=at, override=override,
        keep_going=keep_going, dry_run=dry_run,
    )  # fmt: skip


@app.command()
def lose(
    deals: common.DealRefs,
    lost_reason: common.LostReason = None,
    reason: common.Reason = None,
    at: common.At = None,
    override: common.Override = False,
    keep_going: common.KeepGoing = False,
    dry_run: common.DryRun = False,
) -> None:
    """Move deals to the lost stage of their pipeline."""
    _move(
        deals, _closing(Status.LOST), reason=reason, lost_reason=lost_reason, at=at,
        override=override, keep_going=keep_going, dry_run=dry_run,
    )  # fmt: skip


@app.command()
def reopen(
    deals: common.ClosedDealRefs,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="STAGE",
            help="the stage to go to; the one it was closed from if not given",
            autocompletion=complete_stage,
        ),
    ] = None,
    reason: common.Reason = None,
    at: common.At = None,
    override: common.Override = False,
    keep_going: common.KeepGoing = False,
    dry_run: common.DryRun = False,
) -> None:
    """Move won or lost deals back to an open stage."""

    def act(session: "CrmSession", rows: "Sequence[Deal]", order: "MoveOptions") -> "Moves":
        from crmctl.services.pipeline import deals as service

        return service.reopen(session, rows, order, to=to)

    _move(
        deals, act, reason=reason, at=at, override=override, keep_going=keep_going,
        dry_run=dry_run,
    )  # fmt: skip


def _closing(kind: Status) -> "Callable[[CrmSession, Sequence[Deal], MoveOptions], Moves]":
    def act(session: "CrmSession", rows: "Sequence[Deal]", order: "MoveOptions") -> "Moves":
        from crmctl.services.pipeline import deals as service

        return service.close(session, rows, kind, order)

    return act


def _move(
    texts: list[str],
    act: "Callable[[CrmSession, Sequence[Deal], MoveOptions], Moves]",
    *,
    reason: str | None,
    at: str | None,
    override: bool,
    keep_going: bool,
    dry_run: bool,
    lost_reason: str | None = None,
    if_stage: str | None = None,
) -> None:
    """Move the deals that `texts` name by `act`, and tell what came of it."""
    from crmctl.cli import bulk
    from crmctl.models.deals import Deal
    from crmctl.services.pipeline import deals as service
    from crmctl.services.records.references import find_all

    with invocation.session(write=True, dry=dry_run, reason=reason) as session:
        order = service.MoveOptions(
            at=common.moment(at, session.timezone),
            reason=reason,
            lost_reason=lost_reason,
            if_stage=if_stage,
            override=override,
            keep_going=keep_going,
        )
        missing: list[str] = []
        rows = find_all(
            session, Deal, common.references(texts), lock=not dry_run,
            missing=missing if keep_going else None,
        )  # fmt: skip
        moves = act(session, rows, order)
        _only_lost([one.deal for one in moves.moved], lost_reason)
        outcome = bulk.of_moves(session, moves, missing)
    outcome.tell()


def _only_lost(deals: "Sequence[Deal]", lost_reason: str | None) -> None:
    """Raise UsageError for a lost reason given for a deal that is not lost; it takes all back."""
    for deal in deals if lost_reason else ():
        if deal.status != Status.LOST:
            raise UsageError(f"a lost reason is for deals that are lost, and {deal.stage} is not")


@app.command()
def remove(
    deals: common.DealRefs, reason: common.Reason = None, dry_run: common.DryRun = False
) -> None:
    """Remove deals; crmctl deal restore brings them back."""
    from crmctl.cli import bulk
    from crmctl.models.deals import Deal

    with invocation.session(write=True, dry=dry_run, reason=reason) as session:
        outcome = bulk.remove(session, Deal, common.references(deals))
    outcome.tell()


@app.command()
def restore(
    deals: common.RemovedDealRefs, reason: common.Reason = None, dry_run: common.DryRun = False
) -> None:
    """Bring removed deals back."""
    from crmctl.cli import bulk
    from crmctl.models.deals import Deal

    with invocation.session(write=True, dry=dry_run, reason=reason) as session:
        outcome = bulk.restore(session, Deal, common.references(deals))
    outcome.tell()


@app.command()
def history(
    deal: common.DealRef,
    by_field: Annotated[
        bool, typer.Option("--fields", help="every change of a field instead of the stages")
    ] = False,
) -> None:
    """Show the stages that a deal was in, or each change of a field."""
    output.emit(_field_history(deal) if by_field else _stage_history(deal))


def _stage_history(text: str) -> "View":
    from crmctl.models.deals import Deal
    from crmctl.render import people, records
    from crmctl.render.views import listing
    from crmctl.services.history import field_history as service
    from crmctl.services.pipeline import rules
    from crmctl.services.records import references

    with invocation.session() as session:
        found = references.find_any(session, Deal, text)
        zone = times.zone(session.timezone)
        entered = service.stages(session, found, now=invocation.now())
        labels = rules.labels(rules.sales_processes(session))
    rows = [records.stage_entry(one, found) for one in entered]
    lines = people.stage_entries(entered, labels, zone)
    return listing(rows, people.STAGE_COLUMNS, shown=lines)


def _field_history(text: str) -> "View":
    from crmctl.models.deals import Deal
    from crmctl.render import people, records
    from crmctl.render.views import listing
    from crmctl.services.history import field_history as service
    from crmctl.services.records import references

    with invocation.session() as session:
        edits = service.field_changes(session, references.find_any(session, Deal, text))
        zone = times.zone(session.timezone)
    rows = [records.field_change(one) for one in edits]
    lines = [people.field_change(one, zone) for one in edits]
    return listing(rows, people.FIELD_COLUMNS, "no field was changed yet", lines)
