"""crmctl deal."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import typer

from crmctl.cli import invocation, output
from crmctl.cli.options import common, fields
from crmctl.cli.options import deals as options
from crmctl.domain import money, times
from crmctl.domain.kinds import Status
from crmctl.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from crmctl.models.deals import Deal
    from crmctl.models.session import CrmSession
    from crmctl.render.views import View
    from crmctl.services.pipeline.moves import MoveOptions, Moves
    from crmctl.services.queries.filters import DealFilter
    from crmctl.services.queries.paging import Page
    from crmctl.services.queries.search import NamedDeal

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.command()
def add(
    title: options.Title,
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
    from crmctl.render import deals as render
    from crmctl.render import outcomes
    from crmctl.render.views import detail
    from crmctl.services.pipeline import deals
    from crmctl.services.queries import search

    with invocation.session(write=True, reason=reason) as session:
        values, sign = options.values(
            session, title=title, amount=amount, currency=currency, probability=probability,
            forecast_category=forecast_category, expected_close=expected_close,
            next_step=next_step, source=source, lost_reason=lost_reason,
        )  # fmt: skip
        request = deals.NewDeal(
            values=values, sign=sign, owner=owner, customer=customer, tags=tag or (),
            custom=common.pairs(custom), external_ids=external_id or (), stage=stage,
            pipeline=pipeline, at=common.moment(at, session.timezone),
            day=common.whole_day(at, session.timezone), override=override,
        )  # fmt: skip
        deal = deals.add(session, request)
        named = search.name_deals(session, [deal])[0]
    output.note(f"Added {outcomes.called(deal)} in {named.stage}{outcomes.terms(deal)}")
    output.emit_records(detail(render.record(named)))


@app.command("list")
def list_(
    stage: options.StageFilter = None,
    pipeline: common.PipelineOption = None,
    status: options.StatusFilter = None,
    owner: fields.OwnerFilter = None,
    customer: fields.Customer = None,
    segment: fields.SegmentFilter = None,
    currency: options.CurrencyFilter = None,
    min_amount: options.MinAmount = None,
    max_amount: options.MaxAmount = None,
    close_from: options.CloseFrom = None,
    close_to: options.CloseTo = None,
    text: options.TextFilter = None,
    tag: fields.TagFilter = None,
    custom: fields.CustomFilter = None,
    removed: fields.Removed = False,
    sort: options.Sort = "number",
    limit: common.Rows = 50,
    after: common.After = None,
    as_of: common.AsOf = None,
    as_recorded: common.AsRecorded = False,
) -> None:
    """List deals, the open ones if nothing else is asked for."""
    from crmctl.services.queries import search
    from crmctl.services.queries.filters import DealFilter

    usual = options.Which.ALL if stage or removed else options.Which.OPEN
    wanted = DealFilter(
        status=status or usual, stages=stage or (), pipeline=pipeline, owner=owner,
        customer=customer, segment=segment, text=text, tags=tag or (),
        currency=None if currency is None else money.currency(currency), removed=removed,
        custom=common.pairs(custom),
    )  # fmt: skip
    with invocation.session() as session:
        first, last = common.days(close_from, close_to, session)
        least, most = (common.amount(text, session.currency) for text in (min_amount, max_amount))
        wanted = replace(wanted, close_from=first, close_to=last, min_amount=least, max_amount=most)
        at = common.as_of(as_of, session, recorded=as_recorded)
        if at:
            page = _past(session, at, as_recorded, wanted, sort, limit or None, after)
        else:
            page = search.deals(session, wanted, sort=sort, limit=limit or None, after=after)
    _print(page, session.timezone, at)


def _past(
    session: "CrmSession",
    at: "datetime",
    recorded: bool,
    wanted: "DealFilter",
    sort: str,
    limit: int | None,
    after: str | None,
) -> "Page[NamedDeal]":
    """Return the deals that fitted `wanted` at the time `at`."""
    from crmctl.services.queries.past_deals import past_deals
    from crmctl.services.queries.snapshot import Snapshot

    if after:
        raise UsageError("--after goes on in a list of now: --as-of with --limit 0 lists all")
    snapshot = Snapshot(session, invocation.now(), at, recorded=recorded)
    return past_deals(snapshot, wanted, sort=sort, limit=limit)


def _print(page: "Page[NamedDeal]", timezone: str, at: "datetime | None") -> None:
    from crmctl.render import deals

    view = deals.list_view(page.rows, times.zone(timezone))
    output.emit(view)
    if at and page.more:
        output.note(f"printed {len(view.rows)} of {page.count} deals; --limit 0 lists all")
    else:
        output.tell_rest(page.more, view.rows, page.count, "deals")


@app.command()
def show(deal: common.DealRef) -> None:
    """Show a deal with its latest activities."""
    from crmctl.models.deals import Deal
    from crmctl.render import activities as render
    from crmctl.render import deals
    from crmctl.services.queries import activities, search
    from crmctl.services.records import references

    with invocation.session() as session:
        found = references.find_any(session, Deal, deal)
        named = search.name_deals(session, [found])[0]
        latest = activities.of_deal(session, found)
        zone = times.zone(session.timezone)
    shown = deals.view(named, zone, invocation.now())
    output.emit(render.with_activities(shown, latest, zone))


@app.command()
def edit(
    deals: common.DealRefs,
    title: options.NewTitle = None,
    amount: fields.Amount = None,
    currency: options.NewCurrency = None,
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
    override: common.Override = False,
    reason: common.Reason = None,
    dry_run: common.DryRun = False,
) -> None:
    """Change fields of deals; the stage is changed by crmctl deal move."""
    from crmctl.cli import bulk
    from crmctl.models.deals import Deal
    from crmctl.services.pipeline import deals as service
    from crmctl.services.records.editing import Edit

    with invocation.session(write=True, dry=dry_run, reason=reason) as session:
        values, sign = options.values(
            session, title=title, amount=amount, currency=currency, probability=probability,
            forecast_category=forecast_category, expected_close=expected_close,
            next_step=next_step, source=source, lost_reason=lost_reason,
        )  # fmt: skip
        wanted = Edit(
            values=values, owner=owner, customer=customer, tags=tag or (), untag=untag or (),
            custom=common.pairs(custom), external_ids=external_id or (), clear=clear or (),
        )  # fmt: skip
        apply = partial(service.edit, override=override, sign=sign)
        outcome = bulk.edit(session, Deal, common.references(deals), wanted, apply)
    outcome.tell()


@app.command()
def move(
    deals: options.DealsToMove,
    stage: common.StageName,
    reason: common.Reason = None,
    lost_reason: common.LostReason = None,
    at: common.At = None,
    if_stage: options.IfStage = None,
    pipeline: options.ToPipeline = None,
    override: common.Override = False,
    keep_going: common.KeepGoing = False,
    dry_run: common.DryRun = False,
) -> None:
    """Move deals to a stage: all of them, or none.

    With --keep-going, those that may move do, and the others are told. It ends with 5 if
    nothing but --if-stage refused one of these, and else with 1.
    """
    from crmctl.services.pipeline import moves

    given = options.MoveArguments(
        reason=reason, lost_reason=lost_reason, at=at, if_stage=if_stage, override=override,
        keep_going=keep_going, dry_run=dry_run,
    )  # fmt: skip
    _move(
        deals,
        given,
        lambda session, rows, how: moves.move(session, rows, stage, how, pipeline=pipeline),
    )


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
    from crmctl.services.pipeline import moves

    given = options.MoveArguments(
        reason=reason, at=at, override=override, keep_going=keep_going, dry_run=dry_run
    )
    _move(deals, given, lambda session, rows, how: moves.close(session, rows, Status.WON, how))


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
    from crmctl.services.pipeline import moves

    given = options.MoveArguments(
        reason=reason, lost_reason=lost_reason, at=at, override=override,
        keep_going=keep_going, dry_run=dry_run,
    )  # fmt: skip
    _move(deals, given, lambda session, rows, how: moves.close(session, rows, Status.LOST, how))


@app.command()
def reopen(
    deals: common.ClosedDealRefs,
    to: options.ReopenTo = None,
    reason: common.Reason = None,
    at: common.At = None,
    override: common.Override = False,
    keep_going: common.KeepGoing = False,
    dry_run: common.DryRun = False,
) -> None:
    """Move won or lost deals back to an open stage."""
    from crmctl.services.pipeline import moves

    given = options.MoveArguments(
        reason=reason, at=at, override=override, keep_going=keep_going, dry_run=dry_run
    )
    _move(deals, given, lambda session, rows, how: moves.reopen(session, rows, how, to=to))


def _move(
    texts: list[str],
    given: options.MoveArguments,
    act: "Callable[[CrmSession, Sequence[Deal], MoveOptions], Moves]",
) -> None:
    """Move the deals that `texts` name by `act`, and tell what came of it."""
    from crmctl.cli import bulk
    from crmctl.models.deals import Deal
    from crmctl.services.records.references import find_all

    with invocation.session(write=True, dry=given.dry_run, reason=given.reason) as session:
        how = given.options(session.timezone)
        missing: list[str] = []
        rows = find_all(
            session, Deal, common.references(texts), lock=not given.dry_run,
            missing=missing if given.keep_going else None,
        )  # fmt: skip
        outcome = bulk.of_moves(session, act(session, rows, how), missing)
    outcome.tell()


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
    by_field: options.ByField = False,
) -> None:
    """Show the stages that a deal was in, or each change of a field."""
    output.emit(_field_history(deal) if by_field else _stage_history(deal))


def _stage_history(text: str) -> "View":
    from crmctl.models.deals import Deal
    from crmctl.render import stage_history as render
    from crmctl.services.pipeline import rules, stage_history
    from crmctl.services.records import references

    with invocation.session() as session:
        found = references.find_any(session, Deal, text)
        zone = times.zone(session.timezone)
        entered = stage_history.stays(session, found, now=invocation.now())
        labels = rules.labels(rules.sales_processes(session))
    return render.list_view(entered, found, labels, zone)


def _field_history(text: str) -> "View":
    from crmctl.models.deals import Deal
    from crmctl.render import field_history
    from crmctl.services.history import field_history as service
    from crmctl.services.records import references

    with invocation.session() as session:
        edits = service.field_changes(session, references.find_any(session, Deal, text))
        zone = times.zone(session.timezone)
    return field_history.list_view(edits, zone)
