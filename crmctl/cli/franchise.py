"""crmctl franchise."""

from typing import Annotated

import typer

from crmctl.cli import invocation, output, profile
from crmctl.cli.completion import complete_franchise

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

FranchiseName = Annotated[
    str,
    typer.Argument(
        metavar="FRANCHISE", help="its name or a part of it", autocompletion=complete_franchise
    ),
]


@app.command("list")
def list_() -> None:
    """List the franchises of the company."""
    from crmctl.render import tenancy as records
    from crmctl.services.tenancy import franchises

    with invocation.session() as session:
        found = franchises.search(session)
    rows = [records.franchise(row, session.franchise_id) for row in found]
    output.emit(records.franchises_view(rows))


@app.command()
def show(franchise: FranchiseName) -> None:
    """Show a franchise."""
    from crmctl.models.tenants import Franchise
    from crmctl.render import tenancy as records
    from crmctl.render.views import detail
    from crmctl.services.records.references import find_named

    with invocation.session() as session:
        found = find_named(session, Franchise, franchise)
    output.emit(detail(records.franchise(found, session.franchise_id)))


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="name of the franchise")],
) -> None:
    """Add a franchise: a part of the company with customers and deals of its own."""
    from crmctl.models.inputs import FranchiseUpdate, validated
    from crmctl.render import tenancy as records
    from crmctl.render.views import detail
    from crmctl.services.tenancy import franchises

    values = validated(FranchiseUpdate, {"name": name})
    with invocation.session(write=True) as session:
        created = franchises.add(session, values)
    output.note(f"Added franchise {created.name}")
    output.emit_records(detail(records.franchise(created, session.franchise_id)))


@app.command()
def edit(
    franchise: FranchiseName,
    name: Annotated[str, typer.Option(metavar="NAME", help="a new name")],
) -> None:
    """Rename a franchise."""
    from crmctl.models.inputs import FranchiseUpdate, validated
    from crmctl.models.tenants import Franchise
    from crmctl.render import tenancy as records
    from crmctl.render.views import detail
    from crmctl.services.records.references import find_named
    from crmctl.services.tenancy import franchises

    values = validated(FranchiseUpdate, {"name": name})
    with invocation.session(write=True) as session:
        found = find_named(session, Franchise, franchise)
        before = found.name
        changed = franchises.edit(session, found, values)
    profile.renamed("franchise", before, found.name)
    output.note(f"{'Changed' if changed else 'Nothing to change in'} franchise {found.name}")
    output.emit_records(detail(records.franchise(found, session.franchise_id)))


@app.command()
def use(
    franchise: Annotated[
        str,
        typer.Argument(
            metavar="FRANCHISE",
            help="a franchise, or none for the whole company",
            autocompletion=complete_franchise,
        ),
    ],
) -> None:
    """Work for a franchise from now on: remembered in config.toml."""
    from crmctl.models.tenants import Franchise
    from crmctl.services.records.references import find_named
    from crmctl.services.tenancy import companies
    from crmctl.services.tenancy.companies import NONE

    # What was chosen before may be gone, and must not be in the way.
    invocation.set_flag("user", NONE)
    invocation.set_flag("franchise", NONE)
    with invocation.session() as session:
        chosen = franchise.lower() != NONE
        name = find_named(session, Franchise, franchise).name if chosen else None
        company = companies.find(session, str(session.company_id))
    profile.remember("franchise", name, company.name)
