"""Companies, franchises and users."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import col, func, or_, select, text

from crmctl.errors import NotFound, Refused, UsageError
from crmctl.models.base import new_id
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Company, Franchise, User
from crmctl.services import changes
from crmctl.services.records.references import ambiguous, as_id, find_named

#: What stands for the whole company where a franchise could be named, or for no user.
NONE = "none"
#: Any number will do, as long as it is always the same: the advisory lock of a new company.
_LOCK = 7_226_386_486


def enter(
    session: CrmSession, company: str | None, franchise: str | None, user: str | None
) -> Company:
    """Make `session` work for the company, franchise and user that these references name.

    Where nothing names a company, the only one is taken; where nothing names a user, the only one
    or the one called as the operating system calls them; where nothing names a franchise, the
    user's own. Raises NotFound if there is no company, or several.
    """
    found = find_company(session, company)
    _work_for(session, found)
    actor = _actor(session, user)
    if actor:
        session.change.actor_id = actor.id
        session.change.actor = actor.name
        session.franchise_id = actor.franchise_id
    if franchise:
        session.franchise_id = get_franchise(session, franchise)
    return found


def _work_for(session: CrmSession, company: Company) -> None:
    session.company_id = company.company_id
    session.currency = company.currency
    session.timezone = company.timezone


def _actor(session: CrmSession, user: str | None) -> User | None:
    if user and user.lower() != NONE:
        found = find_named(session, User, user)
        if not found.active:
            raise Refused(f"{found.name} is no active user (crmctl user edit --active)")
        return found
    mine = (col(User.company_id) == session.company_id, col(User.active))
    known = session.exec(select(User).where(*mine).limit(2)).all()
    if len(known) > 1:
        same = func.lower(User.name) == func.lower(session.change.actor)
        known = session.exec(select(User).where(*mine, same).limit(2)).all()
    return known[0] if len(known) == 1 else None


def get_franchise(session: CrmSession, text: str) -> UUID | None:
    """Return the franchise that `text` names; None for `none`, which is the whole company."""
    return None if text.lower() == NONE else find_named(session, Franchise, text).id


def find_company(session: CrmSession, reference: str | None) -> Company:
    """Return the company whose id or name is `reference`, or the only one there is."""
    query = select(Company).order_by(col(Company.company_id)).limit(6)
    if reference:
        by_id = as_id(reference)
        named = func.lower(Company.name) == func.lower(reference.strip())
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


def present_company(session: CrmSession, reference: str | None) -> Company | None:
    """Return the company that commands work for; None where that is not clear."""
    try:
        return find_company(session, reference)
    except NotFound:
        return None


def take_turns(session: CrmSession) -> None:
    """Wait for others who create or rename a company, so that all see what the first one did."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def list_companies(session: CrmSession) -> list[Company]:
    """Return every company of the database, by name."""
    return sorted(session.exec(select(Company)).all(), key=lambda company: company.name)


def add_company(session: CrmSession, values: Mapping[str, Any]) -> Company:
    """Create a company from valid `values`, and make `session` work for it."""
    from crmctl.services.records import numbers

    _free_company_name(session, values["name"])
    company = _new_company(session, values)
    changes.insert_rows(session, [company])
    _work_for(session, company)
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


def edit_company(session: CrmSession, company: Company, values: Mapping[str, Any]) -> bool:
    """Set valid `values` in `company`; return whether that changed anything."""
    changes.lock(session, company)
    if (name := values.get("name")) and name.lower() != company.name.lower():
        _free_company_name(session, name)
    return bool(changes.edit(session, [company], values))


def _free_company_name(session: CrmSession, name: str) -> None:
    if name.lower() == NONE:
        raise UsageError(f"a company cannot be called {name!r}: that stands for no company")
    take_turns(session)
    if session.exec(select(Company).where(func.lower(Company.name) == func.lower(name))).first():
        raise Refused(f"there is a company called {name!r} already")


def search_franchises(session: CrmSession) -> list[Franchise]:
    """Return the franchises of the company, by name."""
    mine = select(Franchise).where(col(Franchise.company_id) == session.company_id)
    return sorted(session.exec(mine).all(), key=lambda franchise: franchise.name)


def add_franchise(session: CrmSession, values: Mapping[str, Any]) -> Franchise:
    """Create a franchise from valid `values`."""
    _free_franchise_name(session, values["name"])
    return changes.create(session, Franchise, [{"id": new_id(), **values}])[0]


def edit_franchise(session: CrmSession, franchise: Franchise, values: Mapping[str, Any]) -> bool:
    """Set valid `values` in `franchise`; return whether that changed anything."""
    changes.lock(session, franchise)
    if (name := values.get("name")) and name.lower() != franchise.name.lower():
        _free_franchise_name(session, name)
    return bool(changes.edit(session, [franchise], values))


def _free_franchise_name(session: CrmSession, name: str) -> None:
    if name.lower() == NONE:
        raise UsageError(f"a franchise cannot be called {name!r}: that stands for no franchise")
    if any(known.name.lower() == name.lower() for known in search_franchises(session)):
        raise Refused(f"there is a franchise called {name!r} already")


def search_users(session: CrmSession) -> list[User]:
    """Return the users of the company, by name."""
    mine = select(User).where(col(User.company_id) == session.company_id)
    return sorted(session.exec(mine).all(), key=lambda user: (user.name, str(user.id)))


def get_user(session: CrmSession, user_id: UUID | None) -> User | None:
    """Return the user with this id, or None."""
    return session.get(User, (session.company_id, user_id)) if user_id else None


def handle(session: CrmSession, user: User) -> str:
    """Return what names `user` and nobody else: the e-mail address, else the name, else the id."""
    if user.email:
        return user.email
    same = [other for other in search_users(session) if other.name.lower() == user.name.lower()]
    return user.name if len(same) == 1 else str(user.id)


def add_user(session: CrmSession, values: Mapping[str, Any], franchise: str | None = None) -> User:
    """Create a user from valid `values`, of the session's franchise or the one that is named."""
    _free_email(session, values.get("email"))
    if not values.get("name"):
        raise UsageError("a user needs a name")
    _check_user_name(values["name"])
    _tell_apart(session, values["name"], values.get("email"))
    home = get_franchise(session, franchise) if franchise else session.franchise_id
    return changes.create(session, User, [{"id": new_id(), "franchise_id": home, **values}])[0]


def edit_user(
    session: CrmSession, user: User, values: Mapping[str, Any], franchise: str | None = None
) -> bool:
    """Set valid `values` and the franchise in `user`; return whether that changed anything."""
    changes.lock(session, user)
    _check_user_name(values.get("name", user.name))
    if values.get("email") != user.email:
        _free_email(session, values.get("email"))
    if not values.keys().isdisjoint(("name", "email")):
        after = {"name": user.name, "email": user.email, **values}
        _tell_apart(session, after["name"], after["email"], user.id)
    home = {"franchise_id": get_franchise(session, franchise)} if franchise else {}
    return bool(changes.edit(session, [user], {**values, **home}))


def _check_user_name(name: str) -> None:
    if name.lower() == NONE:
        raise UsageError(f"a user cannot be called {name!r}: that stands for no user")


def _tell_apart(session: CrmSession, name: str, email: str | None, own: UUID | None = None) -> None:
    """Raise Refused where nothing but an id would tell a user from others of that name."""
    for other in search_users(session) if not email else ():
        if other.id != own and other.name.casefold() == name.casefold():
            raise Refused(
                f"there is a user called {other.name!r} already: "
                "an e-mail address tells them apart (--email)"
            )


def _free_email(session: CrmSession, email: str | None) -> None:
    same = select(User).where(col(User.company_id) == session.company_id, col(User.email) == email)
    if email and (taken := session.exec(same).first()):
        raise Refused(f"{email} belongs to {taken.name} already")
