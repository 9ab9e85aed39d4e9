"""crmctl customer."""

from typing import Annotated

import typer

from crmctl.cli import duplicates, invocation, output
from crmctl.cli.options import common, fields
from crmctl.domain import times

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="of a person or an organisation")],
    organisation: fields.Organisation = None,
    email: fields.Email = None,
    phone: fields.Phone = None,
    website: fields.Website = None,
    country: fields.Country = None,
    segment: fields.Segment = None,
    score: fields.Score = None,
    owner: fields.Owner = None,
    source: fields.Source = None,
    lifecycle: fields.Lifecycle = None,
    tag: fields.Tags = None,
    external_id: fields.ExternalIds = None,
    custom: fields.Custom = None,
    reason: common.Reason = None,
) -> None:
    """Add a customer."""
    from crmctl.cli import bulk
    from crmctl.render import outcomes
    from crmctl.render.views import detail
    from crmctl.services.records import customers

    new = customers.NewCustomer(
        name=name, organisation=organisation, email=email, phone=phone, website=website,
        country=country, segment=segment, lead_score=score, owner=owner, source=source,
        lifecycle=lifecycle, tags=tag or (), external_ids=external_id or (),
        custom=common.pairs(custom),
    )  # fmt: skip
    with invocation.session(write=True, reason=reason) as session:
        added = customers.add(session, new)
        record = bulk.records_of(session, [added.customer])[0]
    output.note(f"Added {outcomes.called(added.customer)}")
    for twin in added.same_email:
        output.warn(f"{outcomes.called(twin)} has the same e-mail address")
    output.emit_records(detail(record))


@app.command("list")
def list_(
    owner: fields.OwnerFilter = None,
    segment: Annotated[
        str | None, typer.Option(metavar="TEXT", help="in this market segment")
    ] = None,
    lifecycle: Annotated[str | None, typer.Option(metavar="TEXT", help="in this phase")] = None,
    country: Annotated[str | None, typer.Option(metavar="TEXT", help="in this country")] = None,
    text: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="in name, organisation, e-mail, phone or website"),
    ] = None,
    tag: fields.TagFilter = None,
    custom: fields.CustomFilter = None,
    removed: fields.Removed = False,
    sort: Annotated[
        str,
        typer.Option(
            metavar="FIELD",
            help="number, name, organisation, email, country, segment, score, owner, created"
            " or updated; -FIELD goes down",
        ),
    ] = "number",
    limit: common.Rows = 50,
    after: common.After = None,
) -> None:
    """List customers."""
    from crmctl.render import customers
    from crmctl.services.queries import search
    from crmctl.services.queries.filters import CustomerFilter

    wanted = CustomerFilter(
        owner=owner, segment=segment, lifecycle=lifecycle, country=country, text=text,
        tags=tag or (), custom=common.pairs(custom), removed=removed,
    )  # fmt: skip
    with invocation.session() as session:
        page = search.customers(session, wanted, sort=sort, limit=limit or None, after=after)
    view = customers.list_view(page.rows)
    output.emit(view)
    output.tell_rest(page.more, view.rows, page.count, "customers")


@app.command()
def show(customer: common.CustomerRef) -> None:
    """Show a customer with its deals and latest activities."""
    from crmctl.models.customers import Customer
    from crmctl.render import activities as render
    from crmctl.render import customers as customer_render
    from crmctl.services.queries import activities, search
    from crmctl.services.queries.filters import DealFilter
    from crmctl.services.records import hidden_customers, references

    with invocation.session() as session:
        found = references.find_any(session, Customer, customer)
        named = search.name_customers(session, [found])[0]
        deals = search.deals(session, DealFilter(customer=references.ref(found))).rows
        latest = activities.of_customer(session, found)
        kept = hidden_customers.merge_survivors(session, [found]).get(found.id)
        zone = times.zone(session.timezone)
    view = customer_render.view(named, deals, zone, kept)
    output.emit(render.with_activities(view, latest, zone))


@app.command()
def edit(
    customers: common.CustomerRefs,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="of a person or an organisation")
    ] = None,
    organisation: fields.Organisation = None,
    email: fields.Email = None,
    phone: fields.Phone = None,
    website: fields.Website = None,
    country: fields.Country = None,
    segment: fields.Segment = None,
    score: fields.Score = None,
    owner: fields.Owner = None,
    source: fields.Source = None,
    lifecycle: fields.Lifecycle = None,
    tag: fields.Tags = None,
    untag: fields.Untag = None,
    external_id: fields.ExternalIds = None,
    custom: fields.Custom = None,
    clear: fields.Clear = None,
    reason: common.Reason = None,
    dry_run: common.DryRun = False,
) -> None:
    """Change fields of customers."""
    from crmctl.cli import bulk
    from crmctl.models.customers import Customer
    from crmctl.models.inputs import CustomerUpdate, validated
    from crmctl.services.records.editing import Edit

    given = common.given(
        name=name, organisation=organisation, email=email, phone=phone, website=website,
        country=country, segment=segment, lead_score=score, source=source, lifecycle=lifecycle,
    )  # fmt: skip
    wanted = Edit(
        validated(CustomerUpdate, given), owner=owner, tags=tag or (), untag=untag or (),
        custom=common.pairs(custom), external_ids=external_id or (), clear=clear or (),
    )  # fmt: skip
    with invocation.session(write=True, dry=dry_run, reason=reason) as session:
        outcome = bulk.edit(session, Customer, common.references(customers), wanted)
    outcome.tell()


@app.command()
def remove(
    customers: common.CustomerRefs, reason: common.Reason = None, dry_run: common.DryRun = False
) -> None:
    """Remove customers; their deals stay. crmctl customer restore brings them back."""
    from crmctl.cli import bulk
    from crmctl.models.customers import Customer

    with invocation.session(write=True, dry=dry_run, reason=reason) as session:
        outcome = bulk.remove(session, Customer, common.references(customers))
    outcome.tell()


@app.command()
def restore(
    customers: common.RemovedCustomerRefs,
    reason: common.Reason = None,
    dry_run: common.DryRun = False,
) -> None:
    """Bring removed customers back."""
    from crmctl.cli import bulk
    from crmctl.models.customers import Customer

    with invocation.session(write=True, dry=dry_run, reason=reason) as session:
        outcome = bulk.restore(session, Customer, common.references(customers))
    outcome.tell()


@app.command()
def erase(
    customer: common.CustomerRef,
    everywhere: Annotated[
        bool,
        typer.Option("--everywhere", help="take out of others' records what may mean the person"),
    ] = False,
    yes: common.Yes = False,
    dry_run: common.DryRun = False,
) -> None:
    """Erase a person's data for good, from the log too. This cannot be undone.

    Deals, amounts and totals stay. The number stays too, and names nobody.
    """
    from crmctl.render import customers as render
    from crmctl.services.history import erase as service

    with invocation.session() as session:
        subject = service.find(session, customer)

    def erasure(*, dry: bool) -> service.Erasure:
        with invocation.session(write=True, dry=dry) as session:
            found = service.find(session, subject.ref, lock=not dry)
            return service.erase(session, found, everywhere=everywhere)

    invocation.confirm(
        f"Erase {subject.name} ({subject.ref}) for good",
        yes=yes or dry_run,
        forever=True,
        details=lambda: render.mentions(erasure(dry=True)),
    )
    erased = erasure(dry=dry_run)
    if dry_run:
        output.note(f"Would erase {subject.ref} from {erased.summary}. This could not be undone.")
        output.note(*render.mentions(erased), "dry run: nothing was written")
    else:
        output.note(f"Erased {subject.ref} from {erased.summary}. This cannot be undone.")
        _warn_of_what_is_left(render.kept_mentions(erased), invocation.workspace().sweep())


def _warn_of_what_is_left(kept: list[str], swept: bool) -> None:
    """Say where a person who was erased may still be named: in `kept` texts, traces and copies."""
    for line in kept:
        output.warn(line)
    if not swept:
        output.warn(
            "traces stay in the file until all who read it at the moment have closed it: "
            "crmctl db check, or the next change, sweeps them then"
        )
    output.warn("copies outside of this database, such as exports and backups, are not reached")


app.command()(duplicates.duplicates)
app.command()(duplicates.merge)
