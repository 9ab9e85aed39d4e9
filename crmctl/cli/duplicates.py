"""crmctl customer duplicates and merge."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmctl.cli import files, invocation, output
from crmctl.cli.completion import complete_customer
from crmctl.cli.options import common
from crmctl.errors import UsageError

if TYPE_CHECKING:
    from crmctl.services.records.duplicates import Duplicates
    from crmctl.services.records.merging import MergeRequest


def duplicates(
    min_confidence: Annotated[
        float,
        typer.Option("--min-confidence", min=0, max=1, metavar="N", help="as sure as this, 0 to 1"),
    ] = 0.8,
    limit: Annotated[
        int, typer.Option("--limit", min=0, metavar="N", help="at most so many groups; 0 is all")
    ] = 0,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", metavar="FILE", help="write what to merge, to edit, into this file"),
    ] = None,
    force: common.Force = False,
) -> None:
    """Find customers that may be the same, and say how sure it is and why."""
    from crmctl.render import duplicates as render
    from crmctl.services.records import duplicates as service

    files.require_named(plan, "--plan")
    files.require_free(plan, force=force)
    with invocation.session() as session:
        found = service.find(session, min_confidence, limit or None)
    if plan is not None:
        files.write(plan, render.plan(found.groups))
    if plan is None or output.wants_records():
        output.emit(render.list_view(found.groups))
    _tell(found, plan)


def _tell(found: "Duplicates", plan: Path | None) -> None:
    if len(found.groups) < found.total:
        output.note(f"printed {len(found.groups)} of {found.total} groups (--limit 0 is all)")
    for name, count in sorted(found.crowded.items()):
        output.warn(f"{count} customers are called {name!r}: not compared by that name alone")
    if plan is not None:
        count = len(found.groups)
        output.note(f"Wrote {count} {'group' if count == 1 else 'groups'} to {plan}")


def merge(
    customers: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CUSTOMER",
            help="the customer to keep, then those to merge into it",
            autocompletion=complete_customer,
        ),
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option(
            "--plan", metavar="FILE", help="merge what customer duplicates wrote; - is stdin"
        ),
    ] = None,
    reason: common.Reason = None,
    dry_run: common.DryRun = False,
) -> None:
    """Merge customers into one, which their deals, activities and external ids follow."""
    from crmctl.render import duplicates as render
    from crmctl.render.views import listing
    from crmctl.services.records import merging
    from crmctl.services.tenancy import users

    groups = _groups(common.references(customers or []), plan)
    with invocation.session(write=True, dry=dry_run, reason=reason) as session:
        merges = merging.prepare(session, groups)
        merging.carry_out(session, merges)
        owners = {user.id: user.name for user in users.search(session)}
    for made in merges:
        for line in render.merged_lines(made, owners, output.did("Merge", dry=dry_run)):
            output.note(line)
    if not merges:
        output.note("nothing to do: the plan has no groups")
    elif len(merges) > 1:
        gone = sum(len(made.merged) for made in merges)
        output.note(f"{output.did('merge', dry=dry_run)} {gone} customers into {len(merges)}")
    output.note_if_dry(dry_run)
    output.emit_records(listing([render.merged(made, owners) for made in merges], ()))


def _groups(texts: list[str], plan: str | None) -> "list[MergeRequest]":
    from crmctl.services.records import merging

    if plan is None:
        if len(texts) < 2:
            raise UsageError("name the customer to keep and those to merge into it, or --plan FILE")
        return [merging.MergeRequest(keep=texts[0], merge=texts[1:])]
    if texts:
        raise UsageError("--plan says which customers to merge; name none beside it")
    return merging.read(*files.read(plan))
