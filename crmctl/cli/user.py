"""crmctl user."""

from typing import TYPE_CHECKING, Annotated

import typer

from crmctl.cli import invocation, output, profile
from crmctl.cli.completion import complete_franchise, complete_user
from crmctl.cli.options import common
from crmctl.errors import UsageError

if TYPE_CHECKING:
    from crmctl.models.session import CrmSession
    from crmctl.models.tenants import User
    from crmctl.render.views import JsonRecord

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

UserName = Annotated[
    str,
    typer.Argument(
        metavar="USER",
        help="a name, an e-mail address, or a part of one",
        autocompletion=complete_user,
    ),
]
Email = Annotated[str | None, typer.Option(metavar="ADDRESS", help="e-mail address")]
Home = Annotated[
    str | None,
    typer.Option(
        "--in",
        metavar="FRANCHISE",
        help="the franchise they work in, or none",
        autocompletion=complete_franchise,
    ),
]


@app.command("list")
def list_(
    everyone: Annotated[
        bool, typer.Option("--all", help="those who are no longer active, too")
    ] = False,
) -> None:
    """List the users of the company."""
    from crmctl.render import tenancy as records
    from crmctl.services.tenancy import users

    with invocation.session() as session:
        found = [row for row in users.search(session) if row.active or everyone]
        rows = [_record(session, row) for row in found]
    output.emit(records.users_view(rows))


@app.command()
def show(user: UserName) -> None:
    """Show a user."""
    from crmctl.models.tenants import User
    from crmctl.render.views import detail
    from crmctl.services.records.references import find_named

    with invocation.session() as session:
        record = _record(session, find_named(session, User, user))
    output.emit(detail(record))


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="name of the user")],
    email: Email = None,
    home: Home = None,
) -> None:
    """Add a user, who can own deals and be named with --as."""
    from crmctl.models.inputs import UserUpdate, validated
    from crmctl.render.views import detail
    from crmctl.services.tenancy import users

    values = validated(UserUpdate, common.given(name=name, email=email))
    with invocation.session(write=True) as session:
        created = users.add(session, values, home)
        record = _record(session, created)
    output.note(f"Added user {created.name}")
    output.emit_records(detail(record))


@app.command()
def edit(
    user: UserName,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="a new name")] = None,
    email: Email = None,
    home: Home = None,
    active: Annotated[
        bool | None,
        typer.Option("--active/--inactive", help="may they work here? their deals stay theirs"),
    ] = None,
) -> None:
    """Change a user."""
    from crmctl.models.inputs import UserUpdate, validated
    from crmctl.models.tenants import User
    from crmctl.render.views import detail
    from crmctl.services.records.references import find_named
    from crmctl.services.tenancy import users

    values = validated(UserUpdate, common.given(name=name, email=email, active=active))
    if not values and home is None:
        raise UsageError("nothing to change was given (see crmctl user edit --help)")
    with invocation.session(write=True) as session:
        found = find_named(session, User, user)
        before = users.handle(session, found)
        changed = users.edit(session, found, values, home)
        after = users.handle(session, found)
        record = _record(session, found)
    profile.renamed("user", before, after)
    output.note(f"{'Changed' if changed else 'Nothing to change in'} user {found.name}")
    output.emit_records(detail(record))


@app.command()
def use(
    user: Annotated[
        str,
        typer.Argument(
            metavar="USER",
            help="a name, an e-mail address, or none for nobody",
            autocompletion=complete_user,
        ),
    ],
) -> None:
    """Work as a user from now on: remembered in config.toml."""
    from crmctl.models.tenants import User
    from crmctl.services.records.references import find_named
    from crmctl.services.tenancy import companies, users

    # What was chosen before may be gone, and must not be in the way.
    invocation.set_flag("user", user)
    invocation.set_flag("franchise", companies.NONE)
    with invocation.session() as session:
        chosen = user.lower() != companies.NONE
        name = users.handle(session, find_named(session, User, user)) if chosen else None
        company = companies.find(session, str(session.company_id))
    profile.remember("user", name, company.name)


def _record(session: "CrmSession", user: "User") -> "JsonRecord":
    from crmctl.render import tenancy as records
    from crmctl.services.tenancy import franchises

    names = {row.id: row.name for row in franchises.search(session)}
    return records.user(user, names, session.change.actor_id)
