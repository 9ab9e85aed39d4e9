"""Entering a company: for whom, where and as whom a session works."""

from sqlmodel import col, select

from crmctl.errors import Refused
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Company, User
from crmctl.services.records.references import find_named
from crmctl.services.tenancy import companies, franchises
from crmctl.services.tenancy.companies import NONE
from crmctl.storage.dialects import equals
from crmctl.storage.scope import in_company


def enter(
    session: CrmSession, company: str | None, franchise: str | None, user: str | None
) -> Company:
    """Make `session` work for the company, franchise and user that are named; return the company.

    Where nothing names a company, the only one is taken; where nothing names a user, the only one
    or the one called as the operating system calls them, and without one the change set is
    unnamed; where nothing names a franchise, the
    user's own. Raises NotFound if there is no company, or several.
    """
    found = companies.find(session, company)
    companies.work_for(session, found)
    actor = _actor(session, user)
    if actor:
        session.change.actor_id = actor.id
        session.change.actor = actor.name
        session.franchise_id = actor.franchise_id
    if franchise:
        session.franchise_id = franchises.find_id(session, franchise)
    return found


def _actor(session: CrmSession, user: str | None) -> User | None:
    if user and user.lower() != NONE:
        found = find_named(session, User, user)
        if not found.active:
            raise Refused(f"{found.name} is no active user (crmctl user edit --active)")
        return found
    mine = (in_company(session, User), col(User.active))
    known = session.exec(select(User).where(*mine).limit(2)).all()
    if len(known) > 1:
        same = equals(session, col(User.name), session.change.actor)
        known = session.exec(select(User).where(*mine, same).limit(2)).all()
        session.change.unnamed = not user and len(known) != 1
    return known[0] if len(known) == 1 else None
