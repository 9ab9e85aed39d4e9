"""Companies: finding, adding and editing them, and which of them a session works for."""

from sqlmodel import col, or_, select

from crmctl.domain.collation import collation_key
from crmctl.domain.text import folded
from crmctl.errors import NotFound, Refused, UsageError
from crmctl.models.base import Columns, new_id
from crmctl.models.changes import ChangeRow
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Company
from crmctl.services import changes
from crmctl.services.records.references import ambiguous, as_id
from crmctl.storage import dialects
from crmctl.storage.scope import in_company
from crmctl.storage.tables import table_of

#: What stands for the whole company where a franchise could be named, or for no user.
NONE = "none"
#: Any number will do, as long as it is always the same: the advisory lock of a new company.
_LOCK = 7_226_386_486


def work_for(session: CrmSession, company: Company) -> None:
    """Make `session` work for `company`."""
    session.company_id = company.company_id
    session.currency = company.currency
    session.timezone = company.timezone
    session.fiscal_month = company.fiscal_month


def find(session: CrmSession, reference: str | None) -> Company:
    """Return the company whose id or name is `reference`, or the only one there is."""
    query = select(Company).order_by(col(Company.company_id)).limit(6)
    if reference:
        by_id = as_id(reference)
        named = dialects.equals_folded(session, col(Company.name), reference)
        query = query.where(or_(col(Company.company_id) == by_id, named) if by_id else named)
    found = session.exec(query).all()
    if len(found) == 1:
        return found[0]
    if found:
        names = ambiguous(reference or "the company", [company.name for company in found])
        raise NotFound(*names, "name it with --company, or for good with crmctl company use")
    if reference:
        raise NotFound(f"no company answers to {reference!r} (crmctl company list)")
    raise NotFound("there is no company yet: run crmctl init")


def former_timezones(session: CrmSession) -> set[str]:
    """Return the time zones that the session's company has been in before."""
    earlier = select(ChangeRow.before).where(
        in_company(session, ChangeRow), col(ChangeRow.table_name) == table_of(Company).name
    )
    return {row["timezone"] for row in session.exec(earlier) if row and "timezone" in row}


def get(session: CrmSession, reference: str | None) -> Company | None:
    """Return the company that commands work for; None where that is not clear."""
    try:
        return find(session, reference)
    except NotFound:
        return None


def take_turns(session: CrmSession) -> None:
    """Wait for others who create or rename a company, so that all see what the first one did."""
    dialects.take_turns(session, _LOCK)


def list_all(session: CrmSession) -> list[Company]:
    """Return every company of the database, by name."""
    return sorted(
        session.exec(select(Company)).all(), key=lambda company: collation_key(company.name)
    )


def add(session: CrmSession, values: Columns) -> Company:
    """Create a company from valid `values`, make `session` work for it, and return it."""
    from crmctl.services.records import numbers

    _free_company_name(session, values["name"])
    company = _new_company(session, values)
    changes.insert_rows(session, [company])
    work_for(session, company)
    changes.begin(session)
    numbers.start(session)
    return company


def _new_company(session: CrmSession, values: Columns) -> Company:
    change, at = session.change.id, session.change.at
    defaults = {"currency": "USD", "timezone": "UTC", "fiscal_month": 1}
    return Company(
        company_id=new_id(),
        created_in=change,
        changed_in=change,
        created_at=at,
        updated_at=at,
        **{**defaults, **values},
    )


def edit(session: CrmSession, company: Company, values: Columns) -> bool:
    """Set valid `values` in `company`; return whether that changed anything."""
    changes.lock(session, company)
    if (name := values.get("name")) and folded(name) != folded(company.name):
        _free_company_name(session, name)
    return bool(changes.edit(session, [company], values))


def _free_company_name(session: CrmSession, name: str) -> None:
    if name.lower() == NONE:
        raise UsageError(f"a company cannot be called {name!r}: that stands for no company")
    take_turns(session)
    same = dialects.equals_folded(session, col(Company.name), name)
    if session.exec(select(Company).where(same)).first():
        raise Refused(f"there is a company called {name!r} already")
