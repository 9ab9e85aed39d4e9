"""crmctl init."""

from collections.abc import Sequence
from typing import Annotated

import typer

from crmctl.cli import invocation, output, profile
from crmctl.cli.options import common
from crmctl.workspace import login

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def init(
    name: Annotated[
        str, typer.Argument(metavar="COMPANY", help="name of the company")
    ] = "My company",
    currency: Annotated[str, typer.Option(metavar="CODE", help="ISO 4217, such as EUR")] = "USD",
    timezone: Annotated[str, typer.Option(metavar="ZONE", help="such as Europe/Berlin")] = "UTC",
    fiscal_month: Annotated[
        int, typer.Option(min=1, max=12, help="first month of the fiscal year")
    ] = 1,
    user: Annotated[str | None, typer.Option("--user", metavar="NAME", help="your name")] = None,
    email: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="your e-mail address")
    ] = None,
    template: common.Template = "b2b",
) -> None:
    """Create the database, the first company, you, and a pipeline.

    Who --user names is remembered: what is done in this database is theirs from now on. Running it
    again changes nothing.
    """
    from crmctl.models.inputs import CompanyUpdate, UserUpdate, validated
    from crmctl.services import setup
    from crmctl.services.pipeline import pipeline_files
    from crmctl.services.tenancy import companies

    given = {"name": name, "currency": currency, "timezone": timezone, "fiscal_month": fiscal_month}
    # All that can be wrong is found before a file or a table is made.
    company = validated(CompanyUpdate, given)
    person = validated(UserUpdate, {"name": login() if user is None else user, "email": email})
    pipeline_files.template(template)
    invocation.workspace().upgrade(new=True)
    with invocation.unscoped_session(write=True) as session:
        created = setup.begin(session, company, person, template)
        known = [] if created else [row.name for row in companies.list_all(session)]
    _tell(created.name if created else None, person["name"], known)


def _tell(created: str | None, user: str, known: Sequence[str]) -> None:
    """Say which company was `created` by whom, or else which of them are `known` already."""
    location = invocation.workspace().location
    if created is None:
        there = f"company {known[0]}" if len(known) == 1 else f"{len(known)} companies"
        output.note(f"{location} is ready already, with {there} (crmctl company add adds another)")
    else:
        output.note(f"Created {created} in {location}")
        # What the operating system calls someone needs no remembering.
        if user != login():
            profile.remember_maker(user, created)
        output.note("Next: crmctl deal add 'First deal' --amount 1200, then crmctl board")
