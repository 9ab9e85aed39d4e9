"""crmctl company."""

from typing import Annotated

import typer

from crmctl.cli import invocation, output, profile
from crmctl.cli.completion import complete_company
from crmctl.cli.options import common
from crmctl.errors import UsageError

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

PresentCompany = Annotated[
    str | None,
    typer.Argument(
        metavar="COMPANY",
        help="its name or id; the present one if not given",
        autocompletion=complete_company,
    ),
]
Currency = Annotated[str | None, typer.Option(metavar="CODE", help="ISO 4217, such as EUR")]
Timezone = Annotated[str | None, typer.Option(metavar="ZONE", help="such as Europe/Berlin")]
FiscalMonth = Annotated[
    int | None, typer.Option(min=1, max=12, help="first month of the fiscal year")
]


@app.command("list")
def list_() -> None:
    """List the companies in this database."""
    from crmctl.render import tenancy as records
    from crmctl.services.tenancy import companies

    with invocation.unscoped_session() as session:
        current = companies.get(session, invocation.settings().company)
        found = companies.list_all(session)
    current_id = current.company_id if current else None
    output.emit(records.companies_view([records.company(row, current_id) for row in found]))


@app.command()
def show(company: PresentCompany = None) -> None:
    """Show a company."""
    from crmctl.render import tenancy as records
    from crmctl.render.views import detail
    from crmctl.services.tenancy import companies

    with invocation.unscoped_session() as session:
        chosen = invocation.settings().company
        current = companies.get(session, chosen)
        found = companies.find(session, company or chosen)
    output.emit(detail(records.company(found, current.company_id if current else None)))


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="name of the company")],
    currency: Currency = "USD",
    timezone: Timezone = "UTC",
    fiscal_month: FiscalMonth = 1,
    user: Annotated[
        str | None, typer.Option("--user", metavar="NAME", help="its first user; you, if not given")
    ] = None,
    email: Annotated[str | None, typer.Option(metavar="ADDRESS", help="that user's e-mail")] = None,
    template: common.Template = "b2b",
) -> None:
    """Add a company with a user, a pipeline and numbers of its own."""
    from crmctl.models.inputs import CompanyUpdate, UserUpdate, validated
    from crmctl.render import tenancy as records
    from crmctl.render.views import detail
    from crmctl.services import setup

    given = {"name": name, "currency": currency, "timezone": timezone, "fiscal_month": fiscal_month}
    values = validated(CompanyUpdate, given)
    own = validated(UserUpdate, common.given(name=user, email=email))
    with invocation.unscoped_session(write=True) as session:
        person = {**({} if user else invocation.workspace().person(session)), **own}
        created = setup.add_company(session, values, person, template)
    output.note(f"Added company {created.name}, and {person['name']} as its user")
    output.note(f"Work for it with --company, or for good: crmctl company use {created.name!r}")
    output.emit_records(detail(records.company(created)))


@app.command()
def edit(
    company: PresentCompany = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="a new name")] = None,
    currency: Currency = None,
    timezone: Timezone = None,
    fiscal_month: FiscalMonth = None,
) -> None:
    """Change a company. Its deals keep the currencies that they have."""
    from crmctl.models.inputs import CompanyUpdate, validated
    from crmctl.render import tenancy as records
    from crmctl.render.views import detail
    from crmctl.services.tenancy import companies

    values = validated(
        CompanyUpdate,
        common.given(name=name, currency=currency, timezone=timezone, fiscal_month=fiscal_month),
    )
    if not values:
        raise UsageError("nothing to change was given (see crmctl company edit --help)")
    invocation.set_flag("company", company)
    with invocation.session(write=True) as session:
        found = companies.find(session, invocation.settings().company)
        before = found.name
        changed = companies.edit(session, found, values)
    profile.renamed("company", before, found.name)
    output.note(f"{'Changed' if changed else 'Nothing to change in'} company {found.name}")
    output.emit_records(detail(records.company(found, found.company_id)))


@app.command()
def use(
    company: Annotated[
        str,
        typer.Argument(
            metavar="COMPANY",
            help="its name or id, or none to forget it",
            autocompletion=complete_company,
        ),
    ],
) -> None:
    """Work for a company from now on: remembered in config.toml."""
    from crmctl.services.tenancy import companies

    with invocation.unscoped_session() as session:
        chosen = company.lower() != companies.NONE
        name = companies.find(session, company).name if chosen else None
    profile.remember("company", name)
