"""Companies, franchises and users."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import col, func, or_, select

from crmctl.errors import NotFound, Refused, UsageError
from crmctl.models.base import new_id
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Company, Franchise, User
from crmctl.services import changes
from crmctl.services.references import ambiguous, find_named


def enter(
    session: CrmSession, company: str | None, franchise: str | None, user: str | None
) -> Company:
    """Make `session` work for the company, franchise and user that these references name.

    Where nothing names a company, the only one is taken. Raises NotFound if there is none, or
    several, and UsageError if no user is named where several are.
    """
    found = find_company(session, company)
    session.company_id = found.company_id
    session.currency = found.currency
    session.timezone = found.timezone
    if franchise:
        session.franchise_id = find_named(session, Franchise, franchise).id
    actor = find_named(session, User, user) if user else _only_user(session)
    if actor:
        session.change.actor_id = actor.id
        session.change.actor = actor.name
        if session.franchise_id is None:
            session.franchise_id = actor.franchise_id
    return found


def find_company(session: CrmSession, text: str | None) -> Company:
    """Return the company whose id or name is `text`, or the only one there is."""
    query = select(Company).limit(6)
    if text:
        by_id = _as_id(text)
        named = func.lower(Company.name) == text.strip().lower()
        query = query.where(or_(col(Company.company_id) == by_id, named) if by_id else named)
    found = session.exec(query).all()
    if len(found) == 1:
        return found[0]
    if found:
        names = ambiguous(text or "the company", [company.name for company in found])
        raise NotFound(f"{names}\nname one with --company, or keep it with crmctl company use")
    if text:
        raise NotFound(f"no company answers to {text!r} (crmctl company list)")
    raise NotFound("there is no company yet: run crmctl init")


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _only_user(session: CrmSession) -> User | None:
    query = select(User).where(col(User.company_id) == session.company_id, col(User.active))
    found = session.exec(query.limit(2)).all()
    return found[0] if len(found) == 1 else None


def list_companies(session: CrmSession) -> list[Company]:
    """Return every company of the database, by name."""
    return sorted(session.exec(select(Company)).all(), key=lambda company: company.name)


def add_company(session: CrmSession, values: Mapping[str, Any]) -> Company:
    """Create a company from valid `values`, and make `session` work for it."""
    from crmctl.services import numbers

    same = func.lower(Company.name) == values["name"].lower()
    if session.exec(select(Company).where(same)).first():
        raise Refused(f"there is a company called {values['name']!r} already")
    company = _new_company(session, values)
    changes.insert_rows(session, [company])
    session.company_id = company.company_id
    session.currency = company.currency
    session.timezone = company.timezone
    changes.begin(session)
    numbers.start(session)
    return company


def _new_company(session: CrmSession, values: Mapping[str, Any]) -> Company:
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


def edit_company(session: CrmSession, company: Company, values: Mapping[str, Any]) -> Company:
    """Set valid `values` in `company`, which keeps its name to itself."""
    if (name := values.get("name")) and name.lower() != company.name.lower():
        same = func.lower(Company.name) == name.lower()
        if session.exec(select(Company).where(same)).first():
            raise Refused(f"there is a company called {name!r} already")
    changes.edit(session, [company], values)
    return company


def search_franchises(session: CrmSession) -> list[Franchise]:
    """Return the franchises of the company, by name."""
    mine = select(Franchise).where(col(Franchise.company_id) == session.company_id)
    return sorted(session.exec(mine).all(), key=lambda franchise: franchise.name)


def add_franchise(session: CrmSession, values: Mapping[str, Any]) -> Franchise:
    """Create a franchise from valid `values`."""
    if any(known.name == values["name"] for known in search_franchises(session)):
        raise Refused(f"there is a franchise called {values['name']!r} already")
    return changes.create(session, Franchise, [{"id": new_id(), **values}])[0]


def edit_franchise(
    session: CrmSession, franchise: Franchise, values: Mapping[str, Any]
) -> Franchise:
    """Set valid `values` in `franchise`."""
    for known in search_franchises(session):
        if known.name == values.get("name") and known.id != franchise.id:
            raise Refused(f"there is a franchise called {known.name!r} already")
    changes.edit(session, [franchise], values)
    return franchise


def search_users(session: CrmSession) -> list[User]:
    """Return the users of the company, by name."""
    mine = select(User).where(col(User.company_id) == session.company_id)
    return sorted(session.exec(mine).all(), key=lambda user: (user.name, str(user.id)))


def add_user(session: CrmSession, values: Mapping[str, Any], franchise: str | None = None) -> User:
    """Create a user from valid `values`, of the franchise that `franchise` names."""
    _free_email(session, values.get("email"))
    if not values.get("name"):
        raise UsageError("a user needs a name")
    home = find_named(session, Franchise, franchise).id if franchise else None
    return changes.create(session, User, [{"id": new_id(), "franchise_id": home, **values}])[0]


def edit_user(session: CrmSession, user: User, values: Mapping[str, Any]) -> User:
    """Set valid `values` in `user`."""
    if values.get("email") != user.email:
        _free_email(session, values.get("email"))
    changes.edit(session, [user], values)
    return user


def _free_email(session: CrmSession, email: str | None) -> None:
    same = select(User).where(col(User.company_id) == session.company_id, col(User.email) == email)
    if email and (taken := session.exec(same).first()):
        raise Refused(f"{email} belongs to {taken.name} already")
