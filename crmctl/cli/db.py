"""crmctl db."""

from typing import TYPE_CHECKING, Any

import typer

from crmctl.cli import invocation, output

if TYPE_CHECKING:
    from crmctl.models.session import CrmSession

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.command()
def init() -> None:
    """Create an empty database with the newest schema. Running it again changes nothing."""
    from crmctl.storage import migrate

    engine = invocation.engine()
    before, place = migrate.upgrade(engine), _place()
    if before is None:
        output.note(f"Created schema {migrate.head()} in {place}")
        output.note("Next: crmctl init COMPANY")
    else:
        _tell(before, place)


@app.command()
def migrate() -> None:
    """Bring the schema up to date. Two at once take turns."""
    from crmctl.storage import migrate as schema

    _tell(schema.upgrade(invocation.engine()), _place())


def _tell(before: str | None, place: str) -> None:
    from crmctl.storage import migrate

    if before == migrate.head():
        output.note(f"{place} is at schema {before} already")
    else:
        output.note(f"Brought {place} from schema {before or 'none'} to {migrate.head()}")


def _place() -> str:
    from crmctl.storage import db

    return db.label(invocation.settings().database_url)


@app.command()
def status() -> None:
    """Show where the database is, its schema, and how much it holds."""
    from crmctl.render.database import status_view
    from crmctl.storage import db

    bind = invocation.engine()
    db.require_file(bind)
    with db.session(bind) as session:
        found = _found(session)
    output.emit(status_view(found))


def _found(session: "CrmSession") -> dict[str, Any]:
    """Return what is found in a database, of whatever schema it is."""
    from crmctl.services.integrity import check as service
    from crmctl.storage import migrate as schema

    connection = session.connection()
    found = schema.current(connection)
    state = schema.state(found)
    return {
        "engine": connection.dialect.name,
        "version": ".".join(map(str, connection.dialect.server_version_info or ())),
        "place": _place(),
        "schema": found,
        "head": schema.head(),
        "state": state,
        "rows": service.counts(session) if state == schema.CURRENT else {},
    }


@app.command()
def check() -> None:
    """Look for rows that break what must always hold, in every company of the database."""
    from crmctl.render.database import findings_view
    from crmctl.services.integrity import check as service

    with invocation.unscoped_session() as session:
        findings = service.run(session)
        names = service.company_names(session)
    output.emit(findings_view(findings, names))
    if findings:
        output.fail(f"{len(findings)} rows break what must always hold")
        invocation.finish_with(1)
    else:
        output.note(f"{_place()}: {len(service.INVARIANTS)} checks, nothing found")
