"""crmctl db."""

import typer

from crmctl.cli import invocation, output

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.command()
def init() -> None:
    """Create an empty database with the newest schema. Running it again changes nothing."""
    from crmctl.storage import migrate

    workspace = invocation.workspace()
    before = workspace.upgrade()
    if before is None:
        output.note(f"Created schema {migrate.head()} in {workspace.location}")
        output.note("Next: crmctl init COMPANY")
    else:
        _tell(before, workspace.location)


@app.command()
def migrate() -> None:
    """Bring the schema up to date. Two at once take turns."""
    workspace = invocation.workspace()
    _tell(workspace.upgrade(), workspace.location)


def _tell(before: str | None, location: str) -> None:
    """Say what bringing the schema up to date came to."""
    from crmctl.storage import migrate

    if before == migrate.head():
        output.note(f"{location} is at schema {before} already")
    else:
        output.note(f"Brought {location} from schema {before or 'none'} to {migrate.head()}")


@app.command()
def status() -> None:
    """Show where the database is, its schema, and how much it holds."""
    from crmctl.render.database import status_view

    output.emit(status_view(invocation.workspace().status()))


@app.command()
def check() -> None:
    """Look for rows that break what must always hold, in every company of the database."""
    from crmctl.render.database import findings_view
    from crmctl.services.integrity import check as service

    with invocation.unscoped_session() as session:
        findings = service.run(session)
        names = service.company_names(session)
    output.emit(findings_view(findings, names))
    if not invocation.workspace().sweep():
        output.warn(
            "traces of who was erased stay in the file until all who read it at the moment have "
            "closed it: run crmctl db check again then"
        )
    if findings:
        broken = "1 row breaks" if len(findings) == 1 else f"{len(findings)} rows break"
        output.fail(f"{broken} what must always hold")
        invocation.finish_with(1)
    else:
        location = invocation.workspace().location
        output.note(f"{location}: {len(service.INVARIANTS)} checks, nothing found")
